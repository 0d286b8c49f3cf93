"""Signing in through another house, and linking one's account to the one there; only where one is set."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from reviewflow.domain.oidc import Asked, ProviderRefused, ProviderSilent
from reviewflow.domain.permissions import Permission
from reviewflow.gateways import clock
from reviewflow.gateways import oidc as gateway
from reviewflow.services import oidc
from reviewflow.web import errors
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_sign_in
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import accounts, profile
from reviewflow.web.workspace.account_mails import changed
from reviewflow.web.workspace.profile import signed_in
from reviewflow.web.workspace.verification import ask_to_verify

#: At the door: only registered where the installation names another house.
door = Blueprint("provider_door", __name__, url_prefix="/desk/sign-in/provider")
allowed(Permission.READ_PUBLIC)(door)
#: In one's account.
blueprint = Blueprint("provider", __name__, url_prefix="/desk/account/provider")
allowed(Permission.KEEP_ACCOUNT)(blueprint)
blueprint.register_error_handler(CSRFError, accounts.forged)
blueprint.before_request(profile.enter_account)
#: In the signed cookie between question and answer.
_ASKED = "asked_provider"


@door.get("/")
def begin() -> ResponseReturnValue:
    """Lead to the other house, to sign in there."""
    try:
        return redirect(_ask(None, request.args.get("next", "")))
    except (ProviderRefused, ProviderSilent) as refusal:
        return _failed(refusal)


@door.get("/answer")
def answer() -> ResponseReturnValue:
    """Its answer, once: who it was lets their owner in, or links the account of who asked for that."""
    asked = _asked()
    try:
        if asked is None or not asked.awaits(request.args.get("state", ""), clock.now()):
            raise ProviderRefused(reason="state")
        if request.args.get("iss", _provider().issuer) != _provider().issuer:  # RFC 9207
            raise ProviderRefused(reason="iss")
        subject = gateway.subject_of(
            _provider(), request.args.get("code", ""), asked.nonce, asked.verifier, clock.now()
        )
        if asked.person is None:
            return accounts.enter_from_elsewhere(oidc.owner_of(_provider().issuer, subject), asked.target)
        signed = current_sign_in()
        if signed is None or signed.member.id != asked.person:
            raise ProviderRefused(reason="another person")
        mail = changed(_("%(name)s was linked to your account: it lets in from there.", name=_name()))
        oidc.link(signed.session, _provider().issuer, subject, mail)
    except (ProviderRefused, ProviderSilent) as refusal:
        return _failed(refusal)
    flash(_("Linked: from now on you can sign in with %(name)s.", name=_name()))
    return redirect(url_for("provider.show"))


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Whether one's account is linked."""
    return _page()


@blueprint.post("/link")
def link() -> ResponseReturnValue:
    """Ask the other house who this is there; a link leads on, since no form of ours may lead elsewhere."""
    if wanted := ask_to_verify(_("Link your account to %(name)s", name=_name())):
        return wanted
    try:
        return _page(_ask(signed_in().member.id, ""))
    except (ProviderRefused, ProviderSilent) as refusal:
        return _failed(refusal)


@blueprint.post("/remove")
def remove() -> ResponseReturnValue:
    """Take the link away."""
    if wanted := ask_to_verify(_("Take the link to %(name)s away", name=_name())):
        return wanted
    oidc.unlink(signed_in().member.id, _provider().issuer)
    flash(_("The link is gone: you sign in as before."))
    return redirect(url_for("provider.show"))


def _page(address: str = "") -> str:
    linked = oidc.is_linked(signed_in().member.id, _provider().issuer)
    return render_template("accounts/provider.html", name=_name(), linked=linked, address=address)


def _ask(person: int | None, target: str) -> str:
    """The address of the question; what its answer has to fit is kept in this browser's signed cookie."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    address = gateway.question(_provider(), state, nonce, verifier)
    session[_ASKED] = [state, nonce, verifier, clock.now().isoformat(), person, target[:2000]]
    return address


def _asked() -> Asked | None:
    """What was asked last from this browser; it is answered once."""
    kept = session.pop(_ASKED, None)
    if kept is None:
        return None
    state, nonce, verifier, at, person, target = kept
    return Asked(state, nonce, verifier, datetime.fromisoformat(at), person, target)


def _failed(refusal: ProviderRefused | ProviderSilent) -> ResponseReturnValue:
    """A refusal in words; the reason is the operator's to know, and in the log."""
    current_app.logger.warning("signing in by the provider: %s %s", refusal.code, dict(refusal.details))
    return errors.refused(refusal)


def _provider() -> gateway.Provider:
    settings = current_app.config
    return gateway.Provider(
        settings["REVIEWFLOW_OIDC_ISSUER"],
        settings["REVIEWFLOW_OIDC_CLIENT_ID"],
        settings["REVIEWFLOW_OIDC_CLIENT_SECRET"],
        settings["REVIEWFLOW_PUBLIC_URL"] + url_for("provider_door.answer"),
    )


def _name() -> str:
    return str(current_app.config["REVIEWFLOW_OIDC_NAME"])

"""One's own one-time codes: setting them up, recovery codes, giving them up."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from reviewflow.domain.errors import NotFound, Refusal
from reviewflow.domain.one_time_codes import enrolment_address, written_secret
from reviewflow.domain.permissions import Permission
from reviewflow.gateways import clock
from reviewflow.gateways.squares import square
from reviewflow.queries import credentials
from reviewflow.services import one_time_codes
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import accounts, profile
from reviewflow.web.workspace.account_mails import changed
from reviewflow.web.workspace.forms.accounts import CodeForm
from reviewflow.web.workspace.profile import signed_in
from reviewflow.web.workspace.proofs import sealing_key
from reviewflow.web.workspace.verification import ask_to_verify

blueprint = Blueprint("codes", __name__, url_prefix="/desk/account/codes")
allowed(Permission.KEEP_ACCOUNT)(blueprint)
blueprint.register_error_handler(CSRFError, accounts.forged)
blueprint.before_request(profile.enter_account)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """How it stands, and the key while it is being set up."""
    return _page(CodeForm())


@blueprint.post("/begin")
def begin() -> ResponseReturnValue:
    """Make a key."""
    if asked := ask_to_verify(_("Set up one-time codes")):
        return asked
    one_time_codes.begin(signed_in().member.id, sealing_key())
    return redirect(url_for("codes.show"))


@blueprint.get("/square.svg")
def key_square() -> ResponseReturnValue:
    """The key that is being set up, for the telephone's camera; afterwards nobody sees it."""
    secret = _secret()
    if secret is None:
        raise NotFound()
    address = enrolment_address(secret, signed_in().member.email)
    return Response(square(address), mimetype="image/svg+xml")


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """The first code; its answer is the one page that shows the recovery codes."""
    if asked := ask_to_verify(_("Set up one-time codes")):
        return asked
    form = CodeForm()
    if not form.validate():
        return _page(form), 422
    try:
        recovery = one_time_codes.confirm(
            signed_in().session,
            form.code.data or "",
            sealing_key(),
            changed(_("One-time codes were set up: whoever signs in by password is asked for one.")),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.code.errors = [refusals.refusal(refusal).message]
        return _page(form), errors.status_of(refusal)
    return render_template("accounts/recovery.html", codes=recovery)


@blueprint.post("/recovery")
def recovery() -> ResponseReturnValue:
    """New recovery codes in place of the old ones, shown once."""
    if asked := ask_to_verify(_("Make new recovery codes")):
        return asked
    codes = one_time_codes.renew_recovery_codes(
        signed_in().session,
        changed(_("New recovery codes were made for your account: those from before let in no more.")),
    )
    return render_template("accounts/recovery.html", codes=codes)


@blueprint.post("/remove")
def remove() -> ResponseReturnValue:
    """Sign in without codes again."""
    if asked := ask_to_verify(_("Sign in without one-time codes")):
        return asked
    one_time_codes.remove(
        signed_in().member.id, changed(_("One-time codes were removed: the password alone lets in."))
    )
    flash(_("You sign in without a code again."))
    return redirect(url_for("profile.show"))


def _secret() -> bytes | None:
    """The key that is being set up, for who has shown lately that it is them."""
    fresh = signed_in().session.is_fresh(clock.now())
    return credentials.new_key(signed_in().member.id, sealing_key()) if fresh else None


def _page(form: CodeForm) -> str:
    secret = _secret()
    return render_template(
        "accounts/codes.html",
        form=form,
        codes=credentials.one_time_codes(signed_in().member.id),
        written=written_secret(secret) if secret else "",
    )

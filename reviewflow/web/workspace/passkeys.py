"""One's own passkeys: adding and removing them."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from reviewflow.domain.errors import Refusal
from reviewflow.domain.passkeys import HANDLE_BYTES, creation_options, written
from reviewflow.domain.permissions import Permission
from reviewflow.queries import credentials
from reviewflow.services import passkeys
from reviewflow.web import errors, refusals
from reviewflow.web.devices import device_name
from reviewflow.web.doors import allowed
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import accounts, profile, proofs
from reviewflow.web.workspace.account_mails import changed
from reviewflow.web.workspace.profile import signed_in
from reviewflow.web.workspace.verification import ask_to_verify

blueprint = Blueprint("passkeys", __name__, url_prefix="/desk/account/passkeys")
allowed(Permission.KEEP_ACCOUNT)(blueprint)
blueprint.register_error_handler(CSRFError, accounts.forged)
blueprint.before_request(profile.enter_account)
#: In the signed cookie while a first key is being made: what it is to call its owner.
_HANDLE = "passkey_handle"


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The keys there are, and a way to make one."""
    return _page()


@blueprint.post("/add")
def add() -> ResponseReturnValue:
    """Keep the key that the browser has made."""
    if wanted := ask_to_verify(_("Add a passkey")):
        return wanted
    known, _keys = credentials.known_keys(signed_in().member.id)
    handle = known or urlsafe_b64decode(session.get(_HANDLE, "") + "==")
    asked = proofs.asked_passkey(proofs.TO_ADD)
    try:
        if asked is None or not handle:
            return _page(_("That took too long, or the page was an old one. Try again.")), 422
        name = request.form.get("name", "").strip() or device_name(request.user_agent.string) or _("Passkey")
        answer = request.form.get("answer", "")
        mail = changed(_("A passkey was added to your account: it lets in without your password."))
        passkeys.add(signed_in().session, name, handle, answer, asked, mail)
    except Refusal as refusal:
        return _page(refusals.refusal(refusal).message), errors.status_of(refusal)
    flash(_("The passkey is added. From now on you can sign in with it."))
    return redirect(url_for("passkeys.show"))


@blueprint.post("/<int(max=2147483647):number>/remove")
def remove(number: int) -> ResponseReturnValue:
    """Accept one key no more."""
    if wanted := ask_to_verify(_("Remove a passkey")):
        return wanted
    passkeys.remove(signed_in().member.id, number)
    flash(_("That passkey is not accepted any more. Delete it on your device too."))
    return redirect(url_for("passkeys.show"))


def _page(problem: str = "") -> str:
    member = signed_in().member
    known, keys = credentials.known_keys(member.id)
    handle = known or secrets.token_bytes(HANDLE_BYTES)
    session[_HANDLE] = written(handle)
    asked = proofs.ask_for_passkey(proofs.TO_ADD)
    return render_template(
        "accounts/passkeys.html",
        passkeys=credentials.passkeys(member.id),
        options=creation_options(asked, handle, member.email, member.name, keys) if asked else None,
        problem=problem,
    )

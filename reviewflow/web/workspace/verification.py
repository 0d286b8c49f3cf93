"""Verifying again that it is the person: asked on the way to an act, which then goes on."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.passkeys import request_options
from reviewflow.domain.throttling import TooManyAttempts
from reviewflow.gateways import clock
from reviewflow.queries import credentials
from reviewflow.services import sessions
from reviewflow.web import errors, refusals
from reviewflow.web.identity import current_sign_in
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import proofs
from reviewflow.web.workspace.awaited import Awaited

#: The fields of the form that asks, which the act does not know.
_PROOFS = frozenset({"csrf_token", "proof", "passkey"})
#: What no page holds, not even hidden: whoever was asked too late types it again.
_SECRET = frozenset({"new_password"})


def ask_to_verify(waits: Callable[[], Awaited] | str) -> ResponseReturnValue | None:
    """None where the person has shown lately that it is them, or does so with this very form.

    Otherwise the page to answer with: it asks, and sends the same form to the same address again, so that
    nothing that was typed or chosen is lost, but a secret. It says what waits; a callable is asked only then.
    Only for requests of somebody who is signed in.
    """
    signed = current_sign_in()
    assert signed, "the door is before this"
    if signed.session.is_fresh(clock.now()):
        return None
    problem, status, headers = "", 401, {}
    if request.form.get("passkey"):
        if proofs.owner_of_passkey(request.form["passkey"]) == signed.member.id:
            sessions.verify(signed.session)
            return None
        problem, status = _("This passkey was not accepted. Try again, or use your password."), 422
    if "proof" in request.form:
        try:
            if proofs.owner_of(signed.member.email, request.form["proof"]) == signed.member.id:
                sessions.verify(signed.session)
                return None
            problem, status = _("This is not your password. Try again."), 422
        except TooManyAttempts as refusal:
            problem = refusals.refusal(refusal).message
            status, headers = errors.status_of(refusal), {"Retry-After": str(refusal.details["seconds"])}
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in _PROOFS | _SECRET]
    handle, _keys = credentials.known_keys(signed.member.id)
    asked = proofs.ask_for_passkey() if handle else None
    page = render_template(
        "accounts/verify.html",
        kept=kept,
        withheld=bool(_SECRET & request.form.keys()),
        problem=problem,
        waits=Awaited(waits) if isinstance(waits, str) else waits(),
        email=signed.member.email,
        passkey=request_options(asked) if asked else None,
    )
    return page, status, headers

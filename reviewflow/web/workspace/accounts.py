"""Signing in and out."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from flask_wtf.csrf import CSRFError

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.passkeys import request_options
from reviewflow.domain.permissions import Permission
from reviewflow.domain.sessions import FRESH_FOR
from reviewflow.domain.throttling import TooManyAttempts
from reviewflow.gateways import clock
from reviewflow.queries import credentials
from reviewflow.services import one_time_codes, sessions
from reviewflow.web import errors, refusals
from reviewflow.web.devices import device_name
from reviewflow.web.doors import allowed
from reviewflow.web.identity import (
    current_member,
    current_sign_in,
    is_local_address,
    sign_in_person,
    typed_text,
)
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import proofs
from reviewflow.web.workspace.forms.accounts import CodeForm, SignInForm
from reviewflow.web.workspace.proofs import sealing_key

blueprint = Blueprint("accounts", __name__, url_prefix="/desk")
allowed(Permission.READ_PUBLIC)(blueprint)
#: In the signed cookie between the two halves of signing in: who was vouched for, when, and whether by their
#: password, which only counts as their proof.
_AWAITED = "awaiting_code"


@blueprint.get("/")
@allowed(Permission.KEEP_ACCOUNT)
def front() -> ResponseReturnValue:
    """The task force of who is signed in; who sits in several chooses one."""
    member = current_member()
    if member is None:
        return ask_to_sign_in()
    if not member.seats:
        return render_template("accounts/no_seat.html", member=member)
    if len(member.seats) > 1:
        return render_template("accounts/task_forces.html", member=member)
    return redirect(url_for("desk.home.waiting", task_force=member.seats[0].slug))


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Sign in with address and password; a wrong one of either gets the same answer."""
    form = SignInForm()
    target = request.values.get("next", "")
    status, headers = 422 if form.is_submitted() else 200, {}
    if form.validate_on_submit():
        try:
            person = proofs.owner_of(form.email.data or "", form.password.data or "")
        except TooManyAttempts as refusal:
            form.email.errors = [refusals.refusal(refusal).message]
            status, headers = errors.status_of(refusal), {"Retry-After": str(refusal.details["seconds"])}
        else:
            if person is not None:
                return _ask_for_code(person, target) or enter_as(person, target)
            form.email.errors = [_("This address and this password do not belong together. Check both.")]
    return _sign_in_page(form, target), status, headers


def _sign_in_page(form: SignInForm, target: str) -> str:
    asked = proofs.ask_for_passkey()
    options = request_options(asked) if asked else None
    provider = current_app.config["REVIEWFLOW_OIDC_NAME"]
    return render_template(
        "accounts/sign_in.html", form=form, next=target, passkey=options, provider=provider
    )


@blueprint.post("/sign-in/passkey")
def sign_in_with_passkey() -> ResponseReturnValue:
    """Sign in with a passkey, which says itself whose it is; it stands for a password and a code."""
    target = request.form.get("next", "")
    person = proofs.owner_of_passkey(request.form.get("passkey", ""))
    if person is not None:
        return enter_as(person, target)
    form = SignInForm(formdata=None)
    form.email.errors = [_("This passkey was not accepted. Try again, or sign in with your password.")]
    return _sign_in_page(form, target), 422


def _ask_for_code(person_id: int, target: str, *, proven: bool = True) -> ResponseReturnValue | None:
    """Lead who has set up one-time codes to where one is typed; nobody is signed in yet."""
    if not credentials.one_time_codes(person_id).asked:
        return None
    _leave()
    session[_AWAITED] = [person_id, clock.now().isoformat(), proven]
    return redirect(url_for("accounts.code", next=target))


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The second half of signing in: a one-time code, or a recovery code."""
    target = request.values.get("next", "")
    person, proven = _awaited()
    if person is None:
        return redirect(url_for("accounts.sign_in", next=target))
    form = CodeForm()
    status, headers = 422 if form.is_submitted() else 200, {}
    if form.validate_on_submit():
        try:
            if one_time_codes.prove(person, form.code.data or "", sealing_key()):
                return enter_as(person, target, proven=proven)
            form.code.errors = [refusals.refusal(InvalidInput(field="code", problem="wrong_code")).message]
        except TooManyAttempts as refusal:
            form.code.errors = [refusals.refusal(refusal).message]
            status, headers = errors.status_of(refusal), {"Retry-After": str(refusal.details["seconds"])}
    return render_template("accounts/code.html", form=form, next=target), status, headers


def _awaited() -> tuple[int | None, bool]:
    """Whose code is awaited in this browser, for some minutes, and whether after the right password."""
    person, at, *proven = session.get(_AWAITED, (None, ""))
    in_time = at and clock.now() - datetime.fromisoformat(at) <= FRESH_FOR
    return person if in_time else None, proven == [True]


def enter_as(person_id: int, target: str, *, proven: bool = True) -> ResponseReturnValue:
    """Begin a session in place of the one that this browser had, and remember that it has been here."""
    _leave()
    sign_in_person(person_id, device_name(request.user_agent.string), proven=proven)
    answer = redirect(target if is_local_address(target) else url_for("accounts.front"))
    proofs.remember_browser(answer, person_id)
    return answer


def enter_from_elsewhere(person_id: int, target: str) -> ResponseReturnValue:
    """Let in whom another house vouches for; acts that bind ask for a proof of this one."""
    return _ask_for_code(person_id, target, proven=False) or enter_as(person_id, target, proven=False)


def _leave() -> None:
    """End the session of this browser, if it has one."""
    signed = current_sign_in()
    if signed is not None:
        sessions.end(signed.member.id, signed.session.id)
    logout_user()
    session.clear()


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session, for whoever may have copied its cookie too."""
    _leave()
    flash(_("You have signed out."))
    return redirect(url_for("accounts.sign_in"))


def ask_to_sign_in() -> ResponseReturnValue:
    """Send a reader to the door; whoever was typing gets their words back on the way."""
    g.pop("place", None)
    if request.method == "GET":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    back = request.headers.get("X-Reviewflow-Page", "") or request.form.get("page", "")
    page = back if is_local_address(back) else url_for("accounts.front")
    return render_template("accounts/session_ended.html", typed=typed_text(), next=page), 401


def forged(error: CSRFError) -> ResponseReturnValue:
    """A form without a valid token; most often its writer's session has ended meanwhile."""
    return ask_to_sign_in() if current_member() is None else errors.forged(error)

"""Signing in and out."""

from __future__ import annotations

import secrets
from ipaddress import ip_address, ip_network

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature, URLSafeSerializer

from reviewflow.domain.throttling import TooManyAttempts
from reviewflow.gateways import passwords
from reviewflow.queries import accounts
from reviewflow.queries.accounts import Member
from reviewflow.services import throttling
from reviewflow.web import errors, refusals
from reviewflow.web.identity import User, current_member, is_local_address, typed_text
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.accounts import SignInForm

blueprint = Blueprint("accounts", __name__, url_prefix="/desk")


@blueprint.get("/")
def front() -> ResponseReturnValue:
    """The first task force of who is signed in."""
    member = current_member()
    if member is None:
        return ask_to_sign_in()
    if not member.seats:
        return render_template("accounts/no_seat.html", member=member)
    return redirect(url_for("desk.home.waiting", task_force=member.seats[0].slug))


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Sign in with address and password; a wrong one of either gets the same answer."""
    form = SignInForm()
    target = request.values.get("next", "")
    status, headers = 422 if form.is_submitted() else 200, {}
    if form.validate_on_submit():
        try:
            member = _member_of(form)
        except TooManyAttempts as refusal:
            form.email.errors = [refusals.refusal(refusal).message]
            status, headers = errors.status_of(refusal), {"Retry-After": str(refusal.details["seconds"])}
        else:
            if member is not None:
                return _enter(member, target)
            form.email.errors = [_("This address and this password do not belong together. Check both.")]
    return render_template("accounts/sign_in.html", form=form, next=target), status, headers


def _member_of(form: SignInForm) -> Member | None:
    """Whose address and password these are; the attempt is counted first. Raises `TooManyAttempts`."""
    email, address = form.email.data or "", _network(request.remote_addr or "")
    found = accounts.credentials(email)
    known = _known_browser(found[0]) if found else None
    throttling.count_attempt(email, address, known_browser=known)
    if not passwords.verify_password(found[1] if found else None, form.password.data or ""):
        return None
    assert found, "a verified password belongs to a person"
    throttling.take_back_attempt(email, address, known_browser=known)
    return accounts.member(found[0])


def _enter(member: Member, target: str) -> ResponseReturnValue:
    """Begin a session, and remember that this browser has been here."""
    session.clear()
    login_user(User(member))
    answer = redirect(target if is_local_address(target) else url_for("accounts.front"))
    if _known_browser(member.id) is None:
        settings = current_app.config
        answer.set_cookie(
            settings["REVIEWFLOW_BROWSER_COOKIE"],
            _browsers().dumps([member.id, secrets.token_urlsafe(16)]),
            max_age=365 * 24 * 60 * 60,
            secure=settings["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return answer


def _known_browser(person_id: int) -> str | None:
    """The name of this browser if it has signed in to this very account before."""
    try:
        whose, name = _browsers().loads(
            request.cookies.get(current_app.config["REVIEWFLOW_BROWSER_COOKIE"], "")
        )
    except (BadSignature, ValueError, TypeError):
        return None
    return str(name) if whose == person_id else None


def _browsers() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="a browser that has signed in")


def _network(address: str) -> str:
    """The network that one customer has: an IPv4 address, or the first half of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found if found.version == 4 else ip_network((found, 64), strict=False))


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    logout_user()
    session.clear()
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

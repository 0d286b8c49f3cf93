"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from flask_wtf.csrf import CSRFError

from reviewflow.gateways import passwords
from reviewflow.queries import accounts
from reviewflow.web import errors
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
    if form.validate_on_submit():
        found = accounts.credentials(form.email.data or "")
        if passwords.verify_password(found[1] if found else None, form.password.data or ""):
            member = accounts.member(found[0]) if found else None
            assert member is not None, "a verified password belongs to a person"
            session.clear()
            login_user(User(member))
            return redirect(target if is_local_address(target) else url_for("accounts.front"))
        form.email.errors = [_("This address and this password do not belong together. Check both.")]
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/sign_in.html", form=form, next=target), status


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

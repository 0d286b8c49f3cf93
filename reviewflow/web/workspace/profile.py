"""One's own account: how one proves that it is oneself, and where one is signed in."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import cast
from zoneinfo import available_timezones

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from flask_wtf.csrf import CSRFError

from reviewflow.domain.errors import Refusal
from reviewflow.domain.names import SPELLED_IN
from reviewflow.domain.notices import Notices
from reviewflow.domain.permissions import Permission
from reviewflow.queries import credentials as asked
from reviewflow.queries import notices as waiting_notices
from reviewflow.queries import own_data
from reviewflow.queries import sessions as read
from reviewflow.queries.sessions import SignedIn
from reviewflow.services import credentials, sessions
from reviewflow.services import notices as notice_service
from reviewflow.services import profile as service
from reviewflow.web import errors, refusals, words
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_sign_in, enter
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import accounts
from reviewflow.web.workspace.account_mails import changed
from reviewflow.web.workspace.forms.accounts import NoticesForm, PasswordForm, ProfileForm
from reviewflow.web.workspace.verification import ask_to_verify

blueprint = Blueprint("profile", __name__, url_prefix="/desk/account")
allowed(Permission.KEEP_ACCOUNT)(blueprint)
blueprint.register_error_handler(CSRFError, accounts.forged)


@blueprint.before_request
def enter_account() -> ResponseReturnValue | None:
    """Only who is signed in; the first task force gives the page its header and its clock."""
    found = current_sign_in()
    if found is None:
        return accounts.ask_to_sign_in()
    if found.member.seats:
        enter(found.member.seats[0].slug)
    return None


def signed_in() -> SignedIn:
    """Whose account it is."""
    return cast(SignedIn, current_sign_in())


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """All of it on one page."""
    signed = signed_in()
    return render_template(
        "accounts/account.html",
        member=signed.member,
        sessions=read.sessions_of(signed.member.id),
        this=signed.session.id,
        codes=asked.one_time_codes(signed.member.id),
        passkeys=asked.passkeys(signed.member.id),
    )


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Choose another password, after showing that it is oneself: nobody types one to see it asked again."""
    if asked := ask_to_verify(_("Choose another password")):
        return asked
    form = PasswordForm()
    if "new_password" in request.form and form.validate():
        try:
            credentials.change_password(
                signed_in().session, form.new_password.data or "", changed(_("Your password was changed."))
            )
        except Refusal as refusal:
            form.new_password.errors = [refusals.refusal(refusal).message]
            return render_template("accounts/password.html", form=form), errors.status_of(refusal)
        flash(_("Your password is changed, and every other browser is signed out."))
        return redirect(url_for("profile.show"))
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


@blueprint.route("/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    """What one says of oneself."""
    form = ProfileForm()
    form.time_zone.choices = [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
    form.language.choices = [*words.languages().items()]
    if request.method == "POST":
        try:
            service.change_profile(
                signed_in().member.id,
                affiliation=form.affiliation.data or "",
                time_zone=form.time_zone.data or "",
                language=form.language.data or "",
                spellings={each: form[f"name_{each}"].data or "" for each in SPELLED_IN},
            )
        except Refusal as refusal:
            form[str(refusal.details["field"])].errors = [refusals.refusal(refusal).message]
            return _profile_page(form), errors.status_of(refusal)
        flash(_("Saved."))
        return redirect(url_for("profile.show"))
    form.process(obj=own_data.own_data(signed_in().member.id))
    return _profile_page(form)


def _profile_page(form: ProfileForm) -> str:
    return render_template("accounts/profile.html", form=form, name=signed_in().member.name)


@blueprint.route("/mails", methods=["GET", "POST"])
def notices() -> ResponseReturnValue:
    """When one is mailed about what waits for one: where every such mail leads."""
    form, member = NoticesForm(), signed_in().member
    form.notices.choices = [*_notice_words().items()]
    status = 200
    if request.method == "POST":
        try:
            notice_service.choose(member.id, form.notices.data or "")
        except Refusal as refusal:
            form.notices.errors = [refusals.refusal(refusal).message]
            status = errors.status_of(refusal)
        else:
            flash(_("Saved."))
            return redirect(url_for("profile.show"))
    else:
        form.process(data={"notices": waiting_notices.choice(member.id)})
    return render_template("accounts/notices.html", form=form, email=member.email), status


def _notice_words() -> dict[str, str]:
    """The choices, in words."""
    return {
        Notices.AT_ONCE: _("At once, at most every 15 minutes"),
        Notices.DAILY: _("In the morning, at 7:00 on your clock, if something new waits"),
        Notices.NEVER: _("Never"),
    }


@blueprint.get("/data.json")
def data() -> ResponseReturnValue:
    """Everything of one's own, to take along."""
    found = asdict(own_data.own_data(signed_in().member.id))
    body = json.dumps(found, ensure_ascii=False, indent=2, default=_in_json)
    headers = {"Content-Disposition": 'attachment; filename="reviewflow-account.json"'}
    return Response(body, mimetype="application/json", headers=headers)


def _in_json(value: date) -> str:
    """An instant or a day."""
    return value.isoformat()


@blueprint.post("/sessions/<int(max=2147483647):number>/end")
def end_session(number: int) -> ResponseReturnValue:
    """Sign one browser out; asked twice, or for one that is not one's own, it changes nothing."""
    sessions.end(signed_in().member.id, number)
    flash(_("That browser is signed out."))
    return redirect(url_for("profile.show"))


@blueprint.post("/sessions/end")
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere, also here."""
    sessions.end_all(signed_in().member.id)
    logout_user()
    flash(_("You are signed out everywhere."))
    return redirect(url_for("accounts.sign_in"))

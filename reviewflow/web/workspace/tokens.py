"""One's own tokens for programs: making one, and taking one back."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from reviewflow.domain.errors import NotFound, Refusal
from reviewflow.domain.permissions import Permission
from reviewflow.domain.tokens import LASTS
from reviewflow.gateways import clock
from reviewflow.queries import tokens as read
from reviewflow.services import tokens
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext
from reviewflow.web.workspace import accounts, profile
from reviewflow.web.workspace.account_mails import changed
from reviewflow.web.workspace.forms.accounts import TokenForm
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.profile import signed_in
from reviewflow.web.workspace.verification import ask_to_verify

blueprint = Blueprint("tokens", __name__, url_prefix="/desk/account/tokens")
allowed(Permission.KEEP_ACCOUNT)(blueprint)
blueprint.register_error_handler(CSRFError, accounts.forged)
blueprint.before_request(profile.enter_account)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """The tokens there are, and the form for another."""
    return _page(_form())


@blueprint.post("/add")
def add() -> ResponseReturnValue:
    """Make a token; the answer is the one page that shows it."""
    if wanted := ask_to_verify(_("Make a token for a program")):
        return wanted
    form = _form()
    actor = signed_in().member.actor_in(form.task_force.data or "")
    if actor is None:
        raise NotFound()
    try:
        secret = tokens.make(
            signed_in().session,
            actor,
            form.name.data or "",
            whole_number(form.days.data or "") or 0,
            changed(_("A token was made by which a program reads the status table in your name.")),
        )
    except Refusal as refusal:
        field = form.days if refusal.details.get("field") == "days" else form.name
        field.errors = [refusals.refusal(refusal).message]
        return _page(form), errors.status_of(refusal)
    address = current_app.config["REVIEWFLOW_PUBLIC_URL"] + url_for(
        "desk.status.csv_file", task_force=form.task_force.data
    )
    return _page(_form(formdata=None), secret, address)


@blueprint.post("/<int(max=2147483647):number>/end")
def take_back(number: int) -> ResponseReturnValue:
    """Accept one token no more."""
    tokens.take_back(signed_in().member.id, number)
    flash(_("That token is not accepted any more."))
    return redirect(url_for("tokens.show"))


def _form(**options: None) -> TokenForm:
    form = TokenForm(**options)
    form.days.choices = [(str(days), ngettext("%(num)d day", "%(num)d days", days)) for days in LASTS]
    form.task_force.choices = [(seat.slug, seat.task_force) for seat in signed_in().member.seats]
    return form


def _page(form: TokenForm, secret: str = "", address: str = "") -> str:
    return render_template(
        "accounts/tokens.html",
        tokens=read.tokens_of(signed_in().member.id),
        form=form,
        secret=secret,
        address=address,
        now=clock.now(),
    )

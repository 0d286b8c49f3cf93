"""A forgotten password: asking for a link, and choosing another password by it."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.permissions import Permission
from reviewflow.domain.throttling import TooManyAttempts
from reviewflow.services import resets
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import proofs
from reviewflow.web.workspace.forms.accounts import ForgottenForm, PasswordForm

blueprint = Blueprint("resets", __name__, url_prefix="/desk/forgotten")
allowed(Permission.HOLD_LINK)(blueprint)


@blueprint.route("/", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a link; the answer is the same whether or not the address is known."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgotten.html", form=form), 422 if form.is_submitted() else 200
    try:
        resets.ask(form.email.data or "", proofs.network(request.remote_addr or ""), _mail)
    except TooManyAttempts as refusal:
        form.email.errors = [refusals.refusal(refusal).message]
        headers = {"Retry-After": str(refusal.details["seconds"])}
        return render_template("accounts/forgotten.html", form=form), errors.status_of(refusal), headers
    return render_template("accounts/forgotten.html", form=form, asked=True)


@blueprint.route("/<secret>", methods=["GET", "POST"])
def choose(secret: str) -> ResponseReturnValue:
    """Choose another password by the link of a mail; then one signs in with it as always."""
    form = PasswordForm()
    resets.owner_of(secret)
    if form.validate_on_submit():
        try:
            resets.reset(secret, form.new_password.data or "")
        except InvalidInput as refusal:
            form.new_password.errors = [refusals.refusal(refusal).message]
        else:
            flash(_("Your password is changed. Sign in with it."))
            return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/password.html", form=form, by_link=True), 422 if form.errors else 200


def _mail(secret: str) -> tuple[str, str]:
    """Subject and text of the mail. It names nobody: whoever opens it knows whose it is."""
    link = current_app.config["REVIEWFLOW_PUBLIC_URL"] + url_for("resets.choose", secret=secret)
    return _("Choose another password"), _(
        "Somebody, probably you, asked for another password for reviewflow with this address."
        "\n\nWithin an hour, choose one here:\n%(link)s"
        "\n\nIf it was not you, do nothing: without this link nothing changes.\n",
        link=link,
    )

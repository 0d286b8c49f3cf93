"""A forgotten password: asking for a link, and choosing another password by it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.passkeys import Passkey
from reviewflow.domain.permissions import Permission
from reviewflow.domain.throttling import TooManyAttempts
from reviewflow.queries import credentials
from reviewflow.services import resets
from reviewflow.web import errors, refusals, times
from reviewflow.web.doors import allowed
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import proofs
from reviewflow.web.workspace.account_mails import changed
from reviewflow.web.workspace.forms.accounts import ForgottenForm, ResetForm

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
    """Choose another password by the link of a mail; then one signs in with it as always.

    Whoever asks for a link may have lost their account to somebody: other ways in stay where they are ticked.
    """
    form, owner = ResetForm(), resets.owner_of(secret)
    keys, houses = credentials.passkeys(owner), credentials.elsewhere(owner)
    form.keep.choices = [(str(key.id), _described(key)) for key in keys]
    form.keep.choices += [(house.issuer, _linked(house)) for house in houses]
    if form.validate_on_submit():
        kept = form.keep.data or []
        try:
            resets.reset(
                secret,
                form.new_password.data or "",
                changed(_("Another password was chosen for your account, by a link that was mailed to you.")),
                keep_keys=[key.id for key in keys if str(key.id) in kept],
                keep_houses=kept,
            )
        except InvalidInput as refusal:
            form.new_password.errors = [refusals.refusal(refusal).message]
        else:
            flash(_("Your password is changed. Sign in with it."))
            return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/password.html", form=form, by_link=True), 422 if form.errors else 200


def _described(key: Passkey) -> str:
    """A passkey, so that its owner knows it again."""
    made, used = times.day(key.made_at), times.day(key.used_at) if key.used_at else ""
    if not used:
        return _("Passkey “%(name)s”, made on %(made)s, not used yet", name=key.name, made=made)
    return _(
        "Passkey “%(name)s”, made on %(made)s, last used on %(used)s", name=key.name, made=made, used=used
    )


def _linked(house: credentials.Elsewhere) -> str:
    """A link to another house, by its address."""
    return _(
        "Signing in through %(house)s, linked on %(made)s",
        house=urlsplit(house.issuer).netloc,
        made=times.day(house.made_at),
    )


def _mail(secret: str) -> tuple[str, str]:
    """Subject and text of the mail. It names nobody: whoever opens it knows whose it is."""
    link = current_app.config["REVIEWFLOW_PUBLIC_URL"] + url_for("resets.choose", secret=secret)
    return _("Choose another password"), _(
        "Somebody, probably you, asked for another password for reviewflow with this address."
        "\n\nWithin an hour, choose one here:\n%(link)s"
        "\n\nEvery browser is then signed out, tokens end, and you say which passkeys are yours."
        "\n\nIf it was not you, do nothing: without this link nothing changes.\n",
        link=link,
    )

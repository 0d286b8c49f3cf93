"""Statements: attaching one to a text, and taking it back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.permissions import demand
from reviewflow.domain.statements import StatementKind
from reviewflow.domain.workflow import Action
from reviewflow.queries import recommendations as items
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.services import statements
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.acting import everybody
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.forms.statements import StatementForm, WithdrawalForm

blueprint = Blueprint("statements", __name__)


@blueprint.route("/recommendations/<key>/statements/new", methods=["GET", "POST"])
@allowed(Action.ATTACH_STATEMENT)
def attach(key: str) -> ResponseReturnValue:
    """Write a statement and attach it; what is refused comes back with every word."""
    actor = current_actor()
    form = StatementForm()
    if not form.is_submitted():
        page = items.recommendation(actor, key)
        demand(Action.ATTACH_STATEMENT, actor, page.about)
        form.version.data = str(page.version)
        return _form(page, form)
    chosen = form.kind.data
    try:
        statements.attach_statement(
            actor,
            key,
            whole_number(form.version.data) or 0,
            StatementKind(chosen) if chosen in set(StatementKind) else None,
            form.text.data or "",
            for_group=form.speaker.data == "group",
        )
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = items.recommendation(actor, key)
        return _form(page, form, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(_("Your statement is attached to the text."))
    return redirect(_place(key))


def _form(page: RecommendationPage, form: StatementForm, refused: refusals.Answer | None = None) -> str:
    return render_template(
        "workspace/statements/new.html",
        page=page,
        form=form,
        refused=refused,
        reaches=everybody(page),
    )


@blueprint.route("/recommendations/<key>/statements/<statement>/withdraw", methods=["GET", "POST"])
@allowed(Action.WITHDRAW_STATEMENT)
def withdraw(key: str, statement: str) -> ResponseReturnValue:
    """Say what taking a statement back does, and do it."""
    actor = current_actor()
    form = WithdrawalForm()
    if form.is_submitted():
        statements.withdraw_statement(actor, key, statement)
        flash(_("The statement is withdrawn; it stays in the history."))
        return redirect(_place(key))
    page = items.recommendation(actor, key)
    found = page.attachments.line(statement)
    if found is None:
        raise NotFound()
    if found.refusal is not None:
        raise found.refusal
    return render_template(
        "workspace/statements/withdraw.html",
        page=page,
        attachment=found,
        reaches=everybody(page),
    )


def _place(key: str) -> str:
    return url_for("desk.recommendations.show", key=key) + "#h-statements"

"""Follow-up: the coordinator records what became of a published text."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound, NotPermitted, Refusal, WrongState
from reviewflow.domain.follow_up import Implementation, ResponseKind, Source
from reviewflow.domain.permissions import Permission, demand
from reviewflow.queries import recommendations as items
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.services import follow_up
from reviewflow.web import errors, refusals, words
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.follow_up import AssessmentForm, ResponseForm, SourcedForm, plain_day

blueprint = Blueprint("follow_up", __name__)
allowed(Permission.RECORD_FOLLOW_UP)(blueprint)


@blueprint.route("/recommendations/<key>/follow-up/response", methods=["GET", "POST"])
def response(key: str) -> ResponseReturnValue:
    """Record how an addressee responded; what is refused comes back with every word."""
    form = ResponseForm()

    def record() -> None:
        chosen = form.response.data
        follow_up.record_response(
            current_actor(),
            key,
            addressee=form.addressee.data or "",
            kind=ResponseKind(chosen) if chosen in set(ResponseKind) else None,
            until=plain_day(form.considered_until.data),
            day=plain_day(form.given_on.data),
            words=form.words.data or "",
            source=_source(form),
            is_correction=bool(form.is_correction.data),
        )

    return _recorded(key, form, record, _("The response is recorded and public."))


@blueprint.route("/recommendations/<key>/follow-up/assessment", methods=["GET", "POST"])
def assessment(key: str) -> ResponseReturnValue:
    """Record how far a text is implemented; what is refused comes back with every word."""
    form = AssessmentForm()

    def record() -> None:
        chosen = form.implementation.data
        follow_up.record_assessment(
            current_actor(),
            key,
            implementation=Implementation(chosen) if chosen in set(Implementation) else None,
            day=plain_day(form.as_of.data),
            evidence=form.evidence.data or "",
            source=_source(form),
            is_correction=bool(form.is_correction.data),
        )

    return _recorded(key, form, record, _("What was implemented is recorded and public."))


def _source(form: SourcedForm) -> Source:
    return Source(form.source_title.data or "", form.source_url.data or "")


def _recorded(key: str, form: SourcedForm, record: Callable[[], None], done: str) -> ResponseReturnValue:
    if not form.is_submitted():
        page = items.recommendation(current_actor(), key)
        demand(Permission.RECORD_FOLLOW_UP, current_actor(), page.about)
        if not page.may_record_follow_up:
            raise WrongState(state=page.state)
        return _form(page, form)
    try:
        record()
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = items.recommendation(current_actor(), key)
        return _form(page, form, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(done)
    return redirect(url_for("desk.recommendations.show", key=key) + "#h-follow-up")


def _form(page: RecommendationPage, form: SourcedForm, refused: refusals.Answer | None = None) -> str:
    return render_template(
        "workspace/follow_up/record.html",
        page=page,
        form=form,
        of_response=isinstance(form, ResponseForm),
        offered={value: words.addressee_label(value) for value in page.addressees},
        refused=refused,
    )

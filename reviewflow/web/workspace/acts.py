"""Acts of the procedure: a page that says what an act does and whom it reaches, and the act itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal, StaleVersion
from reviewflow.domain.permissions import Permission, demand
from reviewflow.domain.sessions import NEEDS_FRESH
from reviewflow.domain.stand_ins import StandInOver
from reviewflow.domain.workflow import Action, Event
from reviewflow.gateways.citations import with_root
from reviewflow.queries import recommendations as items
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.services import deliberation, publication, recommendations, silence
from reviewflow.web import errors, refusals, times
from reviewflow.web.doors import allowed
from reviewflow.web.identity import acting_for, current_actor, current_place
from reviewflow.web.workspace.act_words import act_words, done_sentence
from reviewflow.web.workspace.awaited import Awaited
from reviewflow.web.workspace.forms.deliberation import (
    ActForm,
    InstantForm,
    MomentForm,
    PositionForm,
    RecordedForm,
)
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.silence import ends_of_silence, instant_of
from reviewflow.web.workspace.silence_words import broken_sentence
from reviewflow.web.workspace.verification import ask_to_verify

blueprint = Blueprint("acts", __name__)


@dataclass(frozen=True, slots=True)
class ActPage:
    """One act: where its page is, how it is done, and whether it asks for words."""

    action: Action
    perform: Callable[[Actor, str, int, ActForm], Event]
    asks: bool = False
    form: type[ActForm] = ActForm


def _plain(use_case: Callable[[Actor, str, int], Event]) -> Callable[[Actor, str, int, ActForm], Event]:
    return lambda actor, key, version, form: use_case(actor, key, version)


def _reasoned(
    use_case: Callable[[Actor, str, int, str], Event],
) -> Callable[[Actor, str, int, ActForm], Event]:
    return lambda actor, key, version, form: use_case(actor, key, version, form.reason.data or "")


def _stand(form: ActForm) -> Stand | None:
    """The stand that was chosen; None for none, or for what is no stand."""
    chosen = form.data.get("stand")
    return Stand(chosen) if chosen in set(Stand) else None


def _position(actor: Actor, key: str, version: int, form: ActForm) -> Event:
    return deliberation.take_position(actor, key, version, _stand(form), form.reason.data or "")


def _recorded(actor: Actor, key: str, version: int, form: ActForm) -> Event:
    member, means = whole_number(form.data.get("member")), form.data.get("means") or ""
    return deliberation.record_position(
        actor, key, version, member, _stand(form), means, form.reason.data or ""
    )


def _until(
    use_case: Callable[[Actor, str, int, datetime | None], Event],
) -> Callable[[Actor, str, int, ActForm], Event]:
    return lambda actor, key, version, form: use_case(actor, key, version, instant_of(form.data.get("until")))


def _at_moment(actor: Actor, key: str, version: int, form: ActForm) -> Event:
    return publication.schedule(actor, key, version, times.on_readers_clock(form.data.get("moment") or ""))


#: By the last part of the address.
ACTS = {
    "propose": ActPage(Action.PROPOSE, _plain(recommendations.propose)),
    "resubmit": ActPage(Action.RESUBMIT, _reasoned(recommendations.resubmit), asks=True),
    "recall": ActPage(Action.RECALL, _reasoned(recommendations.recall), asks=True),
    "withdraw": ActPage(Action.WITHDRAW, _reasoned(recommendations.withdraw), asks=True),
    "reopen": ActPage(Action.REOPEN, _reasoned(recommendations.reopen), asks=True),
    "position": ActPage(Action.TAKE_POSITION, _position, asks=True, form=PositionForm),
    "record-position": ActPage(Action.RECORD_POSITION, _recorded, asks=True, form=RecordedForm),
    "recuse": ActPage(Action.RECUSE, _reasoned(deliberation.recuse), asks=True),
    "rejoin": ActPage(Action.REJOIN, _plain(deliberation.rejoin)),
    "propose-silence": ActPage(Action.PROPOSE_SILENCE, _until(silence.propose_silence), form=InstantForm),
    "accept-silence": ActPage(Action.ACCEPT_SILENCE, _until(silence.accept_silence), form=InstantForm),
    "refuse-silence": ActPage(Action.REFUSE_SILENCE, _reasoned(silence.refuse_silence), asks=True),
    "extend-silence": ActPage(Action.EXTEND_SILENCE, _until(silence.extend_silence), form=InstantForm),
    "request-changes": ActPage(Action.REQUEST_CHANGES, _reasoned(deliberation.request_changes), asks=True),
    "agree": ActPage(Action.AGREE, _plain(deliberation.agree_to_version)),
    "decline": ActPage(Action.DECLINE, _reasoned(deliberation.decline), asks=True),
    "approve": ActPage(Action.APPROVE, _plain(publication.approve)),
    "return": ActPage(Action.RETURN, _reasoned(publication.return_for_changes), asks=True),
    "schedule": ActPage(Action.SCHEDULE, _at_moment, form=MomentForm),
    "unschedule": ActPage(Action.UNSCHEDULE, _plain(publication.unschedule)),
    "publish": ActPage(Action.PUBLISH, _plain(publication.publish)),
    "retract": ActPage(Action.RETRACT, _reasoned(publication.retract), asks=True),
}
_SLUGS = {page.action: slug for slug, page in ACTS.items()}


def act_address(action: Action, key: str, principal: int | None = None) -> str:
    """Where an act is done: its own page, or the editor; `principal` is in whose name, if not one's own."""
    if action is Action.REVISE:
        return url_for("desk.editing.edit", key=key)
    if action is Action.AMEND:
        return url_for("desk.editing.settle", key=key)
    named: dict[str, Any] = {"for": principal} if principal else {}
    return url_for("desk.acts.act", key=key, act=_SLUGS[action], **named)


@blueprint.route("/recommendations/<key>/acts/<act>", methods=["GET", "POST"])
@allowed(Permission.ACT)
def act(key: str, act: str) -> ResponseReturnValue:
    """Say what the act does, and do it. A refusal gives the form back with every word in it.

    Whose act it never is gets no form: the page would speak to the other side.
    """
    chosen = ACTS.get(act)
    if chosen is None:
        raise NotFound()
    form = chosen.form()
    if request.method == "POST":
        return _perform(chosen, key, form)
    form.principal.data = request.args.get("for", "")
    actor, page = acting_for(_principal(form)), _page(key)
    demand(chosen.action, actor, page.about)
    form.version.data = str(page.version)
    return _show(chosen, page, form, actor)


def _perform(chosen: ActPage, key: str, form: ActForm) -> ResponseReturnValue:
    """Do it; the item is read for a page only where there is a page to show."""
    version = _number(form.version.data or "")
    actor = None
    try:
        actor = acting_for(_principal(form))
        waits = partial(_awaited, chosen, key, actor, version)
        if chosen.action in NEEDS_FRESH and (asked := ask_to_verify(waits)):
            return asked
        event = chosen.perform(actor, key, version, form)
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        if isinstance(refusal, StandInOver):
            actor = None
        return _show(chosen, _page(key), form, actor, refusals.refusal(refusal)), errors.status_of(refusal)
    done = done_sentence(event, lambda: items.recommendation(current_actor(), key).group_id)
    flash(f"{done} {broken_sentence(event)}".strip())
    return redirect(url_for("desk.recommendations.show", key=key))


def _awaited(chosen: ActPage, key: str, actor: Actor, version: int) -> Awaited:
    """The act on the version that its form names, and the text as its page calls it.

    Nobody is asked who they are for a version that is not there: raises `NotPermitted` and `StaleVersion`.
    """
    try:
        page = _page(key)
    except NotFound:
        return Awaited()
    if not 0 < version <= page.version:
        demand(chosen.action, actor, page.about)
        raise StaleVersion(named=version, head=page.version)
    said = act_words(
        chosen.action, replace(page, version=version), actor.person_id if actor.stand_in else None
    )
    title = page.wording.title
    return Awaited(said.button, title if page.name == title else f"{page.name}: {title}")


def _page(key: str) -> RecommendationPage:
    """The item, with what the reader can do with it in their own name and in that of who lends theirs."""
    return items.recommendation(current_actor(), key, current_place().principal)


def _principal(form: ActForm) -> int | None:
    """In whose name the form acts, None for one's own; 0, who nobody is, if it names no person."""
    return (whole_number(form.principal.data) or 0) if form.principal.data else None


def _show(
    chosen: ActPage,
    page: RecommendationPage,
    form: ActForm,
    actor: Actor | None,
    refused: refusals.Answer | None = None,
) -> str:
    """The page of an act; without an actor nobody can do it (any more), and what was typed is given back."""
    named = form.version.data or ""
    lent = actor is not None and actor.stand_in is not None
    return render_template(
        "workspace/acts/act.html",
        chosen=chosen,
        page=page,
        said=act_words(chosen.action, page, actor.person_id if actor and lent else None),
        form=form,
        refused=refused,
        option=page.option(chosen.action, lent=lent) if actor else None,
        lent=actor if lent else None,
        act_address=act_address,
        choices=_choices(chosen, page) if actor else [],
        is_stale=named != str(page.version),
        since=named if 0 < _number(named) < page.version else None,
        stands=_stands(chosen, page, actor or current_actor()),
        voters=_voters(chosen, page, actor or current_actor()),
        ends=ends_of_silence(chosen.action, page),
    )


def _choices(chosen: ActPage, page: RecommendationPage) -> list[int | None]:
    """In whose name the reader can do it, where that is a choice: None is their own."""
    place = current_place()
    both = page.option(chosen.action), page.option(chosen.action, lent=True)
    return [None, place.principal.person_id] if place.principal and all(both) else []


def _stands(chosen: ActPage, page: RecommendationPage, actor: Actor) -> list[Stand]:
    """What one can choose; only who has a position can take it back, and nobody recuses another."""
    own = page.line_of(actor.person_id)
    spoken = own is not None and own.stand not in (None, Stand.WITHDRAWN)
    taken_back = spoken or chosen.action is Action.RECORD_POSITION
    left_out = {*(() if taken_back else (Stand.WITHDRAWN,)), *((Stand.RECUSE,) if actor.stand_in else ())}
    return [stand for stand in Stand if stand not in left_out]


def _voters(chosen: ActPage, page: RecommendationPage, actor: Actor) -> list[int]:
    """The other members of the actor's ballot, whose position a lead may record."""
    if chosen.action is not Action.RECORD_POSITION:
        return []
    return [
        line.person_id
        for ballot in page.ballots
        for line in ballot.lines
        if ballot.group_id == actor.group_id and line.person_id not in (actor.person_id, actor.by)
    ]


@blueprint.get("/recommendations/<key>/preview")
@allowed(Action.PUBLISH)
def preview(key: str) -> ResponseReturnValue:
    """The public page as publishing now would make it, for who may publish."""
    page = items.recommendation(current_actor(), key)
    body = publication.preview(current_actor(), key, page.version)
    return Response(with_root(body, current_app.config["REVIEWFLOW_PUBLIC_URL"]), mimetype="text/html")


def _number(named: str) -> int:
    """The version that a form names; 0, which no version has, if it names none."""
    return whole_number(named) or 0

"""The home page's three lists: what waits for a person, what waits for the others, and the news."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    and_,
    cast,
    func,
    select,
    union_all,
)

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Stand
from reviewflow.domain.items import State
from reviewflow.domain.waiting import COORDINATOR_PARTY, Task
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import (
    SuggestionRow,
    Thread,
)
from reviewflow.persistence.models.recommendations import Recommendation, Version, Wait
from reviewflow.persistence.models.silence import SilenceRow
from reviewflow.queries.accounts import waits_of
from reviewflow.queries.tallies import Standing, standings
from reviewflow.queries.visible import (
    sees_circulated,
    sees_own,
    shown_number,
    visible_internal_events,
    visible_items,
)

#: How many items that wait for a person stand on one page.
PAGE = 50
#: How many of the other two lists.
SHORT = 20

#: The tasks whose sentences say how the ballot stands.
_TALLIED = frozenset({Task.RECONSIDER, Task.AGREE, Task.AGREE_TOGETHER, Task.SETTLE, Task.DECIDE})
#: The states in which a group can hold an item that others see; such a draft has been reopened.
_WITH_GROUPS = (State.PROPOSED, State.CHANGES_REQUESTED, State.DRAFT)
#: Those that only the coordinator can hold.
_WITH_COORDINATOR = (State.AGREED, State.APPROVED)


@dataclass(frozen=True, slots=True)
class Subject:
    """An item as a sentence names it; `version` is the number that the reader sees."""

    key: str
    group_id: int
    symbol: str | None
    title: str
    version: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One item that waits for the reader: the task, and what its sentence needs.

    `until` is when an open silence procedure ends, if `silence_runs`, or would end. `principal` is for whom
    the reader stands in, where it waits for them.
    """

    subject: Subject
    task: Task
    since: datetime
    open_brackets: int
    open_suggestions: int
    missing: tuple[str, ...]
    standing: Standing
    until: datetime | None = None
    silence_runs: bool = False
    principal: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One item that waits for somebody else; `holders` are parties (domain/waiting.py).

    `silence_until` is when silence that runs ends.
    """

    subject: Subject
    state: State
    holders: tuple[int, ...]
    since: datetime
    standing: Standing
    silence_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """One event; `name` is the action's value or one of the threads' words.

    `principal` is in whose name the actor did it, if not in their own.
    """

    subject: Subject
    name: str
    actor_id: int | None
    at: datetime
    version: int | None
    stand: Stand | None
    internal: bool
    principal: int | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """Everything on the home page, in at most five statements."""

    mine: tuple[Waiting, ...]
    others: tuple[Held, ...]
    news: tuple[News, ...]


def front(actor: Actor, groups: tuple[int, ...], page: int = 1, principal: Actor | None = None) -> Front:
    """The three lists; `page` (from 1) turns the first one, `PAGE` items at a time.

    `groups` are all those of the task force, `principal` who the actor stands in for.
    """
    if not (sees_own(actor) or sees_circulated(actor)):
        return Front((), (), ())
    mine, others = _mine(actor, principal, page), _held_by_others(actor, groups) if page == 1 else []
    tallied = {r.id for r in mine if Task(r.task) in _TALLIED}
    tallied |= {r.id for r in others if r.state == State.PROPOSED}
    found = standings(actor, tallied)
    return Front(
        mine=tuple(
            Waiting(
                subject=_subject(r),
                task=Task(r.task),
                since=r.since,
                open_brackets=r.open_brackets,
                open_suggestions=r.open_suggestions,
                missing=tuple(r.missing),
                standing=found.get(r.id, _NO_BALLOTS),
                until=r.until,
                silence_runs=r.started_at is not None,
                principal=r.person_id if r.person_id != actor.person_id else None,
            )
            for r in mine
        ),
        others=tuple(
            Held(
                subject=_subject(r),
                state=State(r.state),
                holders=tuple(r.holders),
                since=r.since,
                standing=found.get(r.id, _NO_BALLOTS),
                silence_until=r.until if r.started_at else None,
            )
            for r in others
        ),
        news=_news(actor) if page == 1 else (),
    )


_NO_BALLOTS = Standing()


def _subject(row: Any) -> Subject:
    return Subject(row.key, row.group_id, row.symbol, row.title, row.number)


def _subject_columns() -> tuple[ColumnElement[Any], ...]:
    return (
        Recommendation.key.expression,
        Recommendation.group_id.expression,
        Recommendation.symbol.expression,
        Version.title.expression,
        Version.number.expression,
    )


_OPEN_SILENCE = and_(SilenceRow.recommendation_id == Recommendation.id, SilenceRow.ended_at.is_(None))


def _shown_version(actor: Actor) -> ColumnElement[bool]:
    return and_(Version.recommendation_id == Recommendation.id, Version.number == shown_number(actor))


def _mine(actor: Actor, principal: Actor | None, page: int) -> list[Any]:
    """Read in the order of the index on `waits`, so that a long list costs no more than a short one."""
    return list(db.session.execute(_mine_of(actor, principal).limit(PAGE).offset((page - 1) * PAGE)))


# Putting a statement together takes longer than its execution; members are few, so each has their own.
@lru_cache(maxsize=256)
def _mine_of(actor: Actor, principal: Actor | None) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Recommendation.id,
            *_subject_columns(),
            Version.open_brackets,
            _open_suggestions().label("open_suggestions"),
            Version.missing,
            Wait.task,
            Wait.since,
            Wait.person_id,
            SilenceRow.until,
            SilenceRow.started_at,
        )
        .select_from(Wait)
        .join(Recommendation, Recommendation.id == Wait.recommendation_id)
        .join(Version, _shown_version(actor))
        .join(SilenceRow, _OPEN_SILENCE, isouter=True)
        .where(waits_of(actor, principal))
        .where(visible_items(actor))
        .order_by(Wait.since, Wait.recommendation_id, Wait.person_id)
    )


def _open_suggestions() -> ScalarSelect[int]:
    """How many shared suggestions nobody has decided; of items before the others only (domain/waiting.py)."""
    return (
        select(func.count(SuggestionRow.thread_id))
        .join(Thread, Thread.id == SuggestionRow.thread_id)
        .where(Thread.recommendation_id == Recommendation.id, ~Thread.internal, SuggestionRow.state == "open")
        .correlate(Recommendation)
        .scalar_subquery()
    )


def _held_by_others(actor: Actor, groups: tuple[int, ...]) -> list[Any]:
    """The oldest items that wait for another party: ranges of an index, then merged."""
    return list(db.session.execute(_held_by_others_than(actor, groups)))


@lru_cache(maxsize=256)
def _held_by_others_than(actor: Actor, groups: tuple[int, ...]) -> Select[*tuple[Any, ...]]:
    coordinates = actor.role is Role.COORDINATOR
    own_party = COORDINATOR_PARTY if coordinates else actor.group_id
    oldest = (
        select(Recommendation.id, Recommendation.since)
        .where(visible_items(actor))
        .where(_parties().not_like(f"%,{own_party},%"))
    )
    # A range of the index for each state and each party that can hold an item in it.
    ranges = [(state, group) for state in _WITH_GROUPS for group in groups if group != own_party]
    if not coordinates:
        ranges += [(state, COORDINATOR_PARTY) for state in _WITH_COORDINATOR]
    branches: list[Select[*tuple[Any, ...]]] = [
        oldest.where(
            Recommendation.task_force_id == actor.task_force_id,
            Recommendation.state == state,
            Recommendation.first_holder == party,
        )
        .order_by(Recommendation.since, Recommendation.id)
        .limit(SHORT)
        for state, party in ranges
    ]
    merged = union_all(*(select(b.subquery()) for b in branches)).subquery()
    chosen = select(merged.c.id).order_by(merged.c.since, merged.c.id).limit(SHORT).subquery()
    return (
        select(
            Recommendation.id,
            *_subject_columns(),
            Recommendation.state,
            Recommendation.holders,
            Recommendation.since,
            SilenceRow.until,
            SilenceRow.started_at,
        )
        .select_from(chosen)
        .join(Recommendation, Recommendation.id == chosen.c.id)
        .join(Version, _shown_version(actor))
        .join(SilenceRow, _OPEN_SILENCE, isouter=True)
        .order_by(Recommendation.since, Recommendation.id)
    )


def _parties() -> ColumnElement[str]:
    """The stored list of holders as `,1,2,`, which both databases can search."""
    text: ColumnElement[str] = cast(Recommendation.holders, Text)
    for old, new in (("[", ","), ("]", ","), (" ", "")):
        text = func.replace(text, old, new)
    return text


def _news(actor: Actor) -> tuple[News, ...]:
    rows = db.session.execute(_newest_events(actor)).all()
    return tuple(
        News(
            subject=_subject(r),
            name=r.event,
            actor_id=r.actor_id,
            at=r.at,
            version=r.version_number,
            stand=Stand(stand) if (stand := data.get("stand")) else None,
            internal=r.internal_to is not None,
            principal=data.get("for"),
        )
        for r in rows
        for data in (json.loads(r.data),)
    )


@lru_cache(maxsize=256)
def _newest_events(actor: Actor) -> Select[*tuple[Any, ...]]:
    """The newest events: of everybody's and of the own group's each the end of an index, then merged."""
    audiences: list[ColumnElement[bool]] = [EventRow.internal_to.is_(None)]
    if actor.group_id is not None:
        audiences.append(visible_internal_events(actor))
    newest = [
        select(EventRow.id, EventRow.sequence)
        .join(Recommendation, Recommendation.id == EventRow.recommendation_id)
        .where(EventRow.task_force_id == actor.task_force_id, audience, visible_items(actor))
        .order_by(EventRow.sequence.desc())
        .limit(SHORT)
        for audience in audiences
    ]
    merged = union_all(*(select(n.subquery()) for n in newest)).subquery()
    chosen = select(merged.c.id).order_by(merged.c.sequence.desc()).limit(SHORT).subquery()
    return (
        select(
            *_subject_columns(),
            EventRow.name.label("event"),
            EventRow.actor_id,
            EventRow.at,
            EventRow.version_number,
            EventRow.data,
            EventRow.internal_to,
        )
        .select_from(chosen)
        .join(EventRow, EventRow.id == chosen.c.id)
        .join(Recommendation, Recommendation.id == EventRow.recommendation_id)
        .join(Version, _shown_version(actor))
        .order_by(EventRow.sequence.desc())
    )

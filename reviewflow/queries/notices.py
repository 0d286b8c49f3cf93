"""What a mail tells somebody about what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from reviewflow.domain.notices import NOT_TOLD, Notices
from reviewflow.domain.stand_ins import DELEGATED_TASKS, SHARED_TASKS
from reviewflow.domain.waiting import Task
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Person, StandInRow
from reviewflow.persistence.models.notices import ToldWait
from reviewflow.persistence.models.recommendations import Recommendation, Wait
from reviewflow.queries.accounts import Seat, member
from reviewflow.queries.visible import visible_items

#: How many texts one mail names; more stand on the page that it leads to.
MOST = 50


@dataclass(frozen=True, slots=True)
class Awaited:
    """One text that waits for a person. A mail may be read by others: it has no title, and names nobody."""

    key: str
    symbol: str | None
    task: Task
    is_news: bool
    #: Whether it waits for the member in whose name the person can act.
    is_lent: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """What one mail tells: by seat, the news first. `language` is the reader's."""

    language: str
    awaited: tuple[tuple[Seat, tuple[Awaited, ...]], ...]

    @property
    def news(self) -> int:
        """How many texts the person has not been mailed about."""
        return sum(each.is_news for _seat, found in self.awaited for each in found)


def reaches(person: ColumnElement[int], at: datetime) -> ColumnElement[bool]:
    """Whether a row of `waits` is told to a person: their own, or of whom they stand in for at an instant.

    A text that waits for both is told as their own.
    """
    return or_(Wait.person_id == person, _is_lent(person, at))


def has_news(person: ColumnElement[int], at: datetime) -> ColumnElement[bool]:
    """Whether anything reaches a person that is news; `person` may be a column of the statement around it.

    In two questions, since a database answers each by an index, and "one or the other" by reading all of
    `waits`, for everybody.
    """
    return or_(
        exists().where(Wait.person_id == person, is_news(person)),
        exists().where(_is_lent(person, at), is_news(person)),
    )


def _is_lent(person: ColumnElement[int], at: datetime) -> ColumnElement[bool]:
    """Whether a row of `waits` is of whom a person stands in for, and of a text that waits for them alone."""
    own = aliased(Wait)
    principals = (
        select(StandInRow.principal_id, StandInRow.task_force_id)
        .where(
            StandInRow.person_id == person,
            StandInRow.ended_at.is_(None),
            StandInRow.since <= at,
            StandInRow.until > at,
        )
        .correlate(Person)
    )
    both = exists().where(own.person_id == person, own.recommendation_id == Wait.recommendation_id)
    return and_(
        Wait.task.in_(DELEGATED_TASKS | SHARED_TASKS),
        tuple_(Wait.person_id, Wait.task_force_id).in_(principals),
        ~both.correlate(Wait, Person),
    )


def is_news(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a row of `waits` is to be told, and the person was not mailed about it as it stands."""
    told = (
        exists()
        .where(
            ToldWait.person_id == person,
            ToldWait.recommendation_id == Wait.recommendation_id,
            ToldWait.task == Wait.task,
            ToldWait.since == Wait.since,
        )
        .correlate(Wait, Person)
    )
    return and_(Wait.task.not_in(NOT_TOLD), ~told)


def notice(person_id: int) -> Notice:
    """What waits for somebody in each task force where they have a seat: what they may see, and no more."""
    found = member(person_id)
    assert found, "a person"
    person, at, awaited = literal(person_id), clock.now(), []
    for seat in found.seats:
        actor = found.actor_in(seat.slug)
        assert actor, "one's own seat"
        rows = db.session.execute(
            select(Recommendation.key, Recommendation.symbol, Wait.task, is_news(person), Wait.person_id)
            .select_from(Wait)
            .join(Recommendation, Recommendation.id == Wait.recommendation_id)
            .where(reaches(person, at), Wait.task_force_id == seat.task_force_id)
            .where(Wait.task.not_in(NOT_TOLD), visible_items(actor))
            .order_by(is_news(person).desc(), Wait.since, Wait.recommendation_id)
            .limit(MOST)
        )
        each = tuple(
            Awaited(key, symbol, Task(task), bool(news), is_lent=whose != person_id)
            for key, symbol, task, news, whose in rows
        )
        if each:
            awaited.append((seat, each))
    return Notice(found.language, tuple(awaited))


def choice(person_id: int) -> Notices:
    """When somebody is mailed about what waits for them."""
    return Notices(db.session.execute(select(Person.notices).where(Person.id == person_id)).scalar_one())

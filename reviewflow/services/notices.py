"""Mails that something waits: to whom it does, when they chose, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, insert, literal, or_, select, update

from reviewflow.domain.notices import LASTS, Notices, next_notice
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.notices import ToldWait
from reviewflow.persistence.models.recommendations import Wait
from reviewflow.queries.credentials import can_sign_in
from reviewflow.queries.notices import Notice, choice, has_news, notice, reaches
from reviewflow.services import outbox
from reviewflow.services.accounts import refuse_unknown
from reviewflow.services.transaction import Work, transaction

_PEOPLE, _TOLD, _WAITS = table_of(Person), table_of(ToldWait), table_of(Wait)


def choose(person_id: int, wanted: str) -> None:
    """Mail somebody about what waits for them as they want; what waits already stands before their eyes.

    Raises `InvalidInput`.
    """
    refuse_unknown("notices", wanted, tuple(Notices))
    with transaction() as work:
        if choice(person_id) is not Notices(wanted):
            work.session.execute(
                update(_PEOPLE).where(_PEOPLE.c.id == person_id).values(notices=wanted, notice_at=None)
            )
            _note_told(work, person_id)


def put_due(written: Callable[[Notice], tuple[str, str]]) -> int:
    """Put what is due into the outbox; how many mails. `written(notice)` is the subject and the text.

    A mail and the note of what it tells are one transaction, so neither another worker nor one that starts
    again after it died tells it a second time.
    """
    put = 0
    while (made := _put_next(written)) is not None:
        put += made
    return put


def _put_next(written: Callable[[Notice], tuple[str, str]]) -> int | None:
    """Look after the next person whose time has come: 1 for a mail, 0 for none; None if nobody's has."""
    with transaction() as work:
        due = (
            select(_PEOPLE.c.id, _PEOPLE.c.email, _PEOPLE.c.time_zone, _PEOPLE.c.notices, _PEOPLE.c.notice_at)
            .where(
                _PEOPLE.c.notices != Notices.NEVER,
                can_sign_in(),  # A guest could not open what the mail leads to.
                or_(_PEOPLE.c.notice_at.is_(None), _PEOPLE.c.notice_at <= work.now),
                or_(_PEOPLE.c.notices == Notices.DAILY, has_news(_PEOPLE.c.id, work.now)),
            )
            .order_by(_PEOPLE.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
        )
        person = work.session.execute(due).one_or_none()
        if person is None:
            return None
        wanted = Notices(person.notices)
        work.session.execute(
            update(_PEOPLE)
            .where(_PEOPLE.c.id == person.id)
            .values(notice_at=next_notice(wanted, person.time_zone, work.now))
        )
        if wanted is Notices.DAILY and person.notice_at is None:
            return 0  # the first morning is still to come
        told = notice(person.id)
        _note_told(work, person.id)
        if not told.news:
            return 0
        outbox.put(work, person.email, *written(told), work.now + LASTS)
        return 1


def _note_told(work: Work, person_id: int) -> None:
    """What waits for a person now is no news from here on."""
    work.session.execute(delete(_TOLD).where(_TOLD.c.person_id == person_id))
    columns = ("person_id", "recommendation_id", "task", "since")
    person = literal(person_id)
    waits = select(person, *(_WAITS.c[name] for name in columns[1:])).where(reaches(person, work.now))
    work.session.execute(insert(_TOLD).from_select(columns, waits))

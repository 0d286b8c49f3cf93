"""The silence procedure: begun, extended or refused by leads, broken by words, ended by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from reviewflow.domain.actors import Actor, the_clock
from reviewflow.domain.errors import ConcurrentChange, InvalidInput
from reviewflow.domain.text import canonical_text
from reviewflow.domain.workflow import Act, Action, Event, decide
from reviewflow.gateways import clock
from reviewflow.gateways.calendars import working_days
from reviewflow.persistence.db import db
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.silence import SilenceRow
from reviewflow.queries.silence import capitals_of
from reviewflow.services import procedure
from reviewflow.services.transaction import transaction

#: Nobody is silent for a season: a later instant is a slip of the pen.
LONGEST = timedelta(days=60)


def propose_silence(actor: Actor, key: str, version: int, until: datetime | None) -> Event:
    """Propose that a version is agreed to if nobody speaks before `until`; this is the group's consent too.

    Raises what `decide` raises, and `InvalidInput` for an instant that leaves a capital no working day.
    """
    return _consent(actor, key, Act(Action.PROPOSE_SILENCE, version, until=until))


def accept_silence(actor: Actor, key: str, version: int, until: datetime | None) -> Event:
    """Consent for the actor's group to the proposed instant; silence runs once every group has."""
    return procedure.perform(actor, key, Act(Action.ACCEPT_SILENCE, version, until=until))


def refuse_silence(actor: Actor, key: str, version: int, reason: str = "") -> Event:
    """Say that the actor's group does not want silence, before it runs."""
    return procedure.perform(actor, key, Act(Action.REFUSE_SILENCE, version, canonical_text(reason)))


def extend_silence(actor: Actor, key: str, version: int, until: datetime | None) -> Event:
    """Consent for the actor's group to a later instant, which is in force once every group has."""
    return _consent(actor, key, Act(Action.EXTEND_SILENCE, version, until=until))


def _consent(actor: Actor, key: str, act: Act) -> Event:
    """A consent to an instant that the actor chose; the rules are asked first, then the calendars."""
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        event = procedure.decided(work, actor, loaded, act)
        silence = loaded.item.silence
        assert event.until
        _check(actor, silence.until if silence else work.now, event.until, work.now)
        procedure.carry_out(work, loaded, event)
    return event


def _check(actor: Actor, start: datetime, until: datetime, now: datetime) -> None:
    """Every capital has a working day from `start` to `until`, which is a full minute and not too far."""
    if until.second or until.microsecond or until - now > LONGEST:
        raise InvalidInput(field="until", problem="no_such_instant")
    if not all(working_days(start, until, capital) for capital in capitals_of(actor)):
        raise InvalidInput(field="until", problem="no_working_day")


def due(at: datetime) -> list[tuple[int, str]]:
    """The texts whose silence, or the proposal of one, is over and not yet recorded, the longest over first.

    Each by task force and key.
    """
    rows = db.session.execute(
        select(Recommendation.task_force_id, Recommendation.key)
        .join(SilenceRow, SilenceRow.recommendation_id == Recommendation.id)
        .where(SilenceRow.ended_at.is_(None), SilenceRow.until <= at)
        .order_by(SilenceRow.until, SilenceRow.id)
    ).all()
    db.session.rollback()
    return [(task_force, key) for task_force, key in rows]


def expire_silence(task_force_id: int, key: str) -> Event | None:
    """Record that silence is over, with every counterpart's agreement; None if it had been recorded.

    Where not every lead had consented by the instant, nothing has run, and the proposal lapses.
    Raises `ConcurrentChange`; then nothing is written, and it is to be tried again.
    """
    with transaction() as work:
        loaded = procedure.lock(work, the_clock(task_force_id), key)
        silence = loaded.item.silence
        if silence is None or work.now < silence.until:
            return None
        action = Action.EXPIRE_SILENCE if silence.running else Action.LAPSE_SILENCE
        act = Act(action, loaded.item.head.number, at=work.now)
        event = decide(the_clock(task_force_id), loaded.item, act)
        procedure.carry_out(work, loaded, event)
    return event


def expire_due() -> int:
    """Record every silence that is over or lapsed, also while nothing ran; how many it were."""
    recorded = 0
    for task_force_id, key in due(clock.now()):
        try:
            recorded += expire_silence(task_force_id, key) is not None
        except ConcurrentChange:
            continue
    return recorded

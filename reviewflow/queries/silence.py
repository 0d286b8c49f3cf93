"""A silence procedure as its item's page shows it, and the instants at which one could end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from reviewflow.domain.actors import Actor
from reviewflow.gateways.calendars import Capital, expiries
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import WorkingGroup
from reviewflow.persistence.repository import Loaded

#: In how many working days silence may end; 24 to 72 hours are usual in the OSCE.
WORKING_DAYS = (1, 2, 3, 4, 5, 7, 10)


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A lead's consent for a group to an instant."""

    group_id: int
    person_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class SilenceView:
    """An open silence procedure: proposed, `running`, or its instant `over` and that not yet recorded.

    `lacking` are the groups whose consent is asked for, `later` the later ends asked for while it runs.
    """

    until: datetime
    running: bool
    over: bool
    consents: tuple[ConsentLine, ...]
    lacking: tuple[int, ...]
    later: tuple[datetime, ...]

    def consenting(self, until: datetime) -> tuple[ConsentLine, ...]:
        """The consents to one instant."""
        return tuple(line for line in self.consents if line.until == until)


def silence_view(loaded: Loaded, now: datetime) -> SilenceView | None:
    """The open silence procedure of a loaded item; None if there is none."""
    item = loaded.item
    silence = item.silence
    if silence is None:
        return None
    given = sorted(loaded.consents.items(), key=lambda pair: (pair[0].until, pair[0].group_id))
    return SilenceView(
        until=silence.until,
        running=silence.running,
        over=silence.until <= now,
        consents=tuple(ConsentLine(c.group_id, person, c.until) for c, person in given),
        lacking=silence.lacking(item.groups),
        later=silence.asked_for() if silence.running else (),
    )


def capitals_of(actor: Actor) -> Sequence[Capital]:
    """The capitals of the task force, the actor's own first."""
    rows = db.session.execute(
        select(WorkingGroup.time_zone, WorkingGroup.holiday_country)
        .where(WorkingGroup.task_force_id == actor.task_force_id)
        .order_by(WorkingGroup.id != actor.group_id, WorkingGroup.ordinal)
    )
    return [Capital(zone, country) for zone, country in rows]


def possible_ends(actor: Actor, start: datetime) -> tuple[tuple[int, datetime], ...]:
    """(working days, instant) of each end that a lead can choose, counted from `start`."""
    return expiries(start, capitals_of(actor), WORKING_DAYS)

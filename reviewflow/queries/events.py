"""What happened to one recommendation, as far as an actor may see it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Stand
from reviewflow.domain.items import State
from reviewflow.domain.standings import STEPS, leading_to, step_of, stopped_by
from reviewflow.domain.workflow import RULES
from reviewflow.persistence.models.audit import EventRow
from reviewflow.queries.visible import visible_events

#: The acts that lead to another state.
_MOVES = tuple(rule.action for rule in RULES.values() if rule.to)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event; `principal` is in whose name the actor did it, if not in their own.

    `thread` is the key of the one that it is about, if it is about one;
    `mark` is its hash, by which a page names the last one that it has told.
    """

    mark: str
    name: str
    actor_id: int | None
    at: datetime
    version: int | None
    reason: str
    stand: Stand | None
    internal: bool
    principal: int | None = None
    thread: str = ""


def newest_events(session: Session, actor: Actor, item_id: int, last: int = 0) -> tuple[Happened, ...]:
    """The last events that the actor may see and, older than these, the newest of each move.

    The newest first, in one statement.
    """
    seen = (EventRow.recommendation_id == item_id, visible_events(actor))
    moves = (
        select(func.max(EventRow.sequence)).where(*seen, EventRow.name.in_(_MOVES)).group_by(EventRow.name)
    )
    latest = select(EventRow.sequence).where(*seen).order_by(EventRow.sequence.desc()).limit(last)
    rows = session.scalars(
        select(EventRow)
        .where(*seen, or_(EventRow.sequence.in_(moves), EventRow.sequence.in_(latest)))
        .order_by(EventRow.sequence.desc())
    )
    return tuple(happened(row) for row in rows)


def stop(newest: Sequence[Happened], state: State) -> Happened | None:
    """The event that stopped an item in its state; `newest` is what `newest_events` gives."""
    return _last(newest, stopped_by(state))


def passed(newest: Sequence[Happened], state: State) -> dict[State, datetime]:
    """When the steps before a state were reached last, as far as the reader may know."""
    reached = {step: _last(newest, leading_to(step)) for step in STEPS[: step_of(state)]}
    return {step: event.at for step, event in reached.items() if event is not None}


def _last(newest: Sequence[Happened], names: tuple[str, ...]) -> Happened | None:
    return next((event for event in newest if event.name in names), None)


def happened(row: EventRow) -> Happened:
    """An event, from its row."""
    data = json.loads(row.data)
    stand = Stand(data["stand"]) if "stand" in data else None
    reason, internal = data.get("reason", ""), row.internal_to is not None
    return Happened(
        mark=row.hash,
        name=row.name,
        actor_id=row.actor_id,
        at=row.at,
        version=row.version_number,
        reason=reason,
        stand=stand,
        internal=internal,
        principal=data.get("for"),
        thread=data.get("thread", ""),
    )

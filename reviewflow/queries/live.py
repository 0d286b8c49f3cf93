"""What an open page of a recommendation has not told yet, and who else is at it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import NotFound
from reviewflow.domain.presence import Presence
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.presence import PresenceRow
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.queries.events import Happened, happened
from reviewflow.queries.visible import shown_number, visible_events, visible_items
from reviewflow.queries.waiting import Subject

#: More at once nobody reads: the page is opened anew then.
MOST = 20


@dataclass(frozen=True, slots=True)
class Live:
    """An item as it stands: `mark` is the hash of the newest event that the actor may see.

    `subject` has no title, which nobody asks for here.
    """

    item_id: int
    subject: Subject
    mark: str
    presences: tuple[Presence, ...]


def live(actor: Actor, key: str) -> Live:
    """Where an item stands, in two statements. Raises `NotFound`."""
    session = db.session()
    newest = (
        select(EventRow.hash)
        .where(EventRow.recommendation_id == Recommendation.id, visible_events(actor))
        .order_by(EventRow.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = session.execute(
        select(
            Recommendation.id,
            Recommendation.group_id,
            Recommendation.symbol,
            shown_number(actor).label("version"),
            newest.label("mark"),
        ).where(Recommendation.key == key, visible_items(actor))
    ).one_or_none()
    if row is None:
        raise NotFound()
    presences = session.execute(
        select(PresenceRow.person_id, PresenceRow.seen_at, PresenceRow.wrote_at)
        .where(PresenceRow.recommendation_id == row.id)
        .order_by(PresenceRow.person_id)
    )
    return Live(
        row.id,
        Subject(key, row.group_id, row.symbol, "", row.version),
        row.mark,
        tuple(Presence(person, seen_at, wrote_at) for person, seen_at, wrote_at in presences),
    )


def events_since(actor: Actor, item_id: int, mark: str) -> tuple[Happened, ...]:
    """What the actor may see of an item since the event with the hash `mark`, the oldest first.

    One statement. Of an event that is not there, it is the last `MOST`.
    """
    own = EventRow.recommendation_id == item_id
    since = select(EventRow.sequence).where(own, EventRow.hash == mark).scalar_subquery()
    rows = db.session.scalars(
        select(EventRow)
        .where(own, visible_events(actor), EventRow.sequence > func.coalesce(since, 0))
        .order_by(EventRow.sequence.desc())
        .limit(MOST)
    ).all()
    return tuple(happened(row) for row in reversed(rows))

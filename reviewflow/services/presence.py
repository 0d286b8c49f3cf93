"""Writing down who is at a text."""

from __future__ import annotations

from sqlalchemy import bindparam, text

from reviewflow.domain.presence import GONE_AFTER
from reviewflow.persistence.db import Instant, forgetting, table_of
from reviewflow.persistence.models.presence import PresenceRow
from reviewflow.services.transaction import transaction

_PRESENCES = table_of(PresenceRow)
_NOTE = text(
    "INSERT INTO presences (recommendation_id, person_id, seen_at, wrote_at)"
    " VALUES (:item, :person, :at, :wrote_at) ON CONFLICT (recommendation_id, person_id) DO UPDATE"
    " SET seen_at = excluded.seen_at, wrote_at = coalesce(excluded.wrote_at, presences.wrote_at)"
).bindparams(bindparam("at", type_=Instant), bindparam("wrote_at", type_=Instant))


def note_presence(person_id: int, item_id: int, *, writes: bool) -> None:
    """Somebody's page of an item is open, and they may be writing on it; who has left is forgotten."""
    with transaction() as work:
        work.session.execute(forgetting(_PRESENCES, _PRESENCES.c.seen_at < work.now - GONE_AFTER))
        work.session.execute(
            _NOTE,
            {
                "item": item_id,
                "person": person_id,
                "at": work.now,
                "wrote_at": work.now if writes else None,
            },
        )

"""Who is at a text right now: reading it, or writing on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: An open page says so this often; in between, reading writes nothing.
NOTED_EVERY = timedelta(seconds=10)
#: Who has not been heard of for longer has left: two notes may be late.
GONE_AFTER = timedelta(seconds=30)
#: So long after the last letter somebody still writes.
WRITES_FOR = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Presence:
    """When a person's page of a text was heard of last, and when they last wrote on it."""

    person_id: int
    seen_at: datetime
    wrote_at: datetime | None = None

    def is_here(self, at: datetime) -> bool:
        """Whether the person is still at the text."""
        return at - self.seen_at <= GONE_AFTER

    def is_writing(self, at: datetime) -> bool:
        """Whether they write."""
        return self.wrote_at is not None and self.is_here(at) and at - self.wrote_at <= WRITES_FOR


def wants_noting(known: Presence | None, *, writes: bool, at: datetime) -> bool:
    """Whether to write down that somebody's page was heard of; writing is told at once."""
    if known is None or at - known.seen_at >= NOTED_EVERY:
        return True
    return writes and not known.is_writing(at)

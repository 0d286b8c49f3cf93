"""The chain of events: each carries the hash of the one before it, one chain a task force (rule 6).

An event has two halves. What may be `shown` to the public enters the hash openly; the rest enters as
SHA-256 over a salt that is never given away, so that an evidence pack can show the one half, prove that it
belongs to the event, and betray nothing of the other (ADR 15). Events without a salt were written before
that: their hash covers everything at once, and none of them can be shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from reviewflow.domain.manifest import canonical_json

#: What the first event of a chain names as the hash before it.
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """One event as it is chained. `at` is an aware instant; `data` holds plain JSON values."""

    sequence: int
    task_force: str
    item: str | None
    event: str
    actor_id: int | None
    at: datetime
    version: int | None
    digest: str | None
    data: Mapping[str, object]
    previous: str
    #: 64 random hexadecimal digits, None in the older form.
    salt: str | None = None
    shown: Mapping[str, object] | None = None

    def hash(self) -> str:
        """SHA-256 of the link's canonical JSON, in hexadecimal."""
        if self.salt is None:
            return _sha256(self._everything())
        return _sha256({"kept": self.kept(), "shown": self.shown})

    def kept(self) -> str:
        """What stands for the half that is not shown."""
        return _sha256({**self._everything(), "salt": self.salt})

    def _everything(self) -> dict[str, object]:
        return {
            "sequence": self.sequence,
            "task_force": self.task_force,
            "item": self.item,
            "event": self.event,
            "actor": self.actor_id,
            "at": instant_text(self.at),
            "version": self.version,
            "digest": self.digest,
            "data": self.data,
            "previous": self.previous,
        }


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def instant_text(at: datetime) -> str:
    """An aware instant as UTC text with microseconds, `2009-10-14T09:05:00.000000Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def first_break(chain: Iterable[tuple[Link, str]]) -> int | None:
    """The sequence number of the first (link, stored hash) that does not fit, or None if all do."""
    previous, expected = GENESIS, 1
    for link, stored in chain:
        if link.sequence != expected or link.previous != previous or link.hash() != stored:
            return expected
        previous, expected = stored, expected + 1
    return None

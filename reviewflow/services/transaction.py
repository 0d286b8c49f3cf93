"""The one place that commits: rows and their events, in one transaction or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from reviewflow.domain.audit import GENESIS, Link
from reviewflow.domain.errors import ConcurrentChange
from reviewflow.domain.manifest import canonical_json
from reviewflow.domain.steps import Step, shown_of
from reviewflow.gateways import clock
from reviewflow.persistence.db import WRITES, db, table_of, turn_to_write
from reviewflow.persistence.models.audit import ChainHead, EventRow


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to append. `internal_to` is the only group that may see it, None is everybody.

    `step` says who acted, where the event is one of the steps that decide an item.
    """

    name: str
    task_force_id: int
    task_force: str
    actor_id: int | None
    item_id: int | None = None
    item_key: str | None = None
    version: int | None = None
    digest: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    internal_to: int | None = None
    step: Step | None = None


@dataclass(slots=True)
class Work:
    """One transaction: the session that writes, the instant it happens at, the events it appends."""

    session: Session
    now: datetime
    entries: list[Entry] = field(default_factory=list)

    def record(self, entry: Entry) -> None:
        """Remember an event; it is chained just before the commit, under the chain's lock."""
        self.entries.append(entry)


@contextmanager
def transaction() -> Iterator[Work]:
    """Open a writing transaction, and commit it with its events when the block ends.

    On SQLite it holds the write lock from its first statement. Whatever the request has read
    before is forgotten. Raises `ConcurrentChange` where the database refused a simultaneous write;
    on every error nothing is written.
    """
    session = db.session()
    session.close()
    with turn_to_write():
        yield from _committed(session)


def _committed(session: Session) -> Iterator[Work]:
    """The work of `transaction`, and its end: all of it or nothing."""
    try:
        session.connection(execution_options={WRITES: True})
        work = Work(session, clock.now())
        yield work
        session.flush()
        _append(work)
        session.commit()
    except (IntegrityError, OperationalError) as error:
        session.rollback()
        if _is_conflict(error):
            raise ConcurrentChange() from error
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.expunge_all()


#: SQLSTATE of unique violation, serialization failure, deadlock and lock not available.
_CONFLICTS = frozenset({"23505", "40001", "40P01", "55P03"})


def _is_conflict(error: DBAPIError) -> bool:
    """Whether the database refused a simultaneous write, and not something else."""
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _CONFLICTS
    message = str(error.orig)
    return "UNIQUE constraint failed" in message or "database is locked" in message


_HEADS, _EVENTS = table_of(ChainHead), table_of(EventRow)
_OF_TASK_FORCE = _HEADS.c.task_force_id == bindparam("of_task_force")
_STEPS = select(_EVENTS).where(
    _EVENTS.c.recommendation_id == bindparam("of_item"), _EVENTS.c.step.is_not(None)
)
_LAST_STEP = _STEPS.order_by(_EVENTS.c.step.desc()).limit(1)
#: Where an item's steps have got to: the first one's salt, how many, and the last one's hash.
_TRAIL = (
    _STEPS.with_only_columns(_EVENTS.c.salt).where(_EVENTS.c.step == 1).scalar_subquery(),
    _LAST_STEP.with_only_columns(_EVENTS.c.step).scalar_subquery(),
    _LAST_STEP.with_only_columns(_EVENTS.c.hash).scalar_subquery(),
)
#: The head under its lock, and the trail of one item, whose own lock keeps others from adding to it.
_HEAD = select(_HEADS.c.sequence, _HEADS.c.hash, *_TRAIL).where(_OF_TASK_FORCE).with_for_update(of=_HEADS)
_TRAIL_OF_ITEM = select(*_TRAIL)
_NEW_HEAD = update(_HEADS).where(_OF_TASK_FORCE)
_EVENT = insert(_EVENTS)
_FIRST_HEAD = text(
    "INSERT INTO chain_heads (task_force_id, sequence, hash) VALUES (:task_force_id, 0, :hash)"
    " ON CONFLICT DO NOTHING"
)


def _append(work: Work) -> None:
    """Chain the events. The head's lock is taken last, so that nobody waits for it longer than this."""
    if not work.entries:
        return
    task_force_id = work.entries[0].task_force_id
    of = {"of_task_force": task_force_id}
    item = next((entry.item_id for entry in work.entries if entry.step), None)
    asked = {**of, "of_item": item}
    found = work.session.execute(_HEAD, asked).one_or_none()
    if found is None:
        # The first event of a task force: whoever comes second finds the row of the first.
        work.session.execute(_FIRST_HEAD, {"task_force_id": task_force_id, "hash": GENESIS})
        found = work.session.execute(_HEAD, asked).one()
    sequence, previous, *steps = found
    rows = []
    trails = {item: _Trail.of(*steps)} if item else {}
    for entry in work.entries:
        sequence += 1
        salt = secrets.token_hex(32)
        trail = _trail_of(work.session, trails, entry.item_id) if entry.step and entry.item_id else None
        shown = trail.next(entry, salt, work.now) if trail else None
        link = Link(
            sequence=sequence,
            task_force=entry.task_force,
            item=entry.item_key,
            event=entry.name,
            actor_id=entry.actor_id,
            at=work.now,
            version=entry.version,
            digest=entry.digest,
            data=entry.data,
            previous=previous,
            salt=salt,
            shown=shown,
        )
        hashed = link.hash()
        if trail:
            trail.last = hashed
        rows.append(
            {
                "task_force_id": task_force_id,
                "sequence": sequence,
                "recommendation_id": entry.item_id,
                "name": entry.name,
                "actor_id": entry.actor_id,
                "at": work.now,
                "version_number": entry.version,
                "digest": entry.digest,
                "data": canonical_json(entry.data).decode(),
                "internal_to": entry.internal_to,
                "previous": previous,
                "hash": hashed,
                "salt": salt,
                "step": trail.number if trail else None,
                "shown": canonical_json(shown).decode() if trail else None,
            }
        )
        previous = hashed
    work.session.execute(_EVENT, rows)
    work.session.execute(_NEW_HEAD, {**of, "sequence": sequence, "hash": previous})


@dataclass(slots=True)
class _Trail:
    """The steps of one item so far: the first one's salt (its secret), how many, and the last one's hash."""

    secret: str = ""
    number: int = 0
    last: str = ""

    @classmethod
    def of(cls, secret: str | None, number: int | None, last: str | None) -> _Trail:
        """What the database says of it; nothing where there is no step yet."""
        return cls(secret or "", number or 0, last or "")

    def next(self, entry: Entry, salt: str, at: datetime) -> dict[str, object]:
        """What is shown of the step that follows."""
        assert entry.step
        self.secret = self.secret or salt
        self.number += 1
        return shown_of(
            entry.step,
            number=self.number,
            before=self.last,
            secret=self.secret,
            task_force=entry.task_force,
            event=entry.name,
            actor_id=entry.actor_id,
            at=at,
            version=entry.version,
            digest=entry.digest,
            data=entry.data,
        )


def _trail_of(session: Session, trails: dict[int, _Trail], item_id: int) -> _Trail:
    """Where the steps of an item have got to; it is asked for where an act is about several items."""
    if item_id not in trails:
        trails[item_id] = _Trail.of(*session.execute(_TRAIL_OF_ITEM, {"of_item": item_id}).one())
    return trails[item_id]

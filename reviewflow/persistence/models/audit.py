"""The append-only chain of events of each task force, and the one row that is its head."""

import json
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.domain.audit import Link
from reviewflow.persistence.db import Base, Instant


class EventRow(Base):
    """One event. A fork can't be stored: the previous hash is unique within a task force.

    `data` is canonical JSON text; `internal_to` names the one group that may see it, None is everybody.
    `salt` is secret for ever, and None in events of the older form (domain/audit.py). `step` counts the
    steps of the item (domain/steps.py), and `shown` is the canonical JSON text of what the public may see
    of one; both are None in an event that is no step.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("task_force_id", "sequence"),
        UniqueConstraint("task_force_id", "previous"),
        Index("uq_events_step", "recommendation_id", "step", unique=True),
        Index("ix_events_recommendation", "recommendation_id", "sequence"),
        Index("ix_events_news", "task_force_id", "internal_to", "sequence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"))
    sequence: Mapped[int]
    recommendation_id: Mapped[int | None] = mapped_column(ForeignKey("recommendations.id"))
    name: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    version_number: Mapped[int | None]
    digest: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[str] = mapped_column(Text)
    internal_to: Mapped[int | None] = mapped_column(ForeignKey("working_groups.id"))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    salt: Mapped[str | None] = mapped_column(String(64))
    step: Mapped[int | None]
    shown: Mapped[str | None] = mapped_column(Text)

    def link(self, task_force: str, item: str | None) -> Link:
        """The event as it was chained, given the slug of its task force and the key of its item."""
        return Link(
            sequence=self.sequence,
            task_force=task_force,
            item=item,
            event=self.name,
            actor_id=self.actor_id,
            at=self.at,
            version=self.version_number,
            digest=self.digest,
            data=json.loads(self.data),
            previous=self.previous,
            salt=self.salt,
            shown=json.loads(self.shown) if self.shown else None,
        )


class ChainHead(Base):
    """The last event's number and hash. Locked last in a transaction, so that the chain can't fork."""

    __tablename__ = "chain_heads"

    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))

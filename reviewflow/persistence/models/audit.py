"""The append-only chain of events of each task force, and the one row that is its head."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class EventRow(Base):
    """One event. A fork can't be stored: the previous hash is unique within a task force.

    `data` is canonical JSON text; `internal_to` names the one group that may see it, None is everybody.
    """

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("task_force_id", "sequence"),
        UniqueConstraint("task_force_id", "previous"),
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


class ChainHead(Base):
    """The last event's number and hash. Locked last in a transaction, so that the chain can't fork."""

    __tablename__ = "chain_heads"

    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))

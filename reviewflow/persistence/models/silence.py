"""Silence procedures, and the leads' consents to their instants."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant, partial_index


class SilenceRow(Base):
    """One silence procedure on one text: proposed, running from `started_at`, over at `until` or before.

    `until` is the instant that all groups' leads have consented to, and before that the proposed one.
    """

    __tablename__ = "silences"
    __table_args__ = (
        CheckConstraint("outcome IN ('adopted', 'broken', 'refused', 'withdrawn')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
        # One at a time on a text, also when two leads propose in the same instant.
        partial_index("uq_silences_open", "recommendation_id", unique=True, where="ended_at IS NULL"),
        partial_index("ix_silences_due", "until", where="ended_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    round: Mapped[int]
    version_number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    outcome: Mapped[str | None] = mapped_column(String(12))


class SilenceConsent(Base):
    """A lead's consent for a group that silence lasts until an instant; append-only."""

    __tablename__ = "silence_consents"
    __table_args__ = (UniqueConstraint("silence_id", "group_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    silence_id: Mapped[int] = mapped_column(ForeignKey("silences.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    until: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)

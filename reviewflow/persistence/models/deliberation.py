"""Ballots, positions, agreements, approvals (all append-only), and the threads of discussion."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class BallotRow(Base):
    """A ballot of one counterpart group, opened with a round."""

    __tablename__ = "ballots"
    __table_args__ = (UniqueConstraint("recommendation_id", "group_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    round: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(Instant)


class BallotVoter(Base):
    """One name on a ballot's frozen roster."""

    __tablename__ = "ballot_voters"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballots.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)


class PositionRow(Base):
    """One member's stand, as it was taken; the newest of a member is the current one."""

    __tablename__ = "positions"
    __table_args__ = (
        CheckConstraint("stand IN ('approve', 'no_objection', 'object', 'abstain', 'recuse')", name="stand"),
        CheckConstraint("stand <> 'object' OR length(reason) > 0", name="objection_reason"),
        Index("ix_positions_recommendation", "recommendation_id", "group_id", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    round: Mapped[int]
    version_number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    stand: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    taken_at: Mapped[datetime] = mapped_column(Instant)


class AgreementRow(Base):
    """A counterpart group's agreement: once a round, on one digest."""

    __tablename__ = "agreements"
    __table_args__ = (UniqueConstraint("recommendation_id", "group_id", "round", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    round: Mapped[int]
    version_number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    agreed_at: Mapped[datetime] = mapped_column(Instant)


class ApprovalRow(Base):
    """The coordinator's approval for dissemination: once a round, on one digest."""

    __tablename__ = "approvals"
    __table_args__ = (UniqueConstraint("recommendation_id", "round", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    round: Mapped[int]
    version_number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    approved_at: Mapped[datetime] = mapped_column(Instant)


class Thread(Base):
    """A discussion on a document or one of its paragraphs; `internal` ones stay in `group_id`.

    `group_id` is the opener's group, None for the coordinator. `quote` keeps the paragraph's words.
    """

    __tablename__ = "threads"
    __table_args__ = (
        CheckConstraint("NOT internal OR group_id IS NOT NULL", name="internal_group"),
        Index("ix_threads_recommendation", "recommendation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("working_groups.id"))
    internal: Mapped[bool]
    version_number: Mapped[int]
    paragraph: Mapped[int | None]
    quote: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Comment(Base):
    """One contribution to a thread."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)

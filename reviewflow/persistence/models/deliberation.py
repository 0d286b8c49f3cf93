"""Ballots, positions, agreements, approvals (all append-only), threads, their places, and suggestions."""

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
    """One member's stand, as it was taken; the newest of a member is the current one.

    `recorded_by` is the lead who entered a position that its member gave by other `means` (a telephone
    call, a letter); both are empty where the member entered it. `stand_in_id` is who entered it in the name
    of the member, or of that lead.
    """

    __tablename__ = "positions"
    __table_args__ = (
        CheckConstraint(
            "stand IN ('approve', 'no_objection', 'object', 'abstain', 'recuse', 'withdrawn')", name="stand"
        ),
        CheckConstraint("(recorded_by IS NULL) = (length(means) = 0)", name="recorded_means"),
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
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    means: Mapped[str] = mapped_column(String(200), default="", server_default="")
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class AgreementRow(Base):
    """A counterpart group's agreement: once a round, on one digest.

    Where a silence procedure expired unbroken, `silence_id` names it, and `person_id` is the lead who
    accepted it for the group. `stand_in_id` is who agreed in the name of the lead.
    """

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
    silence_id: Mapped[int | None] = mapped_column(ForeignKey("silences.id"))
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


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
    """A discussion on a document, a paragraph or words of it; `internal` ones stay in `group_id`.

    `group_id` is the opener's group, None for the coordinator. `kind` is `comment`, `concern` (it must be
    answered before the opener's group can agree) or `suggestion` (it has a row in `suggestions`).
    The anchor as it was set: the words `quote` at `[start_at:end_at]` (characters) of block `paragraph`
    (from 1) of `field` (title, summary, text or rationale) in `language` of version `version_number`; all
    None for the whole document. Where the words stand in later versions, always of the same field, is in
    `placements`. `outcome` is how a concern ended.
    """

    __tablename__ = "threads"
    __table_args__ = (
        CheckConstraint("NOT internal OR group_id IS NOT NULL", name="internal_group"),
        CheckConstraint("field IN ('title', 'summary', 'text', 'rationale')", name="field"),
        Index("ix_threads_recommendation", "recommendation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("working_groups.id"))
    kind: Mapped[str] = mapped_column(String(12), default="comment", server_default="comment")
    internal: Mapped[bool]
    version_number: Mapped[int]
    language: Mapped[str | None] = mapped_column(String(8))
    field: Mapped[str] = mapped_column(String(12), default="text", server_default="text")
    paragraph: Mapped[int | None]
    start_at: Mapped[int | None]
    end_at: Mapped[int | None]
    quote: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    outcome: Mapped[str | None] = mapped_column(String(12))


class PlacementRow(Base):
    """Where a thread's words stand in one later version (domain/anchors.py), stored when it was made.

    `confirmed_by` is who looked at an approximate place and found it right.
    """

    __tablename__ = "placements"

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    version_number: Mapped[int] = mapped_column(primary_key=True)
    hold: Mapped[str] = mapped_column(String(12))
    paragraph: Mapped[int | None]
    start_at: Mapped[int | None]
    end_at: Mapped[int | None]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class SuggestionRow(Base):
    """What a thread proposes to put in the place of its words; `result_version` is what accepting it made.

    The words are never empty: new ones are suggested together with those beside them. An empty `after`
    takes the words out. `superseded`: others accepted made the text say the same. Whether the words of an
    open one still stand in a version is that version's placement, since not every version is everybody's.
    """

    __tablename__ = "suggestions"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'rejected', 'withdrawn', 'superseded')", name="state"),
    )

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), primary_key=True)
    after: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="open")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    result_version: Mapped[int | None]


class Comment(Base):
    """One contribution to a thread."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)

"""Follow-up of publications: responses of their addressees, and assessments of their implementation."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class ResponseRow(Base):
    """What an addressee answered to a publication; the rows of one addressee in the order of their ids."""

    __tablename__ = "follow_up_responses"
    __table_args__ = (
        CheckConstraint("kind IN ('supported', 'noted', 'already_under_way', 'under_consideration')", "kind"),
        CheckConstraint("(kind = 'under_consideration') = (until IS NOT NULL)", "until"),
        Index("ix_follow_up_responses_publication", "publication_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    addressee: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    until: Mapped[date | None]
    day: Mapped[date]
    words: Mapped[str] = mapped_column(Text)
    source_title: Mapped[str] = mapped_column(String(300))
    source_url: Mapped[str] = mapped_column(String(2000))
    is_correction: Mapped[bool]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class AssessmentRow(Base):
    """How far a publication was implemented as of a day, with the evidence."""

    __tablename__ = "follow_up_assessments"
    __table_args__ = (
        CheckConstraint(
            "implementation IN ('fully', 'mostly', 'partially', 'not', 'not_assessed')", "implementation"
        ),
        CheckConstraint("length(evidence) > 0", "evidence"),
        Index("ix_follow_up_assessments_publication", "publication_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    implementation: Mapped[str] = mapped_column(String(20))
    day: Mapped[date]
    evidence: Mapped[str] = mapped_column(Text)
    source_title: Mapped[str] = mapped_column(String(300))
    source_url: Mapped[str] = mapped_column(String(2000))
    is_correction: Mapped[bool]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)

"""Statements attached to a text: interpretative statements, reservations and dissents."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class StatementRow(Base):
    """What a group (`for_group`) or a member of it puts on record beside a text, never changing it.

    Those that were not withdrawn are attachments 1, 2, ... in the order of their ids.
    """

    __tablename__ = "statements"
    __table_args__ = (
        CheckConstraint("kind IN ('interpretative', 'reservation', 'dissent')", name="kind"),
        CheckConstraint("length(text) > 0", name="text"),
        Index("ix_statements_recommendation", "recommendation_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    for_group: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    version_number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

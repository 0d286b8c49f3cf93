"""Who is at a text right now."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class PresenceRow(Base):
    """A person's open page of a recommendation; no history of it is kept."""

    __tablename__ = "presences"
    __table_args__ = (Index("ix_presences_seen_at", "seen_at"),)

    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    wrote_at: Mapped[datetime | None] = mapped_column(Instant)

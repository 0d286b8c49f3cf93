"""What somebody has been mailed that it waits for them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class ToldWait(Base):
    """A row of `waits` as it was when its person was last mailed; one that is not here like this is news."""

    __tablename__ = "told_waits"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"), primary_key=True)
    task: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(Instant)

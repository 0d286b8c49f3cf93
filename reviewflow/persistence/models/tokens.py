"""Tokens of programs."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class TokenRow(Base):
    """A token; kept as the hash of its secret. One that is taken back is deleted: it never acted.

    `uses` counts the hour that began at `counted_since`. Of its last use only the day is kept.
    """

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"))
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    used_on: Mapped[date | None] = mapped_column(Date)
    uses: Mapped[int] = mapped_column(Integer, default=0)
    counted_since: Mapped[datetime | None] = mapped_column(Instant)

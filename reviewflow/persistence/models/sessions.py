"""Signed-in browsers."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class SessionRow(Base):
    """One session; `key` is the digest of what its cookie holds, so that the table opens no door.

    A session that has ended is deleted: nothing is done in its name any more.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    verified_at: Mapped[datetime] = mapped_column(Instant)
    device: Mapped[str] = mapped_column(String(80))

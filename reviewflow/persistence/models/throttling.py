"""Attempts to sign in, counted until one is right; forgotten after a day."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class SignInCount(Base):
    """Attempts by what they are counted by; `key` is a digest, since nobody needs the address in it."""

    __tablename__ = "sign_in_counts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempts: Mapped[int]
    shut_until: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)

"""Keys of one-time codes, and recovery codes."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class OneTimeKey(Base):
    """A person's key, sealed; it counts once a code of it has been typed (`confirmed_at`).

    `last_step` is the half minute of the code used last: no code counts twice.
    """

    __tablename__ = "one_time_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    last_step: Mapped[int]


class RecoveryCode(Base):
    """The digest of a recovery code; the row goes when the code is used."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)

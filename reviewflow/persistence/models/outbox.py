"""What is to leave the house, and the links that are on their way."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class MailRow(Base):
    """A mail that waits; its row goes when it is sent, or when it would come too late.

    `message_id` is the same in every attempt, so that a mail that arrives twice can be told to be one.
    """

    __tablename__ = "mails"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(80), unique=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(Instant)


class ResetLink(Base):
    """A link by which a forgotten password is replaced, once; kept as the hash of its secret."""

    __tablename__ = "reset_links"

    secret_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)

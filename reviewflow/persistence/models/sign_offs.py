"""Links by which guests sign off a text."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant, partial_index


class SignOffRow(Base):
    """A link to one guest about one version in one round, kept as the hash of its secret.

    `sent_to` is the address that it was mailed to. It ends once, and the database lets it end no second time;
    `position_id` is the position that was taken by it.
    """

    __tablename__ = "sign_offs"
    __table_args__ = (
        UniqueConstraint("secret_hash"),
        UniqueConstraint("position_id"),
        CheckConstraint("ending IN ('used', 'withdrawn', 'replaced')", name="ending"),
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended"),
        CheckConstraint("(ending IS NOT NULL AND ending = 'used') = (position_id IS NOT NULL)", name="used"),
        partial_index(
            "ix_sign_offs_open", "recommendation_id", "person_id", unique=True, where="ended_at IS NULL"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    round: Mapped[int]
    version_number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    secret_hash: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    sent_to: Mapped[str] = mapped_column(String(254))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ending: Mapped[str | None] = mapped_column(String(12))
    position_id: Mapped[int | None] = mapped_column(ForeignKey("positions.id"))

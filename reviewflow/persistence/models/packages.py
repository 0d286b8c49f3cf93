"""Package deals: items that are agreed together or not at all, and the leads' consents to them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant, partial_index


class PackageRow(Base):
    """What ties items together; `group_id` is the group whose lead tied them. It ends agreed or untied."""

    __tablename__ = "packages"
    __table_args__ = (
        CheckConstraint("outcome IN ('agreed', 'untied')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), index=True)
    title: Mapped[str] = mapped_column(String(400))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    tied_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    tied_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(12))


class PackageItem(Base):
    """One item in a package, until the package ends; nothing is in two at a time."""

    __tablename__ = "package_items"
    __table_args__ = (
        partial_index("uq_package_items_tied", "recommendation_id", unique=True, where="released_at IS NULL"),
    )

    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"), primary_key=True)
    released_at: Mapped[datetime | None] = mapped_column(Instant)


class PackageConsent(Base):
    """A lead's consent for a group to a whole package; append-only.

    `seal` says on which texts (domain/packages.py): any of them having changed or moved since, it no
    longer counts.
    """

    __tablename__ = "package_consents"
    __table_args__ = (UniqueConstraint("package_id", "group_id", "seal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    seal: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)

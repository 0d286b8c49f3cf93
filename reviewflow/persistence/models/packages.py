"""Package deals: items that are agreed together or not at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class PackageRow(Base):
    """What ties items together; `group_id` is the group whose lead tied them."""

    __tablename__ = "packages"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), index=True)
    title: Mapped[str] = mapped_column(String(400))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    tied_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    tied_at: Mapped[datetime] = mapped_column(Instant)


class PackageItem(Base):
    """One item in its package: the key says that nothing is in two."""

    __tablename__ = "package_items"

    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"), primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"), index=True)

"""Task forces, their working groups, and the people in them."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class TaskForce(Base):
    """One joint undertaking; everything belongs to exactly one.

    Under `chatham_house` the other side sees the group, not the person (product.md, Visibility).
    """

    __tablename__ = "task_forces"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    symbol_prefix: Mapped[str] = mapped_column(String(16), unique=True)
    description: Mapped[str] = mapped_column(String(2000), default="")
    disclaimer: Mapped[str] = mapped_column(String(2000), default="")
    notice: Mapped[str] = mapped_column(String(500), default="")
    chatham_house: Mapped[bool] = mapped_column(default=False, server_default=false())


class WorkingGroup(Base):
    """One side. `letter` marks its authorship in a shape; `ordinal` (1, 2, ...) chooses shape and hue."""

    __tablename__ = "working_groups"
    __table_args__ = (
        UniqueConstraint("task_force_id", "slug"),
        UniqueConstraint("task_force_id", "ordinal"),
        # What memberships refer to, so that a group of another task force can't be named.
        UniqueConstraint("id", "task_force_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"))
    slug: Mapped[str] = mapped_column(String(40))
    ordinal: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(60))
    letter: Mapped[str] = mapped_column(String(2))
    city: Mapped[str] = mapped_column(String(80))
    time_zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(8))
    holiday_country: Mapped[str] = mapped_column(String(2))


class Person(Base):
    """Somebody who can sign in. `language` is the one they read, of those that texts can stand in."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    #: As it was given: acts stand under it, and who has no other spelling is shown it.
    name: Mapped[str] = mapped_column(String(200))
    name_ru: Mapped[str] = mapped_column(String(200), default="", server_default="")
    name_kk: Mapped[str] = mapped_column(String(200), default="", server_default="")
    affiliation: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    language: Mapped[str] = mapped_column(String(8), default="en")
    #: When they are mailed about what waits for them (domain/notices.py), and the next time to look.
    notices: Mapped[str] = mapped_column(String(8), default="daily", server_default="daily")
    notice_at: Mapped[datetime | None] = mapped_column(Instant)


class Membership(Base):
    """A person's one role in a task force: nobody sits in two groups, a coordinator in none (rule 4).

    A seat that has ended stays, with `left_at`; its side never changes (see migration 0014).
    """

    __tablename__ = "memberships"
    __table_args__ = (
        ForeignKeyConstraint(
            ["group_id", "task_force_id"], ["working_groups.id", "working_groups.task_force_id"]
        ),
        CheckConstraint(
            "role IN ('lead', 'expert', 'observer', 'coordinator', 'administrator')", name="role"
        ),
        CheckConstraint("(role IN ('lead', 'expert', 'observer')) = (group_id IS NOT NULL)", name="one_side"),
    )

    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))
    group_id: Mapped[int | None]
    joined_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)


class Invitation(Base):
    """A seat offered to an address by a link that is used once; only the SHA-256 of its secret is kept."""

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(
            ["group_id", "task_force_id"], ["working_groups.id", "working_groups.task_force_id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), index=True)
    group_id: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(254))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    invited_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    #: When it was accepted, taken back or replaced by a newer one.
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class StandInRow(Base):
    """That `person_id` may act as `principal_id` from `since` until before `until`, unless it was ended.

    Both have a vote in the group. The row is only ever ended, once (see the migration).
    """

    __tablename__ = "stand_ins"
    __table_args__ = (
        ForeignKeyConstraint(
            ["task_force_id", "principal_id"], ["memberships.task_force_id", "memberships.person_id"]
        ),
        ForeignKeyConstraint(
            ["task_force_id", "person_id"], ["memberships.task_force_id", "memberships.person_id"]
        ),
        ForeignKeyConstraint(
            ["group_id", "task_force_id"], ["working_groups.id", "working_groups.task_force_id"]
        ),
        CheckConstraint("principal_id <> person_id", name="two_people"),
        CheckConstraint("since < until", name="period"),
        Index("ix_stand_ins_person", "task_force_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_force_id: Mapped[int]
    group_id: Mapped[int]
    principal_id: Mapped[int]
    person_id: Mapped[int]
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    named_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

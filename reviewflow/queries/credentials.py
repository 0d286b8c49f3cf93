"""What a person proves themselves with, and what others know who would guess it."""

from __future__ import annotations

from sqlalchemy import select

from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce, WorkingGroup


def known_about(person_id: int) -> tuple[str, ...]:
    """The words that are tried first to guess somebody's password: about them, and of their task forces."""
    rows = db.session.execute(
        select(
            Person.name,
            Person.email,
            Person.affiliation,
            TaskForce.name,
            TaskForce.slug,
            TaskForce.symbol_prefix,
            WorkingGroup.name,
            WorkingGroup.city,
        )
        .join(Membership, Membership.person_id == Person.id, isouter=True)
        .join(TaskForce, TaskForce.id == Membership.task_force_id, isouter=True)
        .join(WorkingGroup, WorkingGroup.task_force_id == TaskForce.id, isouter=True)
        .where(Person.id == person_id)
    ).all()
    return tuple(dict.fromkeys(word for row in rows for word in row if word))

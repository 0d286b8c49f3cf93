"""Who stands in for whom in a task force, now and later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from reviewflow.domain.actors import Actor, StandIn
from reviewflow.domain.permissions import About, Permission, allows
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Membership, Person, StandInRow, TaskForce
from reviewflow.queries.credentials import can_sign_in


@dataclass(frozen=True, slots=True)
class Lent:
    """One that runs or will; `id` is the number by which it is ended."""

    id: int
    group_id: int
    lent: StandIn


def stand_ins(actor: Actor, at: datetime) -> list[Lent]:
    """Those of the actor's task force that are not over, by their beginning.

    Under the Chatham House Rule the other side's are left out: without names they would say nothing.
    """
    rows = db.session.execute(
        select(StandInRow, TaskForce.chatham_house)
        .join(TaskForce, TaskForce.id == StandInRow.task_force_id)
        .where(
            StandInRow.task_force_id == actor.task_force_id,
            StandInRow.ended_at.is_(None),
            StandInRow.until > at,
        )
        .order_by(StandInRow.since, StandInRow.id)
    )
    return [
        Lent(row.id, row.group_id, StandIn(row.principal_id, row.person_id, row.since, row.until))
        for row, chatham_house in rows
        if not chatham_house
        or allows(Permission.READ_NAME, actor, About(row.task_force_id, group_id=row.group_id))
    ]


def guests(actor: Actor) -> frozenset[int]:
    """Who of the actor's group has no account, and so can act in nobody's name."""
    return frozenset(
        db.session.scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.task_force_id == actor.task_force_id,
                Membership.group_id == actor.group_id,
                ~can_sign_in(),
            )
        )
    )

"""The lock by which everybody who changes seats, or lends what belongs to one, waits for each other."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import NotFound
from reviewflow.domain.memberships import Seat
from reviewflow.persistence.models.accounts import Membership, TaskForce
from reviewflow.services.accounts import seat_of


def enter(session: Session, actor: Actor) -> TaskForce:
    """The actor's task force under the lock.

    Raises `NotFound` if their seat is another one by now, and where they act in another's name: seats are
    nothing that can be lent.
    """
    task_force = lock_task_force(session, actor.task_force_id)
    seat = seat_of(session.get(Membership, (task_force.id, actor.person_id), populate_existing=True))
    if actor.stand_in or seat != Seat(actor.role, actor.group_id):
        raise NotFound()
    return task_force


def lock_task_force(session: Session, task_force_id: int) -> TaskForce:
    """The row of a task force under the lock; who writes anything else is not held up."""
    return session.scalars(
        select(TaskForce)
        .where(TaskForce.id == task_force_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()

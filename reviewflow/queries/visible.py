"""Which rows exist for an actor, as conditions that every read model puts inside its own statement."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, false, or_

from reviewflow.domain.actors import Actor
from reviewflow.domain.visibility import may_see_item
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.recommendations import Recommendation

#: No group has this id: it stands for "any group but one's own" when the domain is asked.
_ANOTHER_GROUP = 0


def sees_own(actor: Actor) -> bool:
    """Whether everything of the actor's own group is open to them (domain/visibility.py)."""
    return actor.group_id is not None and may_see_item(
        actor, actor.task_force_id, actor.group_id, circulated=False
    )


def sees_circulated(actor: Actor) -> bool:
    """Whether what other groups circulated is open to them."""
    return may_see_item(actor, actor.task_force_id, _ANOTHER_GROUP, circulated=True)


def visible_items(actor: Actor, *, found: bool = False) -> ColumnElement[bool]:
    """The recommendations that exist for the actor.

    `found` is for items that the statement reaches by their ids: then the task force is compared and
    not searched for, because SQLite takes every index on it for a short cut.
    """
    open_to = []
    if sees_own(actor):
        open_to.append(Recommendation.group_id == actor.group_id)
    if sees_circulated(actor):
        open_to.append(Recommendation.circulated_number.is_not(None))
    if not open_to:
        return false()
    task_force = Recommendation.task_force_id + 0 if found else Recommendation.task_force_id
    return and_(task_force == actor.task_force_id, or_(*open_to))


def visible_events(actor: Actor) -> ColumnElement[bool]:
    """The events open to the actor, among those of items that exist for them."""
    own = EventRow.internal_to == actor.group_id if actor.group_id is not None else false()
    return and_(EventRow.task_force_id == actor.task_force_id, or_(EventRow.internal_to.is_(None), own))


def shown_number(actor: Actor) -> ColumnElement[int | None]:
    """The version that the actor reads: the head of their own group's items, else the circulated one."""
    if not sees_own(actor):
        return Recommendation.circulated_number.expression
    return case(
        (Recommendation.group_id == actor.group_id, Recommendation.head_number),
        else_=Recommendation.circulated_number,
    )

"""Which rows exist for an actor, as conditions that every read model puts inside its own statement."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, exists, false, or_
from sqlalchemy.orm import aliased

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Stand
from reviewflow.domain.permissions import About, Permission, allows
from reviewflow.domain.workflow import RULES, Action
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import PositionRow
from reviewflow.persistence.models.recommendations import Recommendation

#: No group has this id: it stands for "any group but one's own" when the domain is asked.
_ANOTHER_GROUP = 0


def sees_own(actor: Actor) -> bool:
    """Whether everything of the actor's own group is open to them (domain/permissions.py)."""
    return allows(Permission.READ_ITEM, actor, About(actor.task_force_id, actor.group_id))


def sees_circulated(actor: Actor) -> bool:
    """Whether what other groups circulated is open to them."""
    return allows(Permission.READ_ITEM, actor, About(actor.task_force_id, _ANOTHER_GROUP, circulated=True))


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
    seen = or_(EventRow.internal_to.is_(None), visible_internal_events(actor))
    return and_(EventRow.task_force_id == actor.task_force_id, seen)


#: What is told of a text's own way; everything else that is internal is what a group says among itself.
_OF_THE_TEXT = tuple(action for action in RULES if action is not Action.SUGGEST)


def visible_internal_events(actor: Actor) -> ColumnElement[bool]:
    """The events of the group alone; who takes no part hears of no discussion (domain/permissions.py)."""
    if actor.group_id is None:
        return false()
    newest, newer = aliased(PositionRow), aliased(PositionRow)
    theirs = (newest.group_id == actor.group_id, newest.person_id == actor.person_id)
    later = (
        newer.recommendation_id == newest.recommendation_id,
        newer.group_id == newest.group_id,
        newer.person_id == newest.person_id,
        newer.id > newest.id,
    )
    recused = exists().where(
        newest.recommendation_id == EventRow.recommendation_id,
        *theirs,
        newest.stand == Stand.RECUSE,
        ~exists().where(*later),
    )
    return and_(EventRow.internal_to == actor.group_id, or_(EventRow.name.in_(_OF_THE_TEXT), ~recused))


def shown_number(actor: Actor) -> ColumnElement[int | None]:
    """The version that the actor reads: the head of their own group's items, else the circulated one."""
    if not sees_own(actor):
        return Recommendation.circulated_number.expression
    return case(
        (Recommendation.group_id == actor.group_id, Recommendation.head_number),
        else_=Recommendation.circulated_number,
    )

"""What a person may see. What they may not see does not exist for them (product.md, rule 7)."""

from __future__ import annotations

from reviewflow.domain.actors import VOTING_ROLES, Actor, Role, Standing, standing
from reviewflow.domain.items import Item, State

#: Who reads the workspace at all; an administrator manages people and sees no unpublished text.
_READERS = frozenset({Role.LEAD, Role.EXPERT, Role.OBSERVER, Role.COORDINATOR, Role.CLOCK})


def may_see_item(actor: Actor, task_force_id: int, proposing_group: int, *, circulated: bool) -> bool:
    """Own group always; every other group and the coordinator from first circulation on."""
    if actor.role not in _READERS:
        return False
    match standing(actor, task_force_id, proposing_group):
        case Standing.PROPOSER:
            return True
        case Standing.COUNTERPART | Standing.COORDINATOR:
            return circulated
        case _:
            return False


def may_see(actor: Actor, item: Item) -> bool:
    """Whether the item exists for this actor."""
    return may_see_item(
        actor, item.task_force_id, item.proposing_group, circulated=item.circulated is not None
    )


def may_comment(actor: Actor, item: Item, *, internal: bool) -> bool:
    """Whether the actor may open or answer a thread on an item.

    Internal threads belong to one's own group (leads and experts who take part); shared ones exist from first
    circulation on, for leads and experts of every group and for the coordinator.
    """
    if not may_see(actor, item):
        return False
    if internal:
        return actor.role in VOTING_ROLES and not item.has_recused(actor)
    if item.circulated is None:
        return False
    return actor.role in VOTING_ROLES or actor.role is Role.COORDINATOR


def hides_names_from(actor: Actor, group_id: int) -> bool:
    """Whether the Chatham House Rule keeps the names of a group's people from an actor: the other side.

    The coordinator, who belongs to no side, and administrators, who manage people, see names.
    """
    return actor.group_id is not None and actor.group_id != group_id


def may_decide_suggestions(actor: Actor, item: Item) -> bool:
    """Whether the actor decides on suggestions: who writes the text, while it can still change."""
    own = standing(actor, item.task_force_id, item.proposing_group) is Standing.PROPOSER
    writable = item.state in (State.DRAFT, State.PROPOSED, State.CHANGES_REQUESTED)
    return own and writable and may_comment(actor, item, internal=True)


def may_see_thread(actor: Actor, item: Item, *, internal_to: int | None) -> bool:
    """Whether a thread exists for this actor: internal ones for their own group only, always.

    Whoever recused themselves has no view of what their group says among itself. `internal_to` is None
    for a shared thread.
    """
    if internal_to is None:
        return may_see(actor, item)
    return may_see(actor, item) and actor.group_id == internal_to and not item.has_recused(actor)

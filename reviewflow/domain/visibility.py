"""Which items exist for whom; what a person may not see does not exist for them (product.md, rule 7)."""

from __future__ import annotations

from reviewflow.domain.actors import Actor, Role, Standing, standing
from reviewflow.domain.items import Item

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

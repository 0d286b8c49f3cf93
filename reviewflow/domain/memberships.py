"""Who may sit where: nobody acts for two sides (product.md, rule 4)."""

from __future__ import annotations

from reviewflow.domain.actors import GROUP_ROLES, Actor, Role
from reviewflow.domain.errors import InvalidInput, NotPermitted, Refusal


class AlreadyMember(Refusal):
    """The person has a seat in this task force; `role` and `group` (its id, or None) say which."""

    code = "already_member"


def decide_membership(
    actor: Actor | None,
    task_force_id: int,
    role: Role,
    group_id: int | None,
    held: tuple[Role, int | None] | None,
) -> None:
    """Whether somebody may get a seat: raises `NotPermitted`, `InvalidInput` or `AlreadyMember`.

    `actor` is None for the operator at the command line; `held` is the seat that the person has now.
    """
    may_manage_people(actor, task_force_id)
    if role is Role.CLOCK:
        raise InvalidInput(field="role", problem="unknown_value", value=str(role))
    if (role in GROUP_ROLES) != (group_id is not None):
        raise InvalidInput(field="group", problem="missing" if group_id is None else "not_wanted")
    if held is not None:
        raise AlreadyMember(role=held[0], group=held[1])


def may_manage_people(actor: Actor | None, task_force_id: int) -> None:
    """Administrators manage the people of their own task force; raises `NotPermitted` to others."""
    if actor is None:
        return
    if actor.role is not Role.ADMINISTRATOR or actor.task_force_id != task_force_id:
        raise NotPermitted(action="manage_people")

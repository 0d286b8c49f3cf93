"""Who may sit where, who gives, changes and ends seats: nobody acts for two sides (product.md, rule 4)."""

from __future__ import annotations

from dataclasses import dataclass

from reviewflow.domain.actors import GROUP_ROLES, Actor, Role
from reviewflow.domain.errors import InvalidInput, NotPermitted, Refusal

#: What is not permitted to who manages no such seat.
MANAGE_PEOPLE = "manage_people"
#: The seats that each role gives, changes and ends; a role that has a group does so in that group only.
MANAGES: dict[Role, frozenset[Role]] = {
    Role.LEAD: GROUP_ROLES,
    Role.COORDINATOR: frozenset({Role.COORDINATOR}),
    Role.ADMINISTRATOR: GROUP_ROLES | {Role.COORDINATOR, Role.ADMINISTRATOR},
}
#: The roles that a side always has: a group its lead, a task force its coordinator.
NEEDED = frozenset({Role.LEAD, Role.COORDINATOR})


class AlreadyMember(Refusal):
    """The person has a seat in this task force; `role` and `group` (its id, or None) say which."""

    code = "already_member"


class OfAnotherSide(Refusal):
    """The person had a seat on another side of this task force, and has heard what is said there."""

    code = "of_another_side"


class SeatNeeded(Refusal):
    """The seat is the last one of a `role` that its side always has."""

    code = "seat_needed"


class DeadLink(Refusal):
    """A link that was used, taken back, has expired or never was: nobody is told which."""

    code = "dead_link"


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's seat in a task force; one that has ended is remembered, with its side, for ever."""

    role: Role
    group_id: int | None
    ended: bool = False


def decide_membership(
    actor: Actor | None, task_force_id: int, role: Role, group_id: int | None, held: Seat | None
) -> None:
    """Whether somebody may get a seat at once: raises `NotPermitted`, or as `decide_joining` does.

    `actor` is None for the operator at the command line; `held` is the seat that the person has or had.
    """
    may_manage_people(actor, task_force_id)
    decide_joining(role, group_id, held)


def decide_joining(role: Role, group_id: int | None, held: Seat | None) -> None:
    """Whether a person may take a seat: raises `InvalidInput`, `AlreadyMember` or `OfAnotherSide`.

    A side is for ever: who has sat in a group comes back to that group or not at all.
    """
    _ask_shape(role, group_id)
    if held is not None and not held.ended:
        raise AlreadyMember(role=held.role, group=held.group_id)
    if held is not None and held.group_id != group_id:
        raise OfAnotherSide()


def decide_invitation(actor: Actor, task_force_id: int, role: Role, group_id: int | None) -> None:
    """Whether somebody may invite to a seat: raises `InvalidInput` or `NotPermitted`."""
    _ask_shape(role, group_id)
    if not manages(actor, task_force_id, role, group_id):
        raise NotPermitted(action=MANAGE_PEOPLE)


def decide_seat(
    actor: Actor, task_force_id: int, person_id: int, seat: Seat, role: Role | None, others: int
) -> None:
    """Whether a seat may become one of `role`, or end (None); everybody may end their own.

    `others` are the further people of the seat's role on its side. Raises `NotPermitted`, `InvalidInput`
    (a seat in no group keeps its role) and `SeatNeeded`.
    """
    leaves = role is None and (actor.person_id, actor.task_force_id) == (person_id, task_force_id)
    if not leaves and not manages(actor, task_force_id, seat.role, seat.group_id):
        raise NotPermitted(action=MANAGE_PEOPLE)
    if role is not None and not {seat.role, role} <= GROUP_ROLES:
        raise InvalidInput(field="role", problem="unknown_value", value=str(role))
    if role is not seat.role and seat.role in NEEDED and not others:
        raise SeatNeeded(role=seat.role)


def decide_handover(actor: Actor, heir: Seat) -> None:
    """Whether a lead may hand the lead over: to an expert of their group. Raises `NotPermitted`."""
    if actor.role is not Role.LEAD or (heir.role, heir.group_id) != (Role.EXPERT, actor.group_id):
        raise NotPermitted(action=MANAGE_PEOPLE)


def manages(actor: Actor, task_force_id: int, role: Role, group_id: int | None) -> bool:
    """Whether the actor gives, changes and ends seats of a role in a group (None: in no group)."""
    if actor.task_force_id != task_force_id or role not in MANAGES.get(actor.role, ()):
        return False
    return actor.group_id is None or actor.group_id == group_id


def may_manage_people(actor: Actor | None, task_force_id: int) -> None:
    """Administrators manage the people of their own task force; raises `NotPermitted` to others."""
    if actor is None:
        return
    if actor.role is not Role.ADMINISTRATOR or actor.task_force_id != task_force_id:
        raise NotPermitted(action=MANAGE_PEOPLE)


def _ask_shape(role: Role, group_id: int | None) -> None:
    if role is Role.CLOCK:
        raise InvalidInput(field="role", problem="unknown_value", value=str(role))
    if (role in GROUP_ROLES) != (group_id is not None):
        raise InvalidInput(field="group", problem="missing" if group_id is None else "not_wanted")

"""Who may sit where, who gives, changes and ends seats: nobody acts for two sides (product.md, rule 4)."""

from __future__ import annotations

from dataclasses import dataclass

from reviewflow.domain.actors import GROUP_ROLES, Actor, Role
from reviewflow.domain.errors import InvalidInput, Refusal
from reviewflow.domain.permissions import About, Permission, demand

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


def decide_joining(role: Role, group_id: int | None, held: Seat | None) -> None:
    """Whether a person may take a seat: raises `InvalidInput`, `AlreadyMember` or `OfAnotherSide`.

    A side is for ever: who has sat in a group comes back to that group or not at all.
    """
    _ask_shape(role, group_id)
    if held is not None and not held.ended:
        raise AlreadyMember(role=held.role, group=held.group_id)
    if held is not None and held.group_id != group_id:
        raise OfAnotherSide()


def about_seat(task_force_id: int, seat: Seat, person_id: int | None = None) -> About:
    """A seat, as permissions are asked about it; `person_id` is whose it is, None for one that is offered."""
    return About(task_force_id, seat.group_id, role=seat.role, person_id=person_id)


def decide_invitation(actor: Actor, task_force_id: int, role: Role, group_id: int | None) -> None:
    """Whether somebody may invite to a seat: raises `InvalidInput` or `NotPermitted`."""
    _ask_shape(role, group_id)
    demand(Permission.MANAGE_PEOPLE, actor, about_seat(task_force_id, Seat(role, group_id)))


def decide_seat(
    actor: Actor, task_force_id: int, person_id: int, seat: Seat, role: Role | None, others: int
) -> None:
    """Whether a seat may become one of `role`, or end (None).

    `others` are the further people of the seat's role on its side. Raises `NotPermitted`, `InvalidInput`
    (a seat in no group keeps its role) and `SeatNeeded`.
    """
    asked = Permission.END_SEAT if role is None else Permission.MANAGE_PEOPLE
    demand(asked, actor, about_seat(task_force_id, seat, person_id))
    if role is not None and not {seat.role, role} <= GROUP_ROLES:
        raise InvalidInput(field="role", problem="unknown_value", value=str(role))
    if role is not seat.role and seat.role in NEEDED and not others:
        raise SeatNeeded(role=seat.role)


def _ask_shape(role: Role, group_id: int | None) -> None:
    if role is Role.CLOCK:
        raise InvalidInput(field="role", problem="unknown_value", value=str(role))
    if (role in GROUP_ROLES) != (group_id is not None):
        raise InvalidInput(field="group", problem="missing" if group_id is None else "not_wanted")

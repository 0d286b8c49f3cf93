"""The people of a task force out of the database, as the procedure needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewflow.domain.actors import VOTING_ROLES, Role
from reviewflow.domain.memberships import Seat
from reviewflow.domain.waiting import Members


@dataclass(frozen=True, slots=True)
class Party:
    """The people of a task force as the procedure needs them; `seats` are those that have not ended."""

    task_force_slug: str
    symbol_prefix: str
    groups: tuple[int, ...]
    slugs: dict[int, str]
    voters: dict[int, frozenset[int]]
    members: Members
    seats: dict[int, Seat]

    def counterparts(self, proposing_group: int) -> tuple[int, ...]:
        """Every group but the proposing one, in order."""
        return tuple(group for group in self.groups if group != proposing_group)


def party_of(parts: Mapping[str, list[Sequence[Any]]]) -> Party:
    """The party in the rows `member`, `group` and `task_force` of what `load_item` reads."""
    seats = {person: Seat(Role(role), group) for person, group, _, _, _, role, *_ in parts["member"]}
    voters: dict[int, set[int]] = defaultdict(set)
    leads: dict[int, set[int]] = defaultdict(set)
    coordinating: set[int] = set()
    for person, seat in seats.items():
        if seat.role is Role.COORDINATOR:
            coordinating.add(person)
        elif seat.role in VOTING_ROLES and seat.group_id is not None:
            voters[seat.group_id].add(person)
            if seat.role is Role.LEAD:
                leads[seat.group_id].add(person)
    slugs = {group: slug for group, _, _, _, _, slug, *_ in parts["group"]}
    groups = tuple(sorted(slugs))
    ((*_, slug, prefix, _, _, _),) = parts["task_force"]
    return Party(
        task_force_slug=slug,
        symbol_prefix=prefix,
        groups=groups,
        slugs=slugs,
        voters={group: frozenset(voters[group]) for group in groups},
        members=Members({g: frozenset(leads[g]) for g in groups}, frozenset(coordinating)),
        seats=seats,
    )

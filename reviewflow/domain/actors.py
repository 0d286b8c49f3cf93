"""Who acts, in which role, and how they stand to one recommendation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person is in one task force."""

    #: Speaks for a working group: agrees, declines, recalls, withdraws.
    LEAD = "lead"
    #: Drafts, comments and takes positions.
    EXPERT = "expert"
    #: Reads what is shared; has no say.
    OBSERVER = "observer"
    #: Approves for dissemination and publishes; belongs to no group.
    COORDINATOR = "coordinator"
    #: Manages people and settings; has no say and no view of unpublished text.
    ADMINISTRATOR = "administrator"
    #: The server's clock, publishing at an instant that the coordinator set.
    CLOCK = "clock"


class Standing(StrEnum):
    """How an actor stands to one recommendation (product.md, Words)."""

    #: A member of the group that the recommendation comes from.
    PROPOSER = "proposer"
    #: A member of any other group of the task force.
    COUNTERPART = "counterpart"
    #: The coordinator of the task force (or the clock, acting on the coordinator's word).
    COORDINATOR = "coordinator"
    #: Everybody else.
    NONE = "none"


#: The roles that have a vote in their group's ballot.
VOTING_ROLES = frozenset({Role.LEAD, Role.EXPERT})
#: The roles that belong to a working group.
GROUP_ROLES = frozenset({Role.LEAD, Role.EXPERT, Role.OBSERVER})


@dataclass(frozen=True, slots=True)
class StandIn:
    """That `person` may act as `principal`, a member of the same group, from `since` until before `until`."""

    principal: int
    person: int
    since: datetime
    until: datetime

    def runs(self, at: datetime) -> bool:
        """Whether an instant lies in the period."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Actor:
    """One person (or the clock) in one task force. Use-cases take it, never a request.

    With `stand_in`, the person is the principal, whose standing the rules look at, and somebody else acts.
    """

    person_id: int
    task_force_id: int
    role: Role
    group_id: int | None = None
    stand_in: StandIn | None = None

    def __post_init__(self) -> None:
        """Nobody acts for two sides (rule 4): a group exactly for the roles that have one."""
        if (self.role in GROUP_ROLES) != (self.group_id is not None):
            raise ValueError(f"{self.role} and group {self.group_id} do not go together")
        lent = self.stand_in
        if lent and (lent.principal != self.person_id or lent.person == self.person_id or not self.group_id):
            raise ValueError(f"{lent} is not about member {self.person_id} of a group")

    @property
    def by(self) -> int:
        """The id of who really acts: the stand-in, where there is one."""
        return self.stand_in.person if self.stand_in else self.person_id

    @property
    def speaks_for_group(self) -> bool:
        """Whether what they say can be said in the name of their group: its lead."""
        return self.role is Role.LEAD


def the_clock(task_force_id: int) -> Actor:
    """The server's clock in a task force; it is nobody, so its id is no person's."""
    return Actor(0, task_force_id, Role.CLOCK)


def standing(actor: Actor, task_force_id: int, proposing_group: int) -> Standing:
    """How `actor` stands to an item of `task_force_id` that comes from `proposing_group`."""
    if actor.task_force_id != task_force_id:
        return Standing.NONE
    if actor.role in (Role.COORDINATOR, Role.CLOCK):
        return Standing.COORDINATOR
    if actor.group_id is None:
        return Standing.NONE
    return Standing.PROPOSER if actor.group_id == proposing_group else Standing.COUNTERPART

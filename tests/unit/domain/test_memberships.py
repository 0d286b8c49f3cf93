"""Who gives, changes and ends which seat, against a table written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.acts import Act, Action, Reason
from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.errors import InvalidInput, NotPermitted, Refusal
from reviewflow.domain.guards import given_by_member
from reviewflow.domain.items import Item, State, Version, with_ballots
from reviewflow.domain.memberships import (
    AlreadyMember,
    OfAnotherSide,
    Seat,
    SeatNeeded,
    decide_invitation,
    decide_joining,
    decide_seat,
)
from reviewflow.domain.recount import Ballot as Recount
from reviewflow.domain.waiting import Members, Task, tasks

#: Which seats each person manages: in their own group (10), in the other one (20), in none.
TABLE = """
own:lead own:expert own:observer other:lead other:expert other:observer coordinator administrator
lead            yes      yes        yes          no         no           no             no          no
expert          no       no         no           no         no           no             no          no
observer        no       no         no           no         no           no             no          no
coordinator     no       no         no           no         no           no             yes         no
administrator   yes      yes        yes          yes        yes          yes            yes         yes
elsewhere       no       no         no           no         no           no             no          no
"""
PEOPLE = {
    "lead": Actor(11, 1, Role.LEAD, 10),
    "expert": Actor(12, 1, Role.EXPERT, 10),
    "observer": Actor(13, 1, Role.OBSERVER, 10),
    "coordinator": Actor(1, 1, Role.COORDINATOR),
    "administrator": Actor(2, 1, Role.ADMINISTRATOR),
    "elsewhere": Actor(9, 2, Role.ADMINISTRATOR),
}


def _cells() -> list[tuple[str, Role, int | None, bool]]:
    head, *lines = TABLE.strip("\n").splitlines()
    cells = []
    for line in lines:
        name, *answers = line.split()
        for column, answer in zip(head.split(), answers, strict=True):
            side, _, role = column.rpartition(":")
            cells.append((name, Role(role), {"own": 10, "other": 20, "": None}[side], answer == "yes"))
    return cells


@pytest.mark.parametrize(("name", "role", "group", "may"), _cells())
def test_seats_are_managed_as_the_table_says(name: str, role: Role, group: int | None, may: bool) -> None:
    actor = PEOPLE[name]
    seat = Seat(role, group)
    if may:
        decide_invitation(actor, 1, role, group)
        decide_seat(actor, 1, 99, seat, None, others=1)
        return
    with pytest.raises(NotPermitted):
        decide_invitation(actor, 1, role, group)
    with pytest.raises(NotPermitted):
        decide_seat(actor, 1, 99, seat, None, others=1)


@pytest.mark.parametrize("name", sorted(PEOPLE.keys() - {"elsewhere"}))
def test_everybody_may_leave_but_the_last_lead_and_the_last_coordinator(name: str) -> None:
    actor = PEOPLE[name]
    seat = Seat(actor.role, actor.group_id)
    decide_seat(actor, 1, actor.person_id, seat, None, others=1)
    if name in ("lead", "coordinator"):
        with pytest.raises(SeatNeeded) as refused:
            decide_seat(actor, 1, actor.person_id, seat, None, others=0)
        assert refused.value.details == {"role": actor.role}
    else:
        decide_seat(actor, 1, actor.person_id, seat, None, others=0)


@pytest.mark.parametrize(
    ("name", "was", "role", "others", "refusal"),
    [
        ("lead", Role.EXPERT, Role.OBSERVER, 0, None),
        ("lead", Role.EXPERT, Role.LEAD, 0, None),
        ("administrator", Role.LEAD, Role.EXPERT, 1, None),
        ("administrator", Role.LEAD, Role.EXPERT, 0, SeatNeeded),
        ("administrator", Role.LEAD, Role.LEAD, 0, None),
        ("administrator", Role.EXPERT, Role.COORDINATOR, 1, InvalidInput),
        ("lead", Role.EXPERT, Role.COORDINATOR, 1, InvalidInput),
        ("expert", Role.OBSERVER, Role.EXPERT, 1, NotPermitted),
    ],
)
def test_roles_change_within_a_group(
    name: str, was: Role, role: Role, others: int, refusal: type[Refusal] | None
) -> None:
    seat = Seat(was, 10)
    if refusal is None:
        decide_seat(PEOPLE[name], 1, 99, seat, role, others)
        return
    with pytest.raises(refusal):
        decide_seat(PEOPLE[name], 1, 99, seat, role, others)


def test_who_belongs_to_no_group_gets_no_other_role() -> None:
    with pytest.raises(InvalidInput):
        decide_seat(PEOPLE["administrator"], 1, 2, Seat(Role.ADMINISTRATOR, None), Role.COORDINATOR, 1)


def test_a_side_is_for_ever() -> None:
    left = Seat(Role.EXPERT, 10, ended=True)
    decide_joining(Role.LEAD, 10, left)
    decide_joining(Role.EXPERT, 10, None)
    for role, group in ((Role.EXPERT, 20), (Role.COORDINATOR, None)):
        with pytest.raises(OfAnotherSide):
            decide_joining(role, group, left)
    with pytest.raises(AlreadyMember):
        decide_joining(Role.LEAD, 10, replace(left, ended=False))


TEXT = Version(1, "text", "text")
#: 22 has left and objects; 23 has left and said nothing; 24 objects and is there.
BALLOT = Ballot(
    20,
    1,
    frozenset({21, 22, 23, 24}),
    (Position(22, Stand.OBJECT, 1, 1, "text"), Position(24, Stand.OBJECT, 1, 1, "text")),
    left=frozenset({22, 23}),
)
ITEM = Item(7, 1, 10, (20,), State.PROPOSED, 1, TEXT, TEXT, (BALLOT,), authors=frozenset({12}))
LEAD = Actor(21, 1, Role.LEAD, 20)


@pytest.mark.parametrize(
    ("member", "stand", "reasons"),
    [
        (22, Stand.WITHDRAWN, ()),
        (22, Stand.APPROVE, ("objection_is_its_authors",)),
        (22, Stand.OBJECT, ("objection_is_its_authors",)),
        (23, Stand.APPROVE, ("member_not_on_roster",)),
        (24, Stand.WITHDRAWN, ("objection_is_its_authors",)),
        (24, Stand.OBJECT, ("objection_is_its_authors",)),
        (25, Stand.WITHDRAWN, ()),
        (25, Stand.OBJECT, ()),
        (25, Stand.APPROVE, ("objection_is_its_authors",)),
        (26, Stand.WITHDRAWN, ("objection_is_its_authors",)),
        (26, Stand.OBJECT, ()),
    ],
)
def test_a_lead_withdraws_the_objection_of_who_has_left_or_that_they_recorded_and_nothing_else(
    member: int, stand: Stand, reasons: tuple[str, ...]
) -> None:
    # The lead recorded that 25 objects, and a lead before them that 26 does.
    recorded = (
        Position(25, Stand.OBJECT, 1, 1, "text", recorded_by=LEAD.person_id),
        Position(26, Stand.OBJECT, 1, 1, "text", recorded_by=27),
    )
    ballot = replace(BALLOT, roster=BALLOT.roster | {25, 26}, positions=(*BALLOT.positions, *recorded))
    act = Act(Action.RECORD_POSITION, 1, stand=stand, member=member, means="It was met.")
    assert given_by_member(replace(ITEM, ballots=(ballot,)), LEAD, act) == tuple(
        Reason(code) for code in reasons
    )


def test_an_objection_stays_with_the_lead_until_a_ballot_opens_with_its_author() -> None:
    assert with_ballots(ITEM, {20: frozenset({21, 24})}).ballots[0].left == {22}
    assert with_ballots(ITEM, {20: frozenset({21, 22})}).ballots[0].left == {24}
    old = Recount(["21", "22"], 1, None)
    old.handed = {"22"}
    assert (Recount(["21"], 2, old).handed, Recount(["21", "22"], 2, old).handed) == ({"22"}, set())


def test_nobody_waits_for_who_has_left() -> None:
    members = Members({10: frozenset({11}), 20: frozenset({21})}, frozenset({1}))
    told = tasks(ITEM, members)
    assert told == {21: Task.TAKE_POSITION, 11: Task.SETTLE, 12: Task.SETTLE}
    spoken = replace(BALLOT, positions=(*BALLOT.positions, Position(21, Stand.APPROVE, 1, 1, "text")))
    assert tasks(replace(ITEM, ballots=(spoken,)), members)[21] is Task.DECIDE

"""Standing in: who may be named, for how long, and what is done in another's name, by hand-written tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain import recount
from reviewflow.domain.actors import Actor, Role, StandIn
from reviewflow.domain.acts import Act, Action
from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, Refusal, Unmet
from reviewflow.domain.items import Item, State, Version
from reviewflow.domain.permissions import Permission, about_item, allows
from reviewflow.domain.recount import LENT, Sides
from reviewflow.domain.stand_ins import (
    DELEGATED,
    DELEGATED_TASKS,
    SHARED_TASKS,
    StandInOver,
    StandInTaken,
    decide_end,
    decide_naming,
    in_the_name_of,
)
from reviewflow.domain.steps import STEPS
from reviewflow.domain.waiting import Task
from reviewflow.domain.workflow import RULES, available_actions, decide, may_create

NOW = datetime(2009, 10, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LEAD, EXPERT, THIRD, ABROAD = 11, 12, 13, 21
LENT_NOW = StandIn(LEAD, EXPERT, NOW - DAY, NOW + DAY)
#: The lead of group 10, in whose name its expert acts.
AS_LEAD = Actor(LEAD, 1, Role.LEAD, 10, LENT_NOW)

#: Who names whom: actor's role, the other's role, group and whether they left; what it comes to.
NAMINGS = """
lead          expert       own    ok
lead          lead         own    ok
expert        lead         own    ok
expert        expert       own    ok
expert        observer     own    not_of_own_group
lead          observer     own    not_of_own_group
lead          expert       other  not_of_own_group
expert        lead         other  not_of_own_group
expert        coordinator  none   not_of_own_group
expert        gone         none   not_of_own_group
expert        nobody       none   not_of_own_group
expert        oneself      own    not_of_own_group
"""


@pytest.mark.parametrize("line", NAMINGS.strip().splitlines())
def test_who_is_named_is_as_the_table_says(line: str) -> None:
    role, other, side, expected = line.split()
    group = None if role in ("coordinator", "administrator") else 10
    actor = Actor(LEAD, 1, Role(role), group)
    named = None
    if other == "oneself":
        named = actor
    elif other not in ("nobody", "gone"):
        named = Actor(EXPERT, 1, Role(other), {"own": 10, "other": 20, "none": None}[side])
    try:
        decide_naming(actor, named, NOW, NOW + DAY, NOW, (), signs_in=True)
        found = "ok"
    except InvalidInput as refusal:
        found = str(refusal.details["problem"])
    except NotPermitted as refusal:
        found = refusal.code
    assert found == expected


#: Days from now: first and last instant that was asked for, and what it comes to.
PERIODS = [
    (0, 1, (0, 1)),
    (-1, 1, (0, 1)),  # begins now: nothing is lent in the past
    (3, 5, (3, 5)),
    (0, 90, (0, 90)),
    (0, 91, "period_too_long"),
    (-1, 90, (0, 90)),
    (2, 2, "period_over"),
    (3, 2, "period_over"),
    (-3, -1, "period_over"),
    (-3, 0, "period_over"),
]


@pytest.mark.parametrize(("first", "last", "expected"), PERIODS)
def test_period_is_as_the_table_says(first: int, last: int, expected: object) -> None:
    actor = Actor(LEAD, 1, Role.LEAD, 10)
    asked = (NOW + first * DAY, NOW + last * DAY)
    try:
        lent = decide_naming(actor, Actor(EXPERT, 1, Role.EXPERT, 10), *asked, NOW, (), signs_in=True)
        found: object = ((lent.since - NOW) // DAY, (lent.until - NOW) // DAY)
    except InvalidInput as refusal:
        found = refusal.details["problem"]
    assert found == expected


#: The lead names the expert from day 2 until day 4. What is there already: who for whom, from, until.
OTHERS = [
    ((THIRD, ABROAD), 2, 4, True),  # of two others
    ((LEAD, THIRD), 2, 4, False),  # a second stand-in of the same person
    ((THIRD, EXPERT), 2, 4, False),  # one for two
    ((EXPERT, THIRD), 2, 4, False),  # handed on
    ((THIRD, LEAD), 2, 4, False),  # who stands in, is away
    ((LEAD, THIRD), 0, 2, True),  # one after the other
    ((LEAD, THIRD), 4, 6, True),
    ((LEAD, THIRD), 0, 3, False),
    ((LEAD, THIRD), 3, 6, False),
    ((LEAD, THIRD), 0, 9, False),
]


@pytest.mark.parametrize(("pair", "first", "last", "possible"), OTHERS)
def test_nobody_is_in_two_at_once(pair: tuple[int, int], first: int, last: int, possible: bool) -> None:
    other = StandIn(*pair, NOW + first * DAY, NOW + last * DAY)
    lead, expert = Actor(LEAD, 1, Role.LEAD, 10), Actor(EXPERT, 1, Role.EXPERT, 10)
    asked = (lead, expert, NOW + 2 * DAY, NOW + 4 * DAY)
    if possible:
        assert decide_naming(*asked, NOW, (other,), signs_in=True).person == EXPERT
        return
    with pytest.raises(StandInTaken):
        decide_naming(*asked, NOW, (other,), signs_in=True)


def test_who_named_and_who_was_named_end_it() -> None:
    for person in (LEAD, EXPERT):
        decide_end(Actor(person, 1, Role.EXPERT, 10), LENT_NOW)
    for other in (Actor(THIRD, 1, Role.LEAD, 10), Actor(2, 1, Role.ADMINISTRATOR), AS_LEAD):
        with pytest.raises(NotFound):
            decide_end(other, LENT_NOW)


@pytest.mark.parametrize(
    ("own", "principal", "at", "possible"),
    [
        (Actor(EXPERT, 1, Role.EXPERT, 10), Actor(LEAD, 1, Role.LEAD, 10), 0, True),
        (Actor(EXPERT, 1, Role.EXPERT, 10), Actor(LEAD, 1, Role.LEAD, 10), -1, True),
        (Actor(EXPERT, 1, Role.EXPERT, 10), Actor(LEAD, 1, Role.LEAD, 10), 1, False),
        (Actor(EXPERT, 1, Role.EXPERT, 10), Actor(LEAD, 1, Role.LEAD, 10), -2, False),
        (Actor(THIRD, 1, Role.EXPERT, 10), Actor(LEAD, 1, Role.LEAD, 10), 0, False),
        (Actor(EXPERT, 1, Role.OBSERVER, 10), Actor(LEAD, 1, Role.LEAD, 10), 0, False),
        (Actor(EXPERT, 1, Role.EXPERT, 20), Actor(LEAD, 1, Role.LEAD, 10), 0, False),
        (Actor(EXPERT, 1, Role.EXPERT, 10), Actor(LEAD, 1, Role.OBSERVER, 10), 0, False),
        (Actor(EXPERT, 1, Role.EXPERT, 10), None, 0, False),
    ],
)
def test_only_who_was_named_acts_in_that_name_and_only_then(
    own: Actor, principal: Actor | None, at: int, possible: bool
) -> None:
    if possible:
        assert in_the_name_of(own, principal, LENT_NOW, NOW + at * DAY) == AS_LEAD
        return
    with pytest.raises(StandInOver):
        in_the_name_of(own, principal, LENT_NOW, NOW + at * DAY)


@pytest.mark.parametrize(
    "lent", [replace(LENT_NOW, principal=THIRD), replace(LENT_NOW, person=LEAD)], ids=["other", "oneself"]
)
def test_actor_is_the_principal_and_somebody_else_acts(lent: StandIn) -> None:
    assert (AS_LEAD.person_id, AS_LEAD.by, Actor(LEAD, 1, Role.LEAD, 10).by) == (LEAD, EXPERT, LEAD)
    with pytest.raises(ValueError, match="member"):
        Actor(LEAD, 1, Role.LEAD, 10, lent)
    with pytest.raises(ValueError, match="member"):
        Actor(LEAD, 1, Role.COORDINATOR, None, LENT_NOW)


#: What a lead's stand-in does in the lead's name, on a text of the other group and on one of their own.
IN_ANOTHERS_NAME = {
    *("take_position", "record_position", "agree", "decline", "propose_silence", "accept_silence"),
    *("refuse_silence", "extend_silence", "recall", "withdraw", "reopen"),
}


def _item(proposing: int, state: State = State.PROPOSED, *positions: Position) -> Item:
    version = Version(1, "a" * 64, "a" * 64)
    counterpart = 20 if proposing == 10 else 10
    roster = frozenset({LEAD, EXPERT, THIRD}) if counterpart == 10 else frozenset({ABROAD})
    ballot = Ballot(counterpart, 1, roster, positions)
    return Item(1, 1, proposing, (counterpart,), state, 1, version, version, (ballot,))


def _outcome(item: Item, act: Act, actor: Actor = AS_LEAD) -> str:
    try:
        decide(actor, item, replace(act, version=1, at=NOW))
    except Unmet as refusal:
        reasons = refusal.details["reasons"]
        assert isinstance(reasons, tuple)
        return str(reasons[0].code)
    except Refusal as refusal:
        return refusal.code
    return "done"


def test_what_is_done_in_anothers_name_is_as_the_list_says() -> None:
    assert {str(action) for action in DELEGATED} == IN_ANOTHERS_NAME
    assert {action for action in STEPS if action in DELEGATED} == DELEGATED, "the evidence can tell it"
    assert set(LENT) == IN_ANOTHERS_NAME
    for action in Action:
        permitted = {_outcome(_item(group), Act(action)) for group in (10, 20)} != {"not_permitted"}
        in_the_table = any(role in (Role.LEAD, Role.EXPERT) for _standing, role in RULES[action].by)
        assert permitted == (str(action) in IN_ANOTHERS_NAME), action
        assert not permitted or in_the_table
    offered = {option.action for group in (10, 20) for option in available_actions(AS_LEAD, _item(group))}
    assert offered
    assert offered <= DELEGATED
    assert not may_create(AS_LEAD)
    for item in (_item(10), _item(20)):
        about = replace(about_item(AS_LEAD, item), role=Role.EXPERT, person_id=LEAD)
        assert {asked for asked in Permission if allows(asked, AS_LEAD, about)} == {Permission.READ_ITEM}
        acts = {action for action in Action if allows(action, AS_LEAD, about)}
        assert acts <= DELEGATED
        own = Actor(LEAD, 1, Role.LEAD, 10)
        assert acts == {action for action in DELEGATED if allows(action, own, about)}


def test_every_task_is_lent_shared_or_ones_own() -> None:
    assert set(Task) - DELEGATED_TASKS - SHARED_TASKS == {
        Task.AGREE_TOGETHER,
        Task.COMPLETE_PACKAGE,
        *(Task.APPROVE, Task.PUBLISH),
    }
    assert not DELEGATED_TASKS & SHARED_TASKS


def _of(person: int, stand: Stand) -> Position:
    return Position(person, stand, 1, 1, "a" * 64)


@pytest.mark.parametrize(
    ("positions", "act", "expected"),
    [
        ((), Act(Action.TAKE_POSITION, stand=Stand.APPROVE), "done"),
        ((_of(EXPERT, Stand.OBJECT),), Act(Action.TAKE_POSITION, stand=Stand.APPROVE), "done"),
        ((_of(LEAD, Stand.OBJECT),), Act(Action.TAKE_POSITION, stand=Stand.WITHDRAWN), "done"),
        ((), Act(Action.TAKE_POSITION, stand=Stand.RECUSE), "recusal_is_ones_own"),
        ((_of(LEAD, Stand.RECUSE),), Act(Action.TAKE_POSITION, stand=Stand.APPROVE), "stand_in_recused"),
        ((_of(EXPERT, Stand.RECUSE),), Act(Action.TAKE_POSITION, stand=Stand.APPROVE), "stand_in_recused"),
        ((_of(EXPERT, Stand.RECUSE),), Act(Action.DECLINE, reason="No."), "stand_in_recused"),
        (
            (),
            Act(Action.RECORD_POSITION, stand=Stand.APPROVE, member=EXPERT, means="by letter"),
            "own_position",
        ),
        ((), Act(Action.RECORD_POSITION, stand=Stand.APPROVE, member=THIRD, means="by letter"), "done"),
    ],
)
def test_nobody_acts_for_who_takes_no_part(positions: tuple[Position, ...], act: Act, expected: str) -> None:
    assert _outcome(_item(20, State.PROPOSED, *positions), act) == expected


def test_two_seats_stay_two_in_one_hand() -> None:
    """What was taken for the lead is the lead's one position; the expert has another, and both count."""
    for actor, person in ((AS_LEAD, LEAD), (Actor(EXPERT, 1, Role.EXPERT, 10), EXPERT)):
        event = decide(actor, _item(20), Act(Action.TAKE_POSITION, 1, stand=Stand.APPROVE, at=NOW))
        assert (event.actor.person_id, event.actor.by) == (person, EXPERT)


#: A step that an evidence pack tells, what is changed of it, and what its replay says.
STEP = {
    "step": 2,
    "event": "take_position",
    "at": "2009-10-01T12:00:00.000000Z",
    "stand": "approve",
    "group": "astana",
    "seat": "11",
    "stand_in": {
        "seat": "12",
        "since": "2009-10-01T12:00:00.000000Z",
        "until": "2009-10-02T12:00:00.000000Z",
    },
}
LENT_STEP = STEP["stand_in"]
assert isinstance(LENT_STEP, dict)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ""),
        ({"at": "2009-10-02T12:00:00.000000Z"}, "stand_in_over"),
        ({"at": "2009-10-01T11:59:59.999999Z"}, "stand_in_over"),
        ({"event": "propose"}, "wrong_actor"),
        ({"event": "raise_concern"}, "wrong_actor"),
        ({"group": None}, "wrong_actor"),
        ({"stand": "recuse"}, "wrong_actor"),
        ({"seat": "12"}, "wrong_actor"),
        ({"seat": "13"}, "wrong_actor"),  # has recused themselves
        ({"stand_in": LENT_STEP | {"seat": "13"}}, "wrong_actor"),
        ({"event": "record_position", "member": "12"}, "wrong_actor"),
        ({"event": "record_position", "member": "14"}, ""),
        ({"stand_in": LENT_STEP | {"seat": "21"}}, "two_sides"),
        ({"seat": "21"}, "two_sides"),
        ({"stand_in": {"seat": "12"}}, "steps_malformed"),
        ({"stand_in": LENT_STEP | {"since": 1}}, "steps_malformed"),
    ],
)
def test_replay_asks_again_who_stood_in(changed: dict[str, object], expected: str) -> None:
    sides = Sides()
    opened = {"event": "propose", "group": "washington", "seat": "21", "rosters": {"astana": ["11", "12"]}}
    assert sides.obstacle(opened, None) == ""
    ballot = recount.Ballot(["11", "12", "13"], 1, None)
    ballot.positions["13"] = ("recuse", 1, "text")
    assert sides.obstacle(STEP | changed, ballot) == expected

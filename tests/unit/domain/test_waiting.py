"""Whom an item waits for, and with what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.items import Agreement, Item, State, Version
from reviewflow.domain.waiting import COORDINATOR_PARTY, Members, Task, holders, tasks

TEXT = Version(2, "text", "text")
MEMBERS = Members({10: frozenset({11}), 20: frozenset({21}), 30: frozenset({31})}, frozenset({1, 2}))
ITEM = Item(
    id=7,
    task_force_id=1,
    proposing_group=10,
    counterparts=(20, 30),
    state=State.PROPOSED,
    round=1,
    head=TEXT,
    circulated=TEXT,
    ballots=(Ballot(20, 1, frozenset({21, 22, 23})), Ballot(30, 1, frozenset({31}))),
    agreements=(Agreement(30, 1, "text"),),
    authors=frozenset({12}),
)


def voted(*stands: tuple[int, Stand], digest: str = "text", brackets: int = 0) -> Item:
    """The item after members of group 20 took positions."""
    positions = tuple(Position(person, stand, 1, 2, digest) for person, stand in stands)
    ballot = replace(ITEM.ballots[0], positions=positions)
    return replace(ITEM, ballots=(ballot, ITEM.ballots[1]), head=replace(TEXT, open_brackets=brackets))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, (10,)),
        (State.PROPOSED, (20,)),
        (State.CHANGES_REQUESTED, (10,)),
        (State.AGREED, (COORDINATOR_PARTY,)),
        (State.APPROVED, (COORDINATOR_PARTY,)),
        (State.PUBLISHED, ()),
        (State.SUPERSEDED, ()),
        (State.RETRACTED, ()),
        (State.WITHDRAWN, ()),
        (State.DECLINED, ()),
    ],
)
def test_holders_follow_the_state(state: State, expected: tuple[int, ...]) -> None:
    assert holders(replace(ITEM, state=state)) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, {11: Task.PROPOSE, 12: Task.PROPOSE}),
        (State.CHANGES_REQUESTED, {11: Task.ANSWER_CHANGES, 12: Task.ANSWER_CHANGES}),
        (State.AGREED, {1: Task.APPROVE, 2: Task.APPROVE}),
        (State.APPROVED, {1: Task.PUBLISH, 2: Task.PUBLISH}),
        (State.PUBLISHED, {}),
        (State.SUPERSEDED, {}),
        (State.RETRACTED, {}),
        (State.WITHDRAWN, {}),
        (State.DECLINED, {}),
    ],
)
def test_tasks_follow_the_state(state: State, expected: dict[int, Task]) -> None:
    assert tasks(replace(ITEM, state=state), MEMBERS) == expected


def test_silent_members_take_a_position() -> None:
    assert tasks(voted((21, Stand.ABSTAIN)), MEMBERS) == {22: Task.TAKE_POSITION, 23: Task.TAKE_POSITION}


def test_members_reconsider_after_a_change() -> None:
    assert tasks(voted((21, Stand.APPROVE), (22, Stand.RECUSE), digest="old"), MEMBERS) == {
        21: Task.RECONSIDER,
        23: Task.TAKE_POSITION,
    }


def test_lead_agrees_when_the_ballot_carries() -> None:
    assert tasks(voted((21, Stand.APPROVE), (22, Stand.APPROVE)), MEMBERS) == {
        21: Task.AGREE,
        23: Task.TAKE_POSITION,
    }


def test_lead_decides_and_authors_settle_when_an_objection_is_open() -> None:
    item = voted((21, Stand.APPROVE), (22, Stand.APPROVE), (23, Stand.OBJECT))
    assert tasks(item, MEMBERS) == {21: Task.DECIDE, 11: Task.SETTLE, 12: Task.SETTLE}


def test_authors_settle_an_open_bracket_before_the_group_agrees() -> None:
    item = voted((21, Stand.APPROVE), (22, Stand.APPROVE), (23, Stand.APPROVE), brackets=1)
    assert tasks(item, MEMBERS) == {21: Task.DECIDE, 11: Task.SETTLE, 12: Task.SETTLE}


def test_lead_decides_when_everybody_recused() -> None:
    item = voted((21, Stand.RECUSE), (22, Stand.RECUSE), (23, Stand.RECUSE))
    assert tasks(item, MEMBERS) == {21: Task.DECIDE}


def test_lead_of_a_group_that_joined_late_decides() -> None:
    item = replace(ITEM, counterparts=(20, 30, 40), agreements=(Agreement(20, 1, "text"), ITEM.agreements[0]))
    members = Members({**MEMBERS.leads, 40: frozenset({41})}, MEMBERS.coordinators)
    assert (holders(item), tasks(item, members)) == ((40,), {41: Task.DECIDE})


def test_author_who_takes_no_part_is_not_asked_to_finish_the_draft() -> None:
    draft = replace(ITEM, state=State.DRAFT, recused=frozenset({12}))
    assert tasks(draft, MEMBERS) == {11: Task.PROPOSE}

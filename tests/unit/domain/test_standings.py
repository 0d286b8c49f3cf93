"""How what was given stands, how far an item has come, and which act comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.items import Agreement, Approval, Item, State, Version
from reviewflow.domain.standings import (
    STEPS,
    ActStanding,
    PositionStanding,
    act_standing,
    has_spoken,
    is_being_prepared,
    is_newer_than_circulated,
    leading_to,
    position_standing,
    primary_action,
    step_of,
    stopped_by,
)
from reviewflow.domain.workflow import Action, Option, Reason

TEXT, OTHER = Version(2, "text", "text"), Version(1, "other", "other")
BALLOT = Ballot(20, 3, frozenset({21, 22}))
ITEM = Item(
    id=7,
    task_force_id=1,
    proposing_group=10,
    counterparts=(20,),
    state=State.PROPOSED,
    round=3,
    head=TEXT,
    circulated=TEXT,
    ballots=(BALLOT,),
)
PROPOSER = Actor(11, 1, Role.EXPERT, 10)
COUNTERPART = Actor(21, 1, Role.EXPERT, 20)
OBSERVER = Actor(13, 1, Role.OBSERVER, 10)
COORDINATOR = Actor(1, 1, Role.COORDINATOR)


@pytest.mark.parametrize(
    ("stand", "round", "digest", "expected"),
    [
        (Stand.APPROVE, 3, "text", PositionStanding.COUNTS),
        (Stand.NO_OBJECTION, 3, "text", PositionStanding.COUNTS),
        (Stand.ABSTAIN, 3, "text", PositionStanding.COUNTS),
        (Stand.APPROVE, 3, "other", PositionStanding.STALE),
        (Stand.ABSTAIN, 2, "text", PositionStanding.STALE),
        (Stand.OBJECT, 3, "text", PositionStanding.OBJECTS),
        (Stand.OBJECT, 1, "other", PositionStanding.OBJECTS),
        (Stand.RECUSE, 3, "text", PositionStanding.RECUSED),
        (Stand.RECUSE, 1, "other", PositionStanding.RECUSED),
    ],
)
def test_position_stands_by_its_stand_round_and_digest(
    stand: Stand, round: int, digest: str, expected: PositionStanding
) -> None:
    ballot = replace(BALLOT, positions=(Position(21, stand, round, 1, digest),))
    assert position_standing(ballot, 21, "text") == expected
    assert position_standing(ballot, 22, "text") == PositionStanding.SILENT
    assert has_spoken((ballot,), 21, "text") is (expected is not PositionStanding.STALE)
    assert has_spoken((ballot,), 22, "text") is False


def test_position_of_who_is_not_on_the_roster_does_not_count() -> None:
    ballot = replace(BALLOT, positions=(Position(29, Stand.APPROVE, 3, 2, "text"),))
    assert position_standing(ballot, 29, "text") == PositionStanding.STALE


@pytest.mark.parametrize(
    ("round", "digest", "expected"),
    [
        (3, "text", ActStanding.COUNTS),
        (3, "other", ActStanding.STALE),
        (2, "text", ActStanding.STALE),
        (1, "text", ActStanding.REVOKED),
        (1, "other", ActStanding.REVOKED),
    ],
)
def test_act_stands_by_its_round_and_digest(round: int, digest: str, expected: ActStanding) -> None:
    # The second round began with a return, the third with a proposal.
    for given in (Agreement(20, round, digest), Approval(round, digest)):
        assert act_standing(given, ITEM, "text", frozenset({2})) == expected


def test_act_counts_on_the_text_that_the_reader_sees() -> None:
    item = replace(ITEM, head=Version(3, "hidden", "hidden"))
    assert act_standing(Approval(3, "text"), item, "text", frozenset()) == ActStanding.COUNTS
    assert act_standing(Approval(3, "text"), item, "hidden", frozenset()) == ActStanding.STALE


@pytest.mark.parametrize(
    ("state", "step", "stops"),
    [
        (State.DRAFT, 0, ()),
        (State.PROPOSED, 1, ()),
        (State.CHANGES_REQUESTED, 1, (Action.RECALL, Action.REQUEST_CHANGES, Action.RETURN)),
        (State.AGREED, 2, ()),
        (State.APPROVED, 3, ()),
        (State.PUBLISHED, 4, ()),
        (State.SUPERSEDED, 4, ()),
        (State.RETRACTED, 4, ()),
        (State.WITHDRAWN, 0, (Action.WITHDRAW,)),
        (State.DECLINED, 1, (Action.DECLINE,)),
    ],
)
def test_state_has_come_so_far_and_was_stopped_by(state: State, step: int, stops: tuple[Action, ...]) -> None:
    assert (step_of(state), stopped_by(state)) == (step, stops)


def test_steps_are_reached_by_the_acts_of_the_table() -> None:
    assert [leading_to(step) for step in STEPS] == [
        (Action.CREATE, Action.REOPEN),
        (Action.PROPOSE, Action.RESUBMIT),
        (Action.AGREE, Action.EXPIRE_SILENCE),
        (Action.APPROVE,),
        (Action.PUBLISH,),
    ]


@pytest.mark.parametrize("state", list(State))
def test_text_is_in_the_making_for_others_while_its_group_has_it(state: State) -> None:
    item = replace(ITEM, state=state)
    expected = state in (State.DRAFT, State.CHANGES_REQUESTED)
    assert [is_being_prepared(actor, item) for actor in (COUNTERPART, COORDINATOR)] == [expected] * 2
    assert [is_being_prepared(actor, item) for actor in (PROPOSER, OBSERVER)] == [False] * 2


@pytest.mark.parametrize(("circulated", "newer"), [(None, False), (TEXT, False), (OTHER, True)])
def test_text_is_newer_than_what_was_circulated(circulated: Version | None, newer: bool) -> None:
    assert is_newer_than_circulated(replace(ITEM, circulated=circulated)) is newer


def options(*actions: Action, impossible: tuple[Action, ...] = ()) -> tuple[Option, ...]:
    """What an actor is offered."""
    lacking = (Reason("no_ballot"),)
    return (*(Option(action) for action in actions), *(Option(action, lacking) for action in impossible))


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        ((), None),
        (options(impossible=(Action.AGREE,)), None),
        (options(Action.WITHDRAW, Action.RETRACT, Action.RETURN), None),
        (options(Action.TAKE_POSITION, impossible=(Action.AGREE,)), Action.TAKE_POSITION),
        (options(Action.TAKE_POSITION, Action.AGREE), Action.AGREE),
        (options(Action.REVISE, Action.PROPOSE), Action.PROPOSE),
        (options(Action.REVISE, impossible=(Action.PROPOSE,)), Action.REVISE),
        (options(Action.RETURN, Action.PUBLISH), Action.PUBLISH),
        (options(Action.REOPEN), Action.REOPEN),
    ],
)
def test_primary_act_is_the_most_useful_possible_one(
    offered: tuple[Option, ...], expected: Action | None
) -> None:
    assert primary_action(COUNTERPART, ITEM, offered) is expected


def test_who_has_spoken_is_not_asked_first_to_speak() -> None:
    spoken = replace(BALLOT, positions=(Position(21, Stand.APPROVE, 3, 2, "text"),))
    item = replace(ITEM, ballots=(spoken,))
    assert primary_action(COUNTERPART, item, options(Action.TAKE_POSITION)) is None
    stale = replace(item, round=4, ballots=(replace(spoken, round=4),))
    assert primary_action(COUNTERPART, stale, options(Action.TAKE_POSITION)) is Action.TAKE_POSITION


def test_text_that_went_back_is_revised_before_it_is_resubmitted() -> None:
    offered = options(Action.REVISE, Action.RESUBMIT)
    back = replace(ITEM, state=State.CHANGES_REQUESTED)
    assert primary_action(PROPOSER, back, offered) is Action.REVISE
    assert primary_action(PROPOSER, replace(back, circulated=OTHER), offered) is Action.RESUBMIT

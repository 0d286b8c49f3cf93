"""What `decide` says beyond the expected table: the figures in refusals and the whole event."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.errors import NotPermitted, StaleVersion, Unmet, WrongState
from reviewflow.domain.items import Agreement, Item, State, Version
from reviewflow.domain.workflow import (
    Act,
    Action,
    Event,
    Option,
    Reason,
    available_actions,
    decide,
    decide_creation,
)

LEAD = Actor(11, 1, Role.LEAD, 10)
REVIEWER = Actor(21, 1, Role.LEAD, 20)
COORDINATOR = Actor(1, 1, Role.COORDINATOR)
TEXT = Version(2, "text", "text")
PROPOSED = Item(
    id=7,
    task_force_id=1,
    proposing_group=10,
    counterparts=(20, 30),
    state=State.PROPOSED,
    round=4,
    head=TEXT,
    circulated=TEXT,
    ballots=(
        Ballot(20, 4, frozenset({21, 22, 23}), (Position(21, Stand.APPROVE, 4, 2, "text"),)),
        Ballot(30, 4, frozenset({31})),
    ),
)


def reasons(actor: Actor, item: Item, act: Act) -> tuple[Reason, ...]:
    """Every reason with which an act is refused."""
    with pytest.raises(Unmet) as refusal:
        decide(actor, item, act)
    assert refusal.value.details["action"] is act.action
    return refusal.value.details["reasons"]


def test_refusal_to_agree_carries_the_ballot_s_figures() -> None:
    objecting = Position(22, Stand.OBJECT, 1, 1, "old")
    ballot = replace(PROPOSED.ballots[0], positions=(*PROPOSED.ballots[0].positions, objecting))
    item = replace(PROPOSED, ballots=(ballot,), head=replace(TEXT, open_brackets=2))
    assert reasons(REVIEWER, item, Act(Action.AGREE, 2)) == (
        Reason("positions_missing", count=1, needed=2),
        Reason("objection_open", count=1, people=(22,)),
        Reason("bracket_open", count=2),
    )


def test_refusal_to_agree_without_voters_says_so() -> None:
    ballot = Ballot(20, 4, frozenset({21}), (Position(21, Stand.RECUSE, 4, 2, "text"),))
    assert reasons(REVIEWER, replace(PROPOSED, ballots=(ballot,)), Act(Action.AGREE, 2)) == (
        Reason("no_voters"),
    )


@pytest.mark.parametrize("ballots", [(), (Ballot(20, 3, frozenset({21})),)])
def test_refusal_to_agree_without_a_ballot_of_this_round_says_so(ballots: tuple[Ballot, ...]) -> None:
    assert reasons(REVIEWER, replace(PROPOSED, ballots=ballots), Act(Action.AGREE, 2)) == (
        Reason("no_ballot"),
    )


def test_refusal_to_propose_names_the_missing_fields() -> None:
    draft = replace(PROPOSED, state=State.DRAFT, head=replace(TEXT, missing=("title", "addressees")))
    assert reasons(LEAD, draft, Act(Action.PROPOSE, 2)) == (
        Reason("incomplete", fields=("title", "addressees")),
    )


def test_refusal_to_propose_to_nobody_says_so() -> None:
    draft = replace(PROPOSED, state=State.DRAFT, counterparts=(), ballots=())
    assert reasons(LEAD, draft, Act(Action.PROPOSE, 2)) == (Reason("no_counterpart"),)


def test_refusal_to_approve_counts_the_agreements_missing() -> None:
    agreed = replace(PROPOSED, state=State.AGREED, agreements=(Agreement(20, 4, "text"),))
    assert reasons(COORDINATOR, agreed, Act(Action.APPROVE, 2)) == (Reason("agreement_missing", count=1),)


def test_refusal_to_recall_counts_the_agreements_given() -> None:
    item = replace(PROPOSED, agreements=(Agreement(20, 4, "text"),))
    assert reasons(LEAD, item, Act(Action.RECALL, 2, reason="why")) == (Reason("group_has_agreed", count=1),)


def test_refusal_of_a_stale_act_names_both_versions() -> None:
    with pytest.raises(StaleVersion) as refusal:
        decide(REVIEWER, PROPOSED, Act(Action.AGREE, 1))
    assert refusal.value.details == {"named": 1, "head": 2}


def test_refusal_of_a_stale_act_tells_the_counterpart_no_uncirculated_number() -> None:
    item = replace(PROPOSED, head=Version(9, "new", "new"))
    with pytest.raises(StaleVersion) as refusal:
        decide(REVIEWER, item, Act(Action.AGREE, 9))
    assert refusal.value.details == {"named": 9, "head": 2}


def test_refusal_from_a_wrong_state_names_the_possible_ones() -> None:
    with pytest.raises(WrongState) as refusal:
        decide(COORDINATOR, PROPOSED, Act(Action.RETURN, 2, reason="why"))
    assert refusal.value.details == {
        "action": Action.RETURN,
        "state": State.PROPOSED,
        "possible_from": (State.AGREED, State.APPROVED),
    }


def test_refusal_of_another_s_act_names_it() -> None:
    with pytest.raises(NotPermitted) as refusal:
        decide(LEAD, PROPOSED, Act(Action.AGREE, 2))
    assert refusal.value.details == {"action": Action.AGREE}


def test_objection_without_a_reason_is_refused() -> None:
    act = Act(Action.TAKE_POSITION, 2, reason=" ", stand=Stand.OBJECT)
    assert reasons(REVIEWER, PROPOSED, act) == (Reason("objection_needs_reason"),)


def test_text_without_a_digest_is_no_change() -> None:
    draft = replace(PROPOSED, state=State.DRAFT)
    assert reasons(LEAD, draft, Act(Action.REVISE, 2)) == (Reason("text_unchanged"),)


def test_creation_starts_a_draft_at_version_one() -> None:
    assert decide_creation(LEAD, "text") == Event(
        Action.CREATE, LEAD, None, State.DRAFT, round=0, version=1, digest="text"
    )


def test_revision_names_the_new_text() -> None:
    draft = replace(PROPOSED, state=State.DRAFT)
    assert decide(LEAD, draft, Act(Action.REVISE, 2, digest="new", reason=" note ")) == Event(
        Action.REVISE, LEAD, State.DRAFT, State.DRAFT, round=4, version=3, digest="new", reason="note"
    )


def test_proposal_opens_ballots_of_a_new_round() -> None:
    draft = replace(PROPOSED, state=State.DRAFT)
    assert decide(LEAD, draft, Act(Action.PROPOSE, 2)) == Event(
        Action.PROPOSE,
        LEAD,
        State.DRAFT,
        State.PROPOSED,
        round=5,
        version=2,
        digest="text",
        opens_ballots=True,
        circulates=True,
    )


def test_return_begins_a_round_without_ballots() -> None:
    agreed = replace(PROPOSED, state=State.AGREED)
    assert decide(COORDINATOR, agreed, Act(Action.RETURN, 2, reason="why")) == Event(
        Action.RETURN,
        COORDINATOR,
        State.AGREED,
        State.CHANGES_REQUESTED,
        round=5,
        version=2,
        digest="text",
        reason="why",
    )


def test_available_actions_tell_what_still_stands_in_the_way() -> None:
    assert available_actions(REVIEWER, PROPOSED) == (
        Option(Action.TAKE_POSITION),
        Option(Action.RECORD_POSITION),
        Option(Action.REQUEST_CHANGES),
        Option(Action.AGREE, (Reason("positions_missing", count=1, needed=2),)),
        Option(Action.PROPOSE_SILENCE),
        *(
            Option(action, (Reason("no_silence"),))
            for action in (Action.ACCEPT_SILENCE, Action.REFUSE_SILENCE, Action.EXTEND_SILENCE)
        ),
        Option(Action.DECLINE),
    )


def test_option_is_possible_when_nothing_stands_in_its_way() -> None:
    possible = {option.action: option.possible for option in available_actions(REVIEWER, PROPOSED)}
    assert (possible[Action.TAKE_POSITION], possible[Action.AGREE]) == (True, False)


def test_what_was_taken_back_is_not_taken_back_again() -> None:
    gone = Position(21, Stand.WITHDRAWN, 4, 2, "text")
    item = replace(PROPOSED, ballots=(replace(PROPOSED.ballots[0], positions=(gone,)), PROPOSED.ballots[1]))
    again = Act(Action.TAKE_POSITION, 2, stand=Stand.WITHDRAWN)
    assert reasons(REVIEWER, item, again) == (Reason("no_position"),)

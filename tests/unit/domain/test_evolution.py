"""What each event makes of an item."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reviewflow.domain.actors import Actor, Role, the_clock
from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.evolution import evolve
from reviewflow.domain.items import Agreement, Approval, Item, State, Version
from reviewflow.domain.silence import Consent, Silence
from reviewflow.domain.workflow import Act, Action, Event, decide

LEAD = Actor(11, 1, Role.LEAD, 10)
REVIEWER = Actor(21, 1, Role.LEAD, 20)
COORDINATOR = Actor(1, 1, Role.COORDINATOR)
TEXT, NEW = Version(1, "text", "text"), Version(2, "new", "new")
DRAFT = Item(
    id=7,
    task_force_id=1,
    proposing_group=10,
    counterparts=(20,),
    state=State.DRAFT,
    round=0,
    head=TEXT,
    authors=frozenset({12}),
)
ROSTERS = {20: frozenset({21})}
PROPOSED = replace(
    DRAFT, state=State.PROPOSED, round=1, circulated=TEXT, ballots=(Ballot(20, 1, frozenset({21})),)
)


def test_revision_sets_the_head_and_credits_its_author() -> None:
    event = decide(LEAD, DRAFT, Act(Action.REVISE, 1, digest="new"))
    assert evolve(DRAFT, event, version=NEW) == replace(DRAFT, head=NEW, authors=frozenset({11, 12}))


def test_proposal_circulates_the_head_and_opens_ballots() -> None:
    event = decide(LEAD, DRAFT, Act(Action.PROPOSE, 1))
    assert evolve(DRAFT, event, rosters=ROSTERS) == PROPOSED


def test_proposal_after_a_return_carries_positions_along() -> None:
    """They no longer count, but an objection stays open; who made it has no vote now, so it is the lead's."""
    old = Ballot(20, 1, frozenset({21, 22}), (Position(22, Stand.OBJECT, 1, 1, "text"),))
    item = replace(PROPOSED, state=State.CHANGES_REQUESTED, ballots=(old,))
    event = decide(LEAD, item, Act(Action.RESUBMIT, 1, reason="answered"))
    assert evolve(item, event, rosters=ROSTERS) == replace(
        PROPOSED, round=2, ballots=(Ballot(20, 2, frozenset({21}), old.positions, left=frozenset({22})),)
    )


def test_amendment_is_circulated_at_once_and_keeps_the_ballot() -> None:
    bracketed = replace(TEXT, open_brackets=1)
    item = replace(PROPOSED, head=bracketed, circulated=bracketed)
    event = decide(LEAD, item, Act(Action.AMEND, 1, digest="new", only_brackets_cleaned=True))
    assert evolve(item, event, version=NEW) == replace(
        item, head=NEW, circulated=NEW, authors=frozenset({11, 12})
    )


def test_position_replaces_the_older_one_of_its_author() -> None:
    other = Ballot(30, 1, frozenset({31}), (Position(31, Stand.ABSTAIN, 1, 1, "text"),))
    item = replace(
        PROPOSED,
        ballots=(
            Ballot(
                20,
                1,
                frozenset({21, 22}),
                (Position(21, Stand.OBJECT, 1, 1, "text"), Position(22, Stand.ABSTAIN, 1, 1, "text")),
            ),
            other,
        ),
    )
    event = decide(REVIEWER, item, Act(Action.TAKE_POSITION, 1, stand=Stand.APPROVE))
    assert evolve(item, event).ballots == (
        Ballot(
            20,
            1,
            frozenset({21, 22}),
            (Position(22, Stand.ABSTAIN, 1, 1, "text"), Position(21, Stand.APPROVE, 1, 1, "text")),
        ),
        other,
    )


def test_agreement_and_approval_are_bound_to_round_and_digest() -> None:
    approving = Ballot(20, 1, frozenset({21}), (Position(21, Stand.APPROVE, 1, 1, "text"),))
    item = replace(PROPOSED, ballots=(approving,), agreements=(Agreement(20, 0, "old"),))
    agreed = evolve(item, decide(REVIEWER, item, Act(Action.AGREE, 1)))
    assert agreed == replace(
        item, state=State.AGREED, agreements=(Agreement(20, 0, "old"), Agreement(20, 1, "text"))
    )
    assert (agreed.has_agreed(20), agreed.has_agreed(30), agreed.is_approved()) == (True, False, False)
    approved = evolve(agreed, decide(COORDINATOR, agreed, Act(Action.APPROVE, 1)))
    assert approved == replace(agreed, state=State.APPROVED, approvals=(Approval(1, "text"),))
    assert approved.is_approved()


def test_return_revokes_agreement_and_approval() -> None:
    approved = replace(
        PROPOSED,
        state=State.APPROVED,
        agreements=(Agreement(20, 1, "text"),),
        approvals=(Approval(1, "text"),),
    )
    returned = evolve(approved, decide(COORDINATOR, approved, Act(Action.RETURN, 1, reason="why")))
    assert returned == replace(approved, state=State.CHANGES_REQUESTED, round=2)
    assert (returned.has_agreed(20), returned.is_approved()) == (False, False)


@pytest.mark.parametrize("version", [None, replace(NEW, number=3), replace(NEW, digest="other")])
def test_revision_without_the_text_decided_on_is_refused(version: Version | None) -> None:
    event = decide(LEAD, DRAFT, Act(Action.REVISE, 1, digest="new"))
    with pytest.raises(ValueError):
        evolve(DRAFT, event, version=version)


@pytest.mark.parametrize("rosters", [None, {}, {30: frozenset({31})}])
def test_proposal_without_a_roster_for_each_counterpart_is_refused(
    rosters: dict[int, frozenset[int]] | None,
) -> None:
    event: Event = decide(LEAD, DRAFT, Act(Action.PROPOSE, 1))
    with pytest.raises(ValueError):
        evolve(DRAFT, event, rosters=rosters)


def test_version_for_the_others_is_the_circulated_one() -> None:
    item = replace(PROPOSED, head=NEW)
    assert (item.version_for(LEAD), item.version_for(REVIEWER), item.version_for(COORDINATOR)) == (
        NEW,
        TEXT,
        TEXT,
    )
    assert DRAFT.version_for(REVIEWER) is None


def test_ballot_of_a_group_without_one_is_none() -> None:
    assert (PROPOSED.ballot_of(20), PROPOSED.ballot_of(30)) == (PROPOSED.ballots[0], None)


def test_agreement_by_silence_keeps_those_of_earlier_rounds() -> None:
    until = datetime(2009, 10, 15, 12, tzinfo=UTC)
    running = Silence(until, frozenset({Consent(10, until), Consent(20, until)}), running=True)
    earlier = Agreement(20, 1, "text")
    ballot = replace(PROPOSED.ballots[0], round=2)
    item = replace(PROPOSED, round=2, ballots=(ballot,), agreements=(earlier,), silence=running)
    event = decide(the_clock(1), item, Act(Action.EXPIRE_SILENCE, 1, at=until))
    assert evolve(item, event).agreements == (earlier, Agreement(20, 2, "text"))

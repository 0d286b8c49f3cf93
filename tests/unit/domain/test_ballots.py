"""When a ballot carries, and what it says about itself."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.ballots import Ballot, Outcome, Position, Stand, counts, objectors, recused, tally

TEXT = "text"
ROUND = 3


def ballot(roster: int, *stands: tuple[int, Stand], round_: int = ROUND, digest: str = TEXT) -> Ballot:
    """A ballot of `roster` members, numbered from 1, with positions on `digest` in `round_`."""
    positions = tuple(Position(person, stand, round_, 1, digest) for person, stand in stands)
    return Ballot(20, ROUND, frozenset(range(1, roster + 1)), positions)


def test_ballot_without_voters_never_carries() -> None:
    assert tally(ballot(0), TEXT) == Outcome(False, 0, 1, 0, 0, (), (), ())


def test_ballot_without_positions_shows_who_is_silent() -> None:
    assert tally(ballot(2), TEXT) == Outcome(False, 2, 2, 0, 0, (), (1, 2), ())


def test_ballot_of_all_recused_never_carries() -> None:
    assert tally(ballot(2, (1, Stand.RECUSE), (2, Stand.RECUSE)), TEXT) == Outcome(
        False, 0, 1, 0, 0, (), (), ()
    )


@pytest.mark.parametrize(
    ("roster", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4), (8, 5)]
)
def test_ballot_carries_from_more_than_half_on(roster: int, needed: int) -> None:
    approvals = [(person, Stand.APPROVE) for person in range(1, needed + 1)]
    below, reached = tally(ballot(roster, *approvals[:-1]), TEXT), tally(ballot(roster, *approvals), TEXT)
    assert (below.carried, reached.carried, reached.needed) == (False, True, needed)


def test_ballot_needs_an_approval_beside_no_objection() -> None:
    without = ballot(2, (1, Stand.NO_OBJECTION), (2, Stand.NO_OBJECTION))
    with_one = ballot(2, (1, Stand.APPROVE), (2, Stand.NO_OBJECTION))
    assert tally(without, TEXT) == Outcome(False, 2, 2, 2, 0, (), (), ())
    assert tally(with_one, TEXT) == Outcome(True, 2, 2, 2, 1, (), (), ())


def test_ballot_of_abstentions_does_not_carry() -> None:
    assert tally(ballot(2, (1, Stand.ABSTAIN), (2, Stand.ABSTAIN)), TEXT) == Outcome(
        False, 2, 2, 2, 0, (), (), ()
    )


def test_abstention_counts_for_the_quorum() -> None:
    assert tally(ballot(3, (1, Stand.APPROVE), (2, Stand.ABSTAIN)), TEXT) == Outcome(
        True, 3, 2, 2, 1, (), (3,), ()
    )


def test_recusal_leaves_the_denominator() -> None:
    assert tally(ballot(2, (1, Stand.APPROVE), (2, Stand.RECUSE)), TEXT) == Outcome(
        True, 1, 1, 1, 1, (), (), ()
    )


def test_recusal_stands_over_rounds_and_texts() -> None:
    assert recused(ballot(2, (2, Stand.RECUSE), round_=1, digest="old")) == frozenset({2})


def test_recusal_of_a_stranger_changes_nothing() -> None:
    assert tally(ballot(1, (9, Stand.RECUSE)), TEXT) == Outcome(False, 1, 1, 0, 0, (), (1,), ())


def test_objection_blocks_whatever_the_majority() -> None:
    stands = [(1, Stand.APPROVE), (2, Stand.APPROVE), (3, Stand.APPROVE), (4, Stand.OBJECT)]
    assert tally(ballot(4, *stands), TEXT) == Outcome(False, 4, 3, 3, 3, (4,), (), ())


@pytest.mark.parametrize(("round_", "digest"), [(1, TEXT), (ROUND, "old"), (1, "old")])
def test_objection_stays_open_over_rounds_and_versions(round_: int, digest: str) -> None:
    old = Position(3, Stand.OBJECT, round_, 1, digest)
    new = ballot(3, (1, Stand.APPROVE), (2, Stand.APPROVE))
    joined = Ballot(20, ROUND, new.roster, (*new.positions, old))
    assert tally(joined, TEXT) == Outcome(False, 3, 2, 2, 2, (3,), (), (3,))


def test_objection_of_who_left_the_roster_stays_open() -> None:
    """Only its author withdraws it (product.md, rule 3)."""
    new = ballot(1, (1, Stand.APPROVE), (9, Stand.OBJECT))
    assert tally(new, TEXT) == Outcome(False, 1, 1, 1, 1, (9,), (), ())


@pytest.mark.parametrize(("round_", "digest"), [(1, TEXT), (ROUND, "old")])
def test_position_on_another_round_or_text_is_stale(round_: int, digest: str) -> None:
    stale = ballot(1, (1, Stand.APPROVE), round_=round_, digest=digest)
    assert tally(stale, TEXT) == Outcome(False, 1, 1, 0, 0, (), (), (1,))


def test_position_of_a_stranger_does_not_count() -> None:
    stranger = ballot(1, (9, Stand.APPROVE))
    assert counts(stranger.positions[0], stranger, TEXT) is False
    assert tally(stranger, TEXT) == Outcome(False, 1, 1, 0, 0, (), (1,), ())


def test_position_counts_by_its_stand() -> None:
    stands = ballot(5, *enumerate(Stand, start=1))
    assert [p.stand for p in stands.positions if counts(p, stands, TEXT)] == [
        Stand.APPROVE,
        Stand.NO_OBJECTION,
        Stand.ABSTAIN,
    ]


def test_position_of_a_member_is_found() -> None:
    voted = ballot(2, (1, Stand.ABSTAIN))
    assert (voted.position_of(1), voted.position_of(2)) == (
        Position(1, Stand.ABSTAIN, ROUND, 1, TEXT),
        None,
    )


def test_objectors_are_listed_in_order() -> None:
    assert objectors(ballot(3, (3, Stand.OBJECT), (2, Stand.APPROVE), (1, Stand.OBJECT)).positions) == (1, 3)


@st.composite
def ballots(draw: st.DrawFn) -> Ballot:
    """Any ballot of up to nine members, with current, stale and strangers' positions."""
    roster = draw(st.frozensets(st.integers(1, 9)))
    people = draw(st.lists(st.integers(1, 11), unique=True))
    positions = [
        Position(
            person, draw(st.sampled_from(Stand)), draw(st.integers(1, ROUND)), 1, draw(st.sampled_from("ab"))
        )
        for person in people
    ]
    return Ballot(20, ROUND, roster, tuple(positions))


@given(ballots())
def test_ballot_carries_only_by_more_than_half_without_objection(given_ballot: Ballot) -> None:
    outcome = tally(given_ballot, "a")
    majority = bool(outcome.voters) and Fraction(outcome.positions, outcome.voters) > Fraction(1, 2)
    assert outcome.carried == (majority and outcome.approvals > 0 and outcome.objectors == ())


@given(ballots(), st.randoms())
def test_outcome_does_not_depend_on_the_order_of_positions(given_ballot: Ballot, random) -> None:
    shuffled = list(given_ballot.positions)
    random.shuffle(shuffled)
    again = Ballot(20, ROUND, given_ballot.roster, tuple(shuffled))
    assert tally(again, "a") == tally(given_ballot, "a")


@given(ballots())
def test_every_voter_is_counted_silent_stale_or_objecting(given_ballot: Ballot) -> None:
    outcome = tally(given_ballot, "a")
    objecting_here = {
        p.person_id
        for p in given_ballot.positions
        if p.stand is Stand.OBJECT
        and (p.round, p.digest) == (ROUND, "a")
        and p.person_id in given_ballot.roster
    }
    assert outcome.voters == (
        outcome.positions + len(outcome.silent) + len(outcome.stale) + len(objecting_here)
    )


@given(ballots())
def test_new_text_makes_nothing_count(given_ballot: Ballot) -> None:
    outcome = tally(given_ballot, "another")
    assert (outcome.carried, outcome.positions, outcome.approvals) == (False, 0, 0)

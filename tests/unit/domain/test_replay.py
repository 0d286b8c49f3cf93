"""The verifier's own rules come to what the house's rules come to, though neither knows the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewflow.domain import ballots, faults, recount, replay, verification
from reviewflow.domain.acts import Action
from reviewflow.domain.ballots import Position, Stand
from reviewflow.domain.sign_offs import ASK_SIGN_OFF, WITHDRAW_SIGN_OFF
from reviewflow.domain.steps import BREAK_SILENCE, HAND_BACK_OBJECTION, HAND_OVER_OBJECTION, STEPS
from reviewflow.domain.workflow import RULES

TEXTS = ("a" * 64, "b" * 64)
#: Steps that follow from an act elsewhere, and are none of the table.
FOLLOWING = {BREAK_SILENCE, HAND_OVER_OBJECTION, HAND_BACK_OBJECTION, ASK_SIGN_OFF, WITHDRAW_SIGN_OFF}
people = st.integers(1, 6)
positions = st.lists(
    st.builds(
        Position, people, st.sampled_from(Stand), st.integers(1, 2), st.just(1), st.sampled_from(TEXTS)
    ),
    max_size=6,
    unique_by=lambda position: position.person_id,
)


@settings(max_examples=600)
@given(st.frozensets(people), positions, st.lists(people, max_size=1))
def test_ballots_are_counted_alike(
    roster: frozenset[int], taken: list[Position], concerns: list[int]
) -> None:
    outcome = ballots.tally(ballots.Ballot(1, 2, roster, tuple(taken), tuple(concerns)), TEXTS[0])
    own = replay.Ballot([str(person) for person in sorted(roster)], 2, None)
    own.positions = {str(p.person_id): (str(p.stand), p.round, p.digest) for p in taken}
    own.concerns = {str(author) for author in concerns}
    assert own.figures(TEXTS[0]) == {
        "voters": outcome.voters,
        "needed": outcome.needed,
        "positions": outcome.positions,
        "approvals": outcome.approvals,
    }
    assert own.objectors() == [str(person) for person in outcome.objectors]
    assert (own.obstacle(TEXTS[0]) == "") == outcome.carried


def test_steps_move_the_state_as_the_table_does() -> None:
    """Agreeing and expiring move it only where every group has agreed, which the replay counts itself."""
    counted = {Action.AGREE, Action.EXPIRE_SILENCE}
    table = {
        str(action): (sorted(RULES[action].source), RULES[action].to)
        for action in STEPS - FOLLOWING - counted
    }
    known = {
        event: (sorted(sources), to)
        for event, (sources, to) in replay.MOVES.items()
        if event not in counted and event not in FOLLOWING
    }
    assert known == table


def test_what_is_no_step_decides_nothing() -> None:
    """A new act must be thought about: is it one without which nobody could decide again?"""
    assert set(Action) - STEPS == {
        *(Action.CREATE, Action.REVISE, Action.SUGGEST, Action.RECUSE, Action.REJOIN),
        *(Action.ATTACH_STATEMENT, Action.WITHDRAW_STATEMENT, Action.SUPERSEDE, Action.CORRECT),
        *(Action.RETRACT,),
    }


def test_every_fault_has_a_sentence() -> None:
    """The codes are found in the sources, so that none is raised without one and none is left over."""
    sources = "".join(Path(module.__file__ or "").read_text() for module in (recount, replay, verification))
    raised = set(re.findall(r'Fault\("(\w+)"', sources)) | set(re.findall(r'return "(\w+)"', sources))
    raised |= set(re.findall(r'"(\w+)" if lifts else "(\w+)"', sources)[0])
    raised |= {"approval_of_members_missing"}
    assert raised == set(faults.SENTENCES)


@pytest.mark.parametrize(
    ("at", "by_all", "fault"),
    [("2", False, ""), ("1", False, "silence_unfounded"), ("2", True, "silence_unfounded")],
)
def test_silence_lapses_at_its_instant_where_not_all_had_accepted_it(
    at: str, by_all: bool, fault: str
) -> None:
    """Silence that ran ends otherwise: adopted, broken or set aside."""
    played = replay.Replay("w")
    text = {"version": 1, "text": "t", "at": "0"}
    steps = [
        {"event": "propose", "role": "lead", "group": "w", "rosters": {"a": ["x"]}, **text},
        {"event": "propose_silence", "role": "lead", "group": "w", "until": "2", **text},
        {"event": "accept_silence", "role": "lead", "group": "a", "until": "2", **text},
        {"event": "lapse_silence", "role": "clock", "group": None, "silence": "withdrawn", **text, "at": at},
    ]
    if not by_all:
        del steps[2]
    raised = ""
    try:
        for number, step in enumerate(steps, start=1):
            played.take({"step": number, **step})
    except replay.Fault as found:
        raised = found.code
    assert (raised, played.silence is None) == (fault, not fault)

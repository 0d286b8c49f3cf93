"""How long a session lasts, and how long its person counts as present."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain.sessions import FRESH_FOR, LONGEST, LONGEST_IDLE, NEEDS_FRESH, Session

AT = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)
TICK = timedelta(seconds=1)


def _session(*, begun: timedelta, seen: timedelta, verified: timedelta = timedelta(0)) -> Session:
    return Session(1, 1, AT - begun, AT - seen, AT - verified, "Firefox, Windows")


@pytest.mark.parametrize(
    ("begun", "seen", "over"),
    [
        (timedelta(0), timedelta(0), False),
        (LONGEST_IDLE, LONGEST_IDLE, False),
        (LONGEST_IDLE + TICK, LONGEST_IDLE + TICK, True),
        (LONGEST, TICK, False),
        (LONGEST + TICK, TICK, True),
    ],
)
def test_session_ends_by_either_limit(begun: timedelta, seen: timedelta, over: bool) -> None:
    assert _session(begun=begun, seen=seen).has_ended(AT) is over


@pytest.mark.parametrize(("verified", "fresh"), [(FRESH_FOR, True), (FRESH_FOR + TICK, False)])
def test_session_is_fresh_for_a_while(verified: timedelta, fresh: bool) -> None:
    assert _session(begun=LONGEST, seen=TICK, verified=verified).is_fresh(AT) is fresh


def test_what_binds_or_is_public_or_gives_power_needs_its_person() -> None:
    assert {str(asked) for asked in NEEDS_FRESH} == {
        *("agree", "propose_silence", "accept_silence"),
        *("approve", "schedule", "publish", "retract"),
        *("manage_people", "hand_over_lead", "lend_voice"),
    }

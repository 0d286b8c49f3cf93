"""When somebody is there, writes, and is noted again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain.presence import Presence, wants_noting

SEEN = datetime(2009, 11, 3, 9, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return SEEN + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("wrote", "at", "is_here", "is_writing"),
    [
        (None, 0, True, False),
        (None, 30, True, False),
        (None, 30.1, False, False),
        (0, 15, True, True),
        (0, 15.1, True, False),
        (-10, 5, True, True),
        (25, 31, False, False),
    ],
)
def test_who_is_there_and_writes(wrote: float | None, at: float, is_here: bool, is_writing: bool) -> None:
    one = Presence(1, SEEN, None if wrote is None else after(wrote))
    assert (one.is_here(after(at)), one.is_writing(after(at))) == (is_here, is_writing)


@pytest.mark.parametrize(
    ("known", "writes", "at", "expected"),
    [
        (None, False, 0, True),
        (Presence(1, SEEN), False, 9.9, False),
        (Presence(1, SEEN), False, 10, True),
        (Presence(1, SEEN), True, 1, True),
        (Presence(1, SEEN, SEEN), True, 9.9, False),
        (Presence(1, SEEN, after(-14)), True, 0.5, False),
        (Presence(1, SEEN, after(-14)), True, 1.5, True),
    ],
)
def test_presence_is_noted_now_and_then_and_writing_at_once(
    known: Presence | None, writes: bool, at: float, expected: bool
) -> None:
    assert wants_noting(known, writes=writes, at=after(at)) is expected

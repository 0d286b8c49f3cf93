"""How long the door stays shut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain.throttling import PATIENCE, Counted, shut_until

AT = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize("by", Counted)
def test_door_stays_open_for_the_free_attempts_and_then_shuts_for_longer_each_time(by: Counted) -> None:
    patience = PATIENCE[by]
    waits = [shut_until(by, attempts, AT) - AT for attempts in range(1, patience.free + 20)]
    assert waits[: patience.free] == [timedelta(0)] * patience.free
    assert waits[patience.free : patience.free + 4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    assert waits == sorted(waits)
    assert waits[-1] == patience.longest == shut_until(by, 10**9, AT) - AT

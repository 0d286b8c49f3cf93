"""When the next mail about what waits may come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain.notices import APART, Notices, next_notice


@pytest.mark.parametrize(
    ("zone", "at", "morning"),
    [
        ("UTC", "2009-10-01T06:59", "2009-10-01T07:00"),
        ("UTC", "2009-10-01T07:00", "2009-10-02T07:00"),
        ("America/New_York", "2009-10-01T08:00", "2009-10-01T11:00"),
        ("Asia/Almaty", "2009-10-01T08:00", "2009-10-02T01:00"),
        # The night in which clocks go back is an hour longer.
        ("America/New_York", "2009-10-31T12:00", "2009-11-01T12:00"),
        # This day never was in Samoa.
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T17:00"),
    ],
)
def test_day_s_mail_comes_in_the_morning_of_the_person_s_clock(zone: str, at: str, morning: str) -> None:
    looked, expected = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (at, morning))
    assert next_notice(Notices.DAILY, zone, looked).astimezone(UTC) == expected


def test_mails_at_once_are_apart() -> None:
    at = datetime(2009, 10, 1, 8, tzinfo=UTC)
    assert next_notice(Notices.AT_ONCE, "UTC", at) - at == APART == timedelta(minutes=15)

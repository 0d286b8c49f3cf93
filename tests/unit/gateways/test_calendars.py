"""Working days of two capitals: holidays of either, and hours that daylight saving does not move."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from reviewflow.gateways.calendars import Capital, expiries, is_working_day, working_days

WASHINGTON = Capital("America/New_York", "US")
ASTANA = Capital("Asia/Almaty", "KZ")


def at(text: str) -> datetime:
    """An instant in UTC: `2009-10-30 16:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "country", "works"),
    [
        (date(2009, 10, 12), "US", False),  # Columbus Day
        (date(2009, 10, 12), "KZ", True),
        (date(2009, 12, 16), "KZ", False),  # Independence Day
        (date(2009, 12, 16), "US", True),
        (date(2009, 10, 10), "KZ", False),  # a Saturday
        (date(2009, 10, 10), "XX", False),  # also where no holiday is known
        (date(2009, 10, 12), "XX", True),
    ],
)
def test_day_is_worked_by_weekend_and_holiday(day: date, country: str, works: bool) -> None:
    assert is_working_day(day, country) is works


def test_working_days_are_those_of_the_capitals_own_calendar() -> None:
    # Monday evening in Washington is Tuesday morning in Astana.
    start, end = at("2009-10-09 14:00"), at("2009-10-12 23:30")
    assert (working_days(start, end, WASHINGTON), working_days(start, end, ASTANA)) == (0, 2)


@pytest.mark.parametrize(
    ("start", "until"),
    [
        # Daylight saving ends on 1 November 2009: noon stays noon, an hour later in UTC.
        ("2009-10-30 16:00", "2009-11-02 17:00"),
        # It begins on 14 March 2010.
        ("2010-03-12 17:00", "2010-03-15 16:00"),
        # Columbus Day is no day of Washington's, though Astana works.
        ("2009-10-09 14:00", "2009-10-13 14:00"),
        # Astana rests from the 16th to the 19th for its independence, and works on Sunday the 20th instead,
        # when Washington does not.
        ("2009-12-15 15:00", "2009-12-21 15:00"),
        # A begun hour counts as a full one.
        ("2009-10-20 14:20", "2009-10-21 15:00"),
    ],
)
def test_expiry_has_a_working_day_everywhere_at_the_same_hour(start: str, until: str) -> None:
    assert expiries(at(start), (WASHINGTON, ASTANA), (1,)) == ((1, at(until)),)


def test_expiry_waits_for_the_capital_that_needs_longest() -> None:
    # Astana works on Monday 12 October; Washington's first day is Tuesday, which has begun there at two.
    assert expiries(at("2009-10-09 06:00"), (ASTANA, WASHINGTON), (1, 2)) == (
        (1, at("2009-10-13 06:00")),
        (2, at("2009-10-14 06:00")),
    )

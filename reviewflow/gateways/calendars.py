"""Working days of capitals: weekends and public holidays, from the `holidays` library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

#: How far the search for a working day goes; no country rests for longer.
_FARTHEST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Capital:
    """Where a group works: the IANA zone of its clocks, and the ISO code of its country."""

    time_zone: str
    country: str


# The library is a tenth of what a server holds in memory, and most servers never ask for a working day.
@lru_cache(maxsize=16)
def _holidays(country: str) -> HolidayBase:
    from holidays import country_holidays

    return country_holidays(country)


def is_working_day(day: date, country: str) -> bool:
    """Whether people work in a country: no weekend and no public holiday, or a Saturday worked in lieu.

    In a country that the library does not know, every day but Saturday and Sunday is worked.
    """
    try:
        return _holidays(country).is_working_day(day)
    except NotImplementedError:
        return day.weekday() < 5


def working_days(start: datetime, end: datetime, capital: Capital) -> int:
    """How many working days a capital has from `start` to `end`, the day of `start` not counted."""
    zone = ZoneInfo(capital.time_zone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return sum(
        is_working_day(first + timedelta(days=number), capital.country)
        for number in range(1, (last - first).days + 1)
    )


def expiries(
    start: datetime, capitals: Sequence[Capital], counts: Sequence[int]
) -> tuple[tuple[int, datetime], ...]:
    """For each number of working days, the instant at which every capital has had that many since `start`.

    It falls on a working day of the first capital, the proposing lead's, at the hour that its clocks show at
    `start`, a begun hour counted as a full one: daylight saving that begins or ends in between moves the
    instant, not the hour on the wall. Instants are in UTC, and `counts` go up.
    """
    home = capitals[0]
    zone = ZoneInfo(home.time_zone)
    # To the full hour in UTC first, since there every hour is sixty minutes.
    begun = start.astimezone(UTC) + timedelta(hours=1, microseconds=-1)
    wall = begun.replace(minute=0, second=0, microsecond=0).astimezone(zone).replace(tzinfo=None)
    found: list[tuple[int, datetime]] = []
    day = timedelta(days=1)
    while len(found) < len(counts) and day <= _FARTHEST:
        until = (wall + day).replace(tzinfo=zone).astimezone(UTC)
        count = counts[len(found)]
        if is_working_day((wall + day).date(), home.country) and all(
            working_days(start, until, capital) >= count for capital in capitals
        ):
            found.append((count, until))
        day += timedelta(days=1)
    return tuple(found)

"""Instants for readers: stored in UTC, shown in the reader's zone, or in both capitals'."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Flask, g
from markupsafe import Markup, escape

from reviewflow.gateways import clock
from reviewflow.web.language import gettext as _
from reviewflow.web.language import language, ngettext


def register(app: Flask) -> None:
    """Make the filters known to templates: `day`, `moment`, `ago`, `capitals`, `time_tag`,
    `weekday`, `clock_in`."""
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(ago)
    app.add_template_filter(capitals)
    app.add_template_filter(time_tag)
    app.add_template_filter(weekday)
    app.add_template_filter(clock_in)
    app.add_template_global(clock.now, "now")


class _Reader(NamedTuple):
    """What the writing of an instant depends on, for the reader of one request; groups in order."""

    zone: ZoneInfo
    cities: tuple[tuple[ZoneInfo, str], ...]
    #: The present one, which some formats leave out.
    year: int
    language: str


def _reader() -> _Reader:
    """Found once a request where somebody is signed in, since a list writes some seventy instants."""
    known: _Reader | None = g.get("times_reader")
    if known is None:
        place = g.get("place")
        there = zone()
        groups = sorted(place.directory.groups.values(), key=lambda group: group.ordinal) if place else []
        cities = tuple((ZoneInfo(group.time_zone), group.city) for group in groups)
        known = _Reader(there, cities, clock.now().astimezone(there).year, language())
        if place:
            g.times_reader = known
    return known


def zone() -> ZoneInfo:
    """The reader's time zone, who may be a guest; UTC where nobody is known."""
    place = g.get("place")
    return ZoneInfo(place.member.time_zone if place else g.get("guest_zone", "UTC"))


def on_readers_clock(written: str) -> datetime | None:
    """The instant of `2009-12-01T09:00` on the reader's clock; None for what is none."""
    try:
        at = datetime.fromisoformat(written)
        return at.replace(tzinfo=zone()).astimezone(UTC) if at.tzinfo is None else None
    except (ValueError, OverflowError):
        return None


# Writing a date takes Babel as long as a query, and lists show the same ones again and again.
@lru_cache(maxsize=5_000)
def _written(at: datetime, pattern: str, there: ZoneInfo, language: str) -> str:
    """An instant in some zone, by one of Babel's patterns."""
    return format_datetime(at.astimezone(there).replace(tzinfo=None), pattern, locale=language)


def _in_readers_zone(at: datetime, pattern: str) -> str:
    return _written(at, pattern, zone(), language())


def day(at: datetime) -> str:
    """`14 Oct 2009` in the reader's zone."""
    return _in_readers_zone(at, "d MMM y")


def moment(at: datetime) -> str:
    """`14 Oct 2009, 15:05` in the reader's zone."""
    return _in_readers_zone(at, "d MMM y, HH:mm")


def weekday(at: datetime) -> str:
    """`Wednesday, 14 October 2009` in the reader's zone."""
    return _in_readers_zone(at.replace(second=0, microsecond=0), "EEEE, d MMMM y")


def clock_in(at: datetime, time_zone: str) -> str:
    """`19:10` in a zone; with the weekday where that is another day than the reader's: `Thu 03:10`."""
    minute, there = at.replace(second=0, microsecond=0), ZoneInfo(time_zone)
    same_day = at.astimezone(there).date() == at.astimezone(zone()).date()
    return _written(minute, "HH:mm" if same_day else "EEE HH:mm", there, language())


def ago(at: datetime) -> str:
    """How long since, in whole years, days or hours; always beside an absolute time."""
    seconds = max(0, int((clock.now() - at).total_seconds()))
    days, hours = seconds // 86400, seconds // 3600
    if days > 2 * 365:
        return ngettext("%(num)d year", "%(num)d years", days // 365)
    if days:
        return ngettext("%(num)d day", "%(num)d days", days)
    return ngettext("%(num)d hour", "%(num)d hours", hours) if hours else _("less than an hour")


def brief(at: datetime) -> str:
    """`14 Oct` in the reader's zone, with the year when it is another one: for narrow columns."""
    reader = _reader()
    this_year = at.astimezone(reader.zone).year == reader.year
    return _in_readers_zone(at, "d MMM" if this_year else "d MMM y")


def recent(at: datetime) -> str:
    """`14 Oct, 15:05` in the reader's zone, with the year when it is another one."""
    reader = _reader()
    this_year = at.astimezone(reader.zone).year == reader.year
    return _in_readers_zone(at, "d MMM, HH:mm" if this_year else "d MMM y, HH:mm")


def capitals(at: datetime) -> str:
    """`14 Oct 2009, 09:05 Washington / 19:05 Astana`: where a time concerns every group."""
    parts: list[str] = []
    shown = None
    reader = _reader()
    for there, city in reader.cities:
        today = at.astimezone(there).date()
        pattern = "HH:mm" if shown == today else ("d MMM, HH:mm" if shown else "d MMM y, HH:mm")
        parts.append(f"{_written(at, pattern, there, reader.language)} {city}")
        shown = today
    return " / ".join(parts) or moment(at)


_FORMATS = {"day": day, "moment": moment, "capitals": capitals, "brief": brief, "recent": recent}


def time_tag(at: datetime, shown: str = "moment") -> Markup:
    """A `time` element with the exact instant; `shown` names one of the formats above."""
    return _tag(at, shown, _reader())


@lru_cache(maxsize=5_000)
def _tag(at: datetime, shown: str, reader: _Reader) -> Markup:
    """The element for the reader of this request; by what it depends on it is found again."""
    text = _FORMATS[shown](at)
    exact = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    title = escape(text if shown == "capitals" else capitals(at))
    return Markup(f'<time datetime="{exact}" title="{title}">{escape(text)}</time>')  # noqa: S704 - escaped

"""Instants for readers: stored in UTC, shown in the reader's zone, or in both capitals'."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import Flask, g
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup, escape

from reviewflow.gateways import clock


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
    app.add_template_global(get_locale)


def zone() -> ZoneInfo:
    """The reader's time zone; UTC where nobody is signed in."""
    place = g.get("place")
    return ZoneInfo(place.member.time_zone) if place else ZoneInfo("UTC")


def _written(local: datetime, pattern: str) -> str:
    """An instant of some zone by one of Babel's patterns, in the reader's language."""
    return _remembered(local.replace(second=0, microsecond=0, tzinfo=None), pattern, str(get_locale()))


@lru_cache(maxsize=20_000)
def _remembered(local: datetime, pattern: str, language: str) -> str:
    """Writing a date takes Babel as long as a query, and lists show the same ones again and again."""
    return format_datetime(local, pattern, locale=language)


def day(at: datetime) -> str:
    """`14 Oct 2009` in the reader's zone."""
    return _written(at.astimezone(zone()), "d MMM y")


def moment(at: datetime) -> str:
    """`14 Oct 2009, 15:05` in the reader's zone."""
    return _written(at.astimezone(zone()), "d MMM y, HH:mm")


def weekday(at: datetime) -> str:
    """`Wednesday, 14 October 2009` in the reader's zone."""
    return _written(at.astimezone(zone()), "EEEE, d MMMM y")


def clock_in(at: datetime, time_zone: str) -> str:
    """`19:10` in a zone; with the weekday where that is another day than the reader's: `Thu 03:10`."""
    local = at.astimezone(ZoneInfo(time_zone))
    pattern = "HH:mm" if local.date() == at.astimezone(zone()).date() else "EEE HH:mm"
    return _written(local, pattern)


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
    local = at.astimezone(zone())
    this_year = local.year == clock.now().astimezone(zone()).year
    return _written(local, "d MMM" if this_year else "d MMM y")


def recent(at: datetime) -> str:
    """`14 Oct, 15:05` in the reader's zone, with the year when it is another one."""
    local = at.astimezone(zone())
    this_year = local.year == clock.now().astimezone(zone()).year
    return _written(local, "d MMM, HH:mm" if this_year else "d MMM y, HH:mm")


def capitals(at: datetime) -> str:
    """`14 Oct 2009, 09:05 Washington / 19:05 Astana`: where a time concerns every group."""
    place = g.get("place")
    groups = sorted(place.directory.groups.values(), key=lambda group: group.ordinal) if place else []
    parts: list[str] = []
    shown = None
    for group in groups:
        local = at.astimezone(ZoneInfo(group.time_zone))
        pattern = "HH:mm" if shown == local.date() else ("d MMM, HH:mm" if shown else "d MMM y, HH:mm")
        parts.append(f"{_written(local, pattern)} {group.city}")
        shown = local.date()
    return " / ".join(parts) or moment(at)


def time_tag(at: datetime, shown: str = "moment") -> Markup:
    """A `time` element with the exact instant; `shown` names one of the formats above."""
    formats = {"day": day, "moment": moment, "capitals": capitals, "brief": brief, "recent": recent}
    text = formats[shown](at)
    exact = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    title = escape(text if shown == "capitals" else capitals(at))
    return Markup(f'<time datetime="{exact}" title="{title}">{escape(text)}</time>')  # noqa: S704 - escaped

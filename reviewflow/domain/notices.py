"""Which mails somebody gets about what waits for them, and when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from reviewflow.domain.waiting import Task


class Notices(StrEnum):
    """When a person is mailed that something waits; links that they ask for themselves always come."""

    #: As soon as it waits.
    AT_ONCE = "at_once"
    #: In the morning of their own clock, if something new has come to wait since the last one.
    DAILY = "daily"
    NEVER = "never"


#: When the day's mail is made, on the person's clock: before the working day begins.
MORNING = time(7)
#: Between two mails at once: what five people do one after the other is one mail and not five.
APART = timedelta(minutes=15)
#: A mail that no server took for so long tells what is no longer news.
LASTS = timedelta(days=1)
#: A draft waits for those who are writing it, and they know.
NOT_TOLD = frozenset({Task.PROPOSE})


def next_notice(choice: Notices, zone: str, at: datetime) -> datetime:
    """The earliest instant of the next mail, if `at` is when it was last looked.

    `zone` is an IANA name. In the night when clocks change, the morning is the clock's all the same.
    """
    if choice is not Notices.DAILY:
        return at + APART
    there = at.astimezone(ZoneInfo(zone))
    morning = datetime.combine(there.date(), MORNING, there.tzinfo)
    if morning.timestamp() <= at.timestamp():
        morning = datetime.combine(there.date() + timedelta(days=1), MORNING, there.tzinfo)
    return morning

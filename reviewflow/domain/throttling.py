"""How long the door stays shut after wrong passwords: longer each time, never for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reviewflow.domain.errors import Refusal


class TooManyAttempts(Refusal):
    """The door is shut for a while; `seconds` says for how long. Nothing was looked at."""

    code = "too_many_attempts"


class Counted(StrEnum):
    """What wrong passwords are counted by."""

    #: One account, from all browsers that have never signed in to it together.
    ACCOUNT = "account"
    #: One account from one browser that has: strangers can't shut its door.
    BROWSER = "browser"
    #: One network address, whatever the account.
    ADDRESS = "address"
    #: The one-time codes of one account, whose password is known already.
    CODE = "code"
    #: Tokens of programs that nobody has, from one network address; right ones are counted apart.
    PROGRAM = "program"
    #: Mails to one address that a password was forgotten.
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Patience:
    """So many attempts are free; then each wrong one doubles the wait, from a second to `longest`."""

    free: int
    longest: timedelta


PATIENCE = {
    Counted.ACCOUNT: Patience(5, timedelta(minutes=5)),
    Counted.BROWSER: Patience(10, timedelta(minutes=1)),
    # An office or a conference may share one.
    Counted.ADDRESS: Patience(50, timedelta(minutes=5)),
    # Three of a million codes are right at a time: a hundred tries a day find one in nine years on average.
    Counted.CODE: Patience(5, timedelta(minutes=15)),
    # A program that goes on with a token that has ended asks the database less and less often.
    Counted.PROGRAM: Patience(50, timedelta(minutes=5)),
    # Nobody's mailbox is filled by somebody else.
    Counted.RESET: Patience(3, timedelta(hours=1)),
}
#: After this long without an attempt a count begins anew, and is not kept.
FORGOTTEN_AFTER = timedelta(days=1)


def shut_until(by: Counted, attempts: int, at: datetime) -> datetime:
    """Until when the door is shut, once `attempts` have been made and none was right."""
    patience = PATIENCE[by]
    if attempts <= patience.free:
        return at
    # Beyond some doublings it is the longest anyway, and the number would grow without end.
    seconds = 2.0 ** min(attempts - patience.free - 1, 30)
    return at + min(timedelta(seconds=seconds), patience.longest)

"""Tokens by which a program reads in a member's name: what each opens, how long, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from reviewflow.domain.errors import Refusal

#: What every token begins with, so that one that was published by mistake can be found by a search.
MARK = "reviewflow_"
#: In days: what one chooses from. A token that nobody remembers ends by itself.
LASTS = (30, 90, 365)
#: Of one person; nobody keeps an eye on more.
MOST_TOKENS = 10
#: How often one token is accepted in an hour: every minute, as no program needs.
USES_AN_HOUR = 60
WINDOW = timedelta(hours=1)


class Scope(StrEnum):
    """What a token may open. Nothing lets a program act, or see what somebody signs in with."""

    #: The status table as CSV.
    STATUS = "status"


class InvalidToken(Refusal):
    """There is no such token, or it has ended or was taken back: which of these is not told."""

    code = "invalid_token"


class BeyondScope(Refusal):
    """The token is good, and not for this."""

    code = "beyond_scope"


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a person, good in one task force; its secret is nowhere. `name` is what they call it."""

    id: int
    name: str
    task_force: str
    scope: str
    made_at: datetime
    ends_at: datetime
    used_on: date | None


def admit(token: Token | None, wanted: Scope | None, at: datetime) -> Token:
    """The token, if it opens what is wanted (None is what no token opens) at this instant.

    Raises `InvalidToken`, before anything is told of what is wanted, and `BeyondScope`.
    """
    if token is None or at >= token.ends_at:
        raise InvalidToken()
    if wanted is None or token.scope != wanted:
        raise BeyondScope()
    return token


def uses_after(uses: int, since: datetime | None, at: datetime) -> tuple[int, datetime]:
    """How many uses the present hour has with this one, and since when it runs."""
    if since is None or at - since >= WINDOW:
        return 1, at
    return uses + 1, since

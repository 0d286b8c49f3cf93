"""What a token opens, until when, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain.errors import Refusal
from reviewflow.domain.tokens import BeyondScope, InvalidToken, Scope, Token, admit, uses_after

AT = datetime(2009, 10, 1, 8, tzinfo=UTC)


def _token(scope: str = "status") -> Token:
    return Token(1, "Dashboard", "Task force", scope, AT, AT + timedelta(days=30), None)


@pytest.mark.parametrize(
    ("token", "wanted", "days", "refused"),
    [
        (_token(), Scope.STATUS, 29, None),
        (_token(), Scope.STATUS, 30, InvalidToken),
        (None, Scope.STATUS, 0, InvalidToken),
        (_token(), None, 0, BeyondScope),
        (_token("other"), Scope.STATUS, 0, BeyondScope),
        # One that has ended is not told what it would have opened.
        (_token("other"), Scope.STATUS, 31, InvalidToken),
        (None, None, 0, InvalidToken),
    ],
)
def test_token_opens_what_its_scope_names_until_it_ends(
    token: Token | None, wanted: Scope | None, days: int, refused: type[Refusal] | None
) -> None:
    at = AT + timedelta(days=days)
    if refused is None:
        assert admit(token, wanted, at) is token
    else:
        with pytest.raises(refused):
            admit(token, wanted, at)


def test_uses_are_counted_by_the_hour() -> None:
    later = AT + timedelta(minutes=59)
    assert uses_after(0, None, AT) == (1, AT)
    assert uses_after(1, AT, later) == (2, AT)
    assert uses_after(60, AT, AT + timedelta(hours=1)) == (1, AT + timedelta(hours=1))

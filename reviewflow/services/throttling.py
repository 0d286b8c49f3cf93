"""The door: each attempt to sign in is counted before its password is looked at."""

from __future__ import annotations

import hashlib
import math

from sqlalchemy import bindparam, delete, select, text

from reviewflow.domain.throttling import FORGOTTEN_AFTER, Counted, TooManyAttempts, shut_until
from reviewflow.persistence.db import Instant, forgetting, table_of
from reviewflow.persistence.models.throttling import SignInCount
from reviewflow.services.transaction import Work, transaction

_COUNTS = table_of(SignInCount)
_COUNTED = select(_COUNTS.c.attempts, _COUNTS.c.shut_until).where(_COUNTS.c.key == bindparam("named"))
#: One statement for both databases; whoever comes second waits for the first one's row.
_COUNT = text(
    "INSERT INTO sign_in_counts (key, attempts, shut_until, last_at) VALUES (:key, 1, :at, :at)"
    " ON CONFLICT (key) DO UPDATE SET attempts = sign_in_counts.attempts + 1, last_at = :at"
    " RETURNING attempts"
).bindparams(bindparam("at", type_=Instant))


def count_attempt(account: str, address: str, *, known_browser: str | None) -> None:
    """Let one attempt pass, or raise `TooManyAttempts`; many at the same instant pass one after the other.

    `known_browser` names a browser that has signed in to this very account, None is any other.
    """
    with transaction() as work:
        work.session.execute(forgetting(_COUNTS, _COUNTS.c.last_at < work.now - FORGOTTEN_AFTER))
        for by, key in sorted(_keys(account, address, known_browser).items()):
            _count(work, by, key)


def count_reset(account: str, address: str) -> None:
    """Let somebody ask for a new password, or raise `TooManyAttempts`; whether there is an account or not."""
    with transaction() as work:
        _count(work, Counted.ADDRESS, _digest(Counted.ADDRESS, address))
        _count(work, Counted.RESET, _digest(Counted.RESET, account.strip().lower()))


def count_wrong_token(address: str) -> None:
    """Count a token that nobody has, or raise `TooManyAttempts`; people at the address are not held up."""
    with transaction() as work:
        _count(work, Counted.PROGRAM, _digest(Counted.PROGRAM, address))


def count_guess(person_id: int) -> None:
    """Let one guess at a person's one-time code pass, or raise `TooManyAttempts`."""
    with transaction() as work:
        _count(work, Counted.CODE, _digest(Counted.CODE, str(person_id)))


def take_back_guess(person_id: int) -> None:
    """After the right code their count begins anew."""
    with transaction() as work:
        work.session.execute(delete(_COUNTS).where(_COUNTS.c.key == _digest(Counted.CODE, str(person_id))))


def _count(work: Work, by: Counted, key: str) -> None:
    attempts = work.session.execute(_COUNT, {"key": key, "at": work.now}).scalar_one()
    until = work.session.execute(_COUNTED, {"named": key}).one().shut_until
    if until > work.now:
        raise TooManyAttempts(seconds=math.ceil((until - work.now).total_seconds()))
    work.session.execute(
        _COUNTS.update().where(_COUNTS.c.key == key).values(shut_until=shut_until(by, attempts, work.now))
    )


def take_back_attempt(account: str, address: str, *, known_browser: str | None) -> None:
    """After the right password: the account's count begins anew, and the address did nothing wrong."""
    with transaction() as work:
        for by, key in sorted(_keys(account, address, known_browser).items()):
            if by is Counted.ADDRESS:
                work.session.execute(
                    _COUNTS.update()
                    .where(_COUNTS.c.key == key)
                    .values(attempts=_COUNTS.c.attempts - 1, shut_until=work.now)
                )
            else:
                work.session.execute(delete(_COUNTS).where(_COUNTS.c.key == key))


def _keys(account: str, address: str, known_browser: str | None) -> dict[Counted, str]:
    """What an attempt is counted by, each with the digest under which it is."""
    by = Counted.BROWSER if known_browser else Counted.ACCOUNT
    named = f"{account.strip().lower()}\n{known_browser or ''}"
    return {by: _digest(by, named), Counted.ADDRESS: _digest(Counted.ADDRESS, address)}


def _digest(by: Counted, name: str) -> str:
    return hashlib.sha256(f"{by}\n{name}".encode("utf-8", "surrogatepass")).hexdigest()

"""Passwords: hashed with argon2id, compared in equal time for unknown accounts, and judged by guesses."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: RFC 9106's second recommended option, which argon2-cffi has as its default: 64 MiB, three passes.
_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The password's argon2id hash, salted, with its parameters in it."""
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` belongs to the stored hash; takes as long when there is none, and says no.

    `stored` is None for an unknown account, empty for one without a password.
    """
    try:
        _HASHER.verify(stored or _dummy(), password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
    return bool(stored)


@cache
def _dummy() -> str:
    """A hash that is compared with in place of one that does not exist."""
    return hash_password("the password of nobody")


def guesses(password: str, words: tuple[str, ...]) -> int:
    """How many tries it takes who tries `words`, names, common passwords and patterns first (zxcvbn)."""
    # Its lists take 11 MB, and hardly any request needs them.
    from zxcvbn import zxcvbn

    # Its time grows with the square of the length, and these many characters are enough to judge by.
    return int(zxcvbn(password[:72], user_inputs=list(words))["guesses"])

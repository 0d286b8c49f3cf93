"""Which passwords are accepted: long enough, and not easily guessed by who knows the task force."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta

from reviewflow.domain.errors import InvalidInput

#: Shorter passwords are guessed (NIST SP 800-63B asks for eight; four more cost nobody anything).
MINIMUM = 12
#: Hashing has to end; no person types more.
MAXIMUM = 1000
#: An estimate below this falls to who has stolen the hashes and tries ten thousand a second for a fortnight.
NEEDED_GUESSES = 10**10
#: A link by which a forgotten password is replaced is of use for so long.
RESET_LASTS = timedelta(hours=1)
#: Words that anybody tries first, whatever the task force is.
COMMON_WORDS = ("reviewflow", "password", "osce", "odihr", "recommendation", "working group", "task force")


def check_length(password: str) -> None:
    """Raises `InvalidInput` for one that is too short or too long."""
    if len(password) < MINIMUM:
        raise InvalidInput(field="password", problem="too_short", limit=MINIMUM)
    if len(password) > MAXIMUM:
        raise InvalidInput(field="password", problem="too_long", limit=MAXIMUM)


def check_password(
    password: str, about: Iterable[str], guesses: Callable[[str, tuple[str, ...]], int]
) -> None:
    """Raises `InvalidInput` for a password that is too short, too long, or too easily guessed.

    `about` is what everybody knows: the person's name and address, the task force's names.
    `guesses(password, words)` estimates how many tries it takes somebody who tries those words first.
    """
    check_length(password)
    if guesses(password, words_about(about)) < NEEDED_GUESSES:
        raise InvalidInput(field="password", problem="too_easy")


def words_about(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text and each word of it, in small letters, in their order and once.

    >>> words_about(["Aliya Nurgazina"])[:3]
    ('aliya nurgazina', 'aliya', 'nurgazina')
    """
    found = dict.fromkeys(
        word
        for text in map(_plain, (*texts, *COMMON_WORDS))
        for word in (text, *re.findall(r"\w{3,}", text))
        if word
    )
    return tuple(found)


def _plain(text: str) -> str:
    return text.strip().casefold()

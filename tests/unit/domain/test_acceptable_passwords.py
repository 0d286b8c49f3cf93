"""Which passwords are accepted."""

from __future__ import annotations

import pytest

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.passwords import MAXIMUM, MINIMUM, NEEDED_GUESSES, check_password, words_about
from reviewflow.gateways.passwords import guesses

ABOUT = ("Aliya Nurgazina", "aliya.nurgazina@example.org", "U.S.-Kazakhstan OSCE Task Force", "Astana")


def _problem(password: str) -> object:
    try:
        check_password(password, ABOUT, guesses)
    except InvalidInput as refused:
        return refused.details["problem"]
    return None


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("x" * (MINIMUM - 1), "too_short"),
        ("x" * (MAXIMUM + 1), "too_long"),
        ("x" * MAXIMUM, "too_easy"),
        ("password1234", "too_easy"),
        ("qwertyuiop123", "too_easy"),
        # What who knows her tries first.
        ("AliyaNurgazina", "too_easy"),
        ("aliya.nurgazina@example.org", "too_easy"),
        ("Astana-Kazakhstan", "too_easy"),
        ("reviewflow2026", "too_easy"),
        ("correct horse battery", None),
        ("жеті қат көк тіреу", None),
        ("\ud800" * MINIMUM, "too_easy"),
    ],
)
def test_password_is_judged_by_who_knows_its_owner(password: str, problem: str | None) -> None:
    assert _problem(password) == problem


def test_the_limit_itself_is_enough() -> None:
    check_password("x" * MINIMUM, (), lambda _password, _words: NEEDED_GUESSES)
    with pytest.raises(InvalidInput):
        check_password("x" * MINIMUM, (), lambda _password, _words: NEEDED_GUESSES - 1)


def test_words_are_texts_and_their_words_once() -> None:
    found = words_about(["Working Group of Astana", "Astana"])
    assert found[:4] == ("working group of astana", "working", "group", "astana")
    assert len(found) == len(set(found))
    assert "reviewflow" in found

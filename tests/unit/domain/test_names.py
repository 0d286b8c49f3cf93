"""Spellings of a name in other scripts."""

from __future__ import annotations

import pytest

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.names import name_for, spelling


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("", ""),
        ("  ", ""),
        (" Әлия  Нұрғазина ", "Әлия Нұрғазина"),
        ("Ғ. Һәкімұлы-Өмірзақ", "Ғ. Һәкімұлы-Өмірзақ"),
        ("Жан д’Арк", "Жан д’Арк"),
    ],
)
def test_spelling_is_kept_in_one_form(raw: str, kept: str) -> None:
    assert spelling(raw, "kk") == kept


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("Aliya", "not_cyrillic"),
        ("Aлия", "not_cyrillic"),  # its first letter is Latin
        ("Алия 2", "not_cyrillic"),
        ("-", "not_cyrillic"),
        ("Алия (координатор)", "not_cyrillic"),
        ("Я" * 201, "too_long"),
    ],
)
def test_what_is_no_spelling_is_refused(raw: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        spelling(raw, "ru")
    assert (refused.value.details["field"], refused.value.details["problem"]) == ("name_ru", problem)


def test_reader_is_shown_the_spelling_of_their_language_or_the_name_as_it_was_given() -> None:
    spelled = {"ru": "Алия", "kk": ""}
    assert [name_for(language, "Aliya", spelled) for language in ("ru", "kk", "en", "")] == [
        *("Алия", "Aliya", "Aliya", "Aliya")
    ]

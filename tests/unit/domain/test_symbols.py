"""Symbols are printed and read back without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.symbols import Symbol, parse_symbol, slug_of

SYMBOLS = st.builds(
    Symbol,
    prefix=st.from_regex(r"[A-Z][A-Z0-9-]{0,15}", fullmatch=True),
    series=st.sampled_from(("DR", "REC")),
    number=st.integers(1, 999_999),
    year=st.integers(2000, 2099),
    revision=st.integers(0, 9999),
)


@given(SYMBOLS)
def test_symbol_is_read_back_as_printed(symbol: Symbol) -> None:
    assert parse_symbol(str(symbol)) == symbol
    assert parse_symbol(f" {str(symbol).lower()} ") == symbol


@pytest.mark.parametrize(
    ("symbol", "text", "slug"),
    [
        (Symbol("USKZ", "DR", 3, 2009), "USKZ.DR/3/09", "uskz-dr-3-09"),
        (Symbol("USKZ", "DR", 3, 2009, 2), "USKZ.DR/3/09/Rev.2", "uskz-dr-3-09-rev-2"),
        (Symbol("USKZ", "REC", 5, 2009), "USKZ.REC/5/09", "uskz-rec-5-09"),
    ],
)
def test_symbol_is_printed_as_agreed(symbol: Symbol, text: str, slug: str) -> None:
    assert (str(symbol), symbol.slug()) == (text, slug)


def test_symbol_is_revised_one_by_one() -> None:
    first = Symbol("USKZ", "DR", 3, 2009).revised()
    assert (str(first), str(first.revised())) == ("USKZ.DR/3/09/Rev.1", "USKZ.DR/3/09/Rev.2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "USKZ",
        "USKZ.DR/0/09",
        "USKZ.DR/03/09",
        "USKZ.DR/3/2009",
        "USKZ.XX/3/09",
        "USKZ.DR/3/09/Rev.0",
        "USKZ.DR/3/09/Corr.1",
        "USKZ.REC/3/09/Corr.0",
        "USKZ.DR/3/09 and more",
        "USKZ.DR/٣/09",
        "9KZ.DR/3/09",
    ],
)
def test_text_that_is_no_symbol_is_not_read(text: str) -> None:
    assert parse_symbol(text) is None


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Amend the media law", "amend-the-media-law"),
        ("  ODIHR's  autonomy: keep it!  ", "odihrs-autonomy-keep-it"),
        ("Права человека", "права-человека"),
        ("?!", "text"),
        ("", "text"),
        ("word " * 20, "-".join(["word"] * 12)),
        ("a" * 60, "a" * 60),
        ("a" * 61, "text"),
        (f"{'a' * 30} {'b' * 29}", f"{'a' * 30}-{'b' * 29}"),
        (f"{'a' * 30} {'b' * 30}", "a" * 30),
    ],
)
def test_slug_keeps_whole_words(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(st.text())
def test_slug_is_short_and_never_empty(title: str) -> None:
    assert 0 < len(slug_of(title)) <= 60

"""Open brackets: what counts, what does not, and how they are cleaned."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.brackets import (
    MAX_BRACKETS,
    MAX_WORDING,
    Bracket,
    bracketed_share,
    clean,
    count_open,
    find_brackets,
    only_brackets_changed,
)

MARKDOWN = st.lists(
    st.sampled_from([*"ab [[]]//\\`\n!()^:|-<>", "https://a.b", "(https://a.b)", "[x](https://a.b)", "1. "])
).map("".join)


def texts_of(text: str) -> list[str]:
    return [bracket.text for bracket in find_brackets(text)]


def test_find_brackets_parses_nesting_and_alternatives() -> None:
    inner = Bracket(12, 15, "[x]", ("x",), 1, ())
    assert find_brackets("It [shall/a [x]] do") == (
        Bracket(3, 16, "[shall/a [x]]", ("shall", "a [x]"), 0, (inner,), (9,)),
    )
    assert texts_of("[A] [B]") == ["[A]", "[B]"]


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("[shall/should]", ("shall", "should")),
        ("[a / b/c / d]", ("a", "b/c", "d")),
        ("[31/12/2009 / 1/2/2010]", ("31/12/2009", "1/2/2010")),
        ("[2/3 of it]", ("2/3 of it",)),
        ("[shall/]", ("shall", "")),
        ("[a [b/c] d]", ("a [b/c] d",)),
        ("[see https://a.b/c/d or www.e.f/g]", ("see https://a.b/c/d or www.e.f/g",)),
        ("[a `b/c` <https://a.b/c>]", ("a `b/c` <https://a.b/c>",)),
        ("[]", ("",)),
    ],
)
def test_alternatives_are_divided_at_their_own_level(text: str, alternatives: tuple[str, ...]) -> None:
    (bracket,) = find_brackets(text)
    assert bracket.alternatives == alternatives


@pytest.mark.parametrize(
    "text",
    [
        "[x](https://a.b/c_(d) \"title\") [x](<mailto:a@b.c>)",
        "![x](https://a.b/c.png) [![x](https://a.b/c.png)](https://a.b)",
        "[x][r] and [R][]\n\n[r]: https://a.b\n[s]: http://c.d 'title'",
        "note[^1]\n\n[^1]: The note.",
        "- [ ] to do\n- [x] done\n  1. [X] nested",
        r"\[no\] and \[no]",
        r"\[see https://a.b/c\] and https://a.b\[",
        "`[x]` and `` ` [x] `` and `a\n[x]`",
        "```\n[x]\n```",
        "~~~\n[x]\n\n[y]",
        "- a\n  ```\n  [x]\n  ```\n- b",
        "> ```\n> [x]\n> ```",
        "<https://a.b/[x]>",
        "| `[x]` | b |\n|---|---|",
    ],
)  # fmt: skip
def test_what_is_markdown_is_no_bracket(text: str) -> None:
    assert find_brackets(text) == ()
    assert count_open(text) == 0


@pytest.mark.parametrize(
    ("text", "brackets"),
    [
        ("[shall](should) [x](javascript:a)", ["[shall]", "[x]"]),
        ("[A][B] [B]\n\n[C]: https://a.b", ["[A]", "[B]", "[B]"]),
        ("[r] is a label\n\n[r]: https://a.b", ["[r]"]),
        ("[shall]: should", ["[shall]"]),
        ("[see [draft]](https://a.b)", ["[draft]"]),
        ("[[see [draft]](https://a.b)]", ["[[see [draft]](https://a.b)]"]),
        ("[a [b](https://a.b) c](https://d.e)", ["[a [b](https://a.b) c]"]),
        ("- [ ] [x] to do", ["[x]"]),
        ("a ` [x]\n\nb `", ["[x]"]),
        ("- a ` [x]\n  - b `", ["[x]"]),
        ("| a ` [x] | b ` |\n|---|---|", ["[x]"]),
        ("- ```\n  [x]", ["[x]"]),
        ("- [a\n\n  b](https://a.b)", ["[a\n\n  b]"]),
        ("    [x]", ["[x]"]),
        ("[x] `` a `", ["[x]"]),
        ("[a [b] c", ["[a [b] c"]),
        ("a] b\n\n[c", ["]", "[c"]),
        (r"\] [a]", ["[a]"]),
        ("x [a][" + "l" * 150 + "]\n\n[r]: https://a.b", ["[a]", "[" + "l" * 150 + "]"]),
    ],
)
def test_what_might_hide_a_bracket_does_not(text: str, brackets: list[str]) -> None:
    assert texts_of(text) == brackets


def test_deep_brackets_are_counted_without_being_nested_for_ever() -> None:
    assert count_open("[" * 500 + "]" * 500) == 500
    assert count_open("[" * 500) == 500


def test_bracketed_share_counts_words() -> None:
    assert bracketed_share("Publish by [31 January 2010/31 March 2010] a table.") == (6, 10)


@given(MARKDOWN)
def test_every_bracket_is_where_it_says(text: str) -> None:
    brackets = find_brackets(text)
    for bracket in brackets:
        assert text[bracket.start : bracket.end] == bracket.text
        assert all(text[place] == "/" for place in bracket.dividers)
        assert all(bracket.start < inner.start for inner in bracket.inner)
    assert all(first.end <= second.start for first, second in pairwise(brackets))


@pytest.mark.parametrize(
    ("old", "index", "wording", "new"),
    [
        ("A [x] B [y] C", 1, "foo", "A [x] B foo C"),
        ("A [x], b", 0, "", "A, b"),
        ("A [x] b", 0, "", "A b"),
        ("[A] [B] c", 0, "", "[B] c"),
        ("a [b]", 0, "", "a"),
        ("word[s] x", 0, "", "word x"),
        ("a [x]b", 0, "", "a b"),
        ("a\n\n[b]\n\nc", 0, "", "a\n\nc"),
        ("[b]\n\nc", 0, "", "c"),
        ("[b]", 0, "", ""),
        ("1. a\n2. [b]\n3. c", 0, "", "1. a\n3. c"),
        ("1. a\n2. [b] d", 0, "e", "1. a\n2. e d"),
    ],
)
def test_clean_replaces_one_bracket(old: str, index: int, wording: str, new: str) -> None:
    assert clean(old, index, wording) == new
    assert only_brackets_changed(old, new)


def test_clean_refuses_an_index_that_does_not_exist() -> None:
    with pytest.raises(IndexError):
        clean("a", 0, "b")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("A [x] B [y] C", "A foo B bar C", True),
        ("A [x] B [y] C", "A foo B [y] C", True),
        ("A [x] B [y] C", "A [x] B bar C", True),
        ("[A] [B] c", "B c", True),
        ("[A] [B] c", "A c", True),
        ("a [b\nc] d", "a b\nc d", True),
        ("a [b\nc] [d]", "a [b\nc] e", True),
        ("A [x] B", "A [x] B", False),
        ("A B", "A C", False),
        ("A [x] B", "A x C", False),
        ("A [x] B", "C x B", False),
        ("A [x] B", "A x\ny B", False),
        ("A [x\nz] B", "A x\n\ny B", False),
        ("a [b] c", "ac", False),
        ("A [x] B [y] C", "A x D y C", False),
        ("A [x] B [y] C", "A x", False),
        ("A [x] B", "A " + "x" * (MAX_WORDING + 1) + " B", False),
        ("[a] " * (MAX_BRACKETS + 1), "b", False),
    ],
)
def test_only_brackets_changed_guards_the_rest(old: str, new: str, expected: bool) -> None:
    assert only_brackets_changed(old, new) is expected


def test_only_brackets_changed_follows_many_brackets() -> None:
    assert only_brackets_changed("[a] " * 1_000 + "z", "b " * 999 + "c z")
    assert not only_brackets_changed("[a] " * 1_000 + "z", "b " * 999 + "c y")


@given(st.lists(st.sampled_from(["A", "[x]", "of", "[y / z]", ", ", "\n\n"]), min_size=1), st.data())
def test_a_cleaned_text_passes_the_guard(parts: list[str], data: st.DataObject) -> None:
    text = " ".join(parts)
    brackets = find_brackets(text)
    if brackets:
        index = data.draw(st.integers(0, len(brackets) - 1))
        wording = data.draw(st.sampled_from(["", "x", "some words", "A"]))
        assert only_brackets_changed(text, clean(text, index, wording))

"""Suggestions: what accepting makes of a text, what collides, and that else order makes no difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewflow.domain import suggestions
from reviewflow.domain.manifest import Wording
from reviewflow.domain.suggestions import (
    ReachesBeyond,
    Suggestion,
    SuggestionsCollide,
    WordsGone,
    with_space,
)
from reviewflow.domain.text import UnacceptableText, canonical_text, split_blocks

TEXT = "The Task Force recommends:\n\n1. The State shall report each year.\n\n2. It shall publish the table."


def worded(text: str) -> Wording:
    """A wording of which the text alone matters."""
    return Wording("Title", "", text, "")


def accepted(text: str, several: Sequence[Suggestion]) -> str:
    return suggestions.accepted(worded(text), several).text


def collisions(text: str, several: Sequence[Suggestion]) -> tuple[tuple[str, str], ...]:
    return suggestions.collisions(worded(text), several)


def carried(
    text: str, taken: Sequence[Suggestion], others: Sequence[Suggestion]
) -> dict[str, Suggestion | None]:
    return suggestions.carried(worded(text), taken, others)


def stands(text: str, one: Suggestion) -> bool:
    return suggestions.stands(worded(text), one)


def on(text: str, words: str, after: str, key: str = "a", *, occurrence: int = 0) -> Suggestion:
    """A suggestion on the words of a text, wherever they stand first."""
    found = [
        (block.index, start)
        for block in split_blocks(text)
        for start in range(len(block.text))
        if block.text.startswith(words, start)
    ]
    paragraph, start = found[occurrence]
    return Suggestion(key, paragraph, start, start + len(words), words, after)


def test_accepted_words_take_the_place_of_the_old_ones() -> None:
    several = (on(TEXT, "each year", "every month", "a"), on(TEXT, "shall", "should", "b", occurrence=1))
    new = TEXT.replace("each year", "every month").replace("It shall", "It should")
    assert accepted(TEXT, several) == new


def test_two_suggestions_in_one_paragraph_keep_their_places() -> None:
    several = (on(TEXT, "report", "give a full report", "a"), on(TEXT, "The State", "Each State", "b"))
    assert "1. Each State shall give a full report each year." in accepted(TEXT, several)
    assert accepted(TEXT, several) == accepted(TEXT, several[::-1])


def test_new_words_stand_beside_old_ones() -> None:
    assert "each year, and online." in accepted(TEXT, [on(TEXT, "each year", "each year, and online")])


def test_paragraph_taken_out_goes_with_its_number() -> None:
    gone = on(TEXT, "The State shall report each year.", "")
    assert accepted(TEXT, [gone]) == "The Task Force recommends:\n\n2. It shall publish the table."
    assert accepted("One.", [on("One.", "One.", "")]) == ""


def test_taking_out_every_paragraph_leaves_nothing() -> None:
    several = [on("A.\n\nB.\n\n\nC.", letter, "", letter) for letter in ("A.", "B.", "C.")]
    assert accepted("A.\n\nB.\n\n\nC.", several) == ""
    assert accepted("A.\n\nB.\n\n\nC.", several[1:]) == "A."
    assert accepted("A.\n\nB.\n\n\nC.", several[:2]) == "C."


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("very ", "A good text (very)."),
        ("very", "A good text (very)."),
        ("A", "very good text (very)."),
        ("good", "A very text (very)."),
        ("(very)", "A very good text."),
    ],
)
def test_space_goes_with_words_that_are_taken_out(words: str, left: str) -> None:
    text = "A very good text (very)."
    start = text.index(words)
    start, end = with_space(text, start, start + len(words))
    left_over = accepted(text, [Suggestion("a", 1, start, end, text[start:end], "")])
    assert left_over.replace("  ", " ") == left


def test_space_before_is_kept_inside_a_word_and_after_a_list_marker() -> None:
    assert with_space("1. Publish it.", 3, 10) == (3, 11)
    assert with_space("to report", 3, 5) == (3, 5)
    assert with_space("(very good)", 1, 5) == (1, 6)


def test_overlapping_places_collide_and_nothing_is_accepted() -> None:
    a, b = on(TEXT, "shall report", "reports", "a"), on(TEXT, "report each", "report every", "b")
    c = on(TEXT, "publish", "print", "c")
    assert collisions(TEXT, (a, b, c)) == (("a", "b"),)
    with pytest.raises(SuggestionsCollide) as refused:
        accepted(TEXT, (a, b, c))
    assert refused.value.details == {"pairs": (("a", "b"),)}


def test_neighbours_and_equal_suggestions_do_not_collide() -> None:
    a, b = on(TEXT, "shall ", "should ", "a"), on(TEXT, "report", "answer", "b")
    assert collisions(TEXT, (a, b)) == ()
    same = on(TEXT, "report", "answer", "c")
    assert collisions(TEXT, (b, same)) == ()
    assert accepted(TEXT, (b, same)) == accepted(TEXT, (b,))


def test_same_place_in_another_paragraph_does_not_collide() -> None:
    text = "It shall.\n\nIt shall."
    a, b = on(text, "shall", "may", "a"), on(text, "shall", "must", "b", occurrence=1)
    assert accepted(text, (a, b)) == "It may.\n\nIt must."


@pytest.mark.parametrize(
    "wrong",
    [
        Suggestion("a", 2, 0, 3, "the", "a"),
        Suggestion("a", 9, 0, 3, "The", "a"),
        Suggestion("a", 0, 0, 3, "The", "a"),
        Suggestion("a", 1, 3, 3, "", "new"),
    ],
)
def test_words_that_do_not_stand_there_are_refused(wrong: Suggestion) -> None:
    assert not stands(TEXT, wrong)
    with pytest.raises(WordsGone) as refused:
        accepted(TEXT, [wrong])
    assert refused.value.details == {"keys": ("a",)}


@pytest.mark.parametrize("after", ["```\nreport", "report\n\n```\n\nall"])
def test_wording_that_swallows_the_next_paragraph_is_refused(after: str) -> None:
    text = "report\n\nSecond."
    with pytest.raises(ReachesBeyond):
        accepted(text, [on(text, "report", after)])


def test_wording_with_a_trailing_space_is_refused_since_it_would_not_be_stored_so() -> None:
    with pytest.raises(ReachesBeyond):
        accepted("One.", [on("One.", "One.", "One. ")])


def test_paragraphs_that_would_run_into_each_other_are_a_collision() -> None:
    text = "# One\nTwo\n# Three"
    head, tail = on(text, "# One", "One", "a"), on(text, "# Three", "Three", "b")
    alone = []
    for one in (head, tail):
        try:
            accepted(text, [one])
        except ReachesBeyond:
            alone.append(one.key)
    assert alone == ["a", "b"]
    lists = "- a\n- b\n- c"
    first, second = on(lists, "- a", "a", "a"), on(lists, "- b", "b", "b")
    assert accepted(lists, [first]) == "a\n- b\n- c"
    assert collisions(lists, (first, second)) == (("a", "b"),)
    with pytest.raises(SuggestionsCollide):
        accepted(lists, (first, second))


def test_others_are_carried_to_where_their_words_are_now() -> None:
    gone = on(TEXT, "The Task Force recommends:", "", "gone")
    longer = on(TEXT, "The State", "Every participating State", "longer")
    rest = on(TEXT, "each year", "every month", "rest")
    touched = on(TEXT, "State shall", "State should", "touched")
    last = on(TEXT, "table", "timetable", "last")
    new = accepted(TEXT, (gone, longer))
    assert new == "1. Every participating State shall report each year.\n\n2. It shall publish the table."
    assert carried(TEXT, (gone, longer), (rest, touched, last, longer)) == {
        "rest": on(new, "each year", "every month", "rest"),
        "touched": None,
        "last": on(new, "table", "timetable", "last"),
        "longer": None,
    }


def test_who_stands_in_a_paragraph_that_was_divided_is_found_in_its_new_one() -> None:
    text = "It reports. It publishes."
    divide = on(text, "reports. ", "reports.\n\n", "divide")
    assert carried(text, [divide], [on(text, "publishes", "prints", "b")]) == {
        "b": Suggestion("b", 2, 3, 12, "publishes", "prints")
    }


@pytest.mark.parametrize(
    ("text", "taken", "other"),
    [("1. a\n\nb", ("a", ""), "1."), ("a\nb", ("a", "a\n"), "\nb")],
)
def test_words_that_lost_their_paragraph_are_nowhere(text: str, taken: tuple[str, str], other: str) -> None:
    assert carried(text, [on(text, *taken)], [on(text, other, "c", "b")]) == {"b": None}


WORDS = st.sampled_from(
    ["a", "b", "a b", "shall", "1. a", "- b", "# c", "[a / b]", "ж", "x\n\ny", "\ny", "a "]
)
PARAGRAPHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "shall", "1.", "-", "[a / b]", "ж"]), min_size=1, max_size=6).map(
        " ".join
    ),
    min_size=1,
    max_size=4,
)
TEXTS = st.builds(
    lambda parts, gap: canonical_text(gap.join(parts)), PARAGRAPHS, st.sampled_from(["\n\n", "\n", "\n\n\n"])
)


@st.composite
def texts_with_suggestions(draw: st.DrawFn) -> tuple[str, list[Suggestion]]:
    """A text and up to four suggestions on it, each acceptable alone."""
    text = draw(TEXTS)
    blocks = split_blocks(text)
    assume(blocks)
    found = []
    for key in "abcd"[: draw(st.integers(2, 4))]:
        block = draw(st.sampled_from(blocks))
        start = draw(st.integers(0, len(block.text) - 1))
        end = draw(st.integers(start + 1, len(block.text)))
        after = draw(st.just("") | WORDS)
        one = Suggestion(key, block.index, start, end, block.text[start:end], after)
        try:
            accepted(text, [one])
        except (ReachesBeyond, UnacceptableText):
            continue
        found.append(one)
    return text, found


@given(texts_with_suggestions())
def test_order_makes_no_difference_where_no_collision_is_reported(case: tuple[str, list[Suggestion]]) -> None:
    text, found = case
    for a in found:
        for b in found:
            if (
                a.key >= b.key
                or collisions(text, (a, b))
                or (a.start, a.end, a.after) == (b.start, b.end, b.after)
            ):
                continue
            together = accepted(text, (a, b))
            assert accepted(text, (b, a)) == together
            for first, second in ((a, b), (b, a)):
                then = carried(text, (first,), (second,))[second.key]
                # The words may have gone only where nothing of their paragraph could be kept apart.
                assert then is not None, (text, first, second)
                assert accepted(accepted(text, (first,)), (then,)) == together


@given(texts_with_suggestions())
def test_all_at_once_is_one_after_the_other(case: tuple[str, list[Suggestion]]) -> None:
    text, found = case
    assume(not collisions(text, found) and len({(s.paragraph, s.start, s.end) for s in found}) == len(found))
    at_once = accepted(text, found)
    rest: list[Suggestion] = list(found)
    now = text
    while rest:
        first, *rest = rest
        moved = carried(now, (first,), rest)
        now = accepted(now, (first,))
        rest = [place for s in rest if (place := moved[s.key])]
        assert len(rest) == len(moved)
    assert now == at_once


@given(texts_with_suggestions())
def test_what_does_not_touch_the_others_is_never_lost(case: tuple[str, list[Suggestion]]) -> None:
    text, found = case
    for taken in found:
        others = [s for s in found if s is not taken]
        for key, place in carried(text, (taken,), others).items():
            if place is not None:
                assert stands(accepted(text, (taken,)), place), key


FIELDS = Wording("Media, openly", "What it is.\n\nAnd why.", TEXT, "Pledged in Madrid.\n\n- It is late.")


def test_every_field_takes_suggestions_at_once_and_each_keeps_its_place() -> None:
    several = (
        Suggestion("t", 1, 0, 5, "Media", "The press", "title"),
        Suggestion("s", 2, 4, 7, "why", "how", "summary"),
        replace(on(TEXT, "each year", "every month"), key="x"),
        Suggestion("r", 2, 2, 4, "It", "This", "rationale"),
    )
    assert suggestions.collisions(FIELDS, several) == ()
    assert suggestions.accepted(FIELDS, several) == Wording(
        "The press, openly",
        "What it is.\n\nAnd how.",
        TEXT.replace("each year", "every month"),
        "Pledged in Madrid.\n\n- This is late.",
    )
    title, *others = several
    late = Suggestion("l", 1, 7, 13, "openly", "in public", "title")
    assert suggestions.carried(FIELDS, [title], [late, *others]) == {
        "l": replace(late, start=11, end=17),
        **{one.key: one for one in others},
    }


def test_same_place_of_another_field_does_not_collide() -> None:
    words = Wording("A law", "A law", "A law", "A law")
    several = [Suggestion(field, 1, 2, 5, "law", field, field) for field in ("title", "summary", "rationale")]
    assert suggestions.accepted(words, several) == Wording("A title", "A summary", "A law", "A rationale")


@pytest.mark.parametrize("after", ["", "Media\nlaw", "Media\n\nlaw", "Media  law "])
def test_title_stays_one_line_and_never_goes(after: str) -> None:
    with pytest.raises(ReachesBeyond):
        suggestions.accepted(FIELDS, [Suggestion("t", 1, 0, 13, "Media, openly", after, "title")])


def obvious(words: Wording, several: Sequence[Suggestion]) -> tuple[tuple[str, str], ...]:
    """What collides, each with each: a second time, and slowly."""

    def refused(some: Sequence[Suggestion]) -> bool:
        try:
            suggestions._edited(words, some)
        except (ReachesBeyond, UnacceptableText):
            return True
        return False

    pairs = [(a, b) for a, b in combinations(several, 2) if a.change != b.change]
    found = [(a, b) for a, b in pairs if a.home == b.home and a.start < b.end and b.start < a.end]
    if not found and refused(several):
        near = [(a, b) for a, b in pairs if a.field == b.field and abs(a.paragraph - b.paragraph) <= 1]
        found = [pair for pair in near if refused(pair)] or near
    return tuple((a.key, b.key) for a, b in found)


@given(texts_with_suggestions(), texts_with_suggestions())
def test_collisions_are_those_of_the_obvious_definition(
    case: tuple[str, list[Suggestion]], other: tuple[str, list[Suggestion]]
) -> None:
    words = Wording("Title", "", case[0], other[0])
    several = [*case[1], *(replace(s, key=s.key.upper(), field="rationale") for s in other[1])]
    assert suggestions.collisions(words, several) == obvious(words, several)


def test_many_suggestions_in_one_paragraph_are_compared_with_those_that_they_meet() -> None:
    """Twenty thousand places of one paragraph: each with each would be two hundred million pairs."""
    places = range(0, 40_000, 2)
    text = "a " * 20_000 + "z"
    several = [Suggestion(str(n), 1, at, at + 1, "a", "b") for n, at in enumerate(places)]
    assert suggestions._overlapping(several) == []
    assert suggestions._overlapping([*several, Suggestion("x", 1, 2, 5, text[2:5], "c")]) == [
        (1, 20_000),
        (2, 20_000),
    ]

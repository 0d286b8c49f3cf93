"""Anchors: where words stand in the next version, whatever was done to the text, and never on others."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewflow.domain.anchors import UNCHANGED, Hold, Place, carry
from reviewflow.domain.crossings import Crossing
from reviewflow.domain.text import canonical_text, split_blocks

OLD = (
    "The Government should:\n\n"
    "1. Publish, before the end of the year, a timetable of all recommendations on the election law.\n\n"
    "2. Submit the draft amendments to ODIHR before they go to Parliament, and publish its opinion.\n\n"
    "Report on it.\n\n"
    "Report on it."
)


def at(text: str, words: str, nth: int = 0) -> Place:
    """The place of some words in a text, as somebody selects them."""
    found = [
        m
        for block in split_blocks(text)
        for m in [(block, s.start()) for s in re.finditer(re.escape(words), block.text)]
    ]
    block, start = found[nth]
    return Place(Hold.EXACT, block.index, start, start + len(words))


def words_at(text: str, place: Place) -> str | None:
    """The words at a place; None where there are none."""
    if place.paragraph is None or place.start is None:
        return None
    return split_blocks(text)[place.paragraph - 1].text[place.start : place.end]


def carried(new: str, words: str, nth: int = 0, old: str = OLD) -> tuple[Hold, int | None, str | None]:
    """Hold, paragraph and words of an anchor on `words` after the text became `new`."""
    place = carry(Crossing(old, new), at(old, words, nth), words)
    return place.hold, place.paragraph, words_at(new, place)


PARLIAMENT = "before they go to Parliament"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, (Hold.EXACT, 3, PARLIAMENT)),
        # A paragraph before it: the number changed, the words did not.
        ("Preamble, new and long.\n\n" + OLD, (Hold.EXACT, 4, PARLIAMENT)),
        (OLD.replace("Submit the draft", "Submit, in time, the draft"), (Hold.MOVED, 3, PARLIAMENT)),
        # Another line break is no other word.
        (
            OLD.replace("go to Parliament", "go\n   to Parliament"),
            (Hold.EXACT, 3, "before they go\n   to Parliament"),
        ),
        (OLD.replace("they go to", "these go to"), (Hold.APPROXIMATE, 3, "before these go to Parliament")),
        # Nothing was taken away, much was put between.
        (
            OLD.replace("they go to", "they go back to our"),
            (Hold.APPROXIMATE, 3, "before they go back to our Parliament"),
        ),
        # An edge was replaced: what stands there belongs to it.
        (
            OLD.replace(PARLIAMENT, "before they go to Parliaments"),
            (Hold.APPROXIMATE, 3, "before they go to Parliaments"),
        ),
        (OLD.replace(PARLIAMENT, "in good time"), (Hold.PARAGRAPH, 3, None)),
        (OLD.replace(f" {PARLIAMENT}", ""), (Hold.PARAGRAPH, 3, None)),
        ("A text on something else altogether.", (Hold.DETACHED, None, None)),
        ("", (Hold.DETACHED, None, None)),
    ],
)
def test_anchor_follows_its_words(new: str, expected: tuple[Hold, int | None, str | None]) -> None:
    assert carried(new, PARLIAMENT) == expected


def test_words_that_went_to_another_place_of_the_paragraph_are_to_be_confirmed() -> None:
    new = OLD.replace(
        "2. Submit the draft amendments to ODIHR before they go to Parliament, and publish its opinion.",
        "2. Publish its opinion, and before they go to Parliament submit the draft amendments to ODIHR.",
    )
    hold, paragraph, words = carried(new, PARLIAMENT)
    assert (hold in UNCHANGED | {Hold.APPROXIMATE}, paragraph, words) == (True, 3, PARLIAMENT)


def test_paragraph_that_went_elsewhere_takes_its_anchors_along() -> None:
    lead, first, second, *rest = OLD.split("\n\n")
    new = "\n\n".join([lead, second.replace("2.", "1."), *rest, first.replace("1.", "2.")])
    assert carried(new, "before the end of the year") == (Hold.APPROXIMATE, 5, "before the end of the year")
    unchanged = "\n\n".join([lead, *rest, second, first])
    assert carried(unchanged, "year") == (Hold.EXACT, 5, "year")


def test_split_paragraph_keeps_words_on_either_side() -> None:
    new = OLD.replace(", and publish its opinion.", ".\n\n3. And publish its opinion on them.")
    assert carried(new, PARLIAMENT)[:2] == (Hold.EXACT, 3)
    assert carried(new, "publish its opinion") == (Hold.MOVED, 4, "publish its opinion")


def test_one_of_two_equal_paragraphs_is_not_taken_for_the_other() -> None:
    inserted = OLD.replace("Report on it.\n\nReport on it.", "Report on it.\n\nAnd tell us.\n\nReport on it.")
    assert carried(inserted, "on it", nth=0)[1] == 4
    assert carried(inserted, "on it", nth=1)[1] == 6


def test_short_words_are_never_found_elsewhere() -> None:
    new = OLD.replace("on the election law", "on the law") + "\n\nWrite an election code next year."
    assert carried(new, "election") == (Hold.PARAGRAPH, 2, None)


def test_the_same_word_in_a_rewritten_sentence_is_another_word() -> None:
    new = OLD.replace("and publish its opinion", "and let nobody see why we would publish anything")
    hold, paragraph, words = carried(new, "publish its opinion")
    assert (hold, paragraph, words) == (Hold.PARAGRAPH, 3, None)


def test_words_alike_in_two_places_are_in_neither() -> None:
    words = "a timetable of all recommendations"
    gone = OLD.replace(words, "one")
    twice = gone + "\n\nMake a timetable of all recommendation.\n\nWrite a timetable of all recommendation."
    assert carried(twice, words) == (Hold.PARAGRAPH, 2, None)
    once = gone + "\n\nMake a timetable of all recommendation."
    assert carried(once, words) == (Hold.APPROXIMATE, 6, "a timetable of all recommendation")


def test_words_found_elsewhere_are_whole_ones() -> None:
    words = "a timetable of all recommendations"
    elsewhere = "Make retimetable of all recommendationses soon."
    new = f"{OLD.replace(words, 'one')}\n\n{elsewhere}"
    assert carried(new, words) == (Hold.APPROXIMATE, 6, "retimetable of all recommendationses")


def test_line_end_that_is_kept_between_paragraphs_is_no_home() -> None:
    assert carried("b\n- b", "\n-", old="a\n-") == (Hold.DETACHED, None, None)


def test_few_words_far_away_must_be_the_very_same() -> None:
    old = OLD + "\n\nIt follows all our existing guidance."
    words = "all our existing guidance"
    elsewhere = "Much has been said and little done; nobody doubts {} by now, and nobody can."
    alike = OLD + "\n\n" + elsewhere.format("call our existing guidance")
    same = OLD + "\n\n" + elsewhere.format("all our existing guidance")
    assert carried(alike, words, old=old) == (Hold.PARAGRAPH, 6, None)
    assert carried(same, words, old=old) == (Hold.APPROXIMATE, 6, words)


def test_a_hold_gets_no_better_until_the_words_are_back() -> None:
    changed = OLD.replace("they go to", "these go to")
    first = carry(Crossing(OLD, changed), at(OLD, PARLIAMENT), PARLIAMENT)
    same = carry(Crossing(changed, changed + "\n\nEnd."), first, PARLIAMENT)
    assert (first.hold, same) == (Hold.APPROXIMATE, first)
    confirmed = carry(Crossing(changed, changed + "\n\nEnd."), first, PARLIAMENT, confirmed=True)
    assert confirmed.hold is Hold.EXACT
    assert carry(Crossing(changed, OLD), first, PARLIAMENT).hold is Hold.EXACT


def test_approximate_words_do_not_drift_from_the_quote() -> None:
    words = "before the end of the year"
    steps = ["before the end of that year", "after the end of that year", "after the end of that war"]
    place, text = at(OLD, words), OLD
    for step in steps:
        new = OLD.replace(words, step)
        place = carry(Crossing(text, new), place, words)
        text = new
    assert place.hold is Hold.PARAGRAPH


def test_lost_words_that_are_back_are_found_again() -> None:
    lost = OLD.replace(f" {PARLIAMENT}", "")
    place = carry(Crossing(OLD, lost), at(OLD, PARLIAMENT), PARLIAMENT)
    back = carry(Crossing(lost, OLD), place, PARLIAMENT)
    assert (back.hold, words_at(OLD, back)) == (Hold.APPROXIMATE, PARLIAMENT)
    nowhere = carry(Crossing(OLD, ""), at(OLD, PARLIAMENT), PARLIAMENT)
    again = carry(Crossing("", OLD), nowhere, PARLIAMENT)
    assert (again.hold, words_at(OLD, again)) == (Hold.APPROXIMATE, PARLIAMENT)
    short = carry(Crossing("", OLD), nowhere, "year")
    assert short.hold is Hold.DETACHED


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, (Hold.EXACT, 3)),
        ("First.\n\n" + OLD, (Hold.MOVED, 4)),
        (OLD.replace("its opinion", "that opinion"), (Hold.PARAGRAPH, 3)),
        ("Something else.", (Hold.DETACHED, None)),
    ],
)
def test_thread_on_a_whole_paragraph_follows_it(new: str, expected: tuple[Hold, int | None]) -> None:
    quote = split_blocks(OLD)[2].text
    place = carry(Crossing(OLD, new), Place(Hold.EXACT, 3), quote, whole=True)
    assert place == Place(*expected)
    assert carry(Crossing(new, OLD), place, quote, whole=True).paragraph == 3


@pytest.mark.parametrize(
    ("new", "hold"),
    [
        (OLD, Hold.EXACT),
        (OLD.replace("Submit", "Then submit"), Hold.MOVED),
        (OLD.replace("ODIHR", "ODIHR, in writing,"), Hold.PARAGRAPH),
        (OLD.replace("ODIHR before", "it before"), Hold.PARAGRAPH),
        ("", Hold.DETACHED),
    ],
)
def test_place_between_words_holds_while_both_sides_stay(new: str, hold: Hold) -> None:
    words = at(OLD, "ODIHR")
    place = carry(Crossing(OLD, new), Place(Hold.EXACT, words.paragraph, words.end, words.end), "")
    assert place.hold is hold
    if place.start is not None:
        assert split_blocks(new)[2].text[: place.start].endswith("ODIHR")


@pytest.mark.parametrize("end", [False, True])
def test_place_at_the_edge_of_a_paragraph_holds_at_that_edge(end: bool) -> None:
    length = len(split_blocks(OLD)[1].text)
    edge = Place(Hold.EXACT, 2, length, length) if end else Place(Hold.EXACT, 2, 0, 0)
    assert carry(Crossing(OLD, "Lead.\n\n" + OLD), edge, "") == Place(Hold.EXACT, 3, edge.start, edge.end)
    longer = OLD.replace("law.\n", "law. Now.\n") if end else OLD.replace("1. Publish", "Please. 1. Publish")
    assert carry(Crossing(OLD, longer), edge, "").hold is Hold.PARAGRAPH


# Random edits of random texts: words in all orders, repeated or each one its own.

_REPEATED = st.sampled_from(
    ["the", "report", "shall", "of", "election", "law", "ҚР", "заң", "**all**", "[may]"]
)


@dataclass(frozen=True)
class Edited:
    """A text, what became of it, and a word range of it: paragraph, first and last word (from 0)."""

    old: list[list[str]]
    new: list[list[str]]
    paragraph: int
    first: int
    last: int

    @property
    def texts(self) -> tuple[str, str]:
        return written(self.old), written(self.new)

    @property
    def words(self) -> list[str]:
        return self.old[self.paragraph][self.first : self.last + 1]


def written(paragraphs: list[list[str]]) -> str:
    """The Markdown of paragraphs."""
    return "\n\n".join(" ".join(words) + "." for words in paragraphs if words)


@st.composite
def edits(draw: st.DrawFn, *, unique: bool) -> Edited:
    """Some words of a text, and the text after up to six edits: of words, or of whole paragraphs."""
    numbers = iter(range(10_000))
    word = st.builds(lambda: f"w{next(numbers)}x") if unique else _REPEATED
    paragraph = st.lists(word, min_size=1, max_size=12)
    old = draw(st.lists(paragraph, min_size=1, max_size=5))
    new = [list(words) for words in old]
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(
            st.sampled_from(["insert", "delete", "replace", "add", "remove", "swap", "split", "join"])
        )
        here = draw(st.integers(0, len(new) - 1)) if new else 0
        words = new[here] if new else []
        place = draw(st.integers(0, max(len(words) - 1, 0)))
        if kind == "add" or not words:
            new.insert(here, draw(paragraph))
        elif kind == "insert":
            words.insert(place, draw(word))
        elif kind == "delete":
            del words[place : place + draw(st.integers(1, 3))]
        elif kind == "replace":
            words[place] = draw(word)
        elif kind == "remove":
            del new[here]
        elif kind == "swap":
            other = draw(st.integers(0, len(new) - 1))
            new[here], new[other] = new[other], new[here]
        elif kind == "split":
            new[here : here + 1] = [words[:place], words[place:]]
        elif here + 1 < len(new):
            new[here : here + 2] = [words + new[here + 1]]
        new = [words for words in new if words]
    where = draw(st.integers(0, len(old) - 1))
    first = draw(st.integers(0, len(old[where]) - 1))
    last = draw(st.integers(first, len(old[where]) - 1))
    return Edited(old, new, where, first, last)


def anchored(edited: Edited) -> tuple[Place, str]:
    """Where the chosen words stand in the old text, and what they are."""
    old, _ = edited.texts
    words = edited.old[edited.paragraph]
    start = len(" ".join(words[: edited.first])) + bool(edited.first)
    quote = " ".join(edited.words)
    place = Place(Hold.EXACT, edited.paragraph + 1, start, start + len(quote))
    assert words_at(old, place) == quote
    return place, quote


@given(edits(unique=False) | edits(unique=True))
def test_every_anchor_arrives_and_says_what_it_holds(edited: Edited) -> None:
    old, new = edited.texts
    assume(canonical_text(old) == old and len(split_blocks(old)) == len(edited.old))
    place, quote = anchored(edited)
    found = carry(Crossing(old, new), place, quote)
    words = words_at(new, found)
    if found.hold in UNCHANGED:
        assert words == quote
    elif found.hold is Hold.APPROXIMATE:
        assert words
        assert words == words.strip()
    else:
        assert (found.start, found.end) == (None, None)
    assert (found.paragraph is None) == (found.hold is Hold.DETACHED)
    assert found.paragraph is None or 1 <= found.paragraph <= len(split_blocks(new))
    if old == new:
        assert found == place


@given(edits(unique=True))
def test_no_anchor_is_on_the_wrong_words(edited: Edited) -> None:
    """Each word is there once, so that it is known which ones are meant."""
    old, new = edited.texts
    place, quote = anchored(edited)
    found = carry(Crossing(old, new), place, quote)
    words = words_at(new, found)
    stayed = [word for word in edited.words if word in new.split() or f"{word}." in new.split()]
    if words is not None:
        own = set(re.findall(r"w\d+x", words)) & set(edited.words)
        others = {word for paragraph in edited.old for word in paragraph} - set(edited.words)
        assert own
        assert len(own) >= len(set(re.findall(r"w\d+x", words)) & others)
    elif len(stayed) == len(edited.words) and found.hold is Hold.DETACHED:
        # Words that are all there are given up only where their paragraph was torn apart.
        assert edited.old[edited.paragraph] not in edited.new


@given(edits(unique=True))
def test_words_in_an_unchanged_paragraph_are_exact(edited: Edited) -> None:
    own = edited.old[edited.paragraph]
    others = [[word for word in words if word not in own] for words in edited.new]
    others.insert(min(edited.paragraph, len(others)), own)
    place, quote = anchored(edited)
    new = written(others)
    found = carry(Crossing(written(edited.old), new), place, quote)
    assert (found.hold, words_at(new, found)) == (Hold.EXACT, quote)

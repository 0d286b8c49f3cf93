"""Parts: digests that are not touched by them, symbols of their own, and how an included text stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.items import State, part_standing
from reviewflow.domain.manifest import Content, Manifest
from reviewflow.domain.merge import merge_contents
from reviewflow.domain.parts import Part, PartStanding, part_of
from reviewflow.domain.symbols import FINAL, parse_symbol

TEXT = Content("A title", "Words.", dimension="human", addressees=("kazakhstan",))
ONE, TWO = "1" * 64, "2" * 64
#: A recommendation as it was stored before there were other kinds.
STORED = (
    b'{"addressees":["kazakhstan"],"attachments":[],"authentic_language":"en","commitments":[],'
    b'"dimension":"human","kind":"recommendation","languages":{"en":{"rationale":"","summary":"",'
    b'"text":"Words.","title":"A title"}},"proposing_group":"washington"}'
)


def test_recommendation_has_the_bytes_that_it_had_before_there_were_kinds() -> None:
    assert TEXT.manifest("washington").canonical_bytes() == STORED
    assert Manifest.from_bytes(STORED).canonical_bytes() == STORED


@pytest.mark.parametrize("kind", ["policy_brief", "policy_paper"])
def test_parts_are_in_the_digest_in_their_order(kind: str) -> None:
    brief = replace(TEXT, kind=kind, includes=(TWO, ONE, TWO)).manifest("washington")
    other = replace(TEXT, kind=kind, includes=(ONE, TWO)).manifest("washington")
    assert brief.includes == (TWO, ONE)
    assert Manifest.from_bytes(brief.canonical_bytes()) == brief
    assert brief.digest() != other.digest()


def test_brief_lacks_parts_until_it_includes_one() -> None:
    brief = replace(TEXT, kind="policy_brief")
    lacking = [brief.manifest("w").missing(), replace(brief, includes=(ONE,)).manifest("w").missing()]
    assert lacking == [("includes",), ()]
    assert TEXT.manifest("w").missing() == ()


@pytest.mark.parametrize(
    "wrong",
    [
        replace(TEXT, kind="memo"),
        replace(TEXT, includes=(ONE,)),
        replace(TEXT, kind="policy_brief", includes=("no digest",)),
        replace(TEXT, kind="policy_brief", includes=(ONE.upper().replace("1", "A"),)),
    ],
)
def test_unknown_kind_and_what_is_no_digest_are_refused(wrong: Content) -> None:
    with pytest.raises(InvalidInput):
        wrong.manifest("washington")


def test_parts_of_two_people_are_brought_together() -> None:
    base = replace(TEXT, kind="policy_brief", includes=(ONE,))
    merged = merge_contents(base, replace(base, includes=(ONE, TWO)), replace(base, includes=()))
    assert (merged.content.kind, merged.content.includes) == ("policy_brief", (TWO,))


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("cab", "cabd", "ecab", "ecabd"),
        ("cab", "acb", "cabd", "acbd"),
        ("cab", "cdab", "bac", "bacd"),
        ("cab", "cb", "cadb", "cdb"),
        ("cab", "bca", "abc", "bca"),
        ("c", "cb", "ca", "cba"),
    ],
)
def test_merged_parts_stand_in_the_order_that_somebody_gave_them(
    base: str, mine: str, theirs: str, merged: str
) -> None:
    sides = [replace(TEXT, kind="policy_brief", includes=tuple(side)) for side in (base, mine, theirs)]
    assert "".join(merge_contents(*sides).content.includes) == merged


@given(st.permutations("abcdef"), st.permutations("abcdef"), st.integers(0, 6), st.integers(0, 6))
def test_parts_of_one_person_keep_their_order(
    base: list[str], changed: list[str], old: int, new: int
) -> None:
    before = replace(TEXT, kind="policy_brief", includes=tuple(base[:old]))
    after = replace(before, includes=tuple(changed[:new]))
    for mine, theirs in ((after, before), (before, after), (after, after)):
        assert merge_contents(before, mine, theirs).content.includes == after.includes


def test_each_kind_has_its_series() -> None:
    assert FINAL == {"recommendation": "REC", "policy_brief": "PB", "policy_paper": "PP"}
    for series in FINAL.values():
        symbol = parse_symbol(f"USKZ.{series}/1/09")
        assert symbol
        assert (symbol.series, str(symbol)) == (series, f"USKZ.{series}/1/09")


def test_text_holds_as_a_part_only_while_approved_or_published_as_it_is() -> None:
    standings = {state: part_standing(state, current=True) for state in State}
    expected = dict.fromkeys(State, PartStanding.UNAPPROVED) | {
        State.APPROVED: PartStanding.HOLDS,
        State.PUBLISHED: PartStanding.HOLDS,
        State.SUPERSEDED: PartStanding.SUPERSEDED,
        State.RETRACTED: PartStanding.RETRACTED,
    }
    assert standings == expected
    assert {part_standing(state, current=False) for state in State} == {PartStanding.STALE}


def test_part_is_the_best_of_the_items_that_have_had_its_words() -> None:
    old, new = ("USKZ.REC/1/09", PartStanding.STALE), ("USKZ.REC/2/09", PartStanding.HOLDS)
    assert part_of(ONE, (old, new)) == Part(ONE, *new)
    assert part_of(ONE, (old,)) == Part(ONE, *old)
    assert part_of(ONE, ()) == Part(ONE, "11111111", PartStanding.UNAPPROVED)

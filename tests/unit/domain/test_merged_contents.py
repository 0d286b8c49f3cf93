"""Two people's editors brought together."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.manifest import ADDRESSEES, DIMENSIONS, Content
from reviewflow.domain.merge import (
    Conflict,
    FieldConflict,
    MergedContent,
    has_conflict_marks,
    merge_contents,
)

BASE = Content(
    title="A timetable",
    text="1. Publish it by May.\n\n2. Report on it.",
    summary="In short.",
    rationale="Because.",
    dimension="human",
    addressees=("kazakhstan", "odihr"),
    commitments=("madrid-media",),
)
CONTENTS = st.builds(
    Content,
    title=st.sampled_from(["A", "B"]),
    text=st.sampled_from(["1. one\n\n2. two", "1. one\n\n2. new", "1. first\n\n2. two", ""]),
    dimension=st.sampled_from(["", *DIMENSIONS]),
    addressees=st.sets(st.sampled_from(ADDRESSEES)).map(lambda found: tuple(sorted(found))),
)


def test_what_only_one_side_changed_is_taken() -> None:
    mine = replace(BASE, title="My title", text=BASE.text.replace("May", "June"), addressees=("odihr",))
    theirs = replace(
        BASE,
        summary="Shorter.",
        text=BASE.text.replace("Report on", "Tell of"),
        dimension="cross-dimensional",
        addressees=("kazakhstan", "odihr", "united-states"),
        commitments=(),
    )
    assert merge_contents(BASE, mine, theirs) == MergedContent(
        Content(
            title="My title",
            text="1. Publish it by June.\n\n2. Tell of it.",
            summary="Shorter.",
            rationale="Because.",
            dimension="cross-dimensional",
            addressees=("odihr", "united-states"),
            commitments=(),
        )
    )


def test_what_both_changed_is_listed_and_marked_in_texts() -> None:
    mine = replace(BASE, title="Mine", dimension="", text=BASE.text.replace("May", "June"))
    theirs = replace(
        BASE, title="Theirs", dimension="cross-dimensional", text=BASE.text.replace("May", "July")
    )
    merged = merge_contents(BASE, mine, theirs, names=("yours", "Aliya, version 2"))
    assert merged.conflicts == (
        FieldConflict("title", Conflict("A timetable", "Mine", "Theirs")),
        FieldConflict("dimension", Conflict("human", "", "cross-dimensional")),
        FieldConflict("text", Conflict("May", "June", "July")),
    )
    assert (merged.content.title, merged.content.dimension) == ("Mine", "")
    assert has_conflict_marks(merged.content.text)
    assert "<<<<<<< yours\nJune\n=======\nJuly\n>>>>>>> Aliya, version 2" in merged.content.text


@given(CONTENTS, CONTENTS)
def test_merge_with_an_unchanged_side_is_the_other_side(base: Content, changed: Content) -> None:
    for mine, theirs in ((changed, base), (base, changed), (changed, changed)):
        assert merge_contents(base, mine, theirs) == MergedContent(changed)

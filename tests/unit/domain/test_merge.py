"""Three-way merges."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewflow.domain.merge import Conflict, Merge, Piece, has_conflict_marks, merge_texts, merge_words
from reviewflow.domain.text import canonical_text

BASE = "Intro.\n\n1. The State shall report each year.\n2. It shall publish the table.\n3. Third."
PARAGRAPHS = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "1.", "-", "shall", "й"]), min_size=1, max_size=6).map(" ".join),
    max_size=5,
)
TEXT = st.builds(
    lambda parts, gap: canonical_text(gap.join(parts)), PARAGRAPHS, st.sampled_from(["\n\n", "\n"])
)


@given(TEXT, TEXT)
def test_merge_with_an_unchanged_side_is_the_other_side(base: str, changed: str) -> None:
    assert merge_texts(base, changed, base).text == changed
    assert merge_texts(base, base, changed).text == changed
    assert merge_texts(base, changed, changed).text == changed


@given(TEXT, TEXT, TEXT)
@example("", "1. a\n\n1. b", "1. a\n1. b")
def test_merge_is_symmetric_but_for_the_order_in_conflicts(base: str, mine: str, theirs: str) -> None:
    one, other = merge_texts(base, mine, theirs), merge_texts(base, theirs, mine)
    assert one.is_clean == other.is_clean
    assert [piece.text for piece in one.pieces] == [piece.text for piece in other.pieces]
    for left, right in zip(one.pieces, other.pieces, strict=True):
        assert (left.conflict is None) == (right.conflict is None)
        if left.conflict and right.conflict:
            swapped = Conflict(right.conflict.base, right.conflict.theirs, right.conflict.mine)
            assert left.conflict == swapped
    assert bool(one.text_with_conflicts()) == bool(
        one.pieces and any(p.text or p.conflict for p in one.pieces)
    )


@given(st.lists(st.booleans(), min_size=4, max_size=4), st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_clean_merge_holds_the_changes_of_both(mine: list[bool], theirs: list[bool]) -> None:
    paragraphs = [
        f"Paragraph {name} begins here, goes on and ends there" for name in ("one", "two", "six", "ten")
    ]
    my_side = [
        text.replace("begins", "starts") if do else text for text, do in zip(paragraphs, mine, strict=True)
    ]
    their_side = [
        text.replace("ends", "stops") if do else text for text, do in zip(paragraphs, theirs, strict=True)
    ]
    merged = merge_texts(*("\n\n".join(side) for side in (paragraphs, my_side, their_side)))
    assert merged.is_clean
    assert merged.text.count("starts") == sum(mine)
    assert merged.text.count("stops") == sum(theirs)


def test_changes_to_different_words_and_paragraphs_are_merged() -> None:
    mine = BASE.replace("each year", "every two years")
    theirs = BASE.replace("1. The State shall", "1. The State should") + "\n4. New."
    assert merge_texts(BASE, mine, theirs).text == (
        "Intro.\n\n1. The State should report every two years.\n"
        "2. It shall publish the table.\n3. Third.\n4. New."
    )


def test_deleting_and_editing_different_paragraphs_is_merged() -> None:
    mine = BASE.replace("2. It shall publish the table.\n", "")
    theirs = BASE.replace("Third", "Fourth and last")
    assert merge_texts(BASE, mine, theirs).text == (
        "Intro.\n\n1. The State shall report each year.\n3. Fourth and last."
    )
    assert merge_texts(BASE, mine, mine + "\n4. x").text == mine + "\n4. x"


def test_different_words_in_one_place_are_a_conflict() -> None:
    merged = merge_texts("It shall do.", "It must do.", "It should do.")
    assert merged == Merge((Piece("It "), Piece("", Conflict("shall", "must", "should")), Piece(" do.")))
    assert not merged.is_clean
    with pytest.raises(ValueError, match="conflicts"):
        _ = merged.text
    written = merged.text_with_conflicts("Aliya", "Daniel")
    assert written == "It\n<<<<<<< Aliya\nmust\n=======\nshould\n>>>>>>> Daniel\ndo."
    assert has_conflict_marks(written)
    assert not has_conflict_marks("It shall\n=======")


def test_changes_that_touch_are_a_conflict() -> None:
    assert merge_words("It shall report now.", "It must report now.", "It shall publish now.") == [
        Piece("It "),
        Piece("", Conflict("shall report", "must report", "shall publish")),
        Piece(" now."),
    ]


def test_the_same_change_of_both_is_taken_once() -> None:
    merged = merge_words(
        "It shall report to us each year.", "It must report to us daily.", "It must report to us each week."
    )
    assert merged[0] == Piece("It must report to us ")
    assert merged[1].conflict == Conflict("each year", "daily", "each week")


def test_a_paragraph_that_one_deleted_and_the_other_changed_is_a_conflict() -> None:
    mine = "Intro.\n\n1. The State shall report each year.\n3. Third."
    theirs = BASE.replace("publish", "print")
    merged = merge_texts(BASE, mine, theirs)
    conflicts = [piece.conflict for piece in merged.pieces if piece.conflict]
    assert conflicts == [Conflict("2. It shall publish the table.", "", "2. It shall print the table.")]
    written = merged.text_with_conflicts()
    assert "\n<<<<<<< yours\n=======\n2. It shall print the table.\n>>>>>>> theirs\n3. Third." in written
    assert merge_texts(BASE, theirs, mine).pieces[1].conflict == Conflict(
        "2. It shall publish the table.", "2. It shall print the table.", ""
    )


def test_different_paragraphs_in_one_place_are_a_conflict() -> None:
    merged = merge_texts("A.", "A.\n\nB.\n\nC.", "A.\n\nD.")
    assert merged.pieces == (Piece("A.\n\n"), Piece("", Conflict("", "B.\n\nC.", "D.")))
    assert merge_texts("Z", "A\n\nZ", "B\n\nZ").text_with_conflicts() == (
        "<<<<<<< yours\nA\n=======\nB\n>>>>>>> theirs\n\nZ"
    )
    assert merge_texts("A.", "A.\n\nB.", "A. x\n\nB.").text == "A. x\n\nB."


def test_a_rewritten_paragraph_replaces_the_old_one() -> None:
    assert merge_texts("One two.\n\nZ", "Quite other words.\n\nZ", "One two.\n\nZ changed").text == (
        "Quite other words.\n\nZ changed"
    )


def test_white_space_between_paragraphs_is_merged_too() -> None:
    assert merge_texts("a\n\nb\n\nc", "a\n\n\nb\n\nc", "a\n\n\n\nb\n\nc d").text == "a\n\n\n\nb\n\nc d"

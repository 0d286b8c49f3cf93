"""Differences by word and by paragraph."""

from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain import differences
from reviewflow.domain.differences import (
    Comparison,
    Row,
    Run,
    Step,
    align_blocks,
    compare_texts,
    compare_words,
    split_tokens,
    steps,
    word_steps,
)
from reviewflow.domain.text import split_blocks

WORDS = st.sampled_from(
    ["отчёт", "әділет", "и\u0306", "👩🏽\u200d⚖️", "🇰🇿", "report", " ", "  ", ".", ",", "\n", "\n\n", "a", "b"]
)
TEXT = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=60)


def joined(runs: tuple[Run, ...], *kinds: str) -> str:
    return "".join(run.text for run in runs if run.kind in kinds)


@given(TEXT)
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(split_tokens(text)) == text


def test_tokens_keep_marks_with_their_letters() -> None:
    assert split_tokens("и\u0306 👩🏽\u200d⚖️!") == ["и\u0306", " ", "👩🏽\u200d⚖️", "!"]


@given(TEXT, TEXT)
def test_runs_join_to_both_texts(old: str, new: str) -> None:
    runs = compare_words(old, new)
    assert joined(runs, "equal", "delete") == old
    assert joined(runs, "equal", "insert") == new
    assert all(run.text for run in runs)


def test_compare_words_makes_one_change_of_neighbouring_words() -> None:
    assert compare_words("publish a summary of it in English.", "publish that opinion in English, too.") == (
        Run("equal", "publish "),
        Run("delete", "a summary of it"),
        Run("insert", "that opinion"),
        Run("equal", " in English"),
        Run("insert", ", too"),
        Run("equal", "."),
    )


def test_compare_words_of_equal_texts_is_one_run() -> None:
    assert compare_words("one\ntwo", "one\ntwo") == (Run("equal", "one\ntwo"),)
    assert compare_words("", "") == ()


def test_compare_texts_counts_as_the_page_says_it() -> None:
    old = "Publish it.\n\nSubmit to ODIHR for comment before it goes, and publish a summary of it in English."
    new = "Publish it.\n\nSubmit to ODIHR for an opinion before it goes, and publish that opinion in English."
    comparison = compare_texts(old, new)
    assert (comparison.changes, comparison.paragraphs_changed, comparison.paragraphs_total) == (2, 1, 2)
    assert (comparison.words_inserted, comparison.words_deleted) == (4, 5)


def test_compare_texts_aligns_inserted_deleted_and_changed_paragraphs() -> None:
    gone, come = (Run("delete", "Gone."),), (Run("insert", "Brand new."),)
    same = (Run("equal", "Same."),)
    changed = (Run("equal", "One two "), Run("delete", "three"), Run("insert", "four"), Run("equal", "."))
    assert compare_texts(
        "Gone.\n\nOne two three.\n\nSame.", "One two four.\n\nSame.\n\nBrand new."
    ) == Comparison(
        rows=(
            Row("deleted", 1, None, gone, (), gone),
            Row("changed", 2, 1, (*changed[:2], changed[3]), (changed[0], *changed[2:]), changed),
            Row("same", 3, 2, same, same, same),
            Row("inserted", None, 3, (), come, come),
        ),
        changes=3,
        paragraphs_changed=3,
        paragraphs_total=4,
        words_inserted=3,
        words_deleted=2,
    )


@given(TEXT, TEXT)
def test_rows_hold_every_paragraph_of_both_texts_once(old: str, new: str) -> None:
    rows = compare_texts(old, new).rows
    olds = [joined(row.old, "equal", "delete") for row in rows if row.old_number]
    news = [joined(row.new, "equal", "insert") for row in rows if row.new_number]
    assert olds == [block.text for block in split_blocks(old)]
    assert news == [block.text for block in split_blocks(new)]


def test_align_blocks_pairs_what_has_most_words_in_common() -> None:
    old = ["a b c d", "e f g h", "i j k l"]
    assert align_blocks(old, ["e f g x", "i j k y"]) == [(0, None), (1, 0), (2, 1)]
    assert align_blocks(["e f g x", "q"], old) == [(None, 0), (0, 1), (1, None), (None, 2)]
    assert align_blocks(["—"], ["..."]) == [(0, None), (None, 0)]


def test_align_blocks_of_long_rewrites_pairs_by_place() -> None:
    old = [f"a b {number}" for number in range(150)]
    new = [f"a b x{number}" for number in range(150)]
    assert align_blocks(old, new) == [(number, number) for number in range(150)]


def test_steps_give_one_replacement_where_memory_would_not_do() -> None:
    old, new = ["same", *("a" * 25_000)], ["same", *("b" * 25_000)]
    assert steps(old, new) == [Step(True, 0, 1, 0, 1), Step(False, 1, 25_001, 1, 25_001)]


@given(st.integers(0, 3_999), st.integers(0, 3_999))
def test_long_texts_are_compared_by_sentences_and_then_by_words(first: int, second: int) -> None:
    old = [
        token
        for number in range(4_000)
        for token in (f"w{number % 37}", " ", "." if number % 9 == 8 else "x")
    ]
    new = [*old]
    for place in (first * 3, second * 3):
        new[place] = "changed"
    assert len(old) * len(new) > differences._PAIRS // 40
    rebuilt = [
        token
        for step in word_steps(old, new)
        for token in (
            old[step.old_start : step.old_end] if step.equal else new[step.new_start : step.new_end]
        )
    ]
    assert rebuilt == new
    changed = sum(step.old_end - step.old_start for step in word_steps(old, new) if not step.equal)
    assert changed <= 12

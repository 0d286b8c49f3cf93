"""Canonical texts, their blocks and words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.text import (
    MAX_BLOCK_BYTES,
    MAX_BLOCKS,
    MAX_TEXT_BYTES,
    UnacceptableText,
    canonical_line,
    canonical_text,
    count_words,
    item_marker,
    join_blocks,
    split_blocks,
    split_gaps,
)

ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("\n\t\r \u2028"))
MARKDOWN = st.text(st.sampled_from("ab1.)-*_#>`~[]/ \t\n:|^й")) | ANY_TEXT


def blocks_of(text: str) -> list[str]:
    return [block.text for block in split_blocks(text)]


def test_canonical_text_normalises_line_ends_and_blanks() -> None:
    raw = "\r\n \n  first \t\r\nsecond\rthird\u2028fourth\u2029e\u0301\n\n"
    assert canonical_text(raw) == "  first\nsecond\nthird\nfourth\né"


@pytest.mark.parametrize("raw", ["", " ", "\n\n", "\t\n "])
def test_canonical_text_of_nothing_is_empty(raw: str) -> None:
    assert canonical_text(raw) == ""


@given(ANY_TEXT)
def test_canonical_text_is_idempotent(raw: str) -> None:
    try:
        text = canonical_text(raw)
    except UnacceptableText:
        return
    assert canonical_text(text) == text
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize(
    ("raw", "reason", "line", "column", "codepoint"),
    [
        ("a\x00", "control_character", 1, 2, "U+0000"),
        ("a\r\nb\x1b", "control_character", 2, 2, "U+001B"),
        ("\x85", "control_character", 1, 1, "U+0085"),
        ("a\n\nbc\u202ed", "bidi_override", 3, 3, "U+202E"),
        ("\u2066", "bidi_override", 1, 1, "U+2066"),
        ("x\ud800", "lone_surrogate", 1, 2, "U+D800"),
    ],
)
def test_canonical_text_refuses_characters(
    raw: str, reason: str, line: int, column: int, codepoint: str
) -> None:
    with pytest.raises(UnacceptableText) as refused:
        canonical_text(raw, field="text")
    place = {"line": line, "column": column, "codepoint": codepoint}
    assert refused.value.details == {"field": "text", "reason": reason, **place}
    with pytest.raises(UnacceptableText):
        canonical_line(raw)


@pytest.mark.parametrize(
    "raw", ["й\n\n" * (MAX_TEXT_BYTES // 4 + 1), "a" * 1_000_000, "é" + "\u0301" * 2_000]
)
def test_canonical_text_refuses_what_is_too_long(raw: str) -> None:
    with pytest.raises(UnacceptableText) as refused:
        canonical_text(raw)
    assert refused.value.details["reason"] == "too_long"


@pytest.mark.parametrize("block", ["a\n\n", "- a\n"])
def test_canonical_text_refuses_more_paragraphs_than_can_be_compared_and_shown_soon(block: str) -> None:
    assert len(split_blocks(canonical_text(block * MAX_BLOCKS))) == MAX_BLOCKS
    with pytest.raises(UnacceptableText) as refused:
        canonical_text(block * (MAX_BLOCKS + 1), field="text")
    assert refused.value.details == {"field": "text", "reason": "too_many_blocks", "limit": MAX_BLOCKS}


def test_canonical_text_refuses_a_long_block_and_says_where_it_is() -> None:
    assert canonical_text("a" * MAX_BLOCK_BYTES) == "a" * MAX_BLOCK_BYTES
    with pytest.raises(UnacceptableText) as refused:
        canonical_text("a\n\n" + "й" * (MAX_BLOCK_BYTES // 2 + 1))
    expected = {"reason": "block_too_long", "limit": MAX_BLOCK_BYTES, "line": 3, "column": 1, "field": None}
    assert refused.value.details == expected


def test_canonical_line_collapses_white_space() -> None:
    assert canonical_line("  A\u00a0public\r\n  timetable\u2028e\u0301 ") == "A public timetable é"


def test_canonical_line_refuses_more_than_its_limit() -> None:
    assert len(canonical_line("й" * 300)) == 300
    with pytest.raises(UnacceptableText) as refused:
        canonical_line("a" * 301, field="title")
    assert refused.value.details == {"field": "title", "reason": "too_long", "limit": 300}


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("Government’s follow-up, 2010.", 3), ("Қазақстан — төраға", 2), ("- 1. *a*", 2)],
)
def test_count_words_counts_words_only(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("a\nb\n\nc", ["a\nb", "c"]),
        ("So:\n\n1. one\n2. two\n\n   more\n\n3. three", ["So:", "1. one", "2. two\n\n   more", "3. three"]),
        ("Intro:\n- one\n  - sub\n- two\nlazy", ["Intro:", "- one\n  - sub", "- two\nlazy"]),
        ("in the year\n2010. And", ["in the year\n2010. And"]),
        ("so\n1. one", ["so", "1. one"]),
        ("a\n-", ["a\n-"]),
        ("# Head\ntext\n## Next", ["# Head", "text", "## Next"]),
        ("Head\n---\n\n***\na\n***\nb", ["Head\n---", "***", "a", "***", "b"]),
        ("- a\n---\nb", ["- a", "---", "b"]),
        ("```\na\n\n- b\n```\nafter", ["```\na\n\n- b\n```", "after"]),
        ("~~~~ x\n~~~\n\nopen", ["~~~~ x\n~~~\n\nopen"]),
        ("a\n```\nb\n```", ["a", "```\nb\n```"]),
        ("> a\n> b\nlazy\n\n> c", ["> a\n> b\nlazy", "> c"]),
        ("a\n> b", ["a", "> b"]),
        ("    code\n    more\ntext", ["    code\n    more", "text"]),
        ("    code\n\n    more", ["    code", "    more"]),
        ("[^1]: note\n\n    more\n[^2]: other\n- item\n[^3]: x",
         ["[^1]: note\n\n    more", "[^2]: other", "- item", "[^3]: x"]),
        ("-\n\n  empty", ["-\n\n  empty"]),
        ("-       far\n\n  in", ["-       far\n\n  in"]),
        ("| a |\n|---|\n| b |", ["| a |\n|---|\n| b |"]),
    ],
)  # fmt: skip
def test_split_blocks_follows_markdown(text: str, blocks: list[str]) -> None:
    assert blocks_of(text) == blocks


@given(MARKDOWN)
def test_blocks_and_gaps_join_to_the_text(text: str) -> None:
    blocks = split_blocks(text)
    assert join_blocks(blocks, split_gaps(text, blocks)) == text
    assert [block.index for block in blocks] == list(range(1, len(blocks) + 1))
    assert all(text[block.start : block.end] == block.text and block.text.strip(" \t\n") for block in blocks)
    assert not "".join(split_gaps(text, blocks)).strip(" \t\n")


@pytest.mark.parametrize(("block", "marker"), [("12) x", "12) "), ("- x", "- "), ("- - -", ""), ("x", "")])
def test_item_marker_is_what_a_list_item_begins_with(block: str, marker: str) -> None:
    assert item_marker(block) == marker

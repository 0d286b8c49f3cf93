"""Marks in a text: found where a reader sees the words, drawn without breaking markup."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.text import split_blocks
from reviewflow.gateways.blocks import rendered_blocks
from reviewflow.gateways.marks import Mark, find_words
from reviewflow.gateways.rendering import render_markdown, visible_blocks
from tests.unit.gateways.test_rendering import NASTY, Checker

RICH = (
    "1. See **the [report](https://a.b/report) report** by [31 May/*June* x]\\* &amp; `a  b`[^1] end.\n\n"
    "[^1]: n"
)


def seen(text: str, paragraph: int = 1) -> str:
    """The characters that a reader sees, without white space."""
    return "".join(character for character, _, _ in visible_blocks(text)[paragraph])


def found(text: str, words: str, near: int | None = None, paragraph: int = 1) -> list[str]:
    """The stretches of a paragraph's source in which a reader's words stand."""
    source = split_blocks(text)[paragraph - 1].text
    return [source[start:end] for start, end in find_words(visible_blocks(text)[paragraph], words, near)]


def marked(text: str, *marks: Mark, paragraph: int = 1) -> str:
    """The HTML of one paragraph with marks, without its number."""
    html = str(render_markdown(text, marks={paragraph: marks}).html)
    Checker(html)
    return html.partition("</a>")[2].partition("</p></div>")[0]


def mark(text: str, words: str, key: str = "k", **more: object) -> Mark:
    """A mark on some characters of the first paragraph's source."""
    start = text.index(words)
    return Mark(start, start + len(words), key, **more)


def test_reader_sees_no_markup() -> None:
    assert seen(RICH) == "Seethereportreportby[31May/Junex]*&abend."
    assert seen(RICH, 2) == "n"
    assert seen("> # *q* one\n> two") == "qonetwo"
    assert seen("| a | b \\| c |\n|--|:-:|\n| d | ~~e~~ |") == "ab|cde"
    assert seen("```py\nx = 1\n```") == "x=1"
    assert seen("- a\n\n  1. more ![the *map*](https://a.b/c.png) [r][R] z\n\n[R]: https://a.b/c") == (
        "amorethemaprz"
    )


@pytest.mark.parametrize(
    ("words", "near", "expected"),
    [
        ("report report", None, ["report](https://a.b/report) report"]),
        ("report", None, ["report", "report"]),
        ("report", 0, ["report"]),
        ("MAY/june", None, ["May/*June"]),
        ("* & a", None, ["\\* &amp; `a"]),
        (" the\n report ", None, ["the [report"]),
        ("https", None, []),
        ("", None, []),
    ],
)
def test_words_are_found_in_the_source(words: str, near: int | None, expected: list[str]) -> None:
    assert found(RICH, words, near) == expected


def test_of_equal_words_the_nearest_are_meant() -> None:
    seen_before = len("See the report".replace(" ", ""))
    assert find_words(visible_blocks(RICH)[1], "report", seen_before) == [(42, 48)]
    assert find_words(visible_blocks(RICH)[1], "report", 3) == [(14, 20)]


def test_signs_that_keyboards_do_not_have_are_found_by_those_that_they_have() -> None:
    assert found("The Government’s “follow‑up” – now", 'government\'s "follow-up" - now') == [
        "The Government’s “follow‑up” – now"[4:]
    ]


def test_mark_is_drawn_around_each_piece() -> None:
    text = "See **the [report](https://a.b/c)** by June."
    html = marked(text, mark(text, "the [report](https://a.b/c)** by", kinds=("anchor--stop",)))
    assert html == (
        'See <strong><mark class="anchor anchor--stop" id="words-k" aria-details="thread-k">the </mark>'
        '<a href="https://a.b/c" rel="noopener nofollow">'
        '<mark class="anchor anchor--stop" aria-details="thread-k">report</mark></a></strong>'
        '<mark class="anchor anchor--stop" aria-details="thread-k"> by</mark> June.'
    )


def test_marks_overlap_and_brackets_stay_whole() -> None:
    text = "by [31 May/June] in"
    html = marked(text, mark(text, "31 May/Ju", "k1"), mark(text, "May/June] in", "k2"))
    plain = re.sub(r"<[^>]+>", "", html)
    assert plain == "by Not agreed: [31 May/June] in"
    assert "".join(re.findall(r'thread-k1">(?:<mark[^>]*>)?([^<]*)', html)) == "31 MayJu"
    assert html.count('id="words-k1"') == html.count('id="words-k2"') == 1


def test_deleted_and_inserted_words_are_said_and_shown() -> None:
    text = "Report **regularly** to the Council."
    html = marked(text, mark(text, "**regularly**", deleted=True, inserted="every <year>"))
    assert html == (
        'Report <strong><span class="vh">deleted: </span>'
        '<del class="anchor" id="words-k" aria-details="thread-k">regularly</del>'
        '<span class="vh">, end; </span><span class="vh">inserted: </span>'
        '<ins class="anchor" aria-details="thread-k">every &lt;year&gt;</ins>'
        '<span class="vh">, end; </span></strong> to the Council.'
    )


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, "+Report *on* it."),
        (7, "Report +*on* it."),
        (10, "Report *on+* it."),
        (11, "Report *on*+ it."),
        (12, "Report *on* +it."),
        (15, "Report *on* it.+"),
    ],
)
def test_insertion_stands_at_its_place(place: int, expected: str) -> None:
    html = marked("Report *on* it.", Mark(place, place, "k", inserted="+"))
    html = html.replace('<span class="vh">inserted: </span>', "").replace(
        '<span class="vh">, end; </span>', ""
    )
    html = re.sub(r"</?ins[^>]*>", "", html).replace("<em>", "*").replace("</em>", "*")
    assert html == expected


def test_words_of_code_and_headings_and_tables_are_marked() -> None:
    text = "use `a b` now"
    assert '<mark class="anchor" id="words-k" aria-details="thread-k"><code>a b</code></mark>' in marked(
        text, mark(text, "a b")
    )
    heading = str(render_markdown("# The *end*", marks={1: [Mark(2, 8, "k")]}).html)
    assert heading.startswith('<h2 id="p1"><mark class="anchor" id="words-k"')
    cells = "| a | b |\n|--|--|\n| c | d |"
    table = str(render_markdown(cells, marks={1: [mark(cells, "c")]}).html)
    assert re.search(r"<td><mark[^>]*>c</mark></td>", table)


def test_marked_blocks_are_those_of_the_page() -> None:
    blocks = rendered_blocks("Lead.\n\n1. One.", marks={2: [Mark(3, 6, "k")]})
    assert "mark" not in blocks[0].opening
    assert '<mark class="anchor" id="words-k" aria-details="thread-k">One</mark>.' in blocks[1].opening


@given(NASTY, st.data())
def test_marks_never_break_a_text(text: str, data: st.DataObject) -> None:
    blocks = split_blocks(text.replace("\x00", "\ufffd"))
    marks: dict[int, list[Mark]] = {}
    for block in blocks[:4]:
        place = st.integers(0, len(block.text))
        for number in range(data.draw(st.integers(0, 3))):
            start, end = sorted((data.draw(place), data.draw(place)))
            marks.setdefault(block.index, []).append(
                Mark(
                    start,
                    end,
                    f"{block.index}x{number}",
                    (),
                    data.draw(st.booleans()),
                    data.draw(st.sampled_from(["", "+<"])),
                )
            )
    plain, drawn = (
        Checker(str(render_markdown(text).html)),
        Checker(str(render_markdown(text, marks=marks).html)),
    )
    said = (
        drawn.text.replace("+<", "").replace("inserted: ", "").replace("deleted: ", "").replace(", end; ", "")
    )
    # White space at the end of a line is not shown, whether a mark ends after it or not.
    assert said.split() == plain.text.replace("+<", "").replace(", end; ", "").split()
    assert len(drawn.ids) == len(set(drawn.ids))


@given(NASTY)
def test_what_a_reader_sees_is_found_where_it_stands(text: str) -> None:
    # As a stored text is: its line ends are LF.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for block in split_blocks(text.replace("\x00", "\ufffd"))[:3]:
        characters = visible_blocks(text)[block.index]
        for character, start, end in characters:
            assert 0 <= start < end <= len(block.text)
            if end - start == 1:
                assert block.text[start] == character or "\\" in block.text
        assert [c[1] for c in characters] == sorted(c[1] for c in characters)


def test_words_of_code_are_marked_where_they_stand() -> None:
    code = "```\na < b\nc\n```"
    html = str(render_markdown(code, marks={1: [mark(code, "b")]}).html)
    assert re.search(r"<pre><code>a &lt; <mark[^>]*>b</mark>\nc\n</code></pre>", html), html
    listed = "1. One:\n\n   ```\n   a b\n   ```"
    assert "<pre><code>a b\n</code></pre>" in str(render_markdown(listed).html)


@pytest.mark.parametrize(
    "text",
    [
        "    a b\n      c\n    d",
        "\ta b\n\t  c\n\td",
        "```c\na b\n  c\nd\n```",
        "- ```\n  a b\n    c\n  d\n  ```",
        "1. One:\n\n       a b\n         c\n       d",
        "> ```\n> a b\n>   c\n> d\n> ```",
        ">     a b\n>       c\n>     d",
    ],
)
def test_words_of_each_line_of_code_are_marked_whatever_stands_before_the_line(text: str) -> None:
    html = str(render_markdown(text, marks={1: [mark(text, "b"), mark(text, "d", key="j")]}).html)
    assert re.search(r"<pre><code>a <mark[^>]*>b</mark>\n  c\n<mark[^>]*>d</mark>\n</code></pre>", html), html
    assert seen(text).endswith("abcd")

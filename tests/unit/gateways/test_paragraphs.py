"""Published paragraphs: numbered as their authors numbered them."""

from __future__ import annotations

import re

from reviewflow.gateways.paragraphs import (
    headings,
    published_rationale,
    published_text,
    with_numbers,
    with_permalinks,
    with_scrolling,
)


def _ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]*)"', html)


def test_published_text_has_the_authors_numbers() -> None:
    html = published_text("The Task Force recommends that:\n\n1. One\n\n2. Two\n\nand that:\n\n3. Three")
    assert html.splitlines() == [
        '<div class="lead" id="p-block-1"><p>The Task Force recommends that:</p></div>',
        '<div class="para" id="p1"><p class="para__p">'  # noqa: ISC004 - one line of HTML
        '<a class="pn" href="#p1" aria-label="Paragraph 1">1</a>One</p></div>',
        '<div class="para" id="p2"><p class="para__p">'  # noqa: ISC004 - one line of HTML
        '<a class="pn" href="#p2" aria-label="Paragraph 2">2</a>Two</p></div>',
        '<div class="lead" id="p-block-4"><p>and that:</p></div>',
        '<div class="para" id="p3"><p class="para__p">'  # noqa: ISC004 - one line of HTML
        '<a class="pn" href="#p3" aria-label="Paragraph 3">3</a>Three</p></div>',
    ]


def test_published_text_without_numbers_has_every_block_numbered() -> None:
    assert _ids(published_text("One\n\nTwo")) == ["p1", "p2"]


def test_numbers_that_start_again_keep_ids_apart() -> None:
    assert _ids(published_text("1. a\n\n2. b\n\n## Next\n\n1. c")) == ["p1", "p2", "p-block-3", "p1-2"]


def test_footnotes_lead_to_where_they_stand() -> None:
    html = published_text("1. One[^1]\n\n[^1]: Why")
    assert '<a href="#p-block-2" aria-label="Footnote 1">' in html
    assert _ids(html) == ["p1", "p-block-2"]


def test_words_that_look_like_our_markup_stay_as_they_were_typed() -> None:
    typed = '1. <div class="para" id="p1"> and <h3 id="p1"> and `<sup class="fn"><a href="#p1"`'
    html = published_text(typed)
    assert _ids(html)[0] == "p1"
    assert '&lt;div class="para" id="p1"&gt; and &lt;h3 id="p1"&gt;' in html
    assert '&lt;sup class="fn"&gt;&lt;a href="#p1"' in html


def test_rationale_has_no_numbers_but_its_lists_keep_their_marks() -> None:
    assert published_rationale("Why\n\n1. x\n\n- y").splitlines() == [
        '<div class="lead" id="r-block-1"><p>Why</p></div>',
        '<div class="para" id="r-block-2"><p class="para__p"><span class="pn">1.</span>x</p></div>',
        '<div class="para" id="r-block-3"><p class="para__p"><span class="pn">•</span>y</p></div>',
    ]
    assert published_rationale("") == ""


def test_what_has_no_number_has_a_link_to_itself() -> None:
    html = published_text("# Of *one* & all\n\nTo begin:\n\n1. First\n\n- A point")
    assert headings(html) == (("p-block-1", "Of one &amp; all"),)
    assert with_permalinks(html, "Link") == (
        '<h2 id="p-block-1">Of <em>one</em> &amp; all'
        '<a class="self" href="#p-block-1" aria-label="Link">#</a></h2>\n'
        '<div class="lead" id="p-block-2"><a class="self" href="#p-block-2" aria-label="Link">#</a>'
        "<p>To begin:</p></div>\n"
        '<div class="para" id="p1"><p class="para__p">'
        '<a class="pn" href="#p1" aria-label="Paragraph 1">1</a>First</p></div>\n'
        '<div class="para" id="p-block-4"><p class="para__p">'
        '<a class="pn" href="#p-block-4" aria-label="Link">•</a>A point</p></div>'
    )


def test_table_is_moved_by_itself_and_is_no_landmark_of_the_page() -> None:
    html = with_scrolling(published_text("1. One.\n\n| a |\n|---|\n| b |"), "Table")
    assert '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>' in html
    assert html.count("</table></div>") == 1


def test_headings_are_numbered_and_stand_below_the_title_without_a_gap() -> None:
    html = with_numbers(published_text("## *One*\n\nWords.\n\n#### Below\n\n## Two"))
    assert re.findall(r"<h\d.*</h\d>", html) == [
        '<h2 id="p-block-1"><span class="hn">1</span> <em>One</em></h2>',
        '<h3 id="p-block-3"><span class="hn">1.1</span> Below</h3>',
        '<h2 id="p-block-4"><span class="hn">2</span> Two</h2>',
    ]

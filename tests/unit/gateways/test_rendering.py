"""Rendering: numbered paragraphs, visible brackets, and nothing dangerous."""

import re
import sys
import threading
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.brackets import count_open
from reviewflow.domain.differences import Run, compare_words
from reviewflow.domain.text import MAX_BLOCKS, split_blocks
from reviewflow.gateways import rendering
from reviewflow.gateways.rendering import (
    MAX_SIGNS,
    Labels,
    render_markdown,
    render_runs,
)

VOID = {"br", "hr"}
ALLOWED = {
    *(
        "a",
        "blockquote",
        "br",
        "code",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
    ),
    *(
        "del",
        "ins",
        "mark",
        "p",
        "pre",
        "s",
        "span",
        "strong",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ),
}
NASTY = st.lists(
    st.sampled_from(
        [*"[]/*_`~|\\<>&\"'!()^:#-\n ", "[x](javascript:a)", "<img src=x onerror=a>", "[^1]", "[^1]: n",
         "[r]: https://a.b",
         "https://a.b/", "1. ", "> ", "\U00012470", "&#74864;", "&lt;", "\n\n", "|-|-|\n", "words"]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)  # fmt: skip


class Checker(HTMLParser):
    """Collects elements and text, and checks that elements are balanced and allowed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.ids: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED
        for name, value in attrs:
            assert name in {"href", "class", "aria-details", "aria-label", "rel", "id", "start"}
            if name == "href":
                assert re.match(r"#p\d+$|https?://|mailto:", value or "", re.IGNORECASE)
            if name == "id":
                self.ids.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def body(text: str) -> str:
    """The HTML of a text of one paragraph, without its number."""
    html = str(render_markdown(text).html)
    return html.partition("</a>")[2].removesuffix("</div>").removesuffix("</p>")


def test_paragraphs_and_items_are_numbered_as_blocks() -> None:
    rendered = render_markdown("Lead:\n\n1. one\n2. two\n\n   more")
    assert rendered.paragraphs == 3
    assert rendered.html == (
        '<div class="para" id="p1"><p class="para__p">'
        '<a class="pn" href="#p1" aria-label="Paragraph 1">1</a>Lead:</p></div>\n'
        '<div class="para" id="p2"><p class="para__p">'
        '<a class="pn" href="#p2" aria-label="Paragraph 2">2</a>one</p></div>\n'
        '<div class="para" id="p3"><p class="para__p">'
        '<a class="pn" href="#p3" aria-label="Paragraph 3">3</a>two</p><p>more</p>\n</div>'
    )


def test_headings_keep_their_id_and_are_shifted() -> None:
    assert render_markdown("# A *b*\n\n###### C").html == '<h2 id="p1">A <em>b</em></h2>\n<h6 id="p2">C</h6>'
    assert "<h3>x</h3>" in render_markdown("> # x", heading_shift=2).html


def test_other_blocks_are_numbered_around() -> None:
    html = render_markdown("> quote\n\n| a | b |\n|--:|---|\n| c | ~~d~~ |\n\n```x\n[<y>]\n```\n\n---").html
    Checker(html)
    assert '<div class="para" id="p1"><div class="para__p"><a class="pn"' in html
    assert '<th class="to-right">a</th>' in html
    assert "<s>d</s>" in html
    assert "<pre><code>[&lt;y&gt;]\n</code></pre>" in html
    assert "<hr>" in html


def test_an_open_bracket_is_marked_with_its_alternatives_parted() -> None:
    assert body("by [31 *May*/June]") == (
        'by <span class="bracket"><span class="vh">Not agreed: </span>'
        '<span class="bracket__b bracket__b--l">[</span><span class="alt">31 <em>May</em></span>'
        '<span class="bracket__or">/</span><span class="alt">June</span>'
        '<span class="bracket__b bracket__b--r">]</span></span>'
    )


def test_a_bracket_across_elements_keeps_the_html_whole() -> None:
    html = render_markdown("[a **b/c] d** [e] ]\n\n- [f\n\n  g / h]").html
    checker = Checker(html)
    assert "[a b/c] d [e] ]" in checker.text.replace("Not agreed: ", "")
    assert html.count("Not agreed: ") == 3


def test_labels_are_the_callers() -> None:
    html = render_markdown("[a][^1]\n\n[^1]: b", Labels("Пункт", "Сноска", "Не согласовано: ")).html
    assert 'aria-label="Пункт 1"' in html
    assert '<sup class="fn"><a href="#p2" aria-label="Сноска 1">1</a></sup>' in html
    assert '<span class="vh">Не согласовано: </span>' in html
    assert '2</a><sup class="fn">1</sup> b</p>' in html


def test_links_are_web_and_mail_only() -> None:
    expected = 'see <a href="https://a.b/c" rel="noopener nofollow">x</a>'
    assert body('see [x](https://a.b/c "t")') == expected
    assert body("see [x][r]\n\n[r]: https://a.b/c").startswith(expected)
    assert "mailto:a@b.c" in body("<mailto:a@b.c>")


def test_images_become_their_description() -> None:
    assert body("see ![the *map*](https://a.b/c.png)!") == "see the map!"


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHN2Zz4=)",
        "[x](vbscript:a) [x](file:///etc) [x](//evil.example) [x](/admin)",
        "![x](javascript:alert(1)) ![x](data:image/svg+xml,a)",
        "[x][r]\n\n[r]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:a'>x</a>",
        '[x](https://a.b/"onmouseover="alert(1))',
        "[a [b](javascript:c) <svg onload=d>](javascript:e)",
        "[<img src=x onerror=a>/`<b>`]",
        "```\"><script>\n</code><script>\n```",
        "| <script> |\n|---|\n| <iframe> |",
        "[^\"><script>]: <script>\n\n[^\"><script>]",
    ],
)  # fmt: skip
def test_nothing_dangerous_passes(text: str) -> None:
    html = render_markdown(text).html
    Checker(html)
    assert not re.search(r"<(script|img|svg|iframe)|<[^>]*\son\w+=|href=\"(?!#p|https?:|mailto:)", html)


@given(NASTY)
def test_any_text_gives_whole_html_with_every_number(text: str) -> None:
    rendered = render_markdown(text)
    checker = Checker(rendered.html)
    normal = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
    assert checker.ids == [f"p{block.index}" for block in split_blocks(normal)]
    assert rendered.paragraphs == len(checker.ids)


@given(
    st.lists(st.sampled_from(["[", "]", "a", " ", "/", "*", "**", "`", "\\", "[x](https://a.b)"])).map(
        "".join
    )
)
def test_what_is_marked_is_what_is_counted(text: str) -> None:
    html = render_markdown(text).html
    if "`" not in text and not text.startswith("    "):
        opened, closed = html.count("bracket__b--l"), html.count("bracket__b--r")
        assert max(opened, closed) <= count_open(text) <= opened + closed


@given(st.text())
def test_no_text_is_refused(text: str) -> None:
    Checker(render_markdown(text).html)


def test_lone_surrogates_and_stand_ins_of_the_author_do_no_harm() -> None:
    assert body("a\ud800\x00b") == "a\ufffd\ufffdb"
    stand_ins = "\U00012470\U00012471\U00012472\U00012473\U00010a50\U00010a51"
    assert body(f"{stand_ins} [a/b]") == f"{stand_ins} [a/b]"
    assert body("&#74864;") == "\U00012470"


@pytest.mark.parametrize(
    "text", ["[" * 300 + "]" * 300, "> " * 300 + "x", "- " * 300 + "x", "*a " * 300 + "b*" * 300]
)
def test_deep_nesting_is_cut_off(text: str) -> None:
    html = render_markdown(text).html
    Checker(html)
    assert html.count("<blockquote>") <= 20
    assert html.count("<ul>") <= 20


def test_what_is_too_large_is_shown_as_typed() -> None:
    assert "<em>" not in render_markdown("*a* " * MAX_SIGNS).html
    assert "<table>" not in render_markdown("|a" * MAX_SIGNS + "\n" + "|-" * MAX_SIGNS).html
    many = render_markdown("*a*\n\n" * (MAX_BLOCKS + 1))
    assert many.html.count("<em>") == MAX_BLOCKS
    assert many.html.endswith("*a*</p></div>")
    assert many.paragraphs == MAX_BLOCKS + 1


@pytest.mark.parametrize("sign", ["a\n", *"!&*<>[\\]_`|~"])
def test_every_sign_that_costs_time_is_counted(sign: str) -> None:
    assert "<em>b</em>" in render_markdown("*b* " + f"{sign} " * 10).html
    assert "<em>" not in render_markdown("*b* " + f"{sign} " * MAX_SIGNS).html


def test_signs_are_counted_over_all_paragraphs() -> None:
    signs = "\\! " * 100 + "\n\n"
    fits = MAX_SIGNS // 200 - 1
    assert "<em>b</em>" in render_markdown(signs * fits + "*b*").html
    assert "<em>" not in render_markdown(signs * (fits + 1) + "*b*").html


def test_paragraph_with_too_many_signs_leaves_the_others_as_they_are() -> None:
    html = render_markdown("*a* " * MAX_SIGNS + "\n\n*b*").html
    assert (html.count("<em>a"), html.count("<em>b")) == (0, 1)


def test_runs_become_labelled_insertions_and_deletions() -> None:
    runs = (
        Run("equal", "a "),
        Run("delete", "<b> c"),
        Run("insert", ", together with"),
        Run("equal", " & d"),
    )
    assert render_runs(runs) == (
        'a <span class="vh">deleted: </span><del><span class="mk">&lt;b</span>&gt; c</del>'
        '<span class="vh">, end; </span><span class="vh">inserted: </span>'
        '<ins><span class="mk">, together</span> with</ins><span class="vh">, end; </span> &amp; d'
    )
    assert render_runs([Run("insert", " x")], Labels(inserted="<+>", end="")) == (
        '<span class="vh">&lt;+&gt;</span><ins> <span class="mk">x</span></ins><span class="vh"></span>'
    )


@given(st.text(), st.text())
def test_runs_of_any_text_are_escaped(old: str, new: str) -> None:
    html = render_runs(compare_words(old, new))
    assert set(re.findall(r"<[^>]*>", html)) <= {
        "<ins>", "</ins>", "<del>", "</del>", "</span>", '<span class="vh">', '<span class="mk">'
    }  # fmt: skip


def test_first_two_texts_at_the_same_time_are_both_whole() -> None:
    """One thread is stopped while a parser puts its rules together; another reads a text meanwhile."""
    text = "# Head\n\n- *a*\n\n> b\n\n| c |\n|---|\n| d |"
    whole = str(render_markdown(text).html)
    rendering._parser.cache_clear()
    inside, go_on = threading.Event(), threading.Event()

    def stop_once(frame, event, _argument):
        if frame.f_code.co_name != "__compile__":
            return None
        if event == "line" and frame.f_locals["self"].__cache__ is not None and not inside.is_set():
            inside.set()
            go_on.wait(30)
        return stop_once

    def first() -> None:
        sys.settrace(stop_once)
        made.append(str(render_markdown(text).html))
        sys.settrace(None)

    made: list[str] = []
    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert inside.wait(30)
        assert str(render_markdown(text).html) == whole
    finally:
        go_on.set()
        thread.join()
    assert made == [whole]

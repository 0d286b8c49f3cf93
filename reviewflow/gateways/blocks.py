"""A text under discussion, block by block, each with the number that people cite."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from markdown_it.token import Token
from markupsafe import Markup

from reviewflow.domain.text import split_blocks
from reviewflow.gateways.marks import Mark, Marker
from reviewflow.gateways.paragraphs import apart, published_rationale
from reviewflow.gateways.rendering import ENGLISH, Labels, render_markdown

_NO_MARKS: Final[Mapping[int, Sequence[Mark]]] = MappingProxyType({})

#: Where a block of a rendered text begins. A "<" of the text itself is escaped, so these match tags only.
_BLOCK = re.compile(r'(?=<(?:div|h[1-6])(?: class="para")? id="p\d+">)')
_AUTHORS_NUMBER = re.compile(r" {0,3}(\d{1,9})[.)]\s")
_HEADING = re.compile(r"<h[1-6]\b")
_NUMBER = re.compile(r'(<a class="pn" href="#p\d+" aria-label="[^"]*?)( \d+">)\d+(</a>)')


@dataclass(frozen=True, slots=True)
class Opened:
    """One rendered block, cut where discussion can be put between its words and its end.

    `number` is the one that its authors gave it, empty for a sentence that leads to a list. In a text
    that they did not number, blocks are counted.
    """

    number: str
    opening: Markup
    closing: Markup

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return _HEADING.match(self.opening) is not None


def rendered_blocks(
    text: str, labels: Labels = ENGLISH, *, marks: Mapping[int, Sequence[Mark]] = _NO_MARKS
) -> tuple[Opened, ...]:
    """The text block by block, in the order of `split_blocks`, each with the number that people cite."""
    end = "</div>"
    rendered = [html.strip() for html in _BLOCK.split(str(render_markdown(text, labels, marks=marks).html))]
    numbers = _cited_numbers(text)
    blocks = []
    for number, html in zip(numbers, (html for html in rendered if html), strict=True):
        shown = _NUMBER.sub(rf'\g<1> {number}">{number}\g<3>' if number else r'\g<1>">¶\g<3>', html, count=1)
        cut = len(shown) - len(end) if shown.endswith(end) else len(shown)
        blocks.append(Opened(number, Markup(shown[:cut]), Markup(shown[cut:])))  # noqa: S704 - rendered above
    return tuple(blocks)


def rendered_rationale(
    text: str,
    labels: Labels = ENGLISH,
    *,
    marks: Mapping[int, Sequence[Mark]] = _NO_MARKS,
    apart_by: str = "",
) -> Markup:
    """A rationale, or a text that is read without being discussed, as it is published.

    `apart_by` tells its ids from those of other texts on the page.
    """
    html = published_rationale(text, labels, marks=marks)
    return Markup(apart(html, apart_by) if apart_by else html)  # noqa: S704 - rendered and sanitised


def render_plain(
    text: str, labels: Labels = ENGLISH, *, marks: Mapping[int, Sequence[Mark]] = _NO_MARKS
) -> Markup:
    """A text that is shown as it was typed, with marks drawn by the number of their block."""
    written, at = Markup(), 0
    for block in split_blocks(text):
        token = Token("text", "", 0, content=block.text, meta={"at": 0, "span": len(block.text)})
        marker = Marker(marks.get(block.index, ()), [token], labels.inserted, labels.deleted, labels.end)
        written += text[at : block.start]
        for piece in marker.around(token):
            is_markup = piece.type == "html_inline"
            written += Markup(piece.content) if is_markup else piece.content  # noqa: S704 - the marker's own
        at = block.end
    return written + text[at:]


def is_numbered(text: str) -> bool:
    """Whether the authors numbered paragraphs of a text, so that these numbers are cited and not ours."""
    return any(_AUTHORS_NUMBER.match(block.text) for block in split_blocks(text))


def _cited_numbers(text: str) -> list[str]:
    """The number in the authors' own count, by block."""
    marks = [_AUTHORS_NUMBER.match(block.text) for block in split_blocks(text)]
    if not any(marks):
        return [str(position) for position in range(1, len(marks) + 1)]
    return [str(int(mark[1])) if mark else "" for mark in marks]

"""A published text's paragraphs: numbered as its authors numbered them, or counted where they did not.

In the workspace every block has a number, so that each can be discussed. A reader cites what the authors
wrote: "paragraph 3" is the one that begins with "3.", and the sentence that leads to the list has none. Where
nothing begins with a number, paragraphs are counted and headings are not: after a number that is left out, a
reader would look for the missing words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewflow.domain.text import split_blocks
from reviewflow.gateways import rendering
from reviewflow.gateways.marks import Mark

_ORDERED = re.compile(r" {0,3}(\d{1,9})[.)](?:\s|$)")
_BULLET = re.compile(r" {0,3}[-*+](?:\s|$)")
# What rendering writes. A "<" of the text itself is always escaped, so these match tags and nothing else.
_PARAGRAPH = re.compile(
    r'<div class="para" id="p(?P<n>\d+)"><(?P<tag>p|div) class="para__p">'
    r'<a class="pn" href="#p(?P=n)" aria-label="(?P<label>[^"]*) (?P=n)">(?P=n)</a>'
)
_OTHER_ID = re.compile(r'<(?P<tag>h[1-6]|div)(?P<class> class="[^"]*")? id="p(?P<n>\d+)">')
_TAG = re.compile(r"<[^>]*>")
# What is published here, see below.
_HEADING = re.compile(r'<h[1-6] id="(?P<id>[^"]+)">(?P<shown>.*?)</h[1-6]>', re.DOTALL)
_HEADS = re.compile(r'<h(?P<level>[1-6])(?P<id> id="[^"]+">)(?P<shown>.*?)</h(?P=level)>', re.DOTALL)
_IDS = re.compile(r'(?P<before><[a-z0-9]+(?: [a-z-]+="[^"]*")*? (?:id="|href="#))')
_LEAD = re.compile(r'<div class="lead" id="(?P<id>[^"]+)">(?=<p>)')
_UNLINKED = re.compile(
    r'(?P<open><div class="para" id="(?P<id>[^"]+)"><(?:p|div) class="para__p">)'
    r'<span class="pn">(?P<mark>[^<]*)</span>'
)
_REFERENCE = re.compile(r'<sup class="fn"><a href="#p(?P<n>\d+)"')


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block stands: its id, and the mark before it if any; `linked` marks are numbers to cite."""

    id: str
    mark: str = ""
    linked: bool = False


class Outline:
    """Headings in their order: ranks from 1 without gaps, over which readers would trip, and numbers."""

    def __init__(self) -> None:
        self._above: list[int] = []
        self._counts: list[int] = []

    def rank(self, level: int) -> int:
        """The rank of the next heading, which was written on this level."""
        while self._above and self._above[-1] >= level:
            self._above.pop()
        self._above.append(level)
        return len(self._above)

    def number(self, rank: int) -> str:
        """The number of the next heading of this rank: `2.1`."""
        self._counts = [*self._counts[:rank], *[0] * (rank - len(self._counts))]
        self._counts[-1] += 1
        return ".".join(map(str, self._counts))


def published_text(markdown: str) -> str:
    """The safe HTML of a text; its numbered paragraphs have the ids p1, p2, ... that addresses end in.

    A text that its authors did not number has its paragraphs counted.
    """
    html = str(rendering.render_markdown(markdown).html)
    blocks = [block.text for block in split_blocks(markdown)]
    places = _places(blocks, prefix="p", cited=True)
    if not any(_ORDERED.match(block) for block in blocks):
        for count, found in enumerate(_PARAGRAPH.finditer(html), start=1):
            places[found["n"]] = _Place(f"p{count}", str(count), linked=True)
    return _placed(html, places)


def published_rationale(
    markdown: str,
    labels: rendering.Labels = rendering.ENGLISH,
    *,
    marks: Mapping[int, Sequence[Mark]] | None = None,
) -> str:
    """The safe HTML of a rationale; lists keep their marks, paragraphs have no numbers."""
    html = str(rendering.render_markdown(markdown, labels, marks=marks or {}).html)
    return _placed(html, _places([block.text for block in split_blocks(markdown)], prefix="r", cited=False))


def cited_number(block: str) -> str:
    """The number that a block's authors gave it; empty for none."""
    found = _ORDERED.match(block)
    return found[1] if found else ""


def headings(html: str) -> tuple[tuple[str, str], ...]:
    """The headings of a published text, in their order: id, and what is read in it (escaped)."""
    return tuple((found["id"], _TAG.sub("", found["shown"])) for found in _HEADING.finditer(html))


def with_numbers(html: str) -> str:
    """The published HTML with its headings numbered and ranked, as in the documents of a brief or paper."""
    outline = Outline()

    def numbered(found: re.Match[str]) -> str:
        rank = outline.rank(int(found["level"]))
        tag, number = f"h{min(rank + 1, 6)}", outline.number(rank)
        return f'<{tag}{found["id"]}<span class="hn">{number}</span> {found["shown"]}</{tag}>'

    return _HEADS.sub(numbered, html)


def chapters(html: str) -> int:
    """How many headings of the first rank a published text has."""
    outline = Outline()
    return [outline.rank(int(found["level"])) for found in _HEADS.finditer(html)].count(1)


def apart(html: str, name: str) -> str:
    """The HTML with ids, and links to them, that are its own on a page with several texts."""
    return _IDS.sub(lambda found: f"{found['before']}{name}-", html)


def with_scrolling(html: str, label: str) -> str:
    """The published HTML in which a table that is wider than a phone can be moved by itself.

    A group and no region: those are landmarks of a page, each with a name of its own.
    """
    box = f'<div class="scroll" tabindex="0" role="group" aria-label="{label}"><table>'
    return html.replace("<table>", box).replace("</table>", "</table></div>")


def with_permalinks(html: str, label: str) -> str:
    """The published HTML in which what has no number to click has a link to itself, called `label`.

    The stored HTML stays as it was published; this is its dress.
    """

    def link(address: str, sign: str, name: str) -> str:
        return f'<a class="{name}" href="#{address}" aria-label="{label}">{sign}</a>'

    html = _HEADING.sub(lambda m: m[0].replace("</h", link(m["id"], "#", "self") + "</h"), html)
    html = _LEAD.sub(lambda m: m[0] + link(m["id"], "#", "self"), html)
    return _UNLINKED.sub(lambda m: m["open"] + link(m["id"], m["mark"], "pn"), html)


def _places(blocks: list[str], *, prefix: str, cited: bool) -> dict[str, _Place]:
    """By the number that rendering gave a block. Lists that start again get ids of their own: p1-2."""
    places = {}
    used: Counter[str] = Counter()
    for index, block in enumerate(blocks, start=1):
        if ordered := _ORDERED.match(block):
            number = str(int(ordered[1]))
            used[number] += 1
            again = f"-{used[number]}" if used[number] > 1 else ""
            places[str(index)] = (
                _Place(f"{prefix}{number}{again}", number, linked=True)
                if cited
                else _Place(f"{prefix}-block-{index}", f"{number}.")
            )
        else:
            places[str(index)] = _Place(f"{prefix}-block-{index}", "•" if _BULLET.match(block) else "")
    return places


def _placed(html: str, places: dict[str, _Place]) -> str:
    def paragraph(found: re.Match[str]) -> str:
        place, tag = places[found["n"]], found["tag"]
        if place.linked:
            return (
                f'<div class="para" id="{place.id}"><{tag} class="para__p"><a class="pn" href="#{place.id}"'
                f' aria-label="{found["label"]} {place.mark}">{place.mark}</a>'
            )
        if place.mark:
            mark = f'<span class="pn">{place.mark}</span>'
            return f'<div class="para" id="{place.id}"><{tag} class="para__p">{mark}'
        return f'<div class="lead" id="{place.id}"><{tag}>'

    def other(found: re.Match[str]) -> str:
        # Only ids of blocks: those that `paragraph` wrote no longer begin with a number of rendering's.
        return f'<{found["tag"]}{found["class"] or ""} id="{places[found["n"]].id}">'

    def reference(found: re.Match[str]) -> str:
        return f'<sup class="fn"><a href="#{places[found["n"]].id}"'

    # Headings first: afterwards the ids of paragraphs may look the same.
    html = _OTHER_ID.sub(lambda m: m[0] if m["class"] == ' class="para"' else other(m), html)
    return _REFERENCE.sub(reference, _PARAGRAPH.sub(paragraph, html))

"""A text as a tree of plain values, read from the safe HTML that the site's pages are made of.

So a document shows what the page shows: the same numbers, the same links, the same limits. The tree has
only these tags: p, h (attribute `level`, from 1, none skipped; never within others), ul, ol (`start`), li,
blockquote, pre, table, tr, th, td (`align`) and hr around strong, em, s, code, a (`href`), sup, br and note
(`number`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from reviewflow.gateways import paragraphs

_VOID: Final = frozenset({"br", "hr"})
_BLOCKS: Final = frozenset({"p", "h", "ul", "ol", "blockquote", "pre", "table", "hr"})
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
#: Elements that stand for what is in them: brackets and their alternatives, rows' groups.
_THROUGH: Final = frozenset({"span", "div", "thead", "tbody"})


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a text; its children are elements and strings."""

    tag: str
    children: tuple[Node | str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The characters in it."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


@dataclass(frozen=True, slots=True)
class Passage:
    """One block of a text. `mark` is its number as the authors gave it, a bullet, or empty."""

    id: str
    mark: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text's passages in order, and its footnotes by the number that the page shows."""

    passages: tuple[Passage, ...] = ()
    notes: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)


def read_text(markdown: str) -> Text:
    """The tree of a published text."""
    return _read(paragraphs.published_text(markdown))


def read_rationale(markdown: str) -> Text:
    """The tree of a rationale, whose paragraphs are not cited by number."""
    return _read(paragraphs.published_rationale(markdown))


def read_words(plain: str) -> Text:
    """The tree of words that are no Markdown: paragraphs, and the lines in them."""
    return Text(
        tuple(
            Passage("", "", (Node("p", tuple(_lines(paragraph))),))
            for paragraph in plain.split("\n\n")
            if paragraph.strip()
        )
    )


def numbered(text: Text) -> tuple[Text, int]:
    """The same text with its headings numbered, and how many of them are of the first rank."""
    outline, chapters = paragraphs.Outline(), 0
    passages = []
    for passage in text.passages:
        nodes = []
        for node in passage.nodes:
            if node.tag == "h":
                rank = int(node.attributes["level"])
                chapters += rank == 1
                node = Node("h", (f"{outline.number(rank)}\u2002", *node.children), node.attributes)
            nodes.append(node)
        passages.append(Passage(passage.id, passage.mark, tuple(nodes)))
    return Text(tuple(passages), text.notes), chapters


def counted_on(text: Text, before: int) -> Text:
    """The same text with its footnotes counted on from `before`, as in a document that has several texts."""
    numbers = {number: str(before + place) for place, number in enumerate(text.notes, start=1)}

    def renamed(node: Node | str) -> Node | str:
        if isinstance(node, str):
            return node
        attributes = node.attributes
        if node.tag == "note":
            attributes = {"number": numbers[attributes["number"]]}
        return Node(node.tag, tuple(map(renamed, node.children)), attributes)

    def all_of(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(node for node in map(renamed, nodes) if isinstance(node, Node))

    return Text(
        tuple(Passage(one.id, one.mark, all_of(one.nodes)) for one in text.passages),
        {numbers[number]: all_of(nodes) for number, nodes in text.notes.items()},
    )


def _lines(paragraph: str) -> Iterator[Node | str]:
    for number, line in enumerate(paragraph.split("\n")):
        if number:
            yield Node("br")
        yield line


def _read(html: str) -> Text:
    blocks = [_Block(child) for child in _parse(html).children if isinstance(child, Node)]
    notes = {block.note: block for block in reversed(blocks) if block.note}
    referred = {number for block in blocks if not block.note for number in block.references()} & set(notes)
    outline = paragraphs.Outline()
    passages = tuple(
        Passage(block.id, block.mark, tuple(_blocks(block.nodes, notes, outline)))
        for block in blocks
        if not (block.note in referred and notes[block.note] is block)
    )
    # What a note refers to is said by its number: a note of a note would have no place to stand.
    kept = {number: tuple(_blocks(notes[number].without_mark(), {})) for number in sorted(referred, key=int)}
    return Text(passages, kept)


class _Block:
    """One block of the page's HTML, with its number taken out of it."""

    def __init__(self, node: Node) -> None:
        self.id = node.attributes.get("id", "")
        self.mark, self.note = "", ""
        self.nodes: tuple[Node | str, ...] = (node,)
        if node.tag in _HEADINGS:
            return
        inner = [child for child in node.children if isinstance(child, Node)]
        if not inner:
            return
        first, rest = inner[0], inner[1:]
        children = list(first.children)
        if children and isinstance(children[0], Node) and children[0].attributes.get("class") == "pn":
            self.mark = children.pop(0).text()  # type: ignore[union-attr]  # just looked at
        if children and isinstance(children[0], Node) and _is_note_mark(children[0]):
            self.note = children[0].text()
        self.nodes = (Node(first.tag, tuple(children), first.attributes), *rest)

    def without_mark(self) -> tuple[Node | str, ...]:
        """What a footnote says, without its number."""
        first, *rest = self.nodes
        assert isinstance(first, Node)
        _mark, *words = first.children
        if words and isinstance(words[0], str):
            words[0] = words[0].lstrip()
        return (Node(first.tag, tuple(words), first.attributes), *rest)

    def references(self) -> Iterator[str]:
        """The numbers of the notes that it refers to."""
        for node in self.nodes:
            yield from _references(node)


def _is_note_mark(node: Node) -> bool:
    return node.tag == "sup" and not any(isinstance(child, Node) for child in node.children)


def _is_reference(node: Node) -> bool:
    return node.tag == "sup" and any(isinstance(child, Node) for child in node.children)


def _references(node: Node | str) -> Iterator[str]:
    if isinstance(node, str):
        return
    if _is_reference(node):
        yield node.text()
    for child in node.children:
        yield from _references(child)


def _blocks(
    nodes: Iterable[Node | str], notes: Mapping[str, _Block], outline: paragraphs.Outline | None = None
) -> Iterator[Node]:
    """Nodes as blocks only: words that stand between blocks become paragraphs."""
    loose: list[Node | str] = []
    for node in _opened(nodes, notes, outline):
        if isinstance(node, Node) and node.tag in _BLOCKS:
            yield from _paragraph(loose)
            loose = []
            yield node
        else:
            loose.append(node)
    yield from _paragraph(loose)


def _paragraph(words: list[Node | str]) -> Iterator[Node]:
    if any(isinstance(word, Node) or word.strip() for word in words):
        yield Node("p", _trimmed(words))


def _trimmed(words: list[Node | str]) -> tuple[Node | str, ...]:
    """Without the line ends that HTML has between its tags."""
    kept = list(words)
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip("\n")
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip("\n")
    return tuple(word for word in kept if word != "")


def _opened(
    nodes: Iterable[Node | str], notes: Mapping[str, _Block], outline: paragraphs.Outline | None = None
) -> Iterator[Node | str]:
    """Nodes in the tree's own tags."""
    for node in nodes:
        if isinstance(node, str):
            yield node
            continue
        attributes, children = node.attributes, node.children
        if attributes.get("class") == "vh":
            continue
        if node.tag in _THROUGH:
            yield from _opened(children, notes, outline)
        elif node.tag in _HEADINGS and outline:
            level = str(outline.rank(_HEADINGS[node.tag]))
            yield Node("h", tuple(_opened(children, notes)), {"level": level})
        elif node.tag in _HEADINGS:
            yield Node("p", (Node("strong", tuple(_opened(children, notes))),))
        elif _is_reference(node):
            number = node.text()
            yield Node("note", (), {"number": number}) if number in notes else Node("sup", (number,))
        elif node.tag in {"li", "blockquote"}:
            yield Node(node.tag, tuple(_blocks(children, notes)))
        elif node.tag in {"ul", "ol", "table", "tr"}:
            inner = tuple(n for n in _opened(children, notes) if isinstance(n, Node))
            yield Node(node.tag, inner, {k: v for k, v in attributes.items() if k == "start"})
        elif node.tag in {"td", "th"}:
            side = attributes.get("class", "").removeprefix("to-")
            yield Node(node.tag, tuple(_opened(children, notes)), {"align": side} if side else {})
        elif node.tag == "pre":
            yield Node("pre", (node.text().rstrip("\n"),))
        elif node.tag == "a":
            yield Node("a", tuple(_opened(children, notes)), {"href": attributes.get("href") or ""})
        else:
            yield Node(node.tag, tuple(_opened(children, notes)))


class _Parser(HTMLParser):
    """Builds the tree of HTML in which every element is closed, as the sanitiser writes it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str], list[Node | str]]] = [("", {}, [])]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        attributes = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            self.open[-1][2].append(Node(tag))
        else:
            self.open.append((tag, attributes, []))

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag in _VOID:
            return
        name, attributes, children = self.open.pop()
        assert name == tag, "the sanitiser closes what it opens"
        self.open[-1][2].append(Node(name, tuple(children), attributes))

    def handle_data(self, data: str) -> None:
        """Characters."""
        self.open[-1][2].append(data)


def _parse(html: str) -> Node:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return Node("", tuple(parser.open[0][2]))

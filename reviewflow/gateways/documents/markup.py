"""XHTML: the pieces of a paper as the EPUB and the HTML document show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from reviewflow.gateways.documents.archive import element as xml
from reviewflow.gateways.documents.archive import words
from reviewflow.gateways.documents.paper import Entry, Paper, Part
from reviewflow.gateways.documents.tree import Node, Passage

STYLE: Final = (Path(__file__).resolve().parents[3] / "templates" / "documents" / "paper.css").read_text()
_VOID: Final = frozenset({"br", "hr"})


def element(tag: str, *children: str, **attributes: str) -> str:
    """An element that is the same to readers of XML and of HTML, who take `<p/>` for a beginning."""
    made = xml(tag, *children, **attributes)
    return f"{made[:-2]}></{tag}>" if made.endswith("/>") and not any(children) and tag not in _VOID else made


def front(paper: Paper) -> str:
    """The header block, the title, the summary and the facts."""
    symbol, *others = paper.header
    bodies = "".join(element("br") + words(body) for body in paper.bodies)
    lines = "".join(element("br") + words(line) for line in others)
    facts = "".join(
        element("dt", words(fact.label)) + element("dd", words(fact.value)) for fact in paper.facts
    )
    summary = [
        element("p", words(said), **{"class": "summary"}) for said in paper.summary.split("\n\n") if said
    ]
    return element(
        "header",
        element(
            "div",
            element("p", element("strong", words(paper.issuer)), bodies, **_by_issuer(paper)),
            element("p", element("strong", words(symbol)), lines),
            **{"class": "head"},
        ),
        element("p", words(paper.kind), **{"class": "kind"}),
        element("div", element("h1", words(paper.title)), *summary, **_language(paper.language)),
        element("dl", facts, **{"class": "facts"}) if facts else "",
        *(_fine(paper) if paper.contents else ()),
    )


def anchor_of(entry: Entry) -> str:
    """The id that an entry of the contents leads to."""
    return f"{entry.part}-{entry.anchor}" if entry.anchor else entry.part


def contents_list(paper: Paper, address: Callable[[Entry], str]) -> str:
    """The table of contents as nested lists; `address` is where an entry leads."""
    lines: list[str] = []
    for number, entry in enumerate(paper.contents):
        following = paper.contents[number + 1 : number + 2]
        link = element("a", words(entry.title), href=address(entry))
        if entry.level == 1:
            lines.append(f"<li>{link}" + ("<ol>" if following and following[0].level > 1 else "</li>"))
        else:
            lines.append(f"<li>{link}</li>")
            lines.append("" if following and following[0].level > 1 else "</ol></li>")
    return "".join(lines)


def part_section(part: Part) -> str:
    """A part with its heading, its passages, its footnotes and whose it is."""
    scribe = _Scribe(part)
    heading = element(f"h{part.level + 1}", words(part.heading)) if part.heading else ""
    passages = "".join(scribe.passage(passage) for passage in part.text.passages)
    return element(
        "section",
        heading,
        element("div", passages, scribe.notes(), **_language(part.language)),
        element("p", words(part.byline), **{"class": "small"}) if part.byline else "",
        id=part.id,
    )


def sheet_section(paper: Paper) -> str:
    """The approval sheet, the digest, and what is said of the paper as a whole."""
    (_own_language, name), *others = paper.sheet_names
    named = " · ".join(element("span", words(other), **_language(language)) for language, other in others)
    labels = "".join(element("th", words(label), scope="col") for label in paper.sheet_labels)
    rows = []
    for number, line in enumerate(paper.sheet, start=1):
        standing = element("br") + words(line.standing) if line.standing else ""
        times = element("br").join(words(time) for time in line.times)
        cells = (words(line.decision), times, words(line.remark), words(paper.digest[:8]))
        rows.append(
            element(
                "tr",
                element("td", str(number)),
                element("th", words(line.name), standing, scope="row"),
                *(element("td", cell) for cell in cells),
            )
        )
    table = element(
        "table", element("thead", element("tr", labels)), element("tbody", *rows), **{"class": "sheet"}
    )
    return element(
        "section",
        element("h2", words(name)),
        element("p", named, **{"class": "small"}),
        element("div", table, **{"class": "sheet-box"}),
        element("p", words(paper.digest_says)),
        element("p", paper.digest, **{"class": "digest"}),
        *(() if paper.contents else _fine(paper)),
        id="approval-sheet",
    )


def _fine(paper: Paper) -> Iterator[str]:
    """What the issuer says of every paper."""
    for fine in paper.fine:
        yield element("p", words(fine), **{"class": "small"}, **_by_issuer(paper))


def _by_issuer(paper: Paper) -> dict[str, str]:
    """The language of what the issuer says of itself, where it is another one than the paper's."""
    return {} if paper.issuer_language == paper.language else _language(paper.issuer_language)


def _language(language: str) -> dict[str, str]:
    return {"lang": language, "xml:lang": language}


class _Scribe:
    """Writes the text of one part; its ids begin with the part's, so that parts can stand in one file."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._referred: dict[str, int] = {}

    def passage(self, passage: Passage) -> str:
        """A passage with its id, and its mark before it."""
        inside = "".join(self._nodes(passage.nodes))
        identity = {"id": self._id(passage.id)} if passage.id else {}
        if not passage.mark:
            return element("div", inside, **identity)
        mark = element("span", words(passage.mark), **{"class": "mark"})
        return element("div", mark, inside, **identity, **{"class": "para"})

    def notes(self) -> str:
        """The footnotes, each with a way back to where it is referred to first."""
        notes = [
            element(
                "div",
                element("a", words(number), href=f"#{self._id(f'ref-{number}')}", role="doc-backlink"),
                *self._nodes(nodes),
                id=self._id(f"note-{number}"),
                role="doc-footnote",
            )
            for number, nodes in self._part.text.notes.items()
        ]
        return element("div", *notes, **{"class": "notes"}) if notes else ""

    def _id(self, name: str) -> str:
        return f"{self._part.id}-{name}"

    def _nodes(self, nodes: Iterable[Node | str]) -> Iterator[str]:
        for node in nodes:
            yield words(node) if isinstance(node, str) else self._node(node)

    def _node(self, node: Node) -> str:
        inside = "".join(self._nodes(node.children))
        match node.tag:
            case "h":
                return element(f"h{min(self._part.level + int(node.attributes['level']) + 1, 6)}", inside)
            case "note":
                return self._reference(node.attributes["number"])
            case "table":
                head, *rows = self._nodes(node.children)
                body = element("tbody", *rows) if rows else ""
                return element("table", element("thead", head), body)
            case "th" | "td":
                side = node.attributes.get("align", "")
                attributes = {"class": f"to-{side}"} if side else {}
                if node.tag == "th":
                    attributes["scope"] = "col"
                return element(node.tag, inside, **attributes)
            case "pre":
                return element("pre", element("code", inside))
            case "br" | "hr":
                return element(node.tag)
            case _:
                return element(node.tag, inside, **dict(node.attributes))

    def _reference(self, number: str) -> str:
        self._referred[number] = self._referred.get(number, 0) + 1
        first = {"id": self._id(f"ref-{number}")} if self._referred[number] == 1 else {}
        link = element("a", words(number), href=f"#{self._id(f'note-{number}')}", role="doc-noteref", **first)
        return element("sup", link)

"""DOCX (ISO/IEC 29500): real styles, headings, lists, tables and footnotes, written part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from reviewflow.gateways.documents.archive import element, packed
from reviewflow.gateways.documents.paper import Paper, Part
from reviewflow.gateways.documents.tree import Node, Passage
from reviewflow.gateways.documents.wordprocessing import (
    APPLICATION,
    BULLETS,
    DECIMALS,
    DEEPEST,
    STEP,
    content_types,
    core_properties,
    field,
    language_mark,
    levels,
    ordered,
    page_of,
    part_file,
    relation_id,
    relations,
    styled,
    table_cell,
    table_of,
    text_run,
    w,
)

_STATIC: Final = Path(__file__).resolve().parents[3] / "templates" / "documents" / "docx"
#: The text's width, in twentieths of a point.
_WIDTH: Final = 8504


def make_docx(paper: Paper) -> bytes:
    """The paper as DOCX."""
    return packed(_Writer(paper).members(), paper.published_at)


class _Writer:
    """Writes the parts of one document; lists, links and footnotes are numbered as they come."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        #: The marks of the text's language, in which its labels are, and of what the issuer says of itself.
        self._words = language_mark(paper.language)
        self._issuer = language_mark(paper.issuer_language)
        self.links: list[str] = []
        self.notes: list[str] = []
        #: Each list by its kind and the number that it starts with.
        self.lists: list[tuple[str, int]] = []
        #: The rank of each heading of a part or its text.
        self.headings: list[int] = []

    def members(self) -> Iterator[tuple[str, str | bytes]]:
        """The files of the package."""
        document = part_file("document", w("body", *self._body()))
        yield "[Content_Types].xml", content_types()
        yield (
            "_rels/.rels",
            relations(
                ("officeDocument", "word/document.xml", ""),
                ("extended-properties", "docProps/app.xml", ""),
                ("", "docProps/core.xml", ""),
            ),
        )
        yield "docProps/core.xml", core_properties(self.paper)
        yield "docProps/app.xml", APPLICATION
        yield "word/document.xml", document
        yield (
            "word/_rels/document.xml.rels",
            relations(
                ("styles", "styles.xml", ""),
                ("settings", "settings.xml", ""),
                ("numbering", "numbering.xml", ""),
                ("footnotes", "footnotes.xml", ""),
                ("header", "header.xml", ""),
                ("footer", "footer.xml", ""),
                *(("hyperlink", link, "External") for link in self.links),
            ),
        )
        yield "word/styles.xml", (_STATIC / "styles.xml").read_bytes()
        yield "word/settings.xml", (_STATIC / "settings.xml").read_bytes()
        yield "word/numbering.xml", self._numbering()
        yield "word/footnotes.xml", self._footnotes()
        # The relations of footnotes are their own; both parts count the same links.
        yield (
            "word/_rels/footnotes.xml.rels",
            relations(*(("hyperlink", link, "External") for link in self.links), first=_FIRST_LINK),
        )
        line = text_run(self.paper.issuer) + w("r", w("tab")) + text_run(self.paper.symbol)
        yield "word/header.xml", part_file("hdr", styled("Header", line))
        yield (
            "word/footer.xml",
            part_file("ftr", styled("Footer", field("PAGE"), text_run(" / "), field("NUMPAGES"))),
        )

    # --- the document

    def _body(self) -> Iterator[str]:
        paper, words, own = self.paper, self._words, self._issuer
        yield self._header_block()
        yield styled("Rule")
        yield styled("Kind", text_run(paper.kind, words))
        yield styled("Title", text_run(paper.title, words))
        for paragraph in paper.summary.split("\n\n"):
            if paragraph:
                yield styled("Subtitle", text_run(paragraph, words))
        for _name, label, value in paper.facts:
            yield styled("Fact", text_run(label, w("b"), words), w("r", w("tab")), text_run(value, words))
        yield styled("Rule")
        # The contents name the headings, which are counted as they are written.
        parts = [paragraph for part in paper.parts for paragraph in self._paper_part(part)]
        if paper.contents:
            for fine in paper.fine:
                yield styled("Byline", text_run(fine, own))
            yield from self._contents()
        yield from parts
        yield from self._sheet()
        yield w(
            "sectPr",
            element("w:headerReference", w_type="default", r_id=relation_id(4)),
            element("w:footerReference", w_type="default", r_id=relation_id(5)),
            element("w:footerReference", w_type="first", r_id=relation_id(5)),
            w("pgSz", w="11906", h="16838"),
            w("pgMar", top="1474", right="1701", bottom="1588", left="1701", header="850", footer="850",
               gutter="0"),
            w("titlePg"),
        )  # fmt: skip

    def _header_block(self) -> str:
        """Whose the document is on the left; symbol, date and original on the right, as the OSCE has it."""
        paper, words, own = self.paper, self._words, self._issuer
        symbol, *others = paper.header
        left = [styled("HeaderBlock", text_run(paper.issuer, w("b"), own))]
        left += [styled("HeaderBlock", text_run(body, own)) for body in paper.bodies]
        aside = w("jc", val="right")
        right = [styled("HeaderBlock", text_run(symbol, w("b"), words), more=aside)]
        right += [styled("HeaderBlock", text_run(line, words), more=aside) for line in others]
        return table_of(
            "TableNormal", (5304, 3200), [[table_cell(5304, *left), table_cell(3200, *right)]], head=False
        )

    def _paper_part(self, part: Part) -> Iterator[str]:
        if part.heading:
            more = w("pageBreakBefore") if self.paper.contents and part.level == 1 else ""
            yield self.heading(part.level, text_run(part.heading, self._words), more=more)
        scribe = _Scribe(self, part)
        for passage in part.text.passages:
            yield from scribe.passage(passage)
        if part.byline:
            yield styled("Byline", text_run(part.byline, self._words))

    def _sheet(self) -> Iterator[str]:
        paper, words, own = self.paper, self._words, self._issuer
        (_own_language, name), *others = paper.sheet_names
        yield styled("Heading1", text_run(name, words), more=w("pageBreakBefore"))
        named = [
            run
            for language, other in others
            for run in (text_run(other, language_mark(language)), text_run(" · "))
        ]
        yield styled("Byline", *named, text_run(paper.symbol))
        widths = (560, 2150, 1450, 1944, 1350, 1050)

        def said(*lines: str) -> list[str]:
            return [styled("SheetText", text_run(line, words)) for line in lines]

        rows = [
            [table_cell(width, styled("SheetText", text_run(label, w("b"), words)))
             for width, label in zip(widths, paper.sheet_labels, strict=True)]
        ]  # fmt: skip
        for number, line in enumerate(paper.sheet, start=1):
            cells = (
                said(str(number)),
                [
                    styled("SheetText", text_run(line.name, w("b"), words)),
                    *said(*filter(None, (line.standing,))),
                ],
                said(line.decision),
                said(*line.times),
                said(line.remark),
                said(paper.digest[:8]),
            )
            rows.append([table_cell(width, *cell) for width, cell in zip(widths, cells, strict=True)])
        yield table_of("LinedTable", widths, rows)
        yield styled("Byline")
        yield styled("Byline", text_run(paper.digest_says, words))
        yield styled("PlainText", text_run(paper.digest))
        for fine in () if paper.contents else paper.fine:
            yield styled("Byline", text_run(fine, own))

    def _contents(self) -> Iterator[str]:
        """The table of contents; the word processor knows the pages."""
        title = text_run(self.paper.contents_title, self._words)
        yield styled("ContentsTitle", title, more=w("pageBreakBefore"))
        for entry, (level, mark) in zip(self.paper.contents, self._marked(), strict=True):
            link = element("w:hyperlink", text_run(entry.title), w_anchor=mark)
            yield styled(f"TOC{level}", link, w("r", w("tab")), page_of(mark))

    def _marked(self) -> list[tuple[int, str]]:
        """The headings of the first two ranks with their bookmarks, in order."""
        return [(level, f"heading_{n}") for n, level in enumerate(self.headings, start=1) if level <= 2]

    # --- what the document counts

    def link(self, href: str) -> str:
        """The id of a link's relation."""
        if href not in self.links:
            self.links.append(href)
        return relation_id(_FIRST_LINK + self.links.index(href))

    def heading(self, level: int, *runs: str, more: str = "") -> str:
        """A heading with the bookmark that the contents lead to."""
        self.headings.append(level)
        number = str(len(self.headings))
        begin, end = w("bookmarkStart", id=number, name=f"heading_{number}"), w("bookmarkEnd", id=number)
        return styled(f"Heading{min(level, 7)}", begin, *runs, end, more=more)

    def list_id(self, kind: str, start: int) -> str:
        """The id of a new list."""
        self.lists.append((kind, start))
        return str(len(self.lists))

    def note(self, paragraphs: str) -> str:
        """The id of a new footnote."""
        self.notes.append(paragraphs)
        return str(len(self.notes))

    def _numbering(self) -> str:
        instances = [
            w(
                "num",
                w("abstractNumId", val=kind),
                *(
                    w("lvlOverride", w("startOverride", val=str(start)), ilvl=str(level))
                    for level in range(DEEPEST + 1)
                    if kind == DECIMALS
                ),
                numId=str(number),
            )
            for number, (kind, start) in enumerate(self.lists, start=1)
        ]
        return part_file("numbering", levels(BULLETS), levels(DECIMALS), *instances)

    def _footnotes(self) -> str:
        separators = [
            w(
                "footnote",
                w("p", w("pPr", w("spacing", after="0")), w("r", w(kind))),
                type=kind,
                id=number,
            )
            for kind, number in (("separator", "-1"), ("continuationSeparator", "0"))
        ]
        notes = [w("footnote", note, id=str(number)) for number, note in enumerate(self.notes, start=1)]
        return part_file("footnotes", *separators, *notes)


class _Scribe:
    """Writes the text of one part."""

    def __init__(self, writer: _Writer, part: Part) -> None:
        self._writer, self._part = writer, part
        self._lang = language_mark(part.language)
        #: By the number that the page shows, the one that the word processor counts.
        self._noted: dict[str, str] = {}
        #: The list that the passages are in, with the last number given.
        self._counted: tuple[str, int] = ("", -1)
        self._bullets = ""

    def passage(self, passage: Passage) -> Iterator[str]:
        """The paragraphs and tables of a passage; its mark makes it an item of a list."""
        mark = passage.mark.rstrip(".")
        if not mark:
            self._bullets = ""
            yield from self._blocks(passage.nodes)
            return
        if mark.isdecimal():
            number = int(mark)
            if self._counted[1] + 1 != number or not self._counted[0]:
                self._counted = (self._writer.list_id(DECIMALS, number), number)
            self._counted = (self._counted[0], number)
            yield from self._item(passage.nodes, self._counted[0], 0)
            return
        self._bullets = self._bullets or self._writer.list_id(BULLETS, 1)
        yield from self._item(passage.nodes, self._bullets, 0)

    def _item(self, nodes: tuple[Node | str, ...], list_id: str, level: int) -> Iterator[str]:
        first, *rest = nodes or (Node("p"),)
        assert isinstance(first, Node)
        if first.tag != "p":
            first, rest = Node("p"), list(nodes)
        depth = min(level, DEEPEST)
        numbered = w("numPr", w("ilvl", val=str(depth)), w("numId", val=list_id))
        yield styled("ListParagraph", *self._runs(first.children), more=numbered)
        yield from self._blocks(rest, level + 1)

    def _blocks(self, nodes: Iterable[Node | str], level: int = 0, style: str = "") -> Iterator[str]:
        inset = w("ind", left=str(STEP * min(level, DEEPEST))) if level else ""
        for node in nodes:
            assert isinstance(node, Node)
            if node.tag == "p":
                name = style or ("ListContinue" if level else "Normal")
                yield styled(name, *self._runs(node.children), more=inset)
            elif node.tag == "h":
                rank = self._part.level + int(node.attributes["level"])
                book = self._writer.paper.contents
                more = w("pageBreakBefore") if book and rank == 1 else ""
                yield self._writer.heading(rank, *self._runs(node.children), more=more)
            elif node.tag in {"ul", "ol"}:
                start = int(node.attributes.get("start", "1"))
                kind = DECIMALS if node.tag == "ol" else BULLETS
                list_id = self._writer.list_id(kind, start)
                for item in node.children:
                    if isinstance(item, Node):
                        yield from self._item(item.children, list_id, level)
            elif node.tag == "blockquote":
                yield from self._blocks(node.children, level + 1, style="Quote")
            elif node.tag == "pre":
                lines = node.text().split("\n")
                runs = [
                    w("r", w("br")) + text_run(line) if n else text_run(line) for n, line in enumerate(lines)
                ]
                yield styled("PlainText", *runs, more=inset)
            elif node.tag == "hr":
                yield styled("Rule")
            elif node.tag == "table":
                yield self._text_table(node)
                # Two tables that touch would become one.
                yield styled("TableText")

    def _text_table(self, table: Node) -> str:
        rows = [row for row in table.children if isinstance(row, Node)]
        columns = max(len(row.children) for row in rows)
        widths = (_WIDTH // columns,) * columns
        written = []
        for row in rows:
            cells = []
            for cell in row.children:
                assert isinstance(cell, Node)
                side = cell.attributes.get("align", "")
                bold = (w("b"),) if cell.tag == "th" else ()
                runs = self._runs(cell.children, *bold)
                aside = w("jc", val=side) if side else ""
                cells.append(table_cell(widths[0], styled("TableText", *runs, more=aside)))
            written.append(cells)
        return table_of("LinedTable", widths, written)

    def _runs(self, nodes: Iterable[Node | str], *properties: str) -> list[str]:
        return [run for node in nodes for run in self._inline(node, properties)]

    def _inline(self, node: Node | str, properties: tuple[str, ...]) -> Iterator[str]:
        if isinstance(node, str):
            yield text_run(node.replace("\n", " "), *ordered((*properties, self._lang)))
        elif node.tag == "br":
            yield w("r", w("br"))
        elif node.tag == "note":
            yield self._note(node.attributes["number"])
        elif node.tag == "a":
            runs = self._runs(node.children, *properties, w("rStyle", val="Hyperlink"))
            yield element("w:hyperlink", *runs, r_id=self._writer.link(node.attributes["href"]))
        else:
            yield from self._runs(node.children, *properties, _CHARACTERS[node.tag])

    def _note(self, number: str) -> str:
        """A footnote where it is first referred to; its number alone after that.

        Word processors count footnotes themselves, through the whole document and in their order.
        """
        style = w("rPr", w("rStyle", val="FootnoteReference"))
        if number in self._noted:
            return w("r", style, element("w:t", self._noted[number]))
        first, *rest = self._part.text.notes[number]
        others = rest if first.tag == "p" else [first, *rest]
        said = self._runs(first.children) if first.tag == "p" else []
        paragraphs = styled("FootnoteText", w("r", style, w("footnoteRef")), text_run(" "), *said)
        paragraphs += "".join(self._blocks(others, style="FootnoteText"))
        self._noted[number] = self._writer.note(paragraphs)
        return w("r", style, w("footnoteReference", id=self._noted[number]))


_CHARACTERS: Final = {
    "strong": w("b"),
    "em": w("i"),
    "s": w("strike"),
    "sup": w("vertAlign", val="superscript"),
    "code": w("rStyle", val="Code"),
}
_FIRST_LINK: Final = 6

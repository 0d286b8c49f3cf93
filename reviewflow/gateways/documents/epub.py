"""EPUB 3.3: the paper as a book that any reader opens, with its navigation and what it says of itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from reviewflow.gateways import pages
from reviewflow.gateways.documents.archive import DECLARATION, element, packed, words
from reviewflow.gateways.documents.markup import (
    STYLE,
    anchor_of,
    contents_list,
    front,
    part_section,
    sheet_section,
)
from reviewflow.gateways.documents.paper import Paper

_XHTML = "http://www.w3.org/1999/xhtml"
_OPS = "http://www.idpf.org/2007/ops"
_OPF = "http://www.idpf.org/2007/opf"


#: What the book says of its accessibility (schema.org's vocabulary, EPUB Accessibility 1.1).
_ACCESSIBILITY = (
    ("accessMode", "textual"),
    ("accessModeSufficient", "textual"),
    ("accessibilityFeature", "structuralNavigation"),
    ("accessibilityFeature", "readingOrder"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityHazard", "none"),
)


def make_epub(paper: Paper) -> bytes:
    """The paper as EPUB."""
    return packed(_members(paper), paper.published_at)


def _members(paper: Paper) -> Iterator[tuple[str, str | bytes]]:
    # What stands under another part's heading is in its file.
    files: list[list[str]] = []
    home: dict[str, str] = {}
    for part in paper.parts:
        if part.level <= 1 or not files:
            files.append([part.id, part.heading or paper.title, ""])
        files[-1][2] += part_section(part)
        home[part.id] = files[-1][0]
    files[0][1:] = [paper.title, front(paper) + files[0][2]]
    files.append(["sheet", paper.sheet_names[0][1], sheet_section(paper)])
    yield "mimetype", "application/epub+zip"
    yield (
        "META-INF/container.xml",
        DECLARATION
        + element(
            "container",
            element(
                "rootfiles",
                element(
                    "rootfile",
                    **{"full-path": "EPUB/package.opf", "media-type": "application/oebps-package+xml"},
                ),
            ),
            version="1.0",
            xmlns="urn:oasis:names:tc:opendocument:xmlns:container",
        ),
    )
    yield "EPUB/package.opf", _package(paper, [name for name, _title, _body in files])
    contents = [
        element("li", element("a", words(title), href=f"{name}.xhtml")) for name, title, _body in files
    ]
    if paper.contents:
        deep = contents_list(paper, lambda entry: f"{home[entry.part]}.xhtml#{anchor_of(entry)}")
        contents = [contents[0], deep, contents[-1]]
    heading = element("h1", words(paper.contents_title))
    navigation = element("nav", heading, element("ol", *contents), epub_type="toc", role="doc-toc")
    yield "EPUB/nav.xhtml", _document(paper, paper.contents_title, navigation)
    for name, title, inside in files:
        yield f"EPUB/{name}.xhtml", _document(paper, title, inside)
    yield "EPUB/paper.css", STYLE


def _document(paper: Paper, title: str, body: str) -> str:
    """A page of the book, in the language of its text but where it says otherwise."""
    link = element("link", rel="stylesheet", type="text/css", href="paper.css")
    return (
        DECLARATION
        + "<!DOCTYPE html>\n"
        + element(
            "html",
            element("head", element("title", words(title)), link),
            element("body", body),
            xmlns=_XHTML,
            xmlns_epub=_OPS,
            lang=paper.language,
            **{"xml:lang": paper.language},
        )
    )


def _package(paper: Paper, names: list[str]) -> str:
    # The same text under the same symbol is the same book, whoever makes it.
    identity = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'{paper.symbol} {paper.digest}')}"
    said_of_access = (*_ACCESSIBILITY, ("accessibilitySummary", paper.accessibility))
    said = [
        element("dc:identifier", identity, id="id"),
        element("dc:identifier", words(paper.symbol)),
        element("dc:title", words(paper.title)),
        element("dc:language", paper.language),
        element("dc:creator", words(paper.issuer)),
        element("dc:publisher", words(paper.issuer)),
        element("dc:date", pages.exact(paper.published_at)),
        element("dc:description", words(paper.summary)) if paper.summary else "",
        element("dc:source", f"SHA-256 {paper.digest}"),
        element("meta", pages.exact(paper.published_at), property="dcterms:modified"),
        *(element("meta", words(value), property=f"schema:{name}") for name, value in said_of_access),
    ]
    page = {"media-type": "application/xhtml+xml"}
    return DECLARATION + element(
        "package",
        element("metadata", *said, **{"xmlns:dc": "http://purl.org/dc/elements/1.1/"}),
        element(
            "manifest",
            element("item", id="nav", href="nav.xhtml", properties="nav", **page),
            *(element("item", id=f"part-{name}", href=f"{name}.xhtml", **page) for name in names),
            element("item", id="style", href="paper.css", **{"media-type": "text/css"}),
        ),
        element("spine", *(element("itemref", idref=f"part-{name}") for name in names)),
        xmlns=_OPF,
        version="3.0",
        **{"unique-identifier": "id", "xml:lang": paper.language},
    )

"""The formats of a document: how each is called, and who makes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reviewflow.gateways.documents.card import make_card
from reviewflow.gateways.documents.docx import make_docx
from reviewflow.gateways.documents.epub import make_epub
from reviewflow.gateways.documents.paper import Paper
from reviewflow.gateways.documents.pdf import make_pdf
from reviewflow.gateways.documents.plain import make_html, make_json, make_markdown


@dataclass(frozen=True, slots=True)
class Document:
    """A paper in one format, with the SHA-256 of its bytes."""

    format: str
    media_type: str
    filename: str
    sha256: str
    body: bytes


#: By the ending of the file's name: the media type, and the maker.
MAKERS: Final[Mapping[str, tuple[str, Callable[[Paper], bytes]]]] = {
    "pdf": ("application/pdf", make_pdf),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", make_docx),
    "epub": ("application/epub+zip", make_epub),
    "html": ("text/html; charset=utf-8", make_html),
    "md": ("text/markdown; charset=utf-8", make_markdown),
    "json": ("application/json", make_json),
    "png": ("image/png", make_card),
}


def documents_of(paper: Paper) -> Iterator[Document]:
    """The paper in every format."""
    for name, (media_type, make) in MAKERS.items():
        body = make(paper)
        yield Document(name, media_type, f"{paper.name}.{name}", hashlib.sha256(body).hexdigest(), body)

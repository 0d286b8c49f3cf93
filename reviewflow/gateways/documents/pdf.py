"""PDF, set by typst from a template of ours; the text comes to it as data and never as source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst

from reviewflow.gateways.documents.paper import Paper, Part
from reviewflow.gateways.documents.tree import Node, Passage

#: Where the templates and the fonts are.
TEMPLATES: Final = Path(__file__).resolve().parents[3] / "templates" / "documents"


def make_pdf(paper: Paper) -> bytes:
    """The paper as PDF, produced as PDF/UA-1 (tagged, for all readers) and PDF/A-2a (to be kept).

    A text with a character that none of our fonts has can't keep the standards, which promise that every
    character is drawn. It is made all the same, with a box in its place; copied, it is the character.
    """
    try:
        return _made(paper, to_standards=True)
    except typst.TypstError:
        return _made(paper, to_standards=False)


def _made(paper: Paper, *, to_standards: bool) -> bytes:
    return typst.compile(
        TEMPLATES / "paper.typ",
        root=TEMPLATES,
        font_paths=[TEMPLATES / "fonts"],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"paper": json.dumps(_values(paper), ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"] if to_standards else None,
    )


def _values(paper: Paper) -> dict[str, Any]:
    """What the template reads."""
    at = paper.published_at
    return {
        "kind": paper.kind,
        "symbol": paper.symbol,
        "title": paper.title,
        "summary": [words for words in paper.summary.split("\n\n") if words],
        "language": paper.language,
        "issuer": paper.issuer,
        "issuer_language": paper.issuer_language,
        "bodies": paper.bodies,
        "header": paper.header,
        "facts": [[fact.label, fact.value] for fact in paper.facts],
        "date": {unit: getattr(at, unit) for unit in ("year", "month", "day", "hour", "minute", "second")},
        "parts": [_part(part) for part in paper.parts],
        "sheet": {
            "labels": paper.sheet_labels,
            "rows": [
                {
                    "number": str(number),
                    "name": line.name,
                    "standing": line.standing,
                    "decision": line.decision,
                    "times": line.times,
                    "remark": line.remark,
                    "digest": paper.digest[:8],
                }
                for number, line in enumerate(paper.sheet, start=1)
            ],
        },
        "sheet_names": paper.sheet_names,
        "digest": paper.digest,
        "digest_shown": " ".join(paper.digest[start : start + 8] for start in range(0, 64, 8)),
        "digest_says": paper.digest_says,
        "fine": paper.fine,
        "is_book": bool(paper.contents),
        "contents": paper.contents_title,
    }


def _part(part: Part) -> dict[str, Any]:
    seen: set[str] = set()
    passages = part.text.passages
    last = passages[-1] if passages else None
    return {
        "id": part.id,
        "heading": part.heading,
        "language": part.language,
        "byline": part.byline,
        "level": part.level,
        "passages": [
            [
                passage.mark,
                [_marked(node, seen) for node in passage.nodes],
                _leads_in(passage) or (passage is last and bool(part.byline)),
            ]
            for passage in passages
        ],
        "notes": {
            number: [_marked(node, seen) for node in nodes] for number, nodes in part.text.notes.items()
        },
    }


def _leads_in(passage: Passage) -> bool:
    """Whether a passage ends with a colon."""
    return bool(passage.nodes) and passage.nodes[-1].tag == "p" and passage.nodes[-1].text().endswith(":")


def _marked(node: Node | str, seen: set[str]) -> Any:
    """As lists; a note that is referred to again says so, since it stands on a page once."""
    if isinstance(node, str):
        return node
    attributes: dict[str, Any] = dict(node.attributes)
    if node.tag == "note":
        attributes["again"] = node.attributes["number"] in seen
        seen.add(node.attributes["number"])
    return [node.tag, attributes, [_marked(child, seen) for child in node.children]]

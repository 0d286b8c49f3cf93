"""The formats that are text: one HTML file, Markdown, and JSON for programs."""

from __future__ import annotations

import json

from reviewflow.gateways import pages
from reviewflow.gateways.documents.archive import words
from reviewflow.gateways.documents.markup import (
    STYLE,
    anchor_of,
    contents_list,
    element,
    front,
    part_section,
    sheet_section,
)
from reviewflow.gateways.documents.paper import Paper


def make_html(paper: Paper) -> bytes:
    """The paper as one HTML file, which needs no other."""
    head = element(
        "head",
        '<meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>',
        element("title", words(f"{paper.title} – {paper.symbol}")),
        element("style", STYLE),
    )
    contents = ""
    if paper.contents:
        lines = contents_list(paper, lambda entry: f"#{anchor_of(entry)}")
        contents = element(
            "nav", element("h2", paper.contents_title), element("ol", lines), **{"class": "contents"}
        )
    body = element(
        "body", element("main", front(paper), contents, *map(part_section, paper.parts), sheet_section(paper))
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang=paper.language)}\n".encode()


def make_markdown(paper: Paper) -> bytes:
    """The words as they were typed, under a head of YAML (JSON's strings are YAML's too)."""
    head = {
        "symbol": paper.symbol,
        "title": paper.title,
        "published": pages.exact(paper.published_at),
        "language": paper.language,
        "issuer": paper.issuer,
        **{fact.name: fact.value for fact in paper.facts},
        "digest": f"sha256:{paper.digest}",
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    sections = [f"# {paper.title}", paper.summary]
    for part in paper.parts:
        sections += [f"{'#' * (part.level + 1)} {part.heading}" if part.heading else "", part.source]
        sections.append(f"*{part.byline}*" if part.byline else "")
    sections.append(f"## {paper.sheet_names[0][1]}")
    sections.append(
        "\n".join(
            f"{number}. "
            + "; ".join(filter(None, (line.name, line.standing, line.decision, *line.times, line.remark)))
            for number, line in enumerate(paper.sheet, start=1)
        )
    )
    sections += paper.fine
    return ("---\n" + "\n".join(lines) + "\n---\n\n" + "\n\n".join(filter(None, sections)) + "\n").encode()


def make_json(paper: Paper) -> bytes:
    """What was published, for programs: the manifest as the very text that the digest is taken of."""
    return (json.dumps(paper.data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

"""Pictures and tables in the documentation come from the code, so that they can't drift."""

from __future__ import annotations

import re
from pathlib import Path

from reviewflow.domain.diagram import mermaid

_DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_architecture_shows_the_procedure_as_it_is() -> None:
    assert f"```mermaid\n{mermaid()}```" in (_DOCS / "architecture.md").read_text()


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*_DOCS.rglob("*.md"), _DOCS.parent / "README.md"]
    dead = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)\)", re.sub(r"`[^`]*`", "", page.read_text()))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert dead == []

"""The picture that other sites show beside a link to a publication, set by typst as the PDF is."""

from __future__ import annotations

import json

import typst

from reviewflow.gateways.documents.paper import Paper
from reviewflow.gateways.documents.pdf import TEMPLATES


def make_card(paper: Paper) -> bytes:
    """A PNG of 1200 x 630 pixels with the issuer, the title, the symbol and the day."""
    told = {
        "title": paper.title,
        "language": paper.language,
        "issuer": paper.issuer,
        "symbol": paper.symbol,
        "day": f"{paper.published_at:%Y-%m-%d}",
    }
    return typst.compile(
        TEMPLATES / "card.typ",
        root=TEMPLATES,
        font_paths=[TEMPLATES / "fonts"],
        ignore_system_fonts=True,
        format="png",
        ppi=144,
        sys_inputs={"paper": json.dumps(told, ensure_ascii=False)},
    )

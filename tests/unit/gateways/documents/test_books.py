"""A policy paper is set as a book, and a corrigendum shows what it corrects, in every format."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from reviewflow.domain.manifest import Manifest, Wording, digest_of
from reviewflow.gateways.documents.formats import MAKERS
from reviewflow.gateways.documents.paper import Paper, paper_of
from tests.factories.papers import PUBLISHED_AT, record

TEXT = "# Purpose\n\nWhy.[^1]\n\n## Words\n\nSaid.\n\n# Pledges\n\nFour.\n\n[^1]: Of the text."
ANNEX = "# A. Calendar\n\n| Month |\n|---|\n| May |"
OUTLINE = [
    "1 Purpose", "1.1 Words", "2 Pledges", "3 Recommendations", "To both governments",
    "To the Government of the United States", "To the Government of Kazakhstan", "Annexes", "A. Calendar",
]  # fmt: skip


def recommendation(title: str, *addressees: str) -> Manifest:
    words = Wording(title, "", f"1. {title}.[^1]\n\n[^1]: Of {title}.", "")
    return Manifest("recommendation", "washington", "human", addressees, (), "en", {"en": words})


def book(*, language: str = "en", **changes: object) -> Paper:
    parts = [
        recommendation("Kazakh", "kazakhstan", "odihr"),
        recommendation("American", "united-states"),
        recommendation("Joint", "kazakhstan", "united-states"),
    ]
    stored = [part.canonical_bytes() for part in parts]
    manifest = Manifest(
        "policy_paper", "washington", "human", ("kazakhstan",), (), language,
        {language: Wording("A measured year", "In short.", TEXT, ANNEX)},
        includes=tuple(map(digest_of, stored)),
    )  # fmt: skip
    manifest = replace(manifest, **changes)
    told = record() | {
        "parts": [
            {"symbol": f"USKZ.REC/{number}/09", "digest": digest_of(body), "manifest": body.decode()}
            for number, body in enumerate(stored, start=1)
        ]
    }
    return paper_of(
        symbol="USKZ.PP/1/09", version=1, manifest=manifest.canonical_bytes(), record=told,
        published_at=PUBLISHED_AT,
    )  # fmt: skip


def normal(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_chapters_are_numbered_and_recommendations_grouped_by_addressee() -> None:
    made = book()
    assert [normal(entry.title) for entry in made.contents][: len(OUTLINE)] == OUTLINE
    assert [part.heading for part in made.parts if part.level == 3] == [
        "USKZ.REC/3/09 Joint", "USKZ.REC/2/09 American", "USKZ.REC/1/09 Kazakh"
    ]  # fmt: skip
    assert [list(part.text.notes) for part in made.parts if part.text.notes] == [["1"], ["2"], ["3"], ["4"]]


def test_pdf_of_a_paper_has_contents_that_lead_to_pages_and_a_wide_sheet() -> None:
    with pikepdf.open(io.BytesIO(MAKERS["pdf"][1](book()))) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfuaid:part"], metadata["pdfaid:conformance"]) == ("1", "A")
        with pdf.open_outline() as outline:
            chapters = [normal(item.title) for item in outline.root]
        assert chapters[:4] == ["1 Purpose", "2 Pledges", "3 Recommendations", "Annexes"]
        links = [len(page.get("/Annots", [])) for page in pdf.pages]
        # Title, imprint, contents: each heading of the first two ranks is a link there.
        assert links[:2] == [0, 0]
        assert links[2] >= len(OUTLINE)
        boxes = [page.mediabox for page in (pdf.pages[0], pdf.pages[-1])]
        assert [float(box[2]) > float(box[3]) for box in boxes] == [False, True]


def test_docx_of_a_paper_leads_from_its_contents_to_its_headings() -> None:
    with zipfile.ZipFile(io.BytesIO(MAKERS["docx"][1](book()))) as package:
        document = package.read("word/document.xml").decode()
    asked = re.findall(r"PAGEREF (\S+)", document)
    assert len(asked) >= len(OUTLINE)
    assert set(asked) <= set(re.findall(r'w:bookmarkStart [^>]*w:name="([^"]+)"', document))
    assert "1.1\u2002" in document


@pytest.mark.parametrize("name", ["epub", "html"])
def test_contents_of_a_book_lead_to_its_headings(name: str) -> None:
    body = MAKERS[name][1](book())
    if name == "epub":
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            files = {Path(file).name: package.read(file).decode() for file in package.namelist()}
        contents = files["nav.xhtml"]
    else:
        files, contents = {"": body.decode()}, body.decode()
    links = re.findall(r'<a href="([^"#]*)#([^"]+)">([^<]*)</a>', contents)
    titles = [normal(title) for _file, _anchor, title in links]
    assert [title for title in titles if title in OUTLINE] == OUTLINE
    assert all(f'id="{anchor}"' in files[file] for file, anchor, _title in links)


def test_corrections_stand_before_the_text() -> None:
    old = book()
    wording = Wording(
        "A measured year", "In short.", TEXT.replace("Four.", "Four were given in Madrid in 2008."), ""
    )
    wrong = Manifest("policy_paper", "washington", "human", ("kazakhstan",), (), "en", {"en": wording})
    right = replace(
        wrong,
        wordings={"en": replace(wording, text=wording.text.replace("2008", "2007"))},
        corrects=wrong.digest(),
    )
    told = record() | {
        "corrects": {
            "symbol": "USKZ.PP/1/09", "path": "p", "title": "A measured year", "words": "USKZ.PP/1/09",
            "digest": wrong.digest(), "manifest": wrong.canonical_bytes().decode(),
        }
    }  # fmt: skip
    made = paper_of(
        symbol="USKZ.PP/1/09/Corr.1", version=1, manifest=right.canonical_bytes(), record=told,
        published_at=PUBLISHED_AT,
    )  # fmt: skip
    assert (made.kind, old.kind) == ("Corrigendum", "Policy paper")
    assert made.facts[0] == ("corrects", "Corrects", "USKZ.PP/1/09, A measured year")
    assert [part.heading for part in made.parts[:2]] == ["Corrections", "The text as corrected"]
    assert made.parts[0].source == "*Text:* Four were given in Madrid in ~~2008~~ **2007**."


def test_a_russian_book_groups_its_recommendations_in_russian() -> None:
    html = MAKERS["html"][1](book(language="ru")).decode()
    for words in (
        "Аналитический доклад",
        "<h2>Содержание</h2>",
        "3\u2002Рекомендации",
        "Обоим правительствам",
    ):
        assert words in html

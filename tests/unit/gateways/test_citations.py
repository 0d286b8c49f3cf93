"""Citations: styles, files, and data for programs, also for names that mean something to a format."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from reviewflow.gateways.citations import ROOT, Cited

CITED = Cited(
    author="U.S.-Kazakhstan OSCE Task Force",
    title="A public timetable",
    symbol="USKZ.REC/5/09",
    language="en",
    abstract="A timetable that\neverybody can read.",
    address="/publications/uskz-rec-5-09-a-public-timetable",
    published_at=datetime(2009, 10, 3, 23, 30, tzinfo=UTC),
    notice="",
)
EVIL = replace(CITED, author="R&D {100 %}_#$~^\\", title='</script><b>"Tea" & Ёлка')


def test_styles_name_group_date_title_and_symbol() -> None:
    assert CITED.apa() == (
        "U.S.-Kazakhstan OSCE Task Force. (2009, October 3). <i>A public timetable</i>"
        " (Recommendation USKZ.REC/5/09)."
    )
    assert CITED.chicago() == (
        "U.S.-Kazakhstan OSCE Task Force. <i>A public timetable</i>. Recommendation USKZ.REC/5/09."
        " October 3, 2009."
    )
    retracted = replace(CITED, notice="retracted")
    for style in (retracted.apa(), retracted.chicago()):
        assert "<i>A public timetable [Retracted]</i>" in style
    assert "&lt;/script&gt;&lt;b&gt;&#34;Tea&#34; &amp; Ёлка" in EVIL.apa()


def test_bibtex_keeps_names_whole_and_signs_harmless() -> None:
    assert CITED.file("bib").decode() == (
        "@techreport{uskz-rec-5-09,\n"
        "  author = {{U.S.-Kazakhstan OSCE Task Force}},\n"
        "  title = {{A public timetable}},\n"
        "  institution = {{U.S.-Kazakhstan OSCE Task Force}},\n"
        "  type = {Recommendation},\n"
        "  number = {USKZ.REC/5/09},\n"
        "  year = {2009},\n"
        "  month = {10},\n"
        "  day = {3},\n"
        f"  url = {{{ROOT}/publications/uskz-rec-5-09-a-public-timetable}}\n"
        "}\n"
    )
    author = EVIL.file("bib").decode().split("\n")[1]
    assert author == (
        r"  author = {{R\&D \{100 \%\}\_\#\$\textasciitilde{}\textasciicircum{}\textbackslash{}}},"
    )


def test_ris_has_one_line_for_each_value() -> None:
    assert CITED.file("ris").decode().split("\r\n") == [
        "TY  - RPRT",
        "AU  - U.S.-Kazakhstan OSCE Task Force",
        "TI  - A public timetable",
        "M3  - Recommendation",
        "SN  - USKZ.REC/5/09",
        "PB  - U.S.-Kazakhstan OSCE Task Force",
        "PY  - 2009",
        "DA  - 2009/10/03",
        "LA  - en",
        "AB  - A timetable that everybody can read.",
        f"UR  - {ROOT}/publications/uskz-rec-5-09-a-public-timetable",
        "ER  - ",
        "",
    ]


def test_csl_is_json_that_a_style_can_take() -> None:
    told = EVIL.file("csl").decode().replace(ROOT, "https://texts.example.org")
    (item,) = json.loads(told)
    assert item == {
        "id": "USKZ.REC/5/09",
        "type": "report",
        "genre": "Recommendation",
        "number": "USKZ.REC/5/09",
        "title": EVIL.title,
        "author": [{"literal": EVIL.author}],
        "publisher": EVIL.author,
        "issued": {"date-parts": [[2009, 10, 3]]},
        "language": "en",
        "abstract": EVIL.abstract,
        "URL": "https://texts.example.org/publications/uskz-rec-5-09-a-public-timetable",
    }


def test_linked_data_cannot_end_its_block() -> None:
    written = EVIL.linked_data(["Human dimension"])
    assert not set(written) & set("<>&")
    told = json.loads(written)
    assert (told["@type"], told["name"], told["about"]) == ("Report", EVIL.title, ["Human dimension"])
    assert (told["creativeWorkStatus"], told["datePublished"]) == ("Published", "2009-10-03T23:30:00Z")
    assert replace(CITED, notice="superseded").linked_data([]).count('"Superseded"') == 1

"""How a publication is cited, by people and by programs."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask

from reviewflow.services import publication
from tests.factories.publications import published_text
from tests.factories.task_forces import make_task_force

PAGE = "/publications/uskz-rec-1-09-a-public-timetable"


@pytest.mark.parametrize(
    ("ending", "media_type", "words"),
    [
        ("bib", "application/x-bibtex; charset=utf-8", "url = {https://texts.example.org/publications/"),
        ("ris", "application/x-research-info-systems; charset=utf-8", "UR  - https://texts.example.org/pub"),
        ("csl", "application/vnd.citationstyles.csl+json; charset=utf-8", '"https://texts.example.org/publ'),
    ],
)
def test_citation_files_have_the_public_address(app: Flask, ending: str, media_type: str, words: str) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
    app.config["REVIEWFLOW_PUBLIC_URL"] = "https://texts.example.org"
    client = app.test_client()
    answer = client.get(f"{PAGE}.{ending}")
    assert (answer.status_code, answer.content_type) == (200, media_type)
    assert words in answer.text
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=uskz-rec-1-09-a-public-timetable.{ending}"
    )
    again = client.get(f"{PAGE}.{ending}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context():
        publication.retract(cast["coordinator"], key, 1, "Wrong.")
    assert "[Retracted]" in client.get(f"{PAGE}.{ending}").text
    for unknown in (f"/publications/none.{ending}", f"/publications/uskz-rec-1-09.{ending}"):
        assert client.get(unknown).status_code == 404


def test_page_offers_citations_and_tells_programs_the_same(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force(), "A <b>public</b> timetable")
    app.config["REVIEWFLOW_PUBLIC_URL"] = "https://texts.example.org"
    client = app.test_client()
    address = client.get("/symbols/USKZ.REC/1/09").location
    page = client.get(address).text
    for words in (
        "Task force uskz. (2009, September 24). <i>A &lt;b&gt;public&lt;/b&gt; timetable</i> (Recommendation",
        "</i>. Recommendation USKZ.REC/1/09. September 24, 2009.",
        f'<a href="{address}.bib">BibTeX</a>',
        '<meta name="citation_title" content="A &lt;b&gt;public&lt;/b&gt; timetable">',
        '<meta name="citation_publication_date" content="2009/09/24">',
        '<meta name="citation_technical_report_number" content="USKZ.REC/1/09">',
        '<meta name="DC.identifier" content="USKZ.REC/1/09">',
        '<meta name="DC.subject" content="Government of Kazakhstan">',
        '<meta property="og:title" content="A &lt;b&gt;public&lt;/b&gt; timetable">',
        f'<meta property="og:url" content="https://texts.example.org{address}">',
    ):
        assert words in page
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    told = json.loads(data)
    assert (told["name"], told["url"]) == ("A <b>public</b> timetable", address)
    assert told["about"] == [
        "Human dimension",
        "Government of Kazakhstan",
        "Madrid pledge on the election law (2007)",
    ]

"""The documents of publications as readers get them."""

from __future__ import annotations

import pytest
from flask import Flask

from reviewflow.gateways.pages import FORMATS
from reviewflow.services import documents, publication
from tests.factories.publications import published_text
from tests.factories.task_forces import make_task_force

PAGE = "/publications/uskz-rec-1-09-a-public-timetable"


def test_documents_are_served_for_ever_with_name_and_digest(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
        documents.make_missing()
    app.config["REVIEWFLOW_PUBLIC_URL"] = "https://texts.example.org"
    client = app.test_client()
    page = client.get(PAGE).text
    for name in FORMATS:
        got = client.get(f"{PAGE}.{name}")
        etag = got.headers["ETag"]
        assert got.status_code == 200
        assert etag.strip('"') in page
        assert got.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert got.headers["Link"] == f'<https://texts.example.org{PAGE}>; rel="canonical"'
        shown = "inline" if name == "pdf" else "attachment"
        assert got.headers["Content-Disposition"] == f"{shown}; filename=USKZ.REC-1-09.{name}"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in got.headers
        assert "Cookie" not in got.headers.get("Vary", "")
        again = client.get(f"{PAGE}.{name}", headers={"If-None-Match": etag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
        head = client.head(f"{PAGE}.{name}")
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == str(len(got.data))
    assert client.get(f"{PAGE}.pdf").data.startswith(b"%PDF-1.7")


def test_other_sites_find_a_picture_once_it_is_made(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
    app.config["REVIEWFLOW_PUBLIC_URL"] = "https://texts.example.org"
    client = app.test_client()
    said = f'<meta property="og:image" content="https://texts.example.org{PAGE}.png">'
    assert "og:image" not in client.get(PAGE).text
    with app.app_context():
        documents.make_missing()
    assert said in client.get(PAGE).text
    got = client.get(f"{PAGE}.png")
    assert (got.status_code, got.content_type) == (200, "image/png")
    assert got.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert f'href="{PAGE}.png"' not in client.get(PAGE).text


@pytest.mark.parametrize(
    "address",
    [
        "/symbols/USKZ.DR/1/09.pdf",
        "/symbols/uskz.rec/1/09.pdf",
        "/publications/uskz-rec-1-09.pdf",
        "/publications/uskz-dr-1-09.pdf",
    ],
)
def test_every_symbol_leads_to_the_document(app: Flask, address: str) -> None:
    with app.app_context():
        published_text(make_task_force())
        documents.make_missing()
    answer = app.test_client().get(address)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{PAGE}.pdf")


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}.exe",
        f"{PAGE}.PDF",
        f"{PAGE}.",
        f"{PAGE}.pdf%00",
        f"{PAGE}.pdf/",
        "/publications/.pdf",
        "/publications/%00.pdf",
        "/publications/%3Fuskz.pdf",
        "/publications/no-such-text.pdf",
        "/symbols/USKZ.DR/9/09.pdf",
        "/symbols/x.pdf",
        "/symbols/USKZ.DR/1/09.exe",
    ],
)
def test_unknown_document_is_not_found(app: Flask, address: str) -> None:
    with app.app_context():
        published_text(make_task_force())
        documents.make_missing()
    client = app.test_client()
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.data == client.get("/publications/no-such-text").data


def test_document_that_is_not_made_yet_is_not_found(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
    client = app.test_client()
    assert client.get(f"{PAGE}.pdf").status_code == 404
    assert client.get("/symbols/USKZ.REC/1/09.pdf").status_code == 404
    assert "are being prepared" in client.get(PAGE).text


def test_documents_of_a_retracted_text_resolve_unchanged(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        documents.make_missing()
    client = app.test_client()
    before = {name: client.get(f"{PAGE}.{name}").data for name in FORMATS}
    with app.app_context():
        publication.retract(cast["coordinator"], key, 1, "Wrong.")
    assert {name: client.get(f"{PAGE}.{name}").data for name in FORMATS} == before


def test_page_shows_the_approval_sheet_in_three_languages(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
    sheet = app.test_client().get(PAGE).text.partition('id="agreed"')[2].partition("</section>")[0]
    for words in (
        ">Approval sheet</h2>",
        '<span lang="ru">Лист согласования</span>',
        '<span lang="kk">Келісу парағы</span>',
        "lead, Astana working group",
        "<td>2 of 3 positions, no objection</td>",
        "07:00 Washington<br>17:00 Astana",
    ):
        assert words in sheet

"""Public pages and files, sent smaller to who asks for it."""

from __future__ import annotations

import gzip
import random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reviewflow.services import documents
from reviewflow.web import compression
from tests.factories.publications import published_text
from tests.factories.task_forces import make_task_force
from tests.support.desk import Stage

PAGE = "/publications/uskz-rec-1-09-a-public-timetable"
GZIP = {"Accept-Encoding": "br, gzip;q=0.8"}


def _get(client: FlaskClient, address: str, method: str = "GET", **headers: str) -> TestResponse:
    """A whole answer: files are closed as a server closes them."""
    return client.open(address, method=method, headers=headers, buffered=True)


@pytest.mark.parametrize(
    "address",
    [
        PAGE,
        "/",
        "/publications",
        "/feed.atom",
        "/search?q=timetable",
        "/commitments",
        f"{PAGE}.json",
        "/static/reviewflow.css",
        "/static/editor.js",
    ],
)
def test_smaller_answer_is_the_same_page(app: Flask, address: str) -> None:
    with app.app_context():
        published_text(make_task_force())
        documents.make_missing()
    client = app.test_client()
    whole = _get(client, address)
    assert "Content-Encoding" not in whole.headers
    # The second one of a list is answered from what is remembered.
    for _ in range(2):
        smaller = _get(client, address, **GZIP)
        assert smaller.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(smaller.data) == whole.data
        assert len(smaller.data) == int(smaller.headers["Content-Length"]) < len(whole.data) * 0.6
        assert whole.headers["Vary"] == smaller.headers["Vary"] == "Accept-Encoding"
        assert smaller.headers["Content-Type"] == whole.headers["Content-Type"]
    # One page in other bytes: whoever has either has the page.
    assert smaller.headers["ETag"] == f"W/{whole.headers['ETag']}"
    for had in (whole, smaller):
        again = _get(client, address, **GZIP, **{"If-None-Match": had.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert (again.headers["ETag"], again.headers["Vary"]) == (smaller.headers["ETag"], "Accept-Encoding")
    head = _get(client, address, "HEAD", **GZIP)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(smaller.data)))


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "gzip;q=0, *", "x-nothing, \x7f;=,"])
def test_who_does_not_ask_gets_the_bytes_as_they_are(app: Flask, accepted: str) -> None:
    with app.app_context():
        published_text(make_task_force())
    for address in (PAGE, "/static/reviewflow.css"):
        answer = _get(app.test_client(), address, **{"Accept-Encoding": accepted})
        assert (answer.status_code, "Content-Encoding" in answer.headers) == (200, False)


def test_what_is_short_or_compressed_already_stays_as_it_is(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
        documents.make_missing()
    for address in (f"{PAGE}.pdf", f"{PAGE}.docx", "/robots.txt", "/static/favicon.svg"):
        answer = _get(app.test_client(), address, **GZIP)
        assert (answer.status_code, "Content-Encoding" in answer.headers) == (200, False)


def test_page_with_a_secret_in_it_is_never_made_smaller(app: Flask) -> None:
    stage = Stage(app)
    client = stage.sign_in("astana-lead")
    for address in ("/desk/uskz/", "/desk/uskz/people", "/desk/account/"):
        answer = _get(client, address, **GZIP)
        assert 'name="csrf_token"' in answer.text
        assert len(answer.data) > compression.SMALLEST
        assert "Content-Encoding" not in answer.headers


def test_process_remembers_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "_REMEMBERED", 5_000)
    compressed = compression.Compressed()
    bodies = {str(n): random.Random(n).randbytes(2_000) for n in range(5)}
    first = {name: compressed.of(name, body) for name, body in bodies.items()}
    assert {name: gzip.decompress(made) for name, made in first.items()} == bodies
    # The last two fit; the one asked for last stays.
    assert compressed.of("3", b"") == first["3"]
    compressed.of("5", bodies["0"])
    assert compressed.of("3", b"") == first["3"]
    assert compressed.of("4", b"other") != first["4"]
    assert compression.Compressed().of("x", bodies["1"]) == first["1"]

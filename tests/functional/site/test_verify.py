"""/verify, the keys and the packs, as a reader meets them."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from reviewflow.gateways import clock, signing
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication, PublicationDocument
from reviewflow.services import evidence, publication
from tests.factories.publications import PUBLISHED_AT, published_text
from tests.factories.task_forces import make_task_force
from tests.support.desk import Stage
from tests.support.packs import FOREIGN, SECRET, make_packs, stored_pack
from tests.support.scenes import plain

PAGE = "/publications/uskz-rec-1-09-a-public-timetable"


@pytest.fixture
def digest(app: Flask) -> str:
    """The digest of a published text, which has a pack."""
    with app.app_context():
        published_text(make_task_force())
        with clock.set_to(PUBLISHED_AT + timedelta(minutes=1)):
            make_packs(SECRET)
        return db.session.scalars(select(Publication.digest)).one()


def said(app: Flask, address: str) -> str:
    answer = app.test_client().get(address)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    return plain(answer.text)


def test_digest_of_a_text_leads_to_it(app: Flask, digest: str) -> None:
    for typed in (digest, digest.upper(), "+".join(digest[i : i + 8] for i in range(0, 64, 8)) + "%0A"):
        page = said(app, f"/verify?digest={typed}")
        assert "Yes, unchanged to the last byte USKZ.REC/1/09 A public timetable This is the digest" in page
        assert "The text was published on 24 September 2009 . In force." in page
    assert f'href="{PAGE}"' in app.test_client().get(f"/verify?digest={digest}").text


def test_file_is_looked_up_and_not_kept(app: Flask, digest: str) -> None:
    with app.app_context():
        body = stored_pack()
        stored = db.session.query(PublicationDocument).count()
    client = app.test_client()
    answer = client.post("/verify", data={"file": (io.BytesIO(body), "renamed.zip")})
    expected = f"/verify?digest={hashlib.sha256(body).hexdigest()}"
    assert (answer.status_code, answer.location) == (303, expected)
    assert "This is the evidence pack USKZ.REC_1_09-evidence.zip." in said(app, expected)
    with app.app_context():
        assert db.session.query(PublicationDocument).count() == stored


def test_what_was_not_published_is_told_so(app: Flask, digest: str) -> None:
    answer = app.test_client().post("/verify", data={"file": (io.BytesIO(b"Dear reader"), "letter.txt")})
    page = said(app, answer.location)
    assert "No: nothing with this digest was published here" in page
    assert "A public timetable" not in page


def _sent(app: Flask, body: bytes) -> TestResponse:
    """A form with a file, put together here: the client would put so large a one into a file of its own."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="scan.pdf"\r\n\r\n'
    form = head + body + b"\r\n--b--\r\n"
    return app.test_client().post("/verify", data=form, content_type="multipart/form-data; boundary=b")


def test_large_file_is_looked_up_and_a_larger_one_refused_in_words(app: Flask, digest: str) -> None:
    large = b"\xff" * (19 * 1024 * 1024)
    answer = _sent(app, large)
    assert answer.location == f"/verify?digest={hashlib.sha256(large).hexdigest()}"
    larger = _sent(app, large + large)
    assert (larger.status_code, "The file is larger than 20 MB." in larger.text) == (413, True)


@pytest.mark.parametrize("typed", ["x", "0" * 63, "0" * 65, "g" * 64, "<script>", "ｅ" * 64], ids=range(6))
def test_no_digest_is_told_and_kept(app: Flask, digest: str, typed: str) -> None:
    answer = app.test_client().get("/verify", query_string={"digest": typed})
    assert (answer.status_code, "This is no SHA-256" in answer.text) == (422, True)
    assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text


def test_no_file_is_told(app: Flask, digest: str) -> None:
    for sent in ({}, {"file": (io.BytesIO(b""), "")}, {"file": "a text"}):
        answer = app.test_client().post("/verify", data=sent, content_type="multipart/form-data")
        assert (answer.status_code, "Choose a file first." in answer.text) == (422, True)


def test_standing_of_today_is_told(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast)
        new = published_text(cast, "Another", at=PUBLISHED_AT + timedelta(days=1), replaces=old)
        with clock.set_to(PUBLISHED_AT + timedelta(days=2)):
            publication.retract(cast["coordinator"], new, 1, "An error of fact.")
        digests = dict(db.session.execute(select(Publication.title, Publication.digest)).all())
    for title, standing in (
        ("A public timetable", "Superseded: another text has replaced it"),
        ("Another", "Retracted: the task force no longer supports it"),
    ):
        assert standing in said(app, f"/verify?digest={digests[title]}")


def test_statements_are_constant(app: Flask) -> None:
    stage = Stage(app)
    app.test_client().get("/verify")
    for number in range(3):
        with app.app_context():
            published_text(stage.cast, f"Text {number}", at=PUBLISHED_AT + timedelta(days=number))
            if number == 0:
                continue
            digest = db.session.scalars(select(Publication.digest).limit(1)).first()
        with stage.counted() as statements:
            app.test_client().get(f"/verify?digest={digest}")
        # One more, for the name of the task force, goes past the session.
        assert len(statements) == 2, statements
        with stage.counted() as statements:
            app.test_client().get("/verify")
        assert len(statements) == 1, statements
        with stage.counted() as statements:
            app.test_client().get("/.well-known/reviewflow-keys.json")
        assert len(statements) == 1, statements


def test_page_of_a_text_leads_to_its_pack(app: Flask, digest: str) -> None:
    client = app.test_client()
    assert f'<a href="{PAGE}.evidence">Evidence pack</a>' in client.get(PAGE).text
    answer = client.get(f"{PAGE}.evidence")
    with app.app_context():
        assert answer.data == stored_pack()
    assert answer.content_type == "application/zip"
    again = client.get(f"{PAGE}.evidence", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/publications/unknown.evidence").status_code == 404


def test_page_without_a_pack_promises_none(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
    client = app.test_client()
    assert "Evidence pack" not in client.get(PAGE).text
    assert client.get(f"{PAGE}.evidence").status_code == 404


def test_keys_are_told_with_their_validity(app: Flask) -> None:
    with app.app_context():
        make_task_force()
        assert json.loads(app.test_client().get("/.well-known/reviewflow-keys.json").text) == {"keys": []}
        for number, secret in enumerate((SECRET, FOREIGN)):
            with clock.set_to(PUBLISHED_AT + timedelta(days=number)):
                evidence.rotate_key(secret)
    first, second = (signing.public_part(secret) for secret in (SECRET, FOREIGN))
    begun, ended = "2009-09-24T14:00:00.000000Z", "2009-09-25T14:00:00.000000Z"
    assert app.test_client().get("/.well-known/reviewflow-keys.json").json == {
        "keys": [
            {"algorithm": "Ed25519", "public": first, "from": begun, "until": ended},
            {"algorithm": "Ed25519", "public": second, "from": ended, "until": None},
        ]
    }
    page = said(app, "/verify")
    assert f"From 25 September 2009 , in force {second}" in page
    assert f"From 24 September 2009 until 25 September 2009 {first}" in page

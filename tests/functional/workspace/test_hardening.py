"""What every answer says to the browser, and what the door does not fall for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from config import Config
from reviewflow.app import create_app
from reviewflow.persistence.db import db
from tests.factories.forms import editor_form
from tests.factories.task_forces import PASSWORD
from tests.support.desk import Stage
from tests.support.visitors import Visitor, input_value

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/publications",
        "/verify",
        "/desk/sign-in",
        "/desk/uskz/",
        "/nowhere",
        "/static/reviewflow.css",
        "/healthz",
    ],
)
def test_every_answer_has_the_headers(app: Flask, stage: Stage, address: str) -> None:
    with stage.sign_in("astana-lead").get(address) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_site_under_https_has_cookies_that_only_https_sees(
    app: Flask, stage: Stage, database_url: str
) -> None:
    config = Config(
        database_url=database_url,
        secret_key="a key for this test only",
        hosts=("reviewflow.example",),
        public_url="https://reviewflow.example",
    )
    secure = create_app(config)
    client = secure.test_client()
    base = {"base_url": "https://reviewflow.example"}
    page = client.get("/desk/sign-in", **base)
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    form = {"email": stage.cast.emails["astana-lead"], "password": PASSWORD}
    form["csrf_token"] = input_value(page.text, "csrf_token") or ""
    headers = {"Referer": "https://reviewflow.example/desk/sign-in"}
    answer = client.post("/desk/sign-in", data=form, headers=headers, **base)
    assert answer.status_code == 302
    cookies = answer.headers.getlist("Set-Cookie")
    assert sorted(cookie.split("=")[0] for cookie in cookies) == [
        "__Host-reviewflow",
        "__Host-reviewflow-browser",
    ]
    for cookie in cookies:
        said = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= said
        assert not any(part.startswith("Domain") for part in said)
    with secure.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(
    "target",
    [
        *(
            "https://evil.example/",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
        ),
        *(
            "http:evil.example",
            "javascript:alert(1)",
            "/desk/\r\nSet-Cookie: x=1",
            "/\t/evil.example",
            "desk",
        ),
        *(" //evil.example", "/\x00", ""),
    ],
)
def test_door_leads_nowhere_else(app: Flask, stage: Stage, target: str) -> None:
    client = app.test_client()
    token = input_value(client.get("/desk/sign-in").text, "csrf_token")
    email = stage.cast.emails["astana-lead"]
    form = {"email": email, "password": PASSWORD, "csrf_token": token, "next": target}
    answer = client.post("/desk/sign-in", data=form)
    assert (answer.status_code, answer.location) == (302, "/desk/")


def test_session_of_before_signing_in_is_not_kept(app: Flask, stage: Stage) -> None:
    client = app.test_client()
    page = client.get("/desk/sign-in")
    before = client.get_cookie("reviewflow")
    form = {"email": stage.cast.emails["astana-lead"], "password": PASSWORD}
    client.post("/desk/sign-in", data=form | {"csrf_token": input_value(page.text, "csrf_token")})
    after = client.get_cookie("reviewflow")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    thief = app.test_client()
    thief.set_cookie("reviewflow", before.value)
    assert thief.get("/desk/uskz/").status_code == 302


def test_signing_out_needs_the_session_s_own_form(app: Flask, stage: Stage) -> None:
    client = stage.sign_in("astana-lead")
    assert client.post("/desk/sign-out").status_code == 400
    assert client.get("/desk/uskz/").status_code == 200


@pytest.mark.parametrize("table", ["sessions", "recommendations"])
def test_failure_of_the_database_is_said_in_words_and_keeps_what_was_typed(
    app: Flask, stage: Stage, visit: Callable[[str], Visitor], table: str
) -> None:
    author = visit("washington-expert-1")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        db.session.execute(text(f"ALTER TABLE {table} RENAME TO elsewhere"))
        db.session.commit()
    answers = [author.get("recommendations"), author.post("recommendations/new", editor_form(text="Typed."))]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert all("Something went wrong" in answer.text for answer in answers)
    assert "Typed." in answers[1].text


def test_log_of_a_failure_holds_no_link_s_secret(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        db.session.execute(text("ALTER TABLE sign_offs RENAME TO elsewhere"))
        db.session.commit()
    assert app.test_client().get("/desk/sign-off/a-secret-of-a-link").status_code == 500
    assert "failed: GET signing.show" in caplog.text
    assert "a-secret-of-a-link" not in caplog.text
    with app.app_context():
        db.session.execute(text("ALTER TABLE mails RENAME COLUMN body TO words"))
        db.session.commit()
    visitor = Visitor(app.test_client(), "uskz")
    visitor.get("/desk/forgotten/")
    assert visitor.post("/desk/forgotten/", {"email": "somebody@example.org"}).status_code == 500
    assert "INSERT INTO mails" in caplog.text
    assert "Choose another password" not in caplog.text

"""The door: wrong passwords are slowed down, and a browser that has been here before is known."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Config
from reviewflow.app import create_app
from reviewflow.domain.throttling import PATIENCE, Counted
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.services import throttling
from tests.factories.task_forces import PASSWORD
from tests.support.desk import BEGIN, Stage
from tests.support.visitors import input_value

FREE = PATIENCE[Counted.ACCOUNT].free


def attempt(
    client: FlaskClient, email: str, password: str, headers: dict[str, str] | None = None
) -> TestResponse:
    """Fill in the form."""
    token = input_value(client.get("/desk/sign-in").text, "csrf_token")
    form = {"email": email, "password": password, "csrf_token": token}
    return client.post("/desk/sign-in", data=form, headers=headers)


def test_door_says_how_long_to_wait_and_keeps_the_address(app: Flask, stage: Stage) -> None:
    email = stage.cast.emails["astana-lead"]
    stranger = app.test_client()
    with clock.set_to(BEGIN):
        answers = [attempt(stranger, email, "wrong") for _ in range(FREE + 1)]
        assert [answer.status_code for answer in answers] == [422] * (FREE + 1)
        shut = attempt(stranger, email, PASSWORD)
        assert (shut.status_code, shut.headers["Retry-After"]) == (429, "1")
        assert "Wait 1 second, then try again." in shut.text
        assert email in shut.text
        assert PASSWORD not in shut.text
        unknown = [attempt(app.test_client(), "nobody@example.org", "wrong") for _ in range(FREE + 2)]
        assert [answer.status_code for answer in unknown] == [422] * (FREE + 1) + [429]
    with clock.set_to(BEGIN + timedelta(seconds=1)):
        assert attempt(stranger, email, PASSWORD).status_code == 302


def test_strangers_do_not_lock_out_a_browser_that_was_here(app: Flask, stage: Stage) -> None:
    email = stage.cast.emails["astana-lead"]
    owner = app.test_client()
    with clock.set_to(BEGIN):
        assert attempt(owner, email, PASSWORD).status_code == 302
        while attempt(app.test_client(), email, "wrong").status_code != 429:
            pass
        assert attempt(owner, email, PASSWORD).status_code == 302
        other = stage.cast.emails["astana-observer"]
        while attempt(owner, other, "wrong").status_code != 429:
            pass


def test_mark_of_a_browser_can_not_be_made_up(app: Flask, stage: Stage) -> None:
    email = stage.cast.emails["astana-lead"]
    with clock.set_to(BEGIN):
        while attempt(app.test_client(), email, "wrong").status_code != 429:
            pass
        for forged in ("x", "WzEsIngiXQ.AAAA", "", "null", "[1]"):
            client = app.test_client()
            client.set_cookie("reviewflow-browser", forged)
            assert attempt(client, email, PASSWORD).status_code == 429


def test_mark_of_a_browser_is_no_script_s_affair(app: Flask, stage: Stage) -> None:
    answer = attempt(app.test_client(), stage.cast.emails["astana-lead"], PASSWORD)
    (mark,) = (c for c in answer.headers.getlist("Set-Cookie") if c.startswith("reviewflow-browser="))
    assert ("HttpOnly" in mark, "SameSite=Lax" in mark, "Path=/" in mark) == (True, True, True)


def test_address_before_our_proxies_is_what_is_counted(app: Flask, stage: Stage, database_url: str) -> None:
    email = stage.cast.emails["astana-lead"]
    alone = app.test_client()
    proxied = create_app(Config(database_url=database_url, secret_key="a key for this test only", proxies=1))
    behind = proxied.test_client()
    with clock.set_to(BEGIN):
        with app.app_context():
            for number in range(PATIENCE[Counted.ADDRESS].free + 1):
                throttling.count_attempt(f"{number}@example.org", "127.0.0.1", known_browser=None)
        # Without a proxy of ours, what a stranger writes there is no address.
        told = {"X-Forwarded-For": "203.0.113.5"}
        assert attempt(alone, email, PASSWORD, headers=told).status_code == 429
        assert attempt(behind, email, PASSWORD, headers=told).status_code == 302
    with proxied.app_context():
        db.engine.dispose()

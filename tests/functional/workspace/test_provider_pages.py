"""Signing in through another house, which is a real process here: who is let in, and every wrong answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import close_all_sessions
from werkzeug.test import TestResponse

from config import Config, ConfigurationError
from reviewflow.app import create_app
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.services import oidc, resets
from tests.functional.workspace.test_one_time_codes_pages import code, set_up
from tests.support.desk import MAIL, Stage, session_of
from tests.support.guests import mailed
from tests.support.visitors import Visitor

PAGE, DOOR = "/desk/account/provider/", "/desk/sign-in/provider/"
CLIENT_ID, CLIENT_SECRET = "reviewflow", "a secret of two houses / with: signs"
REFUSED = "You could not be signed in that way"


def _start() -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.support.provider"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate()


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    process, address = _start()
    yield address
    _stop(process)


def _config(database_url: str, issuer: str, **changes: str) -> Config:
    named = {"oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET, "oidc_name": "the Institute"}
    key = "a key for the tests only, long enough"
    return Config(database_url, key, testing=True, oidc_issuer=issuer, **(named | changes))


@pytest.fixture
def app(database_url: str, issuer: str) -> Iterator[Flask]:
    application = create_app(_config(database_url, issuer))
    yield application
    with application.app_context():
        close_all_sessions()
        db.engine.dispose()


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def _sign_in_there(question: str, name: str) -> str:
    """What a browser does that is led to the other house: where it is led back to, as a path of ours."""
    try:
        build_opener(_Stay).open(f"{question}&login_hint={name}")
    except HTTPError as answer:
        with answer:
            back = urlsplit(answer.headers["Location"])
            return f"{back.path}?{back.query}"
    raise AssertionError("it led nowhere")


def _come(client: FlaskClient, name: str, target: str = "") -> TestResponse:
    """Sign in through the other house, where one is called `name`."""
    begun = client.get(DOOR, query_string={"next": target})
    assert begun.status_code == 302, begun.text
    return client.get(_sign_in_there(begun.location, name))


def _link(stage: Stage, person: str, name: str) -> TestResponse:
    mine = Visitor(stage.sign_in(person), "uskz")
    mine.get(PAGE)
    question = mine.post(PAGE + "link").text.partition('btn--go" href="')[2].partition('"')[0]
    return mine.get(_sign_in_there(question.replace("&amp;", "&"), name))


def test_linked_account_lets_in_and_acts_that_bind_ask_for_our_own_proof(app: Flask, stage: Stage) -> None:
    assert _link(stage, "astana-lead", "aliya").location == PAGE
    client = app.test_client()
    assert _come(client, "aliya", "/desk/uskz/people").location == "/desk/uskz/people"
    mine = Visitor(client, "uskz")
    assert "Astana Lead" in mine.get("people").text
    assert json.loads(mine.get("/desk/account/data.json").data)["elsewhere"][0]["subject"] == "aliya"
    # The other house may keep somebody signed in for weeks.
    asked = mine.post(PAGE + "remove")
    assert (asked.status_code, 'name="proof"' in asked.text) == (401, True)


def test_link_of_a_mail_ends_the_link_to_the_other_house_unless_it_is_ticked(
    app: Flask, stage: Stage, issuer: str
) -> None:
    assert _link(stage, "astana-lead", "aliya").location == PAGE
    for keep, status in ((issuer, 302), ("", 422)):
        with app.app_context():
            resets.ask(stage.cast.emails["astana-lead"], "192.0.2.1", lambda secret: ("", f"secret={secret}"))
        visitor, link = Visitor(app.test_client(), "uskz"), "/desk/forgotten/" + mailed(app, r"secret=(\S+)")
        assert f'value="{issuer}"' in visitor.get(link).text
        chosen = {"new_password": "seven small green umbrellas", "keep": keep}
        assert visitor.post(link, chosen).status_code == 302
        assert _come(app.test_client(), "aliya").status_code == status


def test_a_one_time_code_after_the_other_house_is_no_proof_of_ours(
    app: Flask, stage: Stage, issuer: str
) -> None:
    with app.app_context():
        oidc.link(session_of(stage.cast["astana-lead"].person_id), issuer, "aliya", MAIL)
    _mine, secret, _recovery = set_up(stage)
    client = app.test_client()
    assert _come(client, "aliya").location.startswith("/desk/sign-in/code")
    mine = Visitor(client, "uskz")
    mine.get("/desk/sign-in/code")
    assert mine.post("/desk/sign-in/code", {"code": code(secret, clock.now())}).location == "/desk/"
    mine.get(PAGE)
    asked = mine.post(PAGE + "remove")
    assert (asked.status_code, 'name="proof"' in asked.text) == (401, True)


def test_nobody_is_let_in_or_linked_who_is_not_linked(app: Flask, stage: Stage) -> None:
    refused = _come(app.test_client(), stage.cast.emails["astana-lead"])
    assert (refused.status_code, REFUSED in refused.text) == (422, True)
    _link(stage, "astana-lead", "aliya")
    # Neither a second account of hers there, nor hers for somebody else.
    assert _link(stage, "astana-lead", "other").status_code == 422
    assert _link(stage, "coordinator", "aliya").status_code == 422
    assert _come(app.test_client(), "other").status_code == 422
    mine = Visitor(stage.sign_in("astana-lead"), "uskz")
    mine.get(PAGE)
    assert mine.post(PAGE + "remove").location == PAGE
    assert _come(app.test_client(), "aliya").status_code == 422


@pytest.mark.parametrize("fault", ["nonce", "issuer", "audience", "expired", "key"])
def test_wrong_answer_of_the_other_house_lets_nobody_in(app: Flask, stage: Stage, fault: str) -> None:
    _link(stage, "astana-lead", "aliya")
    client = app.test_client()
    refused = _come(client, f"aliya!{fault}")
    assert (refused.status_code, REFUSED in refused.text) == (422, True)
    assert client.get("/desk/uskz/").status_code == 302


def test_answer_counts_once_in_its_own_browser_and_in_time(app: Flask, stage: Stage) -> None:
    _link(stage, "astana-lead", "aliya")
    client, stranger = app.test_client(), app.test_client()
    begun = client.get(DOOR)
    cookie = client.get_cookie("reviewflow")
    assert cookie
    back = _sign_in_there(begun.location, "aliya")
    stranger.get(DOOR)
    assert stranger.get(back).status_code == 422
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 422
    # Who has kept the cookie of before finds that the code was exchanged already.
    client.set_cookie("reviewflow", cookie.value)
    assert client.get(back).status_code == 422
    begun = client.get(DOOR)
    back = _sign_in_there(begun.location, "aliya")
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        assert client.get(back).status_code == 422


@pytest.mark.parametrize(
    "change", ["code=wrong", "code=", "state=wrong", "state=", "iss=https://elsewhere.example.org", "error=x"]
)
def test_bent_answer_is_refused(app: Flask, stage: Stage, change: str) -> None:
    _link(stage, "astana-lead", "aliya")
    client = app.test_client()
    query = parse_qs(urlsplit(_sign_in_there(client.get(DOOR).location, "aliya")).query)
    if change == "error=x":
        del query["code"]
    name, _equals, value = change.partition("=")
    refused = client.get(DOOR + "answer", query_string={**query, name: value})
    assert (refused.status_code, REFUSED in refused.text) == (422, True)


def test_code_is_of_use_to_nobody_without_the_verifier(app: Flask, stage: Stage, issuer: str) -> None:
    _link(stage, "astana-lead", "aliya")
    client = app.test_client()
    question = client.get(DOOR).location
    asked = parse_qs(urlsplit(question).query)
    assert (asked["code_challenge_method"], asked["scope"], asked["response_type"]) == (
        *(["S256"], ["openid"], ["code"]),
    )
    other = question.replace(asked["code_challenge"][0], "x" * 43)
    assert client.get(_sign_in_there(other, "aliya")).status_code == 422


def test_house_that_is_down_is_said_and_the_password_still_lets_in(database_url: str, issuer: str) -> None:
    process, address = _start()
    _stop(process)
    app = create_app(_config(database_url, address))
    stage = Stage(app)
    answer = app.test_client().get(DOOR)
    assert (answer.status_code, "Sign in with your password" in answer.text) == (502, True)
    assert stage.sign_in("astana-lead").get("/desk/uskz/").status_code == 200
    with app.app_context():
        close_all_sessions()
        db.engine.dispose()


def test_pages_lead_there_where_it_is_set_and_have_no_trace_of_it_where_not(
    app: Flask, stage: Stage, database_url: str
) -> None:
    assert "Sign in with the Institute" in app.test_client().get("/desk/sign-in").text
    assert PAGE in stage.sign_in("astana-lead").get("/desk/account/").text
    assert app.test_client().get(PAGE).status_code == 302
    without = create_app(Config(database_url, "a key for the tests only, long enough", testing=True))
    assert "provider" not in without.test_client().get("/desk/sign-in").text
    assert without.test_client().get(DOOR).status_code == 404
    with without.app_context():
        close_all_sessions()
        db.engine.dispose()


def test_no_server_loads_what_only_few_visitors_need(tmp_path: Path) -> None:
    named = {"ISSUER": "https://id.example.org", "CLIENT_ID": "a", "CLIENT_SECRET": "b", "NAME": "c"}
    settings = {f"REVIEWFLOW_OIDC_{name}": value for name, value in named.items()}
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, wsgi; print({'authlib', 'joserfc'} & sys.modules.keys())"],
        env={**os.environ, **settings, "REVIEWFLOW_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "set()\n"


@pytest.mark.parametrize(
    ("issuer_", "changes"),
    [
        ("http://id.example.org", {}),
        ("id.example.org", {}),
        ("https://id.example.org", {"oidc_client_secret": ""}),
        ("", {}),
    ],
)
def test_half_a_provider_does_not_start(issuer_: str, changes: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="REVIEWFLOW_OIDC"):
        _config("sqlite://", issuer_, **changes)

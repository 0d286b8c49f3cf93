"""Passkeys: made, used at the door and before what binds; forged, copied and repeated answers are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from reviewflow.domain.passkeys import CHALLENGE_LASTS, MOST_PASSKEYS
from reviewflow.domain.sessions import FRESH_FOR
from reviewflow.gateways import clock
from reviewflow.services import outbox, resets
from tests.support.authenticator import Authenticator
from tests.support.desk import BEGIN, Stage
from tests.support.guests import mailed
from tests.support.visitors import Visitor

NAME = "astana-lead"
PAGE = "/desk/account/passkeys/"


def options(page: str) -> dict[str, Any]:
    """What the page's form asks the browser."""
    found = re.search(r'data-passkey="([^"]+)"', page)
    assert found, "the page asks for no passkey"
    asked = json.loads(unescape(found[1]))
    assert isinstance(asked, dict)
    return asked


def add(mine: Visitor, device: Authenticator, name: str = "Telephone") -> TestResponse:
    """Make a key on a device, and send it."""
    asked = options(mine.get(PAGE).text)
    return mine.post(PAGE + "add", {"answer": device.make(asked), "name": name})


@pytest.fixture
def owned(stage: Stage) -> tuple[Visitor, Authenticator]:
    """Somebody who has added a passkey at `BEGIN`, and the device with it."""
    device = Authenticator()
    with clock.set_to(BEGIN):
        mine = Visitor(stage.sign_in(NAME), "uskz")
        assert add(mine, device).location == PAGE
    return mine, device


def at_the_door(app: Flask) -> tuple[Visitor, dict[str, Any]]:
    """A browser that has opened the door's page, and what the page asks."""
    visitor = Visitor(app.test_client(), "uskz")
    return visitor, options(visitor.get("/desk/sign-in").text)


def enter(visitor: Visitor, answer: str) -> TestResponse:
    return visitor.post("/desk/sign-in/passkey", {"passkey": answer, "next": "/desk/uskz/help"})


def test_door_lets_in_with_a_passkey_and_no_address(app: Flask, owned: tuple[Visitor, Authenticator]) -> None:
    mine, device = owned
    with clock.set_to(BEGIN):
        page = mine.get(PAGE).text
        assert ("Telephone" in page, "not used yet" in page) == (True, True)
        visitor, asked = at_the_door(app)
        assert (asked["rpId"], asked["userVerification"], "allowCredentials" in asked) == (
            *("localhost", "required"),
            False,
        )
        assert enter(visitor, device.sign(asked)).location == "/desk/uskz/help"
        assert visitor.get("").status_code == 200
        assert "last used" in mine.get(PAGE).text


def test_new_passkey_may_be_of_any_device_and_is_asked_to_know_its_owner(stage: Stage) -> None:
    asked = options(Visitor(stage.sign_in(NAME), "uskz").get(PAGE).text)
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert (asked["attestation"], asked["excludeCredentials"]) == ("none", [])


def test_answer_lets_nobody_in_twice(app: Flask, owned: tuple[Visitor, Authenticator]) -> None:
    _, device = owned
    with clock.set_to(BEGIN):
        visitor, asked = at_the_door(app)
        before = visitor.client.get_cookie("reviewflow")
        # Many passkeys don't count their signatures, so a repeated answer is not told by that.
        device.count = -1
        answer = device.sign(asked)
        assert before is not None
        copied = Visitor(app.test_client(), "uskz")
        copied.client.set_cookie("reviewflow", before.value)
        copied.token = visitor.token
        assert enter(visitor, answer).status_code == 302
        assert enter(copied, answer).status_code == 422


def _forged(device: Authenticator, asked: dict[str, Any]) -> str:
    return Authenticator(credential=device.credential, handle=device.handle).sign(asked)


def _mangled(part: str) -> Callable[[Authenticator, dict[str, Any]], str]:
    def mangle(device: Authenticator, asked: dict[str, Any]) -> str:
        answer = json.loads(device.sign(asked))
        answer["response"][part] = "AAAA"
        return json.dumps(answer)

    return mangle


#: What somebody else, or a broken browser, might send; each by its name.
WRONG: dict[str, Callable[[Authenticator, dict[str, Any]], str]] = {
    "another key": _forged,
    "another challenge": lambda d, a: d.sign({**a, "challenge": "AAAA"}),
    "another site": lambda d, a: replace(d, origin="http://evil.example").sign(a),
    "another host": lambda d, a: replace(d, host="evil.example").sign(a),
    "not verified": lambda d, a: replace(d, verified=False).sign(a),
    "a copied key": lambda d, a: replace(d, count=0).sign(a),
    "another owner": lambda d, a: replace(d, handle="AAAA").sign(a),
    "an unknown key": lambda d, a: replace(d, credential=b"unknown").sign(a),
    **{f"mangled {part}": _mangled(part) for part in ("signature", "authenticatorData", "clientDataJSON")},
    **{repr(text): lambda d, a, text=text: text for text in ("", "{", "[1]", '{"rawId": 1}', "null")},
}


def test_wrong_answers_are_refused_in_words(app: Flask, owned: tuple[Visitor, Authenticator]) -> None:
    _, device = owned
    with clock.set_to(BEGIN):
        visitor, asked = at_the_door(app)
        assert enter(visitor, device.sign(asked)).status_code == 302
        for name, sign in WRONG.items():
            visitor, asked = at_the_door(app)
            refused = enter(visitor, sign(device, asked))
            assert (name, refused.status_code) == (name, 422)
            assert "This passkey was not accepted" in refused.text
            assert visitor.get("").status_code == 302


def test_question_is_not_open_for_ever(app: Flask, owned: tuple[Visitor, Authenticator]) -> None:
    _, device = owned
    with clock.set_to(BEGIN):
        visitor, asked = at_the_door(app)
    with clock.set_to(BEGIN + CHALLENGE_LASTS + timedelta(seconds=1)):
        assert enter(visitor, device.sign(asked)).status_code == 422


def test_passkey_confirms_what_binds_and_only_its_owner_s_does(
    app: Flask, stage: Stage, owned: tuple[Visitor, Authenticator]
) -> None:
    mine, device = owned
    with clock.set_to(BEGIN):
        other, foreign = Visitor(stage.sign_in("coordinator"), "uskz"), Authenticator()
        add(other, foreign)
    path = "recommendations/none/acts/agree"
    with clock.set_to(BEGIN + FRESH_FOR + timedelta(seconds=1)):
        mine.get(PAGE)
        asked = mine.post(path, {"version": "1"})
        assert (asked.status_code, 'name="version" value="1"' in asked.text) == (401, True)
        refused = mine.post(path, {"version": "1", "passkey": foreign.sign(options(asked.text))})
        assert refused.status_code == 422
        # Confirmed, it goes on, to a text that does not exist.
        confirmed = {"version": "1", "passkey": device.sign(options(refused.text))}
        assert mine.post(path, confirmed).status_code == 404


def test_adding_and_removing_ask_who_it_is_and_go_on(
    app: Flask, owned: tuple[Visitor, Authenticator]
) -> None:
    mine, device = owned
    second = Authenticator()
    with clock.set_to(BEGIN + FRESH_FOR + timedelta(seconds=1)):
        asked = options(mine.get(PAGE).text)
        assert [key["id"] for key in asked["excludeCredentials"]] == [json.loads(device.sign(asked))["id"]]
        sent = {"answer": second.make(asked), "name": "Blue key"}
        assert second.handle == device.handle
        question = mine.post(PAGE + "add", sent)
        assert question.status_code == 401
        confirmed = {**sent, "passkey": device.sign(options(question.text))}
        assert mine.post(PAGE + "add", confirmed).location == PAGE
        page = mine.get(PAGE).text
        assert ("Blue key" in page, page.count("/remove")) == (True, 2)
        number = re.findall(r"/(\d+)/remove", page)[0]
        assert mine.post(f"{PAGE}{number}/remove").location == PAGE
        assert mine.get(PAGE).text.count("/remove") == 1
        visitor, asked = at_the_door(app)
        assert enter(visitor, device.sign(asked)).status_code == 422


def test_nobody_removes_another_s_passkey_nor_adds_one_twice(
    app: Flask, stage: Stage, owned: tuple[Visitor, Authenticator]
) -> None:
    mine, device = owned
    with clock.set_to(BEGIN):
        other = Visitor(stage.sign_in("coordinator"), "uskz")
        number = re.findall(r"/(\d+)/remove", mine.get(PAGE).text)[0]
        other.get(PAGE)
        other.post(f"{PAGE}{number}/remove")
        assert "Telephone" in mine.get(PAGE).text
        assert add(other, device).status_code == 422
        for sent in ({}, {"answer": "{}"}, {"answer": device.make(options(mine.get(PAGE).text))}):
            assert mine.post(PAGE + "add", sent).status_code == 422
        for _ in range(MOST_PASSKEYS - 1):
            assert add(mine, Authenticator(handle=device.handle), "").status_code == 302
        assert add(mine, Authenticator()).status_code == 422


def test_who_got_into_an_account_is_put_out_by_the_link_of_a_mail(
    app: Flask, stage: Stage, owned: tuple[Visitor, Authenticator]
) -> None:
    mine, device = owned
    thief, stolen = Authenticator(handle=device.handle), stage.cast.emails[NAME]
    with clock.set_to(BEGIN):
        assert add(mine, thief, "Blue key").location == PAGE
        with app.app_context():
            told = outbox.waiting()[-1]
            resets.ask(stolen, "192.0.2.1", lambda secret: ("Reset", f"secret={secret}"))
        assert (told.recipient, "A passkey was added" in told.body, "Blue" in told.body) == (
            stolen,
            True,
            False,
        )
        owner, link = Visitor(app.test_client(), "uskz"), "/desk/forgotten/" + mailed(app, r"secret=(\S+)")
        page = owner.get(link).text
        numbers = dict(re.findall(r'name="keep"[^>]* value="(\d+)">.*?“([^”]+)”', page))
        assert sorted(numbers.values()) == ["Blue key", "Telephone"]
        kept = [number for number, name in numbers.items() if name == "Telephone"]
        again = owner.post(link, {"new_password": "short", "keep": kept})
        assert re.findall(r'checked[^>]* value="(\d+)"', again.text) == kept
        foreign = [*kept, "x", "9" * 30]
        answer = owner.post(link, {"new_password": "seven small green umbrellas", "keep": foreign})
        assert answer.location == "/desk/sign-in"
        for key, status in ((thief, 422), (device, 302)):
            visitor, asked = at_the_door(app)
            assert enter(visitor, key.sign(asked)).status_code == status
        with app.app_context():
            assert "Another password was chosen" in outbox.waiting()[-1].body


def test_site_that_is_called_by_a_number_offers_no_passkeys(app: Flask, stage: Stage) -> None:
    client = app.test_client()
    assert "data-passkey" not in client.get("/desk/sign-in", base_url="http://127.0.0.1").text

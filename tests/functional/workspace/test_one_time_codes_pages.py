"""One-time codes: set up with a telephone, asked at the door, each once, few guesses, recovery codes."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from reviewflow.domain.one_time_codes import code_of, step_at
from reviewflow.domain.sessions import FRESH_FOR
from reviewflow.domain.throttling import PATIENCE, Counted
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.one_time_codes import OneTimeKey, RecoveryCode
from reviewflow.services import outbox
from tests.factories.task_forces import PASSWORD
from tests.support.desk import BEGIN, Stage
from tests.support.visitors import Visitor

LATER = BEGIN + timedelta(minutes=2)
NAME = "astana-lead"


def set_up(stage: Stage) -> tuple[Visitor, bytes, list[str]]:
    """Set codes up at `BEGIN`: the visitor, the key that the page showed, and the recovery codes."""
    with clock.set_to(BEGIN):
        mine = Visitor(stage.sign_in(NAME), "uskz")
        mine.get("/desk/account/codes/")
        assert mine.get("/desk/account/codes/square.svg").status_code == 404
        mine.post("/desk/account/codes/begin")
        page = mine.get("/desk/account/codes/").text
        square = mine.get("/desk/account/codes/square.svg")
        assert (square.mimetype, square.data[:5]) == ("image/svg+xml", b"<?xml")
        written = re.search(r"Key:.*?<code[^>]*>(.*?)</code>", page)
        assert written
        secret = base64.b32decode(written[1].replace(" ", ""))
        wrong = mine.post("/desk/account/codes/confirm", {"code": "000000"})
        assert (wrong.status_code, "was used already" in wrong.text) == (422, True)
        done = mine.post("/desk/account/codes/confirm", {"code": code(secret, BEGIN)})
    return mine, secret, re.findall(r'<li><code class="hash">(.*?)</code>', done.text)


def code(secret: bytes, at: datetime) -> str:
    """What the telephone shows."""
    return code_of(secret, step_at(at))


def password_only(app: Flask, stage: Stage) -> Visitor:
    """Somebody who has given the right password."""
    visitor = Visitor(app.test_client(), "uskz")
    visitor.get("/desk/sign-in")
    form = {"email": stage.cast.emails[NAME], "password": PASSWORD, "next": "/desk/uskz/help"}
    assert visitor.post("/desk/sign-in", form).location == "/desk/sign-in/code?next=/desk/uskz/help"
    visitor.get("/desk/sign-in/code?next=/desk/uskz/help")
    return visitor


def give(visitor: Visitor, typed: str) -> TestResponse:
    """Type a code at the door."""
    return visitor.post("/desk/sign-in/code", {"code": typed, "next": "/desk/uskz/help"})


def inside(client: FlaskClient) -> bool:
    return client.get("/desk/uskz/").status_code == 200


def test_door_asks_for_a_code_and_takes_each_once(app: Flask, stage: Stage) -> None:
    _, secret, recovery = set_up(stage)
    assert len(set(recovery)) == 10
    with clock.set_to(BEGIN):
        # The code that confirmed the key is used up.
        assert give(password_only(app, stage), code(secret, BEGIN)).status_code == 422
    with clock.set_to(LATER):
        half = password_only(app, stage)
        assert not inside(half.client)
        assert give(half, "000000").status_code == 422
        answer = give(half, code(secret, LATER))
        assert (answer.location, inside(half.client)) == ("/desk/uskz/help", True)
        again = password_only(app, stage)
        assert (give(again, code(secret, LATER)).status_code, inside(again.client)) == (422, False)
        used = give(password_only(app, stage), recovery[3].lower())
        assert used.status_code == 302
        assert give(password_only(app, stage), recovery[3]).status_code == 422


def test_half_a_sign_in_is_worth_nothing_for_long(app: Flask, stage: Stage) -> None:
    _, secret, _ = set_up(stage)
    with clock.set_to(LATER):
        half = password_only(app, stage)
    late = LATER + FRESH_FOR + timedelta(seconds=1)
    with clock.set_to(late):
        assert give(half, code(secret, late)).location.startswith("/desk/sign-in?next=")
    with clock.set_to(LATER):
        stranger = Visitor(app.test_client(), "uskz")
        stranger.get("/desk/sign-in")
        assert give(stranger, code(secret, LATER)).location.startswith("/desk/sign-in?next=")


def test_codes_can_not_be_guessed(app: Flask, stage: Stage) -> None:
    _, secret, recovery = set_up(stage)
    with clock.set_to(LATER):
        half = password_only(app, stage)
        answers = [give(half, "000000") for _ in range(PATIENCE[Counted.CODE].free + 2)]
        assert [a.status_code for a in answers] == [422] * (len(answers) - 1) + [429]
        # Not by another browser either, and not with what is right.
        for right in (code(secret, LATER), recovery[0]):
            assert give(password_only(app, stage), right).status_code == 429
    waited = LATER + timedelta(seconds=1)
    with clock.set_to(waited):
        assert give(half, code(secret, waited)).status_code == 302


def test_what_is_stored_lets_nobody_in(app: Flask, stage: Stage) -> None:
    _, secret, recovery = set_up(stage)
    with app.app_context():
        key = db.session.execute(select(OneTimeKey)).scalar_one()
        digests = db.session.scalars(select(RecoveryCode.digest)).all()
    assert base64.b32encode(secret).decode() not in key.sealed
    assert secret not in base64.urlsafe_b64decode(key.sealed)
    assert (len(digests), {len(digest) for digest in digests}) == (10, {64})
    assert not set(recovery) & set(digests)


def test_key_is_not_shown_again_and_changes_ask_who_it_is(app: Flask, stage: Stage) -> None:
    mine, _, recovery = set_up(stage)
    with clock.set_to(LATER):
        mine.post("/desk/account/codes/begin")
        assert mine.get("/desk/account/codes/square.svg").status_code == 404
        assert "Key:" not in mine.get("/desk/account/codes/").text
        assert mine.post("/desk/account/codes/confirm", {"code": "123456"}).status_code == 404
        renewed = mine.post("/desk/account/codes/recovery")
        assert (renewed.status_code, recovery[0] in renewed.text) == (200, False)
        assert give(password_only(app, stage), recovery[0]).status_code == 422
        with app.app_context():
            told = [mail.body for mail in outbox.waiting() if mail.recipient == stage.cast.emails[NAME]]
        assert ["New recovery codes were made" in body for body in told] == [False, True]
    with clock.set_to(BEGIN + FRESH_FOR + timedelta(minutes=1)):
        for act in ("begin", "confirm", "recovery", "remove"):
            asked = mine.post(f"/desk/account/codes/{act}")
            assert (asked.status_code, "Is it you?" in asked.text) == (401, True)
        assert mine.post("/desk/account/codes/remove", {"proof": PASSWORD}).status_code == 302
        assert inside(stage.sign_in(NAME))


def test_operator_lets_in_who_has_lost_everything(app: Flask, stage: Stage) -> None:
    set_up(stage)
    with clock.set_to(LATER):
        runner = app.test_cli_runner()
        done = runner.invoke(args=["account", "without-codes", stage.cast.emails[NAME]])
        assert (done.exit_code, "without a code" in done.output) == (0, True)
        assert runner.invoke(args=["account", "without-codes", "nobody@example.org"]).exit_code == 1
        assert inside(stage.sign_in(NAME))

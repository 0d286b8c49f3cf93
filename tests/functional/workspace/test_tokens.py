"""Tokens of programs: what one opens and what stays closed, how it is made, shown once and ended."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update
from werkzeug.test import TestResponse

from reviewflow.domain.actors import Role
from reviewflow.domain.tokens import MARK, USES_AN_HOUR
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.tokens import TokenRow
from reviewflow.services import memberships, tokens
from reviewflow.services.accounts import add_member
from tests.support import scenes
from tests.support.desk import BEGIN, MAIL, Stage, session_of
from tests.support.visitors import Visitor

PAGE, STATUS = "/desk/account/tokens/", "/desk/uskz/recommendations.csv"
#: What a token that is not accepted is answered.
UNKNOWN = (401, 'Bearer realm="reviewflow", error="invalid_token"', "invalid_token")


def _ask(
    stage: Stage, secret: str, path: str = STATUS, *, hours: float = 1, method: str = "GET"
) -> TestResponse:
    """A request of a program, in a client without a cookie."""
    with clock.set_to(BEGIN + timedelta(hours=hours)):
        head = {"Authorization": f"Bearer {secret}"}
        answer = stage.app.test_client().open(path, method=method, headers=head)
    assert "Set-Cookie" not in answer.headers
    return answer


def _told(answer: TestResponse) -> tuple[int, str | None, str]:
    assert answer.json
    return answer.status_code, answer.headers.get("WWW-Authenticate"), answer.json["code"]


def _make(stage: Stage, name: str = "astana-expert-1", days: int = 30) -> str:
    owner = stage.cast[name]
    session = stage.at(0, session_of, owner.person_id)
    return str(stage.at(0, tokens.make, session, owner, "Dashboard", days, MAIL))


def test_program_reads_what_its_owner_may_read_and_no_more(stage: Stage) -> None:
    scenes.proposed(stage)
    scenes.drafted(stage, title="Washington's own")
    table = _ask(stage, _make(stage))
    assert (table.status_code, table.mimetype) == (200, "text/csv")
    assert ("A public timetable" in table.text, "Washington's own" in table.text) == (True, False)
    assert "Washington's own" in _ask(stage, _make(stage, "washington-lead")).text


def test_nothing_else_opens_and_nothing_is_done(app: Flask, stage: Stage) -> None:
    key, secret = scenes.proposed(stage), _make(stage, "astana-lead")
    adapter, asked = app.url_map.bind("localhost"), 0
    beyond = (403, 'Bearer realm="reviewflow", error="insufficient_scope"', "beyond_scope")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/desk") or rule.endpoint == "desk.status.csv_file":
            continue
        values = dict.fromkeys(rule.arguments, 1) | {"task_force": "uskz", "key": key, "act": "agree"}
        address = adapter.build(rule.endpoint, values, append_unknown=False)
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer, asked = _ask(stage, secret, address, method=method), asked + 1
            if method == "GET":
                assert _told(answer) == beyond, address
            else:
                # A program has no form: what would change something is stopped before the token is looked at.
                assert answer.status_code in (400, 401), (address, answer.text)
    assert asked > 90
    app.config["WTF_CSRF_ENABLED"] = False
    assert _told(_ask(stage, secret, f"/desk/uskz/recommendations/{key}/acts/agree", method="POST")) == beyond


def test_signed_in_browser_that_sends_a_token_is_the_program(stage: Stage) -> None:
    secret = _make(stage)
    stage.at(0, tokens.take_back, stage.cast["astana-expert-1"].person_id, 1)
    with clock.set_to(BEGIN):
        browser = stage.sign_in("astana-lead")
        assert _told(browser.get(STATUS, headers={"Authorization": f"Bearer {secret}"})) == UNKNOWN
        assert browser.get(STATUS, headers={"Authorization": "Basic eDp5"}).status_code == 200


@pytest.mark.parametrize("secret", ["", "wrong", MARK, "ә", "\x00", "x" * 5000])
def test_what_is_no_token_is_refused(stage: Stage, secret: str) -> None:
    try:
        assert _told(_ask(stage, secret)) == UNKNOWN
    except ValueError:
        assert secret == "\x00"  # no head of a request can hold it


def test_token_that_ended_was_taken_back_or_has_another_scope_opens_nothing(app: Flask, stage: Stage) -> None:
    secret, other = _make(stage), _make(stage, "astana-lead")
    with app.app_context():
        db.session.execute(text("UPDATE tokens SET scope = 'other' WHERE id = 2"))
        db.session.commit()
    assert _told(_ask(stage, other))[0] == 403
    stage.at(1, tokens.take_back, stage.cast["astana-expert-1"].person_id, 2)  # somebody else's
    assert _told(_ask(stage, other))[0] == 403
    stage.at(1, tokens.take_back, stage.cast["astana-lead"].person_id, 2)
    assert _told(_ask(stage, other)) == UNKNOWN
    assert _ask(stage, secret, hours=30 * 24 - 0.1).status_code == 200
    assert _told(_ask(stage, secret, hours=30 * 24)) == UNKNOWN


def test_other_task_force_answers_as_one_that_is_not_there(app: Flask, stage: Stage) -> None:
    elsewhere = Stage(app, slug="other")
    secret = _make(stage)
    with app.app_context():  # a seat there opens nothing: the token is of one task force
        person = stage.cast["astana-expert-1"].person_id
        add_member(elsewhere.cast.task_force_id, person, Role.COORDINATOR)
    unknown = _ask(stage, secret, "/desk/nowhere/recommendations.csv")
    there = _ask(stage, secret, "/desk/other/recommendations.csv")
    assert (there.status_code, there.data) == (unknown.status_code, unknown.data)
    assert _told(there) == (404, None, "not_found")
    assert _ask(stage, secret).status_code == 200


def test_token_ends_with_the_seat_and_with_another_password(app: Flask, stage: Stage) -> None:
    leaver, secret = stage.cast["astana-expert-1"], _make(stage)
    stage.at(1, memberships.end_membership, leaver, leaver.person_id)
    assert _told(_ask(stage, secret)) == UNKNOWN
    with app.app_context():
        assert db.session.query(TokenRow).count() == 0
    with clock.set_to(BEGIN):
        mine, kept = Visitor(stage.sign_in("astana-lead"), "uskz"), _make(stage, "astana-lead")
        mine.get("/desk/account/password")
        assert mine.post("/desk/account/password", {"new_password": "seven small green umbrellas"}).location
    assert _told(_ask(stage, kept)) == UNKNOWN


def test_token_that_is_used_too_often_waits_and_so_does_who_has_none(stage: Stage) -> None:
    secret = _make(stage)
    answers = {_ask(stage, secret).status_code for _ in range(USES_AN_HOUR)}
    refused = _ask(stage, secret, hours=1.5)
    assert (answers, _told(refused)[0], refused.headers["Retry-After"]) == ({200}, 429, "1800")
    assert _ask(stage, secret, hours=2).status_code == 200
    wrong = [_ask(stage, "wrong", hours=2).status_code for _ in range(52)]
    assert (set(wrong[:51]), wrong[51]) == ({401}, 429)
    assert _ask(stage, secret, hours=2).status_code == 200  # nobody shuts another's door


def test_token_takes_a_known_number_of_statements(stage: Stage) -> None:
    counts = []
    for _ in range(2):
        scenes.proposed(stage)
        secret = _make(stage)
        with stage.counted() as statements:
            assert _ask(stage, secret).status_code == 200
        counts.append(len(statements))
    # Whose it is, the count of uses (two), the directory, and the table.
    assert counts == [5, 5]


def test_it_is_made_and_shown_once_with_its_last_use_and_kept_as_a_hash(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        mine = Visitor(stage.sign_in("astana-lead"), "uskz")
        mine.get(PAGE)
        made = mine.post(PAGE + "add", {"name": "Dashboard", "task_force": "uskz", "days": "90"})
        secret = MARK + made.text.partition(f'value="{MARK}')[2].partition('"')[0]
        page = mine.get(PAGE).text
    assert (made.status_code, secret in made.text, secret in page) == (200, True, False)
    assert ("not used yet" in page, "30 Dec 2009" in page) == (True, True)
    assert _ask(stage, secret, hours=30).status_code == 200
    with clock.set_to(BEGIN + timedelta(hours=31)):
        own = json.loads(mine.get("/desk/account/data.json").data)["tokens"]
        assert "2009-10-02" in mine.get(PAGE).text
    assert [(each["name"], each["used_on"]) for each in own] == [("Dashboard", "2009-10-02")]
    with app.app_context():
        (row,) = db.session.execute(text("SELECT * FROM tokens")).mappings()
    assert (secret in str(row), len(row["secret_hash"])) == (False, 64)
    with clock.set_to(BEGIN + timedelta(hours=31)):
        assert mine.post(f"{PAGE}{row['id']}/end").location == PAGE
    assert _told(_ask(stage, secret)) == UNKNOWN


def test_making_one_asks_who_one_is_and_refuses_in_words(stage: Stage) -> None:
    with clock.set_to(BEGIN):
        mine = Visitor(stage.sign_in("astana-lead"), "uskz")
        mine.get(PAGE)
    good = {"name": "Dashboard", "task_force": "uskz", "days": "30"}
    with clock.set_to(BEGIN + timedelta(hours=1)):
        asked = mine.post(PAGE + "add", good)
        assert (asked.status_code, MARK in asked.text) == (401, False)
    with clock.set_to(BEGIN):
        for change in ({"name": " "}, {"name": "x" * 81}, {"days": "3650"}, {"days": ""}, {"name": "\x00"}):
            refused = mine.post(PAGE + "add", good | change)
            assert (refused.status_code, "Please check" in refused.text) == (422, True), change
        assert mine.post(PAGE + "add", good | {"task_force": "other"}).status_code == 404
        statuses = [mine.post(PAGE + "add", good).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [422]
    with stage.app.app_context():
        db.session.execute(update(TokenRow).values(ends_at=BEGIN))
        db.session.commit()
    with clock.set_to(BEGIN):
        assert mine.post(PAGE + "add", good).status_code == 200  # those that have ended made room

"""What one says of oneself, one's own data to take along, and whom to tell of a weakness."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from config import Config
from reviewflow.app import create_app
from reviewflow.domain.ballots import Stand
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Person
from reviewflow.services import deliberation, recommendations
from tests.support import scenes
from tests.support.desk import BEGIN, Stage
from tests.support.visitors import Visitor

PAGE = "/desk/account/profile"


def test_affiliation_and_clock_are_one_s_own_to_change(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        mine = Visitor(stage.sign_in("astana-lead"), "uskz")
        assert '<option selected value="Asia/Almaty">' in mine.get(PAGE).text
        assert "14:00" in mine.get("/desk/account/").text  # 8:00 in UTC
        sent = {"affiliation": " Институт  мира ", "time_zone": "Europe/Vienna", "name": "Somebody else"}
        assert mine.post(PAGE, sent).location == "/desk/account/"
        assert "10:00" in mine.get("/desk/account/").text
    with app.app_context():
        person = db.session.get_one(Person, stage.cast["astana-lead"].person_id)
        assert (person.name, person.affiliation, person.time_zone) == (
            "Astana Lead",
            "Институт мира",
            "Europe/Vienna",
        )


@pytest.mark.parametrize(
    "sent",
    [
        {"affiliation": "x" * 201, "time_zone": "UTC"},
        {"affiliation": "\x00", "time_zone": "UTC"},
        {"affiliation": "Kept", "time_zone": "Mars/Olympus"},
        {"affiliation": "Kept"},
    ],
)
def test_what_can_not_be_kept_is_refused_in_words(app: Flask, stage: Stage, sent: dict[str, str]) -> None:
    mine = Visitor(stage.sign_in("astana-lead"), "uskz")
    mine.get(PAGE)
    refused = mine.post(PAGE, sent)
    assert (refused.status_code, "Please check" in refused.text) == (422, True)
    with app.app_context():
        kept = db.session.execute(select(Person.affiliation, Person.time_zone)).all()
    assert ("Asia/Almaty" in {row.time_zone for row in kept}, {row.affiliation for row in kept}) == (
        True,
        {""},
    )


def test_one_takes_one_s_own_words_along_and_nobody_else_s(stage: Stage) -> None:
    key = scenes.proposed(stage)
    for hours, name in enumerate(("astana-expert-1", "astana-lead"), start=2):
        actor = stage.cast[name]
        stage.at(hours, deliberation.open_thread, actor, key, f"Said by {name}", internal=True, version=1)
        stage.at(hours, deliberation.take_position, actor, key, 1, Stand.OBJECT, f"Why {name} objects")
    author = stage.cast["washington-expert-1"]
    stage.at(3, recommendations.keep_working_text, author, key, 1, {"text": "Half a thought"})
    with clock.set_to(BEGIN + timedelta(hours=5)):
        answer = stage.sign_in("astana-lead").get("/desk/account/data.json")
        writer = stage.sign_in("washington-expert-1").get("/desk/account/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="reviewflow-account.json"'
    own = json.loads(answer.data)
    assert own["said"] == [
        {"at": "2009-10-01T11:00:00+00:00", "kind": "comment", "words": "Said by astana-lead"},
        {"at": "2009-10-01T11:00:00+00:00", "kind": "object", "words": "Why astana-lead objects"},
    ]
    assert (own["email"], own["seats"][0]["role"]) == (stage.cast.emails["astana-lead"], "lead")
    assert (len(own["sessions"]), own["passkeys"], own["one_time_codes"]) == (1, [], False)
    assert "Half a thought" not in answer.text
    assert json.loads(writer.data)["kept"][0]["fields"] == {"text": "Half a thought"}
    for secret in ("password", "argon2", key):
        assert secret not in answer.text


def test_operator_corrects_a_name(app: Flask, stage: Stage) -> None:
    runner = app.test_cli_runner()
    email = stage.cast.emails["astana-lead"]
    assert runner.invoke(args=["account", "rename", email, "Айгүл  Сәрсен"]).exit_code == 0
    assert runner.invoke(args=["account", "rename", email, " "]).exit_code == 1
    with app.app_context():
        assert db.session.get_one(Person, stage.cast["astana-lead"].person_id).name == "Айгүл Сәрсен"


def test_weaknesses_are_reported_to_whom_the_installation_names(app: Flask, database_url: str) -> None:
    path = "/.well-known/security.txt"
    with clock.set_to(BEGIN):
        answer = app.test_client().get(path)
    assert answer.text.splitlines() == [
        "Contact: mailto:security@example.org",
        "Expires: 2010-03-30T00:00:00Z",
        "Preferred-Languages: en",
        "Canonical: http://127.0.0.1:8000/.well-known/security.txt",
    ]
    nobody = create_app(Config(database_url=database_url, secret_key="a key for this test only"))
    assert nobody.test_client().get(path).status_code == 404
    with nobody.app_context():
        db.engine.dispose()

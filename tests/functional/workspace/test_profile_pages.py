"""What one says of oneself, one's own data to take along, and whom to tell of a weakness."""

from __future__ import annotations

import json
import re
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
from reviewflow.services.accounts import adopt_chatham_house
from reviewflow.services.profile import change_profile, rename_person
from reviewflow.services.public_pages import rebuild_pages
from reviewflow.web import language
from tests.support import scenes
from tests.support.desk import BEGIN, Stage
from tests.support.scenes import plain
from tests.support.visitors import Visitor

PAGE = "/desk/account/profile"
#: Of the first text that is published.
ADDRESS = "/publications/uskz-rec-1-09-a-public-timetable"


def test_affiliation_and_clock_are_one_s_own_to_change(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        mine = Visitor(stage.sign_in("astana-lead"), "uskz")
        assert '<option selected value="Asia/Almaty">' in mine.get(PAGE).text
        assert "14:00" in mine.get("/desk/account/").text  # 8:00 in UTC
        sent = {"affiliation": " Институт  мира ", "time_zone": "Europe/Vienna", "name": "Somebody else"}
        sent |= {"language": "kk", "name_kk": " Әлия  Нұрғазина "}
        assert mine.post(PAGE, sent).location == "/desk/account/"
        assert "10:00" in mine.get("/desk/account/").text
    with app.app_context():
        person = db.session.get_one(Person, stage.cast["astana-lead"].person_id)
        assert (person.name, person.affiliation, person.time_zone) == (
            "Astana Lead",
            "Институт мира",
            "Europe/Vienna",
        )
        assert (person.language, person.name_ru, person.name_kk) == ("kk", "", "Әлия Нұрғазина")


@pytest.mark.parametrize(
    "sent",
    [
        {"affiliation": "x" * 201, "time_zone": "UTC", "language": "en"},
        {"affiliation": "\x00", "time_zone": "UTC", "language": "en"},
        {"affiliation": "Kept", "time_zone": "Mars/Olympus", "language": "en"},
        {"affiliation": "Kept", "time_zone": "UTC", "language": "tlh"},
        {"affiliation": "Kept", "time_zone": "UTC", "language": "ru", "name_ru": "Aliya"},
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


def test_names_are_spelled_as_the_reader_reads_and_what_is_published_stays(app: Flask, stage: Stage) -> None:
    key = scenes.published(stage)
    spelled = {"ru": "Маргарет Холлис", "kk": "Маргарет Хөллис"}
    mine = {"affiliation": "", "time_zone": "UTC"}
    public = app.test_client().get(ADDRESS).text
    assert "Washington Expert 1" in public
    with app.app_context():
        rename_person(stage.cast["washington-expert-1"].person_id, "Margaret Hollis")
        change_profile(stage.cast["washington-expert-1"].person_id, **mine, language="en", spellings=spelled)
        for reader, reads in (("astana-lead", "kk"), ("astana-expert-1", "ru"), ("astana-observer", "en")):
            change_profile(stage.cast[reader].person_id, **mine, language=reads, spellings={})
    for reader, shown in (
        ("astana-lead", "Маргарет Хөллис"),
        ("astana-expert-1", "Маргарет Холлис"),
        ("astana-observer", "Margaret Hollis"),
    ):
        client = stage.sign_in(reader)
        assert shown in client.get(f"/desk/uskz/recommendations/{key}/history").text
        people = client.get("/desk/uskz/people").text
        # Who reads another script finds the name under which the person acts beside it.
        assert (shown in people, "Margaret Hollis" in people) == (True, True)
        assert sum(other in people for other in spelled.values()) == (shown in spelled.values())
    with app.app_context():
        rebuild_pages()
    assert app.test_client().get(ADDRESS).text == public


def test_chatham_house_hides_every_spelling(app: Flask, stage: Stage) -> None:
    with app.app_context():
        adopt_chatham_house(None, stage.cast.task_force_id)
        change_profile(
            stage.cast["washington-expert-1"].person_id,
            affiliation="",
            time_zone="UTC",
            language="en",
            spellings={"ru": "Маргарет Холлис", "kk": "Маргарет Хөллис"},
        )
    people = stage.sign_in("astana-lead").get("/desk/uskz/people").text
    assert "A member of the Washington group" in people
    assert not any(name in people for name in ("Маргарет", "Washington Expert 1"))


def test_pages_are_in_the_language_that_one_has_chosen(
    app: Flask, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "LANGUAGES", ("en", "ru"))
    with app.app_context():
        for name, chosen in (("astana-lead", "ru"), ("astana-observer", "kk")):
            change_profile(
                stage.cast[name].person_id, affiliation="", time_zone="UTC", language=chosen, spellings={}
            )
    for name, chosen in (("astana-lead", "ru"), ("astana-observer", "en"), ("astana-expert-1", "en")):
        client = stage.sign_in(name)
        asked = {"Accept-Language": "ru"} if name == "astana-expert-1" else {"Accept-Language": "de"}
        assert f'<html lang="{chosen}">' in client.get("/desk/uskz/", headers=asked).text


def test_one_chooses_when_mails_come(app: Flask, stage: Stage) -> None:
    mine = Visitor(stage.sign_in("astana-lead"), "uskz")
    page = mine.get("/desk/account/mails").text
    assert _chosen(page) == ["daily"]
    assert mine.post("/desk/account/mails", {"notices": "never"}).location == "/desk/account/"
    assert _chosen(mine.get("/desk/account/mails").text) == ["never"]
    for wrong in ({}, {"notices": "hourly"}):
        refused = mine.post("/desk/account/mails", wrong)
        assert (refused.status_code, "choose one of the values" in refused.text) == (422, True)
    kept = json.loads(mine.get("/desk/account/data.json").data)["notices"]
    others = json.loads(stage.sign_in("astana-observer").get("/desk/account/data.json").data)["notices"]
    assert (kept, others) == ("never", "daily")


def _chosen(page: str) -> list[str]:
    """The values of the buttons that are chosen."""
    return [
        match[1]
        for tag in re.findall(r"<input checked[^>]*>", page)
        if (match := re.search('value="(.*?)"', tag))
    ]


def test_one_takes_one_s_own_words_along_and_nobody_else_s(stage: Stage) -> None:
    key = scenes.proposed(stage)
    for hours, name in enumerate(("astana-expert-1", "astana-lead"), start=2):
        actor = stage.cast[name]
        stage.at(hours, deliberation.open_thread, actor, key, f"Said by {name}", internal=True, version=1)
        stage.at(hours, deliberation.take_position, actor, key, 1, Stand.OBJECT, f"Why {name} objects")
    lead, expert = stage.cast["astana-lead"], stage.cast["astana-expert-2"].person_id
    stage.at(4, deliberation.record_position, lead, key, 1, expert, Stand.OBJECT, "by letter", "Her letter")
    author = stage.cast["washington-expert-1"]
    stage.at(3, recommendations.keep_working_text, author, key, 1, {"text": "Half a thought"})
    with clock.set_to(BEGIN + timedelta(hours=5)):
        answer = stage.sign_in("astana-lead").get("/desk/account/data.json")
        member = stage.sign_in("astana-expert-2").get("/desk/account/data.json")
        writer = stage.sign_in("washington-expert-1").get("/desk/account/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="reviewflow-account.json"'
    own = json.loads(answer.data)
    assert own["said"] == [
        {"at": "2009-10-01T11:00:00+00:00", "kind": "comment", "words": "Said by astana-lead"},
        {"at": "2009-10-01T11:00:00+00:00", "kind": "object", "words": "Why astana-lead objects"},
        {"at": "2009-10-01T12:00:00+00:00", "kind": "object", "words": "Her letter"},
    ]
    assert json.loads(member.data)["said"] == []
    assert (own["email"], own["seats"][0]["role"]) == (stage.cast.emails["astana-lead"], "lead")
    assert (len(own["sessions"]), own["passkeys"], own["one_time_codes"]) == (1, [], False)
    assert "Half a thought" not in answer.text
    assert json.loads(writer.data)["kept"][0]["fields"] == {"text": "Half a thought"}
    for secret in ("password", "argon2", key):
        assert secret not in answer.text


def test_operator_corrects_a_name(app: Flask, stage: Stage) -> None:
    runner = app.test_cli_runner()
    email = stage.cast.emails["astana-lead"]
    for _once_more in range(2):
        assert runner.invoke(args=["account", "rename", email, "Айгүл  Сәрсен"]).exit_code == 0
    assert runner.invoke(args=["account", "rename", email, " "]).exit_code == 1
    with app.app_context():
        assert db.session.get_one(Person, stage.cast["astana-lead"].person_id).name == "Айгүл Сәрсен"
    page = plain(stage.sign_in("washington-lead").get("/desk/uskz/people").text)
    assert page.count("The operator corrected the name of Айгүл Сәрсен.") == 1


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

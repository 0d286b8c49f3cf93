"""Mails that something waits: to whom it does, when they chose, nothing twice, and no words of a text."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from reviewflow.domain.ballots import Stand
from reviewflow.gateways import clock
from reviewflow.gateways.mail import Mail
from reviewflow.persistence.db import db
from reviewflow.queries.notices import Notice
from reviewflow.services import deliberation, memberships, notices, outbox, recommendations, stand_ins
from reviewflow.services.accounts import adopt_chatham_house
from reviewflow.web.workspace.notices import written
from tests.factories.task_forces import content
from tests.support import scenes
from tests.support.desk import BEGIN, Stage

#: Who is mailed at once in these tests; the others keep what everybody begins with.
AT_ONCE = ("washington-lead", "washington-expert-1", "astana-lead", "coordinator")


@pytest.fixture
def stage(app: Flask) -> Stage:
    stage = Stage(app)
    for name in AT_ONCE:
        stage.at(0, notices.choose, stage.cast[name].person_id, "at_once")
    stage.at(0, notices.choose, stage.cast["astana-expert-2"].person_id, "never")
    stage.at(0, notices.put_due, written)  # from here on, everybody's next morning is known
    return stage


def _mails(stage: Stage, hours: float) -> dict[str, Mail]:
    """What is put into the outbox at a time, by recipient, and taken out of it."""

    def look() -> dict[str, Mail]:
        made = notices.put_due(written)
        found = {mail.recipient.partition("@")[0]: mail for mail in outbox.waiting()}
        assert made == len(found)
        outbox.send_due(lambda mail: None)
        return found

    return stage.at(hours, look)


def test_who_is_waited_for_is_mailed_once(stage: Stage) -> None:
    assert _mails(stage, 0.1) == {}
    key = scenes.proposed(stage)
    (mail,) = _mails(stage, 2).values()
    assert (mail.recipient, mail.subject) == (stage.cast.emails["astana-lead"], "1 text newly waits for you")
    assert mail.body == (
        "Task force uskz\n\n"
        "new: USKZ.DR/1/09 – state your position\n"
        f"http://127.0.0.1:8000/desk/uskz/recommendations/{key}\n\n"
        "All of it:\nhttp://127.0.0.1:8000/desk/uskz/\n\n\n"
        "-- \nWhen such mails come, or that none does, you choose here:\n"
        "http://127.0.0.1:8000/desk/account/mails\n"
    )
    assert _mails(stage, 3) == {}


def test_what_several_people_do_is_one_mail_after_a_pause(stage: Stage) -> None:
    scenes.proposed(stage)
    assert set(_mails(stage, 2)) == {"astana-lead"}
    for _ in range(3):
        scenes.proposed(stage)
    assert _mails(stage, 2.2) == {}
    (mail,) = _mails(stage, 2.25).values()
    assert mail.subject == "3 texts newly wait for you"
    assert (mail.body.count("new: "), mail.body.count("state your position")) == (3, 4)


def test_morning_s_mail_comes_in_the_morning_and_only_with_news(stage: Stage) -> None:
    key = scenes.proposed(stage)
    # At 8:00 in UTC it is 14:00 in Almaty, and 7:00 there is 17 hours later.
    assert set(_mails(stage, 16.9)) == {"astana-lead"}
    assert set(_mails(stage, 17)) == {"astana-expert-1"}
    assert _mails(stage, 17 + 24) == {}
    stage.at(42, deliberation.take_position, stage.cast["astana-lead"], key, 1, Stand.OBJECT, "Too early.")
    assert set(_mails(stage, 43)) == {"washington-lead", "washington-expert-1"}
    assert _mails(stage, 17 + 48) == {}


def test_stand_in_is_mailed_about_what_waits_for_the_other_while_it_lasts(stage: Stage) -> None:
    lead, expert = stage.cast["astana-lead"], stage.cast["astana-expert-1"]
    stage.at(0, notices.choose, expert.person_id, "at_once")
    period = (BEGIN + timedelta(hours=4), BEGIN + timedelta(hours=50))
    stage.at(1, stand_ins.name_stand_in, lead, expert.person_id, *period)
    key = scenes.carrying(stage)
    assert set(_mails(stage, 3.9)) == {"astana-lead"}  # the expert has spoken, and agreeing is the lead's
    mail = _mails(stage, 4)["astana-expert-1"]
    named = "new: in the name of whom you stand in for: USKZ.DR/1/09 – agree to it, or say what is missing"
    assert named in mail.body
    assert _mails(stage, 5) == {}
    stage.at(49, deliberation.request_changes, lead, key, 1, "Say by when.")
    stage.at(50, recommendations.resubmit, stage.cast["washington-expert-1"], key, 1, "By May.")
    told = _mails(stage, 51)
    assert "state your position anew" in told["astana-expert-1"].body
    assert "in the name of" not in told["astana-expert-1"].body


def test_what_waits_anew_is_news_again(stage: Stage) -> None:
    key = scenes.proposed(stage)
    _mails(stage, 2)
    stage.at(3, deliberation.request_changes, stage.cast["astana-expert-1"], key, 1, "Say by when.")
    assert set(_mails(stage, 4)) == {"washington-lead", "washington-expert-1"}
    author = stage.cast["washington-expert-1"]
    stage.at(5, recommendations.resubmit, author, key, 1, "As it was.")
    assert set(_mails(stage, 6)) == {"astana-lead"}


def test_no_mail_has_words_of_a_text_or_names_of_people(app: Flask, stage: Stage) -> None:
    with app.app_context():
        adopt_chatham_house(None, stage.cast.task_force_id)
    scenes.agreed(stage)
    stage.at(6, recommendations.create_recommendation, stage.cast["washington-expert-1"], content("A draft"))
    mails = {**_mails(stage, 7), **_mails(stage, 40)}
    assert "coordinator" in mails
    for mail in mails.values():
        said = mail.subject + mail.body
        for private in ("timetable", "A draft", "Washington Expert", "Astana Expert", "Lead", "@"):
            assert private not in said


def test_who_has_left_or_chose_so_is_mailed_nothing(stage: Stage) -> None:
    scenes.proposed(stage)
    leaver, keeper = stage.cast["astana-expert-1"], stage.cast["astana-lead"]
    stage.at(2, memberships.end_membership, leaver, leaver.person_id)
    stage.at(2, notices.choose, keeper.person_id, "never")
    assert _mails(stage, 3) == _mails(stage, 48) == {}


def test_choosing_again_tells_nothing_that_waited_before(stage: Stage) -> None:
    scenes.proposed(stage)
    person = stage.cast["astana-expert-2"].person_id
    stage.at(2, notices.choose, person, "at_once")
    assert "astana-expert-2" not in _mails(stage, 3)
    scenes.proposed(stage)
    assert "astana-expert-2" in _mails(stage, 4)


def test_worker_that_dies_on_the_way_tells_it_when_it_starts_again_and_once(stage: Stage) -> None:
    scenes.proposed(stage)

    def die(_notice: Notice) -> tuple[str, str]:
        raise SystemExit

    with pytest.raises(SystemExit):
        stage.at(2, notices.put_due, die)
    assert set(_mails(stage, 2)) == {"astana-lead"}
    assert _mails(stage, 3) == {}


def test_two_workers_mail_each_person_once(app: Flask, stage: Stage) -> None:
    scenes.proposed(stage)
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        with app.app_context(), clock.set_to(BEGIN + timedelta(hours=40)):
            notices.put_due(written)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recipients = sorted(mail.recipient.partition("@")[0] for mail in stage.at(40, outbox.waiting))
    assert recipients == ["astana-expert-1", "astana-lead"]


def test_question_who_has_news_reads_what_waits_by_its_index(stage: Stage) -> None:
    """It is asked about everybody; PostgreSQL plans by the few rows that there are."""
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        asked.append((statement, parameters))

    with stage.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        stage.at(1, notices.put_due, written)
        event.remove(db.engine, "before_cursor_execute", note)
        words, values = next(each for each in asked if "told_waits" in each[0])
        if db.engine.dialect.name == "sqlite":
            plan = str(db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values).all())
            assert "ix_waits_person" in plan
            assert "SCAN waits" not in plan

"""A forgotten password: the mailed link, once and for an hour; nobody learns who has an account."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from reviewflow.domain.one_time_codes import code_of, step_at
from reviewflow.domain.passwords import RESET_LASTS
from reviewflow.domain.throttling import PATIENCE, Counted
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.outbox import ResetLink
from reviewflow.queries import sessions
from reviewflow.queries.credentials import new_key
from reviewflow.services import credentials, one_time_codes, outbox, resets
from tests.factories.task_forces import PASSWORD
from tests.support.desk import BEGIN, MAIL, Stage, session_of
from tests.support.visitors import Visitor

NAME, NEW = "astana-lead", "seven small green umbrellas"
SECOND = timedelta(seconds=1)


def ask(app: Flask, email: str) -> tuple[int, str]:
    """Fill in the form; status and page of the answer."""
    visitor = Visitor(app.test_client(), "uskz")
    visitor.get("/desk/forgotten/")
    answer = visitor.post("/desk/forgotten/", {"email": email})
    return answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)


def link(app: Flask) -> str:
    """The path in the newest mail that waits."""
    with app.app_context():
        found = re.search(r"http://127.0.0.1:8000(/\S+)", outbox.waiting()[-1].body)
    assert found
    return found[1]


def choose(app: Flask, path: str, password: str) -> int:
    visitor = Visitor(app.test_client(), "uskz")
    visitor.get(path)
    return visitor.post(path, {"new_password": password}).status_code


def can_sign_in(app: Flask, email: str, password: str) -> bool:
    visitor = Visitor(app.test_client(), "uskz")
    visitor.get("/desk/sign-in")
    return visitor.post("/desk/sign-in", {"email": email, "password": password}).status_code == 302


def test_link_changes_the_password_once_and_ends_every_session(app: Flask, stage: Stage) -> None:
    email = stage.cast.emails[NAME]
    with clock.set_to(BEGIN):
        inside = stage.sign_in(NAME)
        assert ask(app, f" {email.upper()}")[0] == 200
        other = link(app)
        assert ask(app, email)[0] == 200
        path = link(app)
        with app.app_context():
            assert [mail.recipient for mail in outbox.waiting()] == [email, email]
            secrets = db.session.scalars(select(ResetLink.secret_hash)).all()
        assert not any(secret in path for secret in secrets)
        assert choose(app, path, "short") == 422
        assert choose(app, path, "Astana Lead Astana") == 422
        assert inside.get("/desk/uskz/").status_code == 200
        assert choose(app, path, NEW) == 302
        assert inside.get("/desk/uskz/").status_code == 302
        assert (can_sign_in(app, email, PASSWORD), can_sign_in(app, email, NEW)) == (False, True)
        for used in (path, other, "/desk/forgotten/none"):
            assert app.test_client().get(used).status_code == 404
        assert can_sign_in(app, email, NEW)


def test_link_is_of_use_for_an_hour(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        ask(app, stage.cast.emails[NAME])
        path = link(app)
    with clock.set_to(BEGIN + RESET_LASTS):
        assert app.test_client().get(path).status_code == 200
    with clock.set_to(BEGIN + RESET_LASTS + SECOND):
        assert choose(app, path, NEW) == 404
        with app.app_context():
            assert outbox.waiting() == []


def test_link_is_dead_once_the_password_is_changed_in_the_account(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        stage.sign_in(NAME)
        ask(app, stage.cast.emails[NAME])
        path = link(app)
        with app.app_context():
            (session,) = sessions.sessions_of(stage.cast[NAME].person_id)
            credentials.change_password(session, NEW, MAIL)
        assert app.test_client().get(path).status_code == 404


def test_what_is_no_address_is_answered_in_words(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        status, page = ask(app, "nobody\x00@example.org")
    assert (status, "Enter your e-mail address." in page) == (422, True)


def test_what_is_asked_of_the_database_does_not_tell_who_has_an_account(app: Flask, stage: Stage) -> None:
    asked = []
    for email in (stage.cast.emails[NAME], "nobody@example.org"):
        with clock.set_to(BEGIN), app.app_context(), stage.counted() as statements:
            resets.ask(email, "192.0.2.1", lambda secret: ("Subject", secret))
        asked.append([re.sub(r"-- .*", "", statement) for statement in statements])
    assert asked[0] == asked[1]
    with clock.set_to(BEGIN), app.app_context():
        assert [mail.recipient for mail in outbox.waiting()] == [stage.cast.emails[NAME]]


def test_answer_does_not_tell_who_has_an_account(app: Flask, stage: Stage) -> None:
    known, unknown = stage.cast.emails[NAME], "nobody@example.org"
    with clock.set_to(BEGIN):
        answers = [
            [ask(app, email) for _ in range(PATIENCE[Counted.RESET].free + 2)] for email in (known, unknown)
        ]
        assert answers[0][:-1] == answers[1][:-1]
        assert [status for status, _ in answers[0]] == [status for status, _ in answers[1]]
        assert answers[1][-1][0] == 429
        with app.app_context():
            assert {mail.recipient for mail in outbox.waiting()} == {known}


def test_link_is_no_way_round_a_one_time_code(app: Flask, stage: Stage) -> None:
    email, person = stage.cast.emails[NAME], stage.cast[NAME].person_id
    with clock.set_to(BEGIN):
        with app.app_context():
            key = app.config["SECRET_KEY"]
            one_time_codes.begin(person, key)
            secret = new_key(person, key)
            assert secret is not None
            one_time_codes.confirm(session_of(person), code_of(secret, step_at(BEGIN)), key, MAIL)
        ask(app, email)
        assert choose(app, link(app), NEW) == 302
        visitor = Visitor(app.test_client(), "uskz")
        visitor.get("/desk/sign-in")
        half = visitor.post("/desk/sign-in", {"email": email, "password": NEW})
        assert half.location.startswith("/desk/sign-in/code")
        assert visitor.get("").status_code == 302


def test_operator_reads_what_waits(app: Flask, stage: Stage) -> None:
    email = stage.cast.emails[NAME]
    with clock.set_to(BEGIN):
        ask(app, email)
        told = app.test_cli_runner().invoke(args=["outbox"]).output
    assert (f"To: {email}" in told, link_is_in(told), "Waiting: 1." in told) == (True, True, True)


def link_is_in(text: str) -> bool:
    return "http://127.0.0.1:8000/desk/forgotten/" in text

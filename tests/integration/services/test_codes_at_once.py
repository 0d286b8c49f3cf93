"""A code that is sent several times at the same instant counts once, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from flask import Flask

from reviewflow.domain.one_time_codes import code_of, step_at
from reviewflow.gateways import clock
from reviewflow.queries.credentials import new_key
from reviewflow.services import one_time_codes
from tests.factories.task_forces import make_task_force
from tests.support.desk import MAIL, session_of

AT = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)
KEY = "what secrets are sealed under"


def test_code_sent_several_times_at_once_counts_once(app: Flask) -> None:
    with app.app_context(), clock.set_to(AT):
        person = make_task_force()["astana-lead"].person_id
        one_time_codes.begin(person, KEY)
        secret = new_key(person, KEY)
        assert secret is not None
        assert new_key(person, "another key") is None
        recovery = one_time_codes.confirm(session_of(person), code_of(secret, step_at(AT)), KEY, MAIL)
    later = AT + timedelta(minutes=1)
    for typed in (code_of(secret, step_at(later)), recovery[0]):
        assert _sent_at_once(app, person, typed, later).count(True) == 1
    with app.app_context(), clock.set_to(later):
        assert not one_time_codes.prove(person, code_of(secret, step_at(later) + 1), "another key")


def _sent_at_once(app: Flask, person: int, typed: str, at: datetime) -> list[bool]:
    proved: list[bool] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        with app.app_context(), clock.set_to(at):
            proved.append(one_time_codes.prove(person, typed, KEY))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return proved

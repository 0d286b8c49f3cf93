"""The desk as a stage for tests: a cast that signs in, acts at known instants, and a count of statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from reviewflow.domain.sessions import Session
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.queries import sessions as read
from reviewflow.services import sessions
from tests.factories.task_forces import PASSWORD, Cast, make_task_force

#: When the acts of a test begin.
BEGIN = datetime(2009, 10, 1, 8, 0, tzinfo=UTC)


#: Subject and text of a mail that no test reads.
MAIL = ("Subject", "Text")


def session_of(person_id: int) -> Session:
    """A session of a person that has just begun, as a service asks for one."""
    sessions.begin(person_id, "")
    return max(read.sessions_of(person_id), key=lambda session: session.id)


class Stage:
    """A task force of two groups in an application's database, and the people in it."""

    def __init__(self, app: Flask, *, slug: str = "uskz", groups: int = 2) -> None:
        self.app = app
        with app.app_context():
            self.cast: Cast = make_task_force(slug, groups=groups)

    def sign_in(self, name: str) -> FlaskClient:
        """A client in which somebody of the cast has signed in through the form."""
        client = self.app.test_client()
        form = client.get("/desk/sign-in").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert token, "the page has no form"
        answer = client.post(
            "/desk/sign-in",
            data={"email": self.cast.emails[name], "password": PASSWORD, "csrf_token": token[1]},
        )
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return client

    def at(self, hours: float, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a use-case some hours after `BEGIN`: `stage.at(5, propose, actor, key, 1)`."""
        with self.app.app_context(), clock.set_to(BEGIN + timedelta(hours=hours)):
            return use_case(*args, **kwargs)

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Collect the SQL statements of a block; the begin of a transaction is no statement."""
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith("BEGIN"):
                statements.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

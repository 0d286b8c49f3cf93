"""What PostgreSQL alone can tell: what reading leaves behind, and what is locked before what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, select, text

from config import Config
from reviewflow.app import create_app
from reviewflow.domain.actors import Role
from reviewflow.domain.relations import corrigendum_to
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import TaskForce
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.services import memberships, recommendations
from reviewflow.services.transaction import transaction
from tests.factories.publications import published_text
from tests.factories.task_forces import content, make_task_force
from tests.support.postgres import drop_postgres, postgres_url


@pytest.fixture
def postgres_app(postgres_template: str) -> Iterator[Flask]:
    url = postgres_url(postgres_template)
    app = create_app(Config(database_url=url, secret_key="a key for the tests only, long enough"))
    yield app
    with app.app_context():
        db.engine.dispose()
    drop_postgres(url)


_PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM task_forces%'")


def test_statements_that_were_prepared_outlive_requests_and_transactions(postgres_app: Flask) -> None:
    for _ in range(8):
        with postgres_app.app_context():
            db.session.execute(select(TaskForce.slug)).all()
            with transaction() as work:
                work.session.execute(select(TaskForce.name)).all()
    with postgres_app.app_context():
        assert db.session.scalar(_PREPARED) == 2


def test_reading_over_a_connection_that_breaks_ends_quietly(postgres_app: Flask) -> None:
    with postgres_app.app_context():
        backend = db.session.scalar(text("SELECT pg_backend_pid()"))
        other = create_engine(db.engine.url)
        with other.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend})
        other.dispose()
        db.session.close()
        assert db.session.execute(select(TaskForce.slug)).all() == []


def test_seats_change_holding_what_is_corrected_from_the_first_lock_on(postgres_app: Flask) -> None:
    """Who publishes the corrigendum locks its original first; taken later, both would wait for each other."""
    with postgres_app.app_context():
        cast = make_task_force()
        original = published_text(cast, "A timetable")
        recommendations.create_recommendation(
            cast["washington-lead"], content("Rightly"), follows=corrigendum_to(original)
        )
        other, free = create_engine(db.engine.url), list[list[str]]()
        asked = select(Recommendation.key).with_for_update(skip_locked=True)

        def look(*told: object) -> None:
            if "FROM recommendations" in str(told[2]) and "FOR UPDATE" in str(told[2]):
                with other.connect() as connection:
                    free.append(list(connection.scalars(asked)))

        event.listen(db.engine, "after_cursor_execute", look)
        memberships.change_role(cast["washington-lead"], cast["washington-observer"].person_id, Role.EXPERT)
        event.remove(db.engine, "after_cursor_execute", look)
        other.dispose()
        assert free
        assert free[0] == []

"""What only reads leaves its connection as useful as it was, and a connection that breaks is no error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from config import Config
from reviewflow.app import create_app
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import TaskForce
from reviewflow.services.transaction import transaction
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

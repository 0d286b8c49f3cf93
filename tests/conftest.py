"""Fixtures: an application on each database, and a small task force to act in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine
from sqlalchemy.orm import close_all_sessions

from config import Config
from reviewflow.app import create_app
from reviewflow.persistence import schema
from reviewflow.persistence.db import db
from tests.support.postgres import drop_postgres, postgres_url

# A search takes as long as the machine is busy: how long is no reason to fail.
settings.register_profile("reviewflow", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reviewflow")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the current schema, made by the migrations, to be copied for each test."""
    path = tmp_path_factory.mktemp("template") / "reviewflow.db"
    engine = create_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The same on PostgreSQL; nobody is connected to it, so that it can be copied."""
    url = postgres_url()
    engine = create_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[str]:
    """An empty database at the current schema, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "reviewflow.db"
        shutil.copy(sqlite_template, path)
        yield f"sqlite:///{path}"
        return
    url = postgres_url(request.getfixturevalue("postgres_template"))
    yield url
    drop_postgres(url)


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """The application; no context is left open, or one person would be served as another."""
    key = "a key for the tests only, long enough"
    contact = "mailto:security@example.org"
    config = Config(database_url=database_url, secret_key=key, security_contact=contact, testing=True)
    application = create_app(config)
    yield application
    with application.app_context():
        close_all_sessions()
        db.engine.dispose()

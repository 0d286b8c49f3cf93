"""Fixtures: one Chromium for all, and for each test a server with a task force and its people."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy.orm import close_all_sessions

from config import Config
from reviewflow.app import create_app
from reviewflow.persistence.db import db
from tests.browser.people import Member, Reader
from tests.factories.task_forces import PASSWORD
from tests.support.browser import context_factory, launched_browser, serve
from tests.support.desk import Stage


class House:
    """A server with a small task force, and the people who come to it."""

    def __init__(self, stage: Stage, address: str, new_context: Callable[..., BrowserContext]) -> None:
        self.stage = stage
        self.address = address
        self._new_context = new_context
        self._people: list[Reader] = []

    def member(self, name: str, *, scripts: bool = True) -> Member:
        """Somebody of the cast, at a browser of their own; not signed in yet."""
        cast = self.stage.cast
        return self.somebody(cast.slug, cast.emails[name], PASSWORD, scripts=scripts)

    def somebody(self, task_force: str, email: str, password: str, *, scripts: bool = True) -> Member:
        """A member of any task force, likewise."""
        context = self._new_context(java_script_enabled=scripts)
        member = Member(context, self.address, task_force, email, password)
        self._people.append(member)
        return member

    def reader(self, *, scripts: bool = True) -> Reader:
        """Somebody of the public."""
        reader = Reader(self._new_context(java_script_enabled=scripts), self.address)
        self._people.append(reader)
        return reader

    def complaints(self) -> list[str]:
        """Everything that went wrong in any browser."""
        return [complaint for person in self._people for complaint in person.complaints]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium."""
    with launched_browser() as launched:
        yield launched


@pytest.fixture
def database_url(tmp_path: Path, sqlite_template: Path) -> str:
    """Pages are the same on every database, so the browser sees one of them."""
    path = tmp_path / "reviewflow.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """The application as it is served, with protection against forged forms."""
    application = create_app(Config(database_url=database_url, secret_key="a key for the browser tests only"))
    yield application
    with application.app_context():
        close_all_sessions()
        db.engine.dispose()


@pytest.fixture
def house(app: Flask, browser: Browser) -> Iterator[House]:
    """The server and its people; no page may have complained when the test ends."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    stage = Stage(app)
    with serve(app) as address, context_factory(browser) as new_context:
        people = House(stage, address, new_context)
        yield people
        assert people.complaints() == []

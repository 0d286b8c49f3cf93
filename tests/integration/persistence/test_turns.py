"""Writers of a SQLite file stand in one queue, and whoever ends their work leaves it."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest
from flask import Flask

from config import Config
from reviewflow.app import create_app
from reviewflow.persistence.db import db
from reviewflow.services.transaction import transaction


@pytest.fixture
def sqlite_app(tmp_path: Path, sqlite_template: Path) -> Flask:
    """An application on a SQLite file of its own."""
    shutil.copy(sqlite_template, tmp_path / "reviewflow.db")
    url = f"sqlite:///{tmp_path / 'reviewflow.db'}"
    return create_app(Config(database_url=url, secret_key="a key for the tests only, long enough"))


def _is_free(tmp_path: Path) -> bool:
    with (tmp_path / "reviewflow.db-queue").open() as queue:
        try:
            fcntl.flock(queue, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_a_writer_holds_the_queue_until_its_commit(sqlite_app: Flask, tmp_path: Path) -> None:
    with sqlite_app.app_context():
        with transaction():
            assert not _is_free(tmp_path)
        assert _is_free(tmp_path)
        db.engine.dispose()


def test_a_writer_that_fails_leaves_the_queue(sqlite_app: Flask, tmp_path: Path) -> None:
    with sqlite_app.app_context():
        with pytest.raises(ZeroDivisionError), transaction():
            raise ZeroDivisionError
        assert _is_free(tmp_path)
        db.engine.dispose()


def test_a_queue_that_cannot_be_opened_stops_no_writer(sqlite_app: Flask, tmp_path: Path) -> None:
    (tmp_path / "reviewflow.db-queue").symlink_to(tmp_path / "nowhere" / "queue")
    with sqlite_app.app_context():
        with transaction() as work:
            assert work.session.connection().exec_driver_sql("SELECT 1").scalar_one() == 1
        db.engine.dispose()

"""`reviewflow db`: bringing the database to the current schema, and checking that it is there."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewflow.cli.running import in_app

if TYPE_CHECKING:
    from sqlalchemy import Engine


@click.group()
def db() -> None:
    """Make the database, bring it up to date, check it."""


@db.command()
@in_app
def upgrade() -> None:
    """Make the database if there is none, and run every migration that it lacks.

    Safe to run again: when nothing is missing, nothing happens.
    """
    from reviewflow.persistence import schema
    from reviewflow.persistence.db import db as database

    engine = database.engine
    if path := _file_of(engine):
        path.parent.mkdir(parents=True, exist_ok=True)
    schema.upgrade(engine)
    click.echo(f"The database is up to date: {engine.url.render_as_string()}")


@db.command()
@in_app
def check() -> None:
    """Check that the migrations make exactly what the models say, with every barrier in place.

    This is tried on a temporary database, and on the configured one if it exists. Exit code 1 if
    anything differs.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.engine import URL

    from reviewflow.persistence import schema
    from reviewflow.persistence.db import db as database

    with tempfile.TemporaryDirectory() as folder:
        trial = create_engine(URL.create("sqlite", database=str(Path(folder) / "trial.db")))
        try:
            schema.upgrade(trial)
            sound = _tell("The migrations", schema.differences(trial))
        finally:
            trial.dispose()
    if _exists(database.engine):
        sound = _tell("The configured database", schema.differences(database.engine)) and sound
    else:
        click.echo("The configured database has not been made yet.")
    if not sound:
        sys.exit(1)


def _tell(subject: str, differences: list[str]) -> bool:
    verb = "agree" if subject.endswith("s") else "agrees"
    if not differences:
        click.echo(f"{subject} {verb} with the models, and every barrier is in place.")
        return True
    click.echo(f"{subject} differ from the models:" if verb == "agree" else f"{subject} differs:", err=True)
    for difference in differences:
        click.echo(f"  {difference}", err=True)
    return False


def _file_of(engine: Engine) -> Path | None:
    """The file of a SQLite database; None for one in memory or on a server."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name)


def _exists(engine: Engine) -> bool:
    """Whether the database has ever been migrated; asking must not make an empty file."""
    from sqlalchemy import inspect

    path = _file_of(engine)
    if path is not None and not path.exists():
        return False
    return inspect(engine).has_table("alembic_version")

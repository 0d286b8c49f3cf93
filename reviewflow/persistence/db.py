"""The database handle, and what each connection needs for the promise to hold on SQLite."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Delete,
    Dialect,
    Engine,
    ExceptionContext,
    Index,
    MetaData,
    Table,
    delete,
    event,
    select,
    text,
    tuple_,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from reviewflow.domain.errors import NotFound


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class _Session(Session):
    """A session whose reading ends with COMMIT.

    After a ROLLBACK the driver of PostgreSQL forgets every statement that it has prepared, and planning
    them anew costs more than running them. What is written has ended before: `transaction` sees to that.
    """

    def close(self) -> None:
        self.expunge_all()
        with suppress(DBAPIError):  # A connection that broke has nothing to end.
            if self.is_active:
                self.commit()
        super().close()


db = SQLAlchemy(
    model_class=Base,
    session_options={"class_": _Session, "expire_on_commit": False, "autoflush": False},
    # What a statement that fails would have stored, texts and links in mails, is not for the log.
    engine_options={"hide_parameters": True},
)

#: The execution option that makes a SQLite transaction take the write lock when it begins.
WRITES = "reviewflow_writes"


def table_of(model: type[Any]) -> Table:
    """The table of a model, for what is written without objects.

    A statement that is made once, of tables, costs a fifth of one that the ORM is asked to put together.
    """
    return cast(Table, model.__table__)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of those rows only for which `where` holds, which is an expression of SQL.

    Both databases have it from their migration. Here SQLite's stands for both: to name PostgreSQL's would
    load all that speaks to it wherever the application starts.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


def forgetting(table: Table, over: ColumnElement[bool]) -> Delete:
    """Delete what is over, whoever's it was, on the way of something else.

    A row that somebody holds is left for the next one: who forgets waits for nobody, and so two who do it
    at once never wait for each other.
    """
    key = tuple_(*table.primary_key.columns)
    free = select(*table.primary_key.columns).where(over).with_for_update(skip_locked=True)
    return delete(table).where(key.in_(free))


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; naive values are refused with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware UTC on the way out; SQLite gives it back without a zone."""
        if value is None:
            return None
        stored: datetime = value
        return stored.astimezone(UTC) if stored.tzinfo else stored.replace(tzinfo=UTC)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Foreign keys, WAL, patience, and triggers that INSERT OR REPLACE cannot slip past.

    The cache of 512 KB is a connection's own, one for each thread; the system's is common to all.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we send BEGIN ourselves, see _begin
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "busy_timeout=10000",
        "recursive_triggers=ON",
        "trusted_schema=OFF",
        "cache_size=-512",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """Without a BEGIN before the first SELECT, SQLite loses updates silently."""
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@event.listens_for(Engine, "handle_error")
def _find_no_nul(context: ExceptionContext) -> None:
    """A key with a NUL in it names nothing: SQLite finds none, PostgreSQL can't even be asked."""
    asked = context.parameters
    values = asked.values() if isinstance(asked, dict) else asked if isinstance(asked, tuple) else ()
    if any(isinstance(value, str) and "\x00" in value for value in values):
        raise NotFound() from context.original_exception


@contextmanager
def turn_to_write() -> Iterator[None]:
    """Wait for one's turn among the writers of a SQLite file, and give it on at the end (ADR 9).

    SQLite lets a second writer ask again and again, at last every 100 ms; here it is woken. The promise
    does not hang on it: who can't open the queue, or knows nothing of it, waits as SQLite does.
    """
    path = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    queue = None
    if path and path != ":memory:":
        with suppress(OSError):
            # Opened anew each time: a lock belongs to one opening, and threads and forks would share it.
            queue = os.open(f"{path}-queue", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if queue is not None:
            fcntl.flock(queue, fcntl.LOCK_EX)
        yield
    finally:
        if queue is not None:
            os.close(queue)  # the kernel wakes the next one, also if this process dies

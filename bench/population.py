"""Databases of a given size: a few items go the whole way through the services, the rest are their copies.

The copies are written straight into the tables of the bench's own database, whose barriers are taken
down for that moment and put up again afterwards: a barrier cannot know that a whole history is
loaded at once. Every copy has a text, digest, symbol and key of its own, and its events continue the chain.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, select

from bench.steps import SLUG, TEXT
from config import Config
from reviewflow.app import create_app
from reviewflow.domain.audit import Link
from reviewflow.domain.ballots import Stand
from reviewflow.domain.manifest import Manifest
from reviewflow.gateways import clock
from reviewflow.persistence import schema, search
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.publication import Publication
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import Cast, content, make_task_force

SECRET_KEY = "a key for measurements only, long enough to be accepted"  # noqa: S105 - it signs nothing real
_BEGIN = datetime(2009, 10, 1, 8, 0, tzinfo=UTC)
#: Each copy happened so much earlier than the one before.
_STEP = timedelta(minutes=7)

#: The tables of one item, each after those that it refers to; the second column names its own number.
_TABLES = (
    ("recommendations", "id"),
    ("versions", "id"),
    ("version_subjects", None),
    ("symbols", None),
    ("ballots", "id"),
    ("ballot_voters", None),
    ("positions", "id"),
    ("agreements", "id"),
    ("approvals", "id"),
    ("publications", "id"),
    ("publication_addressees", None),
    ("publication_commitments", None),
    ("public_pages", None),
    ("waits", None),
    ("events", "id"),
)
#: Columns that refer to a row which is copied too, and the table that it is in.
_REFERENCES = {
    "recommendation_id": "recommendations",
    "version_id": "versions",
    "ballot_id": "ballots",
    "publication_id": "publications",
}
#: How the rows of one item are found.
_FOUND = {
    "recommendations": "id = ?",
    "version_subjects": "version_id IN (SELECT id FROM versions WHERE recommendation_id = ?)",
    "ballot_voters": "ballot_id IN (SELECT id FROM ballots WHERE recommendation_id = ?)",
    "publication_addressees": "publication_id IN (SELECT id FROM publications WHERE recommendation_id = ?)",
    "publication_commitments": "publication_id IN (SELECT id FROM publications WHERE recommendation_id = ?)",
    "public_pages": (
        "substr(path, 1, 1) <> '?' AND publication_id IN"
        " (SELECT id FROM publications WHERE recommendation_id = ?)"
    ),
}


def application(url: str) -> Flask:
    """The product on a database."""
    return create_app(Config(database_url=url, secret_key=SECRET_KEY))


def create(url: str) -> Cast:
    """A database at the current schema, with a task force: a lead, two experts and an observer a group."""
    engine = create_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    app = application(url)
    with app.app_context():
        cast = make_task_force(SLUG, groups=2, experts=2)
        db.engine.dispose()
    return cast


def populate(path: Path, published: int, waiting: int) -> Cast:
    """A SQLite file with so many published and so many waiting items."""
    url = f"sqlite:///{path}"
    cast = create(url)
    app = application(url)
    with app.app_context():
        samples = [_sample(cast, number, whole=True) for number in range(3)] if published else []
        open_ones = [_sample(cast, number + 3, whole=False) for number in range(3)] if waiting else []
        db.engine.dispose()
    connection = sqlite3.connect(path)
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=OFF")
    with _barriers_down(connection):
        copier = _Copier(connection)
        copier.copy(samples, published - len(samples))
        copier.copy(open_ones, waiting - len(open_ones))
    connection.close()
    with app.app_context():
        _index()
        db.engine.dispose()
    connection = sqlite3.connect(path)
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return cast


def _index() -> None:
    """The words of every publication, as publishing stores them."""
    with db.engine.execution_options(**{WRITES: True}).begin() as connection:
        for number, manifest in connection.execute(select(Publication.id, Publication.manifest)).all():
            search.put(connection, number, search.words_of(Manifest.from_bytes(manifest)))


def _sample(cast: Cast, number: int, *, whole: bool) -> str:
    """One item that went through the services: proposed, or the whole way to its public page."""
    author, expert, lead = cast["washington-expert-1"], cast["astana-expert-1"], cast["astana-lead"]
    dimension = ("human", "politico-military", "economic-environmental")[number % 3]
    words = content(f"A sample recommendation {number}", text=TEXT, dimension=dimension)
    with clock.set_to(_BEGIN + timedelta(minutes=number)):
        key = recommendations.create_recommendation(author, words)
        recommendations.propose(author, key, 1)
        if whole:
            deliberation.take_position(expert, key, 1, Stand.APPROVE)
            deliberation.take_position(lead, key, 1, Stand.NO_OBJECTION)
            deliberation.agree_to_version(lead, key, 1)
            publication.approve(cast["coordinator"], key, 1)
            publication.publish(cast["coordinator"], key, 1)
    return key


@contextmanager
def _barriers_down(connection: sqlite3.Connection) -> Iterator[None]:
    """Without the triggers, within one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        connection.execute(statement)
    connection.execute("COMMIT")


class _Copier:
    """Writes copies of items, some thousand rows at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._columns: dict[str, list[str]] = {}
        self._last: dict[str, int] = {}
        for table, number in _TABLES:
            columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
            self._columns[table] = [column[1] for column in columns]
            if number:
                newest = connection.execute(f"SELECT max(id) FROM {table}")  # noqa: S608 - names of ours
                self._last[table] = newest.fetchone()[0] or 0
        self._serial = 1000
        self._sequence, self._previous = connection.execute(
            "SELECT sequence, hash FROM chain_heads"
        ).fetchone()

    def copy(self, keys: list[str], count: int) -> None:
        """`count` copies, of each item in turn."""
        patterns = [self._pattern(key) for key in keys]
        for number in range(count):
            self._one(patterns[number % len(patterns)])
            if number % 2000 == 1999:
                self._write()
        self._write()
        self._connection.execute(
            "UPDATE chain_heads SET sequence = ?, hash = ?", (self._sequence, self._previous)
        )
        self._connection.execute(
            "UPDATE symbol_series SET last_number = max(last_number, ?)", (self._serial,)
        )

    def _pattern(self, key: str) -> dict[str, Any]:
        """All rows of an item, and the words in them that a copy has its own of."""
        rows: dict[str, list[dict[str, Any]]] = {}
        (item,) = self._connection.execute("SELECT id FROM recommendations WHERE key = ?", (key,)).fetchone()
        for table, _ in _TABLES:
            condition = _FOUND.get(table, "recommendation_id = ?")
            found = self._connection.execute(f"SELECT * FROM {table} WHERE {condition}", (item,))  # noqa: S608 - names of ours
            rows[table] = [dict(zip(self._columns[table], row, strict=True)) for row in found]
        return {"key": key, "rows": rows}

    def _one(self, pattern: dict[str, Any]) -> None:
        self._serial += 1
        rows = pattern["rows"]
        item, version = rows["recommendations"][0], rows["versions"][0]
        title = f"A recommendation numbered {self._serial}"
        manifest = version["manifest"].replace(version["title"].encode(), title.encode())
        swaps = [
            (version["title"], title),
            (version["title"].casefold(), title.casefold()),
            (version["title"].casefold().replace(" ", "-"), title.casefold().replace(" ", "-")),
            (version["digest"], hashlib.sha256(manifest).hexdigest()),
            (item["key"], f"{self._serial:012x}"),
        ]
        for symbol in (item["symbol"], item["final_symbol"]):
            if symbol:
                head, number = symbol.rsplit("/", 2)[0], symbol.rsplit("/", 2)[1]
                rest = symbol[len(head) + 1 + len(number) :]
                swaps.append((symbol, f"{head}/{self._serial}{rest}"))
                swaps.append((_slug(symbol), _slug(f"{head}/{self._serial}{rest}")))
        swaps.sort(key=lambda pair: -len(pair[0]))
        ids: dict[tuple[str, int], int] = {}
        for table, numbered in _TABLES:
            for row in rows[table]:
                copied = {name: self._value(value, swaps) for name, value in row.items()}
                if numbered:
                    self._last[table] += 1
                    ids[table, row["id"]] = copied["id"] = self._last[table]
                for column, target in _REFERENCES.items():
                    if copied.get(column) is not None:
                        copied[column] = ids[target, row[column]]
                if table == "recommendations" and copied["symbol_number"] is not None:
                    copied["symbol_number"] = self._serial
                if table == "events":
                    self._chain(copied)
                self._rows[table].append(tuple(copied.values()))

    def _value(self, value: Any, swaps: list[tuple[str, str]]) -> Any:
        if isinstance(value, str):
            if len(value) == 26 and value[4] == "-" and value[10] == " ":
                at = datetime.fromisoformat(value) - _STEP * (self._serial - 1000)
                return at.strftime("%Y-%m-%d %H:%M:%S.%f")
            for old, new in swaps:
                value = value.replace(old, new)
        elif isinstance(value, bytes):
            for old, new in swaps:
                value = value.replace(old.encode(), new.encode())
        return value

    def _chain(self, row: dict[str, Any]) -> None:
        self._sequence += 1
        # The key of the item is the same serial number, see above.
        link = Link(
            sequence=self._sequence,
            task_force=SLUG,
            item=f"{self._serial:012x}",
            event=row["name"],
            actor_id=row["actor_id"],
            at=datetime.fromisoformat(row["at"]).replace(tzinfo=UTC),
            version=row["version_number"],
            digest=row["digest"],
            data=json.loads(row["data"]),
            previous=self._previous,
            salt=row["salt"],
            shown=json.loads(row["shown"]) if row["shown"] else None,
        )
        row["sequence"], row["previous"], row["hash"] = self._sequence, self._previous, link.hash()
        self._previous = row["hash"]

    def _write(self) -> None:
        for table, _ in _TABLES:
            rows = self._rows.pop(table, [])
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names of ours


def _slug(symbol: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", symbol.lower())

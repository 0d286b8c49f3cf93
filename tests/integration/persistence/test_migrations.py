"""Migrations: what was recorded before one is there after it, with its barriers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from reviewflow.domain.manifest import Manifest, Wording
from reviewflow.domain.searching import ask
from reviewflow.persistence import schema, search
from tests.support.postgres import drop_postgres, postgres_url

_AT = "2009-10-14 09:05:00.000000"
#: One position, and what it refers to, as the first schema stored them.
_RECORDED = f"""
INSERT INTO task_forces (id, slug, name, symbol_prefix, description, disclaimer, notice)
    VALUES (1, 'uskz', 'Task Force', 'USKZ', '', '', '');
INSERT INTO working_groups
    (id, task_force_id, slug, ordinal, name, short_name, letter, city, time_zone, language, holiday_country)
    VALUES (1, 1, 'astana', 1, 'Astana', 'Astana', 'A', 'Astana', 'UTC', 'en', 'KZ');
INSERT INTO people (id, email, name, affiliation, password_hash, time_zone, language)
    VALUES (1, 'a@example.org', 'A', '', '', 'UTC', 'en');
INSERT INTO recommendations
    (id, key, task_force_id, group_id, kind, state, round, head_number, symbol_revision, holders, since,
     created_at)
    VALUES (1, 'key', 1, 1, 'recommendation', 'draft', 0, 1, 0, '[]', '{_AT}', '{_AT}');
INSERT INTO positions
    (id, recommendation_id, group_id, person_id, round, version_number, digest, stand, reason, taken_at)
    VALUES (1, 1, 1, 1, 1, 1, 'digest', 'object', 'Too vague.', '{_AT}');
INSERT INTO threads (id, key, recommendation_id, internal, version_number, quote, opened_at)
    VALUES (1, 'thread', 1, false, 1, '', '{_AT}');
INSERT INTO threads (id, key, recommendation_id, internal, version_number, paragraph, quote, opened_at)
    VALUES (2, 'placed', 1, false, 1, 3, 'A third.', '{_AT}')
"""


_MANIFEST = Manifest(
    "recommendation", "astana", "human", (), (), "ru", {"ru": Wording("Заголовок", "", "1. Ёлка.", "")}
).canonical_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A connection to a database without tables, on each engine in turn."""
    url = f"sqlite:///{tmp_path / 'old.db'}" if request.param == "sqlite" else postgres_url()
    engine = create_engine(url)
    yield engine
    engine.dispose()
    if request.param == "postgresql":
        drop_postgres(url)


def test_deliberation_keeps_what_was_recorded_and_its_barriers(engine: Engine) -> None:
    schema.upgrade(engine, "0001")
    with engine.begin() as connection:
        for statement in _RECORDED.split(";"):
            connection.execute(text(statement))
    schema.upgrade(engine)
    with engine.connect() as connection:
        kept = connection.execute(
            text("SELECT stand, reason, recorded_by, means FROM positions UNION ALL"
                 " SELECT kind, quote, NULL, '' FROM threads WHERE id = 1")
        ).all()  # fmt: skip
        assert [tuple(row) for row in kept] == [("object", "Too vague.", None, ""), ("comment", "", None, "")]
        places = connection.execute(
            text("SELECT thread_id, version_number, hold, paragraph, start_at FROM placements")
        )
        assert [tuple(row) for row in places] == [(2, 1, "exact", 3, None)]
    for change in ("UPDATE positions SET reason = 'forged'", "DELETE FROM positions"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))
    assert schema.differences(engine) == []


def _with_one_publication(engine: Engine, revision: str) -> None:
    schema.upgrade(engine, revision)
    on_table = " ON publications" if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        for statement in _RECORDED.split(";"):
            connection.execute(text(statement))
        # The barrier asks for the whole procedure, which is not what this is about.
        connection.execute(text(f"DROP TRIGGER publications_only_approved{on_table}"))
        connection.execute(
            text(
                "INSERT INTO publications (id, task_force_id, recommendation_id, symbol, slug,"
                " version_number, digest, manifest, title, summary, dimension, text_html, rationale_html,"
                " record, published_at)"
                " VALUES (1, 1, 1, 'S', 's', 1, 'd', :manifest, 'T', '', 'human', '', '', :record, :at)"
            ),
            {"manifest": _MANIFEST, "record": '{"commitments": ["madrid-media", "moscow-1991"]}', "at": _AT},
        )


def test_commitments_of_earlier_publications_are_listed(engine: Engine) -> None:
    _with_one_publication(engine, "0002")
    schema.upgrade(engine)
    listed = "SELECT publication_id, commitment FROM publication_commitments ORDER BY commitment"
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(listed))]
    assert rows == [(1, "madrid-media"), (1, "moscow-1991")]
    for change in (
        "UPDATE publication_commitments SET commitment = 'forged'",
        "DELETE FROM publication_commitments",
    ):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))


def test_earlier_publications_are_found_by_their_words(engine: Engine) -> None:
    _with_one_publication(engine, "0006")
    schema.upgrade(engine)
    for question, expected in (("елка", [1]), ("заголовок ёл", [1]), ("ели", [])):
        words, found, _ = search.found(engine.dialect.name, ask(question))
        with engine.connect() as connection:
            assert list(connection.scalars(select(words.c.rowid).where(found))) == expected
    before = schema.differences(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE search_words"))
    assert set(schema.differences(engine)) - set(before) == {"the index of words is missing"}

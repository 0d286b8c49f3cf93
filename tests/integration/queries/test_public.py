"""The public reads: their values, and how many statements they cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from reviewflow.gateways.lists import Filter
from reviewflow.persistence.db import db
from reviewflow.queries import public, public_lists
from reviewflow.services import documents
from tests.factories.publications import PUBLISHED_AT, published_text
from tests.factories.task_forces import make_task_force


@contextmanager
def counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement within the block: SQLAlchemy's, and those that `Reader` gives to the driver."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    plain = public.Reader._read

    def read(self: public.Reader, statement: str, parameters: tuple[str, ...]) -> list[Any]:
        statements.append(statement)
        return plain(self, statement, parameters)

    monkeypatch.setattr(public.Reader, "_read", read)
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
        monkeypatch.setattr(public.Reader, "_read", plain)


@pytest.mark.parametrize("texts", [1, 3])
def test_reads_cost_a_constant_number_of_statements(
    app: Flask, monkeypatch: pytest.MonkeyPatch, texts: int
) -> None:
    with app.app_context():
        cast = make_task_force()
        for number in range(texts):
            published_text(cast, f"Text {number}", at=PUBLISHED_AT + timedelta(days=number))
        documents.make_missing()
    client = app.test_client()
    cost = {}
    for address in (
        "/publications/uskz-rec-1-09-text-0",
        "/publications/uskz-rec-1-09-text-0.pdf",
        "/publications",
        "/browse/dimension/human/addressee/kazakhstan/commitment/madrid-elections",
        "/feed.atom",
        "/feed.json",
        "/",
        "/sitemap.xml",
        "/commitments",
        "/commitments.csv",
        "/search?q=text+ev&dimension=human&addressee=kazakhstan&commitment=madrid-elections",
        "/search?q=nothing",
        "/search",
    ):
        for visit in ("first", "later"):
            with counted(app, monkeypatch) as statements:
                assert client.get(address).status_code == 200
            cost[address, visit] = len(statements)
    assert cost == {
        ("/publications/uskz-rec-1-09-text-0", "first"): 1,
        ("/publications/uskz-rec-1-09-text-0", "later"): 1,
        ("/publications/uskz-rec-1-09-text-0.pdf", "first"): 1,
        ("/publications/uskz-rec-1-09-text-0.pdf", "later"): 1,
        ("/publications", "first"): 3,
        ("/publications", "later"): 1,
        ("/browse/dimension/human/addressee/kazakhstan/commitment/madrid-elections", "first"): 3,
        ("/browse/dimension/human/addressee/kazakhstan/commitment/madrid-elections", "later"): 1,
        ("/feed.atom", "first"): 2,
        ("/feed.atom", "later"): 1,
        ("/feed.json", "first"): 2,
        ("/feed.json", "later"): 1,
        ("/", "first"): 5,
        ("/", "later"): 1,
        ("/sitemap.xml", "first"): 3,
        ("/sitemap.xml", "later"): 1,
        ("/commitments", "first"): 3,
        ("/commitments", "later"): 1,
        ("/commitments.csv", "first"): 3,
        ("/commitments.csv", "later"): 1,
        ("/search?q=text+ev&dimension=human&addressee=kazakhstan&commitment=madrid-elections", "first"): 3,
        ("/search?q=text+ev&dimension=human&addressee=kazakhstan&commitment=madrid-elections", "later"): 3,
        ("/search?q=nothing", "first"): 3,
        ("/search?q=nothing", "later"): 3,
        ("/search", "first"): 2,
        ("/search", "later"): 2,
    }


def test_reader_survives_connections_that_the_server_has_closed(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
        reader = public.Reader()
        assert reader.page("uskz-rec-1-09-a-public-timetable") is not None
        if db.engine.dialect.name != "postgresql":
            return
        db.session.rollback()
        with db.engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert reader.page("uskz-rec-1-09-a-public-timetable") is not None


def test_stamp_changes_with_each_publication_and_no_other_act(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        reader = public.Reader()
        empty = reader.task_forces()
        assert [(t.slug, t.stamp) for t in empty] == [("uskz", None)]
        published_text(cast)
        one = reader.task_forces()
        assert one != empty
        assert reader.task_forces() == one
        published_text(cast, "Another")
        assert reader.task_forces() != one


def test_task_forces_see_their_own_publications_only(app: Flask) -> None:
    with app.app_context():
        first, second = make_task_force("uskz"), make_task_force("abcd")
        published_text(first, "Of the first")
        published_text(second, "Of the second")
        listed = public_lists.publications(second.task_force_id, Filter())
        assert [item.title for item in listed.items] == ["Of the second"]
        assert public_lists.overview(first.task_force_id).total == 1
    client = app.test_client()
    assert "Of the second" not in client.get("/publications").text
    assert "Of the second" in client.get("/browse/task_force/abcd").text
    assert "/browse/task_force/abcd" in client.get("/").text

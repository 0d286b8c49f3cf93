"""Documents of publications: made after the commit, once, whole or not at all, and never changed again."""

from __future__ import annotations

import hashlib
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from reviewflow import worker
from reviewflow.gateways import clock
from reviewflow.gateways.documents import formats
from reviewflow.gateways.pages import FORMATS
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.publication import PublicationDocument
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.queries import public
from reviewflow.services import documents, evidence, publication
from reviewflow.services.transaction import transaction
from tests.factories.publications import PUBLISHED_AT, published_text
from tests.factories.task_forces import make_task_force
from tests.support.packs import SECRET

PATH = "uskz-rec-1-09-a-public-timetable"


def stored() -> dict[tuple[int, str], str]:
    """The SHA-256 of the stored bytes, by publication and format."""
    rows = db.session.execute(select(PublicationDocument)).scalars().all()
    db.session.rollback()
    assert all(row.sha256 == hashlib.sha256(row.body).hexdigest() for row in rows)
    return {(row.publication_id, row.format): row.sha256 for row in rows}


def test_worker_makes_what_is_missing_oldest_first_and_then_rests(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for number in (2, 1, 3):
            published_text(cast, f"Text {number}", at=PUBLISHED_AT + timedelta(days=number))
        assert stored() == {}
        assert documents.missing() == [2, 1, 3]
        assert documents.make_missing(1) == 1
        assert {publication for publication, _ in stored()} == {2}
    assert (worker.look(app), worker.look(app)) == (5, 0)
    with app.app_context():
        assert set(stored()) == {
            (publication, name) for publication in (1, 2, 3) for name in (*formats.MAKERS, "evidence")
        }
        assert documents.missing() == []


def test_publishing_makes_no_document(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
        assert stored() == {}


def test_server_loads_no_maker() -> None:
    """A server's memory is many times that of a maker that it would never use."""
    loads = (
        "import sys; from reviewflow.app import create_app; import reviewflow.cli;"
        " loaded = {'typst', 'reviewflow.gateways.documents'} & set(sys.modules);"
        " sys.exit(', '.join(loaded) or 0)"
    )
    subprocess.run([sys.executable, "-c", loads], check=True)


def test_documents_made_again_are_the_same_whatever_has_changed_since(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        documents.make_missing()
        before = stored()
        with transaction() as work:
            for person in work.session.scalars(select(Person)):
                person.name = f"{person.name}, Dr."
        publication.retract(cast["coordinator"], key, 1, "Wrong.")
        paper = documents._paper(1)
        with clock.set_to(PUBLISHED_AT + timedelta(days=4_000)):
            again = {(1, document.format): document.sha256 for document in formats.documents_of(paper)}
        assert again == before
        assert documents.make_documents(1) == 0
        assert stored() == before


def test_two_workers_at_once_store_everything_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for number in range(4):
            published_text(cast, f"Text {number}", at=PUBLISHED_AT + timedelta(days=number))
    start = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            start.wait()
            documents.make_missing()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(stored()) == 4 * len(formats.MAKERS)
        assert documents.missing() == []


@dataclass(frozen=True, slots=True)
class _Unwilling:
    """A maker that fails for one text."""

    title: str

    def __call__(self, paper: formats.Paper) -> bytes:
        if paper.title == self.title:
            raise ValueError("an unforeseen text")
        return b"made"


def test_text_that_can_not_be_made_leaves_nothing_half_and_delays_no_other(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    makers = {**formats.MAKERS, "json": ("application/json", _Unwilling("First"))}
    monkeypatch.setattr(formats, "MAKERS", makers)
    with app.app_context():
        cast = make_task_force()
        published_text(cast, "First")
        published_text(cast, "Second", at=PUBLISHED_AT + timedelta(days=1))
        with caplog.at_level(logging.ERROR):
            assert documents.make_missing(1) == 1
        assert "the documents of publication 1 could not be made" in caplog.text
        assert {publication for publication, _ in stored()} == {2}
        answer = app.test_cli_runner().invoke(args=["documents", "make"])
        assert (answer.exit_code, "1 could not be made" in answer.output) == (1, True)
        monkeypatch.undo()
        assert documents.make_missing() == 1


def test_format_that_comes_later_is_added_and_the_others_stay(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = {name: maker for name, maker in formats.MAKERS.items() if name != "epub"}
    with app.app_context():
        published_text(make_task_force())
        monkeypatch.setattr(formats, "MAKERS", fewer)
        monkeypatch.setattr(documents, "MAKERS", fewer)
        assert documents.make_missing() == 1
        before = stored()
        monkeypatch.undo()
        assert documents.missing() == [1]
        assert documents.make_documents(1) == 1
        after = stored()
        assert {name for _, name in after} - {name for _, name in before} == {"epub"}
        assert before.items() <= after.items()


def test_page_offers_documents_once_they_are_made_also_after_a_retraction(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        assert "are being prepared" in public.Reader().page(PATH).body.decode()
        documents.make_missing()
        offered = public.publication_view(db.session(), 1).documents
        db.session.rollback()
        assert [made.format for made in offered] == list(FORMATS)
        publication.retract(cast["coordinator"], key, 1, "Wrong.")
        page = public.Reader().page(PATH).body.decode()
    assert "are being prepared" not in page
    assert "Retracted" in page
    for made in offered:
        assert f'<a href="/publications/{PATH}.{made.format}">' in page
        assert made.sha256 in page


def test_retraction_before_the_documents_stays_on_the_page(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        publication.retract(cast["coordinator"], key, 1, "A wrong figure.")
        documents.make_missing()
        assert "A wrong figure." in public.Reader().page(PATH).body.decode()


def test_retraction_and_documents_at_once_are_both_on_the_page(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        keys = [published_text(cast, f"Text {number}") for number in range(5)]
    for number, key in enumerate(keys, start=1):
        start = threading.Barrier(2)

        def run(act: str, key: str = key, number: int = number, start: threading.Barrier = start) -> None:
            with app.app_context():
                start.wait()
                if act == "retract":
                    publication.retract(cast["coordinator"], key, 1, "A wrong figure.")
                else:
                    documents.make_documents(number)
                db.session.remove()

        threads = [threading.Thread(target=run, args=(act,)) for act in ("retract", "make")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with app.app_context():
            view = public.publication_view(db.session(), number)
            page = public.Reader().page(view.path).body.decode()
        assert "A wrong figure." in page
        assert "are being prepared" not in page


def test_changed_document_is_named_by_the_audit(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
        documents.make_missing()
    sound = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert (sound.exit_code, "7 documents, each with the digest" in sound.output) == (0, True)
    with app.app_context(), db.engine.begin() as connection:
        on_table = "" if db.engine.dialect.name == "sqlite" else " ON publication_documents"
        connection.exec_driver_sql(f"DROP TRIGGER publication_documents_no_update{on_table}")
        connection.execute(
            text("UPDATE publication_documents SET body = :body WHERE format = 'md'"), {"body": b"x"}
        )
    answer = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert answer.exit_code == 1
    assert "document USKZ.REC-1-09.md: the digest is" in answer.output


def test_worker_asks_about_what_publishing_marked_and_nothing_else(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        keys = [published_text(cast, f"Text {number}") for number in range(3)]
        assert documents.missing() == [1, 2, 3]
        documents.make_missing()
        # Complete but for the evidence: still marked, and no document is missing.
        assert (documents.missing(), marked()) == ([], keys)
        assert evidence.make_due(SECRET) == 3
        assert marked() == []
        # What lacks something without a mark, as after an upgrade, is found by taking stock.
        db.session.execute(text(f"DROP TRIGGER publication_documents_no_delete{on_documents()}"))
        db.session.execute(
            text("DELETE FROM publication_documents WHERE publication_id = 2 AND format = 'md'")
        )
        db.session.execute(
            text("DELETE FROM publication_documents WHERE publication_id = 3 AND format = 'evidence'")
        )
        db.session.commit()
        assert (documents.missing(), evidence.due(), documents.make_missing()) == ([], [], 0)
        documents.take_stock()
        assert (documents.missing(), evidence.due(), marked()) == ([2], [3], keys[1:])
        assert (documents.make_missing(), evidence.make_due(SECRET)) == (1, 1)
        # The evidence of one was there before its document: the mark goes with the last thing made.
        assert marked() == []


def marked() -> list[str]:
    db.session.rollback()
    found = select(Recommendation.key).where(Recommendation.documents_due.is_not(None))
    return list(db.session.scalars(found.order_by(Recommendation.id)))


def on_documents() -> str:
    return "" if db.engine.dialect.name == "sqlite" else " ON publication_documents"


def test_question_for_what_is_due_goes_by_the_marks(app: Flask) -> None:
    """The number of publications makes no difference; PostgreSQL plans by the few rows that there are."""
    asked: list[tuple[str, object]] = []
    with app.app_context():
        published_text(make_task_force())

        def note(_connection, _cursor, statement, parameters, *_rest) -> None:
            asked.append((statement, parameters))

        event.listen(db.engine, "before_cursor_execute", note)
        documents.missing()
        evidence.due()
        event.remove(db.engine, "before_cursor_execute", note)
        questions = [(words, values) for words, values in asked if words.startswith("SELECT")]
        assert len(questions) == 2
        if db.engine.dialect.name == "sqlite":
            for words, values in questions:
                plan = str(
                    db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values).all()
                )
                assert "ix_recommendations_documents_due" in plan
                assert "SCAN" not in plan

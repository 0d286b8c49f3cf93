"""Follow-up as it is recorded: rows, events, pages, and a publication that stays as it was."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, WrongState
from reviewflow.domain.follow_up import FollowUp, Implementation, ResponseKind, Source
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.follow_up import AssessmentRow, ResponseRow
from reviewflow.persistence.models.publication import Publication, PublicationDocument, PublicPage
from reviewflow.queries.follow_up import follow_up_of
from reviewflow.services import documents, follow_up, publication
from tests.factories.publications import PUBLISHED_AT, agreed_text, published_text
from tests.factories.task_forces import Cast, make_task_force

LATER = datetime(2010, 3, 1, 12, 0, tzinfo=UTC)
SOURCE = Source("Report", "https://example.org/report")


def _respond(cast: Cast, key: str, name: str = "coordinator", **changes: object) -> None:
    told: dict[str, object] = {
        "addressee": "kazakhstan",
        "kind": ResponseKind.UNDER_CONSIDERATION,
        "until": date(2010, 6, 1),
        "day": date(2010, 2, 1),
        "words": "We shall see.",
        "source": SOURCE,
    }
    with clock.set_to(LATER):
        follow_up.record_response(cast[name], key, **(told | changes))


def _assess(cast: Cast, key: str, name: str = "coordinator", **changes: object) -> None:
    told: dict[str, object] = {
        "implementation": Implementation.MOSTLY,
        "day": date(2010, 2, 1),
        "evidence": "A law.",
        "source": SOURCE,
    }
    with clock.set_to(LATER):
        follow_up.record_assessment(cast[name], key, **(told | changes))


def _bytes() -> list[object]:
    """Everything of publications that must stay as it was."""
    db.session.rollback()
    rows = db.session.execute(select(Publication.digest, Publication.manifest, Publication.text_html)).all()
    made = db.session.execute(select(PublicationDocument.format, PublicationDocument.sha256)).all()
    return [tuple(row) for row in [*rows, *made]]


def test_entries_stand_outside_of_the_publication_and_in_the_chain(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        documents.make_missing()
        before, page = _bytes(), db.session.scalars(select(PublicPage.body)).all()
        _respond(cast, key)
        _assess(cast, key)
        assert _bytes() == before
        assert db.session.scalars(select(PublicPage.body)).all() != page
        events = db.session.scalars(select(EventRow).order_by(EventRow.sequence.desc()).limit(2)).all()
        assert [(e.name, e.actor_id, e.at, e.version_number, e.digest, e.step) for e in events] == [
            (name, cast["coordinator"].person_id, LATER, 1, before[0][0], None)
            for name in ("record_assessment", "record_response")
        ]
        assert json.loads(events[1].data) == {
            "addressee": "kazakhstan",
            "response": "under_consideration",
            "until": "2010-06-01",
            "day": "2010-02-01",
            "reason": "We shall see.",
            "source_title": "Report",
            "source": "https://example.org/report",
        }
        recorded = follow_up_of(db.session(), 1)
        assert recorded.implementation is Implementation.MOSTLY
        given = recorded.response_of("kazakhstan")
        assert given is not None
        assert (given.kind, given.until, given.day, given.words, given.source) == (
            ResponseKind.UNDER_CONSIDERATION,
            date(2010, 6, 1),
            date(2010, 2, 1),
            "We shall see.",
            SOURCE,
        )


def test_correction_counts_and_the_earlier_entry_stays(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        _assess(cast, key)
        _assess(cast, key, implementation=Implementation.NOT, day=date(2010, 1, 1), is_correction=True)
        recorded = follow_up_of(db.session(), 1)
        assert recorded.implementation is Implementation.NOT
        assert [made.implementation for made in recorded.earlier_assessments] == [Implementation.MOSTLY]
        with pytest.raises(InvalidInput):
            _respond(cast, key, is_correction=True)


def test_what_is_refused_leaves_nothing(app: Flask) -> None:
    with app.app_context():
        cast, other = make_task_force(), make_task_force("abcd")
        key, waiting = published_text(cast), agreed_text(cast, "Not out yet")
        events = db.session.scalar(select(func.count()).select_from(EventRow))
        for record in (_respond, _assess):
            with pytest.raises(NotPermitted):
                record(cast, key, "astana-lead")
            with pytest.raises(NotFound):
                record(cast, key, "administrator")
            with pytest.raises(NotFound):
                record(other, key)
            with pytest.raises(NotFound):
                record(cast, "unknown")
            with pytest.raises(WrongState):
                record(cast, waiting)
            with pytest.raises(InvalidInput):
                record(cast, key, day=LATER.date() + timedelta(days=1))
            with pytest.raises(InvalidInput):
                record(cast, key, day=PUBLISHED_AT.date() - timedelta(days=1))
        with pytest.raises(InvalidInput):
            _respond(cast, key, addressee="united-states")
        publication.retract(cast["coordinator"], key, 1, "It was wrong.")
        for record in (_respond, _assess):
            with pytest.raises(WrongState):
                record(cast, key)
        assert follow_up_of(db.session(), 1) == FollowUp()
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(EventRow)) == (events or 0) + 1
        for table in (ResponseRow, AssessmentRow):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0

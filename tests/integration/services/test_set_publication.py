"""Publication at a set instant: by the clock, once, never before, and never around the rules."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow import worker
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotPermitted, StaleVersion, Unmet, WrongState
from reviewflow.domain.relations import successor_of
from reviewflow.domain.statements import StatementKind
from reviewflow.gateways import clock
from reviewflow.persistence.db import Base, db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication, PublicationNotice, PublicPage
from reviewflow.persistence.models.recommendations import Recommendation, Wait
from reviewflow.services import deliberation, publication, recommendations, statements
from tests.factories.task_forces import Cast, content, make_task_force
from tests.support.refusals import unmet_codes

NOW = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)
AT = NOW + timedelta(days=2)
TICK = timedelta(microseconds=1)


def _approved(cast: Cast, replaces: str | None = None) -> str:
    with clock.set_to(NOW):
        key = recommendations.create_recommendation(
            cast["washington-lead"], content(), follows=successor_of(replaces) if replaces else None
        )
        recommendations.propose(cast["washington-lead"], key, 1)
        for name in ("astana-lead", "astana-expert-1"):
            deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
        deliberation.agree_to_version(cast["astana-lead"], key, 1)
        publication.approve(cast["coordinator"], key, 1)
    return key


def _set(cast: Cast, at: datetime = AT) -> str:
    key = _approved(cast)
    with clock.set_to(NOW):
        publication.schedule(cast["coordinator"], key, 1, at)
    return key


def _row(key: str) -> Recommendation:
    db.session.rollback()
    return db.session.scalars(select(Recommendation).where(Recommendation.key == key)).one()


def test_text_is_published_by_the_clock_at_its_instant(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _set(cast)
        assert list(db.session.scalars(select(Wait))) == []
        with clock.set_to(AT - TICK):
            assert publication.publish_due() == 0
        with clock.set_to(AT):
            assert (publication.publish_due(), publication.publish_due()) == (1, 0)
        assert (_row(key).state, _row(key).publish_at) == ("published", None)
        published = db.session.scalars(select(Publication)).one()
        assert (published.published_by, published.published_at) == (None, AT)
        event = db.session.scalars(select(EventRow).where(EventRow.name == "publish")).one()
        assert (event.actor_id, event.at) == (None, AT)


def test_missed_instants_are_caught_up_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        keys = [_set(cast), _set(cast, AT + timedelta(hours=1))]
    with clock.set_to(AT + timedelta(days=3)):
        worker.look(app)
    with app.app_context():
        assert publication.publish_due() == 0
        assert [_row(key).state for key in keys] == ["published", "published"]
        assert db.session.scalar(select(func.count()).select_from(Publication)) == 2


def test_two_workers_publish_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for _ in range(5):
            _set(cast)
    done: list[int] = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        with app.app_context():
            done.append(publication.publish_due())

    with clock.set_to(AT):
        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(done) == 2
    with app.app_context():
        with clock.set_to(AT):  # Who lost a race leaves it to the next look.
            assert sum(done) + publication.publish_due() == 5
        assert db.session.scalar(select(func.count()).select_from(Publication)) == 5


def test_instant_can_be_changed_and_taken_back(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key, later = _set(cast), AT + timedelta(days=1)
        coordinator = cast["coordinator"]
        with clock.set_to(NOW):
            publication.schedule(coordinator, key, 1, later)
        with clock.set_to(AT):
            assert publication.publish_due() == 0
            publication.unschedule(coordinator, key, 1)
        with clock.set_to(later):
            assert publication.publish_due() == 0
        assert _row(key).state == "approved"
        assert [wait.task for wait in db.session.scalars(select(Wait))] == ["publish"]
        with pytest.raises(Unmet) as refused:
            publication.unschedule(coordinator, key, 1)
        assert unmet_codes(refused) == ["publication_not_set"]


def test_coordinator_still_publishes_at_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _set(cast)
        with clock.set_to(NOW):
            publication.publish(cast["coordinator"], key, 1)
        with clock.set_to(AT):
            assert publication.publish_due() == 0
        assert _row(key).state == "published"


def test_return_and_withdrawal_end_it(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        returned, withdrawn = _set(cast), _set(cast)
        with clock.set_to(NOW):
            publication.return_for_changes(cast["coordinator"], returned, 1, "A date is wrong.")
            recommendations.withdraw(cast["washington-lead"], withdrawn, 1, "Overtaken.")
        with clock.set_to(AT):
            assert publication.publish_due() == 0
        assert [_row(key).publish_at for key in (returned, withdrawn)] == [None, None]


def test_nothing_is_attached_to_what_is_set(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _approved(cast)
        lead = cast["astana-lead"]
        kind = StatementKind.RESERVATION
        with clock.set_to(NOW):
            made = statements.attach_statement(lead, key, 1, kind, "Not before May.")
            publication.schedule(cast["coordinator"], key, 1, AT)
            with pytest.raises(Unmet) as refused:
                statements.attach_statement(lead, key, 1, kind, "Nor in June.")
            assert unmet_codes(refused) == ["publication_set"]
            with pytest.raises(Unmet) as refused:
                statements.withdraw_statement(lead, key, made)
            assert unmet_codes(refused) == ["publication_set"]


@pytest.mark.parametrize(
    ("at", "codes"),
    [(None, ["instant_missing"]), (NOW, ["instant_passed"]), (NOW - TICK, ["instant_passed"])],
)
def test_only_an_instant_ahead_can_be_set(app: Flask, at: datetime | None, codes: list[str]) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _approved(cast)
        with clock.set_to(NOW), pytest.raises(Unmet) as refused:
            publication.schedule(cast["coordinator"], key, 1, at)
        assert (unmet_codes(refused), _row(key).publish_at) == (codes, None)


def test_instant_of_the_year_after_next_is_a_slip(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _approved(cast)
        with clock.set_to(NOW), pytest.raises(InvalidInput):
            publication.schedule(cast["coordinator"], key, 1, NOW + publication.LATEST + TICK)
        assert _row(key).publish_at is None


def test_only_the_coordinator_sets_it_and_only_on_the_approved_head(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key, draft = (
            _approved(cast),
            recommendations.create_recommendation(cast["washington-lead"], content()),
        )
        recommendations.propose(cast["washington-lead"], draft, 1)
        with clock.set_to(NOW):
            for name in ("washington-lead", "astana-lead"):
                with pytest.raises(NotPermitted):
                    publication.schedule(cast[name], key, 1, AT)
            with pytest.raises(StaleVersion):
                publication.schedule(cast["coordinator"], key, 2, AT)
            with pytest.raises(WrongState):
                publication.schedule(cast["coordinator"], draft, 1, AT)


def test_successor_supersedes_at_its_instant(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = _approved(cast)
        with clock.set_to(NOW):
            publication.publish(cast["coordinator"], old, 1)
        new = _approved(cast, replaces=old)
        with clock.set_to(NOW):
            publication.schedule(cast["coordinator"], new, 1, AT)
        with clock.set_to(AT):
            assert publication.publish_due() == 1
        assert [_row(key).state for key in (old, new)] == ["superseded", "published"]
        notice = db.session.scalars(select(PublicationNotice)).one()
        assert (notice.kind, notice.at) == ("superseded", AT)


def test_preview_is_the_page_that_publishing_stores_and_leaves_nothing(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _approved(cast)

        def rows() -> dict[str, int]:
            db.session.rollback()
            tables = Base.metadata.sorted_tables
            counts = {t.name: db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
            db.session.rollback()
            return counts

        before = rows()
        with clock.set_to(AT):
            seen = publication.preview(cast["coordinator"], key, 1)
            assert rows() == before
            with pytest.raises(NotPermitted):
                publication.preview(cast["washington-lead"], key, 1)
            publication.publish(cast["coordinator"], key, 1)
        slug = db.session.scalars(select(Publication.slug)).one()
        stored = db.session.scalars(select(PublicPage.body).where(PublicPage.path == slug)).one()
        assert seen == stored

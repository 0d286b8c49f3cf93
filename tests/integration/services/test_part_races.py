"""What a text holds on to, while somebody takes it away in the same instant: the order decides, and holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.relations import corrigendum_to
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.services import publication, recommendations
from tests.factories.task_forces import Cast, content, make_task_force
from tests.integration.services.test_concurrency import Act, _at_once, _chain_break
from tests.integration.services.test_kinds import agree, approve, approved, draft

NOW = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)
#: The act that needs the other text, the act that takes that away, and what each of them is in the chain.
Race = tuple[Act, Act, tuple[str, str], tuple[str, str]]


def _returned(cast: Cast) -> Race:
    part, digest = approved(cast, "One")
    brief = draft(cast, "Brief", digest)
    agree(cast, brief)
    return (
        lambda: publication.approve(cast["coordinator"], brief, 1),
        lambda: publication.return_for_changes(cast["coordinator"], part, 1, "A mistake."),
        (brief, "approve"),
        (part, "return"),
    )


def _retracted(cast: Cast) -> Race:
    part, digest = approved(cast, "One")
    brief = draft(cast, "Brief", digest)
    approve(cast, brief)
    publication.publish(cast["coordinator"], part, 1)
    return (
        lambda: publication.publish(cast["coordinator"], brief, 1),
        lambda: publication.retract(cast["coordinator"], part, 1, "It was wrong."),
        (brief, "publish"),
        (part, "retract"),
    )


def _corrected(cast: Cast) -> Race:
    original, _ = approved(cast, "One")
    publication.publish(cast["coordinator"], original, 1)
    corrigendum = recommendations.create_recommendation(
        cast["washington-lead"], content("One, rightly"), follows=corrigendum_to(original)
    )
    approve(cast, corrigendum)
    return (
        lambda: publication.publish(cast["coordinator"], corrigendum, 1),
        lambda: publication.retract(cast["coordinator"], original, 1, "It was wrong."),
        (corrigendum, "publish"),
        (original, "retract"),
    )


def _place(told: tuple[str, str]) -> int | None:
    """Where an act stands in the chain; None if it was refused."""
    key, name = told
    item = select(Recommendation.id).where(Recommendation.key == key).scalar_subquery()
    return db.session.scalars(
        select(EventRow.sequence).where(EventRow.recommendation_id == item, EventRow.name == name)
    ).one_or_none()


@pytest.mark.parametrize("scene", [_returned, _retracted, _corrected])
def test_what_is_taken_away_is_needed_before_or_not_at_all(app: Flask, scene: Callable[[Cast], Race]) -> None:
    with app.app_context(), clock.set_to(NOW):
        cast = make_task_force()
        for _ in range(8):
            needs, takes, needing, taking = scene(cast)
            endings = _at_once(app, needs, takes)
            db.session.rollback()
            first, second = _place(needing), _place(taking)
            assert second is not None
            assert first is None or first < second
            assert endings in (["done", "done"], ["done", "unmet"], ["concurrent_change", "done"])
            assert (first is not None) is (endings == ["done", "done"])
            db.session.expunge_all()
        assert _chain_break() is None


def test_two_corrigenda_of_the_same_words_are_not_both_published(app: Flask) -> None:
    with app.app_context(), clock.set_to(NOW):
        cast = make_task_force()
        for number in range(8):
            original, _ = approved(cast, f"Text {number}")
            publication.publish(cast["coordinator"], original, 1)
            keys = [
                recommendations.create_recommendation(
                    cast["washington-lead"],
                    content(f"Text {number}, {word}"),
                    follows=corrigendum_to(original),
                )
                for word in ("rightly", "otherwise")
            ]
            for key in keys:
                approve(cast, key)
            one, other = (lambda key=key: publication.publish(cast["coordinator"], key, 1) for key in keys)
            assert _at_once(app, one, other) in (["done", "unmet"], ["concurrent_change", "done"])
            db.session.rollback()
            states = db.session.scalars(select(Recommendation.state).where(Recommendation.key.in_(keys)))
            assert sorted(states) == ["approved", "published"]
            db.session.expunge_all()

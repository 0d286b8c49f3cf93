"""The whole procedure through the services, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import StaleVersion, Unmet
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation, Version, Wait
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import content, make_task_force


def _row(key: str) -> Recommendation:
    db.session.rollback()
    return db.session.scalars(select(Recommendation).where(Recommendation.key == key)).one()


def test_recommendation_goes_from_draft_to_public_page(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = recommendations.create_recommendation(cast["washington-expert-1"], content())
        recommendations.propose(cast["washington-expert-1"], key, 1)
        deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.OBJECT, "No date is named.")
        with pytest.raises(Unmet) as refused:
            deliberation.agree_to_version(cast["astana-lead"], key, 1)
        assert [r.code for r in refused.value.details["reasons"]] == [  # type: ignore[attr-defined]
            "positions_missing",
            "no_approval",
            "objection_open",
        ]
        deliberation.request_changes(cast["astana-expert-1"], key, 1, "Name a date.")
        recommendations.save_version(
            cast["washington-lead"], key, 1, content(text="1. Publish by 31 January.")
        )
        recommendations.resubmit(cast["washington-lead"], key, 2)
        with pytest.raises(StaleVersion):
            deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.APPROVE)
        deliberation.take_position(cast["astana-expert-1"], key, 2, Stand.APPROVE)
        deliberation.take_position(cast["astana-lead"], key, 2, Stand.NO_OBJECTION)
        deliberation.agree_to_version(cast["astana-lead"], key, 2)
        publication.approve(cast["coordinator"], key, 2)
        publication.publish(cast["coordinator"], key, 2)

        row = _row(key)
        assert (row.state, row.symbol, row.final_symbol, row.holders) == (
            "published",
            f"USKZ.DR/1/{row.created_at.year % 100:02d}/Rev.1",
            f"USKZ.REC/1/{row.created_at.year % 100:02d}",
            [],
        )
        published = db.session.scalars(select(Publication)).one()
        head = db.session.scalars(select(Version).where(Version.number == 2)).one()
        assert (published.digest, published.manifest) == (head.digest, head.manifest)
        assert db.session.scalars(select(Wait)).all() == []
        assert [e.name for e in db.session.scalars(select(EventRow).order_by(EventRow.sequence))] == [
            "create",
            "propose",
            "take_position",
            "request_changes",
            "revise",
            "resubmit",
            "take_position",
            "take_position",
            "agree",
            "approve",
            "publish",
        ]

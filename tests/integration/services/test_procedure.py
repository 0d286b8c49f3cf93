"""The whole procedure through the services, on both databases."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, StaleVersion, Unmet
from reviewflow.domain.relations import successor_of
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import TaskForce
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication, PublicationCommitment
from reviewflow.persistence.models.recommendations import Recommendation, Version, Wait, WorkingText
from reviewflow.services import deliberation, memberships, publication, recommendations
from reviewflow.services.transaction import transaction
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
        assert [r.code for r in refused.value.details["reasons"]] == [
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


def test_only_a_published_text_is_replaced(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        draft = recommendations.create_recommendation(cast["washington-lead"], content())
        with pytest.raises(InvalidInput) as refused:
            recommendations.create_recommendation(
                cast["washington-lead"], content(), follows=successor_of(draft)
            )
        assert refused.value.details == {"field": "replaces", "problem": "not_published"}


def test_bracket_that_is_not_there_is_not_settled(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        lead = cast["washington-lead"]
        key = recommendations.create_recommendation(lead, content(text="1. Publish [soon / now]."))
        recommendations.propose(lead, key, 1)
        with pytest.raises(InvalidInput) as refused:
            recommendations.settle_bracket(lead, key, 1, 1, "now")
        assert refused.value.details == {"field": "bracket", "problem": "no_such_bracket", "index": 1}
        assert _row(key).head_number == 1


def test_text_being_typed_is_kept_as_it_was_typed_last(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        lead = cast["washington-lead"]
        key = recommendations.create_recommendation(lead, content())
        for words in ("First", "Last"):
            recommendations.keep_working_text(lead, key, 1, {"text": words})
        assert [kept.fields for kept in db.session.scalars(select(WorkingText))] == [{"text": "Last"}]


@pytest.mark.parametrize("groups", [2, 3])
def test_record_of_a_text_without_commitments_names_the_group_of_who_left(app: Flask, groups: int) -> None:
    with app.app_context():
        cast = make_task_force(groups=groups)
        lead, left = cast["washington-lead"], cast["astana-expert-2"]
        key = recommendations.create_recommendation(lead, content(commitments=()))
        recommendations.propose(lead, key, 1)
        deliberation.request_changes(left, key, 1, "Name a date.")
        memberships.end_membership(left, left.person_id)
        recommendations.resubmit(lead, key, 1, "It is named.")
        for city in ("astana", "vienna")[: groups - 1]:
            for name in ("lead", "expert-1"):
                deliberation.take_position(cast[f"{city}-{name}"], key, 1, Stand.APPROVE)
            deliberation.agree_to_version(cast[f"{city}-lead"], key, 1)
        publication.approve(cast["coordinator"], key, 1)
        publication.publish(cast["coordinator"], key, 1)
        published = db.session.scalars(select(Publication)).one()
        story, known = published.record["story"], published.record["groups"]
        assert isinstance(story, list)
        assert isinstance(known, dict)
        asked = next(told for told in story if told["event"] == "request_changes")
        assert known.get(str(asked["group"]), {}).get("short") == "Astana"
        assert db.session.scalars(select(PublicationCommitment)).all() == []


def test_what_the_database_refuses_for_itself_is_no_simultaneous_write(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError), transaction() as work:
            work.session.execute(insert(TaskForce).values(slug="nameless"))
        assert db.session.scalars(select(TaskForce)).all() == []

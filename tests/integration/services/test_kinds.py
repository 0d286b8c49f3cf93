"""Policy briefs and papers: the same procedure, around recommendations that are approved as they stand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, Refusal, Unmet
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.relations import successor_of
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication, PublicPage
from reviewflow.persistence.models.recommendations import Recommendation, Version, VersionPart
from reviewflow.queries.parts import includable
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import Cast, content, make_task_force

NOW = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)


def approve(cast: Cast, key: str, version: int = 1) -> str:
    """Bring a draft the whole way to its approval, and return its digest."""
    agree(cast, key, version)
    publication.approve(cast["coordinator"], key, version)
    return digest_of_head(key)


def agree(cast: Cast, key: str, version: int = 1) -> None:
    recommendations.propose(cast["washington-lead"], key, version)
    for name in ("astana-lead", "astana-expert-1"):
        deliberation.take_position(cast[name], key, version, Stand.APPROVE)
    deliberation.agree_to_version(cast["astana-lead"], key, version)


def draft(
    cast: Cast, title: str, *parts: str, kind: str = "policy_brief", replaces: str | None = None
) -> str:
    text = content(title, kind=kind, includes=parts)
    return recommendations.create_recommendation(
        cast["washington-lead"], text, follows=successor_of(replaces) if replaces else None
    )


def approved(cast: Cast, title: str) -> tuple[str, str]:
    """Key and digest of an approved recommendation."""
    key = recommendations.create_recommendation(cast["washington-lead"], content(title))
    return key, approve(cast, key)


def row_of(key: str) -> Recommendation:
    db.session.rollback()
    return db.session.scalars(select(Recommendation).where(Recommendation.key == key)).one()


def digest_of_head(key: str) -> str:
    row = row_of(key)
    return db.session.scalars(
        select(Version.digest).where(Version.recommendation_id == row.id, Version.number == row.head_number)
    ).one()


def reasons(refused: pytest.ExceptionInfo[Unmet]) -> list[tuple[str, tuple[str, ...]]]:
    return [(reason.code, reason.fields) for reason in refused.value.details["reasons"]]


@pytest.mark.parametrize(
    ("kind", "symbol"), [("policy_brief", "USKZ.PB/1/09"), ("policy_paper", "USKZ.PP/1/09")]
)
def test_brief_goes_the_way_of_a_recommendation_with_its_parts(app: Flask, kind: str, symbol: str) -> None:
    with app.app_context(), clock.set_to(NOW):
        cast = make_task_force()
        (public, second), (_, first) = approved(cast, "One"), approved(cast, "Another")
        publication.publish(cast["coordinator"], public, 1)
        key = draft(cast, "Both", first, second, kind=kind)
        approve(cast, key)
        publication.publish(cast["coordinator"], key, 1)
        row = row_of(key)
        assert (row.kind, row.state, row.symbol, row.final_symbol) == (
            kind, "published", "USKZ.DR/3/09", symbol
        )  # fmt: skip
        one, published = db.session.scalars(select(Publication).order_by(Publication.id)).all()
        assert Manifest.from_bytes(published.manifest).includes == (first, second)
        assert db.session.execute(select(VersionPart.ordinal, VersionPart.digest)).all() == [
            (1, first), (2, second)
        ]  # fmt: skip
        parts = published.record["parts"]
        assert [(part["symbol"], part["digest"], part["path"]) for part in parts] == [
            ("USKZ.REC/2/09", first, ""),
            ("USKZ.REC/1/09", second, one.slug),
        ]
        stored = select(PublicPage.body).where(PublicPage.path == published.slug)
        page = db.session.scalars(stored).one().decode()
        assert f'<a href="/publications/{one.slug}">USKZ.REC/1/09</a>' in page
        assert '">USKZ.REC/2/09 <span' in page
        titles = [json.loads(part["manifest"])["languages"]["en"]["title"] for part in parts]
        assert titles == ["Another", "One"]


def test_brief_without_parts_is_not_proposed(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = draft(cast, "Around nothing")
        with pytest.raises(Unmet) as refused:
            recommendations.propose(cast["washington-lead"], key, 1)
        assert reasons(refused) == [("incomplete", ("includes",))]
        assert row_of(key).state == "draft"


def test_only_approved_recommendations_of_the_task_force_can_be_included(app: Flask) -> None:
    with app.app_context():
        cast, others = make_task_force(), make_task_force("other")
        _, digest = approved(cast, "One")
        proposed = recommendations.create_recommendation(cast["washington-lead"], content("Two"))
        _, elsewhere = approved(others, "Elsewhere")
        brief = draft(cast, "Brief", digest)
        brief_digest = approve(cast, brief)
        actor = cast["astana-lead"]
        assert [text.title for text in includable(db.session(), actor)] == ["One"]
        for unknown in (digest_of_head(proposed), elsewhere, brief_digest, "0" * 64, "no digest"):
            with pytest.raises(InvalidInput):
                draft(cast, "Not possible", unknown)
        with pytest.raises(InvalidInput):
            draft(cast, "Not possible", digest, kind="recommendation")


def _returned(cast: Cast, key: str) -> None:
    publication.return_for_changes(cast["coordinator"], key, 1, "A mistake.")


def _moved_on(cast: Cast, key: str) -> None:
    _returned(cast, key)
    recommendations.save_version(cast["washington-lead"], key, 1, content("One, newly"))
    recommendations.resubmit(cast["washington-lead"], key, 2)


def _retracted(cast: Cast, key: str) -> None:
    publication.publish(cast["coordinator"], key, 1)
    publication.retract(cast["coordinator"], key, 1, "It was wrong.")


def _superseded(cast: Cast, key: str) -> None:
    publication.publish(cast["coordinator"], key, 1)
    successor = recommendations.create_recommendation(
        cast["washington-lead"], content("New"), follows=successor_of(key)
    )
    approve(cast, successor)
    publication.publish(cast["coordinator"], successor, 1)


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (_returned, "part_unapproved"),
        (_moved_on, "part_stale"),
        (_retracted, "part_retracted"),
        (_superseded, "part_superseded"),
    ],
)
def test_part_that_no_longer_holds_is_refused_by_name(app: Flask, happens, code: str) -> None:
    with app.app_context(), clock.set_to(NOW):
        cast = make_task_force()
        key, digest = approved(cast, "One")
        proposed, agreed, ready, timed = (draft(cast, f"Brief {n}", digest) for n in range(4))
        recommendations.propose(cast["washington-lead"], proposed, 1)
        for name in ("astana-lead", "astana-expert-1"):
            deliberation.take_position(cast[name], proposed, 1, Stand.APPROVE)
        agree(cast, agreed)
        approve(cast, ready)
        approve(cast, timed)
        publication.schedule(cast["coordinator"], timed, 1, NOW + timedelta(days=1))
        happens(cast, key)
        for act in (
            lambda: deliberation.agree_to_version(cast["astana-lead"], proposed, 1),
            lambda: publication.approve(cast["coordinator"], agreed, 1),
            lambda: publication.publish(cast["coordinator"], ready, 1),
            lambda: publication.schedule(cast["coordinator"], ready, 1, NOW + timedelta(days=1)),
        ):
            with pytest.raises(Unmet) as refused:
                act()
            assert reasons(refused) == [(code, ("USKZ.REC/1/09",))]
        with clock.set_to(NOW + timedelta(days=2)):
            assert publication.publish_due() == 0
        states = [row_of(k).state for k in (proposed, agreed, ready, timed)]
        assert states == ["proposed", "agreed", "approved", "approved"]


def test_text_stays_of_its_kind(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key, digest = approved(cast, "One")
        brief = draft(cast, "Brief", digest)
        recommendations.save_version(cast["washington-lead"], brief, 1, content("Newer", includes=(digest,)))
        stored = db.session.scalars(
            select(Version.manifest).where(Version.recommendation_id == row_of(brief).id, Version.number == 2)
        ).one()
        manifest = Manifest.from_bytes(stored)
        assert (manifest.kind, manifest.includes) == ("policy_brief", (digest,))
        publication.publish(cast["coordinator"], key, 1)
        with pytest.raises(Refusal):
            draft(cast, "Of another kind", digest, replaces=key)


def test_part_that_was_included_may_stay_while_the_text_is_revised(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key, digest = approved(cast, "One")
        brief = draft(cast, "Brief", digest)
        _returned(cast, key)
        recommendations.save_version(cast["washington-lead"], brief, 1, content("Newer", includes=(digest,)))
        assert row_of(brief).head_number == 2

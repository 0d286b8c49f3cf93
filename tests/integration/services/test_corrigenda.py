"""Corrigenda: the whole two-party route, the original's symbol with /Corr.n, and bytes that never change."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.errors import InvalidInput, Unmet
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.relations import Follows, corrigendum_to, successor_of
from reviewflow.gateways import clock, packs
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication, PublicationDocument
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.services import deliberation, documents, evidence, publication, recommendations
from tests.factories.publications import PUBLISHED_AT, agreed_text, published_text
from tests.factories.task_forces import Cast, content, make_task_force
from tests.support.packs import SECRET
from tests.support.refusals import unmet_codes

TITLE = "A public timetable"
WRONG = "1. A draft is public for 3 days.\n\n2. Comments are answered."
RIGHT = "1. A draft is public for 30 days.\n\n2. Comments are answered."


def publish_corrigendum(cast: Cast, key: str, text: str = RIGHT, days: int = 9) -> str:
    return published_text(cast, TITLE, text=text, corrects=key, at=PUBLISHED_AT + timedelta(days=days))


def publication_of(key: str) -> Publication:
    db.session.rollback()
    item = select(Recommendation.id).where(Recommendation.key == key).scalar_subquery()
    return db.session.scalars(select(Publication).where(Publication.recommendation_id == item)).one()


def state_of(key: str) -> str:
    db.session.rollback()
    return db.session.scalars(select(Recommendation.state).where(Recommendation.key == key)).one()


def test_corrigendum_has_the_symbol_of_what_it_corrects_and_leaves_that_as_it_was(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, TITLE, text=WRONG)
        before = publication_of(old)
        stored = (before.manifest, before.text_html, json.dumps(before.record), before.digest)
        new = publish_corrigendum(cast, old)
        again = publish_corrigendum(cast, old, RIGHT.replace("answered", "answered in writing"), days=18)
        original, first, second = publication_of(old), publication_of(new), publication_of(again)
        assert (original.manifest, original.text_html, json.dumps(original.record), original.digest) == stored
        assert [text.symbol for text in (original, first, second)] == [
            "USKZ.REC/1/09", "USKZ.REC/1/09/Corr.1", "USKZ.REC/1/09/Corr.2"
        ]  # fmt: skip
        assert [state_of(key) for key in (old, new, again)] == ["published"] * 3
        assert [text.corrects_id for text in (original, first, second)] == [None, original.id, original.id]
        # The second one is on the words as the first one corrected them.
        assert [Manifest.from_bytes(text.manifest).corrects for text in (first, second)] == [
            original.digest, first.digest
        ]  # fmt: skip
        told = db.session.scalars(
            select(EventRow.name)
            .where(EventRow.recommendation_id == original.recommendation_id)
            .order_by(EventRow.sequence)
        )
        assert list(told)[-3:] == ["publish", "correct", "correct"]


def test_corrigendum_that_was_retracted_can_be_published_anew_and_corrected(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, TITLE, text=WRONG)
        first = publish_corrigendum(cast, old)
        publication.retract(cast["coordinator"], first, 1, "Too early.")
        second = publish_corrigendum(cast, old, days=18)
        third = publish_corrigendum(cast, old, RIGHT.replace("answered", "answered in writing"), days=27)
        assert publication_of(first).digest == publication_of(second).digest
        told = publication_of(third).record["corrects"]
        assert isinstance(told, dict)
        assert (told["words"], told["digest"]) == ("USKZ.REC/1/09/Corr.2", publication_of(second).digest)


def _not_published(cast: Cast) -> str:
    return recommendations.create_recommendation(cast["washington-lead"], content())


def _superseded(cast: Cast) -> str:
    key = published_text(cast)
    published_text(cast, "New", replaces=key, at=PUBLISHED_AT + timedelta(days=1))
    return key


def _retracted(cast: Cast) -> str:
    key = published_text(cast)
    publication.retract(cast["coordinator"], key, 1, "It was wrong.")
    return key


def _corrigendum(cast: Cast) -> str:
    return publish_corrigendum(cast, published_text(cast, TITLE, text=WRONG))


@pytest.mark.parametrize(
    ("prepared", "follows", "by", "problem"),
    [
        (_not_published, corrigendum_to, "washington-lead", "not_published"),
        (_superseded, corrigendum_to, "washington-lead", "original_superseded"),
        (_retracted, corrigendum_to, "washington-lead", "original_retracted"),
        (_corrigendum, corrigendum_to, "washington-lead", "original_is_corrigendum"),
        (_corrigendum, successor_of, "washington-lead", "original_is_corrigendum"),
        (published_text, corrigendum_to, "astana-lead", "original_of_another_group"),
    ],
)
def test_corrigendum_is_refused_with_what_stands_in_its_way(
    app: Flask, prepared: Callable[[Cast], str], follows: Callable[[str], Follows], by: str, problem: str
) -> None:
    with app.app_context(), clock.set_to(PUBLISHED_AT + timedelta(days=30)):
        cast = make_task_force()
        key = prepared(cast)
        with pytest.raises(InvalidInput) as refused:
            recommendations.create_recommendation(cast[by], content("New words"), follows=follows(key))
        assert refused.value.details == {"field": "replaces", "problem": problem}


def test_corrigendum_corrects_something(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, TITLE, text=WRONG)
        same, right = content(TITLE, text=WRONG), content(TITLE, text=RIGHT)
        author, follows = cast["washington-lead"], corrigendum_to(old)
        with pytest.raises(InvalidInput):
            recommendations.create_recommendation(author, same, follows=follows)
        key = recommendations.create_recommendation(author, right, follows=follows)
        with pytest.raises(InvalidInput) as refused:
            recommendations.save_version(author, key, 1, same)
        assert refused.value.details == {"field": "text", "problem": "nothing_corrected"}
        recommendations.save_version(author, key, 1, content(TITLE, text=RIGHT + "\n\n3. At once."))
        assert state_of(key) == "draft"


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (lambda cast, old: publication.retract(cast["coordinator"], old, 1, "Wrong."), "original_retracted"),
        (
            lambda cast, old: published_text(cast, "New", replaces=old, at=PUBLISHED_AT + timedelta(days=9)),
            "original_superseded",
        ),
        (lambda cast, old: publish_corrigendum(cast, old), "corrected_meanwhile"),
    ],
)
def test_corrigendum_waits_for_nothing_that_is_gone(
    app: Flask, happens: Callable[[Cast, str], object], code: str
) -> None:
    with app.app_context(), clock.set_to(PUBLISHED_AT + timedelta(days=1)):
        cast = make_task_force()
        old = published_text(cast, TITLE, text=WRONG)
        agreed, ready = (agreed_text(cast, TITLE, text=RIGHT + word, corrects=old) for word in (" A", " B"))
        publication.approve(cast["coordinator"], ready, 1)
        happens(cast, old)
        for act in (publication.approve, publication.publish):
            with pytest.raises(Unmet) as refused:
                act(cast["coordinator"], agreed if act is publication.approve else ready, 1)
            assert unmet_codes(refused) == [code]
        assert [state_of(key) for key in (agreed, ready)] == ["agreed", "approved"]


def test_retracted_corrigendum_no_longer_counts(app: Flask) -> None:
    with app.app_context(), clock.set_to(PUBLISHED_AT + timedelta(days=20)):
        cast = make_task_force()
        old = published_text(cast, TITLE, text=WRONG)
        publication.retract(cast["coordinator"], publish_corrigendum(cast, old), 1, "It was right before.")
        new = publish_corrigendum(cast, old, RIGHT + " Always.", days=19)
        corrected = publication_of(new)
        assert corrected.symbol == "USKZ.REC/1/09/Corr.2"
        assert Manifest.from_bytes(corrected.manifest).corrects == publication_of(old).digest


def test_pack_and_documents_of_a_corrigendum_hold_what_it_corrects(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, TITLE, text=WRONG)
        new = publish_corrigendum(cast, old)
        documents.make_missing()
        assert evidence.make_due(SECRET) == 2
        original, corrected = publication_of(old), publication_of(new)
        made = dict(
            db.session.execute(
                select(PublicationDocument.format, PublicationDocument.body).where(
                    PublicationDocument.publication_id == corrected.id
                )
            ).all()
        )
        packs.check(made["evidence"])
        with zipfile.ZipFile(io.BytesIO(made["evidence"])) as pack:
            assert pack.read(f"parts/{original.digest}.json") == original.manifest
        markdown = made["md"].decode()
        assert "## Corrections" in markdown
        assert "for ~~3~~ **30** days" in markdown


def _brief(cast: Cast) -> tuple[str, str, str]:
    """A published brief around a recommendation: its key, the part's key, and the part's digest."""
    part = published_text(cast, "A part", at=PUBLISHED_AT - timedelta(days=5))
    digest = publication_of(part).digest
    brief = published_text(cast, TITLE, text=WRONG, kind="policy_brief", includes=(digest,))
    return brief, part, digest


def _supersede(cast: Cast, key: str) -> None:
    published_text(cast, "A new part", replaces=key, at=PUBLISHED_AT + timedelta(days=1))


def test_corrigendum_keeps_a_part_that_was_superseded_after_publication(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        brief, part, digest = _brief(cast)
        _supersede(cast, part)
        brought = {"kind": "policy_brief", "includes": (digest,)}
        first = published_text(
            cast, TITLE, text=RIGHT, corrects=brief, at=PUBLISHED_AT + timedelta(days=9), **brought
        )
        # The next one corrects the words of the first, which have the part too.
        second = published_text(
            cast,
            TITLE,
            text=RIGHT + " Soon.",
            corrects=brief,
            at=PUBLISHED_AT + timedelta(days=18),
            **brought,
        )
        for key, symbol in ((first, "USKZ.PB/1/09/Corr.1"), (second, "USKZ.PB/1/09/Corr.2")):
            text = publication_of(key)
            assert (text.symbol, Manifest.from_bytes(text.manifest).includes) == (symbol, (digest,))
        documents.make_missing()
        assert evidence.make_due(SECRET) == 5
        # A successor is a new text: what it includes has to be in force.
        with clock.set_to(PUBLISHED_AT + timedelta(days=20)):
            key = recommendations.create_recommendation(
                cast["washington-lead"], content("Anew", **brought), follows=successor_of(brief)
            )
            recommendations.propose(cast["washington-lead"], key, 1)
            with pytest.raises(Unmet) as refused:
                deliberation.agree_to_version(cast["astana-lead"], key, 1)
        assert "part_superseded" in unmet_codes(refused)


@pytest.mark.parametrize("happens", ["retracted", "newly included"])
def test_corrigendum_keeps_no_other_part_that_is_gone(app: Flask, happens: str) -> None:
    with app.app_context(), clock.set_to(PUBLISHED_AT + timedelta(days=30)):
        cast = make_task_force()
        brief, part, digest = _brief(cast)
        other = published_text(cast, "Another", at=PUBLISHED_AT + timedelta(days=2))
        includes = (digest,) if happens == "retracted" else (digest, publication_of(other).digest)
        key = agreed_text(cast, TITLE, text=RIGHT, corrects=brief, kind="policy_brief", includes=includes)
        if happens == "retracted":
            publication.retract(cast["coordinator"], part, 1, "It was wrong.")
        else:
            _supersede(cast, other)
        with pytest.raises(Unmet) as refused:
            publication.approve(cast["coordinator"], key, 1)
        assert unmet_codes(refused) == ["part_retracted" if happens == "retracted" else "part_superseded"]

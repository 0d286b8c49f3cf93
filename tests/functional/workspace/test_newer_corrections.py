"""A corrigendum drafted on words that were corrected since takes the newer corrections in, and goes on."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from reviewflow.domain.manifest import Manifest
from reviewflow.domain.relations import corrigendum_to
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation, Version
from reviewflow.services import publication, recommendations
from tests.factories.forms import editor_form
from tests.factories.publications import PUBLISHED_AT, published_text
from tests.factories.task_forces import content
from tests.support.desk import Stage
from tests.support.scenes import item_page, plain
from tests.support.visitors import Visitor, input_value

TITLE = "A public timetable"
FIRST, SECOND = "1. A draft is public for 3 days.", "2. Comments are answerd."
RIGHT_FIRST, RIGHT_SECOND = FIRST.replace("3", "30"), SECOND.replace("answerd", "answered")


def text(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def drafted(stage: Stage, mine: str, theirs: str) -> tuple[str, str]:
    """A draft that says `mine`, and the digest of the corrigendum published since, which says `theirs`."""
    cast = stage.cast
    with stage.app.app_context():
        old = published_text(cast, TITLE, text=text(FIRST, SECOND))
        draft = recommendations.create_recommendation(
            cast["washington-lead"], content(TITLE, text=mine), follows=corrigendum_to(old)
        )
        published_text(cast, TITLE, text=theirs, corrects=old, at=PUBLISHED_AT + timedelta(days=9))
        return draft, db.session.scalars(select(Publication.digest).order_by(Publication.id.desc())).first()


def stored(stage: Stage, key: str) -> tuple[str, str]:
    """What the newest version says, and the digest of what it corrects."""
    with stage.app.app_context():
        found = db.session.scalars(
            select(Version.manifest)
            .join(Recommendation, Version.recommendation_id == Recommendation.id)
            .where(Recommendation.key == key)
            .order_by(Version.number.desc())
        ).first()
    manifest = Manifest.from_bytes(found)
    return manifest.wording.text, manifest.corrects


def written(page: str) -> str:
    """The text that stands in the editor."""
    (found,) = re.findall(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', page, re.S)
    return unescape(found).replace("\r\n", "\n").strip()


def sent(page: str, words: str) -> dict[str, object]:
    digest = input_value(page, "corrected_words") or ""
    return editor_form(1, title=TITLE, text=words, corrected_words=digest)


def test_editor_brings_both_corrections_together(stage: Stage, visit) -> None:
    key, newest = drafted(stage, text(FIRST, RIGHT_SECOND), text(RIGHT_FIRST, SECOND))
    lead: Visitor = visit("washington-lead")
    assert "Another corrigendum has been published since" in plain(item_page(lead, key))
    page = lead.get(f"recommendations/{key}/edit").text
    assert "USKZ.REC/1/09/Corr.1 has been published since this was drafted" in plain(page)
    assert written(page) == text(RIGHT_FIRST, RIGHT_SECOND)
    answer = lead.post(f"recommendations/{key}/edit", sent(page, written(page)))
    assert answer.status_code == 302, plain(answer.text)
    assert stored(stage, key) == (text(RIGHT_FIRST, RIGHT_SECOND), newest)
    with stage.app.app_context():
        recommendations.propose(stage.cast["washington-lead"], key, 2)
    assert "Another corrigendum" not in plain(item_page(lead, key))


def test_places_that_both_correct_are_marked_and_have_to_be_decided(stage: Stage, visit) -> None:
    key, newest = drafted(stage, text(FIRST.replace("3", "60"), SECOND), text(RIGHT_FIRST, SECOND))
    lead: Visitor = visit("washington-lead")
    page = lead.get(f"recommendations/{key}/edit").text
    assert "Both correct the same words in 1 place" in plain(page)
    undecided = lead.post(f"recommendations/{key}/edit", sent(page, written(page)))
    assert undecided.status_code == 422
    assert input_value(undecided.text, "corrected_words") == newest
    decided = text(FIRST.replace("3", "60"), SECOND)
    assert lead.post(f"recommendations/{key}/edit", sent(undecided.text, decided)).status_code == 302
    assert stored(stage, key) == (decided, newest)


def test_kept_text_still_knows_which_words_it_corrects(stage: Stage, visit) -> None:
    key, newest = drafted(stage, text(FIRST, RIGHT_SECOND), text(RIGHT_FIRST, SECOND))
    lead: Visitor = visit("washington-lead")
    page = lead.get(f"recommendations/{key}/edit").text
    lead.post(f"recommendations/{key}/working-text", sent(page, written(page) + " Soon."))
    kept = lead.get(f"recommendations/{key}/edit").text
    assert written(kept) == text(RIGHT_FIRST, RIGHT_SECOND) + " Soon."
    assert input_value(kept, "corrected_words") == newest
    # What was typed before the editor knew of it names the words before, and the page says what to do.
    lead.post(f"recommendations/{key}/working-text", sent("", text(FIRST, "Mine.")))
    kept = lead.get(f"recommendations/{key}/edit").text
    assert input_value(kept, "corrected_words") is None
    assert "Save what stands below, or discard it" in plain(kept)


@pytest.mark.parametrize("digest", ["0" * 64, "x", "\x00"])
def test_only_published_words_of_the_original_can_be_corrected(stage: Stage, visit, digest: str) -> None:
    key, _newest = drafted(stage, text(FIRST, RIGHT_SECOND), text(RIGHT_FIRST, SECOND))
    before = stored(stage, key)
    form = editor_form(1, title=TITLE, text="1. Mine.", corrected_words=digest)
    answer = visit("washington-lead").post(f"recommendations/{key}/edit", form)
    assert answer.status_code == 422
    assert "1. Mine." in answer.text
    assert stored(stage, key) == before


def test_words_of_a_corrigendum_that_was_retracted_meanwhile_are_let_go_of(stage: Stage, visit) -> None:
    key, newest = drafted(stage, text(FIRST, RIGHT_SECOND), text(RIGHT_FIRST, SECOND))
    lead: Visitor = visit("washington-lead")
    page = lead.get(f"recommendations/{key}/edit").text
    lead.post(f"recommendations/{key}/working-text", sent(page, written(page)))
    with stage.app.app_context():
        theirs = db.session.scalars(
            select(Recommendation.key).join(Publication).where(Publication.digest == newest)
        ).one()
        publication.retract(stage.cast["coordinator"], theirs, 1, "It was right before.")
    refused = lead.post(f"recommendations/{key}/edit", sent(page, written(page)))
    assert refused.status_code == 422
    assert written(refused.text) == text(RIGHT_FIRST, RIGHT_SECOND)
    assert "has been retracted meanwhile. Copy what you want to keep" in plain(refused.text)
    lead.post(f"recommendations/{key}/working-text/discard", {})
    anew = lead.get(f"recommendations/{key}/edit").text
    assert (written(anew), input_value(anew, "corrected_words")) == (text(FIRST, RIGHT_SECOND), None)
    form = sent(anew, text(FIRST, RIGHT_SECOND + " Soon."))
    assert lead.post(f"recommendations/{key}/edit", form).status_code == 302


def test_correction_that_was_made_already_is_said_to_be_none(stage: Stage, visit) -> None:
    key, _newest = drafted(stage, text(RIGHT_FIRST, SECOND), text(RIGHT_FIRST, SECOND))
    lead: Visitor = visit("washington-lead")
    page = lead.get(f"recommendations/{key}/edit").text
    answer = lead.post(f"recommendations/{key}/edit", sent(page, written(page)))
    assert answer.status_code == 422
    assert stored(stage, key)[0] == text(RIGHT_FIRST, SECOND)
    assert "Nothing is corrected yet" in plain(answer.text)

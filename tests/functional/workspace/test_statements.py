"""Statements: attached by members and groups, withdrawn by whose they are, printed with the publication."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from reviewflow.domain.statements import StatementKind
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.statements import StatementRow
from reviewflow.services import deliberation, publication, recommendations, silence, statements
from tests.factories.task_forces import content
from tests.support.desk import BEGIN, Stage
from tests.support.scenes import (
    TYPED,
    agreed,
    approved,
    drafted,
    event_count,
    item_page,
    part,
    plain,
    proposed,
    published,
)
from tests.support.visitors import Visitor

DISSENT, RESERVATION = StatementKind.DISSENT, StatementKind.RESERVATION


def attach(visitor: Visitor, key: str, **fields: str) -> TestResponse:
    """Send the form of a statement."""
    form = {"version": "1", "kind": "reservation", "text": TYPED, **fields}
    return visitor.post(f"recommendations/{key}/statements/new", form)


def keys_of(stage: Stage, key: str) -> list[str]:
    """The keys of an item's statements, withdrawn or not."""
    with stage.app.app_context():
        return list(db.session.scalars(select(StatementRow.key).order_by(StatementRow.id)))


def test_statement_stands_under_the_text_for_everybody(stage: Stage, visit: Callable[[str], Visitor]) -> None:
    key = agreed(stage)
    lead = visit("astana-lead")
    assert "For the Astana group" in lead.get(f"recommendations/{key}/statements/new").text
    assert (
        attach(lead, key, speaker="group", text="In the light of our law.\r\n\r\nAs of today.").status_code
        == 302
    )
    expert = visit("washington-expert-2")
    assert "For the Washington group" not in expert.get(f"recommendations/{key}/statements/new").text
    assert attach(expert, key, kind="dissent").status_code == 302
    for name in ("astana-observer", "washington-lead", "coordinator"):
        said = part(item_page(visit(name), key), "h-statements")
        assert (
            "Attachment 1: Reservation, A Astana working group In the light of our law. As of today." in said
        )
        assert f"Attachment 2: Dissent, W Washington Expert 2 {TYPED}" in said
        assert "Withdraw" not in said


def test_statement_changes_no_word_and_holds_nothing_up(stage: Stage) -> None:
    key = approved(stage)
    stage.at(
        6, statements.attach_statement, stage.cast["astana-lead"], key, 1, DISSENT, "No.", for_group=True
    )
    event = stage.at(7, publication.publish, stage.cast["coordinator"], key, 1)
    assert event.version == 1


@pytest.mark.parametrize(
    "fields", [{"text": " "}, {"kind": "opinion"}, {"kind": ""}, {"text": "a\x07b" + TYPED}]
)
def test_what_lacks_something_comes_back_with_its_words(
    stage: Stage, visit: Callable[[str], Visitor], fields: dict[str, str]
) -> None:
    key = proposed(stage)
    visitor, before = visit("astana-expert-1"), event_count(stage.app)
    answer = attach(visitor, key, **fields)
    assert answer.status_code == 422
    assert fields.get("text", TYPED).strip().replace("\x07", "") in answer.text.replace("\x07", "")
    assert (keys_of(stage, key), event_count(stage.app)) == ([], before)


def test_only_the_lead_speaks_for_the_group(stage: Stage, visit: Callable[[str], Visitor]) -> None:
    key = proposed(stage)
    answer = attach(visit("astana-expert-1"), key, speaker="group")
    assert (answer.status_code, TYPED in answer.text) == (422, True)
    assert "Only its lead speaks for a group" in plain(answer.text)
    assert keys_of(stage, key) == []


def test_statement_on_an_old_version_is_refused_with_its_words(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    key = proposed(stage)
    answer = attach(visit("astana-lead"), key, version="7")
    assert (answer.status_code, TYPED in answer.text) == (409, True)


@pytest.mark.parametrize("name", ["astana-observer", "coordinator", "washington-observer"])
def test_who_has_no_say_attaches_nothing(stage: Stage, visit: Callable[[str], Visitor], name: str) -> None:
    key = proposed(stage)
    visitor = visit(name)
    assert visitor.get(f"recommendations/{key}/statements/new").status_code == 403
    assert attach(visitor, key).status_code == 403
    assert "Attach a statement" not in item_page(visitor, key)


def test_statement_before_circulation_and_after_publication_is_refused(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    draft, public = drafted(stage), published(stage)
    assert attach(visit("astana-lead"), draft).status_code == 404
    assert attach(visit("washington-lead"), draft).status_code == 409
    assert attach(visit("washington-lead"), public).status_code == 409


def test_statement_is_withdrawn_by_its_author_or_for_a_group_by_its_lead(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    key = proposed(stage)
    cast = stage.cast
    own = stage.at(2, statements.attach_statement, cast["astana-expert-1"], key, 1, DISSENT, "Mine.")
    groups = stage.at(
        3, statements.attach_statement, cast["astana-lead"], key, 1, RESERVATION, "Ours.", for_group=True
    )
    lead, author = visit("astana-lead"), visit("astana-expert-1")
    address = f"recommendations/{key}/statements/{own}/withdraw"
    assert (lead.get(address).status_code, lead.post(address).status_code) == (409, 409)
    assert visit("washington-lead").post(address).status_code == 409
    assert "moves" not in author.get(address).text
    assert author.post(address).status_code == 302
    assert author.post(address).status_code == 404
    said = part(item_page(author, key), "h-statements")
    assert ("Mine." in said, "Attachment 1: Reservation, A Astana working group Ours." in said) == (
        False,
        True,
    )
    assert lead.post(f"recommendations/{key}/statements/{groups}/withdraw").status_code == 302
    assert author.get(f"recommendations/{key}/statements/nothing/withdraw").status_code == 404


def test_statement_outlives_new_versions_and_says_on_which_it_was_made(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    key = proposed(stage)
    author, reviewer = stage.cast["washington-expert-1"], stage.cast["astana-expert-1"]
    assert attach(visit("astana-expert-2"), key).status_code == 302
    stage.at(3, deliberation.request_changes, reviewer, key, 1, "Say by when.")
    assert attach(visit("astana-expert-2"), key).status_code == 409, "no words are before everybody now"
    stage.at(5, recommendations.save_version, author, key, 1, content(text="1. Publish by May."))
    stage.at(6, recommendations.resubmit, author, key, 2)
    said = part(item_page(visit("astana-lead"), key), "h-statements")
    assert ("on version 1" in said, "on version 2" in said) == (True, False)


def test_publication_keeps_the_statements_for_ever(stage: Stage, visit: Callable[[str], Visitor]) -> None:
    key = approved(stage)
    cast = stage.cast
    stage.at(
        6, statements.attach_statement, cast["astana-lead"], key, 1, RESERVATION, "Ours <b>.", for_group=True
    )
    taken_back = stage.at(6, statements.attach_statement, cast["astana-lead"], key, 1, DISSENT, "Taken back.")
    stage.at(6, statements.attach_statement, cast["washington-expert-1"], key, 1, DISSENT, "Mine.")
    stage.at(7, statements.withdraw_statement, cast["astana-lead"], key, taken_back)
    stage.at(8, publication.publish, cast["coordinator"], key, 1)
    with stage.app.app_context():
        slug, record = db.session.execute(select(Publication.slug, Publication.record)).one()
    made = record["statements"]
    assert [(m["kind"], m["name"], m["text"], m["version"]) for m in made] == [
        ("reservation", "", "Ours <b>.", 1),
        ("dissent", "Washington Expert 1", "Mine.", 1),
    ]
    page = stage.app.test_client().get(f"/publications/{slug}").text
    said = part(page, "h-attachments")
    assert "Attachment 1: Reservation, A Astana working group Ours <b>. 1 October 2009" in said
    assert (
        "Attachment 2: Dissent, W Washington working group Mine. Washington Expert 1, 1 October 2009" in said
    )
    assert "Taken back." not in page
    lead = visit("astana-lead")
    for statement in keys_of(stage, key):
        assert lead.post(f"recommendations/{key}/statements/{statement}/withdraw").status_code in (404, 409)
    assert stage.app.test_client().get(f"/publications/{slug}").text == page


def test_statement_is_attached_while_silence_is_proposed(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    key = proposed(stage)
    until = BEGIN + timedelta(days=7)
    stage.at(2, silence.propose_silence, stage.cast["washington-lead"], key, 1, until)
    visitor = visit("astana-lead")
    with clock.set_to(BEGIN + timedelta(days=1)):
        assert "Attach a statement" in item_page(visitor, key)
        assert attach(visitor, key).status_code == 302
        assert TYPED in part(item_page(visitor, key), "h-statements")

"""What happens to a text once it is public: retraction, a successor, and what members see of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.forms import editor_form
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.scenes import TYPED, act, can_do, event_count, item_page, part, plain
from tests.support.visitors import Visitor, input_value

Visit = Callable[[str], Visitor]


def public_address(page: str) -> str:
    """Where an item's page says that its text is public."""
    found = re.search(r'href="(/publications/[^"]+)"', page)
    assert found
    return found[1]


def public(app: Flask, address: str) -> str:
    """A public page, as anybody gets it."""
    answer = app.test_client().get(address)
    assert answer.status_code == 200
    return answer.text


def published_bytes(app: Flask) -> dict[str, tuple[str, bytes]]:
    """What was published, by symbol."""
    with app.app_context():
        rows = db.session.execute(select(Publication.symbol, Publication.digest, Publication.manifest))
        return {symbol: (digest, manifest) for symbol, digest, manifest in rows}


def test_publication_is_linked_and_ends_the_procedure(stage: Stage, visit: Visit) -> None:
    key = scenes.published(stage)
    for who in ("washington-lead", "astana-observer", "coordinator"):
        page = item_page(visit(who), key)
        assert "A public timetable" in public(stage.app, public_address(page))
        assert "USKZ.REC/1/09" in page
        assert 'aria-label="State: Published, step 5 of 5"' in page
        assert "Waiting for the" not in page
    assert "Retract the publication" in can_do(item_page(visit("coordinator"), key))


def test_text_is_not_public_before_it_is_published(stage: Stage, visit: Visit) -> None:
    key = scenes.approved(stage)
    assert "/publications/" not in item_page(visit("coordinator"), key)
    assert stage.app.test_client().get("/symbols/USKZ.REC/1/09").status_code == 404


def test_retraction_marks_the_page_and_keeps_its_words(stage: Stage, visit: Visit) -> None:
    key = scenes.published(stage)
    coordinator = visit("coordinator")
    address = public_address(item_page(coordinator, key))
    before = published_bytes(stage.app)
    asked = coordinator.get(f"recommendations/{key}/acts/retract").text
    assert "Explanation for the public" in asked
    refused = act(coordinator, key, "retract")
    assert (refused.status_code, "retracted" in public(stage.app, address).lower()) == (422, False)
    explained = "The figures were <b>wrong</b>."
    assert act(coordinator, key, "retract", reason=explained).status_code == 302
    page = public(stage.app, address)
    assert "retracted" in page.lower()
    assert "The figures were &lt;b&gt;wrong&lt;/b&gt;." in page
    assert "Publish a timetable." in page
    assert published_bytes(stage.app) == before
    own = item_page(visit("astana-lead"), key)
    assert 'aria-label="State: Retracted, step 5 of 5"' in own
    assert "Draft a successor" not in own
    assert plain(can_do(own)).endswith("Nothing: this text waits for nobody.")
    again = act(coordinator, key, "retract", reason=TYPED)
    assert (again.status_code, TYPED in again.text) == (409, True)
    assert "The text is now: Retracted." in again.text


@pytest.mark.parametrize("who", ["washington-lead", "astana-expert-1", "astana-observer", "administrator"])
def test_only_the_coordinator_retracts(stage: Stage, visit: Visit, who: str) -> None:
    key = scenes.published(stage)
    events = event_count(stage.app)
    answer = act(visit(who), key, "retract", reason=TYPED)
    assert answer.status_code == (404 if who == "administrator" else 403)
    assert TYPED in answer.text
    assert event_count(stage.app) == events


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("washington-expert-1", True),
        ("astana-lead", True),
        ("washington-observer", False),
        ("coordinator", False),
    ],
)
def test_successor_is_offered_to_who_drafts(stage: Stage, visit: Visit, who: str, offered: bool) -> None:
    key = scenes.published(stage)
    assert ("Draft a successor" in item_page(visit(who), key)) is offered


def test_successor_is_prefilled_goes_the_whole_way_and_supersedes(stage: Stage, visit: Visit) -> None:
    key = scenes.published(stage)
    author = visit("washington-expert-1")
    old_page = item_page(author, key)
    address = public_address(old_page)
    link = re.search(r'href="([^"]+)">Draft a successor</a>', old_page)
    assert link
    form = author.get(link[1].replace("&amp;", "&")).text
    assert input_value(form, "title") == "A public timetable"
    assert "1. Publish a timetable." in form
    answer = author.post(
        "recommendations/new",
        editor_form(
            title="A better timetable",
            once=input_value(form, "once"),
            replaces=input_value(form, "replaces"),
        ),
    )
    assert answer.status_code == 302
    new = answer.location.rsplit("/", 1)[1]
    assert "Replaces USKZ.REC/1/09" in plain(item_page(author, new))
    before = published_bytes(stage.app)
    _whole_way(stage, new)
    assert "superseded" not in public(stage.app, address).lower()
    coordinator = visit("coordinator")
    assert act(coordinator, new, "publish").status_code == 302
    page = public(stage.app, address)
    new_address = public_address(item_page(author, new))
    assert new_address != address
    assert "superseded" in page.lower()
    assert f'href="{new_address}"' in page
    assert "Publish a timetable." in page
    after = published_bytes(stage.app)
    assert {symbol: after[symbol] for symbol in before} == before
    assert "A better timetable" in public(stage.app, new_address)
    for who in ("washington-expert-1", "astana-observer", "coordinator"):
        old = item_page(visit(who), key)
        assert f'Replaced by</dt><dd><a href="/desk/uskz/recommendations/{new}">USKZ.REC/2/09</a>' in old
    old = item_page(author, key)
    assert 'aria-label="State: Superseded, step 5 of 5"' in old
    assert "Draft a successor" not in old
    assert "was superseded by a newer text" in part(old, "h-log")


def _whole_way(stage: Stage, key: str) -> None:
    cast = stage.cast
    stage.at(20, recommendations.propose, cast["washington-lead"], key, 1)
    for name in ("astana-lead", "astana-expert-1"):
        stage.at(21, deliberation.take_position, cast[name], key, 1, Stand.APPROVE)
    stage.at(22, deliberation.agree_to_version, cast["astana-lead"], key, 1)
    stage.at(23, publication.approve, cast["coordinator"], key, 1)


def test_successor_of_the_other_group_supersedes_as_well(stage: Stage, visit: Visit) -> None:
    key = scenes.published(stage)
    cast = stage.cast
    lead = visit("astana-lead")
    form = lead.get(f"recommendations/new?replaces={key}").text
    answer = lead.post(
        "recommendations/new", editor_form(once=input_value(form, "once"), title="Astana's", replaces=key)
    )
    new = answer.location.rsplit("/", 1)[1]
    assert "Replaced by" not in item_page(lead, key)
    # The draft is nothing to the other side yet.
    assert visit("washington-lead").get(f"recommendations/{new}").status_code == 404
    stage.at(20, recommendations.propose, cast["astana-lead"], new, 1)
    for name in ("washington-lead", "washington-expert-1"):
        stage.at(21, deliberation.take_position, cast[name], new, 1, Stand.APPROVE)
    stage.at(22, deliberation.agree_to_version, cast["washington-lead"], new, 1)
    stage.at(23, publication.approve, cast["coordinator"], new, 1)
    assert act(visit("coordinator"), new, "publish").status_code == 302
    assert "State: Superseded" in item_page(visit("washington-lead"), key)


def test_successor_of_a_retracted_text_is_published_beside_it(stage: Stage, visit: Visit) -> None:
    key = scenes.published(stage)
    author, coordinator = visit("washington-expert-1"), visit("coordinator")
    form = author.get(f"recommendations/new?replaces={key}").text
    answer = author.post(
        "recommendations/new", editor_form(once=input_value(form, "once"), title="New", replaces=key)
    )
    new = answer.location.rsplit("/", 1)[1]
    act(coordinator, key, "retract", reason="Wrong.")
    late = author.post(
        "recommendations/new", editor_form(title=TYPED, once=input_value(form, "once") + "x", replaces=key)
    )
    assert (late.status_code, TYPED in late.text) == (422, True)
    assert "That text has been retracted." in plain(late.text)
    _whole_way(stage, new)
    assert act(coordinator, new, "publish").status_code == 302
    assert "State: Retracted" in item_page(author, key)


def test_successor_of_an_unpublished_text_is_refused_as_unknown(stage: Stage, visit: Visit) -> None:
    key = scenes.drafted(stage)
    lead = visit("astana-lead")
    known = lead.get(f"recommendations/new?replaces={key}")
    unknown = lead.get("recommendations/new?replaces=nobody000000")
    assert (known.status_code, known.data) == (404, unknown.data)

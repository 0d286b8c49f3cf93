"""Concerns through HTTP: raised, in the way of the agreement, ended by who raised them or by their lead."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from reviewflow.domain.ballots import ConcernEnd
from reviewflow.domain.errors import Unmet
from reviewflow.persistence.db import db
from reviewflow.persistence.models.deliberation import Thread
from reviewflow.services import deliberation, recommendations
from tests.factories.task_forces import content
from tests.functional.workspace.test_threads import comment, open_form, said
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.scenes import TYPED, event_count, item_page, part, plain
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]

WORRY = "Who will pay for it?"


def raised(visitor: Visitor, key: str, **fields: str) -> str:
    """Raise a concern on paragraph 2, and return its thread's key."""
    return comment(visitor, key, WORRY, "2", concern="1", **fields)


def ended(visitor: Visitor, key: str, thread: str, end: str = "answered", text: str = "Vienna pays.") -> int:
    """Say how a concern ended, and return the status of the answer."""
    path = f"recommendations/{key}/threads/{thread}/end"
    return visitor.post(path, {"version": "1", "end": end, "text": text}).status_code


def test_concern_stands_in_the_way_of_the_agreement_until_it_is_answered(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage)
    author, lead = visit("astana-expert-1"), visit("astana-lead")
    assert "Agree to version 1" in plain(item_page(lead, key))
    thread = raised(author, key, words="Publish a timetable", internal="1")
    page = item_page(lead, key)
    assert "Concern must be answered before the Astana group can agree" in said(page, 2)
    assert "Not yet: 1 concern is not answered yet: Astana Expert 1." in plain(part(page, "h-now"))
    assert "1 concern open" in plain(page)
    assert re.search(r'<mark class="anchor anchor--stop" id="words-', page)
    with pytest.raises(Unmet) as refusal:
        stage.at(9, deliberation.agree_to_version, stage.cast["astana-lead"], key, 1)
    assert [r.code for r in refusal.value.details["reasons"]] == ["concern_open"]
    for who in ("washington-lead", "coordinator"):
        assert WORRY in item_page(visit(who), key)
    proposer = visit("washington-expert-1")
    assert "1 concern is open in" in plain(proposer.get("/desk/uskz/").text)
    proposer.post(f"recommendations/{key}/threads/{thread}/reply", {"text": "Both."})
    assert ended(author, key, thread) == 302
    page = item_page(lead, key)
    assert "Concern · answered, Astana Expert 1" in said(page, 2)
    assert "Vienna pays." in said(page, 2)
    assert "concern open" not in plain(page)
    stage.at(10, deliberation.agree_to_version, stage.cast["astana-lead"], key, 1)


@pytest.mark.parametrize("end", list(ConcernEnd))
def test_lead_may_end_the_concern_of_a_member(stage: Stage, visit: Visit, end: str) -> None:
    key = scenes.carrying(stage)
    thread = raised(visit("astana-expert-1"), key)
    assert ended(visit("astana-lead"), key, thread, end) == 302
    with stage.app.app_context():
        row = db.session.scalars(select(Thread).where(Thread.key == thread)).one()
        assert (row.kind, row.internal, row.outcome) == ("concern", False, end)


def test_nobody_else_ends_a_concern(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage)
    thread = raised(visit("astana-expert-1"), key)
    events = event_count(stage.app)
    for who, status in (
        ("astana-expert-2", 409),
        ("washington-lead", 403),
        ("coordinator", 403),
        ("astana-observer", 403),
        ("washington-observer", 403),
        ("administrator", 404),
    ):
        visitor = visit(who)
        assert (ended(visitor, key, thread), who) == (status, who)
        if who != "administrator":
            assert "Say how it ended" not in item_page(visitor, key)
    for what in ("resolve", "reopen"):
        answer = visit("astana-expert-1").post(f"recommendations/{key}/threads/{thread}/{what}")
        assert answer.status_code == 403
    assert event_count(stage.app) == events


def test_end_needs_words_and_a_choice_and_comes_once(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage)
    visitor = visit("astana-expert-1")
    thread = raised(visitor, key)
    plain_thread = comment(visitor, key, "By when?", "2")
    events = event_count(stage.app)
    for end, text in (("", TYPED), ("agreed", TYPED), ("resolved", " ")):
        answer = visitor.post(
            f"recommendations/{key}/threads/{thread}/end", {"version": "1", "end": end, "text": text}
        )
        assert answer.status_code == 422
        assert text.strip() in answer.text
    assert (
        "Say how the concern ends"
        in visitor.post(f"recommendations/{key}/threads/{thread}/end", {"version": "1", "text": TYPED}).text
    )
    assert ended(visitor, key, plain_thread) == 404
    assert event_count(stage.app) == events
    assert ended(visitor, key, thread) == 302
    assert ended(visitor, key, thread) == 409
    assert event_count(stage.app) == events + 1


def test_concern_without_words_keeps_the_form(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    visitor = visit("astana-expert-1")
    answer = visitor.post(
        f"recommendations/{key}/threads", {"version": "1", "paragraph": "2", "concern": "1", "text": " "}
    )
    assert answer.status_code == 422
    number, form = open_form(answer.text)
    assert number == "2"
    assert re.search(r'name="concern" value="1" checked', form)


def test_only_counterparts_raise_concerns_and_before_they_agree(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage)
    events = event_count(stage.app)
    for who in ("washington-lead", "washington-expert-1", "coordinator", "astana-observer"):
        visitor = visit(who)
        assert 'name="concern"' not in item_page(visitor, key)
        answer = visitor.post(
            f"recommendations/{key}/threads", {"version": "1", "concern": "1", "text": TYPED}
        )
        assert (answer.status_code, TYPED in answer.text, who) == (403, True, who)
    assert event_count(stage.app) == events
    stage.at(9, deliberation.agree_to_version, stage.cast["astana-lead"], key, 1)
    visitor = visit("astana-expert-1")
    assert 'name="concern"' not in item_page(visitor, key)
    answer = visitor.post(f"recommendations/{key}/threads", {"version": "1", "concern": "1", "text": TYPED})
    assert (answer.status_code, TYPED in answer.text) == (409, True)


def test_concern_outlives_versions_and_rounds(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage)
    raised(visit("astana-expert-1"), key)
    author, reviewer = stage.cast["washington-expert-1"], stage.cast["astana-expert-1"]
    stage.at(9, deliberation.request_changes, reviewer, key, 1, "Say who pays.")
    stage.at(10, recommendations.save_version, author, key, 1, content(text="1. Vienna pays."))
    stage.at(11, recommendations.resubmit, author, key, 2)
    page = item_page(visit("astana-lead"), key)
    assert "1 concern is not answered yet" in plain(part(page, "h-now"))
    assert "Concern must be answered" in said(page, 0)

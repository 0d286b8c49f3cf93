"""What an open page asks: what is new, who else is there; and what it must not tell."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.domain.presence import GONE_AFTER
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import TaskForce
from reviewflow.persistence.models.presence import PresenceRow
from reviewflow.persistence.models.sessions import SessionRow
from reviewflow.services import deliberation
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]


def mark_of(visitor: Visitor, key: str) -> str:
    """The event that a page was made after."""
    found = re.search(r'data-live-mark="([0-9a-f]{64})"', scenes.item_page(visitor, key))
    assert found
    return found[1]


def ask(visitor: Visitor, key: str, **asked: str) -> dict[str, Any] | None:
    """What there is to tell; None for nothing."""
    answer = visitor.get(f"recommendations/{key}/live", query_string=asked)
    assert answer.status_code in (200, 204), answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.get_json() if answer.status_code == 200 else None


def test_comment_of_another_is_told_once_and_ones_own_is_not(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    author, expert = visit("washington-expert-1"), visit("astana-expert-1")
    mark, own = mark_of(author, key), mark_of(expert, key)
    assert ask(author, key, mark=mark) is None
    thread = stage.at(
        1, deliberation.open_thread, stage.cast["astana-expert-1"], key, "By when?", internal=False, version=1
    )
    news = ask(author, key, mark=mark)
    assert news is not None
    assert news["said"] == [
        {"sentence": "Astana Expert 1 opened a discussion on USKZ.DR/1/09.", "thread": thread}
    ]
    assert ask(author, key, mark=news["mark"], here=news["here"]) is None
    told = ask(expert, key, mark=own)
    assert told is not None
    assert told["said"] == []


def test_what_is_internal_is_told_to_the_group_alone(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    author, expert, coordinator = (
        visit(name) for name in ("washington-expert-1", "astana-expert-1", "coordinator")
    )
    marks = {who: mark_of(who, key) for who in (author, expert, coordinator)}
    stage.at(
        1, deliberation.open_thread, stage.cast["washington-lead"], key, "Hold on.", internal=True, version=1
    )
    news = ask(author, key, mark=marks[author])
    assert news is not None
    assert len(news["said"]) == 1
    for who in (expert, coordinator):
        told = ask(who, key, mark=marks[who])
        assert told is None or (told["mark"], told["said"]) == (marks[who], [])


def test_new_version_is_told_with_its_number(stage: Stage, visit: Visit) -> None:
    key = scenes.sent_back(stage)
    author = visit("washington-expert-1")
    news = ask(author, key, mark="no such event")
    assert news is not None
    assert news["version"] == 1
    assert any("asked for changes" in one["sentence"] and not one["thread"] for one in news["said"])


def test_who_else_is_there_and_who_writes(app: Flask, stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    author, expert = visit("washington-expert-1"), visit("astana-expert-1")
    now, mark = clock.now(), mark_of(author, key)
    with clock.set_to(now):
        assert ask(author, key, mark=mark) is None
        news = ask(expert, key, mark=mark)
        assert news is not None
        assert news["people"] == "Also here: Washington Expert 1"
        assert ask(expert, key, mark=mark, here=news["here"]) is None
    with clock.set_to(now + timedelta(seconds=3)):
        ask(author, key, mark=mark, writing="1")
        news = ask(expert, key, mark=mark, here=news["here"])
        assert news is not None
        assert news["people"] == "Also here: Washington Expert 1 (writing)"
    with clock.set_to(now + timedelta(seconds=3) + GONE_AFTER):
        assert ask(expert, key, mark=mark)["people"] == "Also here: Washington Expert 1"
    with clock.set_to(now + timedelta(seconds=4) + GONE_AFTER):
        news = ask(expert, key, mark=mark, here=news["here"])
        assert news is not None
        assert (news["people"], news["here"]) == ("", "")


def test_chatham_house_rule_holds_for_who_is_there(app: Flask, stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    with app.app_context():
        db.session.execute(TaskForce.__table__.update().values(chatham_house=True))
        db.session.commit()
    ask(visit("washington-expert-1"), key)
    news = ask(visit("astana-expert-1"), key)
    assert news is not None
    assert news["people"] == "Also here: A member of the Washington group"


def test_what_does_not_exist_for_somebody_is_not_told_either(stage: Stage, visit: Visit) -> None:
    draft = scenes.drafted(stage)
    for who in ("astana-expert-1", "coordinator", "administrator"):
        visitor = visit(who)
        hidden = visitor.get(f"recommendations/{draft}/live")
        missing = visitor.get("recommendations/000000000000/live")
        assert (hidden.status_code, hidden.data) == (404, missing.data), who


def test_an_open_page_writes_now_and_then_and_keeps_no_session_alive(
    app: Flask, stage: Stage, visit: Visit
) -> None:
    key = scenes.proposed(stage)
    author = visit("washington-expert-1")
    now, mark = clock.now(), mark_of(author, key)
    for seconds, statements in ((0, 5), (1.5, 3), (3, 3), (10, 5), (11.5, 3)):
        with clock.set_to(now + timedelta(seconds=seconds)), stage.counted() as counted:
            assert ask(author, key, mark=mark) is None
        assert len(counted) == statements, (seconds, counted)
    with app.app_context():
        before = db.session.scalar(select(func.max(SessionRow.seen_at)))
    with clock.set_to(now + timedelta(hours=2)):
        ask(author, key)
        author.get(f"recommendations/{key}", headers={"X-Live": "1"})
    with app.app_context():
        assert db.session.scalar(select(func.max(SessionRow.seen_at))) == before
        assert db.session.scalar(select(func.count()).select_from(PresenceRow)) == 1


@pytest.mark.parametrize("odd", ["", "x" * 5000, "\u202e", "'; DROP TABLE events"])
def test_odd_questions_get_an_answer(stage: Stage, visit: Visit, odd: str) -> None:
    key = scenes.proposed(stage)
    ask(visit("washington-expert-1"), key, mark=odd, here=odd, writing=odd)

"""Threads through HTTP: opened, answered, resolved, kept with their words, and unseen by who may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import select

from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.deliberation import Comment
from reviewflow.services import deliberation, recommendations
from tests.factories.task_forces import content
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.scenes import TYPED, event_count, item_page, part, plain
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]

#: A text with four paragraphs; the last two have the same words.
TEXT = "The Government should:\n\n1. Publish a timetable.\n\nReport on it.\n\nReport on it."


def said(page: str, paragraph: int) -> str:
    """The words of the threads beside a paragraph (from 1), or on the whole text (0)."""
    beside = re.search(
        rf'<aside class="[^"]*" id="threads-{paragraph}".*?(?=<(?:p|details) class="[^"]*\bcomment-in )',
        page,
        re.S,
    )
    assert beside, paragraph
    return plain(beside[0])


def comment(visitor: Visitor, key: str, text: str, paragraph: str = "", **fields: str) -> str:
    """Open a thread, and return its key."""
    answer = visitor.post(
        f"recommendations/{key}/threads", {"version": "1", "paragraph": paragraph, "text": text, **fields}
    )
    assert answer.status_code == 302, answer.text
    return str(answer.location.rpartition("#thread-")[2])


def test_thread_stands_beside_its_paragraph(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    thread = comment(visit("astana-expert-1"), key, "By when?\nAnd who?", "2")
    author = visit("washington-expert-1")
    page = item_page(author, key)
    assert f'id="thread-{thread}"' in page
    assert re.search(
        r"Shared with all groups, coordinator A Astana Expert 1 .* By when\? And who\?", said(page, 2)
    )
    answer = author.post(f"recommendations/{key}/threads/{thread}/reply", {"text": "In May."})
    assert answer.location == f"/desk/uskz/recommendations/{key}#thread-{thread}"
    assert re.search(r"And who\? W You .* In May\.", said(item_page(author, key), 2))
    for who in ("coordinator", "washington-observer", "astana-observer"):
        assert "In May." in item_page(visit(who), key), who


def test_thread_stands_beside_the_one_of_two_equal_paragraphs(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    visitor = visit("astana-expert-1")
    comment(visitor, key, "To the last one", "4")
    page = item_page(visitor, key)
    assert "To the last one" in said(page, 4)
    assert "To the last one" not in said(page, 3)


def test_heading_has_a_place_for_comments_only_where_there_are_some(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text="# Timetable\n\n1. Publish it.")
    expert = visit("astana-expert-1")
    page = item_page(expert, key)
    assert 'data-comment="1"' not in page
    assert 'data-comment="2"' in page
    refused = expert.post(
        f"recommendations/{key}/threads", {"version": "1", "paragraph": "1", "internal": "", "text": " "}
    )
    assert (refused.status_code, 'id="comment-1" open' in refused.text) == (422, True)
    comment(expert, key, "Call it a calendar.", "1")
    page = item_page(expert, key)
    assert "Call it a calendar." in said(page, 1)
    assert 'data-comment="1"' in page


def test_form_of_a_paragraph_opens_where_it_is_asked_for(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert = visit("astana-expert-1")
    link = re.search(r'href="([^"]*)#comment-3" data-comment="3"', item_page(expert, key))
    assert link
    page = expert.client.get(link[1]).text
    assert open_form(page)[0] == "3"
    assert 'name="paragraph" value="3"' in open_form(page)[1]
    for odd in ("", "99", "x", "<b>"):
        page = expert.client.get(f"{link[1].partition('?')[0]}?comment={odd}").text
        assert not re.search(r'id="comment-[^"]*" open', page)


def test_thread_on_the_whole_text(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    comment(visit("coordinator"), key, "Well done.")
    page = item_page(visit("astana-lead"), key)
    assert re.search(r"Shared .* Coordinator, coordinator .* Well done\.", said(page, 0))
    assert "Comments that are not about one paragraph" not in page


def test_long_thread_folds_its_middle_and_loses_nothing(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    visitor = visit("astana-expert-1")
    thread = comment(visitor, key, "Comment 1", "1")
    for number in range(2, 7):
        visitor.post(f"recommendations/{key}/threads/{thread}/reply", {"text": f"Comment {number}"})
    page = item_page(visitor, key)
    assert re.findall(r"Comment \d", said(page, 1)) == [f"Comment {number}" for number in range(1, 7)]
    assert "4 earlier replies" in page


def test_equal_comments_are_all_shown(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    thread = stage.at(
        2, deliberation.open_thread, stage.cast["coordinator"], key, "Yes.", internal=False, version=1
    )
    for _ in range(5):
        stage.at(2, deliberation.reply, stage.cast["coordinator"], key, thread, "Yes.")
    assert said(item_page(visit("coordinator"), key), 0).count("Yes.") == 6


def test_thread_is_resolved_and_reopened(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    visitor, other = visit("astana-expert-1"), visit("washington-lead")
    thread = comment(visitor, key, "By when?", "2")
    events = event_count(stage.app)
    for _ in range(2):
        answer = other.post(f"recommendations/{key}/threads/{thread}/resolve")
        assert (answer.status_code, event_count(stage.app)) == (302, events + 1)
    page = said(item_page(visitor, key), 2)
    assert "resolved by Washington Lead" in page
    assert "Reopen" in page
    for _ in range(2):
        visitor.post(f"recommendations/{key}/threads/{thread}/reopen")
        assert event_count(stage.app) == events + 2
    assert "resolved by" not in item_page(other, key)


SECRET = "Between ourselves: give in on this."


@pytest.mark.parametrize(
    ("insider", "outsiders"),
    [
        ("astana-expert-1", ("washington-lead", "washington-observer", "coordinator")),
        ("washington-expert-2", ("astana-lead", "astana-observer", "coordinator")),
    ],
)
def test_internal_thread_does_not_exist_for_others(
    stage: Stage, visit: Visit, insider: str, outsiders: tuple[str, ...]
) -> None:
    key = scenes.proposed(stage, text=TEXT)
    # Pages show the time in both cities: what is compared is read in the same minute.
    minute = clock.now()
    with clock.set_to(minute):
        before = {who: item_page(visit(who), key) for who in outsiders}
    author = visit(insider)
    threads = [comment(author, key, SECRET, place, internal="1") for place in ("2", "")]
    author.post(f"recommendations/{key}/threads/{threads[0]}/reply", {"text": SECRET})
    author.post(f"recommendations/{key}/threads/{threads[1]}/resolve")
    own = item_page(author, key)
    city = insider.partition("-")[0].title()
    assert f"Internal only the {city} group sees this" in said(own, 2)
    assert own.count(SECRET) == 3
    assert "commented within the group" in part(own, "h-log")
    assert SECRET in item_page(visit(insider.partition("-")[0] + "-observer"), key)
    for who in outsiders:
        visitor = visit(who)
        with clock.set_to(minute):
            page = item_page(visitor, key)
        assert page.replace(visitor.token, "") == before[who].replace(_token(before[who]), "")
        events = event_count(stage.app)
        for thread in threads:
            for what in ("reply", "resolve", "reopen"):
                fields = {"text": TYPED}
                found = visitor.post(f"recommendations/{key}/threads/{thread}/{what}", fields)
                missing = visitor.post(f"recommendations/{key}/threads/{'0' * len(thread)}/{what}", fields)
                assert (found.status_code, missing.status_code) == (404, 404)
                assert found.data.replace(thread.encode(), b"0" * len(thread)) == missing.data
                assert TYPED in found.text
        assert event_count(stage.app) == events


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_draft_is_discussed_internally_only(stage: Stage, visit: Visit) -> None:
    key = scenes.drafted(stage, text=TEXT)
    visitor = visit("washington-expert-2")
    page = item_page(visitor, key)
    assert "Internal: the Washington group only" in page
    assert "Shared: all groups and the coordinator" not in page
    events = event_count(stage.app)
    answer = visitor.post(f"recommendations/{key}/threads", {"version": "1", "text": TYPED})
    assert (answer.status_code, TYPED in answer.text) == (403, True)
    assert event_count(stage.app) == events
    comment(visitor, key, "Shall we?", "1", internal="1")
    stage.at(9, recommendations.propose, stage.cast["washington-lead"], key, 1)
    assert "Shall we?" not in item_page(visit("astana-lead"), key)


@pytest.mark.parametrize("who", ["washington-observer", "astana-observer"])
def test_observer_reads_threads_and_writes_none(stage: Stage, visit: Visit, who: str) -> None:
    key = scenes.proposed(stage, text=TEXT)
    thread = comment(visit("astana-expert-1"), key, "By when?", "2")
    visitor = visit(who)
    page = item_page(visitor, key)
    assert "By when?" in page
    assert "/threads" not in page
    events = event_count(stage.app)
    for path in ("threads", f"threads/{thread}/reply", f"threads/{thread}/resolve"):
        answer = visitor.post(f"recommendations/{key}/{path}", {"version": "1", "text": TYPED})
        assert (answer.status_code, path) == (403, path)
        assert "leads and experts of the working groups" in answer.text
        assert TYPED in answer.text
    assert event_count(stage.app) == events


def test_coordinator_has_no_internal_thread(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    visitor = visit("coordinator")
    assert "Internal" not in item_page(visitor, key)
    answer = visitor.post(f"recommendations/{key}/threads", {"version": "1", "internal": "1", "text": TYPED})
    assert (answer.status_code, TYPED in answer.text) == (403, True)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n"])
@pytest.mark.parametrize("paragraph", ["", "2"])
def test_empty_comment_keeps_the_form(stage: Stage, visit: Visit, text: str, paragraph: str) -> None:
    key = scenes.proposed(stage, text=TEXT)
    visitor = visit("astana-expert-1")
    events = event_count(stage.app)
    answer = visitor.post(
        f"recommendations/{key}/threads",
        {"version": "1", "paragraph": paragraph, "internal": "1", "text": text},
    )
    assert answer.status_code == 422
    assert "Your comment is not saved yet" in answer.text
    assert "please fill it in" in answer.text
    form = open_form(answer.text)
    assert form[0] == (paragraph or "0")
    assert re.search(r'name="internal" value="1"[^>]* checked', form[1])
    assert event_count(stage.app) == events


def open_form(page: str) -> tuple[str, str]:
    """Which comment form stands open, and its fields."""
    found = re.findall(
        r'<details class="form-in comment-in no-print" id="comment-(\d+)" open>(.*?)</details>', page, re.S
    )
    assert len(found) == 1
    return found[0][0], found[0][1]


@pytest.mark.parametrize("paragraph", ["0", "5", "999", "-1", "x", "²", "1 ", "9" * 30])
def test_comment_on_a_paragraph_that_is_not_there(stage: Stage, visit: Visit, paragraph: str) -> None:
    key = scenes.proposed(stage, text=TEXT)
    events = event_count(stage.app)
    answer = visit("astana-expert-1").post(
        f"recommendations/{key}/threads",
        {"version": "1", "paragraph": paragraph, "internal": "1", "text": TYPED},
    )
    assert answer.status_code == 422
    assert "That paragraph is not in this version." in answer.text
    number, form = open_form(answer.text)
    assert (number, TYPED in form) == ("0", True)
    assert re.search(r'name="internal" value="1"[^>]* checked', form)
    assert event_count(stage.app) == events


@pytest.mark.parametrize("paragraph", ["", "1", "4"])
def test_comment_on_an_older_version_is_given_back(stage: Stage, visit: Visit, paragraph: str) -> None:
    key = scenes.sent_back(stage, text=TEXT)
    author = stage.cast["washington-expert-1"]
    stage.at(5, recommendations.save_version, author, key, 1, content(text="1. By May."))
    stage.at(6, recommendations.resubmit, author, key, 2)
    events = event_count(stage.app)
    answer = visit("astana-expert-1").post(
        f"recommendations/{key}/threads", {"version": "1", "paragraph": paragraph, "text": TYPED}
    )
    assert answer.status_code == 409
    assert "You were about to act on version 1, but the newest is version 2." in plain(answer.text)
    number, form = open_form(answer.text)
    assert (number, TYPED in form) == ("1" if paragraph == "1" else "0", True)
    assert event_count(stage.app) == events


def test_empty_reply_keeps_its_form_open(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    visitor = visit("astana-expert-1")
    thread = comment(visitor, key, "By when?", "2")
    answer = visitor.post(f"recommendations/{key}/threads/{thread}/reply", {"text": " "})
    assert answer.status_code == 422
    assert '<details class="form-in" open>' in answer.text
    with stage.app.app_context():
        assert db.session.scalars(select(Comment.text)).all() == ["By when?"]


def test_reply_that_can_not_be_stored_is_given_back(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    visitor = visit("astana-expert-1")
    thread = comment(visitor, key, "By when?", "2")
    answer = visitor.post(f"recommendations/{key}/threads/{thread}/reply", {"text": f"{TYPED}\u202e"})
    assert answer.status_code == 422
    assert "reverses the direction of reading" in answer.text
    assert re.search(rf'id="reply-{thread}"[^>]*>{TYPED}', answer.text)


def test_thread_on_changed_words_is_listed_with_its_old_quote(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    reviewer, author = stage.cast["astana-expert-1"], stage.cast["washington-expert-1"]
    for paragraph, words in ((2, "By when?"), (4, "To whom?")):
        stage.at(
            2, deliberation.open_thread, reviewer, key, words, internal=False, version=1, paragraph=paragraph
        )
    stage.at(3, deliberation.request_changes, reviewer, key, 1, "Say by when.")
    new = "0. New.\n\nThe Government should:\n\n1. Publish it by May.\n\nReport on it."
    stage.at(4, recommendations.save_version, author, key, 1, content(text=new))
    before = item_page(visit("astana-lead"), key)
    assert "By when?" in said(before, 2)
    own = item_page(visit("washington-lead"), key)
    stage.at(5, recommendations.resubmit, author, key, 2)
    for page in (own, item_page(visit("astana-lead"), key)):
        changed = "This paragraph has changed since version 1: 1. Publish a timetable. Version 1 A Astana"
        assert changed in said(page, 3)
        assert "By when?" in said(page, 3)
        assert "To whom?" in said(page, 4)


def test_shared_thread_on_a_hidden_text_shows_none_of_its_words(stage: Stage, visit: Visit) -> None:
    key = scenes.sent_back(stage, text=TEXT)
    author = stage.cast["washington-expert-1"]
    secret = "1. By the month that nobody was told.\n\nReport on it."
    stage.at(4, recommendations.save_version, author, key, 1, content(text=secret))
    lead = visit("washington-lead")
    for paragraph, words in (("1", "We work on it."), ("2", "This stays.")):
        fields = {"version": "2", "paragraph": paragraph, "text": words}
        assert lead.post(f"recommendations/{key}/threads", fields).status_code == 302
    assert "We work on it." in said(item_page(lead, key), 1)
    for who in ("astana-expert-1", "astana-observer", "coordinator"):
        page = item_page(visit(who), key)
        if who != "astana-observer":  # An observer has no form, by which `said` finds its place.
            assert "We work on it." in said(page, 0)
            # Two paragraphs of that text read so, and either is honest.
            assert "This stays." in said(page, 3) + said(page, 4)
        assert not re.search(r"month that|[Vv]ersion 2", page)
    stage.at(9, recommendations.resubmit, author, key, 2)
    assert "We work on it." in said(item_page(visit("astana-lead"), key), 1)


def test_thread_of_a_foreign_item_is_not_found(stage: Stage, visit: Visit) -> None:
    one, other = scenes.proposed(stage, text=TEXT), scenes.proposed(stage, text=TEXT)
    visitor = visit("astana-expert-1")
    thread = comment(visitor, one, "By when?", "2")
    for what in ("reply", "resolve", "reopen"):
        answer = visitor.post(f"recommendations/{other}/threads/{thread}/{what}", {"text": TYPED})
        assert answer.status_code == 404


def test_thread_of_a_published_text_stays_among_members(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage, text=TEXT)
    comment(visit("astana-expert-1"), key, SECRET, "2")
    for who, name in (("astana-lead", "agree"), ("coordinator", "approve"), ("coordinator", "publish")):
        assert scenes.act(visit(who), key, name).status_code == 302
    address = re.search(r'href="(/publications/[^"]+)"', item_page(visit("astana-lead"), key))
    assert address
    assert SECRET not in stage.app.test_client().get(address[1]).text

"""Threads on words through HTTP: selected, marked, carried to the next version, and told honestly."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from reviewflow.services import deliberation, recommendations
from tests.factories.task_forces import content
from tests.functional.workspace.test_threads import comment, open_form, said
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.scenes import TYPED, event_count, item_page
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]


#: The same, with words that can be told apart in many ways.
RICH = (
    "The Government should:\n\n"
    "1. Publish a timetable, **before the [law](https://a.example/law) goes to Parliament**, and publish it"
    " again."
)


def on_words(visitor: Visitor, key: str, words: str, paragraph: str = "2", **fields: str) -> str:
    """Open a thread on words, and return its key."""
    return comment(visitor, key, "Why these?", paragraph, words=words, **fields)


def marked(page: str, thread: str) -> str:
    """The words of the text that are marked as a thread's."""
    pieces = re.findall(rf'<mark class="[^"]*"[^>]*aria-details="thread-{thread}">([^<]*)</mark>', page)
    return "".join(pieces)


def test_thread_on_words_marks_them_in_the_text(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=RICH)
    thread = on_words(visit("astana-expert-1"), key, "  before the law goes\nto parliament ")
    page = item_page(visit("washington-expert-1"), key)
    assert marked(page, thread) == "before the law goes to Parliament"
    assert page.count(f'id="words-{thread}"') == 1
    assert f'href="#words-{thread}"' in page
    assert "On before the [law](https://a.example/law) goes to Parliament" in said(page, 2)


def test_of_words_that_stand_there_twice_the_selected_ones_are_meant(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=RICH)
    visitor = visit("astana-expert-1")
    events = event_count(stage.app)
    answer = visitor.post(
        f"recommendations/{key}/threads",
        {"version": "1", "paragraph": "2", "words": "publish", "text": TYPED, "internal": "1"},
    )
    assert answer.status_code == 422
    assert "These words are there 2 times." in answer.text
    number, form = open_form(answer.text)
    assert (number, TYPED in form, 'value="publish"' in form) == ("2", True, True)
    assert event_count(stage.app) == events
    thread = on_words(visitor, key, "publish", near="55")
    page = item_page(visitor, key)
    assert page.index(f'id="words-{thread}"') > page.index("Parliament")


@pytest.mark.parametrize("words", ["a law that is not there", "https", "\u202e", "*"])
def test_words_that_are_not_there_are_given_back(stage: Stage, visit: Visit, words: str) -> None:
    key = scenes.proposed(stage, text=RICH)
    visitor = visit("astana-expert-1")
    answer = visitor.post(
        f"recommendations/{key}/threads", {"version": "1", "paragraph": "2", "words": words, "text": TYPED}
    )
    assert answer.status_code == 422
    assert "These words are not there as you wrote them." in answer.text
    assert TYPED in open_form(answer.text)[1]


def test_words_are_found_in_the_whole_text(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=RICH)
    visitor = visit("astana-expert-1")
    thread = on_words(visitor, key, "publish it again", paragraph="")
    assert marked(item_page(visitor, key), thread) == "publish it again"
    assert "Why these?" in said(item_page(visitor, key), 2)


def revised(stage: Stage, key: str, text: str, base: int = 1) -> None:
    """The proposing group changes the text and brings it back."""
    reviewer, author = stage.cast["astana-expert-1"], stage.cast["washington-expert-1"]
    stage.at(3 + 3 * base, deliberation.request_changes, reviewer, key, base, "Say by when.")
    stage.at(4 + 3 * base, recommendations.save_version, author, key, base, content(text=text))
    stage.at(5 + 3 * base, recommendations.resubmit, author, key, base + 1)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("1. Publish a", "0. New.\n\n1. Publish a", ("", 3, "goes to Parliament")),
        ("1. Publish a", "1. Publish soon a", ("moved since version 1", 2, "goes to Parliament")),
        (
            "goes to Parliament",
            "went to Parliament",
            ("The marked words are probably meant.", 2, "went to Parliament"),
        ),
        (
            "goes to Parliament",
            "is passed",
            ("On words of version 1 that are no longer in this paragraph:", 2, ""),
        ),
        (RICH, "Do nothing.", ("On words of version 1 that are no longer in the text:", 0, "")),
    ],
)
def test_every_hold_is_told(
    stage: Stage, visit: Visit, old: str, new: str, expected: tuple[str, int, str]
) -> None:
    key = scenes.proposed(stage, text=RICH)
    thread = on_words(visit("astana-expert-1"), key, "goes to Parliament")
    revised(stage, key, RICH.replace(old, new))
    note, paragraph, words = expected
    for who in ("astana-lead", "washington-lead", "coordinator"):
        page = item_page(visit(who), key)
        assert marked(page, thread) == words
        told = said(page, paragraph)
        assert "Why these?" in told
        assert note in told
        assert told.count("since version 1") + told.count("of version 1") == bool(note)


def test_approximate_place_is_confirmed_and_then_carried(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=RICH)
    thread = on_words(visit("astana-expert-1"), key, "goes to Parliament")
    changed = RICH.replace("goes to", "went to")
    revised(stage, key, changed)
    visitor = visit("washington-lead")
    assert "These are the words" in said(item_page(visitor, key), 2)
    assert 'class="anchor anchor--maybe"' in item_page(visitor, key)
    stale = visitor.post(f"recommendations/{key}/threads/{thread}/confirm", {"version": "1", "right": "1"})
    assert stale.status_code == 409
    events = event_count(stage.app)
    for _ in range(2):
        answer = visitor.post(
            f"recommendations/{key}/threads/{thread}/confirm", {"version": "2", "right": "1"}
        )
        assert (answer.status_code, event_count(stage.app)) == (302, events + 1)
    told = said(item_page(visitor, key), 2)
    assert "Washington Lead confirmed the place in this version." in told
    assert "These are the words" not in told
    revised(stage, key, "0. New.\n\n" + changed, base=2)
    page = item_page(visitor, key)
    assert marked(page, thread) == "went to Parliament"
    assert "probably" not in said(page, 3)


def test_place_confirmed_by_the_others_is_confirmed_in_the_version_being_prepared(
    stage: Stage, visit: Visit
) -> None:
    key = scenes.proposed(stage, text=RICH)
    thread = on_words(visit("astana-expert-1"), key, "goes to Parliament")
    changed = RICH.replace("goes to", "went to")
    revised(stage, key, changed)
    reviewer, author = stage.cast["astana-lead"], stage.cast["washington-expert-1"]
    stage.at(9, deliberation.request_changes, reviewer, key, 2, "Say by whom.")
    stage.at(10, recommendations.save_version, author, key, 2, content(text="0. New.\n\n" + changed))
    assert "These are the words" in said(item_page(visit("washington-lead"), key), 3)
    visit("astana-lead").post(
        f"recommendations/{key}/threads/{thread}/confirm", {"version": "2", "right": "1"}
    )
    own = item_page(visit("washington-lead"), key)
    assert marked(own, thread) == "went to Parliament"
    assert "These are the words" not in said(own, 3)


def test_wrong_place_is_given_up_for_its_paragraph(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=RICH)
    thread = on_words(visit("astana-expert-1"), key, "goes to Parliament")
    revised(stage, key, RICH.replace("goes to", "went to"))
    visitor = visit("astana-lead")
    visitor.post(f"recommendations/{key}/threads/{thread}/confirm", {"version": "2", "right": ""})
    page = item_page(visitor, key)
    assert (marked(page, thread), "no longer in this paragraph" in said(page, 2)) == ("", True)
    for who in ("washington-observer", "astana-observer"):
        answer = visit(who).post(
            f"recommendations/{key}/threads/{thread}/confirm", {"version": "2", "right": "1"}
        )
        assert answer.status_code == 403


def test_thread_opened_on_the_circulated_text_has_its_place_in_the_newer_one(
    stage: Stage, visit: Visit
) -> None:
    key = scenes.sent_back(stage, text=RICH)
    author = stage.cast["washington-expert-1"]
    stage.at(5, recommendations.save_version, author, key, 1, content(text="0. New.\n\n" + RICH))
    thread = on_words(visit("astana-expert-1"), key, "goes to Parliament")
    assert "Why these?" in said(item_page(visit("astana-lead"), key), 2)
    own = item_page(visit("washington-lead"), key)
    assert ("Why these?" in said(own, 3), marked(own, thread)) == (True, "goes to Parliament")


def test_many_threads_fold_and_cost_no_more_statements(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=RICH)
    author, other = stage.cast["astana-expert-1"], stage.cast["washington-lead"]

    def opened(count: int) -> None:
        for number in range(count):
            words = "goes to Parliament" if number % 3 else ""
            thread = stage.at(2, deliberation.open_thread, author, key, f"Comment {number}", internal=False,
                              version=1, paragraph=2, words=words)  # fmt: skip
            if number % 7 == 6:
                stage.at(2, deliberation.resolve_thread, other, key, thread)

    visitor = visit("astana-lead")
    opened(3)
    item_page(visitor, key)
    with stage.counted() as few:
        item_page(visitor, key)
    opened(297)
    with stage.counted() as many:
        item_page(visitor, key)
    assert (len(few), len(many)) == (12, 12), many
    page = said(item_page(visitor, key), 2)
    assert len(re.findall(r"Comment \d+ Reply", page)) == 300
    assert "253 more threads" in page
    assert "42 resolved threads" in page

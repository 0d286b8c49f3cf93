"""Suggestions and brackets through HTTP: made, shown in three ways, decided, and told to who may know."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from reviewflow.services import recommendations, suggestions
from reviewflow.services.anchors import Aim
from tests.factories.task_forces import content
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.scenes import TYPED, event_count, item_page, part, plain
from tests.support.visitors import Visitor, input_value

Visit = Callable[[str], Visitor]

TEXT = "1. The Government shall publish a timetable.\n\n2. It shall report each year."


def send(
    visitor: Visitor, key: str, words: str, after: str, paragraph: int = 1, **fields: str
) -> TestResponse:
    """Fill in the form of a paragraph and send it."""
    form = visitor.get(f"recommendations/{key}/suggest?paragraph={paragraph}").text
    sent = {
        "version": input_value(form, "version"),
        "paragraph": str(paragraph or ""),
        "words": words,
        "after": after,
        **fields,
    }
    return visitor.post(f"recommendations/{key}/suggest", sent)


def made(visitor: Visitor, key: str, words: str, after: str, paragraph: int = 1, **fields: str) -> str:
    """The same, which must be accepted; returns the thread's key."""
    answer = send(visitor, key, words, after, paragraph, **fields)
    assert answer.status_code == 302, answer.text
    return answer.location.rpartition("#thread-")[2]


def marked(page: str, thread: str) -> str:
    """How a suggestion is drawn in the text: `-old+new`."""
    pieces = re.findall(rf'<(ins|del) class="[^"]*"[^>]*aria-details="thread-{thread}">([^<]*)</\1>', page)
    return "".join(f"{'-' if tag == 'del' else '+'}{words}" for tag, words in pieces)


def shown(page: str) -> str:
    """The words of the text as they are read, with what is drawn in."""
    found = re.search(r'<div class="read" lang="en"[^>]*>(.*?)</section>', page, re.DOTALL)
    assert found
    return plain(re.sub(r"<aside.*?</aside>", "", found[1], flags=re.DOTALL))


def test_suggestion_is_drawn_in_the_text_and_stands_beside_it(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    thread = made(visit("astana-expert-1"), key, "shall publish", "should publish", reason="Softer.")
    page = item_page(visit("washington-lead"), key)
    assert marked(page, thread) == "-shall+should"
    assert "from-a" in page
    box = re.search(rf'id="thread-{thread}">(.*?)<summary class="link">Reply', page, re.DOTALL)
    assert box
    assert "Astana Expert 1" in plain(box[1])
    assert "deleted: shall , end; inserted: should , end; publish" in plain(box[1])
    assert "Suggestion : open" in plain(box[1])
    assert "Softer." in box[1]
    assert "1 suggestion open" in page


def test_words_are_drawn_where_they_stand(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert = visit("astana-expert-1")
    made(expert, key, "shall publish a", "should publish a full")
    made(expert, key, "each year", "every two years", 2, bracket="1", reason="Too often.")
    text = shown(item_page(visit("washington-lead"), key))
    for words in (
        (
            "The Government deleted: shall , end; inserted: should , end; publish a inserted: full , end;"
            " timetable."
        ),
        "It shall report inserted: [ , end; each year inserted: / every two years] , end; .",
    ):
        assert words in text


def test_text_is_shown_in_three_ways(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert = visit("astana-expert-1")
    made(expert, key, "shall", "should", 1)
    made(expert, key, "shall report", "reports", 2)
    made(expert, key, "report each", "report every", 2)
    links = re.findall(
        r'href="(/desk/uskz/recommendations/\w+(?:\?text=\w+)?#h-text)"', item_page(expert, key)
    )
    texts = [shown(expert.get(link.partition("#")[0]).text) for link in links]
    assert len(texts) == 3
    assert "deleted: shall" in texts[0]
    assert "The Government should publish a timetable." in texts[1]
    assert "It reports each year." in texts[1]
    assert (
        "1 is left out, since it collides with another."
        in expert.get(f"recommendations/{key}?text=accepted").text
    )
    assert "1 The Government shall publish a timetable." in texts[2]
    assert "deleted:" not in texts[1] + texts[2]
    assert shown(expert.get(f"recommendations/{key}?text=nonsense").text) == texts[0]


def test_list_says_what_collides_and_which_digest_accepting_gives(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert, lead = visit("astana-expert-1"), visit("washington-lead")
    one = made(expert, key, "shall publish", "publishes")
    other = made(expert, key, "publish a timetable", "print one")
    third = made(expert, key, "each year", "twice a year", 2)
    page = lead.get(f"recommendations/{key}/suggestions").text
    assert "Suggestions 1 and 2 want different words for the same place." in page
    both = lead.get(f"recommendations/{key}/suggestions?chosen={one}&chosen={other}").text
    assert "Suggestions 1 and 2 collide: choose one of them." in both
    assert "/suggestions/accept" not in both
    fine = lead.get(f"recommendations/{key}/suggestions?chosen={one}&chosen={third}").text
    digest = re.search(r'<code class="hash">(\w{64})</code>', part_of_result(fine))
    assert digest
    assert "deleted: shall publish , end; inserted: publishes" in plain(part_of_result(fine))
    answer = lead.post(f"recommendations/{key}/suggestions/accept", {"version": "1", "chosen": [one, third]})
    assert (answer.status_code, answer.location) == (302, f"/desk/uskz/recommendations/{key}")
    page = item_page(lead, key)
    assert "Version 2: 2 suggestions are accepted." in page
    assert digest[1] in page
    # Who made the one that is left sees that its words are gone, and may withdraw it.
    page = item_page(expert, key)
    assert "open, but its words have changed" in page
    assert expert.post(f"recommendations/{key}/suggestions/{other}/withdraw").status_code == 302
    assert "withdrawn" in lead.get(f"recommendations/{key}/suggestions").text


def part_of_result(page: str) -> str:
    """What the page says that accepting gives."""
    found = re.search(r'aria-labelledby="h-result">(.*?)</section>', page, re.DOTALL)
    assert found
    return found[1]


def test_versions_credit_whose_words_they_took_over(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    one = made(visit("astana-expert-1"), key, "shall", "should")
    lead = visit("washington-lead")
    lead.post(f"recommendations/{key}/suggestions/accept", {"version": "1", "chosen": one})
    for who in ("washington-lead", "astana-lead", "coordinator"):
        words = plain(visit(who).get(f"recommendations/{key}/versions").text)
        assert "with words suggested by A Astana Expert 1" in words


def test_refused_acceptance_keeps_the_choice_and_says_why(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert, lead = visit("astana-expert-1"), visit("washington-lead")
    one = made(expert, key, "shall publish", "publishes")
    other = made(expert, key, "publish a", "print a")
    events = event_count(stage.app)
    for chosen, version, status, said in (
        ([one, other], "1", 409, "These suggestions collide"),
        ([one], "7", 409, "This page does not fit the text"),
        ([one], "", 409, "This page does not fit the text"),
        ([], "1", 422, "please fill it in"),
    ):
        answer = lead.post(
            f"recommendations/{key}/suggestions/accept", {"version": version, "chosen": chosen}
        )
        assert (answer.status_code, said in answer.text) == (status, True), answer.text
    for chosen in ("nobody", "\x00", "x" * 5000):
        answer = lead.post(f"recommendations/{key}/suggestions/accept", {"version": "1", "chosen": chosen})
        assert answer.status_code == 404
    assert event_count(stage.app) == events


def test_rejecting_answers_in_the_thread(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert, lead = visit("astana-expert-1"), visit("washington-lead")
    one = made(expert, key, "shall", "should")
    answer = lead.post(f"recommendations/{key}/suggestions/reject", {"chosen": one, "words": " "})
    assert answer.status_code == 422
    answer = lead.post(f"recommendations/{key}/suggestions/reject", {"chosen": one, "words": TYPED})
    assert answer.status_code == 302
    page = item_page(expert, key)
    assert TYPED in page
    assert marked(page, one) == ""
    assert "rejected" in page
    assert f"suggestions/{one}/withdraw" not in page


def test_what_cant_be_suggested_comes_back_as_it_was_typed(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert = visit("astana-expert-1")
    events = event_count(stage.app)
    for words, after, status, said in (
        ("shall print", TYPED, 422, "These words are not there"),
        ("shall", "shall", 422, "These are the words that stand there already."),
        ("shall", "x" * 5000, 422, "use at most 4000 characters"),
        ("shall", "a\u202eb", 422, "reverses the direction"),
    ):
        answer = send(expert, key, words, after, reason=TYPED)
        assert (answer.status_code, said in answer.text) == (status, True), answer.text
        assert answer.text.count(TYPED) >= 1
        assert after in answer.text or after == TYPED
    for paragraph in ("9", "-1", "x", "\u0661", "99999999999"):
        answer = expert.post(
            f"recommendations/{key}/suggest",
            {"version": "1", "paragraph": paragraph, "words": "shall", "after": "should", "reason": TYPED},
        )
        assert answer.status_code == 422
        assert TYPED in answer.text
    assert event_count(stage.app) == events


def test_form_is_filled_with_the_words_that_were_selected(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert = visit("astana-expert-1")
    page = expert.get(f"recommendations/{key}/suggest?paragraph=2&words={quote('each year')}&near=12").text
    assert re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page) == ["each year", "each year", ""]
    assert input_value(page, "near") == "12"
    page = expert.get(f"recommendations/{key}/suggest?bracket=1&words=shall&paragraph=99").text
    assert re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page) == ["shall", "", ""]


def test_who_sees_a_text_without_a_say_is_offered_nothing(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    one = made(visit("astana-expert-1"), key, "shall", "should")
    observer = visit("astana-observer")
    page = item_page(observer, key)
    assert marked(page, one) == "-shall+should"
    assert "/suggest?" not in page
    assert observer.get(f"recommendations/{key}/suggest").status_code == 403
    assert "/reject" not in observer.get(f"recommendations/{key}/suggestions").text
    for path in ("accept", "reject", f"{one}/withdraw"):
        answer = observer.post(
            f"recommendations/{key}/suggestions/{path}", {"version": "1", "chosen": one, "words": "No."}
        )
        assert answer.status_code == 403


def test_internal_suggestion_leaves_no_trace_for_the_others(stage: Stage, visit: Visit) -> None:
    key = scenes.drafted(stage, text=TEXT)
    secret = "Words of Washington alone"
    own = visit("washington-expert-2")
    thread = made(own, key, "shall", secret, internal="1", reason=secret)
    stage.at(1, recommendations.propose, stage.cast["washington-lead"], key, 1)
    assert secret in item_page(visit("washington-observer"), key)
    for who in ("astana-lead", "astana-observer", "coordinator"):
        visitor = visit(who)
        for path in (
            "",
            "?text=accepted",
            "/suggestions",
            f"/suggestions?chosen={thread}",
            "/history",
            "/versions",
        ):
            page = visitor.get(f"recommendations/{key}{path}").text
            assert secret not in page
            assert thread not in page.replace(f"chosen={thread}", "")
        assert secret not in visitor.get("").text
        found = visitor.post(f"recommendations/{key}/suggestions/{thread}/withdraw")
        missing = visitor.post(f"recommendations/{key}/suggestions/{'0' * len(thread)}/withdraw")
        assert (found.status_code, missing.status_code) == (404, 404)
        assert found.data.replace(thread.encode(), b"0" * len(thread)) == missing.data


def test_suggestions_of_an_item_that_does_not_exist_for_somebody(stage: Stage, visit: Visit) -> None:
    key = scenes.drafted(stage, text=TEXT)
    visitor = visit("astana-lead")
    for path in ("suggest", "suggestions"):
        assert visitor.get(f"recommendations/{key}/{path}").status_code == 404
    for path in ("suggest", "suggestions/accept", "suggestions/reject", "suggestions/x/withdraw"):
        answer = visitor.post(
            f"recommendations/{key}/{path}", {"version": "1", "words": "shall", "after": "x", "chosen": "y"}
        )
        assert answer.status_code == 404, path


def test_bracket_is_asked_for_shown_with_its_reason_and_cleaned(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    expert, lead = visit("astana-expert-1"), visit("washington-lead")
    answer = send(expert, key, "shall", "should\nmay", bracket="1")
    assert (answer.status_code, "please fill it in" in answer.text) == (422, True)
    one = made(expert, key, "shall", "should\nmay", bracket="1", reason="We have no mandate.")
    assert "Asks for brackets" in item_page(lead, key)
    lead.post(f"recommendations/{key}/suggestions/accept", {"version": "1", "chosen": one})
    page = item_page(expert, key)
    panel = part(page, "h-brackets")
    assert "asked for by Astana Expert 1" in panel
    assert "shall should may We have no mandate." in panel
    assert "1 bracket open (3 of" in plain(page)
    assert "1 square bracket is open." in part(item_page(visit("astana-lead"), key), "h-now")
    row = re.search(r'<td class="c-brk num">([^<]*)</td>', lead.get("recommendations").text)
    assert row
    assert re.fullmatch(r"\d+ %", row[1])
    csv = lead.get("recommendations.csv").text.splitlines()
    assert csv[0].split(",")[9] == '"In brackets'
    settled = lead.post(
        f"recommendations/{key}/brackets",
        {"version": "2", "field": "text", "index": "0", "choice": "1", "wording": ""},
    )
    assert settled.status_code == 302
    assert part(item_page(expert, key), "h-brackets") == ""
    assert "[shall / should / may]" in plain(expert.get(f"recommendations/{key}/history").text)
    # Nothing is left to settle then, and what is open are no brackets.
    made(expert, key, "each year", "yearly", 2)
    assert lead.get(f"recommendations/{key}/brackets").location.endswith("/suggestions")


def test_bracket_that_nobody_asked_for_says_since_when_it_is_there(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text="1. Publish [soon / now].")
    panel = part(item_page(visit("astana-lead"), key), "h-brackets")
    assert "in the text since version 1, by Washington Expert 1" in panel


def test_home_asks_to_decide_on_suggestions(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    made(visit("astana-expert-1"), key, "shall", "should")
    words = plain(visit("washington-lead").get("").text)
    assert "1 suggestion is open in" in words
    assert "suggested other words for" in words
    assert "Decide on the suggestions" in plain(item_page(visit("washington-lead"), key))


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_number_of_statements_for_one_suggestion_and_for_three(
    stage: Stage, visit: Visit, count: int
) -> None:
    key = scenes.proposed(stage, text=TEXT)
    for number in range(count):
        words = ("publish", "timetable", "Government")[number]
        stage.at(
            2 + number,
            suggestions.suggest,
            stage.cast["astana-lead"],
            key,
            1,
            Aim(1, words),
            words.upper(),
        )
    visitor = visit("washington-lead")
    for path, expected in (("suggestions", 6), ("suggest", 6)):
        with stage.counted() as statements:
            assert visitor.get(f"recommendations/{key}/{path}").status_code == 200
        assert len(statements) == expected, statements


def test_script_in_a_suggestion_stays_words(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text=TEXT)
    trick = "<script>alert(1)</script> {{ 7*7 }} %(x)s"
    one = made(visit("astana-expert-1"), key, "shall", trick, reason=trick)
    lead = visit("washington-lead")
    for path in ("", "?text=accepted", "/suggestions", f"/suggestions?chosen={one}"):
        page = lead.get(f"recommendations/{key}{path}").text
        assert "<script>alert" not in page
        assert "{{ 7*7 }}" in page


def test_text_of_a_successor_is_free_of_suggestions(stage: Stage, visit: Visit) -> None:
    key = scenes.drafted(stage, text=TEXT)
    own = visit("washington-expert-2")
    thread = made(own, key, "shall", "should", internal="1")
    stage.at(2, recommendations.save_version, stage.cast["washington-lead"], key, 1, content(text="1. No."))
    page = item_page(own, key)
    assert marked(page, thread) == ""
    assert "open, but its words have changed" in page


def test_title_summary_and_rationale_are_suggested_on_without_scripts_and_shown_in_three_ways(
    stage: Stage, visit: Visit
) -> None:
    key = scenes.proposed(
        stage, title="A law *now*", text=TEXT, summary="What & why.", rationale="It is late."
    )
    expert, lead = visit("astana-expert-1"), visit("washington-lead")
    links = dict(re.findall(r'suggest\?field=(\w+)">([^<]+)</a>', item_page(expert, key)))
    assert links == {
        "title": "Suggest another title",
        "summary": "Suggest other words for the summary",
        "rationale": "Suggest other words for the rationale",
    }
    form = expert.get(f"recommendations/{key}/suggest?field=title").text
    assert "A law *now*</textarea>" in form
    threads = {
        field: made(expert, key, words, after, paragraph=0, field=field, **more)
        for field, words, after, more in (
            ("title", "*now*", "in 2010", {}),
            ("summary", "& why", "and how", {}),
            ("rationale", "late", "[late]", {"bracket": "1", "reason": "Is it?"}),
        )
    }
    pages = {
        view: lead.get(f"recommendations/{key}?text={view}").text for view in ("", "accepted", "rejected")
    }
    assert [marked(pages[""], threads[field]) for field in ("title", "summary")] == [
        "-*now*+in 2010",
        "-&amp; why+and how",
    ]
    for view, title, summary in (
        ("accepted", "A law in 2010", "What and how."),
        ("rejected", "A law *now*", "What &amp; why."),
    ):
        assert re.search(rf'<h1 class="title"[^>]*>{re.escape(title)}</h1>', pages[view]), view
        assert re.search(rf'<p class="page__lead"[^>]*>{re.escape(summary)}</p>', pages[view]), view
        assert ("Not agreed: " in pages[view]) == (view == "accepted")
    listed = plain(lead.get(f"recommendations/{key}/suggestions").text)
    assert all(f"· the {field} ·" in listed for field in threads)
    for field, thread in threads.items():
        beside = re.search(rf'<aside [^>]*"Threads on the {field}".*?</aside>', pages[""], re.S)
        assert beside
        assert f'id="thread-{thread}"' in beside[0]
    assert "Suggestion for the title : open" in plain(pages[""])
    answer = send(expert, key, "*now*", "soon", 0, field="nonsense")
    assert (answer.status_code, "soon</textarea>" in answer.text) == (422, True)

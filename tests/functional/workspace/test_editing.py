"""The editor through HTTP: drafting, versions, working texts, two people at one text, brackets."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.domain.manifest import Content, Manifest
from reviewflow.persistence.db import db
from reviewflow.persistence.models.recommendations import Recommendation, Version, WorkingText
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.forms import editor_form
from tests.factories.task_forces import Cast, content
from tests.support.desk import Stage
from tests.support.visitors import Visitor, input_value

Visit = Callable[[str], Visitor]


def _create(app: Flask, cast: Cast, who: str = "washington-expert-1", **changes: Any) -> str:
    with app.app_context():
        return recommendations.create_recommendation(cast[who], content(**changes))


def _versions(app: Flask, key: str) -> list[Content]:
    with app.app_context():
        rows = db.session.scalars(
            select(Version)
            .join(Recommendation, Recommendation.id == Version.recommendation_id)
            .where(Recommendation.key == key)
            .order_by(Version.number)
        )
        return [Manifest.from_bytes(row.manifest).content() for row in rows]


def _kept(app: Flask) -> list[tuple[str, int, str]]:
    with app.app_context():
        rows = db.session.scalars(select(WorkingText).order_by(WorkingText.slot))
        return [(row.slot, row.base_number, str(row.fields["text"])) for row in rows]


def test_new_recommendation_is_saved_as_version_one(app: Flask, visit: Visit) -> None:
    daniel = visit("washington-expert-1")
    page = daniel.get("recommendations/new")
    assert page.status_code == 200
    answer = daniel.post(
        "recommendations/new", editor_form(once=input_value(page.text, "once"), note="First try")
    )
    assert answer.status_code == 302
    key = answer.location.rsplit("/", 1)[1]
    assert _versions(app, key) == [content()]
    with daniel.client.session_transaction() as session:
        ((category, message),) = session["_flashes"]
    assert message == "Draft saved as version 1. Only your group sees it until it is proposed."
    assert category.startswith("saved:/desk/uskz/recommendations/new/working-text#")


def test_form_sent_twice_creates_one_recommendation(app: Flask, visit: Visit) -> None:
    daniel = visit("washington-expert-1")
    once = input_value(daniel.get("recommendations/new").text, "once")
    first = daniel.post("recommendations/new", editor_form(once=once))
    second = daniel.post("recommendations/new", editor_form(once=once))
    assert (second.status_code, second.location) == (302, first.location)
    changed = daniel.post("recommendations/new", editor_form(once=once, text="1. Another text."))
    assert changed.status_code == 409
    assert "This draft has been created already" in changed.text
    assert "1. Another text." in changed.text
    assert input_value(changed.text, "base_version") == "1"
    key = first.location.rsplit("/", 1)[1]
    assert _versions(app, key) == [content()]
    saved = daniel.post(f"recommendations/{key}/edit", editor_form(1, text="1. Another text."))
    assert saved.status_code == 302
    assert _versions(app, key) == [content(), content(text="1. Another text.")]


def test_form_token_of_somebody_else_gives_another_key(app: Flask, visit: Visit) -> None:
    once = input_value(visit("washington-expert-1").get("recommendations/new").text, "once")
    first = visit("washington-expert-1").post("recommendations/new", editor_form(once=once))
    other = visit("washington-expert-2").post("recommendations/new", editor_form(once=once))
    assert (first.status_code, other.status_code) == (302, 302)
    assert first.location != other.location


def test_version_is_saved_with_its_note(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    hollis = visit("washington-lead")
    page = hollis.get(f"recommendations/{key}/edit")
    assert "Save version 2" in page.text
    assert input_value(page.text, "base_version") == "1"
    answer = hollis.post(f"recommendations/{key}/edit", editor_form(1, title="A timetable", note="Shorter"))
    assert (answer.status_code, answer.location) == (302, f"/desk/uskz/recommendations/{key}")
    assert _versions(app, key) == [content(), content("A timetable")]
    with app.app_context():
        newest = db.session.scalars(select(Version).where(Version.number == 2)).one()
        assert (newest.note, newest.author_id) == ("Shorter", cast["washington-lead"].person_id)


def test_unchanged_text_makes_no_version(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    answer = visit("washington-expert-1").post(
        f"recommendations/{key}/edit", editor_form(1, note="Kept in the form")
    )
    assert answer.status_code == 422
    assert "Nothing was changed, so there is no new version." in answer.text
    assert "Kept in the form" in answer.text
    assert _versions(app, key) == [content()]


def test_working_text_is_kept_shown_and_discarded(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    daniel = visit("washington-expert-1")
    daniel.get(f"recommendations/{key}/edit")
    answer = daniel.post(
        f"recommendations/{key}/working-text",
        editor_form(1, title="", text="Half a sen", dimension="", addressees=[]),
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, list(answer.get_json())) == (200, ["time"])
    assert _kept(app) == [(key, 1, "Half a sen")]
    # Another browser, another day.
    again = visit("washington-expert-1").get(f"recommendations/{key}/edit")
    assert "You have unsaved changes from" in again.text
    assert "Half a sen</textarea>" in again.text
    assert "You have unsaved changes" not in visit("washington-lead").get(f"recommendations/{key}/edit").text
    gone = daniel.post(f"recommendations/{key}/working-text/discard")
    assert gone.location == f"/desk/uskz/recommendations/{key}/edit"
    page = daniel.get(f"recommendations/{key}/edit")
    assert "Your unsaved changes are gone." in page.text
    assert f'data-autosave-clear="/desk/uskz/recommendations/{key}/working-text#' in page.text
    assert "Half a sen" not in page.text
    assert _kept(app) == []


def test_working_text_without_javascript_leads_back_to_the_editor(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    daniel = visit("washington-expert-1")
    answer = daniel.post("recommendations/new/working-text", editor_form(text="For later"))
    assert (answer.status_code, answer.location) == (302, "/desk/uskz/recommendations/new")
    assert "For later" in daniel.get("recommendations/new").text


def test_saving_forgets_the_working_text(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    daniel = visit("washington-expert-1")
    form = editor_form(1, text="1. New words.")
    daniel.post(f"recommendations/{key}/working-text", form)
    assert daniel.post(f"recommendations/{key}/edit", form).status_code == 302
    assert _kept(app) == []


def test_working_text_like_the_version_is_not_announced(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    daniel = visit("washington-expert-1")
    daniel.post(f"recommendations/{key}/working-text", editor_form(1))
    assert "You have unsaved changes" not in daniel.get(f"recommendations/{key}/edit").text


def test_working_text_on_an_older_version_says_who_saved_since(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    daniel = visit("washington-expert-1")
    daniel.post(f"recommendations/{key}/working-text", editor_form(1, summary="Mine."))
    with app.app_context():
        recommendations.save_version(cast["washington-lead"], key, 1, content(rationale="Hers."))
    page = daniel.get(f"recommendations/{key}/edit")
    assert "Washington Lead has saved version 2 since" in page.text
    assert input_value(page.text, "base_version") == "1"


def test_two_writers_of_different_places_are_merged(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    daniel, hollis = visit("washington-expert-1"), visit("washington-lead")
    hers = editor_form(1, summary="Her summary.", addressees=["kazakhstan", "odihr"])
    assert hollis.post(f"recommendations/{key}/edit", hers).status_code == 302
    mine = editor_form(1, title="My title", note="Mine", addressees=["united-states"])
    answer = daniel.post(f"recommendations/{key}/edit", mine)
    assert answer.status_code == 409
    assert "Washington Lead saved version 2 while you were writing" in answer.text
    assert "You changed different places" in answer.text
    assert input_value(answer.text, "base_version") == "2"
    assert input_value(answer.text, "title") == "My title"
    assert input_value(answer.text, "note") == "Mine"
    assert "Her summary.</textarea>" in answer.text
    assert [c for c in ("kazakhstan", "odihr", "united-states") if _is_checked(answer.text, c)] == [
        "odihr",
        "united-states",
    ]
    assert len(_versions(app, key)) == 2
    merged = editor_form(
        2, title="My title", summary="Her summary.", addressees=["odihr", "united-states"], note="Mine"
    )
    assert daniel.post(f"recommendations/{key}/edit", merged).status_code == 302
    assert _versions(app, key)[2] == content(
        "My title", summary="Her summary.", addressees=("odihr", "united-states")
    )


def _is_checked(page: str, value: str) -> bool:
    return 'checked id="addressees' in page and any(
        "checked" in tag and f'value="{value}"' in tag for tag in page.split("<input")
    )


def test_two_writers_of_one_place_decide_before_saving(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast, text="1. Publish a timetable by May.")
    with app.app_context():
        recommendations.save_version(
            cast["washington-lead"], key, 1, content(text="1. Publish a timetable by June.")
        )
    daniel = visit("washington-expert-1")
    answer = daniel.post(
        f"recommendations/{key}/edit", editor_form(1, text="1. Publish a timetable by April.", title="Mine")
    )
    assert answer.status_code == 409
    page = unescape(answer.text)
    assert "Both of you changed the same words in 1 place." in page
    marked = page.partition('name="text"')[2].partition("</textarea>")[0].partition(">")[2].strip()
    assert [line for line in marked.split("\n") if line[:7] in ("<<<<<<<", "=======", ">>>>>>>")] == [
        "<<<<<<< yours",
        "=======",
        ">>>>>>> Washington Lead, version 2",
    ]
    assert "April" in marked
    assert "June" in marked
    undecided = daniel.post(f"recommendations/{key}/edit", editor_form(2, text=marked, title="Mine"))
    assert undecided.status_code == 422
    assert "Some places still hold both wordings." in undecided.text
    assert "&lt;&lt;&lt;&lt;&lt;&lt;&lt; yours" in undecided.text
    decided = editor_form(2, text="1. Publish a timetable by 1 May.", title="Mine")
    assert daniel.post(f"recommendations/{key}/edit", decided).status_code == 302
    assert _versions(app, key)[2] == content("Mine", text="1. Publish a timetable by 1 May.")


def test_title_that_both_changed_is_pointed_out(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    with app.app_context():
        recommendations.save_version(cast["washington-lead"], key, 1, content("Her title"))
    answer = visit("washington-expert-1").post(
        f"recommendations/{key}/edit", editor_form(1, title="My title")
    )
    assert answer.status_code == 409
    assert input_value(answer.text, "title") == "My title"
    assert "yours stands in the editor" in answer.text
    assert "Her title" in answer.text


def test_same_words_of_two_writers_need_no_decision(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    with app.app_context():
        recommendations.save_version(cast["washington-lead"], key, 1, content("The same"))
    daniel = visit("washington-expert-1")
    daniel.post(f"recommendations/{key}/working-text", editor_form(1, title="The same"))
    answer = daniel.post(f"recommendations/{key}/edit", editor_form(1, title="The same"))
    assert (answer.status_code, answer.location) == (302, f"/desk/uskz/recommendations/{key}")
    assert len(_versions(app, key)) == 2
    assert _kept(app) == []


def test_text_typed_before_it_was_proposed_can_be_copied(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    daniel = visit("washington-expert-1")
    typed = editor_form(1, text="1. Typed too late.")
    daniel.post(f"recommendations/{key}/working-text", typed)
    with app.app_context():
        recommendations.propose(cast["washington-lead"], key, 1)
    sent = daniel.post(f"recommendations/{key}/edit", typed)
    opened = daniel.get(f"recommendations/{key}/edit")
    for answer in (sent, opened):
        assert answer.status_code == 409
        assert "The text is now: Proposed." in answer.text
        assert "1. Typed too late.</textarea>" in answer.text
    daniel.post(f"recommendations/{key}/working-text/discard")
    refused = daniel.get(f"recommendations/{key}/edit")
    assert (refused.status_code, "This is no longer possible" in refused.text) == (409, True)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("washington-observer", 403),
        ("astana-lead", 404),
        ("astana-expert-1", 404),
        ("coordinator", 404),
        ("administrator", 404),
    ],
)
def test_draft_opens_for_its_writers_only(
    app: Flask, cast: Cast, visit: Visit, who: str, status: int
) -> None:
    key = _create(app, cast)
    visitor = visit(who)
    answers = [
        visitor.get(f"recommendations/{key}/edit"),
        visitor.post(f"recommendations/{key}/edit", editor_form(1, title="Not mine")),
        visitor.get(f"recommendations/{key}/brackets"),
    ]
    assert [answer.status_code for answer in answers] == [status] * 3
    autosaved = visitor.post(f"recommendations/{key}/working-text", editor_form(1))
    assert autosaved.status_code == status
    assert _versions(app, key) == [content()]
    assert _kept(app) == []


@pytest.mark.parametrize("who", ["washington-observer", "coordinator", "administrator"])
def test_who_drafts_for_no_group_is_told(app: Flask, visit: Visit, who: str) -> None:
    visitor = visit(who)
    assert visitor.get("recommendations/new").status_code == 403
    answer = visitor.post("recommendations/new", editor_form(text="Typed in vain"))
    assert (answer.status_code, "Typed in vain" in answer.text) == (403, True)


def _published(app: Flask, cast: Cast) -> str:
    with app.app_context():
        key = recommendations.create_recommendation(cast["washington-lead"], content())
        recommendations.propose(cast["washington-lead"], key, 1)
        for name in ("astana-lead", "astana-expert-1"):
            deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
        deliberation.agree_to_version(cast["astana-lead"], key, 1)
        publication.approve(cast["coordinator"], key, 1)
        publication.publish(cast["coordinator"], key, 1)
    return key


def test_successor_begins_with_the_published_words(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _published(app, cast)
    daniel = visit("washington-expert-1")
    page = daniel.get(f"recommendations/new?replaces={key}")
    assert page.status_code == 200
    assert input_value(page.text, "title") == "A public timetable"
    assert "Write the successor of USKZ.REC/1/" in page.text
    daniel.post(f"recommendations/new/working-text?replaces={key}", editor_form(text="Next words"))
    assert _kept(app) == [(f"new-{key}", 0, "Next words")]
    assert "Next words" not in daniel.get("recommendations/new").text
    assert "Next words" in daniel.get(f"recommendations/new?replaces={key}").text
    answer = daniel.post("recommendations/new", editor_form(text="1. Next words.", replaces=key))
    assert answer.status_code == 302
    assert _kept(app) == []
    with app.app_context():
        rows = {row.key: row for row in db.session.scalars(select(Recommendation))}
        assert rows[answer.location.rsplit("/", 1)[1]].original_id == rows[key].id


def test_only_what_is_published_and_visible_has_a_successor(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _create(app, cast)
    assert visit("washington-expert-1").get(f"recommendations/new?replaces={key}").status_code == 422
    astana = visit("astana-expert-1")
    assert astana.get(f"recommendations/new?replaces={key}").status_code == 404
    sent = astana.post("recommendations/new", editor_form(replaces=key, text="Typed in vain"))
    assert sent.status_code == 404
    kept = astana.post(f"recommendations/new/working-text?replaces={key}", editor_form())
    assert kept.status_code == 404


BRACKETED = "1. The Government [shall/should] publish [by 31 January].\n\n2. Report [yearly]."


def _proposed(app: Flask, cast: Cast, **changes: Any) -> str:
    key = _create(app, cast, **changes)
    with app.app_context():
        recommendations.propose(cast["washington-lead"], key, 1)
    return key


def test_brackets_are_settled_one_at_a_time(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _proposed(app, cast, text=BRACKETED, summary="A [good] timetable.")
    daniel = visit("washington-expert-1")
    page = daniel.get(f"recommendations/{key}/brackets")
    assert page.status_code == 200
    assert "4 brackets are open." in page.text
    assert "Astana working group" in page.text
    steps = [
        ({"version": "1", "field": "text", "index": "0", "choice": "1"}, "brackets"),
        ({"version": "2", "field": "text", "index": "0", "choice": "other", "wording": "by May"}, "brackets"),
        ({"version": "3", "field": "text", "index": "0", "wording": "every year"}, "brackets"),
        ({"version": "4", "field": "summary", "index": "0", "choice": "none"}, key),
    ]
    for form, target in steps:
        answer = daniel.post(f"recommendations/{key}/brackets", form)
        assert (answer.status_code, answer.location.rsplit("/", 1)[1]) == (302, target)
    assert _versions(app, key)[-1] == content(
        text="1. The Government should publish by May.\n\n2. Report every year.", summary="A timetable."
    )
    done = daniel.get(f"recommendations/{key}/brackets")
    assert (done.status_code, "nothing is suggested." in done.text) == (
        409,
        True,
    )


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"choice": ""}, 422, "Choose a wording, or write one."),
        ({"choice": "7"}, 422, "Choose a wording, or write one."),
        ({"choice": "other"}, 422, "Choose a wording, or write one."),
        ({"choice": "0", "wording": "ought to"}, 422, "You chose a wording and also wrote one."),
        ({"choice": "other", "wording": "a\x00b"}, 422, "It holds an invisible control character"),
        ({"choice": "other", "wording": "x" * 4001}, 422, "Use at most 4000 characters."),
        ({"choice": "0", "version": "9"}, 409, "This page does not fit the text"),
        ({"choice": "0", "version": "one"}, 409, "This page does not fit the text"),
        ({"choice": "0", "index": "9"}, 409, "This page does not fit the text"),
        ({"choice": "0", "index": "-1"}, 409, "This page does not fit the text"),
        ({"choice": "0", "field": "title"}, 409, "This page does not fit the text"),
    ],
)
def test_bracket_is_not_settled_by_a_wrong_form(
    app: Flask, cast: Cast, visit: Visit, form: dict[str, str], status: int, sentence: str
) -> None:
    key = _proposed(app, cast, text=BRACKETED)
    daniel = visit("washington-expert-1")
    answer = daniel.post(
        f"recommendations/{key}/brackets", {"version": "1", "field": "text", "index": "0"} | form
    )
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert form.get("wording", "") in unescape(answer.text)
    assert len(_versions(app, key)) == 1


def test_bracket_settled_by_somebody_else_keeps_what_was_written(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    key = _proposed(app, cast, text=BRACKETED)
    daniel = visit("washington-expert-1")
    with app.app_context():
        recommendations.settle_bracket(cast["washington-lead"], key, 1, 0, "shall")
    answer = daniel.post(
        f"recommendations/{key}/brackets",
        {"version": "1", "field": "text", "index": "0", "choice": "other", "wording": "ought to"},
    )
    assert (answer.status_code, "ought to" in answer.text) == (409, True)
    assert len(_versions(app, key)) == 2


def test_editor_says_on_top_why_the_text_came_back(app: Flask, cast: Cast, visit: Visit) -> None:
    key = _proposed(app, cast)
    daniel = visit("washington-expert-1")
    reason = "Say <by when>,\nand who."
    with app.app_context():
        deliberation.request_changes(cast["astana-lead"], key, 1, reason)
    for answer in (
        daniel.get(f"recommendations/{key}/edit"),
        daniel.post(f"recommendations/{key}/edit", editor_form(1, title="")),
    ):
        before = answer.text.partition('<textarea id="text"')[0]
        assert "Astana Lead asked for changes in" in before
        assert reason.replace("<by when>", "&lt;by when&gt;") in before
    with app.app_context():
        other = recommendations.create_recommendation(cast["washington-expert-1"], content())
    assert "asked for changes" not in daniel.get(f"recommendations/{other}/edit").text


@pytest.mark.parametrize("who", ["astana-lead", "coordinator"])
def test_brackets_are_settled_by_the_proposing_group(app: Flask, cast: Cast, visit: Visit, who: str) -> None:
    key = _proposed(app, cast, text=BRACKETED)
    assert visit(who).get(f"recommendations/{key}/brackets").status_code == 403


@pytest.mark.parametrize("items", [1, 3])
def test_editor_asks_the_database_a_constant_number_of_times(
    app: Flask,
    cast: Cast,
    visit: Visit,
    stage: Stage,
    items: int,
) -> None:
    keys = [_proposed(app, cast, title=f"Text {n}", text="[a] " * items) for n in range(items)]
    with app.app_context():
        deliberation.request_changes(cast["astana-lead"], keys[0], 1, "Please.")
    other = _proposed(app, cast, text="[a] " * items)
    daniel = visit("washington-expert-1")
    counts = []
    for path in ("new", f"{keys[0]}/edit", f"{other}/brackets"):
        with stage.counted() as statements:
            assert daniel.get(f"recommendations/{path}").status_code == 200
        counts.append(len(statements))
    assert counts == [5, 8, 5]

"""Suggestions and brackets through the services, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, StaleVersion, Unmet, WrongState
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.suggestions import ReachesBeyond, SuggestionsCollide, WordsGone
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import PlacementRow, SuggestionRow, Thread
from reviewflow.persistence.models.recommendations import Recommendation, Version, Wait
from reviewflow.queries import suggestions as queries
from reviewflow.services import deliberation, recommendations
from reviewflow.services.anchors import Aim
from reviewflow.services.suggestions import (
    accept_suggestions,
    ask_for_bracket,
    reject_suggestions,
    suggest,
    withdraw_suggestion,
)
from tests.factories.task_forces import Cast, content, make_task_force

TEXT = "1. The Government shall publish a timetable.\n\n2. It shall report each year."


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    with app.app_context():
        yield make_task_force()


def drafted(cast: Cast, text: str = TEXT) -> str:
    return recommendations.create_recommendation(cast["washington-expert-1"], content(text=text))


def proposed(cast: Cast, text: str = TEXT) -> str:
    key = drafted(cast, text)
    recommendations.propose(cast["washington-expert-1"], key, 1)
    return key


def text_of(key: str, number: int) -> str:
    db.session.rollback()
    stored = db.session.scalars(
        select(Version.manifest)
        .join(Recommendation, Recommendation.id == Version.recommendation_id)
        .where(Recommendation.key == key, Version.number == number)
    ).one()
    return Manifest.from_bytes(stored).wording.text


def state_of(thread: str) -> tuple[str, int | None]:
    db.session.rollback()
    row = db.session.execute(
        select(SuggestionRow.state, SuggestionRow.result_version)
        .join(Thread, Thread.id == SuggestionRow.thread_id)
        .where(Thread.key == thread)
    ).one()
    return row.state, row.result_version


def places(thread: str) -> dict[int, tuple[str, int | None, int | None, int | None]]:
    db.session.rollback()
    rows = db.session.scalars(
        select(PlacementRow).join(Thread, Thread.id == PlacementRow.thread_id).where(Thread.key == thread)
    )
    return {r.version_number: (r.hold, r.paragraph, r.start_at, r.end_at) for r in rows}


def last_event(key: str) -> tuple[str, dict[str, Any], int | None]:
    db.session.rollback()
    row = db.session.scalars(
        select(EventRow)
        .join(Recommendation, Recommendation.id == EventRow.recommendation_id)
        .where(Recommendation.key == key)
        .order_by(EventRow.sequence.desc())
    ).first()
    assert row
    return row.name, json.loads(row.data), row.internal_to


def tasks_of(cast: Cast, key: str) -> dict[str, str]:
    db.session.rollback()
    rows = db.session.execute(
        select(Wait.person_id, Wait.task)
        .join(Recommendation, Recommendation.id == Wait.recommendation_id)
        .where(Recommendation.key == key)
    )
    names = {actor.person_id: name for name, actor in cast.actors.items()}
    return {names[person]: task for person, task in rows}


def test_several_are_accepted_in_one_version_that_credits_their_authors(cast: Cast) -> None:
    key = proposed(cast)
    lead = cast["washington-lead"]
    first = suggest(cast["astana-expert-1"], key, 1, Aim(1, "shall"), "should", reason="Softer.")
    second = suggest(cast["coordinator"], key, 1, Aim(2, "each year"), "twice a year")
    third = suggest(cast["astana-lead"], key, 1, Aim(2, "report"), "report in public")
    assert tasks_of(cast, key)["washington-lead"] == "settle"
    page = queries.page(lead, key)
    assert page.collisions == ()
    promised = page.choice([first, second]).manifest
    assert promised
    event = accept_suggestions(lead, key, 1, [second, first], "As discussed.")
    assert (
        text_of(key, 2) == "1. The Government should publish a timetable.\n\n2. It shall report twice a year."
    )
    assert (event.version, event.digest) == (2, promised.digest())
    assert (state_of(first), state_of(second)) == (("accepted", 2), ("accepted", 2))
    name, data, internal_to = last_event(key)
    authors = sorted(cast[who].person_id for who in ("astana-expert-1", "coordinator"))
    assert (name, internal_to, data["suggestions"], data["credited"], data["note"]) == (
        "amend",
        None,
        [second, first],
        authors,
        "As discussed.",
    )
    # The one that is left stands where its words are now.
    assert (state_of(third), places(third)[2]) == (("open", None), ("exact", 2, 12, 18))
    assert accept_suggestions(lead, key, 2, [third]).version == 3
    assert tasks_of(cast, key).get("washington-lead") is None


def test_accepting_makes_positions_stale(cast: Cast) -> None:
    key = proposed(cast)
    deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.APPROVE)
    one = suggest(cast["astana-lead"], key, 1, Aim(1, "shall"), "should")
    accept_suggestions(cast["washington-expert-2"], key, 1, [one])
    assert tasks_of(cast, key)["astana-expert-1"] == "reconsider"


def test_colliding_ones_are_refused_together_and_nothing_is_written(cast: Cast) -> None:
    key = proposed(cast)
    one = suggest(cast["astana-expert-1"], key, 1, Aim(1, "shall publish"), "publishes")
    other = suggest(cast["astana-expert-2"], key, 1, Aim(1, "publish a timetable"), "print one")
    page = queries.page(cast["washington-lead"], key)
    assert page.collisions == ((one, other),)
    with pytest.raises(SuggestionsCollide):
        accept_suggestions(cast["washington-lead"], key, 1, [one, other])
    assert (state_of(one), state_of(other)) == (("open", None), ("open", None))
    assert accept_suggestions(cast["washington-lead"], key, 1, [one]).version == 2
    # Its words are gone: it is not lost, and can be rejected or withdrawn.
    assert state_of(other) == ("open", None)
    (left,) = (s for s in queries.page(cast["washington-lead"], key).suggestions if s.key == other)
    assert (left.state, left.here) == ("gone", None)
    with pytest.raises(WordsGone):
        accept_suggestions(cast["washington-lead"], key, 2, [other])
    withdraw_suggestion(cast["astana-expert-2"], key, other)
    assert state_of(other) == ("withdrawn", None)


def test_equal_ones_are_settled_together(cast: Cast) -> None:
    key = proposed(cast)
    one = suggest(cast["astana-expert-1"], key, 1, Aim(1, "shall"), "should")
    same = suggest(cast["astana-expert-2"], key, 1, Aim(1, "shall"), "should")
    accept_suggestions(cast["washington-lead"], key, 1, [one])
    assert (state_of(one), state_of(same)) == (("accepted", 2), ("superseded", 2))
    assert tasks_of(cast, key).get("washington-lead") is None


def test_repeated_words_stay_the_ones_that_were_meant(cast: Cast) -> None:
    key = proposed(cast, "1. It shall, it shall, it shall report.")
    last = suggest(cast["astana-expert-1"], key, 1, Aim(1, "shall", near=18), "may")
    middle = suggest(cast["astana-expert-1"], key, 1, Aim(1, "it shall, ", near=9), "")
    accept_suggestions(cast["washington-lead"], key, 1, [middle])
    accept_suggestions(cast["washington-lead"], key, 2, [last])
    assert text_of(key, 3) == "1. It shall, it may report."


def test_words_are_found_as_readers_see_them(cast: Cast) -> None:
    key = proposed(cast, "1. Publish the **full** list. Publish it soon.")
    astana = cast["astana-lead"]
    for words, problem in (("Publish", "words_several_times"), ("Print", "words_not_there")):
        with pytest.raises(InvalidInput) as refused:
            suggest(astana, key, 1, Aim(1, words), "x")
        assert refused.value.details["problem"] == problem
    suggest(astana, key, 1, Aim(1, "the full list"), "the whole list")
    with pytest.raises(InvalidInput):
        suggest(astana, key, 1, Aim(2, "Publish"), "x")
    with pytest.raises(InvalidInput):
        suggest(astana, key, 1, Aim(), "x")
    with pytest.raises(InvalidInput):
        suggest(astana, key, 1, Aim(1, "soon"), "x" * 4001)


def test_whole_paragraph_can_be_taken_out(cast: Cast) -> None:
    key = proposed(cast)
    gone = suggest(cast["astana-lead"], key, 1, Aim(2), "")
    accept_suggestions(cast["washington-lead"], key, 1, [gone])
    assert text_of(key, 2) == "1. The Government shall publish a timetable."


def test_unchanged_words_and_broken_paragraphs_are_refused(cast: Cast) -> None:
    key = proposed(cast, "It shall publish.\n\nIt shall report.")
    with pytest.raises(Unmet):
        suggest(cast["astana-lead"], key, 1, Aim(1, "shall"), "shall")
    with pytest.raises(ReachesBeyond):
        suggest(cast["astana-lead"], key, 1, Aim(1), "```\nall")
    with pytest.raises(StaleVersion):
        suggest(cast["astana-lead"], key, 2, Aim(1, "shall"), "should")
    assert db.session.scalar(select(func.count()).select_from(SuggestionRow)) == 0


@pytest.mark.parametrize("who", ["astana-lead", "astana-observer", "coordinator", "administrator"])
def test_only_the_proposing_group_decides(cast: Cast, who: str) -> None:
    key = proposed(cast)
    one = suggest(cast["astana-expert-1"], key, 1, Aim(1, "shall"), "should")
    refusal = NotFound if who == "administrator" else NotPermitted
    with pytest.raises(refusal):
        accept_suggestions(cast[who], key, 1, [one])
    with pytest.raises(refusal):
        reject_suggestions(cast[who], key, [one], "No.")
    with pytest.raises(refusal):
        withdraw_suggestion(cast[who], key, one)
    assert state_of(one) == ("open", None)


@pytest.mark.parametrize("who", ["astana-observer", "washington-observer", "administrator"])
def test_observers_suggest_nothing(cast: Cast, who: str) -> None:
    key = proposed(cast)
    with pytest.raises(NotFound if who == "administrator" else NotPermitted):
        suggest(cast[who], key, 1, Aim(1, "shall"), "should")


def test_rejecting_needs_words_which_answer_the_author(cast: Cast) -> None:
    key = proposed(cast)
    one = suggest(cast["astana-expert-1"], key, 1, Aim(1, "shall"), "should")
    for chosen, words in (([one], " "), ([], "No.")):
        with pytest.raises(InvalidInput):
            reject_suggestions(cast["washington-expert-2"], key, chosen, words)
    reject_suggestions(cast["washington-expert-2"], key, [one], "It is an obligation.")
    assert (state_of(one), last_event(key)) == (
        ("rejected", None),
        ("suggestion_rejected", {"thread": one}, None),
    )
    assert "washington-lead" not in tasks_of(cast, key)
    for act in (
        lambda: reject_suggestions(cast["washington-lead"], key, [one], "Again."),
        lambda: withdraw_suggestion(cast["astana-expert-1"], key, one),
        lambda: accept_suggestions(cast["washington-lead"], key, 1, [one]),
    ):
        with pytest.raises((InvalidInput, Unmet)):
            act()
    with pytest.raises(NotFound):
        reject_suggestions(cast["washington-lead"], key, ["0" * 12], "No.")


def test_suggestion_that_does_not_exist_is_not_found(cast: Cast) -> None:
    key, other = proposed(cast), proposed(cast)
    suggest(cast["astana-lead"], key, 1, Aim(1, "shall"), "should")
    elsewhere = suggest(cast["astana-lead"], other, 1, Aim(1, "shall"), "should")
    for thread in ("nothing", elsewhere):
        with pytest.raises(NotFound):
            accept_suggestions(cast["washington-lead"], key, 1, [thread])
    assert state_of(elsewhere) == ("open", None)


def test_internal_ones_exist_for_the_proposing_group_only(cast: Cast) -> None:
    key = drafted(cast)
    author, lead = cast["washington-expert-2"], cast["washington-lead"]
    with pytest.raises(InvalidInput):
        suggest(author, key, 1, Aim(1, "shall"), "should")
    one = suggest(author, key, 1, Aim(1, "shall"), "should", internal=True)
    assert last_event(key)[2] == lead.group_id
    recommendations.propose(lead, key, 1)
    with pytest.raises(InvalidInput):
        suggest(cast["astana-lead"], key, 1, Aim(1, "shall"), "may", internal=True)
    assert [s.key for s in queries.page(cast["astana-lead"], key).suggestions] == []
    for act in (
        lambda: withdraw_suggestion(cast["astana-lead"], key, one),
        lambda: reject_suggestions(cast["astana-lead"], key, [one], "No."),
    ):
        with pytest.raises((NotFound, NotPermitted)):
            act()
    # What is before the others changes only by what they could see.
    with pytest.raises(Unmet):
        accept_suggestions(lead, key, 1, [one])
    shared = suggest(cast["astana-lead"], key, 1, Aim(2, "shall"), "may")
    with pytest.raises(InvalidInput):
        accept_suggestions(lead, key, 1, [one, shared])
    assert queries.page(lead, key).choice([one, shared]).keys == (shared,)
    recommendations.recall(lead, key, 1, "We look at it again.")
    assert accept_suggestions(lead, key, 1, [one]).action == "revise"
    assert text_of(key, 2).startswith("1. The Government should")


def test_who_recused_themselves_sees_nothing_internal(cast: Cast) -> None:
    key = drafted(cast)
    suggest(cast["washington-expert-2"], key, 1, Aim(1, "shall"), "should", internal=True)
    assert len(queries.page(cast["washington-expert-1"], key).suggestions) == 1
    deliberation.recuse(cast["washington-expert-1"], key, 1)
    assert queries.page(cast["washington-expert-1"], key).suggestions == ()


def test_acceptance_in_a_hidden_text_is_hidden(cast: Cast) -> None:
    key = proposed(cast)
    astana, lead = cast["astana-expert-1"], cast["washington-lead"]
    one = suggest(astana, key, 1, Aim(1, "shall"), "should")
    other = suggest(astana, key, 1, Aim(2, "each year"), "twice a year")
    third = suggest(astana, key, 1, Aim(2, "report"), "answer")
    deliberation.request_changes(astana, key, 1, "As suggested.")
    before = queries.page(astana, key).suggestions
    accept_suggestions(lead, key, 1, [one, other])
    assert last_event(key)[2] == lead.group_id
    assert queries.page(astana, key).suggestions == before
    assert [s.state for s in queries.page(lead, key).suggestions] == ["accepted", "accepted", "open"]
    # Its author may take back what is still open to them, and learns nothing by it.
    withdraw_suggestion(astana, key, other)
    assert state_of(other) == ("withdrawn", 2)
    # A text saved over the words of the third tells nothing either.
    recommendations.save_version(lead, key, 2, content(text="1. Nothing."))
    assert [s.state for s in queries.page(astana, key).suggestions] == ["open", "withdrawn", "open"]
    assert [s.state for s in queries.page(lead, key).suggestions] == ["accepted", "withdrawn", "gone"]
    recommendations.resubmit(lead, key, 3)
    assert [s.state for s in queries.page(astana, key).suggestions] == ["accepted", "withdrawn", "gone"]
    assert third in {s.key for s in queries.page(astana, key).suggestions}


def test_suggestion_on_the_circulated_text_finds_its_words_in_the_newer_one(cast: Cast) -> None:
    key = proposed(cast)
    astana, lead = cast["astana-expert-1"], cast["washington-lead"]
    deliberation.request_changes(astana, key, 1, "Say more.")
    recommendations.save_version(
        lead, key, 1, content(text="1. First of all.\n\n" + TEXT.replace("2.", "3.").replace("1.", "2."))
    )
    one = suggest(astana, key, 1, Aim(1, "publish a timetable"), "publish it")
    assert (last_event(key)[0], last_event(key)[2]) == ("suggest", None)
    assert places(one)[2][1] == 2
    with pytest.raises(InvalidInput):  # The others have not seen version 2.
        suggest(lead, key, 2, Aim(1, "First"), "Last")
    accept_suggestions(lead, key, 2, [one])
    assert text_of(key, 3).split("\n\n")[1] == "2. The Government shall publish it."


def test_bracket_is_asked_for_by_the_others_and_cleaned_by_name(cast: Cast) -> None:
    key = proposed(cast)
    astana, lead = cast["astana-lead"], cast["washington-lead"]
    with pytest.raises(InvalidInput):
        ask_for_bracket(astana, key, 1, Aim(1, "shall"), "should", " ")
    one = ask_for_bracket(astana, key, 1, Aim(1, "shall"), "should\n may ", "We have no mandate for more.")
    assert state_of(one) == ("open", None)
    accept_suggestions(lead, key, 1, [one])
    assert text_of(key, 2).startswith("1. The Government [shall / should / may] publish")
    version = db.session.scalars(select(Version).where(Version.number == 2)).one()
    assert (version.open_brackets, version.bracketed_words) == (1, 3)
    assert (version.words or 0) > 12
    with pytest.raises(Unmet) as refused:
        deliberation.agree_to_version(astana, key, 2)
    assert "bracket_open" in {r.code for r in refused.value.details["reasons"]}
    recommendations.settle_bracket(lead, key, 2, 0, "should")
    name, data, _ = last_event(key)
    assert (name, data["bracket"], data["wording"]) == ("amend", "[shall / should / may]", "should")


def test_bracket_of_the_writers_own_is_in_the_text_at_once(cast: Cast) -> None:
    key = drafted(cast)
    author = cast["washington-expert-2"]
    one = ask_for_bracket(author, key, 1, Aim(2, "each year"), "", "Astana may not want this.")
    assert (state_of(one), text_of(key, 2)) == (("accepted", 2), TEXT.replace("each year", "[each year]"))
    assert queries.page(cast["washington-lead"], key).suggestions[0].reason == "Astana may not want this."
    recommendations.propose(author, key, 2)
    # Who asked, and why, is the others' too from then on.
    (seen,) = queries.page(cast["astana-lead"], key).suggestions
    assert (seen.state, seen.asks_for_bracket, seen.author_id) == ("accepted", True, author.person_id)


def test_brackets_that_nobody_would_count_are_refused(cast: Cast) -> None:
    key = proposed(cast, "1. Publish `code words` now.")
    with pytest.raises(InvalidInput) as refused:
        ask_for_bracket(cast["astana-lead"], key, 1, Aim(1, "words"), "", "Why not.")
    assert refused.value.details["problem"] == "no_bracket_there"


def test_nothing_is_suggested_or_accepted_once_it_is_agreed(cast: Cast) -> None:
    key = proposed(cast)
    one = suggest(cast["astana-expert-1"], key, 1, Aim(1, "shall"), "should")
    for who in ("astana-lead", "astana-expert-2"):
        deliberation.take_position(cast[who], key, 1, Stand.APPROVE)
    deliberation.agree_to_version(cast["astana-lead"], key, 1)
    with pytest.raises(WrongState):
        suggest(cast["astana-expert-1"], key, 1, Aim(1, "publish"), "print")
    with pytest.raises(WrongState):
        accept_suggestions(cast["washington-lead"], key, 1, [one])
    with pytest.raises(NotPermitted):
        reject_suggestions(cast["washington-lead"], key, [one], "Too late.")
    withdraw_suggestion(cast["astana-expert-1"], key, one)
    assert state_of(one) == ("withdrawn", None)


def test_panel_says_who_asked_or_since_when_a_bracket_is_there(cast: Cast) -> None:
    key = drafted(cast, "1. Publish [soon / now].\n\n2. Report each year.")
    author = cast["washington-expert-1"]
    recommendations.save_version(
        author, key, 1, content(text="1. Publish [soon / now].\n\n2. Report every year.")
    )
    recommendations.propose(author, key, 2)
    one = ask_for_bracket(cast["astana-lead"], key, 2, Aim(2, "every year"), "", "Too often.")
    accept_suggestions(cast["washington-lead"], key, 2, [one])
    reader = cast["astana-expert-1"]
    page = queries.page(reader, key)
    item = db.session.scalars(select(Recommendation.id)).one()
    lines = queries.bracket_lines(db.session(), reader, item, 3, page.manifest.wording, page.suggestions)
    assert [(b.paragraph, b.wordings, b.asked and b.asked.key, b.since, b.author_id) for b in lines] == [
        (1, ("soon", "now"), None, 2, author.person_id),
        (2, ("every year",), one, 3, cast["washington-lead"].person_id),
    ]


def test_every_field_takes_suggestions_which_keep_their_place_and_collide_within_it(cast: Cast) -> None:
    author, lead, astana = cast["washington-expert-1"], cast["washington-lead"], cast["astana-lead"]
    words = content(title="Media *law*", summary="Media law.", text="1. Pass a law.", rationale="- A law.")
    key = recommendations.create_recommendation(author, words)
    recommendations.propose(author, key, 1)
    title = suggest(astana, key, 1, Aim(words="*law*", field="title"), "act")
    other = suggest(cast["astana-expert-1"], key, 1, Aim(words="Media *law*", field="title"), "A law")
    summary = suggest(astana, key, 1, Aim(1, "law", field="summary"), "act")
    reasons = suggest(astana, key, 1, Aim(1, "A law", field="rationale"), "An act")
    text = suggest(astana, key, 1, Aim(1, "a law"), "an act")
    assert queries.page(lead, key).collisions == ((title, other),)
    with pytest.raises(SuggestionsCollide):
        accept_suggestions(lead, key, 1, [title, other])
    promised = queries.page(lead, key).choice([reasons, title, text]).manifest
    assert promised
    event = accept_suggestions(lead, key, 1, [reasons, title, text])
    new = queries.page(lead, key)
    assert (event.digest, new.manifest) == (promised.digest(), promised)
    assert (
        new.manifest.content()
        == replace(words, title="Media act", text="1. Pass an act.", rationale="- An act.").canonical()
    )
    assert places(summary) == dict.fromkeys((1, 2), ("exact", 1, 6, 9))
    assert {s.key: (s.field, s.state) for s in new.suggestions} == {
        title: ("title", "accepted"),
        other: ("title", "gone"),
        summary: ("summary", "open"),
        reasons: ("rationale", "accepted"),
        text: ("text", "accepted"),
    }
    recommendations.recall(lead, key, 2, "We write it anew.")
    revised = replace(new.manifest.content(), summary="In short: Media law.", text="1. Media law.")
    recommendations.save_version(author, key, 2, revised)
    assert places(summary)[3] == ("moved", 1, 16, 19)


def test_bracket_in_a_title_is_listed_and_settled(cast: Cast) -> None:
    author, lead, astana = cast["washington-expert-1"], cast["washington-lead"], cast["astana-lead"]
    key = recommendations.create_recommendation(author, content(title="Media law now", text=TEXT))
    recommendations.propose(author, key, 1)
    asked = ask_for_bracket(astana, key, 1, Aim(words="now", field="title"), "soon", "We need a year.")
    accept_suggestions(lead, key, 1, [asked])
    page = queries.page(astana, key)
    item = db.session.scalars(select(Recommendation.id)).one()
    (line,) = queries.bracket_lines(db.session(), astana, item, 2, page.manifest.wording, page.suggestions)
    assert (line.field, line.wordings, line.asked and line.asked.key) == ("title", ("now", "soon"), asked)
    recommendations.settle_bracket(lead, key, 2, 0, "soon", field="title")
    assert queries.page(astana, key).title == "Media law soon"


@pytest.mark.parametrize(
    "aim", [Aim(words="Media", field="note"), Aim(2, "Media", field="title"), Aim(words="2.", field="title")]
)
def test_suggestion_for_words_that_no_field_has_is_refused(cast: Cast, aim: Aim) -> None:
    key = proposed(cast)
    with pytest.raises(InvalidInput):
        suggest(cast["astana-lead"], key, 1, aim, "x")
    with pytest.raises(ReachesBeyond):
        suggest(cast["astana-lead"], key, 1, Aim(1, field="title"), "")

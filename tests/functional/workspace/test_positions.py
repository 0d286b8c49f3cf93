"""Positions: confirmed after reading, taken back, recorded for a member; and leaving the drafting."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput
from reviewflow.services import deliberation, recommendations
from tests.support.desk import Stage
from tests.support.scenes import act, item_page, plain, proposed
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]


def test_stale_position_is_confirmed_on_the_page_that_shows_what_changed(stage: Stage, visit: Visit) -> None:
    key = proposed(stage, text="1. Publish by [31 January / 31 March].")
    stage.at(2, deliberation.take_position, stage.cast["astana-expert-1"], key, 1, Stand.NO_OBJECTION)
    stage.at(3, recommendations.settle_bracket, stage.cast["washington-lead"], key, 1, 0, "31 January")
    reader = visit("astana-expert-1")
    compared = reader.get(f"recommendations/{key}/compare?from=approved").text
    assert "state the same on version 2: No objection" in plain(compared)
    assert act(reader, key, "position", 2, stand="no_objection").status_code == 302
    assert "You have no objection" in plain(item_page(reader, key))
    assert "state the same" not in reader.get(f"recommendations/{key}/compare?from=1").text


def test_position_is_taken_back(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    reader = visit("astana-expert-1")
    assert "Take my position back" not in reader.get(f"recommendations/{key}/acts/position").text
    assert act(reader, key, "position", stand="withdrawn").status_code == 422
    act(reader, key, "position", stand="approve")
    assert "Take my position back" in reader.get(f"recommendations/{key}/acts/position").text
    act(reader, key, "position", stand="withdrawn")
    page = plain(item_page(reader, key))
    assert ("You have taken your position back" in page, "0 of 3 positions" in page) == (True, True)


def test_position_that_a_lead_records_says_so(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    lead, member = visit("astana-lead"), stage.cast["astana-expert-1"].person_id
    wordless = act(lead, key, "record-position", member=member, stand="approve", reason="Fine.")
    assert (wordless.status_code, "Say how the position was given" in wordless.text) == (422, True)
    assert "Fine." in wordless.text
    given = {"member": member, "stand": "approve", "means": "by telephone on 14 October"}
    assert act(lead, key, "record-position", **given).status_code == 302
    page = plain(item_page(visit("washington-expert-1"), key))
    assert "recorded by Astana Lead; given by telephone on 14 October" in page
    assert act(visit("astana-expert-2"), key, "record-position", **given).status_code == 403


def test_means_of_a_recorded_position_are_a_few_words(stage: Stage) -> None:
    key = proposed(stage)
    lead, member = stage.cast["astana-lead"], stage.cast["astana-expert-1"].person_id
    with pytest.raises(InvalidInput) as refused:
        stage.at(2, deliberation.record_position, lead, key, 1, member, Stand.APPROVE, "x" * 201)
    assert refused.value.details == {"field": "means", "problem": "too_long"}
    stage.at(2, deliberation.record_position, lead, key, 1, member, Stand.APPROVE, "x" * 200)


def test_objection_is_not_lifted_by_a_lead(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    author = stage.cast["astana-expert-1"]
    stage.at(2, deliberation.take_position, author, key, 1, Stand.OBJECT, "No date is named.")
    refused = act(
        visit("astana-lead"),
        key,
        "record-position",
        member=author.person_id,
        stand="approve",
        means="by letter",
    )
    assert (refused.status_code, "lifted by its author alone" in refused.text) == (409, True)


def test_who_recused_sees_nothing_internal_and_drafts_no_more(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    colleague = stage.cast["washington-expert-2"]
    stage.at(2, deliberation.open_thread, colleague, key, "Our fallback is March.", internal=True, version=1)
    expert = visit("washington-expert-1")
    assert "Our fallback is March." in item_page(expert, key)
    assert [HEARD[path] in expert.get(path.format(key=key)).text for path in HEARD] == [True, True]
    assert act(expert, key, "recuse", reason="My firm bids for it.").status_code == 302
    assert "Our fallback is March." not in item_page(expert, key)
    assert [HEARD[path] in expert.get(path.format(key=key)).text for path in HEARD] == [False, False]
    assert "Drafted it" in expert.get(f"recommendations/{key}/history").text
    assert "Our fallback is March." in item_page(visit("washington-lead"), key)
    act(expert, key, "rejoin")
    assert "Our fallback is March." in item_page(expert, key)
    assert [HEARD[path] in expert.get(path.format(key=key)).text for path in HEARD] == [True, True]


#: Where it is told that something was said within a group, and how.
HEARD = {"": "opened a discussion within the group", "recommendations/{key}/history": "Opened a discussion"}


def test_objection_that_a_lead_recorded_is_taken_back_on_the_word_of_its_author(
    stage: Stage, visit: Visit
) -> None:
    key = proposed(stage)
    lead, member = visit("astana-lead"), stage.cast["astana-expert-1"]
    given = {"member": member.person_id, "means": "by telephone"}
    answer = act(lead, key, "record-position", **given, stand="object", reason="No date is named.")
    assert answer.status_code == 302
    assert "1 objection" in plain(item_page(lead, key))
    assert act(lead, key, "record-position", **given, stand="approve").status_code == 409
    assert act(lead, key, "record-position", **given, stand="withdrawn").status_code == 302
    page = plain(item_page(visit("washington-expert-1"), key))
    assert "recorded by Astana Lead; given by telephone" in page
    assert "1 objection" not in page
    # What the member says in her own hand is hers, also where a lead had recorded it before.
    act(lead, key, "record-position", **given, stand="object", reason="Still no date.")
    stage.at(5, deliberation.take_position, member, key, 1, Stand.OBJECT, "Still no date, as I said.")
    for stand in ("withdrawn", "object"):
        refused = act(lead, key, "record-position", **given, stand=stand, reason="She told me.")
        assert (refused.status_code, "lifted by its author alone" in refused.text) == (409, True), stand

"""Naming a stand-in, acting in another's name, and what every page then says, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from reviewflow.domain.ballots import Stand
from reviewflow.gateways import clock
from reviewflow.services import accounts, deliberation, outbox, recommendations, stand_ins
from tests.support.desk import Stage
from tests.support.guests import GUEST, with_guest
from tests.support.scenes import (
    act,
    can_do,
    event_count,
    item_page,
    part,
    plain,
    proposed,
    sent_back,
)
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]
LEAD, EXPERT = "astana-lead", "astana-expert-1"


def _lend(stage: Stage, principal: str = LEAD, person: str = EXPERT, days: float = 9) -> None:
    cast, now = stage.cast, clock.now()
    with stage.app.app_context():
        stand_ins.name_stand_in(cast[principal], cast[person].person_id, now, now + timedelta(days=days))


def _days(first: int, last: int) -> dict[str, str]:
    today = clock.now().date()
    return {
        "first_day": (today + timedelta(days=first)).isoformat(),
        "last_day": (today + timedelta(days=last)).isoformat(),
    }


def _mine(page: str) -> str:
    return part(page, "h-mine")


def test_whole_way_from_naming_to_taking_back(app: Flask, stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    lead, expert, cast = visit(LEAD), visit(EXPERT), stage.cast
    assert "Name a stand-in while you are away" in lead.get("people").text
    answer = lead.post("people/stand-in", {"stand_in": cast[EXPERT].person_id, **_days(0, 9)})
    assert answer.status_code == 302
    page = plain(lead.get("people/stand-in").text)
    assert "Astana Expert 1 stands in for you" in page
    for name in (EXPERT, "washington-lead", "astana-observer"):
        people = plain(visit(name).get("people").text)
        assert "Astana Expert 1 stands in for Astana Lead" in people
        assert "Astana Lead named Astana Expert 1 as stand-in." in people
    with app.app_context():
        (mail,) = outbox.waiting()
    assert (mail.recipient, "Astana Lead" in mail.subject) == (cast.emails[EXPERT], True)

    home = _mine(expert.get("").text)
    assert home.count("state your position on version 1") == 1
    assert "For Astana Lead: Washington proposes USKZ.DR/1/09 – state a position on version 1" in home
    assert "2 acts that you can do now" in home

    page = item_page(expert, key)
    assert "For Astana Lead: State a position on version 1" in part(page, "h-lent")
    assert "Astana Lead" not in plain(can_do(page))
    form = expert.get(f"recommendations/{key}/acts/position?for={cast[LEAD].person_id}").text
    assert "The position of Astana Lead on version 1" in plain(form)
    assert "Recuse myself" not in plain(form)
    own = expert.get(f"recommendations/{key}/acts/position").text
    assert "Your position on version 1" in plain(own)
    assert 'name="principal"' not in own
    for shown in (form, own):
        assert "For yourself For Astana Lead" in plain(shown)
    act(expert, key, "position", stand="no_objection")
    act(expert, key, "position", stand="approve", principal=cast[LEAD].person_id)
    answer = act(expert, key, "agree", principal=cast[LEAD].person_id)
    assert answer.status_code == 302
    page = item_page(expert, key)
    assert "Astana Expert 1 for Astana Lead" in part(page, "h-acts")
    assert "You, for Astana Lead, recorded the group’s agreement" in part(page, "h-log")
    for name in ("washington-expert-1", "coordinator"):
        history = plain(visit(name).get(f"recommendations/{key}/history").text)
        assert history.count("Astana Expert 1 for Astana Lead") == 2
        news = part(visit(name).get("").text, "h-news")
        assert "Astana Expert 1 for Astana Lead recorded the group’s agreement" in news

    (number,) = re.findall(r"people/stand-ins/(\d+)/end", lead.get("people/stand-in").text)
    assert lead.post(f"people/stand-ins/{number}/end").status_code == 302
    assert "Astana Lead ended the time of Astana Expert 1 as stand-in for Astana Lead." in plain(
        lead.get("people").text
    )
    assert "Expert 1 stands in for you" not in plain(lead.get("people/stand-in").text)


def test_form_of_a_name_that_was_taken_back_gives_the_words_back(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    _lend(stage)
    lead, expert, principal = visit(LEAD), visit(EXPERT), stage.cast[LEAD].person_id
    typed = {"stand": "object", "reason": "A reason of an hour.", "principal": principal}
    (number,) = re.findall(r"people/stand-ins/(\d+)/end", lead.get("people/stand-in").text)
    lead.post(f"people/stand-ins/{number}/end")
    before = event_count(stage.app)
    for name, fields in (("position", typed), ("decline", typed)):
        answer = act(expert, key, name, **fields)
        assert answer.status_code == 409
        assert "You do not stand in for this member now" in plain(answer.text)
        assert "A reason of an hour." in answer.text
        # The words are not made one's own by sending them once more.
        assert "btn--go" not in answer.text.partition("<main")[2]
    assert event_count(stage.app) == before
    assert "For Astana Lead" not in plain(item_page(expert, key))
    assert expert.get(f"recommendations/{key}/acts/position?for={principal}").status_code == 409


def test_nobody_elses_name_is_ever_ones_own(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    _lend(stage)
    before, expert = event_count(stage.app), visit(EXPERT)
    others = [str(stage.cast[name].person_id) for name in ("washington-lead", "astana-expert-2")]
    for principal in ("x", "0", "-1", "9" * 30, *others):
        assert act(expert, key, "position", stand="approve", principal=principal).status_code == 409
        assert expert.get(f"recommendations/{key}/acts/position?for={principal}").status_code == 409
    assert event_count(stage.app) == before


def test_stand_in_needs_no_more_and_gets_no_more_than_the_principal(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    _lend(stage, "astana-expert-2", EXPERT)
    expert, principal = visit(EXPERT), stage.cast["astana-expert-2"].person_id
    for name, status in (("agree", 403), ("request-changes", 403), ("position", 302)):
        answer = act(expert, key, name, stand="approve", reason="Why.", principal=principal)
        assert answer.status_code == status
    page = plain(item_page(visit(EXPERT), key))
    assert "by Astana Expert 1 for Astana Expert 2" in page
    assert act(visit("astana-expert-2"), key, "position", stand="withdrawn").status_code == 302
    assert "by Astana Expert 1 for" not in plain(item_page(visit(EXPERT), key))


def test_what_waits_for_both_waits_once(stage: Stage, visit: Visit) -> None:
    """Any member of the proposing group can answer; who stands in for the author sees it, and once."""
    sent_back(stage)
    for principal, person in (("washington-expert-1", "washington-lead"), ("astana-lead", EXPERT)):
        _lend(stage, principal, person)
    home = _mine(visit("washington-lead").get("").text)
    assert ("1 act that you can do now" in home, "For Washington Expert 1" in home) == (True, False)
    with stage.app.app_context():
        stand_ins.end_stand_in(stage.cast["washington-lead"], 1)
    _lend(stage, "washington-expert-1", "washington-expert-2")
    assert "For Washington Expert 1: USKZ.DR/1/09 came back" in _mine(
        visit("washington-expert-2").get("").text
    )


def test_principal_acts_all_the_while_and_who_is_recused_for_nobody(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    _lend(stage)
    expert, reader, principal = visit(EXPERT), visit("washington-lead"), stage.cast[LEAD].person_id
    act(expert, key, "position", stand="object", reason="No date.", principal=principal)
    assert "Astana Lead objects" in plain(item_page(reader, key))
    assert act(visit(LEAD), key, "position", stand="approve").status_code == 302
    assert "Astana Lead approves" in plain(item_page(reader, key))
    act(expert, key, "position", stand="recuse")
    answer = act(expert, key, "position", stand="abstain", principal=principal)
    assert (answer.status_code, "One of you is recused" in answer.text) == (409, True)


def test_chatham_house_shows_the_other_side_a_group(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    stage.at(0, accounts.adopt_chatham_house, None, stage.cast.task_force_id)
    _lend(stage)
    act(visit(EXPERT), key, "position", stand="approve", principal=stage.cast[LEAD].person_id)
    other = visit("washington-lead")
    for address in (f"recommendations/{key}", f"recommendations/{key}/history", "people", ""):
        page = plain(other.get(address).text)
        assert "Astana Expert 1" not in page
        assert "Astana Lead" not in page
        assert "member of the Astana group for" not in page
        assert "stands in for A member" not in page
    assert "Astana Expert 1 stands in for Astana Lead" in plain(visit("astana-observer").get("people").text)


def test_what_is_wrong_with_a_naming_is_said_and_kept(stage: Stage, visit: Visit) -> None:
    guest = with_guest(stage)
    lead, cast = visit(LEAD), stage.cast
    named = {name: str(cast[name].person_id) for name in (EXPERT, "washington-lead", "astana-observer")}
    assert GUEST not in lead.get("people/stand-in").text
    for fields, said in (
        ({}, "choose a lead or an expert of your own group"),
        ({"stand_in": named["washington-lead"]}, "choose a lead or an expert of your own group"),
        ({"stand_in": named["astana-observer"]}, "choose a lead or an expert of your own group"),
        ({"stand_in": str(guest.person_id)}, "who has no account can’t act in your name"),
        ({"stand_in": named[EXPERT], "first_day": "soon"}, "First day: choose a day, as in"),
        ({"stand_in": named[EXPERT], "first_day": "0001-01-01"}, "First day: choose a day, as in"),
        ({"stand_in": named[EXPERT], "last_day": "9999-12-31"}, "Last day: choose a day, as in"),
        ({"stand_in": named[EXPERT], "last_day": "2999-01-01"}, "at most 90 days later"),
        ({"stand_in": named[EXPERT], "last_day": "2009-01-01"}, "choose a day that is not over"),
    ):
        sent = {**_days(0, 3), **fields}
        answer = lead.post("people/stand-in", sent)
        assert (answer.status_code, said in plain(answer.text)) == (422, True), fields
        assert f'value="{sent["first_day"]}"' in answer.text
    _lend(stage)
    answer = visit("astana-expert-2").post("people/stand-in", {"stand_in": named[EXPERT], **_days(1, 3)})
    assert (answer.status_code, "One of you has a stand-in" in answer.text) == (409, True)
    for name in ("astana-observer", "coordinator", "administrator"):
        visitor = visit(name)
        assert "Name a stand-in" not in visitor.get("people").text
        assert visitor.get("people/stand-in").status_code == 403
        assert visitor.post("people/stand-in", {"stand_in": named[EXPERT], **_days(0, 3)}).status_code == 403


def test_days_are_those_of_the_principals_clock(stage: Stage, visit: Visit) -> None:
    """Astana's day of 14 October ends at 18:00 or 19:00 in UTC, with the night after it."""
    with clock.set_to(clock.now().replace(hour=6)):
        lead = visit(LEAD)
        lead.post("people/stand-in", {"stand_in": stage.cast[EXPERT].person_id, **_days(1, 1)})
        page = lead.get("people/stand-in").text
    shown = part(page, "h-own") or page
    tomorrow, after = (clock.now().date() + timedelta(days=n) for n in (0, 1))
    assert f'datetime="{tomorrow}T19:00:00Z"' in shown
    assert f'datetime="{after}T19:00:00Z"' in shown


def test_lending_a_voice_asks_who_it_is(app: Flask, stage: Stage, visit: Visit) -> None:
    lead = visit(LEAD)
    lead.get("people/stand-in")
    with clock.set_to(clock.now() + timedelta(minutes=11)):
        answer = lead.post("people/stand-in", {"stand_in": stage.cast[EXPERT].person_id, **_days(0, 3)})
    assert (answer.status_code, 'name="proof"' in answer.text) == (401, True)


def test_standing_in_costs_no_statement(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    counts = []
    for lent in (False, True):
        if lent:
            _lend(stage)
        expert = visit(EXPERT)
        for address in ("", f"recommendations/{key}", "people"):
            with stage.counted() as statements:
                expert.get(address)
            counts.append(len(statements))
    assert counts[:3] == counts[3:]


def test_home_says_whose_position_a_stand_in_is_to_state_anew(stage: Stage, visit: Visit) -> None:
    key = proposed(stage)
    stage.at(2, deliberation.take_position, stage.cast[LEAD], key, 1, Stand.APPROVE)
    stage.at(3, deliberation.request_changes, stage.cast[LEAD], key, 1, "More detail.")
    stage.at(4, recommendations.resubmit, stage.cast["washington-expert-1"], key, 1, "The annex has it.")
    _lend(stage)
    told = _mine(visit(EXPERT).get("").text)
    assert "For Astana Lead: Washington answered in words on USKZ.DR/1/09 after Astana Lead took" in told
    assert "a position – read it and state a position anew" in told

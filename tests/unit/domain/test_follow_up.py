"""Who records follow-up, of what, and which entry counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, WrongState
from reviewflow.domain.follow_up import (
    Assessment,
    FollowedText,
    FollowUp,
    Implementation,
    Response,
    ResponseKind,
    Source,
    decide_assessment,
    decide_response,
    may_record,
)
from reviewflow.domain.items import Item, State, Version

TEXT = Version(1, "text", "text")
ITEM = Item(7, 1, 10, (20,), State.PUBLISHED, 0, TEXT, circulated=TEXT)
COORDINATOR = Actor(1, 1, Role.COORDINATOR)
PUBLISHED, TODAY = date(2009, 9, 24), date(2010, 3, 1)
SOURCE = Source("Report", "https://example.org/report")
FOLLOWED = FollowedText(ITEM, ("kazakhstan", "odihr"), PUBLISHED)


def respond(text: FollowedText = FOLLOWED, actor: Actor = COORDINATOR, **changes: Any) -> Response:
    told: dict[str, Any] = {
        "addressee": "odihr",
        "kind": ResponseKind.SUPPORTED,
        "until": None,
        "day": date(2010, 2, 1),
        "words": " With thanks. \r\n",
        "source": Source(" Report ", " https://example.org/report "),
    }
    return decide_response(actor, text, TODAY, **(told | changes))


def assess(text: FollowedText = FOLLOWED, actor: Actor = COORDINATOR, **changes: Any) -> Assessment:
    told: dict[str, Any] = {
        "implementation": Implementation.PARTIALLY,
        "day": date(2010, 2, 1),
        "evidence": "A law was sent to parliament.",
        "source": SOURCE,
    }
    return decide_assessment(actor, text, TODAY, **(told | changes))


def test_response_and_assessment_are_recorded_in_canonical_form() -> None:
    assert respond() == Response(
        "odihr", ResponseKind.SUPPORTED, None, date(2010, 2, 1), " With thanks.", SOURCE
    )
    until = date(2010, 6, 1)
    considered = respond(kind=ResponseKind.UNDER_CONSIDERATION, until=until)
    assert (considered.kind, considered.until) == (ResponseKind.UNDER_CONSIDERATION, until)
    assert assess() == Assessment(
        Implementation.PARTIALLY, date(2010, 2, 1), "A law was sent to parliament.", SOURCE
    )
    unsourced = assess(implementation=Implementation.NOT_ASSESSED, source=Source(" ", ""))
    assert unsourced.source == Source()
    assert assess(implementation=Implementation.NOT_ASSESSED).source == SOURCE


@pytest.mark.parametrize("day", [PUBLISHED, TODAY])
def test_day_lies_between_publication_and_today(day: date) -> None:
    assert (respond(day=day).day, assess(day=day).day) == (day, day)


@pytest.mark.parametrize("decide", [respond, assess])
@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (Actor(11, 1, Role.LEAD, 10), NotPermitted),
        (Actor(21, 1, Role.LEAD, 20), NotPermitted),
        (Actor(23, 1, Role.OBSERVER, 20), NotPermitted),
        (Actor(0, 1, Role.CLOCK), NotPermitted),
        (Actor(3, 1, Role.ADMINISTRATOR), NotFound),
        (Actor(1, 2, Role.COORDINATOR), NotFound),
    ],
)
def test_only_the_coordinator_records(decide: Any, actor: Actor, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        decide(actor=actor)
    assert not may_record(actor, ITEM)


@pytest.mark.parametrize("decide", [respond, assess])
@pytest.mark.parametrize("state", State)
def test_only_what_is_public_and_supported_is_followed(decide: Any, state: State) -> None:
    item = replace(ITEM, state=state)
    followed = state in (State.PUBLISHED, State.SUPERSEDED)
    assert may_record(COORDINATOR, item) is followed
    if followed:
        assert decide(replace(FOLLOWED, item=item))
        return
    with pytest.raises(WrongState) as refused:
        decide(replace(FOLLOWED, item=item))
    assert refused.value.details["state"] is state


@pytest.mark.parametrize("decide", [respond, assess])
def test_what_is_hidden_does_not_exist_and_what_is_not_out_is_not_followed(decide: Any) -> None:
    with pytest.raises(NotFound):
        decide(FollowedText(replace(ITEM, state=State.DRAFT, circulated=None)))
    with pytest.raises(WrongState):
        decide(FollowedText(ITEM))


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"addressee": "united-states"}, "addressee", "not_an_addressee"),
        ({"addressee": ""}, "addressee", "not_an_addressee"),
        ({"kind": None}, "response", "missing"),
        ({"until": date(2010, 4, 1)}, "considered_until", "not_wanted"),
        ({"kind": ResponseKind.UNDER_CONSIDERATION}, "considered_until", "no_such_day"),
        (
            {"kind": ResponseKind.UNDER_CONSIDERATION, "until": date(2010, 2, 1)},
            "considered_until",
            "until_not_later",
        ),
        ({"day": None}, "given_on", "no_such_day"),
        ({"day": date(2010, 3, 2)}, "given_on", "in_future"),
        ({"day": date(2009, 9, 23)}, "given_on", "before_publication"),
        ({"source": Source("", SOURCE.url)}, "source_title", "missing"),
        ({"is_correction": True}, "is_correction", "nothing_to_correct"),
    ],
)
def test_response_that_cannot_be_is_refused(changes: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        respond(**changes)
    assert refused.value.details == {"field": field, "problem": problem}


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"implementation": None}, "implementation", "missing"),
        ({"day": None}, "as_of", "no_such_day"),
        ({"day": date(2010, 3, 2)}, "as_of", "in_future"),
        ({"day": date(2009, 9, 23)}, "as_of", "before_publication"),
        ({"evidence": " \n"}, "evidence", "missing"),
        ({"source": Source()}, "source_title", "missing"),
        (
            {"implementation": Implementation.NOT_ASSESSED, "source": Source("Title", "")},
            "source_url",
            "no_address",
        ),
        ({"is_correction": True}, "is_correction", "nothing_to_correct"),
    ],
)
def test_assessment_that_cannot_be_is_refused(changes: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        assess(**changes)
    assert refused.value.details == {"field": field, "problem": problem}


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "javascript:alert(1)", "ftp://example.org/", "//example.org", "https://"),
        *(
            "https:///path",
            "https://a b.org/",
            "https://example.org/\u202etxt",
            "https://[::1",
            "https://a:x/",
        ),
        *("https://osce.org@example.org/", 'https://example.org/"x', "https://example.org/<x>"),
        "https://example.org/" + "x" * 2_000,
    ],
)
def test_source_leads_to_a_page_of_the_web(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        respond(source=Source("Report", url))
    assert refused.value.details == {"field": "source_url", "problem": "no_address"}


@pytest.mark.parametrize("url", ["http://example.org", "HTTPS://Example.org:8443/a?b=c#d", "https://қаз.kz/"])
def test_web_addresses_are_sources(url: str) -> None:
    assert respond(source=Source("Report", url)).source.url == url


def test_entry_of_the_latest_day_counts_and_a_correction_replaces_it() -> None:
    march = respond(day=date(2010, 3, 1))
    january = respond(day=date(2010, 1, 4), kind=ResponseKind.NOTED)
    again = respond(day=date(2010, 3, 1), kind=ResponseKind.ALREADY_UNDER_WAY)
    other = respond(addressee="kazakhstan")
    late = FollowUp((march, other, january))
    assert late.response_of("odihr") is march
    assert late.earlier_responses_of("odihr") == (january,)
    assert FollowUp((march, again)).response_of("odihr") is again
    assert late.response_of("kazakhstan") is other
    assert late.response_of("united-states") is None
    corrected = respond(replace(FOLLOWED, recorded=late), day=date(2010, 2, 1), is_correction=True)
    after = FollowUp((*late.responses, corrected))
    assert after.response_of("odihr") is corrected
    assert after.earlier_responses_of("odihr") == (march, january)


def test_implementation_is_that_of_the_assessment_that_counts() -> None:
    assert FollowUp().implementation is Implementation.NOT_ASSESSED
    first = assess()
    taken_back = assess(
        replace(FOLLOWED, recorded=FollowUp((), (first,))),
        implementation=Implementation.NOT_ASSESSED,
        day=date(2010, 1, 1),
        is_correction=True,
    )
    both = FollowUp((), (first, taken_back))
    assert (both.assessment, both.earlier_assessments) == (taken_back, (first,))
    assert both.implementation is Implementation.NOT_ASSESSED
    assert FollowUp((), (first,)).implementation is Implementation.PARTIALLY

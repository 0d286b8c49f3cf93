"""Recording follow-up at the desk."""

from __future__ import annotations

from collections.abc import Callable

from reviewflow.gateways import clock
from tests.support.desk import BEGIN, Stage
from tests.support.scenes import agreed, can_do, item_page, part, plain, published
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]

RESPONSE = {
    "addressee": "kazakhstan",
    "response": "supported",
    "given_on": "2009-10-01",
    "words": "With pleasure.",
    "source_title": "Letter",
    "source_url": "https://example.org/letter",
}
ASSESSMENT = {
    "implementation": "mostly",
    "as_of": "2009-10-01",
    "evidence": "A law of parliament.",
    "source_title": "Gazette",
    "source_url": "https://example.org/gazette",
}


def test_coordinator_records_and_everybody_reads(stage: Stage, visit: Visit) -> None:
    key = published(stage)
    with clock.set_to(BEGIN.replace(day=2)):
        coordinator, lead = visit("coordinator"), visit("astana-lead")
        offered = can_do(item_page(coordinator, key))
        assert "Record a response" in offered
        assert "Record what was implemented" in offered
        assert "Record" not in can_do(item_page(lead, key))
        for name, fields in (("response", RESPONSE), ("assessment", ASSESSMENT)):
            address = f"recommendations/{key}/follow-up/{name}"
            assert coordinator.get(address).status_code == 200
            answer = coordinator.post(address, fields)
            assert (answer.status_code, answer.location.endswith(f"{key}#h-follow-up")) == (302, True)
        said = part(item_page(lead, key), "h-follow-up")
        assert "Response: Government of Kazakhstan Supported , 2009-10-01 With pleasure." in said
        assert "Mostly implemented , as of 2009-10-01 A law of parliament. Source: Gazette" in said
        history = plain(lead.get(f"recommendations/{key}/history").text)
        assert "Recorded a response" in history
        assert "Recorded what was implemented" in history
        assert "recorded how far" in plain(item_page(lead, key))


def test_refusal_says_why_and_keeps_every_word(stage: Stage, visit: Visit) -> None:
    key = published(stage)
    coordinator = visit("coordinator")
    address = f"recommendations/{key}/follow-up/response"
    with clock.set_to(BEGIN.replace(day=2)):
        for changes, words in (
            ({"source_url": "javascript:alert(1)"}, "it must begin with https://"),
            ({"given_on": "soon"}, "choose a day, as in 2010-03-01"),
            ({"given_on": "2009-10-03"}, "that day has not come yet"),
            ({"given_on": "2009-09-30"}, "was not published yet"),
            ({"response": "under_consideration"}, "Under consideration until: choose a day"),
            ({"response": "agreed"}, "Response: please fill it in."),
            ({"addressee": "odihr"}, "to whom the text is addressed"),
            ({"is_correction": "yes"}, "Nothing was recorded here yet"),
            ({"words": "\x00"}, "control character"),
        ):
            answer = coordinator.post(address, RESPONSE | changes)
            assert (answer.status_code, words in plain(answer.text)) == (422, True), changes
            for typed in ({"words": "With pleasure.", "source_title": "Letter"} | changes).values():
                assert typed in answer.text or typed in ("agreed", "odihr", "\x00"), typed
    assert "No response recorded yet" in part(item_page(coordinator, key), "h-follow-up")


def test_only_the_coordinator_of_a_published_text_gets_the_form(stage: Stage, visit: Visit) -> None:
    key, waiting = published(stage), agreed(stage, title="Waiting")
    people = {name: visit(name) for name in ("coordinator", "astana-lead", "administrator")}
    for name, fields in (("response", RESPONSE), ("assessment", ASSESSMENT)):
        for visitor, text, status in (
            ("astana-lead", key, 403),
            ("administrator", key, 404),
            ("coordinator", waiting, 409),
            ("coordinator", "unknown", 404),
        ):
            address = f"recommendations/{text}/follow-up/{name}"
            assert people[visitor].get(address).status_code == status
            assert people[visitor].post(address, fields).status_code == status
    assert "Follow-up" not in item_page(people["coordinator"], waiting)

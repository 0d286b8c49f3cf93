"""Sign-off by link as people see it: the lead's page, the guest's, and what stands on the item afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from reviewflow.domain.statements import StatementKind
from reviewflow.gateways import clock
from reviewflow.services import accounts, deliberation, recommendations, sign_offs, statements
from tests.support.desk import BEGIN, Stage
from tests.support.guests import ADDRESS, GUEST, asked, mailed, with_guest
from tests.support.scenes import TYPED, event_count, item_page, plain, proposed
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]
LATER = BEGIN + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _instant() -> Iterator[None]:
    with clock.set_to(LATER):
        yield


def _opened(app: Flask, secret: str) -> tuple[Visitor, str]:
    """A browser in which nobody has signed in, and the link's address."""
    return Visitor(app.test_client(), "uskz"), f"/desk/sign-off/{secret}"


def test_lead_asks_guest_signs_and_every_page_says_how(app: Flask, stage: Stage, visit: Visit) -> None:
    guest, key = with_guest(stage), proposed(stage)
    lead, place = visit("astana-lead"), f"recommendations/{key}/sign-offs"
    for name, for_group in (("astana-lead", True), ("washington-expert-1", False)):
        actor, words = stage.cast[name], f"Said by {name}."
        stage.at(
            1.5, statements.attach_statement, actor, key, 1, StatementKind.DISSENT, words, for_group=for_group
        )
    assert f"/desk/uskz/{place}" in item_page(lead, key)
    assert f"{GUEST} has not spoken yet signs by link" in plain(item_page(lead, key))
    page = lead.get(place)
    assert f"{GUEST} ({ADDRESS})" in plain(page.text)
    assert "Astana Expert 1" not in plain(page.text)
    assert lead.post(place, {"version": "1", "member": str(guest.person_id)}).status_code == 302
    link = mailed(app, r"http://127.0.0.1:8000(/desk/sign-off/\S+)")
    # Nobody but the guest is shown the secret.
    page = lead.get(place)
    assert (link in page.text, "version 1: open" in plain(page.text)) == (False, True)

    browser = Visitor(app.test_client(), "uskz")
    before = event_count(app)
    answer = browser.get(link)
    shown = plain(answer.text)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
    for words in (GUEST, "Publish a timetable.", "Promises without dates", "Approve version 1", "17:00"):
        assert words in shown
    assert "Attachment 1: Dissent, Astana working group Said by astana-lead." in shown
    assert "Attachment 2: Dissent, Washington working group, a member Said by washington-expert-1." in shown
    assert event_count(app) == before
    assert "Recorded" in browser.post(link, {"stand": "approve"}).text
    again = browser.post(link, {"stand": "object", "reason": TYPED})
    assert again.status_code == browser.get(link).status_code == 410
    assert TYPED in again.text
    assert "Publish a timetable." not in again.text

    for name, at in (("astana-lead", "17:00"), ("washington-expert-1", "07:00")):
        how = f"by the link that Astana Lead asked for on 1 Oct 2009, {at}"
        assert how in plain(item_page(visit(name), key))
    told = plain(lead.get(f"recommendations/{key}/history").text)
    assert f"Asked for a sign-off by link: {GUEST}" in told
    assert "Approved it in the ballot, by the link that Astana Lead asked for" in told
    assert "version 1: used" in plain(lead.get(place).text)


def test_objection_needs_its_words_and_keeps_what_was_typed(app: Flask, stage: Stage) -> None:
    guest, key = with_guest(stage), proposed(stage)
    browser, link = _opened(app, asked(stage, key, guest))
    browser.get(link)
    for form in (
        {"stand": "object"},
        {"stand": "abstain", "reason": TYPED},
        {"reason": TYPED},
        {"stand": "no"},
    ):
        answer = browser.post(link, form)
        assert (answer.status_code, form.get("reason", "") in answer.text) == (422, True)
    assert browser.client.post(link, data={"stand": "approve"}).status_code == 400  # no token of a form
    assert browser.post(link, {"stand": "object", "reason": TYPED}).status_code == 200


def test_new_version_between_reading_and_pressing_is_said_and_nothing_is_kept(
    app: Flask, stage: Stage
) -> None:
    guest, key = with_guest(stage), proposed(stage, text="1. By [May / June].")
    browser, link = _opened(app, asked(stage, key, guest))
    browser.get(link)
    stage.at(2.5, recommendations.settle_bracket, stage.cast["washington-lead"], key, 1, 0, "May")
    before = event_count(app)
    answer = browser.post(link, {"stand": "object", "reason": TYPED})
    assert (answer.status_code, event_count(app)) == (410, before)
    for words in ("The text has changed since", "Ask Astana Lead", TYPED):
        assert words in plain(answer.text)


def test_lead_takes_a_link_back_and_only_their_own(app: Flask, stage: Stage, visit: Visit) -> None:
    guest, key = with_guest(stage), proposed(stage)
    browser, link = _opened(app, asked(stage, key, guest))
    withdraw = f"recommendations/{key}/sign-offs/1/withdraw"
    lead = visit("astana-lead")
    for name, status in (("astana-expert-1", 403), ("washington-lead", 403), ("administrator", 404)):
        assert visit(name).post(withdraw).status_code == status
    other = proposed(stage)
    for wrong in (
        f"recommendations/{key}/sign-offs/2/withdraw",
        f"recommendations/{other}/sign-offs/1/withdraw",
    ):
        assert lead.post(wrong).status_code == 404
    assert browser.get(link).status_code == 200
    for _twice in range(2):
        assert lead.post(withdraw).status_code == 302
    gone = browser.get(link)
    assert (gone.status_code, "It was taken back." in plain(gone.text)) == (410, True)


def test_what_is_no_link_is_answered_as_what_does_not_exist(app: Flask, stage: Stage) -> None:
    browser = Visitor(app.test_client(), "uskz")
    answers = [browser.get(f"/desk/sign-off/{secret}") for secret in ("none", "x" * 43, "a" * 999)]
    assert {(answer.status_code, plain(answer.text)) for answer in answers} == {(404, plain(answers[0].text))}
    assert browser.post("/desk/sign-off/none", {"stand": "approve"}).status_code == 404


def test_asking_for_what_can_not_be_is_refused_in_words(stage: Stage, visit: Visit) -> None:
    guest, key = with_guest(stage), proposed(stage)
    lead, place = visit("astana-lead"), f"recommendations/{key}/sign-offs"
    lead.get(place)
    for form, status in (
        ({"version": "1"}, 422),
        ({"version": "1", "member": "x"}, 422),
        ({"version": "1", "member": str(stage.cast["astana-expert-1"].person_id)}, 422),
        ({"version": "7", "member": str(guest.person_id)}, 409),
        ({"member": str(guest.person_id)}, 409),
    ):
        assert lead.post(place, form).status_code == status, form
    stage.at(2, deliberation.decline, stage.cast["astana-lead"], key, 1, "Not like this.")
    assert "The text is not before your group now." in lead.get(place).text
    assert lead.post(place, {"version": "1", "member": str(guest.person_id)}).status_code == 409


def test_other_side_reads_no_name_under_the_chatham_house_rule(
    app: Flask, stage: Stage, visit: Visit
) -> None:
    stage.at(0, accounts.adopt_chatham_house, None, stage.cast.task_force_id)
    guest, key = with_guest(stage), proposed(stage)
    secret = asked(stage, key, guest)
    stage.at(2.5, sign_offs.sign, secret, "approve", "", lambda stand: ("", ""))
    other = visit("washington-lead")
    for page in (item_page(other, key), other.get(f"recommendations/{key}/history").text):
        assert "by the link that A member of the Astana group asked for" in plain(page)
        assert not any(name in page for name in (GUEST, "Astana Lead"))


def test_invited_official_takes_the_seat_without_an_account(app: Flask, stage: Stage, visit: Visit) -> None:
    lead = visit("astana-lead")
    lead.get("people")
    lead.post(
        "people/invitations", {"email": ADDRESS, "seat": f"expert:{stage.cast['astana-lead'].group_id}"}
    )
    link = mailed(app, r"http://127.0.0.1:8000(/desk/invitation/\S+)")
    browser = Visitor(app.test_client(), "uskz")
    assert "You want no account" in browser.get(link).text
    assert browser.post(f"{link}/guest", {"name": " "}).status_code == 422
    assert "The seat is yours" in browser.post(f"{link}/guest", {"name": GUEST}).text
    assert browser.post(f"{link}/guest", {"name": GUEST}).status_code == 404
    assert f"{GUEST} Expert no account, signs by link" in plain(lead.get("people").text)
    assert browser.post("/desk/sign-in", {"email": ADDRESS, "password": ""}).status_code == 422


@pytest.mark.parametrize("links", [1, 3])
def test_pages_ask_a_constant_number_of_statements(
    app: Flask, stage: Stage, visit: Visit, links: int
) -> None:
    guest, key = with_guest(stage), proposed(stage)
    secrets = [asked(stage, key, guest) for _ in range(links)]
    lead = visit("astana-lead")
    with stage.counted() as statements:
        lead.get(f"recommendations/{key}/sign-offs")
    assert len(statements) == 8
    browser, link = _opened(app, secrets[-1])
    with stage.counted() as statements:
        browser.get(link)
    assert len(statements) == 4

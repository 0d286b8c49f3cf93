"""The page of people: inviting, accepting by the link, changing and ending seats."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask

from reviewflow.domain.ballots import Stand
from reviewflow.services import accounts, deliberation, memberships, outbox
from tests.factories.task_forces import PASSWORD
from tests.support.desk import Stage
from tests.support.scenes import act, item_page, plain, proposed
from tests.support.visitors import Visitor, input_value

Visit = Callable[[str], Visitor]


class Guest(Visitor):
    """Somebody who has not signed in."""

    def __init__(self, app: Flask, slug: str = "uskz") -> None:
        super().__init__(app.test_client(), slug)


def _link(visitor: Visitor, email: str, seat: str) -> str:
    visitor.get("people")
    answer = visitor.post("people/invitations", {"email": email, "seat": seat})
    assert answer.status_code == 200, plain(answer.text)
    found = re.search(r'<input id="link" readonly value="([^"]+)"', answer.text)
    assert found
    return html.unescape(found[1]).removeprefix("http://127.0.0.1:8000")


def test_a_lead_invites_and_the_link_makes_a_member(app: Flask, stage: Stage, visit: Visit) -> None:
    lead, group = visit("astana-lead"), stage.cast["astana-lead"].group_id
    link = _link(lead, "nina@example.org", f"expert:{group}")
    page = lead.get("people").text
    assert "nina@example.org" in page
    assert re.search(rf'<select id="seat" name="seat">\s*<option value="expert:{group}">', page)
    with app.app_context():
        (mail,) = outbox.waiting()
    assert (mail.recipient, link in mail.body) == ("nina@example.org", True)
    guest = Guest(app)
    offered = plain(guest.get(link).text)
    assert ("Expert, Astana working group" in offered, "nina@example.org" in offered) == (True, True)
    short = guest.post(link, {"name": "Nina New", "password": "short"})
    assert (short.status_code, input_value(short.text, "name")) == (422, "Nina New")
    joined = guest.post(link, {"name": "Nina New", "password": "violet tram seven lamps"})
    assert (joined.status_code, joined.location) == (302, "/desk/uskz/")
    assert any(
        app.config["REVIEWFLOW_BROWSER_COOKIE"] in set_ for set_ in joined.headers.getlist("Set-Cookie")
    )
    page = plain(guest.get("people").text)
    assert "Nina New took a seat (Expert, Astana)." in page
    dead = Guest(app)
    gone, unknown = dead.get(link), dead.get("/desk/invitation/nothing")
    assert (gone.status_code, "Ask who sent it to you for a new one" in gone.text) == (404, True)
    assert gone.data == unknown.data


def test_an_account_takes_its_seat_by_signing_in(app: Flask, stage: Stage, visit: Visit) -> None:
    other = Stage(app, slug="other")
    group, email = other.cast["astana-lead"].group_id, stage.cast.emails["astana-expert-1"]
    link = _link(Visitor(other.sign_in("astana-lead"), "other"), email, f"observer:{group}")
    stranger = visit("astana-expert-2")
    assert "This invitation is for another address" in stranger.get(link).text
    assert stranger.post(f"{link}/seat").status_code == 404
    guest = Guest(app)
    asked = guest.get(link).text
    assert f"/desk/sign-in?next={link.replace('/', '%2F')}" in asked or f"/desk/sign-in?next={link}" in asked
    assert guest.post(f"{link}/seat").location.startswith("/desk/sign-in")
    owner = visit("astana-expert-1")
    assert "Take the seat as Astana Expert 1" in plain(owner.get(link).text)
    assert owner.post(f"{link}/seat").location == "/desk/other/"
    assert owner.get("/desk/other/people").status_code == 200


@pytest.mark.parametrize("name", ["astana-expert-1", "astana-observer", "coordinator"])
def test_who_manages_no_seats_is_offered_none(stage: Stage, visit: Visit, name: str) -> None:
    visitor, lead = visit(name), stage.cast["astana-lead"]
    page = visitor.get("people").text
    assert ("Invite somebody" in page) == (name == "coordinator")
    assert visitor.get(f"people/{lead.person_id}").status_code == 403
    sent = {"email": "nina@example.org", "seat": f"expert:{lead.group_id}"}
    assert visitor.post("people/invitations", sent).status_code == 403
    for path, data in (("role", {"role": "observer"}), ("lead", {}), ("end", {})):
        assert visitor.post(f"people/{lead.person_id}/{path}", data).status_code == 403


def test_an_invitation_that_is_taken_back_leads_nowhere(app: Flask, stage: Stage, visit: Visit) -> None:
    lead = visit("astana-lead")
    link = _link(lead, "nina@example.org", f"expert:{stage.cast['astana-lead'].group_id}")
    page = lead.get("people").text
    revoke = re.search(r'action="(/desk/uskz/people/invitations/\d+/revoke)"', page)
    assert revoke
    assert lead.post(revoke[1]).status_code == 302
    assert Guest(app).get(link).status_code == 404
    with app.app_context():
        assert outbox.waiting() == []  # What was taken back before it was mailed is not mailed.
    mailed = [
        _link(lead, "nina@example.org", f"{role}:{stage.cast['astana-lead'].group_id}")
        for role in ("expert", "observer")
    ]
    with app.app_context():
        (mail,) = outbox.waiting()
    assert (mailed[0] in mail.body, mailed[1] in mail.body) == (False, True)
    assert lead.post("people/invitations/99/revoke").status_code == 404
    refused = lead.post("people/invitations", {"email": "no address", "seat": ""})
    assert refused.status_code == 422
    assert input_value(refused.text, "email") == "no address"
    sent = {"email": "nina\x00@example.org", "seat": f"expert:{stage.cast['astana-lead'].group_id}"}
    assert lead.post("people/invitations", sent).status_code == 422


def test_the_lead_is_handed_over_and_the_last_one_is_told_why_not(stage: Stage, visit: Visit) -> None:
    lead, heir = visit("astana-lead"), stage.cast["astana-expert-1"].person_id
    own = stage.cast["astana-lead"].person_id
    refused = lead.post(f"people/{own}/end")
    assert (refused.status_code, "A group always has a lead" in refused.text) == (409, True)
    assert "Hand the lead over to Astana Expert 1" in plain(lead.get(f"people/{heir}").text)
    assert lead.post(f"people/{heir}/lead").status_code == 302
    told = plain(lead.get("people").text)
    assert "Astana Lead handed the lead over to Astana Expert 1." in told
    assert lead.post(f"people/{own}/end").location == "/desk/"
    assert "You are in no task force yet" in lead.get("/desk/").text
    assert lead.get("people").status_code == 404


def test_what_a_departed_member_said_is_marked_and_the_lead_withdraws_their_objection(
    stage: Stage, visit: Visit
) -> None:
    key, left = proposed(stage), stage.cast["astana-expert-1"]
    stage.at(2, deliberation.take_position, left, key, 1, Stand.OBJECT, "No date.")
    lead = visit("astana-lead")
    lead.get(f"people/{left.person_id}")
    assert lead.post(f"people/{left.person_id}/end").status_code == 302
    page = plain(item_page(visit("washington-expert-1"), key))
    assert "Astana Expert 1 (has left)" in page
    assert "Astana Expert 1 (has left)" in plain(lead.get(f"recommendations/{key}/acts/record-position").text)
    given = {"member": left.person_id, "stand": "withdrawn", "means": "It is met."}
    assert act(lead, key, "record-position", **given).status_code == 302
    history = plain(lead.get(f"recommendations/{key}/history").text)
    assert "Objection passed to the group’s lead" in history


def test_roles_change_by_the_page_of_a_seat(stage: Stage, visit: Visit) -> None:
    admin, person = visit("administrator"), stage.cast["astana-expert-1"].person_id
    assert admin.post(f"people/{person}/role", {"role": "observer"}).status_code == 302
    assert "gave Astana Expert 1 another role (Observer, Astana)." in plain(admin.get("people").text)
    assert admin.post(f"people/{person}/role", {"role": "coordinator"}).status_code == 422
    assert admin.post(f"people/{person}/role", {"role": "nonsense"}).status_code == 422
    assert admin.get("people/999999").status_code == 404


def test_people_under_the_chatham_house_rule_are_their_group(stage: Stage, visit: Visit) -> None:
    stage.at(0, accounts.adopt_chatham_house, None, stage.cast.task_force_id)
    left = stage.cast["astana-expert-1"]
    stage.at(1, memberships.end_membership, left, left.person_id)
    page = plain(visit("washington-lead").get("people").text)
    assert ("Astana Expert" in page, "A member of the Astana group left (Expert, Astana)." in page) == (
        False,
        True,
    )


def test_the_page_of_people_asks_a_known_number_of_statements(stage: Stage, visit: Visit) -> None:
    lead, group = visit("astana-lead"), stage.cast["astana-lead"].group_id
    for count in (1, 3):
        for number in range(count):
            stage.at(1, memberships.invite, stage.cast["astana-lead"], f"n{count}-{number}@example.org",
                     "expert", group)  # fmt: skip
        with stage.counted() as statements:
            assert lead.get("people").status_code == 200
        assert len(statements) == 7, statements


def test_signing_in_leads_back_to_the_invitation(app: Flask, stage: Stage, visit: Visit) -> None:
    other = Stage(app, slug="other")
    link = _link(Visitor(other.sign_in("coordinator"), "other"), stage.cast.emails["coordinator"],
                 "coordinator:")  # fmt: skip
    guest = Guest(app)
    guest.get(link)
    sent = {"email": stage.cast.emails["coordinator"], "password": PASSWORD, "next": link}
    assert guest.post("/desk/sign-in", sent).location == link


@pytest.mark.parametrize("number", [2**31, 10**30])
def test_numbers_that_no_database_holds_are_nobodys(stage: Stage, visit: Visit, number: int) -> None:
    admin = visit("administrator")
    assert admin.get(f"people/{number}").status_code == 404
    for path in (f"people/{number}/end", f"people/invitations/{number}/revoke"):
        assert admin.post(path).status_code == 404
    sent = {"email": "nina@example.org", "seat": f"expert:{number}"}
    assert admin.post("people/invitations", sent).status_code in (404, 422)

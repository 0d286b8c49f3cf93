"""An official without an account: the seat, the mailed link, one position, and no second one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.support.guests import ADDRESS, GUEST, mailed
from tests.support.scenes import drafted

pytestmark = pytest.mark.browser


def test_guest_takes_a_seat_and_signs_by_a_link_once(house: House) -> None:
    key = drafted(house.stage)
    lead, guest = house.member("astana-lead"), house.reader()
    lead.sign_in("/people")
    lead.page.get_by_label("E-mail").fill(ADDRESS)
    lead.page.get_by_label("Seat", exact=True).select_option(label="Expert, Astana")
    lead.button("Make an invitation link").click()
    lead.sees("Send this link to")

    guest.go(mailed(house.stage.app, r"8000(/desk/invitation/\S+)"))
    guest.look(phone=True)
    guest.page.locator("#guest-name").fill(GUEST)
    guest.button("Take the seat without an account").click()
    guest.sees("The seat is yours")
    guest.look(phone=True)

    proposer = house.member("washington-expert-1")
    proposer.sign_in(f"/recommendations/{key}/acts/propose")
    proposer.page.locator("main .btn--go").click()
    proposer.sees("Positions of the Astana group")

    lead.item(key)
    lead.link("Ask for a sign-off by link").click()
    lead.look(phone=True)
    lead.page.get_by_label(f"{GUEST} ({ADDRESS})").check()
    lead.button("Mail a link for version 1").click()
    lead.sees(f"A link is on its way to {GUEST}")
    lead.look(phone=True)

    link = mailed(house.stage.app, r"8000(/desk/sign-off/\S+)")
    guest.go(link)
    guest.sees(f"{GUEST}: your position is asked for", "Publish a timetable.")
    guest.look(phone=True)
    with guest.expecting(422):
        guest.button("Object to version 1").click()
        guest.sees("An objection needs a reason that the other side can answer.")
    guest.look(phone=True)
    guest.button("Approve version 1").click()
    expect(guest.page.get_by_role("heading", level=1, name="Recorded")).to_be_visible()
    guest.look(phone=True)
    with guest.expecting(410):
        guest.go(link)
        guest.sees("This link can no longer be used", "A position was taken by it already")
    guest.look(phone=True)

    lead.item(key)
    lead.sees("by the link that Astana Lead asked for on")

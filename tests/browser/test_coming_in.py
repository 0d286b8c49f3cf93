"""Coming in, in a real browser: by an invitation for the first time, and with one-time codes afterwards."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect

from reviewflow.domain.actors import Role
from reviewflow.domain.one_time_codes import code_of, step_at
from reviewflow.gateways import clock
from reviewflow.services import memberships
from tests.browser.conftest import House
from tests.browser.people import Member

pytestmark = pytest.mark.browser
CHOSEN = "violet tram seven lamps"


def _at_the_door(member: Member, code: str) -> None:
    """Give address and password, and then a code."""
    member.go("/desk/sign-in")
    member.page.get_by_label("E-mail").fill(member.email)
    member.page.get_by_label("Password").fill(member._password)
    member.button("Sign in").click()
    member.sees("The password is right.")
    expect(member.page.locator("[name=code]")).to_be_focused()
    member.page.keyboard.type(code)
    member.page.keyboard.press("Enter")


def test_an_invitation_leads_by_two_fields_and_one_button_to_the_first_page(house: House) -> None:
    lead = house.stage.cast["astana-lead"]
    with house.stage.app.app_context():
        secret = memberships.invite(lead, "nina@example.org", Role.EXPERT, lead.group_id)
    nina = house.somebody(house.stage.cast.slug, "nina@example.org", CHOSEN)
    nina.go(f"/desk/invitation/{secret}")
    nina.look(phone=True)
    # Beside it stands the form of who wants no account.
    form = nina.page.locator("form", has=nina.page.locator("#password"))
    assert form.locator("input:visible").count() == 2
    form.get_by_label("Your name, as the others will see it").fill("Nina New")
    nina.page.keyboard.press("Tab")
    nina.page.keyboard.type(CHOSEN)
    nina.page.keyboard.press("Enter")
    nina.sees("Welcome: the seat is yours.")
    expect(nina.page).to_have_url(f"{house.address}{nina.desk}/")
    nina.look(phone=True)
    nina.button("Sign out").click()
    nina.sign_in()


def test_one_time_codes_are_set_up_asked_for_once_each_and_made_up_for(house: House) -> None:
    member = house.member("astana-expert-1")
    member.sign_in()
    member.go("/desk/account/codes/")
    member.button("Set up one-time codes").click()
    member.look(phone=True)
    secret = base64.b32decode(member.page.locator("code.hash").inner_text().replace(" ", ""))
    step = step_at(clock.now())
    member.page.locator("[name=code]").fill(code_of(secret, step))
    member.button("Ask me for codes from now on").click()
    member.sees("Your recovery codes")
    member.look(phone=True)
    recovery = member.page.locator("ol.codes code").all_inner_texts()
    member.link("I have kept them").click()
    member.button("Sign out").click()

    with member.expecting(422):
        _at_the_door(member, code_of(secret, step))
        member.sees("was used already")
        member.look(phone=True)
    # The code of the next half minute counts already, and is not waited for.
    _at_the_door(member, code_of(secret, step + 1))
    member.button("Sign out").click()
    _at_the_door(member, recovery[0].lower())
    expect(member.button("Sign out")).to_be_attached()
    member.go("/desk/account/codes/")
    member.sees("9 recovery codes are left.")

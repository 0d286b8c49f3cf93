"""Passkeys in a real browser, with an authenticator of its own: made, used at the door, and before an act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from reviewflow.gateways import clock
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.sessions import SessionRow
from tests.browser.conftest import House
from tests.browser.people import Member
from tests.support import scenes

pytestmark = pytest.mark.browser


def _give_device(member: Member, transport: str) -> None:
    """A device that makes sure of its owner by itself: built in, or plugged in."""
    chrome = member.context.new_cdp_session(member.page)
    chrome.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": device})


@pytest.mark.parametrize("transport", ["internal", "usb"])
def test_passkey_lets_in_and_confirms_an_act(house: House, transport: str) -> None:
    key = scenes.carrying(house.stage)
    # Browsers make passkeys for names, not for numbers.
    house.address = house.address.replace("127.0.0.1", "localhost")
    lead = house.member("astana-lead")
    _give_device(lead, transport)
    lead.sign_in()
    lead.go("/desk/account/passkeys/")
    lead.look(phone=True)
    lead.page.get_by_label("What you call it").fill("Telephone")
    lead.button("Add a passkey").click()
    lead.sees("The passkey is added.", "not used yet")
    lead.look(phone=True)
    lead.button("Sign out").click()

    lead.sees("You have signed out.")
    lead.look(phone=True)
    lead.button("Sign in with a passkey").click()
    expect(lead.button("Sign out")).to_be_attached()

    # Ten minutes later, in the middle of an act.
    with house.stage.app.app_context():
        session = db.session()
        session.connection(execution_options={WRITES: True})
        session.execute(update(SessionRow).values(verified_at=clock.now() - timedelta(hours=1)))
        session.commit()
    lead.open(f"/recommendations/{key}/acts/agree")
    with lead.expecting(401):
        lead.button("Agree to version 1 for the Astana group").click()
        lead.sees("Is it you?")
        lead.look(phone=True)
    lead.button("Confirm with a passkey and go on").click()
    lead.sees("Agreed")
    expect(lead.page).to_have_url(f"{house.address}{lead.desk}/recommendations/{key}")

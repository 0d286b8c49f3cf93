"""Away: a lead names a stand-in, who agrees in the lead's name; everybody reads so, and it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reviewflow.gateways import clock
from tests.browser.conftest import House
from tests.support.scenes import proposed

pytestmark = pytest.mark.browser


def test_lead_names_a_stand_in_who_agrees_in_that_name(house: House) -> None:
    key = proposed(house.stage)
    lead, expert = house.member("astana-lead"), house.member("astana-expert-1")
    lead.sign_in("/people")
    lead.link("Name a stand-in while you are away").click()
    lead.look(phone=True)
    lead.page.get_by_label("Astana Expert 1").check()
    lead.page.get_by_label("Last day").fill((clock.now().date() + timedelta(days=9)).isoformat())
    lead.button("Name this stand-in").click()
    lead.sees("Named: Astana Expert 1 can act in your name", "Astana Expert 1 stands in for you")
    lead.look(phone=True)

    expert.sign_in("/")
    expert.sees("For Astana Lead: Washington proposes")
    expert.look(phone=True)
    expert.item(key)
    expert.look(phone=True)
    for own in (False, True):
        expert.item(key)
        expert.link("For Astana Lead: State a position on version 1").first.click()
        if own:
            expert.link("For yourself").click()
        expert.look(phone=True)
        expert.page.get_by_label("Approve", exact=True).check()
        expert.page.locator("main .btn--go").click()
        expert.sees("is recorded")
    expert.item(key)
    expert.link("For Astana Lead: Agree to version 1 for the Astana group").first.click()
    expert.look(phone=True)
    expert.page.locator("main .btn--go").click()
    expert.sees("the Astana group agrees to version 1", "Astana Expert 1 for Astana Lead")
    expert.look(phone=True)
    reader = house.member("washington-lead")
    reader.sign_in(f"/recommendations/{key}/history")
    reader.sees("Astana Expert 1 for Astana Lead")

    lead.page.goto(f"{lead.address}/desk/{house.stage.cast.slug}/people/stand-in")
    lead.button("Take it back (Astana Expert 1)").click()
    lead.sees("Ended. What was done in that name stays")
    expert.page.goto(f"{expert.address}/desk/{house.stage.cast.slug}/")
    assert "For Astana Lead" not in expert.page.locator("main").inner_text()

"""The main job without JavaScript: every act is a form, and every page reads as it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.people import Member

pytestmark = pytest.mark.browser

TEXT = "The Task Force recommends:\n\n1. Publish a timetable.\n\n2. Report on it."
CHANGED = TEXT.replace("Report on it.", "Report on it every six months.")


def test_recommendation_goes_from_draft_to_public_page_without_scripts(house: House) -> None:
    washington = house.member("washington-expert-1", scripts=False)
    astana = house.member("astana-expert-1", scripts=False)
    lead = house.member("astana-lead", scripts=False)
    coordinator = house.member("coordinator", scripts=False)

    washington.sign_in()
    key = _draft(washington)
    washington.do("Propose version 1 to the Astana group", look=False)
    washington.sees("Proposed: it now waits for the Astana group.")

    astana.sign_in(f"/recommendations/{key}")
    astana.page.get_by_text("Comment on paragraph 2", exact=True).click()
    comment = astana.page.locator("details[open].comment-in")
    comment.get_by_label("Comment", exact=True).fill("How often?")
    comment.get_by_role("button", name="Add the comment").click()
    astana.sees("How often?")
    astana.do("Request changes from the Washington group", look=False, reason="Say how often.")
    astana.sees("Sent back: it now waits for the Washington group.")

    washington.item(key)
    washington.sees("Say how often.", "How often?")
    washington.page.locator(".rail").get_by_role("link", name="Edit the text").click()
    washington.page.get_by_label("Text", exact=True).fill(CHANGED)
    washington.save(2)
    washington.do("Resubmit version 2 to the Astana group", look=False)
    washington.sees("Resubmitted: it now waits for the Astana group.")

    astana.item(key)
    astana.do("State your position on version 2", look=False, stand="No objection")
    lead.sign_in(f"/recommendations/{key}")
    lead.do("State your position on version 2", look=False, stand="Approve")
    lead.do("Agree to version 2 for the Astana group", look=False)
    lead.sees("Recorded: the Astana group agrees to version 2.")
    coordinator.sign_in(f"/recommendations/{key}")
    coordinator.do("Approve version 2 for dissemination", look=False)
    coordinator.do("Publish version 2", look=False)
    coordinator.sees("This text is public:")
    digest = coordinator.shown_digest()

    reader = house.reader(scripts=False)
    reader.go("/")
    reader.link("A public timetable").first.click()
    reader.sees("Report on it every six months.")
    assert reader.page.locator(".digest code").inner_text().replace(" ", "") == digest


def _draft(washington: Member) -> str:
    """Write in plain text areas; keep it, come back to it, and save it."""
    page = washington.page
    washington.link("Draft a recommendation").click()
    expect(page.locator("#text-rich")).to_have_count(0)
    page.get_by_label("Title").fill("A public timetable")
    page.get_by_label("Text", exact=True).fill(TEXT)
    washington.button("Keep for later, without a version").click()
    washington.sees("Your changes are kept. Nobody else sees them until you save a version.")
    washington.open("/recommendations/new")
    expect(page.get_by_label("Text", exact=True)).to_have_value(TEXT)
    page.get_by_label("Dimension").select_option(label="Human dimension")
    page.get_by_label("Government of Kazakhstan").check()
    washington.save(1)
    washington.sees("Draft saved as version 1.")
    return page.url.rpartition("/")[2]


def test_threads_and_acts_can_be_reached_on_a_phone_without_scripts(house: House) -> None:
    """Sheets open by the browser itself, so the part "What you can do now" is a touch away."""
    washington = house.member("washington-expert-1", scripts=False)
    washington.page.set_viewport_size({"width": 360, "height": 740})
    washington.sign_in()
    key = _draft(washington)
    washington.item(key)
    washington.button("All you can do").click()
    washington.page.locator(".rail").get_by_role("link", name="Propose version 1 to the Astana group").click()
    washington.button("Propose version 1 to the Astana group").click()
    washington.sees("Proposed: it now waits for the Astana group.")

"""The main job in a browser: from a draft in Washington to a public page, with everybody's part in it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.people import Member, paragraphs

pytestmark = pytest.mark.browser

TITLE = "A public timetable"
OPENING = "The Task Force recommends that the Government of Kazakhstan:"
FIRST = "Publish a timetable of the election reform by 31 March 2010."
SECOND = "Report on it to the Permanent Council every year."
SECOND_REVISED = "Report on it to the Permanent Council every six months."
OBJECTION = "Every year is too seldom to be noticed."
COMMENT = "End of March is a date that our ministries can keep."
ANSWER = "Then we keep it, and say so."
NOT_YET = (
    "Not yet: 0 of 2 needed positions. Nobody of your group approves yet."
    " 1 objection is open: Astana Expert 1. "
)
REQUEST = "Say every six months, and we agree."


def test_recommendation_goes_from_draft_to_public_page(house: House) -> None:
    washington = house.member("washington-expert-1")
    astana = house.member("astana-expert-1")
    colleague = house.member("astana-expert-2")
    lead = house.member("astana-lead")
    coordinator = house.member("coordinator")

    # Washington drafts, in the rich editor.
    washington.open()
    washington.look(phone=True)
    washington.fill_in_sign_in()
    washington.sees("Nothing waits for you.")
    washington.look(phone=True)
    key = _draft(washington)

    # Proposing says whom it will reach.
    washington.open()
    washington.sees("The draft “A public timetable” is complete")
    washington.link("propose it to the other side").click()
    washington.page.locator(".rail").get_by_role("link", name="Propose version 1 to the Astana group").click()
    washington.sees("It reaches the Astana group (4 people), the Washington group (4 people)")
    washington.page.go_back()
    washington.do("Propose version 1 to the Astana group")
    washington.sees("Proposed: it now waits for the Astana group.")
    washington.look(phone=True)

    # Astana objects with a reason, and comments on a paragraph.
    astana.sign_in()
    astana.sees("Washington proposes")
    astana.look(phone=True)
    astana.link("state your position on version 1").click()
    with astana.expecting(422):
        astana.do("State your position on version 1", stand="Object")
        astana.sees("An objection needs a reason that the other side can answer.")
        astana.look()
    expect(astana.page.get_by_label("Object", exact=True)).to_be_checked()
    astana.page.locator("#reason").fill(OBJECTION)
    astana.button("State your position on version 1").click()
    astana.sees("Your position on version 1 is recorded.", "0 of 3 positions; 1 objection open", OBJECTION)
    astana.page.get_by_text("Comment on paragraph 1", exact=True).click()
    form = astana.page.locator("details[open].comment-in")
    form.get_by_label("Comment", exact=True).fill(COMMENT)
    expect(form.get_by_label("Shared: all groups and the coordinator")).to_be_checked()
    astana.look(phone=True)
    form.get_by_role("button", name="Add the comment").click()
    astana.sees(COMMENT)
    astana.look(phone=True)

    # Washington finds both, and answers.
    washington.open()
    washington.sees("1 objection is open in")
    washington.look(phone=True)
    washington.item(key)
    washington.sees(COMMENT, OBJECTION)
    thread = washington.page.locator(".thread")
    thread.get_by_text("Reply", exact=True).click()
    thread.get_by_label("Your reply").fill(ANSWER)
    thread.get_by_role("button", name="Reply to everybody").click()
    expect(thread).to_contain_text(ANSWER)
    washington.look()

    # The lead of Astana can't agree yet, and is told why; she asks for changes.
    lead.sign_in()
    lead.item(key)
    blocked = lead.page.locator(".rail [aria-disabled=true]", has_text="Agree to version 1")
    expect(blocked).to_have_accessible_description(NOT_YET)
    lead.look(phone=True)
    lead.do("Request changes from the Washington group", reason=REQUEST)
    lead.sees("Sent back: it now waits for the Washington group.", "Changes requested")
    lead.look()

    # Washington revises, and resubmits.
    washington.open()
    washington.link("answer what was asked for, and resubmit it").click()
    notice = washington.part("Astana Lead asked for changes in USKZ.DR")
    expect(notice).to_contain_text(REQUEST)
    washington.look(phone=True)
    washington.page.locator(".rail").get_by_role("link", name="Edit the text").click()
    _revise(washington)
    washington.do("Resubmit version 2 to the Astana group", reason="Every six months it is.")
    washington.sees("Resubmitted: it now waits for the Astana group.")
    washington.look()

    # Astana sees what changed, and takes positions anew.
    astana.open()
    astana.look()
    astana.item(key)
    astana.sees("0 of 3 positions; 1 objection open", OBJECTION)
    astana.look(phone=True)
    astana.link("Compare with the one before").click()
    expect(astana.page.locator("ins").first).to_be_visible()
    astana.look(phone=True)
    astana.link("Side by side").click()
    astana.look(phone=True)
    astana.item(key)
    astana.page.locator(".rail").get_by_role("link", name="position on version 2").click()
    astana.page.get_by_label("Approve", exact=True).check()
    astana.page.locator("form .btn--go").click()
    astana.sees("1 of 3 positions")
    colleague.sign_in(f"/recommendations/{key}")
    colleague.do("State your position on version 2", stand="No objection")
    colleague.sees("2 of 3 positions")
    lead.open()
    lead.link("agree to version 2").click()
    lead.do("State your position on version 2", stand="Approve")
    lead.sees("3 of 3 positions")
    digest = lead.shown_digest()
    lead.do("Agree to version 2 for the Astana group")
    lead.sees("Recorded: the Astana group agrees to version 2.")
    lead.look(phone=True)

    # The coordinator approves and publishes exactly that.
    coordinator.sign_in()
    coordinator.look(phone=True)
    coordinator.link("approve version 2 for dissemination").click()
    coordinator.look(phone=True)
    coordinator.do("Approve version 2 for dissemination")
    coordinator.sees("Approved: version 2 can be published.")
    coordinator.look()
    coordinator.do("Publish version 2")
    coordinator.sees("Published.", "This text is public:")
    coordinator.look(phone=True)
    assert coordinator.shown_digest() == digest
    agreed_words = paragraphs(coordinator.page.locator("section[aria-labelledby=h-text] .read").first)
    assert agreed_words == [OPENING, FIRST, SECOND_REVISED]
    _look_at_records(coordinator, key)
    lead.open(f"/recommendations/{key}/compare")
    expect(lead.page.get_by_label("To", exact=True)).to_contain_text("you agreed to it for your group")
    lead.look(phone=True)

    # Anybody reads the same words, and who agreed to them.
    reader = house.reader()
    reader.go("/")
    reader.look(phone=True)
    reader.link(TITLE).first.click()
    expect(reader.page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    reader.look(phone=True)
    assert paragraphs(reader.page.locator("#text")) == agreed_words
    assert reader.page.locator(".digest code").inner_text().replace(" ", "") == digest
    sheet = reader.page.locator("#agreed tbody tr").all_inner_texts()
    assert [[name in row for row in sheet].count(True) for name in ("Astana Lead", "Coordinator")] == [1, 1]
    (agreed,) = (row for row in sheet if "Agreed" in row)
    assert "3 of 3 positions, no objection" in agreed
    reader.go("/publications")
    reader.look(phone=True)


def _draft(washington: Member) -> str:
    """Write the text in the browser, look at it on the way, save it; returns the item's key."""
    page = washington.page
    washington.link("Draft a recommendation").click()
    washington.look(phone=True)
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Summary").fill("A timetable that everybody can read.")
    washington.write("text", OPENING, "1. " + FIRST, SECOND)
    washington.write("rationale", "Promises without dates are not kept.")
    page.get_by_label("Dimension").select_option(label="Human dimension")
    page.get_by_label("Government of Kazakhstan").check()
    page.get_by_label("Madrid pledge on the election law (2007)").check()
    expect(page.locator("[data-autosave-status]")).to_contain_text("Kept at")
    washington.look(phone=True)
    washington.save(1)
    washington.sees("Draft saved as version 1. Only your group sees it until it is proposed.")
    assert paragraphs(page.locator("section[aria-labelledby=h-text] .read").first) == [OPENING, FIRST, SECOND]
    washington.look(phone=True)
    return page.url.rpartition("/")[2]


def _revise(washington: Member) -> None:
    """Change the end of the second paragraph, and nothing else."""
    page = washington.page
    before = page.locator("textarea[name=text]").input_value()
    washington.write("text", "")
    for _letter in "year.":
        page.keyboard.press("Backspace")
    page.keyboard.type("six months.")
    page.get_by_label("Note for this version").fill("Every six months, as Astana asked.")
    washington.look()
    washington.save(2)
    washington.sees("Version 2 saved.")
    assert before.endswith(SECOND)
    words = paragraphs(page.locator("section[aria-labelledby=h-text] .read").first)
    assert words == [OPENING, FIRST, SECOND_REVISED]
    washington.look()


def _look_at_records(member: Member, key: str) -> None:
    """Versions, one of them, the history, the table and the help."""
    for path in ("/versions", "/versions/1", "/history"):
        member.open(f"/recommendations/{key}{path}")
        member.look(phone=True)
    member.sees("Asked for changes", "Recorded the group’s agreement", "Published it", REQUEST)
    member.open("/recommendations?state=all")
    member.sees("Published")
    member.look(phone=True)
    member.open("/help")
    member.look(phone=True)

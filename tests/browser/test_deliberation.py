"""Four people bring a text to agreement in their browsers: from the first comment to agreement by silence."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from reviewflow.gateways import clock
from reviewflow.services import silence
from tests.browser.conftest import House
from tests.browser.people import Member
from tests.browser.test_suggesting import select
from tests.support import scenes

pytestmark = pytest.mark.browser

TEXT = "1. The Government shall publish a timetable.\n\n2. It shall report each year."


def suggest(member: Member, paragraph: int, words: str, instead: str) -> None:
    """Select words and say what should stand there."""
    select(member, paragraph, words)
    member.page.locator("[data-selecting]").get_by_role("link", name="Suggest others").click()
    member.page.get_by_label("Say instead").fill(instead)
    member.button("Make the suggestion").click()
    expect(member.page.locator(f"#p{paragraph} .para__p ins")).to_have_text(instead)


def accept(member: Member, paragraph: int, version: int) -> None:
    """Accept the suggestion beside a paragraph."""
    member.page.reload()
    threads = member.page.locator(f"#threads-{paragraph}")
    threads.get_by_role("link", name=re.compile("Accept")).click()
    member.button(f"Accept it: version {version}").click()
    member.sees(f"Version {version}")


def test_four_people_come_to_agreed_words(house: House) -> None:
    key = scenes.proposed(house.stage, text=TEXT)
    author, washington = house.member("washington-expert-1"), house.member("washington-lead")
    expert, astana = house.member("astana-expert-1"), house.member("astana-lead")
    for member in (author, washington, expert, astana):
        member.sign_in()
        member.item(key)

    # Words are commented on, and replaced.
    select(expert, 1, "a timetable")
    expert.button("Comment on these words").click()
    form = expert.page.locator("details[open].comment-in")
    form.get_by_label("Comment", exact=True).fill("For which year?")
    form.get_by_role("button", name="Add the comment").click()
    expect(expert.page.locator("mark.anchor")).to_have_text("a timetable")
    suggest(expert, 1, "shall", "should")
    expert.look(phone=True)
    accept(author, 1, 2)

    # An approval goes stale with the next amendment, and is given anew after reading it.
    expert.item(key)
    expert.do("State your position on version 2", stand="Approve")
    astana.item(key)
    suggest(astana, 2, "shall", "should")
    accept(author, 2, 3)
    expert.item(key)
    expert.sees("You approved version 2")
    expert.link("What changed since you approved").first.click()
    expert.look(phone=True)
    expert.button("Having read this, state the same on version 3: Approve").click()
    expect(expert.part("Positions of the Astana group")).to_contain_text("You approve")

    # An objection stays until it is met: words in brackets, then clean ones.
    expert.link("Change your position on version 3").click()
    expert.page.get_by_label("Object", exact=True).check()
    expert.page.locator("#reason").fill("Nobody can report each year.")
    expert.page.locator("main form button.btn--go").click()
    expert.sees("1 objection open")
    select(expert, 2, "each year")
    expert.page.locator("[data-selecting]").get_by_role("link", name="Ask for brackets").click()
    expert.page.get_by_label("Other wordings that you could accept").fill("every two years")
    expert.page.get_by_label("Why").fill("We have no staff for more.")
    expert.button("Ask for the brackets").click()
    accept(author, 2, 4)
    author.look(phone=True)
    author.link("Settle the open brackets").first.click()
    author.page.get_by_label("every two years").check()
    author.button("Settle this bracket: version 5").click()
    expert.item(key)
    expert.page.locator(".rail").get_by_role("link", name=re.compile("position on version 5")).first.click()
    expert.page.get_by_label("No objection", exact=True).check()
    expert.page.locator("main form button.btn--go").click()
    expect(expert.page.locator(".rail .tally")).not_to_contain_text("objection open")

    # A concern holds the group back until it is answered; each sees what the other says without a reload.
    author.item(key)
    select(expert, 1, "a timetable")
    expert.button("Comment on these words").click()
    form = expert.page.locator("details[open].comment-in")
    form.get_by_label("A concern: it must be answered").check()
    form.get_by_label("Comment", exact=True).fill("Who keeps it?")
    form.get_by_role("button", name="Add the comment").click()
    expect(expert.page.locator("mark.anchor--stop")).to_have_text("a timetable")
    concern = author.page.locator(".thread", has_text="Who keeps it?")
    expect(concern).to_contain_text("must be answered before the Astana group can agree", timeout=10_000)
    expect(author.page.locator("mark.anchor--stop")).to_have_text("a timetable")
    astana.item(key)
    astana.sees("1 concern is not answered yet: Astana Expert 1.")
    concern.get_by_text("Reply", exact=True).click()
    concern.get_by_label("Your reply").fill("The Ministry of Justice.")
    concern.get_by_role("button", name="Reply to everybody").click()
    concern = expert.page.locator(".thread", has_text="Who keeps it?")
    expect(concern).to_contain_text("The Ministry of Justice.", timeout=10_000)
    concern.get_by_text("Say how it ended", exact=True).click()
    concern.get_by_label("Answered: the answer will do").check()
    concern.get_by_label("Your words").fill("That will do.")
    concern.get_by_role("button", name="End the concern").click()
    expert.sees("answered, Astana Expert 1")

    # Both leads consent to silence, nobody speaks, and the clock records the agreement.
    astana.item(key)
    astana.link("Propose a silence procedure on version 5").click()
    astana.page.get_by_role("radio").first.check()
    astana.look(phone=True)
    astana.button("Propose a silence procedure on version 5").click()
    washington.item(key)
    washington.page.locator(".rail").get_by_role("link", name=re.compile("silence")).first.click()
    washington.look(phone=True)
    washington.page.locator("main form button.btn--go").click()
    washington.sees("The text is frozen.")
    washington.look(phone=True)
    with house.stage.app.app_context():
        assert silence.expire_due() == 0
        with clock.set_to(clock.now() + timedelta(days=40)):
            assert silence.expire_due() == 1
            assert silence.expire_due() == 0
    for member in (author, washington, expert, astana):
        member.item(key)
        expect(member.page.locator(".step--now, [aria-current=step]").first).to_contain_text("Agreed")
        member.look(phone=True)

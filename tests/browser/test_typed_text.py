"""Typed text survives a closed browser, an ended session and a second writer; a double click is one act."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from reviewflow.domain.manifest import Manifest
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.recommendations import Version
from tests.browser.conftest import House
from tests.browser.people import Member, paragraphs
from tests.support import scenes
from tests.support.scenes import TYPED

pytestmark = pytest.mark.browser


def _is_kept(member: Member) -> None:
    """The server has what was typed."""
    status = member.page.locator("[data-autosave-status]")
    expect(status).to_contain_text("Kept at")


def _acts(house: House) -> list[str]:
    """Every event of the task force, in its order."""
    with house.stage.app.app_context():
        return list(db.session.scalars(select(EventRow.name).order_by(EventRow.id)))


def test_typed_text_survives_a_closed_browser(house: House) -> None:
    writer = house.member("washington-expert-1")
    writer.sign_in("/recommendations/new")
    writer.page.get_by_label("Title").fill("Half a thought")
    writer.write("text", TYPED)
    _is_kept(writer)
    writer.context.close()

    again = house.member("washington-expert-1")
    again.sign_in("/recommendations/new")
    again.sees("You have unsaved changes from")
    again.look(phone=True)
    expect(again.page.get_by_label("Title")).to_have_value("Half a thought")
    expect(again.page.locator("#text-rich")).to_have_text(TYPED)
    again.save(1)
    again.sees("Draft saved as version 1.", TYPED)

    # A colleague at another browser is offered nothing of it.
    colleague = house.member("washington-expert-2")
    colleague.sign_in("/recommendations/new")
    expect(colleague.page.get_by_label("Title")).to_have_value("")


def test_blanks_at_the_ends_of_lines_do_not_become_signs(house: House) -> None:
    key = scenes.drafted(house.stage, text="First.\n\n*  Odd   list\n\nLast.")
    writer = house.member("washington-expert-1")
    writer.sign_in(f"/recommendations/{key}/edit")
    writer.write("text", " Added ")
    writer.page.keyboard.press("Shift+Enter")
    writer.page.keyboard.type(" on a line of its own. ")
    writer.save(2)
    writer.sees("Version 2 saved.")
    with house.stage.app.app_context():
        stored = db.session.scalars(select(Version.manifest).where(Version.number == 2)).one()
    # The blank is gone, and the list that nobody touched is as it was.
    text = "First.\n\n*  Odd   list\n\nLast. Added\\\non a line of its own."
    assert Manifest.from_bytes(stored).wording.text == text


def test_unsaved_changes_can_be_discarded(house: House) -> None:
    key = scenes.drafted(house.stage)
    writer = house.member("washington-expert-1")
    writer.sign_in(f"/recommendations/{key}/edit")
    writer.write("text", TYPED)
    _is_kept(writer)
    writer.item(key)
    writer.open(f"/recommendations/{key}/edit")
    writer.button("Discard them").click()
    writer.sees("Your unsaved changes are gone.")
    expect(writer.page.locator("#text-rich")).not_to_contain_text(TYPED)
    expect(writer.page.locator("[data-restore]")).to_be_hidden()


def test_session_that_ends_while_typing_loses_nothing(house: House) -> None:
    key = scenes.drafted(house.stage)
    writer = house.member("washington-expert-1")
    writer.sign_in(f"/recommendations/{key}/edit")
    writer.context.clear_cookies()
    with writer.expecting(401):
        writer.write("text", " " + TYPED)
        status = writer.page.locator("[data-autosave-status]")
        expect(status).to_contain_text("your session has ended")
        writer.save(2)
        writer.sees("Your session has ended", "What you typed")
        typed = writer.page.get_by_label("Text", exact=True)
        expect(typed).to_contain_text(TYPED)
        writer.look(phone=True)
    writer.link("Sign in again").click()
    writer.fill_in_sign_in()
    writer.sees("This browser holds changes that never reached the server")
    writer.look()
    writer.button("Put them into the text").click()
    expect(writer.page.locator("#text-rich")).to_contain_text(TYPED)
    writer.save(2)
    writer.sees("Version 2 saved.", TYPED)


def test_two_writers_at_once_get_both_texts(house: House) -> None:
    text = "Lead:\n\n1. The first demand.\n\n2. The second demand.\n\n3. The third demand."
    key = scenes.drafted(house.stage, text=text)
    first, second = house.member("washington-expert-1"), house.member("washington-expert-2")
    for writer in (first, second):
        writer.sign_in(f"/recommendations/{key}/edit")
    first.page.get_by_label("Title").fill("A timetable for everybody")
    first.save(2)
    first.sees("Version 2 saved.")
    second.write("text", " And soon.")
    with second.expecting(409):
        second.save(2)
        second.sees(
            "Washington Expert 1 saved version 2 while you were writing",
            "Nothing of yours is lost, and nothing is saved yet",
            "You changed different places",
            "Both texts",
        )
        second.look(phone=True)
    expect(second.page.get_by_label("Title", exact=True)).to_have_value("A timetable for everybody")
    expect(second.page.locator("#text-rich")).to_contain_text("The third demand. And soon.")
    second.save(3)
    second.sees("Version 3 saved.", "A timetable for everybody")
    words = paragraphs(second.page.locator("section[aria-labelledby=h-text] .read").first)
    assert words[-1] == "The third demand. And soon."


def test_two_writers_on_the_same_words_have_to_decide(house: House) -> None:
    key = scenes.drafted(house.stage, text="One demand of many words.")
    first, second = house.member("washington-expert-1"), house.member("washington-expert-2")
    for writer, words in ((first, "few"), (second, "good")):
        writer.sign_in(f"/recommendations/{key}/edit")
        writer.write("text", "")
        for _letter in "many words.":
            writer.page.keyboard.press("Backspace")
        writer.page.keyboard.type(f"{words} words.")
    first.save(2)
    first.sees("Version 2 saved.")
    with second.expecting(409):
        second.save(2)
        second.sees("Both of you changed the same words in 1 place.")
        second.look(phone=True)
    # With its marks in it the text can't be saved by mistake.
    with second.expecting(422):
        second.save(3)
        second.sees("Some places still hold both wordings.")
    second.page.get_by_label("Text", exact=True).fill("One demand of few, good words.")
    second.save(3)
    second.sees("Version 3 saved.", "One demand of few, good words.")


def test_double_click_is_one_act(house: House) -> None:
    key = scenes.drafted(house.stage)
    writer = house.member("washington-expert-1")
    writer.sign_in(f"/recommendations/{key}/acts/propose")
    before = _acts(house)
    writer.button("Propose version 1 to the Astana group").dblclick()
    writer.sees("Proposed: it now waits for the Astana group.")
    assert _acts(house)[len(before) :] == ["propose"]

    writer.open("/recommendations/new")
    writer.page.get_by_label("Title").fill("Saved once")
    writer.button("Save version 1").dblclick()
    writer.sees("Draft saved as version 1.")
    assert _acts(house)[len(before) :] == ["propose", "create"]


def test_status_table_is_walked_with_keys(house: House) -> None:
    keys = [scenes.drafted(house.stage, title=f"Text {number}") for number in (1, 2, 3)]
    member = house.member("washington-expert-1")
    member.sign_in("/recommendations?sort=title")
    row = member.page.locator("tbody tr[aria-current]")
    for key, shown in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowDown", 3), ("ArrowUp", 2)):
        member.page.keyboard.press(key)
        expect(row).to_have_count(1)
        expect(row).to_contain_text(f"Text {shown}")
        expect(member.link(f"Text {shown}")).to_be_focused()
    member.page.keyboard.press("Enter")
    expect(member.page).to_have_url(f"{house.address}{member.desk}/recommendations/{keys[1]}")
    member.page.wait_for_load_state()
    member.page.keyboard.press("/")
    expect(member.page.get_by_label("Search this task force")).to_be_focused()


def test_changes_are_walked_with_keys(house: House) -> None:
    text = "Lead:\n\n1. The first demand.\n\n2. The second demand.\n\n3. The third demand."
    key = scenes.drafted(house.stage, text=text)
    changed = text.replace("first", "foremost").replace("third", "final")
    writer = house.member("washington-expert-1")
    writer.sign_in(f"/recommendations/{key}/edit")
    writer.button("Plain Markdown").first.click()
    writer.page.locator("#text").fill(changed)
    writer.save(2)
    writer.link("Compare with the one before").click()
    writer.page.wait_for_load_state()
    now, count = writer.page.locator(".now"), writer.page.locator("[data-change-count]")
    for letter, total in (("j", "1 of 2"), ("j", "2 of 2"), ("j", "1 of 2"), ("k", "2 of 2")):
        writer.page.keyboard.press(letter)
        expect(count).to_have_text(total)
        expect(now).to_have_count(1)
        expect(now).to_be_focused()
    expect(now).to_contain_text("final")

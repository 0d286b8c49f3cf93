"""Two people at one text: each sees what the other does, and nothing moves or is lost by it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from reviewflow.domain.ballots import Stand
from reviewflow.services import deliberation, recommendations
from tests.browser.conftest import House
from tests.factories.task_forces import content
from tests.support import scenes

pytestmark = pytest.mark.browser

TEXT = "The Government should:\n\n" + "\n\n".join(
    f"{number}. Publish a timetable of the reform numbered {number}, and report on it each spring."
    for number in range(1, 31)
)
#: Somebody else's comment is there within two seconds; the machine may be slow, the page is not.
SOON = 8_000


def top_of(page: Page, selector: str) -> float:
    """Where something begins on the screen, in pixels."""
    box = page.locator(selector).bounding_box()
    assert box
    return box["y"]


def test_others_are_seen_at_once_and_what_one_types_stays(house: House) -> None:
    stage = house.stage
    key = scenes.proposed(stage, text=TEXT)
    reviewer = stage.cast["astana-expert-1"]
    author, other = house.member("washington-expert-1"), house.member("washington-lead")
    for member in (author, other):
        member.sign_in()
        member.item(key)
    page = author.page
    bar = page.locator("[data-live]")
    expect(bar.locator("[data-live-here]")).to_have_text("Also here: Washington Lead", timeout=SOON)

    # Somebody types, in the middle of the text, and a comment comes elsewhere: both are there, nothing moves.
    page.get_by_text("Comment on paragraph 12", exact=True).click()
    typed = page.locator("#comment-text-13")
    typed.fill("Not sent yet")
    typed.press("!")
    expect(other.page.locator("[data-live-here]")).to_have_text(
        "Also here: Washington Expert 1 (writing)", timeout=SOON
    )
    place = top_of(page, "#p13")
    comment = "Which spring?"
    for paragraph in (3, 13, 14):
        stage.at(
            1,
            deliberation.open_thread,
            reviewer,
            key,
            comment,
            internal=False,
            version=1,
            paragraph=paragraph,
        )
    stage.at(2, deliberation.take_position, reviewer, key, 1, Stand.OBJECT, "No dates.")
    expect(bar.locator("[data-live-said] p")).to_have_count(3, timeout=SOON)
    expect(bar).to_contain_text("Astana Expert 1 opened a discussion on USKZ.DR/1/09.")
    expect(page.locator("#threads-3")).to_contain_text(comment)
    expect(page.locator(".rail")).to_contain_text("No dates.")
    expect(typed).to_have_value("Not sent yet!")
    expect(typed).to_be_focused()
    assert abs(top_of(page, "#p13") - place) < 1
    author.look(phone=True)

    # A new version does not come by itself: it is told, and what was typed stays where it is.
    stage.at(3, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "Say which.")
    stage.at(
        4, recommendations.save_version, stage.cast["washington-lead"], key, 1, content(text=TEXT + " Now.")
    )
    show = bar.get_by_role("link", name="Show version 2")
    expect(show).to_be_visible(timeout=SOON)
    expect(typed).to_have_value("Not sent yet!")
    with author.context.expect_page() as opened:
        show.click()
    expect(opened.value.locator("#h-text")).to_have_text("Version 2")
    opened.value.close()
    expect(typed).to_have_value("Not sent yet!")


def test_editor_is_told_of_a_version_that_somebody_saved(house: House) -> None:
    stage = house.stage
    key = scenes.drafted(stage)
    author = house.member("washington-expert-1")
    author.sign_in(f"/recommendations/{key}/edit")
    expect(author.page.locator("[data-live][data-quiet]")).to_have_count(1)
    stage.at(
        1, recommendations.save_version, stage.cast["washington-lead"], key, 1, content(text="Other words.")
    )
    bar = author.page.locator("[data-live]")
    expect(bar.get_by_role("link", name="Show version 2")).to_be_visible(timeout=SOON)
    author.look(phone=True)


def test_threads_are_walked_through_by_keys_and_the_list_of_keys_is_one_key_away(house: House) -> None:
    stage = house.stage
    key = scenes.proposed(stage, text=TEXT)
    expert = stage.cast["astana-expert-1"]
    threads = [
        stage.at(
            1, deliberation.open_thread, expert, key, "When?", internal=False, version=1, paragraph=paragraph
        )
        for paragraph in (4, 20)
    ]
    author = house.member("washington-expert-1")
    author.sign_in()
    author.item(key)
    page = author.page
    for pressed, thread in (("j", threads[0]), ("j", threads[1]), ("k", threads[0])):
        page.keyboard.press(pressed)
        expect(page.locator(f"#thread-{thread}")).to_be_focused()
        expect(page.locator(f"#thread-{thread}")).to_be_in_viewport()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    author.look(phone=True)
    dialog.get_by_label("Keys without Ctrl or Alt work in this browser").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    author.item(key)
    page.keyboard.press("?")
    page.keyboard.press("j")
    expect(page.locator(":focus")).to_have_count(0)
    expect(dialog).to_have_count(0)

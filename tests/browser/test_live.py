"""Two people at one text: each sees what the other does, and nothing moves or is lost by it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from reviewflow.domain.ballots import Stand
from reviewflow.services import deliberation, recommendations, suggestions
from reviewflow.services.anchors import Aim
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

    # A new version does not come by itself: it is told, with what changed; what was typed stays.
    stage.at(3, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "Say which.")
    stage.at(
        4, recommendations.save_version, stage.cast["washington-lead"], key, 1, content(text=TEXT + " Now.")
    )
    show = bar.get_by_role("link", name="Show version 2")
    expect(show).to_be_visible(timeout=SOON)
    changed = bar.get_by_role("link", name="What changed")
    expect(changed).to_have_attribute("href", re.compile(r"/compare\?from=1&to=2$"))
    expect(typed).to_have_value("Not sent yet!")
    with author.context.expect_page() as opened:
        show.click()
    expect(opened.value.locator("#h-text")).to_have_text("Version 2")
    opened.value.close()
    expect(typed).to_have_value("Not sent yet!")


def test_comment_of_another_comes_to_its_place_in_view_and_moves_no_word(house: House) -> None:
    stage = house.stage
    key = scenes.proposed(stage, text=TEXT)
    reviewer = stage.cast["astana-expert-1"]
    author = house.member("washington-expert-1")
    author.sign_in()
    author.item(key)
    page = author.page
    at = iter(range(1, 99))

    def comment(text: str, words: str = "", paragraph: int = 13) -> str:
        return stage.at(
            next(at), deliberation.open_thread, reviewer, key, text,
            internal=False, version=1, paragraph=paragraph, words=words,
        )  # fmt: skip

    # At a desk: in the margin, with its mark in the text, told with a link that names the paragraph.
    page.locator("#p13").evaluate("block => scrollTo(0, block.offsetTop - 300)")
    places = [top_of(page, f"#p{number}") for number in (12, 13, 14, 15)]
    first = comment("Which spring? " * 12, "each spring")
    expect(page.locator(f"#threads-13 #thread-{first}")).to_be_in_viewport(timeout=SOON)
    expect(page.locator("#p13 mark.anchor")).to_have_text("each spring")
    assert [top_of(page, f"#p{number}") for number in (12, 13, 14, 15)] == places
    told = page.locator("[data-live-said]")
    expect(told.get_by_role("link", name="Threads on paragraph 12", exact=True)).to_be_visible()

    # Where somebody types, what they type stays in its place; a reply stands in its thread.
    page.locator("#p20").evaluate("block => scrollTo(0, block.offsetTop - 300)")
    page.get_by_text("Comment on paragraph 19", exact=True).click()
    typed = page.locator("#comment-text-20")
    typed.press_sequentially("Not sent")
    places = [top_of(page, selector) for selector in ("#comment-text-20", "#p19", "#p20")]
    second = comment("And the costs?", paragraph=20)
    expect(page.locator(f"#threads-20 #thread-{second}")).to_be_attached(timeout=SOON)
    stage.at(next(at), deliberation.reply, stage.cast["washington-lead"], key, second, "None.")
    expect(page.locator(f"#thread-{second}")).to_contain_text("None.", timeout=SOON)
    expect(typed).to_have_value("Not sent")
    expect(typed).to_be_focused()
    assert [top_of(page, selector) for selector in ("#comment-text-20", "#p19", "#p20")] == pytest.approx(
        places, abs=1
    )
    author.look()

    # Out of sight, a box that had been kept small has the room that it needs.
    assert page.locator("#threads-13").evaluate("box => box.scrollHeight - box.clientHeight") <= 0

    # On a phone the button below the paragraph tells it.
    page.set_viewport_size({"width": 360, "height": 740})
    author.item(key)
    page.locator("#p5").evaluate("block => scrollTo(0, block.offsetTop - 200)")
    places = [top_of(page, f"#p{number}") for number in (5, 6)]
    third = comment("Here too?", "a timetable", paragraph=5)
    page.locator("#p5").get_by_role("button", name="Thread, 1 comment").click(timeout=SOON)
    expect(page.locator(f"#thread-{third}")).to_be_in_viewport()
    assert [top_of(page, f"#p{number}") for number in (5, 6)] == places
    # In the open sheet, a reply comes while one types another.
    page.locator(f"#thread-{third}").get_by_text("Reply", exact=True).click()
    mine = page.locator(f"#reply-{third}")
    mine.press_sequentially("Yes")
    place = top_of(page, f"#reply-{third}")
    stage.at(next(at), deliberation.reply, stage.cast["washington-lead"], key, third, "No.")
    expect(page.locator(f"#thread-{third}")).to_contain_text("No.", timeout=SOON)
    expect(mine).to_have_value("Yes")
    assert abs(top_of(page, f"#reply-{third}") - place) < 1.5


def test_words_that_are_read_stay_and_the_tally_is_right(house: House) -> None:
    stage = house.stage
    key = scenes.proposed(stage, text=TEXT)
    reviewer, lead = stage.cast["astana-expert-1"], stage.cast["astana-lead"]
    author = house.member("washington-lead")
    author.sign_in()
    author.item(key)
    page = author.page
    page.locator("#p13").evaluate("block => scrollTo(0, block.offsetTop - 300)")
    # Whoever stands on one of the acts with the keyboard stays there, and sees the tally change.
    act = page.locator("#rail section").first.get_by_role("link").first
    act.focus()
    mine, last = (
        stage.at(
            day, suggestions.suggest, reviewer, key, 1, Aim(paragraph, "timetable"), "calendar",
        )
        for day, paragraph in ((1, 13), (2, 30))
    )  # fmt: skip
    stage.at(3, deliberation.take_position, lead, key, 1, Stand.APPROVE, "")
    expect(page.locator("#rail .tally")).to_have_text("1 of 3 positions", timeout=SOON)
    expect(act).to_be_focused()
    expect(page.locator(f"#thread-{mine}")).to_contain_text("calendar")
    expect(page.locator("#p30 .para__p ins")).to_have_text("calendar")
    expect(page.locator("#p13 .para__p ins")).to_have_count(0)
    page.locator("[data-live-said]").get_by_role("link", name="Threads on paragraph 12", exact=True).click()
    expect(page.locator("#p13 .para__p ins")).to_have_text("calendar")
    expect(page.locator(f"#thread-{mine}")).to_be_in_viewport()

    # The tally follows a version that is not on the screen; text and acts are of the one that is.
    before = page.locator("#rail section").first.inner_text()
    stage.at(4, suggestions.accept_suggestions, stage.cast["washington-expert-1"], key, 1, [last])
    expect(page.locator("#rail .tally")).to_have_text("0 of 3 positions", timeout=SOON)
    expect(page.locator("#h-text")).to_have_text("Version 1")
    assert page.locator("#rail section").first.inner_text() == before

    # It is also where the text is read as if all was accepted, without threads.
    author.open(f"/recommendations/{key}?text=accepted")
    expect(page.locator("[data-discussed]")).to_have_count(0)
    stage.at(5, deliberation.take_position, lead, key, 2, Stand.APPROVE, "")
    expect(page.locator("#rail .tally")).to_have_text("1 of 3 positions", timeout=SOON)


def test_who_comes_back_to_the_page_is_told_the_same_once(house: House) -> None:
    stage = house.stage
    key = scenes.proposed(stage, text=TEXT)
    author = house.member("washington-lead")
    author.sign_in()
    author.item(key)
    page = author.page
    come_back = """async () => {
        for (let times = 0; times < 20; times += 1) {
            document.dispatchEvent(new Event('visibilitychange'));
            await new Promise((resolve) => setTimeout(resolve, 5));
        }
    }"""
    expert = stage.cast["astana-expert-1"]
    stage.at(1, deliberation.open_thread, expert, key, "When?", internal=False, version=1, paragraph=3)
    page.evaluate(come_back)
    told = page.locator("[data-live-said] p")
    expect(told).to_have_count(1, timeout=SOON)
    author.context.clear_cookies()
    for _ in range(2):
        with page.expect_response(lambda answer: "/live" in answer.url):
            page.evaluate(come_back)
        expect(told).to_have_count(2)
    expect(told.last).to_have_text("You are signed out. Sign in in another tab, then go on here.")


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
    # A thread that came anew meanwhile is still the one from which one goes on.
    page.keyboard.press("j")
    page.evaluate("document.activeElement.blur()")
    stage.at(2, deliberation.reply, expert, key, threads[1], "And where?")
    expect(page.locator(f"#thread-{threads[1]}")).to_contain_text("And where?", timeout=SOON)
    page.keyboard.press("k")
    expect(page.locator(f"#thread-{threads[0]}")).to_be_focused()
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

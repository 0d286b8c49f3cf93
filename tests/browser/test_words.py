"""Comments on words in a browser: selected with mouse, keyboard or finger, or typed without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from reviewflow.services import deliberation, recommendations
from tests.browser.conftest import House
from tests.browser.people import Member
from tests.factories.task_forces import content
from tests.support import scenes

pytestmark = pytest.mark.browser

TEXT = (
    "The Government should:\n\n"
    "1. Publish a **timetable** of the [31 May/30 June] reform, and publish it again.\n\n"
    "2. Report on it."
)


@pytest.fixture
def key(house: House) -> str:
    """A proposed text that may be discussed."""
    return scenes.proposed(house.stage, text=TEXT)


def drag_over(page: Page, words: str, nth: int = 0) -> None:
    """Select words of the text with the mouse."""
    box = page.evaluate(
        """([words, nth]) => {
          const root = document.querySelector("[data-discussed]");
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            let at = node.data.indexOf(words);
            while (at >= 0 && nth-- > 0) at = node.data.indexOf(words, at + 1);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + words.length);
            const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
            const [first, last] = [rects[0], rects[rects.length - 1]];
            return [first.left, (first.top + first.bottom) / 2, last.right, (last.top + last.bottom) / 2];
          }
        }""",
        [words, nth],
    )
    left, top, right, bottom = box
    page.mouse.move(left + 1, top)
    page.mouse.down()
    page.mouse.move(right - 3, bottom)
    page.mouse.move(right - 1, bottom)
    page.mouse.up()


def select(page: Page, words: str) -> None:
    """Select words as a keyboard or a finger does: without any press of a mouse."""
    page.evaluate(
        """(words) => {
          const root = document.querySelector("[data-discussed]");
          const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf(words);
            if (at < 0) continue;
            getSelection().setBaseAndExtent(node, at, node, at + words.length);
            return;
          }
        }""",
        words,
    )


def comment(member: Member, text: str) -> None:
    """Fill in the form that stands open, and send it."""
    form = member.page.locator("details[open].comment-in")
    form.get_by_label("Comment", exact=True).fill(text)
    form.get_by_role("button", name="Add the comment").click()
    member.sees(text)


def test_words_are_selected_with_the_mouse(house: House, key: str) -> None:
    reviewer = house.member("astana-expert-1")
    reviewer.sign_in()
    reviewer.item(key)
    page = reviewer.page
    drag_over(page, "publish it again")
    button = reviewer.button("Comment on these words")
    expect(button).to_be_visible()
    reviewer.look(phone=False)
    button.click()
    form = page.locator("#comment-2")
    expect(form.get_by_label("The words you mean (optional)")).to_have_value("publish it again")
    expect(form.get_by_label("Comment", exact=True)).to_be_focused()
    reviewer.look(phone=True)
    comment(reviewer, "Why again?")
    expect(page.locator("mark.anchor")).to_have_text("publish it again")
    reviewer.look(phone=True)
    # The words of the thread lead to those of the text.
    page.get_by_role("link", name="On publish it again").click()
    expect(page.locator("mark.anchor:target")).to_be_visible()


def test_the_second_of_equal_words_is_meant(house: House, key: str) -> None:
    reviewer = house.member("astana-expert-1")
    reviewer.sign_in()
    reviewer.item(key)
    drag_over(reviewer.page, "ublish")
    reviewer.page.keyboard.press("Escape")
    expect(reviewer.button("Comment on these words")).to_be_hidden()
    drag_over(reviewer.page, "publish")
    reviewer.button("Comment on these words").click()
    comment(reviewer, "This one.")
    expect(reviewer.page.locator("#p2 .para__p")).to_contain_text("and publish it")
    assert reviewer.page.locator("mark.anchor").evaluate("m => m.previousSibling.data").endswith("and ")


def test_words_are_selected_without_a_mouse(house: House, key: str) -> None:
    reviewer = house.member("astana-expert-1")
    reviewer.sign_in()
    reviewer.page.set_viewport_size({"width": 390, "height": 844})
    reviewer.item(key)
    select(reviewer.page, "timetable")
    button = reviewer.button("Comment on these words")
    expect(button).to_be_visible()
    button.focus()
    reviewer.page.keyboard.press("Enter")
    comment(reviewer, "Which?")
    expect(reviewer.page.locator("mark.anchor")).to_have_text("timetable")


def test_bracketed_words_are_found_as_they_are_seen(house: House, key: str) -> None:
    reviewer = house.member("astana-expert-1")
    reviewer.sign_in()
    reviewer.item(key)
    reviewer.page.evaluate(
        """() => {
          const paragraph = document.querySelector('#p2 .para__p');
          getSelection().setBaseAndExtent(paragraph.querySelector('strong').firstChild, 0,
            paragraph.querySelectorAll('.alt')[1].firstChild, 2);
        }"""
    )
    reviewer.button("Comment on these words").click()
    comment(reviewer, "All this.")
    assert "".join(reviewer.page.locator("mark.anchor").all_text_contents()) == "timetable of the 31 May30"


def test_words_are_typed_where_there_are_no_scripts(house: House, key: str) -> None:
    reviewer = house.member("astana-expert-1", scripts=False)
    reviewer.sign_in()
    reviewer.item(key)
    reviewer.page.get_by_text("Comment on paragraph 1", exact=True).click()
    reviewer.page.locator("#comment-2").get_by_label("The words you mean (optional)").fill("publish it again")
    comment(reviewer, "Why again?")
    expect(reviewer.page.locator("mark.anchor")).to_have_text("publish it again")
    expect(reviewer.page.locator("[data-selecting]")).to_be_hidden()


def test_concern_is_raised_and_an_approximate_place_confirmed(house: House, key: str) -> None:
    stage = house.stage
    reviewer = house.member("astana-expert-1")
    reviewer.sign_in()
    reviewer.item(key)
    drag_over(reviewer.page, " reform, and publish it again")
    reviewer.button("Comment on these words").click()
    reviewer.page.locator("#comment-2").get_by_label("A concern: it must be answered").check()
    comment(reviewer, "Who pays?")
    reviewer.sees("must be answered before the Astana group can agree")
    reviewer.look(phone=True)
    author = stage.cast["washington-expert-1"]
    stage.at(5, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "Say who pays.")
    stage.at(6, recommendations.save_version, author, key, 1,
             content(text=TEXT.replace("and publish it again", "and print it again")))  # fmt: skip
    stage.at(7, recommendations.resubmit, author, key, 2)
    reviewer.item(key)
    reviewer.sees("The marked words are probably meant.")
    reviewer.look(phone=True)
    reviewer.button("These are the words").click()
    reviewer.sees("confirmed the place in this version.")
    reviewer.page.get_by_text("Say how it ended", exact=True).click()
    reviewer.page.get_by_label("Answered: the answer will do").check()
    reviewer.page.get_by_label("Your words").fill("Vienna pays.")
    reviewer.look(phone=True)
    reviewer.button("End the concern").click()
    # Its address opens the list of the resolved ones, in which it stands now.
    reviewer.sees("answered, Astana Expert 1", "Vienna pays.")
    reviewer.look(phone=True)

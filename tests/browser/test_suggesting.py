"""Words selected in a real browser: suggested, put in brackets, decided on, with and without scripts."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.people import Member
from tests.support import scenes

TEXT = "1. The Government shall publish a timetable, and it shall report.\n\n2. It shall report each year."

#: Selects words of an element: the `which`-th place (from 0) where they stand in its text nodes.
_SELECT = """([element, words, which]) => {
  const walker = document.createTreeWalker(document.querySelector(element), NodeFilter.SHOW_TEXT);
  let left = which;
  while (walker.nextNode()) {
    let at = -1;
    while ((at = walker.currentNode.data.indexOf(words, at + 1)) >= 0) {
      if (left-- > 0) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + words.length);
      document.getSelection().removeAllRanges();
      document.getSelection().addRange(range);
      return;
    }
  }
}"""


def select(member: Member, place: int | str, words: str, which: int = 0) -> None:
    """Select words of a paragraph, or of a field, once the page’s scripts are there to see it."""
    member.page.wait_for_load_state("load")
    element = f'[data-field="{place}"]' if isinstance(place, str) else f"#p{place} .para__p"
    member.page.evaluate(_SELECT, [element, words, which])


def test_selected_words_are_suggested_accepted_and_put_in_brackets(house: House) -> None:
    key = scenes.proposed(house.stage, text=TEXT)
    astana, washington = house.member("astana-expert-1"), house.member("washington-lead")
    for member in (astana, washington):
        member.sign_in()
        member.go(f"/desk/uskz/recommendations/{key}")
    astana.look(phone=True)
    # The second "shall" of the first paragraph is meant, and not the first.
    select(astana, 1, "shall", 1)
    bar = astana.page.locator("[data-selecting]")
    expect(bar).to_be_visible()
    bar.get_by_role("link", name="Suggest others").click()
    expect(astana.page.get_by_label("The words you mean")).to_have_value("shall")
    astana.page.get_by_label("Say instead").fill("should")
    astana.look(phone=True)
    astana.page.get_by_role("button", name="Make the suggestion").click()
    drawn = astana.page.locator("#p1 .para__p")
    expect(drawn.locator("del")).to_have_text("shall")
    expect(drawn.locator("ins")).to_have_text("should")
    astana.look(phone=True)

    washington.page.reload()
    washington.page.get_by_role("link", name="1 suggestion open").click()
    washington.look(phone=True)
    washington.page.get_by_label("Suggestion 1").first.check()
    washington.page.get_by_role("button", name="See what accepting the ticked ones gives").click()
    digest = washington.page.locator("section.notice code.hash").inner_text()
    washington.look(phone=True)
    washington.page.get_by_role("button", name="Accept it: version 2").click()
    expect(washington.page.locator("#p1 .para__p")).to_contain_text(
        "The Government shall publish a timetable, and it should report."
    )
    expect(washington.page.locator("#rail code.hash")).to_have_text(digest)

    astana.page.reload()
    select(astana, 2, "each year")
    bar.get_by_role("link", name="Ask for brackets").click()
    astana.page.get_by_label("Other wordings that you could accept").fill("every two years")
    astana.page.get_by_label("Why").fill("We have no staff for more.")
    astana.page.get_by_role("button", name="Ask for the brackets").click()
    washington.page.reload()
    box = washington.page.locator("#threads-2")
    box.get_by_role("link", name=re.compile("Accept")).click()
    washington.page.get_by_role("button", name="Accept it: version 3").click()
    panel = washington.page.get_by_role("region", name="Open brackets")
    expect(panel).to_contain_text("asked for by Astana Expert 1")
    expect(panel).to_contain_text("every two years")
    washington.look(phone=True)
    washington.page.get_by_role("link", name="Settle the open brackets").first.click()
    washington.page.get_by_label("every two years").check()
    washington.page.get_by_role("button", name="Settle this bracket: version 4").click()
    expect(washington.page.locator("#p2 .para__p")).to_contain_text("It shall report every two years.")


def test_paragraph_is_suggested_on_without_scripts(house: House) -> None:
    key = scenes.proposed(house.stage, text=TEXT)
    astana = house.member("astana-expert-1", scripts=False)
    astana.sign_in()
    astana.go(f"/desk/uskz/recommendations/{key}")
    astana.page.get_by_role("link", name="Suggest other words for paragraph 2").click()
    astana.page.get_by_label("The words you mean").fill("shall print")
    astana.page.get_by_label("Say instead").fill("reports")
    with astana.expecting(422):
        astana.page.get_by_role("button", name="Make the suggestion").click()
        expect(astana.page.get_by_role("alert")).to_contain_text("These words are not there")
    expect(astana.page.get_by_label("Say instead")).to_have_value("reports")
    astana.page.get_by_label("The words you mean").fill("shall report")
    astana.page.get_by_role("button", name="Make the suggestion").click()
    expect(astana.page.locator("#p2 .para__p ins")).to_have_text("reports")
    astana.page.get_by_role("link", name="All accepted").click()
    expect(astana.page.locator("#p2 .para__p")).to_contain_text("It reports each year.")


def test_selected_words_of_title_summary_and_rationale_are_suggested_on(house: House) -> None:
    key = scenes.proposed(
        house.stage,
        title="A law on media and its law",
        summary="Amend the law. It is the law.",
        rationale="It was pledged.\n\nIt was late; it was due.",
        text=TEXT,
    )
    astana = house.member("astana-expert-1")
    astana.sign_in()
    astana.go(f"/desk/uskz/recommendations/{key}")
    bar = astana.page.locator("[data-selecting]")
    for field, words, which in (("title", "law", 1), ("summary", "law", 1), ("rationale", "was", 2)):
        select(astana, field, words, which)
        expect(bar.get_by_role("button", name="Comment on these words")).to_be_hidden()
        bar.get_by_role("link", name="Suggest others").click()
        expect(astana.page.get_by_label("The words you mean")).to_have_value(words)
        astana.page.get_by_label("Say instead").fill("THIS")
        astana.look(phone=True)
        astana.page.get_by_role("button", name="Make the suggestion").click()
    read = astana.page.locator("main")
    astana.look(phone=True)
    astana.page.get_by_role("link", name="All accepted").click()
    for whole in ("A law on media and its THIS", "It is the THIS.", "It was late; it THIS due."):
        expect(read).to_contain_text(whole)
    astana.page.get_by_role("link", name="With suggestions").click()
    select(astana, 1, "shall")
    expect(bar.get_by_role("button", name="Comment on these words")).to_be_visible()

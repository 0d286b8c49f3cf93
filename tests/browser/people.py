"""People at real browsers: each looks at every page that comes, and nothing that goes wrong stays unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.support.browser import axe_violations

DESK = {"width": 1440, "height": 1000}
PHONE = {"width": 360, "height": 740}

#: What the browser itself says of an answer with an error status; `expecting` tells which ones are meant.
_FAILED_LOAD = re.compile(r"Failed to load resource: the server responded with a status of (\d{3})")


class Reader:
    """Somebody with a browser of their own: `page` is their tab, `complaints` what went wrong in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.context = context
        self.complaints: list[str] = []
        self._expected: set[str] = set()
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        """A tab whose errors are noted."""
        page = self.context.new_page()
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("requestfailed", self._lost)
        return page

    def go(self, path: str) -> None:
        """Open a page of the server."""
        self.page.goto(self.address + path)

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """While pages with these error statuses are what the test is about."""
        self._expected = {str(status) for status in statuses}
        try:
            yield
        finally:
            self._expected = set()

    def look(self, *, phone: bool = False, also_main: bool = True) -> None:
        """Check the page with axe at a desk in the light; with `phone` also in the dark on a small screen.

        `also_main=False` leaves out the desk, for a page that was looked at before.
        """
        page = self.page
        where = f"{page.url.removeprefix(self.address)} ({page.title()})"
        if also_main:
            self._check(f"{where} at 1440, light")
        if phone:
            page.set_viewport_size(PHONE)
            page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            # On a screen as high as the page, the bar at its foot covers nothing: what scrolls under it by
            # chance would count as too small to be touched.
            height = page.evaluate("document.scrollingElement.scrollHeight")
            page.set_viewport_size({"width": PHONE["width"], "height": height})
            self._check(f"{where} at 360, dark")
            page.set_viewport_size(DESK)
            page.emulate_media(color_scheme="light", reduced_motion="reduce")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button by its whole words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        """A link by its whole words."""
        return self.page.get_by_role("link", name=name, exact=True)

    def sees(self, *texts: str) -> None:
        """Each text stands somewhere on the page, where it can be seen."""
        for text in texts:
            expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def part(self, heading: str) -> Locator:
        """The section whose heading has these words."""
        return self.page.get_by_role("region", name=heading)

    def assert_content(self) -> None:
        """Nothing went wrong until now."""
        assert self.complaints == []

    def _check(self, where: str) -> None:
        self.complaints += [f"{where}: {line}" for line in axe_violations(self.page)]
        wide, room = self.page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        if wide > room:
            self.complaints.append(f"{where}: {wide} px wide in {room}: {self.page.evaluate(_TOO_WIDE)}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        failed = _FAILED_LOAD.match(message.text)
        if not (failed and failed[1] in self._expected):
            self.complaints.append(f"console at {self.page.url}: {message.text}")

    def _lost(self, request: Request) -> None:
        # The browser itself gives up what is under way when its page is left.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"no answer: {request.method} {request.url}: {request.failure}")


class Member(Reader):
    """A member of the task force, who signs in through the form."""

    def __init__(self, context: BrowserContext, address: str, slug: str, email: str, password: str) -> None:
        super().__init__(context, address)
        self.desk = f"/desk/{slug}"
        self.email = email
        self._password = password

    def open(self, path: str = "/") -> None:
        """Open a page of the task force."""
        self.go(self.desk + path)

    def item(self, key: str) -> None:
        """Open the page of a recommendation."""
        self.open(f"/recommendations/{key}")

    def sign_in(self, path: str = "/") -> None:
        """Ask for a page, be sent to the door, and arrive."""
        self.open(path)
        self.fill_in_sign_in()

    def fill_in_sign_in(self) -> None:
        """Fill in the form that stands there."""
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Password").fill(self._password)
        self.button("Sign in").click()
        expect(self.button("Sign out")).to_be_attached()

    def do(self, act: str, *, look: bool = True, **fields: str) -> None:
        """Go from the item's page to an act's page, look at what it says, fill it in and do it.

        `stand` chooses a position; `reason` is what is written.
        """
        self.page.locator(".rail").get_by_role("link", name=act, exact=True).click()
        expect(self.page.get_by_role("heading", level=1, name=act, exact=True)).to_be_visible()
        self.sees("What happens", "Whom it reaches", "Can it be undone?")
        if look:
            self.look()
        if "stand" in fields:
            self.page.get_by_label(fields["stand"], exact=True).check()
        if "reason" in fields:
            self.page.locator("#reason").fill(fields["reason"])
        self.button(act).click()

    def write(self, area: str, *lines: str) -> None:
        """Type lines into the rich editor over a text area, after what stands there."""
        box = self.page.locator(f"#{area}-rich")
        expect(box).to_be_visible()
        box.click()
        self.page.keyboard.press("Control+End")
        # The editor learns where the caret is with the next frame; a key before that is lost.
        self.page.evaluate(
            "() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))"
        )
        for number, line in enumerate(lines):
            if number:
                self.page.keyboard.press("Enter")
            self.page.keyboard.type(line)

    def shown_digest(self) -> str:
        """The digest as the item's page shows it."""
        return self.page.locator(".rail code.hash").inner_text().replace(" ", "")

    def save(self, number: int) -> None:
        """Save what stands in the editor as the next version."""
        self.button(f"Save version {number}").click()


def paragraphs(text: Locator) -> list[str]:
    """The paragraphs of a shown text, without their numbers and the threads beside them."""
    found: list[Any] = text.evaluate(_PARAGRAPHS)
    return [str(paragraph) for paragraph in found]


_PARAGRAPHS = """root => [...root.querySelectorAll('p')].filter(p => !p.closest('aside')).map(p => {
    const copy = p.cloneNode(true);
    copy.querySelectorAll('.pn').forEach(number => number.remove());
    return copy.textContent.trim().replace(/\\s+/g, ' ');
})"""

_TOO_WIDE = """[...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map(e => e.tagName.toLowerCase() + '.' + e.className).join(', ')"""

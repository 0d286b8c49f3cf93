"""Nothing that anybody types runs in anybody's browser, also where our policy against it is switched off."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote
from xml.etree import ElementTree

import pikepdf
import pytest
from playwright.sync_api import Browser, Page

from reviewflow.domain.ballots import Stand
from reviewflow.domain.brackets import count_open
from reviewflow.domain.errors import Refusal
from reviewflow.domain.follow_up import ResponseKind, Source
from reviewflow.domain.statements import StatementKind
from reviewflow.services import (
    deliberation,
    documents,
    follow_up,
    publication,
    recommendations,
    statements,
    suggestions,
)
from reviewflow.services.anchors import Aim
from tests.attack.payloads import FORMULAS, PAYLOADS
from tests.browser.conftest import House
from tests.factories.task_forces import PASSWORD, content
from tests.support.browser import context_factory

#: A browser that goes on to the next page leaves the test's server with a file not sent to its end.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")

AUTHOR, EXPERT, LEAD = "washington-expert-1", "astana-expert-1", "astana-lead"

#: In the page: what ran, and what would run at a click, a key or the next load.
_LOOK = """() => {
  const found = [...(window.ran ?? [])];
  const scheme = value => value.replace(/[\\u0000-\\u0020]/g, '').toLowerCase();
  for (const element of document.querySelectorAll('*')) {
    for (const {name, value} of element.attributes) {
      if (name.startsWith('on')) found.push(`${element.localName} ${name}=${value}`);
      if (/^(javascript|vbscript|data):/.test(scheme(value)) && !/^data:image/.test(scheme(value)))
        found.push(`${element.localName} ${name}=${value}`);
      // The editor sets the columns of its tables so.
      const aligned = name === 'style' && /^text-align: (left|center|right);$/.test(value);
      if ((name === 'style' && !aligned) || name === 'srcdoc')
        found.push(`${element.localName} ${name}=${value}`);
    }
    const own = element.localName === 'script' && (element.type === 'application/ld+json'
      || (element.src.startsWith(location.origin + '/static/') && !element.textContent));
    const never = ['script', 'iframe', 'object', 'embed', 'base', 'frame', 'applet', 'style'];
    if (never.includes(element.localName) && !own) found.push(element.outerHTML.slice(0, 200));
    if (element.localName === 'meta' && element.httpEquiv === 'refresh') found.push(element.outerHTML);
  }
  return found;
}"""


#: The fields of our Word documents: numbers of pages, and the contents.
_OUR_FIELDS = re.compile(r" ?(PAGE|NUMPAGES|TOC [\\a-z 0-9\"&;-]*|PAGEREF \w+ \\h) ?")


@dataclass(slots=True)
class Loaded:
    """A house in which everybody typed every payload wherever they could."""

    house: House
    #: Texts under discussion, one a payload, and those that were published, twelve payloads each.
    keys: list[str]
    published: list[str]
    #: How many texts were sent, and how many of them were refused.
    tried: int
    refused: int


def _each(payloads: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(payloads), size):
        yield payloads[start : start + size]


def _typed_everywhere(house: House) -> Loaded:
    """Every payload in every field of a text and of its discussion."""
    stage = house.stage
    cast = stage.cast
    done = Loaded(house, [], [], 0, 0)

    def attempt(use_case: Callable[..., object], *arguments: object, **named: object) -> object:
        done.tried += 1
        try:
            return stage.at(len(done.keys) + 1, use_case, *arguments, **named)
        except Refusal:
            done.refused += 1
            return None

    for payload in PAYLOADS:
        words = content(payload, text=f"{payload}\n\nWords.", summary=payload, rationale=payload)
        key = attempt(recommendations.create_recommendation, cast[AUTHOR], words, payload)
        if not isinstance(key, str):
            continue
        done.keys.append(key)
        attempt(recommendations.propose, cast[AUTHOR], key, 1)
        attempt(deliberation.take_position, cast[EXPERT], key, 1, Stand.OBJECT, payload)
        attempt(deliberation.open_thread, cast[EXPERT], key, payload, internal=False, version=1, paragraph=1)
        aim = Aim(2, "Words")
        attempt(suggestions.suggest, cast[LEAD], key, 1, aim, payload, reason=payload)
        attempt(suggestions.ask_for_bracket, cast[EXPERT], key, 1, aim, payload, payload)
        attempt(deliberation.request_changes, cast[LEAD], key, 1, payload)
    settled = tuple(payload for payload in PAYLOADS if not count_open(f"{payload}\n\nWords."))
    for group in _each(settled, 12):
        together = "\n\n".join(group)
        words = content(group[0], text=f"{together}\n\nWords.", summary=together, rationale=together)
        key = attempt(recommendations.create_recommendation, cast[AUTHOR], words)
        if not isinstance(key, str):
            continue
        attempt(recommendations.propose, cast[AUTHOR], key, 1)
        for name in (EXPERT, LEAD):
            attempt(deliberation.take_position, cast[name], key, 1, Stand.APPROVE, together)
        reservation = StatementKind.RESERVATION
        attempt(statements.attach_statement, cast[EXPERT], key, 1, reservation, together)
        attempt(deliberation.agree_to_version, cast[LEAD], key, 1)
        attempt(publication.approve, cast["coordinator"], key, 1)
        if attempt(publication.publish, cast["coordinator"], key, 1) is None:
            continue
        done.published.append(key)
        for source in group:
            attempt(
                follow_up.record_response,
                cast["coordinator"],
                key,
                addressee="kazakhstan",
                kind=ResponseKind.NOTED,
                day=date(2009, 10, 1),
                source=Source(source, source),
                words=source,
            )
        if len(done.published) % 3 == 0:
            attempt(publication.retract, cast["coordinator"], key, 1, together)
    with stage.app.app_context():
        documents.make_missing()
    return done


@pytest.fixture
def tab(house: House, browser: Browser) -> Iterator[Page]:
    """A tab without our policy, in which `alert` is heard and nothing leaves the machine."""
    with context_factory(browser) as new_context:
        context = new_context(bypass_csp=True)
        context.add_init_script("window.ran = []; window.alert = what => window.ran.push(`ran: ${what}`);")
        context.route(lambda address: not address.startswith(house.address), lambda route: route.abort())
        yield context.new_page()


def _sign_in(tab: Page, house: House, name: str) -> None:
    tab.goto(f"{house.address}/desk/sign-in")
    tab.fill('input[name="email"]', house.stage.cast.emails[name])
    tab.fill('input[name="password"]', PASSWORD)
    with tab.expect_navigation():
        tab.press('input[name="password"]', "Enter")


def _look(tab: Page, house: House, path: str) -> list[str]:
    tab.goto(house.address + path, wait_until="load")
    assert tab.url.startswith(house.address), f"{path} led away to {tab.url}"
    return [f"{path}: {found}" for found in tab.evaluate(_LOOK)]


def test_the_look_notices_what_runs(house: House, tab: Page) -> None:
    tab.goto(f"{house.address}/desk/sign-in")
    for planted in (
        "<img src=x onerror=1>",
        "<a href='java\tscript:1'>",
        "<iframe></iframe>",
        "<style></style>",
    ):
        tab.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", planted)
        assert tab.evaluate(_LOOK), planted
        tab.reload()
    tab.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'alert(7311)'}))"
    )
    assert "ran: 7311" in tab.evaluate(_LOOK)


def test_nothing_typed_runs_anywhere(house: House, tab: Page) -> None:
    loaded = _typed_everywhere(house)
    assert len(PAYLOADS) >= 200
    assert len(loaded.keys) >= 200
    assert len(loaded.published) >= 10
    assert _at_the_desk(loaded, tab) + _in_public(loaded, tab) + _in_tables(loaded) == []


def _at_the_desk(loaded: Loaded, tab: Page) -> list[str]:
    desk = f"/desk/{loaded.house.stage.cast.slug}"
    found: list[str] = []
    _sign_in(tab, loaded.house, LEAD)
    for key in loaded.keys:
        found += _look(tab, loaded.house, f"{desk}/recommendations/{key}")
    for key in loaded.keys[::12]:
        for page in ("history", "versions", "versions/1"):
            found += _look(tab, loaded.house, f"{desk}/recommendations/{key}/{page}")
    for number in range(1, 12):
        found += _look(tab, loaded.house, f"{desk}/recommendations?page={number}&state=all")
        found += _look(tab, loaded.house, f"{desk}/?page={number}")
    tab.context.clear_cookies()
    _sign_in(tab, loaded.house, AUTHOR)
    for key in loaded.keys[::3]:
        found += _look(tab, loaded.house, f"{desk}/recommendations/{key}/edit")
    return found


def _in_public(loaded: Loaded, tab: Page) -> list[str]:
    client = loaded.house.stage.app.test_client()
    found: list[str] = []
    for path in ("/", "/publications", "/commitments", "/search?q=words"):
        found += _look(tab, loaded.house, path)
    feed = client.get("/feed.atom").data
    ElementTree.fromstring(feed)  # noqa: S314 - our own
    addresses = [entry["url"].split("/", 3)[3] for entry in client.get("/feed.json").json["items"]]
    assert len(addresses) >= 10
    for address in addresses:
        found += _look(tab, loaded.house, f"/{address}")
        page = client.get(f"/{address}.html").data.decode()
        tab.set_content(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
        found += [f"{address}.html: {what}" for what in tab.evaluate(_LOOK)]
        found += _inside(client.get(f"/{address}.pdf").data, client.get(f"/{address}.docx").data)
        with zipfile.ZipFile(io.BytesIO(client.get(f"/{address}.epub").data)) as book:
            for name in book.namelist():
                if name.endswith("html"):
                    tab.set_content(book.read(name).decode())
                    found += [f"{address}.epub: {what}" for what in tab.evaluate(_LOOK)]
    return found


def _inside(pdf: bytes, docx: bytes) -> list[str]:
    """What a PDF or a Word document would run or open by itself, and links to scripts."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for part in opened.objects:
            if isinstance(part, pikepdf.Dictionary):
                found += [f"pdf: {name}" for name in ("/JS", "/JavaScript", "/Launch", "/AA") if name in part]
                target = str(part.get("/URI", ""))
                if target and not target.startswith(("http://", "https://", "mailto:")):
                    found.append(f"pdf: {target}")
        action = opened.Root.get("/OpenAction")
        if action is not None and "/S" in action and action["/S"] != "/GoTo":
            found.append("pdf: /OpenAction")
    with zipfile.ZipFile(io.BytesIO(docx)) as opened_docx:
        for name in opened_docx.namelist():
            words = opened_docx.read(name).decode(errors="replace")
            if name.endswith(".xml"):
                ElementTree.fromstring(words.encode())  # noqa: S314 - our own
                fields = re.findall(r'<w:fldSimple w:instr="([^"]*)"|<w:instrText[^>]*>([^<]*)', words)
                found += [
                    f"docx: {one}" for pair in fields if not _OUR_FIELDS.fullmatch(one := "".join(pair))
                ]
            if name.endswith(".rels"):
                targets = re.findall(r'Target="([^"]*)"[^>]*TargetMode="External"', words)
                found += [f"docx: {target}" for target in targets if not re.match(r"https?:|mailto:", target)]
    return found


def _in_tables(loaded: Loaded) -> list[str]:
    """Cells that a spreadsheet would compute."""
    client = loaded.house.stage.sign_in(LEAD)
    desk = f"/desk/{loaded.house.stage.cast.slug}"
    tables = [client.get(f"{desk}/recommendations.csv?state=all"), client.get("/commitments.csv")]
    texts = [table.data.decode("utf-8-sig") for table in tables]
    assert all(formula.strip()[1:] in texts[0] for formula in FORMULAS[:4])
    cells = [cell for text in texts for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len(cells) > 500
    return [cell for cell in cells if re.match(r"[=+\-@\t\r＝＋－＠]", cell)]


@pytest.mark.parametrize("place", ["sign-in", "search", "filter", "verify", "missing", "next"])
def test_nothing_in_an_address_runs(house: House, tab: Page, place: str) -> None:
    desk = f"/desk/{house.stage.cast.slug}"
    path = {
        "sign-in": "/desk/sign-in?email={}",
        "search": "/search?q={}",
        "filter": desk + "/recommendations?q={0}&state={0}&sort={0}",
        "verify": "/verify?digest={}",
        "missing": "/{}",
        "next": "/desk/sign-in?next={}",
    }[place]
    if place == "filter":
        _sign_in(tab, house, LEAD)
    found = []
    for payload in PAYLOADS[::4]:
        found += _look(tab, house, path.format(quote(payload, safe="")))
    assert found == []


def test_what_was_typed_at_the_door_comes_back_as_words(house: House, tab: Page) -> None:
    found = []
    for payload in PAYLOADS[::8]:
        tab.goto(f"{house.address}/desk/sign-in")
        tab.evaluate("words => { document.querySelector('[name=email]').type = 'text' }", payload)
        tab.fill('input[name="email"]', payload)
        tab.fill('input[name="password"]', payload)
        with tab.expect_navigation():
            tab.evaluate("document.querySelector('[name=email]').form.submit()")
        found += tab.evaluate(_LOOK)
    assert found == []

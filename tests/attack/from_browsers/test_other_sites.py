"""Another site can't act for who is signed in here, nor show this one within itself, nor choose a session."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import House
from tests.browser.people import Member
from tests.support import scenes
from tests.support.scenes import event_count

LEAD = "astana-lead"

#: "localhost" is another site, whose forms carry no cookie; another port is the same site: the token tells.
HOSTS = ("localhost", "127.0.0.1")


@pytest.fixture
def evil() -> Iterator[Callable[[str, str], str]]:
    """Serve a page under another name or another port: `evil("localhost", html)` gives its address."""
    pages: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, b"")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def publish(host: str, html: str) -> str:
        path = f"/{len(pages)}"
        pages[path] = f"<!doctype html><meta charset=utf-8><title>x</title>{html}".encode()
        return f"http://{host}:{server.server_port}{path}"

    yield publish
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def _form(action: str, fields: dict[str, str], kind: str) -> str:
    inputs = "".join(f'<input name="{escape(n)}" value="{escape(v)}">' for n, v in fields.items())
    return (
        f'<form method="post" action="{action}" enctype="{kind}">{inputs}</form>'
        "<script>document.forms[0].submit()</script>"
    )


def _signed_in(house: House) -> tuple[Member, Page]:
    """A lead, and a tab of the same browser in which they follow a link to another site."""
    member = house.member(LEAD)
    member.sign_in()
    return member, member.context.new_page()


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])
def test_forms_of_other_sites_change_nothing(
    house: House, evil: Callable[[str, str], str], host: str, kind: str
) -> None:
    key = scenes.carrying(house.stage)
    member, tab = _signed_in(house)
    desk = f"{house.address}{member.desk}"
    before = event_count(house.stage.app)
    for action, fields in (
        (f"{desk}/recommendations/{key}/acts/agree", {"version": "1", "confirmed": "1"}),
        (f"{desk}/recommendations/{key}/acts/agree", {"version": "1", "csrf_token": "x" * 60}),
        (f"{desk}/recommendations/{key}/acts/decline", {"version": "1", "reason": "x"}),
        (f"{desk}/recommendations/{key}/acts/position", {"version": "1", "stand": "object", "reason": "x"}),
        (f"{desk}/recommendations/new", {"title": "Forged", "text": "Forged"}),
        (f"{house.address}/desk/sign-out", {}),
    ):
        tab.goto(evil(host, _form(action, fields, kind)))
        tab.wait_for_url(f"{house.address}/**")
    assert event_count(house.stage.app) == before
    member.go(member.desk + "/")
    assert member.page.url == f"{desk}/"


@pytest.mark.parametrize("host", HOSTS)
def test_scripts_of_other_sites_read_and_send_nothing(
    house: House, evil: Callable[[str, str], str], host: str
) -> None:
    key = scenes.carrying(house.stage)
    member, tab = _signed_in(house)
    before = event_count(house.stage.app)
    tab.goto(evil(host, "<p>x</p>"))
    address = f"{house.address}{member.desk}/recommendations/{key}"
    read = """async address => {
      try { return (await (await fetch(address, {credentials: 'include'})).text()).length }
      catch (error) { return 'refused' }
    }"""
    send = """async address => {
      try {
        const body = new URLSearchParams({version: '1', stand: 'object', reason: 'x'});
        const how = {method: 'POST', mode: 'no-cors', credentials: 'include', body};
        await fetch(`${address}/acts/position`, how);
      } catch (error) { /* what counts is what happened */ }
    }"""
    assert tab.evaluate(read, address) == "refused"
    tab.evaluate(send, address)
    assert event_count(house.stage.app) == before


@pytest.mark.parametrize("path", ["/", "/desk/sign-in", "desk", "item"])
def test_no_other_site_can_frame_a_page(house: House, evil: Callable[[str, str], str], path: str) -> None:
    key = scenes.carrying(house.stage)
    member, tab = _signed_in(house)
    there = {"desk": f"{member.desk}/", "item": f"{member.desk}/recommendations/{key}"}.get(path, path)
    tab.goto(evil("127.0.0.1", f'<iframe src="{house.address}{there}"></iframe>'), wait_until="load")
    (frame,) = tab.main_frame.child_frames
    frame.wait_for_load_state()
    assert frame.url.startswith("chrome-error://")


def test_session_that_somebody_planted_is_not_signed_in(house: House) -> None:
    planter = house.member(LEAD)
    planter.go("/desk/sign-in")
    planted = [cookie for cookie in planter.context.cookies() if cookie["name"] == "reviewflow"]
    assert planted, "a visitor has a session for the token of the form"
    victim = house.member(LEAD)
    victim.context.add_cookies(planted)
    victim.sign_in()
    after = [cookie for cookie in victim.context.cookies() if cookie["name"] == "reviewflow"]
    assert after[0]["value"] != planted[0]["value"]
    with planter.expecting(401):
        planter.go(planter.desk + "/")
    assert planter.page.locator('input[name="password"]').count() == 1

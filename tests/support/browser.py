"""A real browser against a real server: Chromium driven by Playwright, the application on a free port."""

from __future__ import annotations

import contextlib
import functools
import importlib.resources
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

#: WCAG 2.2 at level AA, and axe's own best practices.
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_CHROMIUM_ARGUMENTS = [
    # The sandbox needs rights that containers and root do not have; only our own pages are opened.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # No calls to anybody: the tests run without a network.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def chromium_path() -> str:
    """The system's Chromium: REVIEWFLOW_TEST_CHROMIUM, or the first one on the PATH.

    Raises:
        RuntimeError: there is none; the message says how to get it.
    """
    given = os.environ.get("REVIEWFLOW_TEST_CHROMIUM")
    for name in (given,) if given else ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    raise RuntimeError(
        "Chromium is not installed: `make programs` gets it, or REVIEWFLOW_TEST_CHROMIUM names one."
    )


@contextlib.contextmanager
def launched_browser() -> Iterator[Browser]:
    """One Chromium, to be shared by the tests of a process; it starts in about a second."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_CHROMIUM_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def context_factory(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make contexts (each a person with cookies of their own) that are closed at the end.

    Keyword arguments are those of Playwright's `new_context`.
    """
    opened: list[BrowserContext] = []

    def new_context(**options: Any) -> BrowserContext:
        options.setdefault("locale", "en-GB")
        options.setdefault("timezone_id", "Asia/Almaty")
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        context.set_default_timeout(10_000)
        opened.append(context)
        return context

    try:
        yield new_context
    finally:
        for context in opened:
            context.close()


@contextlib.contextmanager
def serve(app: Flask) -> Iterator[str]:
    """Serve the application in threads of this process; yields its address, without a final slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # A browser keeps its connections open; they may not keep the tests from ending.
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, name="reviewflow-test-server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@functools.cache
def _axe_source() -> str:
    package = importlib.resources.files("axe_playwright_python")
    return package.joinpath("axe.min.js").read_text(encoding="utf-8")


def axe_violations(
    page: Page, *, tags: tuple[str, ...] = AXE_TAGS, exclude: tuple[str, ...] = ()
) -> list[str]:
    """Check the page as it stands with axe; one line for each element at fault, so a failure tells all.

    The page's content security policy may stay in force. `exclude` are CSS selectors.
    """
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(_axe_source())
    result = page.evaluate(_RUN_AXE, [list(tags), list(exclude)])
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}"
        f" - {' '.join(map(str, node['target']))} - {node['html'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


_RUN_AXE = """([tags, exclude]) => axe.run(
    {exclude: exclude.map(selector => [selector])},
    {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']},
)"""

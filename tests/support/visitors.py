"""One person at one browser: pages and forms of the desk, sent as the pages send them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


class Visitor:
    """A signed-in client. `token` is the newest that a page has shown; `post` sends it with every form."""

    def __init__(self, client: FlaskClient, slug: str) -> None:
        self.client = client
        self.desk = f"/desk/{slug}"
        self.token = ""
        self.get("/desk/sign-in")

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page of the task force, or of the site if the path begins with a slash."""
        return self._seen(self.client.get(self._address(path), **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the token of the page that was opened last."""
        form = {"csrf_token": self.token, **(data or {})}
        return self._seen(self.client.post(self._address(path), data=form, **options))

    def _address(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.desk}/{path}"

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and (found := _TOKEN.search(answer.text)):
            self.token = unescape(found[1])
        return answer


def input_value(page: str, name: str) -> str | None:
    """The value of the first input with that name on a page; None if there is none."""
    for tag in _INPUT.findall(page):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if attributes.get("name") == name:
            return unescape(attributes.get("value", ""))
    return None

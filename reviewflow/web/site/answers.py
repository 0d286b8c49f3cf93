"""How the public site answers: bytes with a validator, made anew only when something was published."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from flask import Response, request

#: Readers and proxies may show a page for a minute, and then must ask whether it is still true.
CACHE_CONTROL = "public, max-age=60, must-revalidate"
HTML = "text/html; charset=utf-8"

#: How many made pages a process remembers, and how large the largest of them may be.
_REMEMBERED = 256
_LARGEST = 256 * 1024


def respond(body: bytes, etag: str, mimetype: str = HTML) -> Response:
    """The bytes with their ETag, or 304 for who has them already."""
    quoted = f'"{etag}"'
    asked = request.environ.get("HTTP_IF_NONE_MATCH")
    if asked is not None and (asked == quoted or request.if_none_match.contains_weak(etag)):
        response = Response(status=304)
    else:
        response = Response(body, content_type=mimetype)
    headers = response.headers
    headers["ETag"] = quoted
    headers["Cache-Control"] = CACHE_CONTROL
    return response


class Remembered:
    """Made pages of this process, each with the value that it was made from.

    It never answers from memory alone: who asks brings the value that the database has now, and a page
    made from another one is made again.
    """

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, tuple[Hashable, bytes, str]] = OrderedDict()
        self._lock = Lock()

    def page(self, key: Hashable, made_from: Hashable, make: Callable[[], bytes]) -> tuple[bytes, str]:
        """The body and ETag of the page `key`, made now unless remembered from an equal `made_from`."""
        known = self._pages.get(key)
        if known is not None and known[0] == made_from:
            return known[1], known[2]
        body = make()
        etag = hashlib.sha256(body).hexdigest()[:32]
        if len(body) <= _LARGEST:
            with self._lock:
                self._pages[key] = (made_from, body, etag)
                self._pages.move_to_end(key)
                while len(self._pages) > _REMEMBERED:
                    self._pages.popitem(last=False)
        return body, etag


remembered = Remembered()

"""Smaller answers for who asks for them: gzip of what is public and the same for everybody."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from functools import lru_cache
from threading import Lock
from typing import cast

from flask import Flask, Response, current_app, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

#: Shorter bodies gain nothing: one packet stays one packet.
SMALLEST = 500
#: How many compressed bytes a process remembers.
_REMEMBERED = 4 * 1024 * 1024
_EXTENSION = "reviewflow_compressed"
_TEXTS = frozenset(
    {
        "application/atom+xml",
        "application/feed+json",
        "application/javascript",
        "application/json",
        "application/xml",
        "image/svg+xml",
    }
)


class Compressed:
    """Compressed bodies of this process, by the ETag of what they were made from.

    The same body always gives the same bytes, so that it does not matter which process made them.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def of(self, etag: str, body: bytes) -> bytes:
        """The body as gzip (RFC 1952) without a time; who is asked for most seldom is forgotten first."""
        known = self._known.get(etag)
        # Made outside of the lock: a long text takes milliseconds, and two who make it make the same.
        made = known or zlib.compress(body, wbits=31)
        with self._lock:
            if etag not in self._known:
                self._known[etag] = made
                self._size += len(made)
            self._known.move_to_end(etag)
            while self._size > _REMEMBERED:
                self._size -= len(self._known.popitem(last=False)[1])
        return made


def register(app: Flask) -> None:
    """Compress files and public pages. A member's page never is.

    It holds a secret (the token against forged forms) beside words of others, and the length of both
    compressed together tells of the secret (BREACH, CVE-2013-3587).
    """
    app.extensions[_EXTENSION] = Compressed()

    @app.after_request
    def compress(response: Response) -> Response:
        if request.endpoint != "static" and request.blueprint != "site":
            return response
        etag, _is_weak = response.get_etag()
        if response.status_code not in (200, 304) or etag is None or not _is_text(response.mimetype):
            return response
        response.vary.add("Accept-Encoding")
        if not is_asked(request.headers.get("Accept-Encoding", "")):
            return response
        if response.status_code == 200:
            response.direct_passthrough = False
            body = response.get_data()
            if len(body) < SMALLEST:
                return response
            response.set_data(compressed(current_app).of(etag, body))
            response.content_encoding = "gzip"
        response.set_etag(etag, weak=True)
        return response


def compressed(app: Flask) -> Compressed:
    """What an application has compressed so far."""
    return cast(Compressed, app.extensions[_EXTENSION])


@lru_cache(maxsize=64)
def is_asked(accepted: str) -> bool:
    """Whether the value of `Accept-Encoding` allows gzip (RFC 9110, 12.5.3)."""
    return parse_accept_header(accepted, Accept).quality("gzip") > 0


def _is_text(media_type: str | None) -> bool:
    return media_type is not None and (media_type.startswith("text/") or media_type in _TEXTS)

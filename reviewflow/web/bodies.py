"""Requests that are not what they say they are, answered before anything reads them."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flask import Flask, request
from werkzeug.exceptions import BadRequest, NotFound, UnsupportedMediaType

_FORM = "application/x-www-form-urlencoded"
#: The largest file that is looked up on /verify, in bytes, with what the form around it takes.
LARGEST_FILE = 20 * 1024 * 1024 + 10_000
_PARTS = "multipart/form-data"


def register(app: Flask) -> None:
    """Check addresses and bodies; has to come before whatever reads a form."""
    app.before_request(_check_address)
    app.before_request(_check_body)


def _check_address() -> None:
    """No key, symbol or search term holds a NUL, and PostgreSQL can't even ask for one."""
    if "\x00" in request.path:
        raise NotFound()
    if any("\x00" in value for values in request.args.listvalues() for value in values):
        raise BadRequest()


def _check_body() -> None:
    """Forms only, and in UTF-8: a form that can't be read must not pass for an empty one.

    Werkzeug gives an empty form for a body that it can't parse, and puts other characters in the
    place of those that it can't decode.
    """
    if request.endpoint == "site.verify_file":
        # A file to be looked up: any bytes, more of them than a form has, and read piece by piece.
        request.max_content_length = LARGEST_FILE
        return
    if request.method not in ("POST", "PUT", "PATCH") or request.path.startswith("/api/"):
        return
    kind = request.mimetype
    if kind not in (_FORM, _PARTS) and (kind or request.content_length):
        raise UnsupportedMediaType()
    body = request.get_data(cache=True)
    try:
        (unquote_to_bytes(body.replace(b"+", b" ")) if kind == _FORM else body).decode()
    except UnicodeDecodeError:
        if not request.files:
            raise BadRequest() from None
    if body.strip() and not request.form and not request.files:
        raise BadRequest()

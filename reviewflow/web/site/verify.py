"""Checking: which publication a file or digest belongs to, and the keys that sign here."""

from __future__ import annotations

import hashlib
import re
from contextlib import closing

from flask import Blueprint, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from reviewflow.domain.audit import instant_text
from reviewflow.domain.errors import NotFound
from reviewflow.gateways import pages
from reviewflow.queries import public
from reviewflow.web.site.answers import CACHE_CONTROL, HTML, reader

_CHUNK = 1024 * 1024


def register(site: Blueprint) -> None:
    """Attach the pages."""
    site.add_url_rule("/verify", "verify", verify)
    site.add_url_rule("/verify", "verify_file", verify_file, methods=["POST"])
    site.add_url_rule("/.well-known/reviewflow-keys.json", "keys", keys)


def verify() -> ResponseReturnValue:
    """The page, and what was published with the digest that the address asks for."""
    typed = request.args.get("digest", "")
    digest = re.sub(r"\s", "", typed).lower()
    if not digest:
        return _page()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        return _page(asked=typed[:200], problem="digest")
    return _page(asked=digest, found=public.published_with(digest))


def verify_file() -> ResponseReturnValue:
    """For who has no script: the digest of an uploaded file, which is not kept; the answer has an address."""
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge:
        return _page(problem="size")
    if file is None or not file.filename:
        return _page(problem="file")
    digest = hashlib.sha256()
    with closing(file):
        while chunk := file.stream.read(_CHUNK):
            digest.update(chunk)
    return redirect(f"/verify?digest={digest.hexdigest()}", 303)


def _page(asked: str = "", found: tuple[public.Found, ...] = (), problem: str = "") -> Response:
    everybody = reader().task_forces()
    if not everybody:
        raise NotFound()
    body = pages.verify_page(everybody[0], asked, found, problem, public.signing_keys())
    status = 413 if problem == "size" else 422 if problem else 200
    response = Response(body, status, content_type=HTML)
    # What was asked is nobody's business, and the answer changes with the next publication.
    response.headers["Cache-Control"] = "private, no-store"
    return response


def keys() -> ResponseReturnValue:
    """The keys that sign evidence, with their validity, the oldest first."""
    announced = [
        {
            "algorithm": "Ed25519",
            "public": key.public,
            "from": instant_text(key.since),
            "until": instant_text(key.until) if key.until else None,
        }
        for key in public.signing_keys()
    ]
    response = jsonify(keys=announced)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response

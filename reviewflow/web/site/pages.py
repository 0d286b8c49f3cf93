"""The front page, the list, and the page of each publication."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound
from reviewflow.domain.manifest import ADDRESSEES, COMMITMENTS, DIMENSIONS
from reviewflow.domain.symbols import parse_symbol
from reviewflow.gateways import pages
from reviewflow.queries import public
from reviewflow.web.site.answers import CACHE_CONTROL, Answer, made, reader, respond

#: How many texts the front page shows.
NEWEST = 5


def register(site: Blueprint) -> None:
    """Attach the pages."""
    site.add_url_rule("/", "front", front)
    site.add_url_rule("/publications", "publications", publications)
    site.add_url_rule("/publications/<path>", "publication", publication)
    site.add_url_rule("/symbols/<path:symbol>", "symbol", symbol)


def front() -> ResponseReturnValue:
    """The task force, its newest texts, and the ways to browse."""
    everybody = reader().task_forces()
    if not everybody:
        raise NotFound()
    first, *others = everybody

    def make() -> bytes:
        newest = public.publications(first.id, pages.Filter(), NEWEST)
        return pages.front_page(first, others, newest, public.overview(first.id))

    return made("/", everybody, make)


def publications() -> ResponseReturnValue:
    """A page of the list, newest first, narrowed by what the address says."""
    narrowed = asked_filter()
    everybody = reader().task_forces()
    task_force = chosen_task_force(everybody, narrowed)

    def make() -> bytes:
        issue = public.publications(task_force.id, narrowed)
        if not issue.items and narrowed.page > 1:
            raise NotFound()
        return pages.list_page(task_force, narrowed, issue)

    return made(pages.list_address(narrowed), everybody, make)


def publication(path: str) -> ResponseReturnValue:
    """The page of one publication, as it was stored: one statement and nothing to render."""
    page = reader().page(path)
    if page is None:
        raise NotFound()
    if not page.etag:
        return _moved(page.body)
    return respond(Answer(page.body, page.etag, canonical=pages.publication_address(path)))


def symbol(symbol: str) -> ResponseReturnValue:
    """From a symbol that the text has ever had to its permanent address."""
    parsed = parse_symbol(symbol)
    page = reader().page(str(parsed).upper()) if parsed else None
    if page is None:
        raise NotFound()
    return _moved(page.body)


def _moved(path: bytes) -> Response:
    """Symbols are never given twice, so the way from one to its text stays as it is."""
    response = redirect("/publications/" + quote(path.decode()), 301)
    response.headers["Cache-Control"] = CACHE_CONTROL
    assert isinstance(response, Response)
    return response


def asked_filter() -> pages.Filter:
    """What the address narrows a list to; `NotFound` for values that no text can have."""
    dimension = request.args.get("dimension", "")
    addressee = request.args.get("addressee", "")
    commitment = request.args.get("commitment", "")
    number = request.args.get("page", "1")
    if dimension not in ("", *DIMENSIONS) or addressee not in ("", *ADDRESSEES):
        raise NotFound()
    if commitment not in ("", *COMMITMENTS):
        raise NotFound()
    if not (number.isascii() and number.isdecimal() and len(number) <= 5 and int(number) >= 1):
        raise NotFound()
    return pages.Filter(request.args.get("task_force", ""), dimension, addressee, commitment, int(number))


def chosen_task_force(
    everybody: tuple[pages.SiteTaskForce, ...], narrowed: pages.Filter
) -> pages.SiteTaskForce:
    """The task force that the address names, or the first; `NotFound` where there is none."""
    for task_force in everybody:
        if narrowed.task_force in ("", task_force.slug):
            return task_force
    raise NotFound()

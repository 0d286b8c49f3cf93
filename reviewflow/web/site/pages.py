"""The front page, the list, and the page of each publication."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound
from reviewflow.domain.searching import MAX_QUESTION, ask
from reviewflow.domain.symbols import parse_symbol
from reviewflow.gateways import lists, pages
from reviewflow.queries import public_lists
from reviewflow.web.site.answers import CACHE_CONTROL, Answer, made, reader, respond, stored

#: How many texts the front page shows.
NEWEST = 5


def register(site: Blueprint) -> None:
    """Attach the pages."""
    site.add_url_rule("/", "front", front)
    site.add_url_rule("/publications", "publications", publications)
    site.add_url_rule("/browse/<path:facets>", "browse", browse)
    site.add_url_rule("/publications/<path>", "publication", publication)
    site.add_url_rule("/search", "search", search)
    site.add_url_rule("/symbols/<path:symbol>", "symbol", symbol)


def front() -> ResponseReturnValue:
    """The task force, its newest texts, and the ways to browse."""
    everybody = reader().task_forces()
    if not everybody:
        raise NotFound()
    first, *others = everybody

    def make() -> bytes:
        newest = public_lists.publications(first.id, lists.Filter(), NEWEST)
        return pages.front_page(first, others, newest, public_lists.overview(first.id))

    return made("/", everybody, make)


def publications() -> ResponseReturnValue:
    """The first page of the list, newest first. What a query narrows it to has an address of its own."""
    narrowed = asked_filter()
    here = lists.list_address(narrowed)
    return _list(narrowed) if here == "/publications" else moved(here)


def browse(facets: str) -> ResponseReturnValue:
    """A page of the list, narrowed by what the address says."""
    return _list(filter_in(facets))


def _list(narrowed: lists.Filter) -> ResponseReturnValue:
    everybody = reader().task_forces()
    task_force = chosen_task_force(everybody, narrowed)

    def make() -> bytes:
        issue = public_lists.publications(task_force.id, narrowed)
        if not issue.items and narrowed.page > 1:
            raise NotFound()
        return pages.list_page(task_force, narrowed, issue, public_lists.years(task_force.id))

    return made(lists.list_address(narrowed), everybody, make)


def search() -> ResponseReturnValue:
    """The published texts that have the words of `q`; the symbol of one leads to it."""
    question = request.args.get("q", "").strip()
    narrowed = asked_filter()
    task_force = chosen_task_force(reader().task_forces(), narrowed)
    if leads := _path_of(question):
        return _moved(leads)
    terms = ask(question) if len(question) <= MAX_QUESTION else ()
    results = public_lists.search(task_force.id, narrowed, terms) if terms else None
    if narrowed.page > 1 and not (results and results.items):
        raise NotFound()
    body = pages.search_page(
        task_force, narrowed, question, results, public_lists.years(task_force.id), public_lists.PAGE_SIZE
    )
    # Not remembered: there are more questions than lists, and they would be forgotten for them.
    etag = hashlib.sha256(body).hexdigest()[:32]
    response = respond(Answer(body, etag, canonical=lists.search_address(narrowed, question)))
    if len(question) > MAX_QUESTION:
        response.status_code = 422
    return response


def publication(path: str) -> ResponseReturnValue:
    """The page of one publication, as it was stored: one statement and nothing to render."""
    page = reader().page(path)
    if page is None:
        raise NotFound()
    if not page.etag:
        return _moved(page.body)
    return stored(path, page)


def symbol(symbol: str) -> ResponseReturnValue:
    """From a symbol that the text has ever had to its permanent address."""
    leads = _path_of(symbol)
    if leads is None:
        raise NotFound()
    return _moved(leads)


def _path_of(symbol: str) -> bytes | None:
    """The path of the publication that has had a symbol; None for what is none."""
    parsed = parse_symbol(symbol)
    page = reader().page(str(parsed).upper()) if parsed else None
    return page and page.body


def _moved(path: bytes) -> Response:
    """Symbols are never given twice, so the way from one to its text stays as it is."""
    return moved("/publications/" + quote(path.decode()))


def moved(address: str) -> Response:
    """Onward, for good, to the one address of what was asked for."""
    response = redirect(address, 301)
    response.headers["Cache-Control"] = CACHE_CONTROL
    assert isinstance(response, Response)
    return response


def asked_filter() -> lists.Filter:
    """What the query of an address narrows a list to; `NotFound` for values that no text can have."""
    return _existing(lists.filter_of(request.args))


def filter_in(facets: str) -> lists.Filter:
    """What the path of an address narrows a list to; `NotFound` unless it is the one address of that list."""
    return _existing(lists.narrowed_by(facets))


def _existing(narrowed: lists.Filter | None) -> lists.Filter:
    if narrowed is None:
        raise NotFound()
    return narrowed


def chosen_task_force(
    everybody: tuple[lists.SiteTaskForce, ...], narrowed: lists.Filter
) -> lists.SiteTaskForce:
    """The task force that the address names, or the first; `NotFound` where there is none."""
    for task_force in everybody:
        if narrowed.task_force in ("", task_force.slug):
            return task_force
    raise NotFound()

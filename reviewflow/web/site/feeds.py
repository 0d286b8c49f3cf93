"""For programs: the feeds, the sitemap, and what robots may visit."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree import ElementTree

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound
from reviewflow.gateways import lists, pages
from reviewflow.queries import public, public_lists
from reviewflow.web.site.answers import made, reader
from reviewflow.web.site.pages import asked_filter, chosen_task_force, filter_in, moved

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XML = "application/xml; charset=utf-8"
#: When nothing has happened yet.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def register(site: Blueprint) -> None:
    """Attach the feeds, the sitemap and robots.txt."""
    for before in ("", "/browse/<path:facets>"):
        site.add_url_rule(f"{before}/feed.atom", "feed", feed)
        site.add_url_rule(f"{before}/feed.json", "json_feed", json_feed)
    site.add_url_rule("/sitemap.xml", "sitemap", sitemap)
    site.add_url_rule("/sitemap-<int:part>.xml", "sitemap_part", sitemap_part)
    site.add_url_rule("/robots.txt", "robots", robots)


def feed(facets: str = "") -> ResponseReturnValue:
    """The newest texts as Atom (RFC 4287), narrowed as the list is."""
    return _feed(facets, lists.feed_address, _atom, "application/atom+xml; charset=utf-8")


def json_feed(facets: str = "") -> ResponseReturnValue:
    """The same as JSON Feed 1.1 (jsonfeed.org)."""
    return _feed(facets, lists.json_feed_address, _json, "application/feed+json; charset=utf-8")


def _feed(
    facets: str,
    address: Callable[[lists.Filter], str],
    write: Callable[[str, str, lists.SiteTaskForce, lists.Filter, lists.Issue], bytes],
    content_type: str,
) -> ResponseReturnValue:
    narrowed = filter_in(facets) if facets else asked_filter()
    if narrowed.page != 1:
        raise NotFound()
    root, here = _root(), address(narrowed)
    if here != request.path:
        # A feed that somebody took when queries narrowed it.
        return moved(here)
    everybody = reader().task_forces()
    task_force = chosen_task_force(everybody, narrowed)

    def make() -> bytes:
        issue = public_lists.publications(task_force.id, narrowed)
        return write(root, root + here, task_force, narrowed, issue)

    return made(here, everybody, make, content_type)


def sitemap() -> ResponseReturnValue:
    """All public addresses (sitemaps.org); an index of several maps where one would be too long."""
    root = _root()

    def make() -> bytes:
        parts = -(-public.last_publication_id() // public.SITEMAP_SIZE)
        return _map(root, 1) if parts <= 1 else _index(root, parts)

    return made("/sitemap.xml", reader().task_forces(), make, _XML)


def sitemap_part(part: int) -> ResponseReturnValue:
    """One of several sitemaps, from 1."""
    root = _root()

    def make() -> bytes:
        if not 1 <= part <= -(-public.last_publication_id() // public.SITEMAP_SIZE):
            raise NotFound()
        return _map(root, part)

    return made(f"/sitemap-{part}.xml", reader().task_forces(), make, _XML)


def robots() -> ResponseReturnValue:
    """What programs may visit: everything but the members' pages and what searches find."""
    response = Response(
        f"User-agent: *\nDisallow: /desk\nDisallow: /search?\n\nSitemap: {_root()}/sitemap.xml\n",
        content_type="text/plain; charset=utf-8",
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _root() -> str:
    """Where readers find the site, without a final slash."""
    return str(current_app.config["REVIEWFLOW_PUBLIC_URL"])


def _json(
    root: str, here: str, task_force: lists.SiteTaskForce, narrowed: lists.Filter, issue: lists.Issue
) -> bytes:
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": task_force.name,
        "description": task_force.description or task_force.name,
        "home_page_url": root + lists.list_address(narrowed),
        "feed_url": here,
        "authors": [{"name": task_force.name, "url": root + "/"}],
        "items": [
            {
                "id": root + lists.publication_address(item.path),
                "url": root + lists.publication_address(item.path),
                "title": _headline(item),
                "content_text": item.summary or item.title,
                "date_published": pages.exact(item.published_at),
                "date_modified": pages.exact(item.changed_at),
                "tags": [item.dimension, *item.addressees],
            }
            for item in issue.items
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _headline(item: lists.Listed) -> str:
    marked = f"{item.title} ({item.notice})" if item.notice else item.title
    return f"{item.symbol}: {marked}"


def _atom(
    root: str, here: str, task_force: lists.SiteTaskForce, narrowed: lists.Filter, issue: lists.Issue
) -> bytes:
    top = ElementTree.Element("feed", xmlns=_ATOM)
    home = root + lists.list_address(narrowed)
    _text(top, "id", here)
    _text(top, "title", task_force.name)
    _text(top, "updated", pages.exact(max((item.changed_at for item in issue.items), default=_NEVER)))
    _text(ElementTree.SubElement(top, "author"), "name", task_force.name)
    ElementTree.SubElement(top, "link", rel="self", type="application/atom+xml", href=here)
    ElementTree.SubElement(top, "link", rel="alternate", type="text/html", href=home)
    for item in issue.items:
        address = root + lists.publication_address(item.path)
        entry = ElementTree.SubElement(top, "entry")
        _text(entry, "id", address)
        _text(entry, "title", _headline(item))
        _text(entry, "published", pages.exact(item.published_at))
        _text(entry, "updated", pages.exact(item.changed_at))
        ElementTree.SubElement(entry, "link", rel="alternate", type="text/html", href=address)
        for value in (item.dimension, *item.addressees):
            ElementTree.SubElement(entry, "category", term=value)
        _text(entry, "summary", item.summary or item.title)
    return _document(top)


def _map(root: str, part: int) -> bytes:
    top = ElementTree.Element("urlset", xmlns=_SITEMAP)
    if part == 1:
        for address in ("/", "/publications"):
            _text(ElementTree.SubElement(top, "url"), "loc", root + address)
    for path, changed_at in public.sitemap(part):
        url = ElementTree.SubElement(top, "url")
        _text(url, "loc", root + lists.publication_address(path))
        _text(url, "lastmod", pages.exact(changed_at))
    return _document(top)


def _index(root: str, parts: int) -> bytes:
    top = ElementTree.Element("sitemapindex", xmlns=_SITEMAP)
    for part in range(1, parts + 1):
        _text(ElementTree.SubElement(top, "sitemap"), "loc", f"{root}/sitemap-{part}.xml")
    return _document(top)


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _document(top: ElementTree.Element) -> bytes:
    return ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)

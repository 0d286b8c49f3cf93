"""The feed, the sitemap and robots.txt, read as programs read them."""

from __future__ import annotations

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask

from reviewflow.queries import public
from reviewflow.services import publication
from tests.factories.publications import PUBLISHED_AT, published_text
from tests.factories.task_forces import make_task_force

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ROOT = "http://127.0.0.1:8000"


def _parsed(data: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(data)  # noqa: S314 - our own output


def test_feed_lists_the_newest_texts(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast, "Tea & <b>biscuits</b>")
        published_text(cast, "Second", at=PUBLISHED_AT + timedelta(days=1), dimension="politico-military")
        publication.retract(cast["coordinator"], key, 1, "Wrong.")
    response = app.test_client().get("/feed.atom")
    assert response.content_type == "application/atom+xml; charset=utf-8"
    feed = _parsed(response.data)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "USKZ.REC/2/09: Second",
        "USKZ.REC/1/09: Tea & <b>biscuits</b> (retracted)",
    ]
    assert entries[0].findtext(f"{ATOM}id") == f"{ROOT}/publications/uskz-rec-2-09-second"
    assert entries[0].findtext(f"{ATOM}updated") == "2009-09-25T14:00:00Z"
    assert entries[1].findtext(f"{ATOM}published") == "2009-09-24T14:00:00Z"
    assert feed.findtext(f"{ATOM}updated") == entries[1].findtext(f"{ATOM}updated")
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Task force uskz"


def test_feed_is_narrowed_as_the_list_is(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        published_text(cast, "First")
        published_text(cast, "Second", dimension="politico-military")
    feed = _parsed(app.test_client().get("/browse/dimension/human/feed.atom").data)
    assert [title.text for title in feed.findall(f"{ATOM}entry/{ATOM}title")] == ["USKZ.REC/1/09: First"]
    assert feed.findtext(f"{ATOM}id") == f"{ROOT}/browse/dimension/human/feed.atom"


def test_json_feed_tells_the_same_as_the_atom_feed(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        published_text(cast, "Second", at=PUBLISHED_AT + timedelta(days=1), dimension="politico-military")
        publication.retract(cast["coordinator"], key, 1, "Wrong.")
    client = app.test_client()
    response = client.get("/browse/dimension/human/year/2009/feed.json")
    assert response.content_type == "application/feed+json; charset=utf-8"
    feed = json.loads(response.data)
    atom = _parsed(client.get("/browse/dimension/human/year/2009/feed.atom").data)
    address = f"{ROOT}/publications/uskz-rec-1-09-a-public-timetable"
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Task force uskz",
        "description": feed["description"],
        "home_page_url": f"{ROOT}/browse/dimension/human/year/2009",
        "feed_url": f"{ROOT}/browse/dimension/human/year/2009/feed.json",
        "authors": [{"name": "Task force uskz", "url": f"{ROOT}/"}],
        "items": [
            {
                "id": address,
                "url": address,
                "title": "USKZ.REC/1/09: A public timetable (retracted)",
                "content_text": "A timetable that everybody can read.",
                "date_published": "2009-09-24T14:00:00Z",
                "date_modified": atom.findtext(f"{ATOM}updated"),
                "tags": ["human", "kazakhstan"],
            }
        ],
    }
    for page in ("/browse/dimension/human/year/2009", "/search?q=text&dimension=human&year=2009"):
        assert (
            'type="application/feed+json" href="/browse/dimension/human/year/2009/feed.json"'
            in client.get(page).text
        )
    assert client.get("/browse/page/2/feed.json").status_code == 404


def test_empty_feed_is_valid(app: Flask) -> None:
    with app.app_context():
        make_task_force()
    feed = _parsed(app.test_client().get("/feed.atom").data)
    assert feed.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert json.loads(app.test_client().get("/feed.json").data)["items"] == []


def test_sitemap_names_every_public_address(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force(), "Бюллетень")
    top = _parsed(app.test_client().get("/sitemap.xml").data)
    assert top.tag == f"{MAP}urlset"
    assert [loc.text for loc in top.iter(f"{MAP}loc")] == [
        f"{ROOT}/",
        f"{ROOT}/publications",
        f"{ROOT}/publications/uskz-rec-1-09-%D0%B1%D1%8E%D0%BB%D0%BB%D0%B5%D1%82%D0%B5%D0%BD%D1%8C",
    ]
    assert [at.text for at in top.iter(f"{MAP}lastmod")] == ["2009-09-24T14:00:00Z"]
    assert app.test_client().get("/publications/uskz-rec-1-09-бюллетень").status_code == 200


def test_sitemap_becomes_an_index_when_it_is_too_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "SITEMAP_SIZE", 2)
    with app.app_context():
        cast = make_task_force()
        for title in ("One", "Two", "Three"):
            published_text(cast, title)
    client = app.test_client()
    top = _parsed(client.get("/sitemap.xml").data)
    assert (top.tag, [loc.text for loc in top.iter(f"{MAP}loc")]) == (
        f"{MAP}sitemapindex",
        [f"{ROOT}/sitemap-1.xml", f"{ROOT}/sitemap-2.xml"],
    )
    sizes = [len(list(_parsed(client.get(f"/sitemap-{n}.xml").data).iter(f"{MAP}url"))) for n in (1, 2)]
    assert sizes == [4, 1]


def test_robots_may_visit_neither_the_desk_nor_what_searches_find(app: Flask) -> None:
    assert app.test_client().get("/robots.txt").text == (
        f"User-agent: *\nDisallow: /desk\nDisallow: /search?\n\nSitemap: {ROOT}/sitemap.xml\n"
    )

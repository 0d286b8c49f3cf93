"""Searching the published texts, as a reader does."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reviewflow.domain.searching import MAX_QUESTION
from reviewflow.persistence.db import db
from reviewflow.services import deliberation, public_pages, publication, recommendations
from tests.factories.publications import PUBLISHED_AT, agreed_text, published_text
from tests.factories.task_forces import Cast, content, make_task_force


def titles(client: FlaskClient, question: str, more: str = "") -> list[str]:
    """The titles that a search finds, in their order, as they are read."""
    page = client.get("/search", query_string={"q": question, **dict(parse_qsl(more))})
    assert page.status_code == 200, page.text
    headings = page.text.split("<h3><a href=")[1:]
    return [
        unescape(part.partition("</a>")[0].partition(">")[2].replace("<mark>", "").replace("</mark>", ""))
        for part in headings
    ]


def _library(cast: Cast) -> None:
    """Four texts in three languages."""
    for number, (title, words) in enumerate(
        (
            ("On the media law", {"text": "1. Amend the law on elections, too."}),
            ("On elections", {"text": "1. Publish a timetable.", "rationale": "The media law is old."}),
            ("Закон о выборах: Ёлка", {"text": "1. Принять зaкoн и пригласить ОБCE."}),
            ("Қазақстан Республикасы", {"text": "1. Сайлау туралы заң."}),
        )
    ):
        words = {"summary": "", "rationale": "", **words}
        published_text(cast, title, at=PUBLISHED_AT + timedelta(days=number), **words)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        # Title before text, then the newest.
        ("elections", ["On elections", "On the media law"]),
        ("law", ["On the media law", "On elections"]),
        ("MEDIA elect", ["On elections", "On the media law"]),
        ("on", ["On elections", "On the media law"]),
        # Phrases, and what only looks like one.
        ('"media law"', ["On the media law", "On elections"]),
        ('"law media"', []),
        ("«on the media»", ["On the media law"]),
        ("media-law", ["On the media law", "On elections"]),
        # The last word may be only begun, others not; a closed phrase is whole.
        ("timet", ["On elections"]),
        ("timet publish", []),
        ('"timet"', []),
        # Letters that look alike, within a word.
        ("закон обсе", ["Закон о выборах: Ёлка"]),
        ("елка", ["Закон о выборах: Ёлка"]),
        ("зaкoн", ["Закон о выборах: Ёлка"]),
        ("mеdiа", ["On the media law", "On elections"]),
        # Kazakh letters: the plain one finds both, the Kazakh one itself.
        ("казак", ["Қазақстан Республикасы"]),
        ("Қазақстан", ["Қазақстан Республикасы"]),
        ('"Қазақстан Республикасы"', ["Қазақстан Республикасы"]),
        ("Қазакстан", []),
        ("зан", ["Қазақстан Республикасы"]),
        ("заң", ["Қазақстан Республикасы"]),
        ("қакон", []),
        # Nothing is an operator.
        ("media OR nothing", []),
        ("media NOT law", []),
        ("NEAR(media law)", []),
        ("title:media", []),
        ("title : media", []),
        ("media*", ["On the media law", "On elections"]),
        ("-media", ["On the media law", "On elections"]),
        ("media & !law | x", []),
        ("media'law", ["On the media law", "On elections"]),
        ('media" law', ["On the media law", "On elections"]),
        ("m*dia", []),
        ("media 🙂", ["On the media law", "On elections"]),
        ("x" * 300, []),
        ("law " * 75, ["On the media law", "On elections"]),
    ],
)
def test_search_finds_words_as_they_are_read(library: Flask, question: str, found: list[str]) -> None:
    assert titles(library.test_client(), question) == found


@pytest.fixture
def library(app: Flask) -> Flask:
    """The application with four texts in three languages."""
    with app.app_context():
        _library(make_task_force())
    return app


@pytest.mark.parametrize("question", ["", '"', "!?*()", "🙂", "'", "\\", "--", "«»", "_", "%"])
def test_question_without_words_explains_how_to_search(library: Flask, question: str) -> None:
    answer = library.test_client().get("/search", query_string={"q": question})
    assert answer.status_code == 200
    assert "How to search" in answer.text
    assert "<h3><a" not in answer.text


def test_question_that_no_text_can_hold_is_refused_in_words(library: Flask) -> None:
    answer = library.test_client().get("/search", query_string={"q": "media\0law"})
    assert (answer.status_code, "could not be read" in answer.text) == (400, True)


def test_question_too_long_is_refused_in_words_and_kept(library: Flask) -> None:
    question = "media " * 2_000
    answer = library.test_client().get("/search", query_string={"q": question})
    assert answer.status_code == 422
    assert f"at most {MAX_QUESTION} can be searched for" in answer.text
    assert f'value="{question.strip()}"' in answer.text


def test_nothing_found_says_what_to_do(library: Flask) -> None:
    page = library.test_client().get("/search?q=nowhere&dimension=human").text
    assert "No text has all these words" in page
    assert '<a href="/search?q=nowhere">Search in all publications</a>' in page
    assert 'value="nowhere"' in page


def test_hits_are_marked_and_the_rest_is_escaped(app: Flask) -> None:
    with app.app_context():
        published_text(
            make_task_force(),
            "A <i>law</i>",
            summary="",
            text="1. See <script>alert(1)</script> & **laws** [now](https://example.org/law).",
        )
    page = app.test_client().get("/search", query_string={"q": "law"}).text
    assert "A &lt;i&gt;<mark>law</mark>&lt;/i&gt;</a></h3>" in page
    assert (
        '<span class="found__w">Text:</span> <span lang="en">1. See &lt;script&gt;alert(1)&lt;/script&gt;'
        " &amp; <mark>laws</mark> now.</span>"
    ) in page
    evil = app.test_client().get("/search", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>" not in evil


def test_snippet_is_about_the_word_that_says_most(app: Flask) -> None:
    with app.app_context():
        published_text(
            make_task_force(), summary="The summary.", text="1. The law.", rationale="On elections."
        )
    page = app.test_client().get("/search?q=the+elect").text
    assert '<span class="found__w">Rationale:</span> <span lang="en">On <mark>elections</mark>.' in page


def test_superseded_and_retracted_are_found_after_all_others(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, "Timetable one")
        wrong = published_text(cast, "Timetable two")
        published_text(cast, "A text", text="1. A timetable.", at=PUBLISHED_AT - timedelta(days=9))
        published_text(cast, "Timetable three", replaces=old, at=PUBLISHED_AT - timedelta(days=8))
        publication.retract(cast["coordinator"], wrong, 1, "Wrong.")
    client = app.test_client()
    # The default summary has the word too.
    assert titles(client, "timetable") == ["Timetable three", "A text", "Timetable two", "Timetable one"]
    page = client.get("/search?q=timetable").text
    assert 'badge--stop">Superseded</b> USKZ.REC/1/09' in page
    assert 'badge--stop">Retracted</b> USKZ.REC/2/09' in page


@pytest.mark.parametrize("symbol", ["USKZ.REC/1/09", " uskz.rec/1/09 ", "USKZ.DR/1/09"])
def test_symbol_typed_whole_leads_to_its_page(library: Flask, symbol: str) -> None:
    answer = library.test_client().get("/search", query_string={"q": symbol})
    assert (answer.status_code, answer.location) == (301, "/publications/uskz-rec-1-09-on-the-media-law")


def test_symbol_of_no_published_text_is_searched_for_as_words(library: Flask) -> None:
    assert titles(library.test_client(), "USKZ.REC/99/09") == []


def test_only_publications_are_found(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        published_text(cast, "Public xylophone")
        client = app.test_client()
        before = client.get("/search?q=xylophone").data
        key = agreed_text(cast, "Secret xylophone")
        publication.approve(cast["coordinator"], key, 1)
        recommendations.create_recommendation(cast["washington-lead"], content("Draft xylophone"))
        deliberation.open_thread(cast["astana-lead"], key, "A xylophone", internal=False, version=1)
    assert client.get("/search?q=xylophone").data == before
    for secret in ("USKZ.DR/2/09", "USKZ.REC/2/09"):
        assert titles(client, secret) == []


def test_search_is_narrowed_as_lists_are(app: Flask) -> None:
    with app.app_context():
        cast, other = make_task_force(), make_task_force("abcd")
        published_text(cast, "Law one", addressees=("odihr",), commitments=("moscow-1991",))
        published_text(cast, "Law two", dimension="politico-military", commitments=())
        published_text(cast, "Law three", at=PUBLISHED_AT + timedelta(days=365), commitments=())
        published_text(other, "Law of others")
    client = app.test_client()
    assert titles(client, "law") == ["Law three", "Law two", "Law one"]
    assert titles(client, "law", "dimension=human") == ["Law three", "Law one"]
    assert titles(client, "law", "addressee=odihr&dimension=human") == ["Law one"]
    assert titles(client, "law", "commitment=moscow-1991") == ["Law one"]
    assert titles(client, "law", "year=2010") == ["Law three"]
    assert titles(client, "law", "task_force=abcd") == ["Law of others"]
    page = client.get("/search?q=law&year=2010&dimension=human").text
    assert 'chip--on" href="/search?q=law&amp;year=2010">Human dimension' in page
    assert '<input type="hidden" name="year" value="2010">' in page
    for wrong in ("dimension=x", "year=x", "year=0000", "year=20090", "task_force=none", "page=2", "page=x"):
        assert client.get(f"/search?q=law&{wrong}").status_code == 404


def test_results_come_in_pages_of_twenty(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for number in range(1, 22):
            published_text(cast, f"Law {number}", at=PUBLISHED_AT + timedelta(days=number))
    client = app.test_client()
    assert titles(client, "law") == [f"Law {n}" for n in range(21, 1, -1)]
    assert titles(client, "law", "page=2") == ["Law 1"]
    page = client.get("/search?q=law").text
    assert "21 texts have these words" in page
    assert 'rel="next">Next' in page
    assert "/search?q=law&amp;page=2" in page
    assert "Page 1 of 2" in page


def test_answer_has_a_validator_and_one_address(library: Flask) -> None:
    library.config["REVIEWFLOW_PUBLIC_URL"] = "https://texts.example.org"
    client = library.test_client()
    first = client.get("/search?nothing=x&q=media law&page=1")
    assert first.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert first.headers["Link"] == '<https://texts.example.org/search?q=media+law>; rel="canonical"'
    again = client.get("/search?q=media+law", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_other_searches_may_keep_the_page_to_search_and_not_what_was_found(library: Flask) -> None:
    client = library.test_client()
    kept = [
        address
        for address in (
            "/search",
            "/search?q=",
            "/search?q=law",
            "/search?dimension=human",
            "/search?q=nothing",
        )
        if '<meta name="robots" content="noindex">' not in client.get(address).text
    ]
    assert kept == ["/search", "/search?q="]


def test_every_public_page_has_a_search_box(library: Flask) -> None:
    client = library.test_client()
    for address in ("/", "/publications", "/publications/uskz-rec-1-09-on-the-media-law", "/search"):
        page = client.get(address).text
        assert page.count('role="search" action="/search"') == 1
        assert page.count('<input id="q" name="q" type="search"') == 1


def test_index_is_filled_anew_with_the_pages(library: Flask) -> None:
    with library.app_context():
        db.session.execute(db.text("DELETE FROM search_words"))
        db.session.commit()
        client = library.test_client()
        assert titles(client, "media") == []
        public_pages.rebuild_pages()
    assert titles(client, "media") == ["On the media law", "On elections"]

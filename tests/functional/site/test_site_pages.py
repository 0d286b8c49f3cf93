"""The public pages as a reader gets them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select, update

from reviewflow.domain.ballots import Stand
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication, PublicPage
from reviewflow.services import deliberation, public_pages, publication, recommendations
from reviewflow.services.transaction import transaction
from tests.factories.publications import PUBLISHED_AT, agreed_text, published_text
from tests.factories.task_forces import content, make_task_force

PAGE = "/publications/uskz-rec-1-09-a-public-timetable"


def test_publication_page_shows_text_people_dates_and_digest(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
    response = app.test_client().get(PAGE)
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    for words in (
        "<title>A public timetable – USKZ.REC/1/09</title>",
        '<html lang="en">',
        '<link rel="alternate" type="application/atom+xml" href="/feed.atom"',
        '<meta name="description" content="A timetable that everybody can read.">',
        'id="p1"><p class="para__p"><a class="pn" href="#p1" aria-label="Paragraph 1">1</a>Publish a',
        "Promises without dates are not kept.",
        "Human dimension",
        "Government of Kazakhstan",
        "Madrid pledge on the election law (2007)",
        "24 September 2009",
        "Washington Expert 1",
        "lead, Astana working group",
        "2 of 3 positions, no objection",
        "24 Sep 2009, 09:00 Washington<br>19:00 Astana",
        "Proposed</b> to the other side as USKZ.DR/1/09.",
        "Invented for a test.",
    ):
        assert words in response.text
    # No script or style stands in the page itself.
    scripts = re.findall(r"<script[^>]*>", response.text)
    assert scripts == ['<script type="application/ld+json">', '<script src="/static/site.js" defer>']
    assert "style=" not in response.text


def test_publication_page_shows_the_digest_in_groups_of_eight(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
        digest = db.session.scalars(select(Publication.digest)).one()
    shown = app.test_client().get(PAGE).text.partition("<code>")[2].partition("</code>")[0]
    assert shown.split(" ") == [digest[i : i + 8] for i in range(0, 64, 8)]


def test_story_tells_what_the_sides_said_and_names_no_person(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        author, reviewer = cast["washington-expert-1"], cast["astana-expert-1"]
        key = recommendations.create_recommendation(author, content())
        recommendations.propose(author, key, 1)
        recommendations.recall(cast["washington-lead"], key, 1, "An affair of Washington.")
        recommendations.resubmit(author, key, 1, "As it was.")
        deliberation.open_thread(reviewer, key, "Not for readers.", internal=False, version=1)
        deliberation.request_changes(reviewer, key, 1, "Name a <b>date</b>.")
        recommendations.save_version(author, key, 1, content(text="1. By 31 January."), "Note of ours")
        recommendations.resubmit(author, key, 2)
        for name, stand in (("astana-expert-1", Stand.APPROVE), ("astana-lead", Stand.NO_OBJECTION)):
            deliberation.take_position(cast[name], key, 2, stand, "A reason of the ballot")
        deliberation.agree_to_version(cast["astana-lead"], key, 2)
        publication.approve(cast["coordinator"], key, 2)
        publication.publish(cast["coordinator"], key, 2)
    client = app.test_client()
    page = client.get(client.get("/publications").text.partition('<h3><a href="')[2].partition('"')[0]).text
    story = page.partition('<ol class="story">')[2].partition("</ol>")[0]
    assert "<q>Name a &lt;b&gt;date&lt;/b&gt;.</q>" in story
    assert "<q>As it was.</q>" in story
    assert "USKZ.DR/1/" in story
    assert "Expert" not in story
    for hidden in ("affair of Washington", "Not for readers", "Note of ours", "reason of the ballot"):
        assert hidden not in page


def test_headings_of_a_text_are_its_table_of_contents(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force(), text="# Of <b> & laws\n\n1. Publish.\n\n## Of *dates*\n\n2. Soon.")
    page = app.test_client().get(PAGE).text
    contents = page.partition('class="meta__toc"')[2].partition("</nav>")[0]
    assert '<a href="#p-block-1">Of &lt;b&gt; &amp; laws</a>' in contents
    assert '<a href="#p-block-3">Of dates</a>' in contents
    assert '<a class="self" href="#p-block-3" aria-label="Link to this paragraph">#</a></h3>' in page


def test_superseded_text_stays_and_leads_to_its_successor(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast)
        published_text(cast, "A better timetable", at=PUBLISHED_AT + timedelta(days=9), replaces=old)
    client = app.test_client()
    page = client.get(PAGE).text
    assert 'id="h-notice">Superseded</h2>' in page
    assert (
        '<a href="/publications/uskz-rec-2-09-a-better-timetable">USKZ.REC/2/09, A better timetable</a>'
        in page
    )
    assert "3 October 2009" in page
    assert "Publish a timetable." in page
    assert "h-notice" not in client.get("/publications/uskz-rec-2-09-a-better-timetable").text
    assert 'badge--stop">Superseded</b> USKZ.REC/1/09' in client.get("/publications").text


def test_retracted_text_stays_with_its_explanation(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
        publication.retract(cast["coordinator"], key, 1, "The figure was <i>wrong</i>.")
    client = app.test_client()
    page = client.get(PAGE).text
    assert 'id="h-notice">Retracted</h2>' in page
    assert "The figure was &lt;i&gt;wrong&lt;/i&gt;." in page
    assert "Publish a timetable." in page
    assert 'badge--stop">Retracted</b> USKZ.REC/1/09' in client.get("/").text


def test_markup_in_texts_is_shown_not_run(app: Flask) -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    with app.app_context():
        published_text(make_task_force(), f"Title {evil}", summary=evil, text=f"1. {evil}", rationale=evil)
    client = app.test_client()
    listed = client.get("/publications").text
    page = client.get(listed.partition('<h3><a href="')[2].partition('"')[0])
    assert page.status_code == 200
    for html in (page.text, listed, client.get("/").text, client.get("/feed.atom").text):
        assert "<script>" not in html
        assert "alert(1)</script>" not in html
        assert "<img" not in html


def test_validator_answers_304_until_the_page_changes(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
    client = app.test_client()
    for address in (PAGE, "/publications", "/", "/feed.atom", "/sitemap.xml"):
        first = client.get(address)
        assert first.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
        assert "Set-Cookie" not in first.headers
        again = client.get(address, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        head = client.head(address)
        assert (head.data, head.headers["Content-Length"]) == (b"", str(len(first.data)))
    before = {a: client.get(a).headers["ETag"] for a in (PAGE, "/publications", "/", "/feed.atom")}
    with app.app_context():
        publication.retract(cast["coordinator"], key, 1, "Wrong.")
    for address, etag in before.items():
        changed = client.get(address, headers={"If-None-Match": etag})
        assert (changed.status_code, changed.headers["ETag"] != etag) == (200, True)


def test_page_answered_early_has_the_headers_of_every_answer(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
    client = app.test_client()
    early, late = client.get(PAGE), client.get("/robots.txt")
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        assert early.headers[name] == late.headers[name]


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        (PAGE, PAGE),
        ("/", "/"),
        ("/publications", "/publications"),
        ("/browse/dimension/human/addressee/kazakhstan", "/browse/dimension/human/addressee/kazakhstan"),
    ],
)
def test_page_says_its_one_address(app: Flask, asked: str, canonical: str) -> None:
    with app.app_context():
        published_text(make_task_force())
    app.config["REVIEWFLOW_PUBLIC_URL"] = "https://texts.example.org"
    client = app.test_client()
    # The first answer is made by the application, the second one is remembered.
    for answer in (client.get(asked), client.get(asked), client.get(canonical)):
        assert answer.headers["Link"] == f'<https://texts.example.org{canonical}>; rel="canonical"'
    assert "Link" not in client.get("/feed.atom").headers


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/publications?page=1&nothing=x&dimension=human", "/browse/dimension/human"),
        ("/publications?year=2009&addressee=odihr&page=3", "/browse/addressee/odihr/year/2009/page/3"),
        ("/feed.atom?dimension=human", "/browse/dimension/human/feed.atom"),
        ("/feed.json?dimension=human&year=2009", "/browse/dimension/human/year/2009/feed.json"),
        ("/commitments?task_force=uskz", "/commitments/uskz"),
        ("/commitments.csv?task_force=//evil.example", "/commitments/%2F%2Fevil.example.csv"),
    ],
)
def test_query_that_narrows_leads_to_the_one_address(app: Flask, asked: str, there: str) -> None:
    with app.app_context():
        published_text(make_task_force())
    answer = app.test_client().get(asked)
    assert (answer.status_code, answer.location) == (301, there)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/publications", 200),
        ("/browse/addressee/odihr", 200),
        (PAGE, 200),
        ("/symbols/USKZ.DR/1/09", 301),
        ("/feed.atom", 200),
        ("/feed.json", 200),
        ("/search?q=timetable", 200),
        ("/sitemap.xml", 200),
        ("/robots.txt", 200),
        ("/publications/none", 404),
        ("/symbols/none", 404),
        ("/nowhere", 404),
    ],
)
def test_public_answer_depends_on_no_cookie(app: Flask, address: str, status: int) -> None:
    with app.app_context():
        cast = make_task_force()
        published_text(cast)
    client = app.test_client()
    stranger = client.get(address)
    with client.session_transaction() as session:
        session["_user_id"] = str(cast["astana-lead"].person_id)
        session["_flashes"] = [("message", "Said to one person")]
    member = client.get(address)
    assert (stranger.status_code, member.status_code, member.data) == (status, status, stranger.data)
    for answer in (stranger, member):
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "Set-Cookie" not in answer.headers


def test_unknown_host_is_refused_before_a_page_is_read(app: Flask) -> None:
    with app.app_context():
        published_text(make_task_force())
    assert app.test_client().get(PAGE, headers={"Host": "evil.example"}).status_code == 400


def test_unpublished_text_leaves_no_trace(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        published_text(cast)
        client = app.test_client()
        before = {a: client.get(a).data for a in ("/", "/publications", "/feed.atom", "/sitemap.xml")}
        key = agreed_text(cast, "Secret until approved")
        publication.approve(cast["coordinator"], key, 1)
    for address, body in before.items():
        assert client.get(address).data == body
    for address in ("/publications/uskz-rec-2-09", "/symbols/USKZ.DR/2/09", "/symbols/USKZ.REC/2/09"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/symbols/USKZ.DR/1/09",
        "/symbols/uskz.rec/1/09",
        "/publications/uskz-rec-1-09",
        "/publications/uskz-dr-1-09",
    ],
)
def test_every_symbol_leads_to_the_permanent_address(app: Flask, address: str) -> None:
    with app.app_context():
        published_text(make_task_force())
    response = app.test_client().get(address)
    assert (response.status_code, response.headers["Location"]) == (301, PAGE)


@pytest.mark.parametrize(
    "address",
    [
        "/publications/no-such-text",
        "/publications/%00",
        "/publications/%ff",
        "/publications/?uskz",
        "/publications/%3Fuskz",
        "/symbols/USKZ.DR/9/09",
        "/symbols/x",
        "/publications?page=0",
        "/browse/page/2",
        "/browse/page/1",
        "/browse/page/02",
        "/browse/year/2009/dimension/human",
        "/browse/dimension/human/dimension/human",
        "/browse/dimension",
        "/browse/dimension//year/2009",
        "/browse/nothing/x",
        "/browse/dimension/human/page/1/feed.atom",
        "/publications?page=x",
        "/publications?page=999999",
        "/publications?dimension=unknown",
        "/publications?addressee=nobody",
        "/publications?commitment=none",
        "/publications?year=0000",
        "/publications?year=09",
        "/browse/task_force/other",
        "/feed.atom?page=2",
        "/sitemap-9.xml",
    ],
)
def test_unknown_address_is_not_found(app: Flask, address: str) -> None:
    with app.app_context():
        published_text(make_task_force())
    assert app.test_client().get(address).status_code == 404


def test_list_is_narrowed_and_paged_newest_first(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for number in range(1, 22):
            published_text(
                cast,
                f"Text {number}",
                at=PUBLISHED_AT + timedelta(days=number),
                dimension="human" if number % 2 else "politico-military",
                addressees=("kazakhstan", "odihr") if number == 4 else ("kazakhstan",),
                commitments=("madrid-media", "moscow-1991") if number in (4, 7) else (),
            )
    client = app.test_client()

    def titles(address: str) -> list[str]:
        return [
            part.partition("<")[0].partition(">")[2]
            for part in client.get(address).text.split("<h3><a href=")[1:]
        ]

    assert titles("/publications") == [f"Text {n}" for n in range(21, 1, -1)]
    assert titles("/browse/page/2") == ["Text 1"]
    assert titles("/browse/dimension/human") == [f"Text {n}" for n in range(21, 0, -2)]
    assert titles("/browse/dimension/politico-military/addressee/odihr") == ["Text 4"]
    assert titles("/browse/dimension/human/addressee/odihr") == []
    assert titles("/browse/commitment/moscow-1991") == ["Text 7", "Text 4"]
    assert titles("/browse/addressee/odihr/commitment/madrid-media") == ["Text 4"]
    assert titles("/browse/year/2009") == [f"Text {n}" for n in range(21, 1, -1)]
    assert titles("/browse/year/2010") == []
    narrowed = client.get("/browse/dimension/human/commitment/madrid-media").text
    assert "Human dimension, Madrid pledge on the media law (2007) – Task force uskz</title>" in narrowed
    # Each chip leads to the list without it, each other value to the list with it.
    assert 'chip--on" href="/browse/commitment/madrid-media">Human dimension' in narrowed
    assert 'href="/browse/dimension/human/commitment/moscow-1991">Moscow Document' in narrowed
    assert 'href="/browse/dimension/human/commitment/madrid-media/feed.atom"' in narrowed
    front = client.get("/").text
    assert (
        '<a href="/browse/commitment/madrid-media"><span>Madrid pledge on the media law (2007)</span>'
        '<span class="nw">2</span></a>'
    ) in front
    shown = client.get("/publications/uskz-rec-4-09-text-4").text
    assert '<a href="/browse/commitment/moscow-1991">Moscow Document (1991)</a>' in shown
    assert titles("/") == [f"Text {n}" for n in range(21, 16, -1)]
    assert 'rel="next" href="/browse/page/2"' in client.get("/publications").text
    assert "All 21 publications" in client.get("/").text


def test_years_are_counted_in_utc(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        published_text(cast, "Old", at=datetime(2009, 12, 31, 23, 59, 59, tzinfo=UTC))
        published_text(cast, "New", at=datetime(2010, 1, 1, tzinfo=UTC))
    client = app.test_client()
    front = client.get("/").text
    for year in (2009, 2010):
        assert f'<a href="/browse/year/{year}"><span>{year}</span><span class="nw">1</span></a>' in front
    for year, there, gone in ((2009, "Old</a>", "New</a>"), (2010, "New</a>", "Old</a>")):
        page = client.get(f"/browse/year/{year}").text
        assert (there in page, gone in page) == (True, False)
        assert f'<a href="/browse/year/{year}" aria-current="true">{year}</a>' in page
        assert there in unescape(client.get(f"/browse/year/{year}/feed.atom").text).replace(
            "</title>", "</a>"
        )


def test_empty_site_says_what_will_appear(app: Flask) -> None:
    with app.app_context():
        make_task_force()
    client = app.test_client()
    for address in ("/", "/publications"):
        response = client.get(address)
        assert response.status_code == 200
        assert "published yet" in response.text


def test_rebuilding_gives_the_same_pages(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        published_text(cast)
        published_text(cast, "Another")
        client = app.test_client()
        before = client.get(PAGE).headers["ETag"]
        assert public_pages.rebuild_pages(batch=1) == 2
    assert client.get(PAGE).headers["ETag"] == before


def test_pages_of_an_earlier_version_are_found_and_made_anew(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        published_text(cast)
        published_text(cast, "Another")
        client = app.test_client()
        now = client.get(PAGE).text
        assert public_pages.renew_pages() == 0
        with transaction() as work:
            earlier = {"etag": "as-it-was", "body": b"An earlier menu."}
            work.session.execute(update(PublicPage).where(PublicPage.etag != "").values(earlier))
        assert client.get(PAGE).text == "An earlier menu."
        assert public_pages.renew_pages() == 2
        assert client.get(PAGE).text == now
        assert public_pages.renew_pages() == 0


def test_sheet_holds_acts_on_the_published_words_only(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        author = cast["washington-expert-1"]
        key = recommendations.create_recommendation(author, content(text="1. By [January]."))
        recommendations.propose(author, key, 1)
        recommendations.settle_bracket(cast["washington-lead"], key, 1, 0, "March")
        for name in ("astana-expert-1", "astana-lead"):
            deliberation.take_position(cast[name], key, 2, Stand.APPROVE)
        deliberation.agree_to_version(cast["astana-lead"], key, 2)
        publication.approve(cast["coordinator"], key, 2)
        publication.publish(cast["coordinator"], key, 2)
        record = db.session.scalars(select(Publication.record)).one()
    acts = [(act["event"], act["version"]) for act in record["sheet"]]
    assert acts == [("amend", 2), ("agree", 2), ("approve", 2)]

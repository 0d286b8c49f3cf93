"""The commitments as a reader gets them, as a page and as a table."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from flask import Flask

from reviewflow.domain.follow_up import Implementation, ResponseKind, Source
from reviewflow.gateways import clock
from reviewflow.services import follow_up, publication
from tests.factories.publications import PUBLISHED_AT, published_text
from tests.factories.task_forces import Cast, make_task_force

SOURCE = Source("=Report", "https://example.org/report")
DAY = date(2009, 10, 1)


def _follow(cast: Cast, key: str, implementation: Implementation = Implementation.PARTIALLY) -> None:
    with clock.set_to(PUBLISHED_AT + timedelta(days=30)):
        follow_up.record_response(
            cast["coordinator"],
            key,
            addressee="kazakhstan",
            kind=ResponseKind.UNDER_CONSIDERATION,
            until=date(2010, 6, 1),
            day=DAY,
            words="=1+1 <b>soon</b>",
            source=SOURCE,
        )
        follow_up.record_assessment(
            cast["coordinator"],
            key,
            implementation=implementation,
            day=DAY,
            evidence="A draft law.",
            source=SOURCE,
        )


def test_commitments_show_texts_responses_implementation_and_their_numbers(app: Flask) -> None:
    client = app.test_client()
    with app.app_context():
        cast = make_task_force()
        followed = published_text(cast, "Followed")
        published_text(cast, "Not followed", addressees=("kazakhstan", "odihr"))
        published_text(cast, "On nothing", commitments=())
        retracted = published_text(cast, "Taken back")
        publication.retract(cast["coordinator"], retracted, 1, "It was wrong.")
        before = client.get("/commitments")
        _follow(cast, followed)
    assert "Not assessed: 2" in before.text
    page = client.get("/commitments")
    assert page.status_code == 200
    assert page.headers["ETag"] != before.headers["ETag"]
    assert 'aria-label="Partially implemented: 1, Not assessed: 1"' in page.text
    assert '<rect class="is-partially" x="0.0" y="1" width="50.0" height="8"/>' in page.text
    numbers = '<td class="num">{}</td>'
    assert "".join(numbers.format(n) for n in (0, 0, 1, 0, 1, 2)) in "".join(page.text.split("\n"))
    for words in (
        "Madrid pledge on the election law (2007)",
        "Other texts",
        (
            '<b>Under consideration</b> until <time datetime="2010-06-01">1 June 2010</time>,'
            ' <time datetime="2009-10-01">1 October 2009</time>'
        ),
        "<p>=1+1 &lt;b&gt;soon&lt;/b&gt;</p>",
        '<a href="https://example.org/report" rel="nofollow noreferrer">=Report</a>',
        '<b>Partially implemented</b>, as of <time datetime="2009-10-01">1 October 2009</time>',
        "No response recorded yet",
        "Not assessed yet",
        'href="/commitments.csv"',
    ):
        assert words in page.text, words
    assert "Taken back" not in page.text
    assert "style=" not in page.text
    assert client.get("/commitments", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304


def test_publication_shows_its_follow_up_with_what_counted_before(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast)
    client = app.test_client()
    address = "/publications/uskz-rec-1-09-a-public-timetable"
    bare = client.get(address).text.partition('id="follow-up"')[2].partition("</section>")[0]
    assert "No response recorded yet" in bare
    assert "Not assessed yet" in bare
    with app.app_context():
        _follow(cast, key, Implementation.NOT)
        _follow(cast, key, Implementation.FULLY)
    shown = client.get(address).text.partition('id="follow-up"')[2].partition("</section>")[0]
    assert "Response: Government of Kazakhstan" in shown
    now, _, earlier = shown.partition("<h3>Implementation</h3>")[2].partition("Earlier entries")
    assert ("Fully implemented" in now, "Not implemented" in now) == (True, False)
    assert "Not implemented" in earlier


def test_table_has_a_row_for_each_addressee_and_no_formula(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = published_text(cast, addressees=("odihr", "kazakhstan"))
        _follow(cast, key)
    answer = app.test_client().get("/commitments.csv")
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    header, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    election = "Madrid pledge on the election law (2007)"
    text = ["USKZ.REC/1/09", "A public timetable", "2009-09-24", ""]
    assessed = [
        "Partially implemented",
        "2009-10-01",
        "A draft law.",
        "'=Report",
        "https://example.org/report",
    ]
    answered = ["Under consideration", "2010-06-01", "2009-10-01", "'=1+1 <b>soon</b>"]
    source = ["'=Report", "https://example.org/report"]
    assert {len(row) for row in rows} == {len(header)}
    assert rows == [
        [election, *text, "Government of Kazakhstan", *answered, *source, *assessed],
        [election, *text, "ODIHR", *[""] * 6, *assessed],
    ]


def test_superseded_text_is_listed_and_not_counted(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, "Old")
        published_text(cast, "New", at=PUBLISHED_AT + timedelta(days=9), replaces=old)
        _follow(cast, old, Implementation.NOT)
    page = app.test_client().get("/commitments").text
    assert 'aria-label="Not assessed: 1"' in page
    symbol = '<span class="small quiet">USKZ.REC/1/09, Recommendation</span>'
    assert f'Old</a><br>{symbol} <b class="badge badge--stop">' in page


def test_each_task_force_has_its_own_and_nobody_has_those_of_none(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/commitments").status_code == 404
    with app.app_context():
        make_task_force()
        published_text(make_task_force("abcd"), "Of the second")
    assert "Nothing is published yet" in client.get("/commitments").text
    second = client.get("/commitments/abcd").text
    assert "Of the second" in second
    assert 'href="/commitments/abcd.csv"' in second
    for path in ("/commitments/none", "/commitments/none.csv"):
        assert client.get(path).status_code == 404

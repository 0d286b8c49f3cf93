"""What readers and programs see of a corrigendum, and of the text that it corrects."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Flask

from reviewflow.gateways import clock
from reviewflow.services import publication
from tests.factories.publications import PUBLISHED_AT, published_text
from tests.factories.task_forces import make_task_force
from tests.support.scenes import plain

WRONG = "1. A draft is public for 3 days.\n\n2. Comments are answered."
RIGHT = "1. A draft is public for 30 days.\n\n2. Comments are answered."


def test_pages_feeds_and_citations_name_each_other(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, "Timetable", text=WRONG)
        later = PUBLISHED_AT + timedelta(days=9)
        new = published_text(cast, "Timetable", text=RIGHT, corrects=old, at=later)
    client = app.test_client()
    original = client.get("/symbols/USKZ.REC/1/09", follow_redirects=True)
    corrected = client.get("/symbols/USKZ.REC/1/09/Corr.1", follow_redirects=True)
    assert original.request.path == "/publications/uskz-rec-1-09-timetable"
    assert corrected.request.path == "/publications/uskz-rec-1-09-corr-1-timetable"
    # The notice stands outside the text, whose words are the first ones.
    assert (
        f'href="{corrected.request.path}">USKZ.REC/1/09/Corr.1</a>, which shows each place' in original.text
    )
    assert "for 3 days" in original.text
    assert "30" not in original.text[original.text.index('id="text"') : original.text.index('id="agreed"')]
    said = plain(corrected.text)
    assert f'This corrects <a href="{original.request.path}">USKZ.REC/1/09, Timetable</a>' in corrected.text
    assert "Text, paragraph 1" in said
    assert '<del><span class="mk">3</span></del>' in corrected.text
    assert '<ins><span class="mk">30</span></ins>' in corrected.text
    assert 'id="follow-up"' not in corrected.text
    assert '"correction": ["/publications/uskz-rec-1-09-corr-1-timetable"]' in original.text
    assert '"isBasedOn": "/publications/uskz-rec-1-09-timetable"' in corrected.text
    assert "[Corrected]" in client.get(original.request.path + ".bib").text
    assert "Corrigendum" in client.get(corrected.request.path + ".ris").text
    # A corrigendum is of the kind that it corrects.
    for narrowed, count in (("recommendation", 2), ("policy_brief", 0)):
        assert client.get(f"/browse/kind/{narrowed}").text.count("<h3><a href=") == count
    # Where all texts of a list are on the page, no way leads on to an empty one.
    whole = client.get("/publications").text
    assert 'href="/browse/kind/recommendation"' in whole
    assert 'href="/browse/kind/policy_brief"' not in whole
    narrowed = client.get("/browse/kind/recommendation").text
    assert 'href="/browse/kind/recommendation/dimension/human"' in narrowed
    assert client.get("/browse/kind/recommendation/dimension/human").text.count("<h3><a href=") == 2
    assert client.get("/browse/kind/policy_brief/dimension/human").text.count("<h3><a href=") == 0
    found = client.get("/search?q=timetable&kind=recommendation&dimension=human").text
    assert found.count("<h3><a href=") == 2
    # The form keeps what is chosen, and each chosen value can be taken away by itself.
    assert 'type="hidden" name="kind" value="recommendation"' in found
    assert 'chip--on" href="/search?q=timetable&amp;dimension=human">Recommendation' in found
    assert "<h3><a href=" not in client.get("/search?q=timetable&kind=policy_paper&dimension=human").text
    items = json.loads(client.get("/feed.json").text)["items"]
    assert [(item["title"], item["date_modified"]) for item in items] == [
        ("USKZ.REC/1/09/Corr.1: Timetable", "2009-10-03T14:00:00Z"),
        ("USKZ.REC/1/09: Timetable (corrected)", "2009-10-03T14:00:00Z"),
    ]
    with app.app_context(), clock.set_to(later + timedelta(days=1)):
        publication.retract(cast["coordinator"], new, 1, "It was right before.")
    assert "which shows each place" not in client.get(original.request.path).text
    with app.app_context(), clock.set_to(later + timedelta(days=2)):
        publication.retract(cast["coordinator"], old, 1, "Neither is true.")
    assert "has been retracted since" in client.get(corrected.request.path).text


def test_successor_shows_what_has_changed(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        old = published_text(cast, "Timetable", text=WRONG)
        published_text(cast, "Timetable", text=RIGHT, replaces=old, at=PUBLISHED_AT + timedelta(days=9))
    client = app.test_client()
    new = client.get("/symbols/USKZ.REC/2/09", follow_redirects=True).text
    assert 'This replaces <a href="/publications/uskz-rec-1-09-timetable">USKZ.REC/1/09, Timetable</a>' in new
    changed = new[new.index('id="changes"') : new.index('id="story"')]
    assert "What has changed since USKZ.REC/1/09" in changed
    assert '<del><span class="mk">3</span></del>' in changed
    assert '<ins><span class="mk">30</span></ins>' in changed
    assert "Comments are answered" not in plain(changed)
    before = client.get("/publications/uskz-rec-1-09-timetable").text
    assert 'id="changes"' not in before
    assert "This replaces" not in before

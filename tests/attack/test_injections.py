"""What is typed into an address or a form never becomes part of a question to the database."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from flask import Flask

from reviewflow.services import documents
from tests.factories.publications import published_text
from tests.support.desk import Stage
from tests.support.scenes import event_count, proposed
from tests.support.visitors import Visitor

#: True for every row, false for none, two statements, a comment, an error, a wait.
_FRAGMENTS = (
    "' OR '1'='1",
    "' OR 1=1 --",
    '" OR ""="',
    "') OR ('1'='1",
    "%' OR '1'='1' OR '%'='",
    "'; DROP TABLE events; --",
    "'; UPDATE recommendations SET state='published'; --",
    "' UNION SELECT email, password_hash FROM people --",
    "1; SELECT pg_sleep(5)",
    "' || (SELECT pg_sleep(5)) || '",
    "' AND randomblob(100000000) --",
    "\\'; --",
    "%",
    "_",
    "*",
    '"',
    "''",
    "NEAR(a b)",
    'text" OR "',
    "a AND NOT b",
    "title:*",
    "-a",
    "a:b & !c | <->",
    "1e309",
    "0x31",
    "NULL",
)
_PUBLIC = {
    "/search": ("q", "kind", "dimension", "addressee", "commitment", "year", "task_force", "page"),
    "/publications": ("kind", "dimension", "addressee", "commitment", "year", "task_force", "page"),
    "/feed.atom": ("dimension", "year", "task_force"),
    "/commitments": ("task_force",),
    "/verify": ("digest",),
}
_DESK = {
    "recommendations": (
        "q",
        "state",
        "dimension",
        "addressee",
        "group",
        "commitment",
        "sort",
        "page",
        "kind",
    ),
    "": ("page",),
    "history": ("page",),
    "help": ("for",),
    "recommendations/{key}": ("text",),
    "recommendations/{key}/compare": ("from", "to", "view"),
    "recommendations/{key}/suggest": ("field", "paragraph", "near", "bracket", "words"),
    "recommendations/{key}/suggestions": ("chosen",),
    "recommendations/{key}/history": ("page",),
    "recommendations/new": ("replaces", "kind", "corrects"),
    "packages/new": ("with",),
}


@pytest.fixture
def stage(app: Flask) -> Stage:
    stage = Stage(app)
    with app.app_context():
        published_text(stage.cast, "A public timetable")
        documents.make_missing()
    return stage


def test_no_filter_of_the_public_site_is_a_question(app: Flask, stage: Stage) -> None:
    client = app.test_client()
    before = event_count(app)
    tried = 0
    for (path, names), fragment in product(_PUBLIC.items(), _FRAGMENTS):
        for name in names:
            answer = client.get(path, query_string={name: fragment})
            tried += 1
            assert answer.status_code in (200, 301, 400, 404, 422), (path, name, fragment)
            if path == "/search" and name == "q" and answer.status_code == 200 and fragment[0] in "'\"%_*\\":
                assert "A public timetable" not in answer.text, fragment
    for fragment in _FRAGMENTS:
        for path in (f"/publications/{fragment}", f"/browse/dimension/{fragment}", f"/symbols/{fragment}"):
            tried += 1
            assert client.get(path).status_code in (301, 404, 405), path
    assert event_count(app) == before
    assert tried > 500


def test_no_filter_of_the_desk_is_a_question(app: Flask, stage: Stage) -> None:
    key = proposed(stage)
    visitor = Visitor(stage.sign_in("astana-lead"), stage.cast.slug)
    # A draft of the other group, which no always-true condition may show.
    stage.at(0, *_draft(stage, "Hidden words of Washington"))
    before = event_count(app)
    for (path, names), fragment in product(_DESK.items(), _FRAGMENTS):
        for name in names:
            answer = visitor.get(path.format(key=key), query_string={name: fragment})
            assert answer.status_code in (200, 301, 302, 303, 400, 404, 422), (path, name, fragment)
            assert "Hidden words" not in answer.text, (path, name, fragment)
    assert event_count(app) == before


def _draft(stage: Stage, title: str) -> tuple[Callable[..., object], object, object]:
    from reviewflow.services.recommendations import create_recommendation
    from tests.factories.task_forces import content

    return create_recommendation, stage.cast["washington-expert-1"], content(title)


def test_the_door_asks_nothing_else(app: Flask, stage: Stage) -> None:
    client = app.test_client()
    visitor = Visitor(client, stage.cast.slug)
    for fragment in _FRAGMENTS:
        for email, password in ((fragment, "x"), (stage.cast.emails["astana-lead"] + fragment, fragment)):
            answer = visitor.post("/desk/sign-in", {"email": email, "password": password})
            assert answer.status_code in (401, 422, 429), (email, answer.status_code)
            assert client.get(visitor.desk + "/").status_code != 200

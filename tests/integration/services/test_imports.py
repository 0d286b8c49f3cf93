"""Importing recommendations: all or nothing, every problem with its line, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from reviewflow.domain.errors import InvalidInput, NotPermitted, Refusal
from reviewflow.gateways.tables import Layout, Row, Table
from reviewflow.persistence.db import db
from reviewflow.persistence.models.recommendations import Recommendation, Version, VersionSubject, Wait
from reviewflow.queries import integrity
from reviewflow.services.imports import Plan, import_recommendations, resolve_columns, title_of
from tests.factories.task_forces import Cast, make_task_force


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    with app.app_context():
        yield make_task_force()


def table(header: Sequence[str], *rows: Sequence[str]) -> Table:
    return Table(
        tuple(header), tuple(Row(line, tuple(row)) for line, row in enumerate(rows, start=2)), Layout()
    )


def author(cast: Cast):
    return cast["washington-lead"]


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def told(refusal: Refusal) -> tuple[str, object, object]:
    return (
        refusal.code,
        refusal.details.get("field"),
        refusal.details.get("problem", refusal.details.get("reason")),
    )


def test_import_creates_drafts_that_are_whole(cast: Cast):
    found = table(
        ["Title", "Wording", "To", "Pledge", "remark"],
        ["A table of laws", "Publish  \r\nit.", "Kazakhstan; United States", "madrid-media", "row one"],
        ["", "69.1   Invite [all] observers.", "everybody", "", ""],
    )
    plan = Plan(
        columns={"text": "wording", "addressees": "To", "commitments": "Pledge", "note": "remark"},
        constants={"dimension": "human", "rationale": "Promised in Madrid."},
        values={"addressees": {"Everybody": ("participating-states",)}},
    )
    report = import_recommendations(author(cast), found, plan)
    assert (report.imported, report.present, report.repeated, report.problems, report.written) == (
        2, 0, (), (), True,
    )  # fmt: skip
    versions = db.session.scalars(select(Version).order_by(Version.id)).all()
    assert [(v.number, v.title, v.dimension, v.note, v.missing) for v in versions] == [
        (1, "A table of laws", "human", "row one", []),
        (1, "Invite all observers.", "human", "", []),
    ]
    assert json.loads(versions[0].manifest)["languages"]["en"]["text"] == "Publish\nit."
    assert sorted(db.session.execute(select(VersionSubject.facet, VersionSubject.value))) == [
        ("addressee", "kazakhstan"),
        ("addressee", "participating-states"),
        ("addressee", "united-states"),
        ("commitment", "madrid-media"),
    ]
    assert set(db.session.scalars(select(Recommendation.state))) == {"draft"}
    assert set(db.session.scalars(select(Wait.person_id))) == {author(cast).person_id}
    (chain,) = integrity.check_chains()
    assert (chain.events, chain.broken_at) == (2, None)


def test_import_reports_every_problem_and_imports_nothing(cast: Cast):
    found = Table(
        ("text", "title", "dimension", "addressee"),
        (
            Row(2, ("good", "", "human", "odihr")),
            Row(3, ("", "no text", "human", "")),
            Row(5, ("a\x00b", "", "", "")),
            Row(6, ("good too", "x" * 301, "", "")),
            Row(7, ("words", "", "fourth", "")),
            Row(8, ("words", "", "", "odihr; Atlantis")),
            Row(9, ("cut", "", "", ""), "ragged"),
            Row(10, ("a\u202eb", "", "", "")),
            Row(11, ("x" * 200_001, "", "", "")),
            Row(12, ("x\n\n" * 3_001, "", "", "")),
            Row(13, ("words ", "", "human", "odihr")),
        ),
        Layout(),
    )
    report = import_recommendations(author(cast), found, Plan())
    assert [(p.line, *told(p.refusal)) for p in report.problems] == [
        (3, "invalid_input", "text", "missing"),
        (5, "unacceptable_text", "text", "control_character"),
        (6, "unacceptable_text", "title", "too_long"),
        (7, "invalid_input", "dimension", "unknown_value"),
        (8, "invalid_input", "addressees", "unknown_value"),
        (9, "invalid_input", "row", "ragged"),
        (10, "unacceptable_text", "text", "bidi_override"),
        (11, "unacceptable_text", "text", "too_long"),
        (12, "unacceptable_text", "text", "too_many_blocks"),
    ]
    assert (report.written, report.imported, count(Recommendation)) == (False, 2, 0)
    skipping = import_recommendations(author(cast), found, Plan(), skip_bad=True)
    assert (skipping.written, skipping.imported, count(Recommendation)) == (True, 2, 2)


def test_import_twice_imports_nothing_twice(cast: Cast):
    found = table(["text"], ["one"], ["two"], ["one "])
    first = import_recommendations(author(cast), found, Plan())
    assert (first.imported, first.present, first.repeated) == (2, 0, ((4, 2),))
    longer = table(["text"], ["three"], ["two"], ["one"])
    second = import_recommendations(author(cast), longer, Plan())
    assert (second.imported, second.present, count(Recommendation)) == (1, 2, 3)
    third = import_recommendations(author(cast), longer, Plan(), dry_run=True)
    assert (third.imported, third.present, third.written) == (0, 3, False)
    # The other group's text is another text, since a manifest names who proposes it.
    other = import_recommendations(cast["astana-lead"], found, Plan())
    assert (other.imported, count(Recommendation)) == (2, 5)


def test_import_dry_run_changes_nothing(cast: Cast):
    told_progress: list[int] = []
    report = import_recommendations(
        author(cast), table(["text"], ["one"]), Plan(), dry_run=True, progress=told_progress.append
    )
    assert (report.imported, report.written, count(Recommendation), sum(told_progress)) == (1, False, 0, 1)


@pytest.mark.parametrize("name", ["coordinator", "administrator", "astana-observer"])
def test_import_is_for_those_who_draft(cast: Cast, name: str):
    with pytest.raises(NotPermitted):
        import_recommendations(cast[name], table(["text"], ["one"]), Plan())


def test_import_takes_few_statements_for_many_rows(cast: Cast):
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for size in (1, 3, 100):
        statements.clear()
        rows = [[f"Text {size} {number}", "odihr"] for number in range(size)]
        import_recommendations(author(cast), table(["text", "addressee"], *rows), Plan())
        counts.append(len(statements))
    # SQLite does not return many new ids in order, so recommendation and version cost one statement each.
    each = 2 if db.engine.dialect.name == "sqlite" else 0
    assert counts[2] - counts[1] == each * (100 - 3)
    assert counts[1] <= 13 + each * 3


@pytest.mark.parametrize(
    ("plan", "details"),
    [
        (Plan(), ("text", "no_column")),
        (Plan(columns={"text": "Nowhere"}), ("text", "unknown_column")),
        (Plan(columns={"wording": "Body"}), ("column", "unknown_field")),
        (Plan(columns={"text": "Body"}, constants={"dimension": "fifth"}), ("dimension", "unknown_value")),
        (
            Plan(columns={"text": "Body"}, values={"addressees": {"x": ("atlantis",)}}),
            ("addressees", "unknown_value"),
        ),
        (Plan(columns={"text": "Body"}, values={"title": {"x": ("y",)}}), ("title", "unknown_value")),
    ],
)
def test_resolve_columns_refuses_a_plan_that_does_not_fit(plan: Plan, details: tuple[str, str]):
    with pytest.raises(InvalidInput) as caught:
        resolve_columns(["Body", "To", ""], plan)
    assert (caught.value.details["field"], caught.value.details["problem"]) == details


def test_values_are_translated_with_a_catch_all_and_may_be_left_out(cast: Cast):
    plan = Plan(
        values={"addressees": {"nobody": (), "Both": ("odihr", "kazakhstan"), "*": ("chairmanship",)},
                "dimension": {"two": ("human", "politico-military")}},
    )  # fmt: skip
    found = table(
        ["text", "addressees", "dimension"],
        ["one", "NOBODY", ""], ["two", " both ", ""], ["three", "Chad", ""], ["four", "", "Two"],
    )  # fmt: skip
    report = import_recommendations(author(cast), found, plan, skip_bad=True)
    assert [(p.line, *told(p.refusal)) for p in report.problems] == [
        (5, "invalid_input", "dimension", "several_values")
    ]
    assert sorted(db.session.scalars(select(VersionSubject.value))) == ["chairmanship", "kazakhstan", "odihr"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Publish the law;", "Publish the law"),
        ("69.1.1 to pay attention (Algeria);", "To pay attention (Algeria)"),
        ("# Heading\n\nBody", "Heading"),
        ("1. (a) **Invite** observers", "Invite observers"),
        ("[31 January / 31 March] is the date", "31 January / 31 March is the date"),
        ("\n\n  Second line first", "Second line first"),
        ("97.9", "97.9"),
        ("***", "…"),
        ("word " * 40, "Word" + " word" * 15 + "…"),
        ("x" * 200, "X" + "x" * 78 + "…"),
    ],
)
def test_title_of_takes_the_first_words(text: str, title: str):
    assert title_of(text) == title
    assert len(title) <= 80

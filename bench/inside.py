"""What is measured within this process: statements, sizes, the import, the comparison of texts."""

from __future__ import annotations

import random
import re
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from bench import population, steps
from reviewflow.domain.differences import compare_texts
from reviewflow.gateways import packs
from reviewflow.gateways.tables import Layout, Row, Table
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import PublicationDocument
from reviewflow.services import documents
from reviewflow.services import evidence as evidence_service
from reviewflow.services.imports import Plan, import_recommendations
from tests.factories.publications import published_text
from tests.factories.task_forces import PASSWORD, Cast

#: Signs what is measured.
_SECRET = "be" * 32
_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


@dataclass(slots=True)
class Statements:
    """What reached the database; one call of the driver is one statement, however many rows it writes.

    `traced` is what SQLite itself saw, which knows no sets of rows but misses nothing.
    """

    executed: list[str] = field(default_factory=list)
    traced: list[str] = field(default_factory=list)

    def take(self) -> tuple[int, int]:
        """How many since the last time, of each; transactions' begins and ends do not count."""
        counts = (
            sum(not s.startswith(_TRANSACTIONS) for s in self.executed),
            sum(not s.startswith((*_TRANSACTIONS, "--")) for s in self.traced),
        )
        self.executed.clear()
        self.traced.clear()
        return counts


@contextmanager
def watched(app: Flask) -> Iterator[Statements]:
    """The statements of an application that has made no connection yet."""
    found = Statements()
    with app.app_context():
        engine = db.engine

    def connected(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(found.traced.append)

    def executed(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.executed.append(statement)

    event.listen(engine, "connect", connected)
    event.listen(engine, "before_cursor_execute", executed)
    try:
        yield found
    finally:
        engine.dispose()


def signed_in(app: Flask, cast: Cast, name: str) -> tuple[FlaskClient, str]:
    """A client of somebody who signed in through the form, and the token of its forms."""
    client = app.test_client()
    token = _token(client.get("/desk/sign-in").text)
    form = {"email": cast.emails[name], "password": PASSWORD, "csrf_token": token}
    assert client.post("/desk/sign-in", data=form).status_code == 302
    return client, _token(client.get(f"/desk/{cast.slug}/help").text)


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def pages(url: str, cast: Cast, paths: dict[str, str], who: str) -> dict[str, tuple[int, float]]:
    """Statements and KB of pages as somebody sees them; an empty `who` is a reader of the public site."""
    app = population.application(url)
    results = {}
    with watched(app) as statements:
        client = signed_in(app, cast, who)[0] if who else app.test_client()
        for name, path in paths.items():
            client.get(path)
            statements.take()
            answer = client.get(path)
            assert answer.status_code == 200, path
            results[name] = (max(statements.take()), len(answer.data) / 1000)
    return results


def cycle_statements(url: str, cast: Cast) -> dict[str, int]:
    """Statements of each step of a second cycle, in all layers; the first one of a year begins its series."""
    app = population.application(url)
    paths = {step.name: steps.path_of(step) for step in steps.STEPS}
    counts: dict[str, int] = {}
    with watched(app) as statements:
        clients = {name: signed_in(app, cast, name) for name in steps.PEOPLE}
        for round_ in range(2):
            key = ""
            for step in steps.STEPS:
                client, token = clients[step.who]
                form = {**step.form, "csrf_token": token}
                if "title" in form:
                    form["title"] = form["title"].format(number=round_)
                statements.take()
                answer = client.post(paths[step.name].format(key=key), data=form)
                assert answer.status_code in (302, 303), (step.name, answer.text[:2000])
                counts[step.name] = statements.take()[0]
                key = key or answer.location.rsplit("/", 1)[1]
    return counts


def import_rate(folder: Path, rows: int) -> float:
    """Rows imported in a second, as `reviewflow import` does it, the check of each row included."""
    url = f"sqlite:///{folder / 'import.db'}"
    cast = population.create(url)
    words = _words()
    chance = random.Random(1)
    table = Table(
        header=("title", "text", "dimension", "addressees"),
        rows=tuple(
            Row(
                number + 2,
                (
                    f"Row {number}",
                    " ".join(chance.choices(words, k=120)) + ".",
                    "human",
                    "kazakhstan",
                ),
            )
            for number in range(rows)
        ),
        layout=Layout("csv"),
    )
    app = population.application(url)
    with app.app_context():
        began = time.perf_counter()
        report = import_recommendations(cast[steps.AUTHOR], table, Plan())
        seconds = time.perf_counter() - began
        db.session.remove()
        db.engine.dispose()
    assert report.imported == rows, report
    return rows / seconds


def comparisons(size: int = 100_000) -> dict[str, float]:
    """Milliseconds to compare two texts of `size` characters word by word, the best of three, by likeness."""
    chance = random.Random(2)
    words = _words()
    old = _text(chance, words, size)
    times = {}
    for name, share in (("1 % of the words changed", 0.01), ("20 % changed", 0.2)):
        new = re.sub(
            r"\w+",
            lambda found, share=share: chance.choice(words) if chance.random() < share else found[0],
            old,
        )
        times[name] = _best(old, new)
    times["nothing in common but words"] = _best(old, _text(chance, words, size))
    return times


def _best(old: str, new: str) -> float:
    found = []
    for _ in range(3):
        began = time.perf_counter()
        compare_texts(old, new)
        found.append((time.perf_counter() - began) * 1000)
    return min(found)


def _words() -> list[str]:
    chance = random.Random(3)
    syllables = (
        "re",
        "com",
        "mend",
        "ac",
        "tion",
        "par",
        "lia",
        "ment",
        "ob",
        "ser",
        "ver",
        "me",
        "dia",
        "law",
    )
    return ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(2_000)]


def _text(chance: random.Random, words: list[str], size: int) -> str:
    """Paragraphs of about 600 characters."""
    paragraphs, length = [], 0
    while length < size:
        sentences = [" ".join(chance.choices(words, k=16)).capitalize() + "." for _ in range(4)]
        paragraphs.append(" ".join(sentences))
        length += len(paragraphs[-1]) + 2
    return "\n\n".join(paragraphs)[:size]


def evidence(folder: Path, rounds: int) -> tuple[float, float]:
    """Milliseconds to make an evidence pack (verified before it is kept), and to verify one, the medians."""
    url = f"sqlite:///{folder / 'evidence.db'}"
    cast = population.create(url)
    app = population.application(url)
    making, verifying = [], []
    with app.app_context():
        for number in range(rounds):
            published_text(cast, f"Text {number}")
            documents.make_missing()
            (publication,) = evidence_service.due()
            start = time.perf_counter()
            evidence_service.announce_first_key(_SECRET)
            evidence_service.make_pack(_SECRET, publication)
            making.append((time.perf_counter() - start) * 1000)
            body = db.session.scalars(
                select(PublicationDocument.body).where(
                    PublicationDocument.publication_id == publication,
                    PublicationDocument.format == documents.EVIDENCE,
                )
            ).one()
            start = time.perf_counter()
            packs.check(body)
            verifying.append((time.perf_counter() - start) * 1000)
            db.session.rollback()
        db.engine.dispose()
    return statistics.median(making), statistics.median(verifying)

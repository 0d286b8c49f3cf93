"""What the time of an answer tells: of hidden and missing items, of known and unknown addresses.

`python -m bench.hiding` asks a server of its own on either database, started as `make run` starts it, over
connections within this machine: in pairs, in turns of random order. It prints for each pair the ratio of the
medians and what a sign test says. It writes no file; `docs/security.md` quotes it.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import delete, update

from bench import client, population, servers
from bench.steps import SLUG, TEXT
from reviewflow.gateways.passwords import hash_password
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.throttling import SignInCount
from reviewflow.services import recommendations
from tests.factories.task_forces import PASSWORD, Cast, content
from tests.support.postgres import postgres_url

PAIRS, DOOR_PAIRS = 600, 150
#: Texts beside the hidden one, on either database.
OTHERS = 60

Ask = Callable[[], None]


def main() -> None:
    """Measure everything on both databases, and print a row for each."""
    print(
        "| database | what | pairs | p50 of the first | ratio of the medians | first slower | sign test, z |"
    )
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="reviewflow-bench-") as folder:
        for name, url in (("SQLite", f"sqlite:///{folder}/main.db"), ("PostgreSQL", postgres_url())):
            cast = population.create(url)
            app = population.application(url)
            with app.app_context():
                hidden = [_draft(cast, f"Hidden {number}") for number in range(OTHERS)][-1]
            environment = {"REVIEWFLOW_DATABASE_URL": url, "REVIEWFLOW_SECRET_KEY": population.SECRET_KEY}
            server = servers.start("reviewflow", "/", environment, Path(folder) / "log")
            try:
                _items(name, server.port, cast, hidden)
                _door(name, server.port, app, cast)
            finally:
                server.stop()
                with app.app_context():
                    db.engine.dispose()


def _draft(cast: Cast, title: str) -> str:
    return recommendations.create_recommendation(cast["washington-expert-1"], content(title, text=TEXT))


def _items(database: str, port: int, cast: Cast, key: str) -> None:
    lead = client.sign_in(port, cast.emails["astana-lead"], PASSWORD, f"/desk/{SLUG}/people")
    for method, path in (("GET", ""), ("GET", "/history"), ("GET", "/edit"), ("POST", "/acts/decline")):
        addresses = [f"/desk/{SLUG}/recommendations/{name}{path}" for name in (key, "0" * len(key))]
        form = {"csrf_token": lead.token} if method == "POST" else None
        hidden, missing = (_request(port, method, address, 404, lead.cookie, form) for address in addresses)
        what = f"{method} {path or 'the page'}: hidden, missing"
        _compare(f"{database} | {what}", hidden, missing, PAIRS, lambda: None)


def _door(database: str, port: int, app: Flask, cast: Cast) -> None:
    known, unknown = cast.emails["astana-lead"], "x" + cast.emails["astana-lead"][1:]
    # Tests hash cheaply; what is measured is what an installation has.
    hashed = update(Person).where(Person.email == known).values(password_hash=hash_password(PASSWORD))
    with app.app_context(), db.engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(hashed)
    for name, path, status, form in (
        ("sign-in with a wrong password", "/desk/sign-in", 422, {"password": "no password of anybody"}),
        ("a link for a forgotten password", "/desk/forgotten/", 200, {}),
    ):
        cookie, token = client.open_form(port, path)
        first, second = (
            _request(port, "POST", path, status, cookie, {"csrf_token": token, "email": email, **form})
            for email in (known, unknown)
        )
        what = f"{database} | {name}: known, unknown"
        _compare(what, first, second, DOOR_PAIRS, lambda: _forget(app))


def _request(
    port: int, method: str, address: str, status: int, cookie: str, form: dict[str, str] | None
) -> Ask:
    browser = client.Browser(port)

    def ask() -> None:
        answer = browser.ask(method, address, cookie, form)
        assert answer.status == status, (address, answer.status)

    return ask


def _forget(app: Flask) -> None:
    """Nobody has tried before, so that nobody is slowed down."""
    with app.app_context(), db.engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(delete(SignInCount))


def _compare(what: str, first: Ask, second: Ask, pairs: int, before: Callable[[], None]) -> None:
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(pairs + 10):
        order = [0, 1]
        random.shuffle(order)
        for which in order:
            before()
            began = time.perf_counter()
            (first, second)[which]()
            took = time.perf_counter() - began
            if turn >= 10:  # The first turns fill caches.
                times[which].append(took * 1000)
    slower = sum(one > other for one, other in zip(*times, strict=True))
    z = (slower - pairs / 2) / (pairs / 4) ** 0.5
    medians = [statistics.median(values) for values in times]
    ratio = medians[0] / medians[1]
    print(
        f"| {what} | {pairs} | {medians[0]:.2f} ms | {ratio:.3f} | {slower / pairs:.0%} | {z:+.1f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()

"""What the time of an answer tells: of hidden and missing items, of known and unknown addresses.

`python -m bench.hiding` measures within this process, without a network that would hide differences: in
pairs, in turns of random order, and prints for each the ratio of the medians and what a sign test says of
the pairs. It writes no file; `docs/security.md` quotes it.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from bench import population
from bench.steps import SLUG, TEXT
from reviewflow.gateways.passwords import hash_password
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.throttling import SignInCount
from reviewflow.services import recommendations
from tests.factories.task_forces import PASSWORD, Cast, content

PAIRS, DOOR_PAIRS = 600, 150

Ask = Callable[[], None]


def main() -> None:
    """Measure everything, and print a row for each."""
    with tempfile.TemporaryDirectory(prefix="reviewflow-bench-") as folder:
        path = Path(folder) / "main.db"
        cast = population.populate(path, 300, 50)
        app = population.application(f"sqlite:///{path}")
        app.config["WTF_CSRF_ENABLED"] = False
        print("| what | pairs | p50 of the first | ratio of the medians | first slower | sign test, z |")
        print("|---|---|---|---|---|---|")
        _items(app, cast)
        _door(app, cast)


def _items(app: Flask, cast: Cast) -> None:
    with app.app_context():
        words = content("Hidden", text=TEXT)
        key = recommendations.create_recommendation(cast["washington-expert-1"], words)
    client = app.test_client()
    client.post("/desk/sign-in", data={"email": cast.emails["astana-lead"], "password": PASSWORD})
    for method, path in (("GET", ""), ("GET", "/history"), ("GET", "/edit"), ("POST", "/acts/decline")):
        addresses = [f"/desk/{SLUG}/recommendations/{name}{path}" for name in (key, "0" * len(key))]
        hidden, missing = (_request(client, method, address, 404) for address in addresses)
        _compare(f"{method} {path or 'the page'}: hidden, missing", hidden, missing, PAIRS, lambda: None)


def _door(app: Flask, cast: Cast) -> None:
    known, unknown = cast.emails["astana-lead"], "x" + cast.emails["astana-lead"][1:]
    # Tests hash cheaply; what is measured is what an installation has.
    hashed = update(Person).where(Person.email == known).values(password_hash=hash_password(PASSWORD))
    with app.app_context(), db.engine.execution_options(**{WRITES: True}).begin() as connection:
        connection.execute(hashed)
    for name, path, status, form in (
        ("sign-in with a wrong password", "/desk/sign-in", 422, {"password": "no password of anybody"}),
        ("a link for a forgotten password", "/desk/forgotten/", 200, {}),
    ):
        first, second = (
            _request(app.test_client(), "POST", path, status, {"email": email, **form})
            for email in (known, unknown)
        )
        _compare(f"{name}: known, unknown", first, second, DOOR_PAIRS, lambda: _forget(app))


def _request(
    client: FlaskClient, method: str, address: str, status: int, form: dict[str, str] | None = None
) -> Ask:
    def ask() -> None:
        answer = client.open(address, method=method, data=form)
        assert answer.status_code == status, (address, answer.status_code)

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

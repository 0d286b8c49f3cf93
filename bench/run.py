"""One run of the bench: its databases and servers, the lines that it finds, and how things take turns."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable
from pathlib import Path

from bench import client, population, servers, steps
from bench.report import Line

DESK = f"/desk/{steps.SLUG}"


def say(text: str) -> None:
    """Tell who waits what is being measured."""
    print(text, flush=True)


median: Callable[[list[float]], float] = statistics.median


def ratio(values: list[float], by: list[float]) -> float:
    """The median of the rounds' ratios, each of two values measured one after the other."""
    return median([value / other for value, other in zip(values, by, strict=True)])


class Run:
    """What all measurements share."""

    def __init__(self, folder: Path, *, quick: bool, postgresql: bool) -> None:
        self.folder, self.quick, self.postgresql = folder, quick, postgresql
        self.published, self.waiting = (300, 50) if quick else (10_000, 500)
        self.sizes = (100, 500) if quick else (100, 1_000, 10_000, 100_000)
        self.rounds = 3 if quick else 5
        self.cast = population.populate(folder / "main.db", self.published, self.waiting)
        self.url = f"sqlite:///{folder / 'main.db'}"
        self.lines: list[Line] = []
        self.notes: list[str] = []
        self.databases = ""
        self.log = folder / "servers.log"
        #: Of reviewflow, bare and thin, after the public pages.
        self.memory = (0.0, 0.0, 0.0)
        self.running: list[servers.Server] = []

    def serve(self, application: str, first: str, **environment: str) -> servers.Server:
        server = servers.start(application, first, environment, self.log)
        self.running.append(server)
        return server

    def product(self, url: str, first: str = "/healthz") -> servers.Server:
        return self.serve(
            "reviewflow", first, REVIEWFLOW_DATABASE_URL=url, REVIEWFLOW_SECRET_KEY=population.SECRET_KEY
        )

    def stop(self) -> None:
        while self.running:
            self.running.pop().stop()

    def bytes_of(self, product: servers.Server, paths: dict[str, str]) -> Path:
        """What bare and thin return: the bytes of reviewflow's own pages."""
        folder = self.folder / "bytes"
        folder.mkdir()
        browser = client.Browser(product.port)
        with sqlite3.connect(folder / "thin.db") as connection:
            connection.execute("CREATE TABLE pages (name TEXT PRIMARY KEY, title TEXT, body TEXT)")
            for name, path in paths.items():
                body = browser.ask("GET", path).body
                (folder / f"{name}.html").write_bytes(body)
                connection.execute("INSERT INTO pages VALUES (?, 'A page', ?)", (name, body.decode()))
        connection.close()
        return folder

    def in_turns(
        self,
        competitors: dict[str, tuple[servers.Server, list[str]]],
        *,
        connections: int,
        value: str,
        seconds: float = 1.0,
        cookies: dict[str, str] | None = None,
    ) -> dict[str, list[float]]:
        """A value of each, round by round: A B C, A B C, ..."""
        found: dict[str, list[float]] = {name: [] for name in competitors}
        for round_ in range(self.rounds + 1):
            for name, (server, paths) in competitors.items():
                result = client.run(
                    {
                        "kind": "read",
                        "port": server.port,
                        "paths": paths,
                        "connections": connections,
                        "seconds": seconds / 3 if self.quick else seconds,
                        "limit": 50_000,
                        "cookie": (cookies or {}).get(name, ""),
                    }
                )
                if round_:  # the first one warms up
                    found[name].append(result[value])
        return found

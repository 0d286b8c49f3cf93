"""Measure reviewflow against bare and thin Flask, and write docs/performance.md."""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import anchors, client, inside, population, servers, steps
from bench.report import Line, anchors_in, document, with_anchors
from reviewflow.gateways import clock
from tests.factories.task_forces import PASSWORD, Cast

_TARGET = servers.CHECKOUT / "docs" / "performance.md"
_DESK = f"/desk/{steps.SLUG}"
_HOME, _TABLE = f"{_DESK}/", f"{_DESK}/recommendations"


def main() -> None:
    """Take the options, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds, to try the bench")
    parser.add_argument("--postgresql", action="store_true", help="the review cycle on PostgreSQL too")
    parser.add_argument("--output", type=Path, default=_TARGET, help="where to write (docs/performance.md)")
    parser.add_argument(
        "--anchors",
        type=Path,
        help="only carry anchors through the revisions (*.jsonl.xz) in this directory, and keep all else",
    )
    options = parser.parse_args()
    if options.anchors:
        files = sorted(options.anchors.glob("*.jsonl.xz"))
        if not files:
            parser.error("--anchors: there are no revisions (*.jsonl.xz) in this directory")
        told = anchors.section([anchors.replay(file) for file in files])
        options.output.write_text(with_anchors(options.output.read_text(), told))
        _say(f"written: {options.output.name}")
        return
    # Whoever ends the bench ends its servers with it.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("ended"))
    with tempfile.TemporaryDirectory(prefix="reviewflow-bench-") as folder:
        _say("databases")
        bench = Bench(Path(folder), quick=options.quick, postgresql=options.postgresql)
        bench.measure()
    kept = anchors_in(options.output.read_text()) if options.output.exists() else ""
    measured = document(
        bench.lines, bench.notes, quick=options.quick, at=clock.now(), databases=bench.databases
    )
    options.output.write_text(with_anchors(measured, kept) if kept else measured)
    _say(f"written: {options.output.name}")


def _say(text: str) -> None:
    print(text, flush=True)


class Bench:
    """One run: its databases, its servers, and the lines that it has found."""

    def __init__(self, folder: Path, *, quick: bool, postgresql: bool) -> None:
        self.folder, self.quick, self.postgresql = folder, quick, postgresql
        self.published, self.waiting = (300, 50) if quick else (10_000, 500)
        self.sizes = (100, 500) if quick else (100, 1_000, 10_000, 100_000)
        self.rounds = 3 if quick else 5
        self.lines: list[Line] = []
        self.notes: list[str] = []
        self.databases = ""
        self.log = folder / "servers.log"
        self._running: list[servers.Server] = []

    def measure(self) -> None:
        """Everything, in the order of the table."""
        main = self.folder / "main.db"
        self.cast = population.populate(main, self.published, self.waiting)
        self.url = f"sqlite:///{main}"
        try:
            self._public()
            self._stop()
            self._cycle("SQLite", self.url, self.cast)
            if self.postgresql:
                self._cycle_on_postgresql()
            self._stop()
            self._desk()
            self._stop()
            self._cold_start()
        finally:
            self._stop()
        self._import()
        self._documents()
        self._comparison()
        self._evidence()

    # --- servers

    def _serve(self, application: str, first: str, **environment: str) -> servers.Server:
        server = servers.start(application, first, environment, self.log)
        self._running.append(server)
        return server

    def _product(self, url: str, first: str = "/healthz") -> servers.Server:
        return self._serve(
            "reviewflow", first, REVIEWFLOW_DATABASE_URL=url, REVIEWFLOW_SECRET_KEY=population.SECRET_KEY
        )

    def _stop(self) -> None:
        while self._running:
            self._running.pop().stop()

    # --- public pages

    def _public(self) -> None:
        _say("public pages")
        addresses = _publication_addresses(self.folder / "main.db", 500)
        lists = [f"/browse/page/{n}" if n > 1 else "/publications" for n in range(1, 11)]
        product = self._product(self.url, addresses[0])
        bytes_of = self._bytes(product, {"page": addresses[0], "list": lists[0]})
        bare = self._serve("bare", "/page", BENCH_BYTES=str(bytes_of))
        thin = self._serve("thin", "/page", BENCH_BYTES=str(bytes_of))
        counted = inside.pages(self.url, self.cast, {"page": addresses[0], "list": lists[0]}, "")
        for name, paths, other, goal in (
            ("page", addresses, "Wagtail 0.022 (SQLite 0.036; cached 0.57); Indico 0.006", 0.80),
            ("list", lists, "Wagtail 0.016 (cached 0.64); Indico 0.0004", 0.60),
        ):
            rates = self._in_turns(
                {
                    "bare": (bare, [f"/{name}"]),
                    "reviewflow": (product, paths),
                    "thin": (thin, [f"/{name}"]),
                },
                connections=4,
                value="rate",
            )
            share = _ratio(rates["reviewflow"], rates["bare"])
            self.lines.append(
                Line(
                    f"public {name}, share of bare",
                    f"{share:.2f} ({_median(rates['reviewflow']):,.0f}/s)",
                    f"1 ({_median(rates['bare']):,.0f}/s)",
                    f"{_ratio(rates['thin'], rates['bare']):.2f} ({_median(rates['thin']):,.0f}/s)",
                    other,
                    f">= {goal:.2f}",
                    share >= goal,
                )
            )
        alone = self._in_turns(
            {"bare": (bare, ["/page"]), "reviewflow": (product, addresses), "thin": (thin, ["/page"])},
            connections=1,
            value="p50",
            seconds=0.5,
        )
        statements, kilobytes = counted["page"]
        time = _median(alone["reviewflow"])
        self.lines.append(
            Line(
                "public page alone",
                f"{time:.2f} ms, {statements} SQL, {kilobytes:.0f} KB",
                f"{_median(alone['bare']):.2f} ms, 0 SQL",
                f"{_median(alone['thin']):.2f} ms, 1 SQL",
                "20 ms, 10; 56 ms, 23",
                "<= 2 ms, 1 SQL",
                time <= 2 and statements <= 1,
            )
        )
        self._search(product)
        self.memory = (product.memory(), bare.memory(), thin.memory())
        self.notes.append(
            f"Public pages: {len(addresses)} different publications of {self.published:,}, and {len(lists)}"
            f" pages of the list ({counted['list'][0]} SQL once it is made), over 4 connections,"
            f" {self.rounds} rounds of one second each after one to warm up."
        )

    def _search(self, product: servers.Server) -> None:
        """A search that finds one text, and the worst one: a word that every text has."""
        paths = {"one": f"/search?q=numbered+{self.published // 2 + 1000}", "all": "/search?q=timetable"}
        counted = inside.pages(self.url, self.cast, paths, "")
        times = self._in_turns(
            {name: (product, [path]) for name, path in paths.items()}, connections=1, value="p50", seconds=0.5
        )
        one, every = _median(times["one"]), _median(times["all"])
        statements = max(count for count, _ in counted.values())
        self.lines.append(
            Line(
                f"search of {self.published:,} texts, SQLite: one hit; all hits",
                f"{one:.1f} ms; {every:.1f} ms; {statements} SQL",
                goal="<= 15 ms, <= 4 SQL",
                met=max(one, every) <= 15 and statements <= 4,
            )
        )

    def _bytes(self, product: servers.Server, paths: dict[str, str]) -> Path:
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

    def _in_turns(
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

    # --- the review cycle

    def _cycle(self, database: str, url: str, cast: Cast, server: str = "") -> None:
        _say(f"review cycle on {database}")
        counts = inside.cycle_statements(url, cast)
        product = self._product(url)
        job = {
            "kind": "cycles",
            "port": product.port,
            "password": PASSWORD,
            "home": f"{_DESK}/help",
            "people": {name: cast.emails[name] for name in steps.PEOPLE},
            "steps": [
                {"name": s.name, "who": s.who, "path": steps.path_of(s), "form": s.form} for s in steps.STEPS
            ],
            "limit": 200,
        }
        # Half a round to warm up, then one at a time and four in turns.
        client.run({**job, "clients": 1, "seconds": 1})
        alone, four = [], []
        for _ in range(2 if self.quick else 3):
            alone.append(client.run({**job, "clients": 1, "seconds": 1.5 if self.quick else 3}))
            four.append(client.run({**job, "clients": 4, "seconds": 1.5 if self.quick else 3}))
        rates = _median([r["rate"] for r in alone]), _median([r["rate"] for r in four])
        total = sum(counts.values())
        on = f", {database}"
        self.lines.append(
            Line(
                f"review cycles per second, one at a time / four{on}",
                f"{rates[0]:.1f} / {rates[1]:.1f}",
                others="0.60 / 1.41; 0.39 / 0.74",
                goal=">= 12 / >= 25",
                met=rates[0] >= 12 and rates[1] >= 25,
            )
        )
        self.lines.append(
            Line(
                f"the cycle's SQL statements{on}",
                str(total),
                others="908; 253",
                goal="<= 80",
                met=total <= 80,
            )
        )
        p95 = _median([r["all"]["p95"] for r in four])
        slowest = max(_median([r["steps"][s.name]["p50"] for r in alone]) for s in steps.STEPS)
        self.lines.append(
            Line(
                f"each POST of the procedure{on}: slowest p50 alone; p95 of all at four",
                f"{slowest:.1f} ms; {p95:.1f} ms",
                others="72-156 ms; 55-110 ms",
                goal="p50 <= 8 ms; p95 <= 20 ms at four",
                met=slowest <= 8 and p95 <= 20,
            )
        )
        for step in steps.STEPS:
            one, many = ([r["steps"][step.name] for r in runs] for runs in (alone, four))
            self.lines.append(
                Line(
                    f"&nbsp;&nbsp;{step.name}{on}: p50 / p95 alone; at four",
                    f"{_median([r['p50'] for r in one]):.1f} / {_median([r['p95'] for r in one]):.1f} ms;"
                    f" {_median([r['p50'] for r in many]):.1f} / {_median([r['p95'] for r in many]):.1f} ms;"
                    f" {counts[step.name]} SQL",
                )
            )
        self.notes.append(
            f"Review cycle on {database}: {len(steps.STEPS)} forms over HTTP ({', '.join(counts)}), a"
            " counterpart group of a lead and two experts, each form by who may send it, signed in before."
            " Statements are counted in all layers, who is signed in included; begin and commit are not"
            " counted, and rows written together are one."
        )

    def _cycle_on_postgresql(self) -> None:
        import psycopg

        from tests.support.postgres import drop_postgres, postgres_url

        url = postgres_url()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            found = connection.execute("SHOW server_version").fetchone()
            self.databases = f"PostgreSQL {found[0] if found else ''}, "
        self._stop()
        self._cycle("PostgreSQL", url, population.create(url))
        self._stop()
        drop_postgres(url)
        self.notes.append("PostgreSQL runs without waiting for the disk, as in the tests.")

    # --- members' pages

    def _desk(self) -> None:
        """The same pages at every size, in turns."""
        _say("members' pages")
        running: dict[int, tuple[servers.Server, str]] = {}
        counted: dict[int, dict[str, tuple[int, float]]] = {}
        for size in self.sizes:
            path = self.folder / f"waiting-{size}.db"
            cast = population.populate(path, 0, size)
            url = f"sqlite:///{path}"
            counted[size] = inside.pages(url, cast, {"home": _HOME, "table": _TABLE}, steps.LEAD)
            server = self._product(url)
            email = cast.emails[steps.LEAD]
            running[size] = server, client.sign_in(server.port, email, PASSWORD, f"{_DESK}/help").cookie
        url, cast = self.url, self.cast
        counted[0] = inside.pages(url, cast, {"table": _TABLE, "all": f"{_TABLE}?state=all"}, steps.LEAD)
        server = self._product(url)
        email = cast.emails[steps.LEAD]
        running[0] = server, client.sign_in(server.port, email, PASSWORD, f"{_DESK}/help").cookie
        cookies = {str(size): cookie for size, (_, cookie) in running.items()}
        times = {}
        for name, path in (("home", _HOME), ("table", _TABLE)):
            among = {str(s): (server, [path]) for s, (server, _) in running.items() if s}
            times[name] = self._in_turns(among, connections=1, value="p50", seconds=0.6, cookies=cookies)
        smallest, largest = str(self.sizes[0]), str(self.sizes[-1])
        for name, what, others, limits in (
            ("home", "“waiting for you”", "61-1,176 ms, 28-274 SQL, 1.2 MB; 184-1,092 ms, 6 MB", (10, 8, 60)),
            ("table", "status table", "371 ms, 142 SQL; 1,292 ms, 7 MB", (15, 10, 0)),
        ):
            most_ms, most_sql, most_kb = limits
            for size in self.sizes:
                milliseconds = _median(times[name][str(size)])
                statements, kilobytes = counted[size][name]
                good = milliseconds <= most_ms and statements <= most_sql
                self.lines.append(
                    Line(
                        f"{what} at {size:,} items",
                        f"{milliseconds:.1f} ms, {statements} SQL, {kilobytes:.0f} KB",
                        others=others,
                        goal=f"<= {most_ms} ms, <= {most_sql} SQL"
                        + (f", <= {most_kb} KB" if most_kb else ""),
                        met=good and (not most_kb or kilobytes <= most_kb),
                    )
                )
            growth = _ratio(times[name][largest], times[name][smallest])
            self.lines.append(
                Line(
                    f"{what}: time at {self.sizes[-1]:,} items by time at {self.sizes[0]:,}",
                    f"{growth:.2f}",
                    goal="<= 1.3" if name == "home" else "",
                    met=growth <= 1.3 if name == "home" else None,
                )
            )
        every = self._in_turns(
            {"0": (running[0][0], [f"{_TABLE}?state=all"])},
            connections=1,
            value="p50",
            seconds=0.6,
            cookies=cookies,
        )
        milliseconds, (statements, kilobytes) = _median(every["0"]), counted[0]["all"]
        self.lines.append(
            Line(
                f"status table of all {self.published + self.waiting:,} items, finished ones too",
                f"{milliseconds:.1f} ms, {statements} SQL, {kilobytes:.0f} KB",
                others="371 ms, 142 SQL; 1,292 ms, 7 MB",
                goal="<= 15 ms, <= 10 SQL",
                met=milliseconds <= 15 and statements <= 10,
            )
        )
        after = running[0][0].memory()
        self.lines.append(
            Line(
                "memory of parent and 2 workers after load (PSS): public pages / members' pages",
                f"{self.memory[0]:.0f} / {after:.0f} MB",
                f"{self.memory[1]:.0f} MB",
                f"{self.memory[2]:.0f} MB",
                "195 MB; 392 MB",
                "<= 100 MB",
                max(self.memory[0], after) <= 100,
            )
        )
        self.notes.append(
            "Members' pages: a lead of the counterpart group for whom every item waits (a position to state),"
            " one connection, median; the first page of the list. One server for each size, measured in"
            " turns."
        )

    # --- the rest

    def _cold_start(self) -> None:
        _say("cold start")
        first = _publication_addresses(self.folder / "main.db", 1)[0]
        bytes_of = str(self.folder / "bytes")
        found: dict[str, list[float]] = {"reviewflow": [], "bare": [], "thin": []}
        for _ in range(3 if self.quick else 5):
            found["reviewflow"].append(self._product(self.url, first).seconds_to_first_page)
            self._stop()
            for name in ("bare", "thin"):
                found[name].append(self._serve(name, "/page", BENCH_BYTES=bytes_of).seconds_to_first_page)
                self._stop()
        seconds = {name: _median(values) for name, values in found.items()}
        self.lines.append(
            Line(
                "cold start to the first public page",
                f"{seconds['reviewflow']:.2f} s ({seconds['reviewflow'] / seconds['bare']:.1f} times bare)",
                f"{seconds['bare']:.2f} s",
                f"{seconds['thin']:.2f} s",
                "2.4 s; 4.0 s",
                "<= 0.8 s",
                seconds["reviewflow"] <= 0.8,
            )
        )

    def _documents(self) -> None:
        """In a process of its own, as the worker is one."""
        _say("documents")
        ran = subprocess.run(
            [sys.executable, "-m", "bench.documents"],
            cwd=servers.CHECKOUT,
            check=True,
            capture_output=True,
            text=True,
        )
        found = json.loads(ran.stdout)
        self.lines.append(
            Line(
                "documents of publications (six formats each) a second; memory of the maker",
                f"{found['rate']:.1f}; {found['everyday']:.0f} MB",
            )
        )
        self.lines.append(
            Line(
                f"PDF of {found['pages']} pages; memory after five of them",
                f"{found['seconds']:.2f} s; {found['peak']:.0f} MB",
                goal="100 pages in 3 s",
                met=found["seconds"] * 100 / found["pages"] <= 3,
            )
        )

    def _import(self) -> None:
        _say("import")
        rows = 500 if self.quick else 5_000
        rate = inside.import_rate(self.folder, rows)
        self.lines.append(
            Line(
                f"bulk import through the model ({rows:,} rows)",
                f"{rate:,.0f} rows/s",
                others="8-16 items/s; 8 items/s",
                goal=">= 500/s",
                met=rate >= 500,
            )
        )

    def _comparison(self) -> None:
        _say("comparison of texts")
        for name, milliseconds in inside.comparisons().items():
            self.lines.append(
                Line(
                    f"word by word comparison of two texts of 100 KB, {name}",
                    f"{milliseconds:.0f} ms",
                    goal="<= 100 ms",
                    met=milliseconds <= 100,
                )
            )

    def _evidence(self) -> None:
        _say("evidence")
        making, verifying = inside.evidence(self.folder, 5 if self.quick else 50)
        for what, milliseconds in (("make", making), ("verify", verifying)):
            self.lines.append(Line(f"{what} an evidence pack with its documents", f"{milliseconds:.0f} ms"))


def _publication_addresses(database: Path, count: int) -> list[str]:
    """Addresses spread evenly over all publications."""
    with sqlite3.connect(database) as connection:
        slugs = [row[0] for row in connection.execute("SELECT slug FROM publications ORDER BY id")]
    connection.close()
    return [f"/publications/{slug}" for slug in slugs[:: max(1, len(slugs) // count)][:count]]


_median: Callable[[list[float]], float] = statistics.median


def _ratio(values: list[float], by: list[float]) -> float:
    """The median of the rounds' ratios, each of two values measured one after the other."""
    return _median([value / other for value, other in zip(values, by, strict=True)])


if __name__ == "__main__":
    main()

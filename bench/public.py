"""What readers meet: public pages, lists, feeds and searches, and the start of a server."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from bench import client, inside, population, servers
from bench.report import Line
from bench.run import Run, median, ratio, say


def pages(run: Run) -> None:
    """Pages, lists and feeds, against bare and thin Flask and files; and searches."""
    say("public pages")
    addresses = _publication_addresses(run.folder / "main.db", 500)
    lists = [f"/browse/page/{n}" if n > 1 else "/publications" for n in range(1, 11)]
    product = run.product(run.url, addresses[0])
    first = {"page": addresses[0], "list": lists[0], "feed": "/feed.atom"}
    bytes_of = run.bytes_of(product, first)
    bare = run.serve("bare", "/page", BENCH_BYTES=str(bytes_of))
    thin = run.serve("thin", "/page", BENCH_BYTES=str(bytes_of))
    nginx = _nginx(run, product, [*addresses, *lists, "/feed.atom"])
    counted = inside.pages(run.url, run.cast, first, "")
    for name, paths, other, goal in (
        ("page", addresses, "Wagtail 0.022 (SQLite 0.036; cached 0.57); Indico 0.006", 0.80),
        ("list", lists, "Wagtail 0.016 (cached 0.64); Indico 0.0004", 0.60),
        ("feed", ["/feed.atom"], "", 0.60),
    ):
        competitors = {
            "bare": (bare, [f"/{name}"]),
            "reviewflow": (product, paths),
            "thin": (thin, [f"/{name}"]),
        }
        if nginx:
            as_files = paths if name == "feed" else [f"{path}/" for path in paths]
            competitors["nginx"] = (nginx, as_files)
        rates = run.in_turns(competitors, connections=4, value="rate")
        share = ratio(rates["reviewflow"], rates["bare"])
        run.lines.append(
            Line(
                f"public {name}, share of bare",
                f"{share:.2f} ({median(rates['reviewflow']):,.0f}/s)",
                f"1 ({median(rates['bare']):,.0f}/s)",
                f"{ratio(rates['thin'], rates['bare']):.2f} ({median(rates['thin']):,.0f}/s)",
                other,
                f">= {goal:.2f}" if other else "",
                share >= goal if other else None,
            )
        )
        if nginx:
            run.lines.append(
                Line(
                    f"the same {name} as an exported file under nginx, share of bare",
                    f"{ratio(rates['nginx'], rates['bare']):.2f} ({median(rates['nginx']):,.0f}/s)",
                )
            )
    alone = run.in_turns(
        {"bare": (bare, ["/page"]), "reviewflow": (product, addresses), "thin": (thin, ["/page"])},
        connections=1,
        value="p50",
        seconds=0.5,
    )
    statements, kilobytes = counted["page"]
    time = median(alone["reviewflow"])
    run.lines.append(
        Line(
            "public page alone",
            f"{time:.2f} ms, {statements} SQL, {kilobytes:.0f} KB",
            f"{median(alone['bare']):.2f} ms, 0 SQL",
            f"{median(alone['thin']):.2f} ms, 1 SQL",
            "20 ms, 10; 56 ms, 23",
            "<= 2 ms, 1 SQL",
            time <= 2 and statements <= 1,
        )
    )
    run.memory = (product.memory(), bare.memory(), thin.memory())
    run.notes.append(
        f"Public pages: {len(addresses)} different publications of {run.published:,}, and {len(lists)}"
        f" pages of the list ({counted['list'][0]} SQL once it is made), over 4 connections,"
        f" {run.rounds} rounds of one second each after one to warm up."
    )


def _nginx(run: Run, product: servers.Server, addresses: list[str]) -> servers.Server | None:
    """nginx before files as `reviewflow export-site` writes them; None where it is not installed."""
    program = shutil.which("nginx")
    if program is None:
        run.notes.append("nginx is not installed, so exported files were not measured.")
        return None
    root = run.folder / "exported"
    browser = client.Browser(product.port)
    for address in addresses:
        place = root / address[1:]
        place = place if place.suffix == ".atom" else place / "index.html"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(browser.ask("GET", address).body)
    run.notes.append(
        "nginx has as many processes as the others and keeps no log. Far above bare it is the client that"
        " limits it."
    )
    server = servers.serve_files(program, root, "/feed.atom", run.folder)
    run.running.append(server)
    return server


def search(run: Run) -> None:
    """A search that finds one text, and the worst one: a word that every text has."""
    say("search")
    for size in sorted({run.published, 300 if run.quick else 100_000}):
        url, cast = run.url, run.cast
        if size != run.published:
            path = run.folder / f"published-{size}.db"
            url, cast = f"sqlite:///{path}", population.populate(path, size, 0)
        paths = {"one": f"/search?q=numbered+{size // 2 + 1000}", "all": "/search?q=timetable"}
        counted = inside.pages(url, cast, paths, "")
        product = run.product(url)
        times = run.in_turns(
            {name: (product, [path]) for name, path in paths.items()},
            connections=1,
            value="p50",
            seconds=0.5,
        )
        statements = max(count for count, _ in counted.values())
        for name, what in {"one": "one hit", "all": "every text is a hit"}.items():
            milliseconds = median(times[name])
            run.lines.append(
                Line(
                    f"search of {size:,} texts, SQLite: {what}",
                    f"{milliseconds:.1f} ms; {statements} SQL",
                    others="305 ms (SQLite 2,325)" if size == run.published else "",
                    goal="<= 15 ms, <= 4 SQL" if size == run.published else "",
                    met=milliseconds <= 15 and statements <= 4 if size == run.published else None,
                    why="The database orders all to find the newest." if name == "all" else "",
                )
            )


def cold_start(run: Run) -> None:
    """From starting the server to its first page."""
    say("cold start")
    first = _publication_addresses(run.folder / "main.db", 1)[0]
    bytes_of = str(run.folder / "bytes")
    found: dict[str, list[float]] = {"reviewflow": [], "bare": [], "thin": []}
    for _ in range(3 if run.quick else 5):
        found["reviewflow"].append(run.product(run.url, first).seconds_to_first_page)
        run.stop()
        for name in ("bare", "thin"):
            found[name].append(run.serve(name, "/page", BENCH_BYTES=bytes_of).seconds_to_first_page)
            run.stop()
    seconds = {name: median(values) for name, values in found.items()}
    run.lines.append(
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


def _publication_addresses(database: Path, count: int) -> list[str]:
    """Addresses spread evenly over all publications."""
    with sqlite3.connect(database) as connection:
        slugs = [row[0] for row in connection.execute("SELECT slug FROM publications ORDER BY id")]
    connection.close()
    return [f"/publications/{slug}" for slug in slugs[:: max(1, len(slugs) // count)][:count]]

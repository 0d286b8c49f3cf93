"""What members meet: the review cycle, the list of what waits for them, the status table."""

from __future__ import annotations

from bench import client, inside, population, servers, steps
from bench.report import Line
from bench.run import DESK, Run, median, ratio, say
from tests.factories.task_forces import PASSWORD, Cast

_WHY_POSTS = (
    "Publishing also renders the text and its page, in the same transaction, so that no reader ever waits for"
    " it. The forms of four people are written one after the other (SQLite has one writer), on cores that"
    " they share with the one who measures."
)
_WHY_MEMORY = (
    "The workers begin with what the parent has loaded, but Python counts references within each object, so"
    " each soon has its own copy of what it touches: of Flask, SQLAlchemy and the house about as much each."
)
_HOME, _TABLE = f"{DESK}/", f"{DESK}/recommendations"


def cycles(run: Run) -> None:
    """The review cycle on both databases."""
    _cycle(run, "SQLite", run.url, run.cast)
    if run.postgresql:
        _cycle_on_postgresql(run)


def _cycle(run: Run, database: str, url: str, cast: Cast, server: str = "") -> None:
    say(f"review cycle on {database}")
    counts = inside.cycle_statements(url, cast)
    product = run.product(url)
    job = {
        "kind": "cycles",
        "port": product.port,
        "password": PASSWORD,
        "home": f"{DESK}/help",
        "people": {name: cast.emails[name] for name in steps.PEOPLE},
        "steps": [
            {"name": s.name, "who": s.who, "path": steps.path_of(s), "form": s.form} for s in steps.STEPS
        ],
        "limit": 200,
    }
    # Half a round to warm up, then one at a time and four in turns.
    client.run({**job, "clients": 1, "seconds": 1})
    alone, four = [], []
    for _ in range(2 if run.quick else 3):
        alone.append(client.run({**job, "clients": 1, "seconds": 1.5 if run.quick else 3}))
        four.append(client.run({**job, "clients": 4, "seconds": 1.5 if run.quick else 3}))
    rates = median([r["rate"] for r in alone]), median([r["rate"] for r in four])
    total = sum(counts.values())
    on = f", {database}"
    run.lines.append(
        Line(
            f"review cycles per second, one at a time / four{on}",
            f"{rates[0]:.1f} / {rates[1]:.1f}",
            others="0.60 / 1.41; 0.39 / 0.74",
            goal=">= 12 / >= 25",
            met=rates[0] >= 12 and rates[1] >= 25,
        )
    )
    run.lines.append(
        Line(
            f"the cycle's SQL statements{on}",
            str(total),
            others="908; 253",
            goal="<= 80",
            met=total <= 80,
        )
    )
    p95 = median([r["all"]["p95"] for r in four])
    slowest = max(median([r["steps"][s.name]["p50"] for r in alone]) for s in steps.STEPS)
    run.lines.append(
        Line(
            f"each POST of the procedure{on}: slowest p50 alone; p95 of all at four",
            f"{slowest:.1f} ms; {p95:.1f} ms",
            others="72-156 ms; 55-110 ms",
            goal="p50 <= 8 ms; p95 <= 20 ms at four",
            met=slowest <= 8 and p95 <= 20,
            why=_WHY_POSTS,
        )
    )
    for step in steps.STEPS:
        one, many = ([r["steps"][step.name] for r in runs] for runs in (alone, four))
        run.lines.append(
            Line(
                f"&nbsp;&nbsp;{step.name}{on}: p50 / p95 alone; at four",
                f"{median([r['p50'] for r in one]):.1f} / {median([r['p95'] for r in one]):.1f} ms;"
                f" {median([r['p50'] for r in many]):.1f} / {median([r['p95'] for r in many]):.1f} ms;"
                f" {counts[step.name]} SQL",
            )
        )
    run.notes.append(
        f"Review cycle on {database}: {len(steps.STEPS)} forms over HTTP ({', '.join(counts)}), a"
        " counterpart group of a lead and two experts, each form by who may send it, signed in before."
        " Statements are counted in all layers, who is signed in included; begin and commit are not"
        " counted, and rows written together are one."
    )


def _cycle_on_postgresql(run: Run) -> None:
    import psycopg

    from tests.support.postgres import drop_postgres, postgres_url

    url = postgres_url()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SHOW server_version").fetchone()
        run.databases = f"PostgreSQL {found[0] if found else ''}, "
    run.stop()
    _cycle(run, "PostgreSQL", url, population.create(url))
    run.stop()
    drop_postgres(url)
    run.notes.append("PostgreSQL runs without waiting for the disk, as in the tests.")


def desk(run: Run) -> None:
    """The same pages at every size, in turns."""
    say("members' pages")
    running: dict[int, tuple[servers.Server, str]] = {}
    counted: dict[int, dict[str, tuple[int, float]]] = {}
    for size in run.sizes:
        path = run.folder / f"waiting-{size}.db"
        cast = population.populate(path, 0, size)
        url = f"sqlite:///{path}"
        counted[size] = inside.pages(url, cast, {"home": _HOME, "table": _TABLE}, steps.LEAD)
        server = run.product(url)
        email = cast.emails[steps.LEAD]
        running[size] = server, client.sign_in(server.port, email, PASSWORD, f"{DESK}/help").cookie
    url, cast = run.url, run.cast
    counted[0] = inside.pages(url, cast, {"table": _TABLE, "all": f"{_TABLE}?state=all"}, steps.LEAD)
    server = run.product(url)
    email = cast.emails[steps.LEAD]
    running[0] = server, client.sign_in(server.port, email, PASSWORD, f"{DESK}/help").cookie
    cookies = {str(size): cookie for size, (_, cookie) in running.items()}
    times = {}
    for name, path in (("home", _HOME), ("table", _TABLE)):
        among = {str(s): (server, [path]) for s, (server, _) in running.items() if s}
        times[name] = run.in_turns(among, connections=1, value="p50", seconds=0.6, cookies=cookies)
    smallest, largest = str(run.sizes[0]), str(run.sizes[-1])
    for name, what, others, limits in (
        ("home", "“waiting for you”", "61-1,176 ms, 28-274 SQL, 1.2 MB; 184-1,092 ms, 6 MB", (10, 8, 60)),
        ("table", "status table", "371 ms, 142 SQL; 1,292 ms, 7 MB", (15, 10, 0)),
    ):
        most_ms, most_sql, most_kb = limits
        for size in run.sizes:
            milliseconds = median(times[name][str(size)])
            statements, kilobytes = counted[size][name]
            good = milliseconds <= most_ms and statements <= most_sql
            run.lines.append(
                Line(
                    f"{what} at {size:,} items",
                    f"{milliseconds:.1f} ms, {statements} SQL, {kilobytes:.0f} KB",
                    others=others,
                    goal=f"<= {most_ms} ms, <= {most_sql} SQL" + (f", <= {most_kb} KB" if most_kb else ""),
                    met=good and (not most_kb or kilobytes <= most_kb),
                )
            )
        growth = ratio(times[name][largest], times[name][smallest])
        run.lines.append(
            Line(
                f"{what}: time at {run.sizes[-1]:,} items by time at {run.sizes[0]:,}",
                f"{growth:.2f}",
                goal="<= 1.3" if name == "home" else "",
                met=growth <= 1.3 if name == "home" else None,
            )
        )
    every = run.in_turns(
        {"0": (running[0][0], [f"{_TABLE}?state=all"])},
        connections=1,
        value="p50",
        seconds=0.6,
        cookies=cookies,
    )
    milliseconds, (statements, kilobytes) = median(every["0"]), counted[0]["all"]
    run.lines.append(
        Line(
            f"status table of all {run.published + run.waiting:,} items, finished ones too",
            f"{milliseconds:.1f} ms, {statements} SQL, {kilobytes:.0f} KB",
            others="371 ms, 142 SQL; 1,292 ms, 7 MB",
            goal="<= 15 ms, <= 10 SQL",
            met=milliseconds <= 15 and statements <= 10,
        )
    )
    after = running[0][0].memory()
    run.lines.append(
        Line(
            "memory of parent and 2 workers after load (PSS): public pages / members' pages",
            f"{run.memory[0]:.0f} / {after:.0f} MB",
            f"{run.memory[1]:.0f} MB",
            f"{run.memory[2]:.0f} MB",
            "195 MB; 392 MB",
            "<= 100 MB",
            max(run.memory[0], after) <= 100,
            _WHY_MEMORY,
        )
    )
    run.notes.append(
        "Members' pages: a lead of the counterpart group for whom every item waits (a position to state),"
        " one connection, median; the first page of the list. One server for each size, measured in"
        " turns."
    )

"""What runs beside the pages: imports, comparisons of texts, documents, evidence."""

from __future__ import annotations

import json
import subprocess
import sys

from bench import inside, servers
from bench.report import Line
from bench.run import Run, say


def documents(run: Run) -> None:
    """In a process of its own, as the worker is one."""
    say("documents")
    ran = subprocess.run(
        [sys.executable, "-m", "bench.documents"],
        cwd=servers.CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(ran.stdout)
    run.lines.append(
        Line(
            "documents of publications (six formats and a picture each) a second; memory of the maker",
            f"{found['rate']:.1f}; {found['everyday']:.0f} MB",
        )
    )
    run.lines.append(
        Line(
            f"PDF of {found['pages']} pages; memory after five of them",
            f"{found['seconds']:.2f} s; {found['peak']:.0f} MB",
            goal="100 pages in 3 s",
            met=found["seconds"] * 100 / found["pages"] <= 3,
        )
    )


def imports(run: Run) -> None:
    say("import")
    rows = 500 if run.quick else 5_000
    rate = inside.import_rate(run.folder, rows)
    run.lines.append(
        Line(
            f"bulk import through the model ({rows:,} rows)",
            f"{rate:,.0f} rows/s",
            others="8-16 items/s; 8 items/s",
            goal=">= 500/s",
            met=rate >= 500,
        )
    )


def comparison(run: Run) -> None:
    say("comparison of texts")
    for name, milliseconds in inside.comparisons().items():
        run.lines.append(
            Line(
                f"word by word comparison of two texts of 100 KB, {name}",
                f"{milliseconds:.0f} ms",
                goal="<= 100 ms",
                met=milliseconds <= 100,
            )
        )


def evidence(run: Run) -> None:
    say("evidence")
    making, verifying = inside.evidence(run.folder, 5 if run.quick else 50)
    for what, milliseconds in (("make", making), ("verify", verifying)):
        run.lines.append(Line(f"{what} an evidence pack with its documents", f"{milliseconds:.0f} ms"))

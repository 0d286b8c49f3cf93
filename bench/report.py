"""The document: docs/performance.md, with the goal beside each figure."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

#: Where the figures of the others and the goals come from; the goals are twenty times better, or the limit.
_HEAD = """# Performance

Written by `make bench`; do not edit it by hand.

{conditions}

Absolute times vary by half from minute to minute on such a machine, because other processes share the
cores and client and server share them too. **Only ratios from one run count**: what is compared (reviewflow,
bare, thin; 100 and 100,000 items) was measured in turns within seconds, and each ratio is the median over
the rounds. A goal in milliseconds or per second that is met here is met with everything else running;
one that is missed is called missed.

- *bare* is a Flask view that returns the same bytes from memory, under the same server: the most that
  Flask gives. (reviewflow answers with stored pages before Flask begins, and so can be above 1.)
- *thin* reads one row from SQLite and puts one Jinja page around it: what a small application does.
- The server is the one of `make run`: granian, {workers} workers with {threads} threads.
- The others are Wagtail 8.0 (workflow and moderation) and Indico 3.2 (abstracts and reviewing), measured
  before on such a machine with 10,000 published and 500 waiting items (Indico 1,000 and 50), under
  gunicorn with 2 workers on PostgreSQL 15.

"""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table. `met` is None where there is no goal; `why` says what a goal is missed for."""

    what: str
    measured: str
    bare: str = ""
    thin: str = ""
    others: str = ""
    goal: str = ""
    met: bool | None = None
    why: str = ""


def document(lines: list[Line], notes: list[str], *, quick: bool, at: datetime, databases: str) -> str:
    """The whole document."""
    from bench.servers import THREADS, WORKERS

    conditions = (
        f"{at:%d %B %Y}, Python {platform.python_version()} ({_build()}), SQLite {sqlite3.sqlite_version},"
        f" {databases}"
        f"{os.cpu_count()} CPUs, Flask {version('flask')}, SQLAlchemy {version('sqlalchemy')},"
        f" granian {version('granian')}. Load average of the machine at the end of the run:"
        f" {os.getloadavg()[1]:.0f} (over five minutes; above {os.cpu_count()} means that others worked too)."
    )
    if quick:
        conditions += " **A quick run with small sizes: the goals are not judged by it.**"
    text = _HEAD.format(conditions=conditions, workers=WORKERS, threads=THREADS)
    text += "| what | reviewflow | bare | thin | Wagtail; Indico | goal | |\n|---|---|---|---|---|---|---|\n"
    for line in lines:
        verdict = "" if line.met is None or quick else "met" if line.met else "**not met**"
        cells = (line.what, line.measured, line.bare, line.thin, line.others, line.goal, verdict)
        text += "| " + " | ".join(cells) + " |\n"
    missed = [f"{line.what}. {line.why}".rstrip() for line in lines if line.met is False]
    if not quick:
        text += "\n## What is missed\n\n"
        text += "".join(f"- {what}\n" for what in missed) if missed else "Nothing.\n"
    text += "\n## How it was measured\n\n" + "".join(f"- {note}\n" for note in notes)
    return text


def _build() -> str:
    """Whose Python it is: one that was built here without all optimisations is slower."""
    return "the system's own" if sys.base_prefix == "/usr" else "not the system's"


_ANCHORS = "\n## Anchors in real revisions\n\n"


def anchors_in(text: str) -> str:
    """What a document says about anchors, which a run of its own measures; empty if it says nothing."""
    return text.partition(_ANCHORS)[2]


def with_anchors(text: str, told: str) -> str:
    """The document with this about anchors, as its last part."""
    return text.partition(_ANCHORS)[0] + _ANCHORS + told

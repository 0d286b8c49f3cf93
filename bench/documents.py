"""How fast documents are made, and what the process that makes them weighs; run for itself, alone."""

from __future__ import annotations

import io
import json
import re
import statistics
import time
from pathlib import Path

import pikepdf

from bench import steps
from reviewflow.gateways.documents.formats import MAKERS, documents_of
from tests.factories.papers import paper

#: So many paragraphs of five sentences fill a hundred pages.
_PARAGRAPHS = 320
_ROUNDS = 5


def _most_memory() -> float:
    """The most memory that this process has had, in MB; `getrusage` tells of who started it too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) / 1024


def measure() -> dict[str, float]:
    """Publications a second with all their documents; seconds for a hundred pages; megabytes after each."""
    # The first one loads fonts, as a worker does once.
    list(documents_of(paper(steps.TEXT)))
    began = time.perf_counter()
    for number in range(_ROUNDS * 4):
        list(documents_of(paper(f"{steps.TEXT}\n\n99. Number {number}.")))
    each = (time.perf_counter() - began) / (_ROUNDS * 4)
    everyday = _most_memory()
    sentence = steps.TEXT.partition(" ")[2].partition("\n")[0]
    seconds = []
    for round_ in range(_ROUNDS):
        numbered = (f"{n}. " + f"{sentence} ({round_}.{n}) " * 5 for n in range(1, _PARAGRAPHS + 1))
        began = time.perf_counter()
        made = MAKERS["pdf"][1](paper("\n\n".join(numbered)))
        seconds.append(time.perf_counter() - began)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        pages = len(pdf.pages)
    peak = _most_memory()
    return {
        "rate": 1 / each,
        "everyday": everyday,
        "pages": pages,
        "seconds": statistics.median(seconds),
        "peak": peak,
    }


if __name__ == "__main__":
    print(json.dumps(measure()))

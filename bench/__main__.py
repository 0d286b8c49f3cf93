"""Measure reviewflow against bare and thin Flask, and write docs/performance.md."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import anchors, members, negotiation, public, servers, work
from bench.report import anchors_in, document, with_anchors
from bench.run import Run, say
from reviewflow.gateways import clock

_TARGET = servers.CHECKOUT / "docs" / "performance.md"


#: Everything, in the order of the table.
_IN_ORDER: tuple[Callable[[Run], None], ...] = (
    public.pages,
    public.search,
    members.cycles,
    members.desk,
    negotiation.page,
    public.cold_start,
    work.imports,
    work.documents,
    work.comparison,
    work.evidence,
)


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
        say(f"written: {options.output.name}")
        return
    # Whoever ends the bench ends its servers with it.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit("ended"))
    with tempfile.TemporaryDirectory(prefix="reviewflow-bench-") as folder:
        say("databases")
        run = Run(Path(folder), quick=options.quick, postgresql=options.postgresql)
        try:
            for measure in _IN_ORDER:
                measure(run)
                run.stop()
        finally:
            run.stop()
    kept = anchors_in(options.output.read_text()) if options.output.exists() else ""
    measured = document(run.lines, run.notes, quick=options.quick, at=clock.now(), databases=run.databases)
    options.output.write_text(with_anchors(measured, kept) if kept else measured)
    say(f"written: {options.output.name}")


if __name__ == "__main__":
    main()

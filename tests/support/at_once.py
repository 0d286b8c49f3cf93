"""Several acts in the same instant."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from operator import attrgetter

from flask import Flask

from reviewflow.domain.errors import Refusal


def at_once(
    app: Flask, *acts: Callable[[], object], told: Callable[[Refusal], str] = attrgetter("code")
) -> Counter[str]:
    """How acts end that begin together, each in a thread and a connection of its own.

    `done`, or what `told` says of the refusal; an act that fails otherwise is not in the count.
    """
    start, ended = threading.Barrier(len(acts)), list[str]()

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
            except Refusal as refusal:
                ended.append(told(refusal))
            else:
                ended.append("done")

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(ended)

"""The work that no request does: what the clock decided is recorded, also after the server was down."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from flask import Flask

from reviewflow.persistence.db import db
from reviewflow.services import silence

log = logging.getLogger(__name__)

#: Seconds between two looks at the clock. Nothing is decided by it: an act after the instant is refused
#: whether or not the expiry has been recorded.
EVERY = 5.0


def run(app: Flask) -> None:
    """Record what falls due until the process is asked to end (SIGTERM or SIGINT)."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while True:
        look(app)
        if ended.wait(EVERY):
            return


def look(app: Flask) -> int:
    """Record what is due now, and return how much it was; a database that does not answer is tried again."""
    with app.app_context():
        try:
            recorded = silence.expire_due()
        except Exception:
            log.exception("could not record what is due; trying again in %s seconds", EVERY)
            return 0
        finally:
            db.session.remove()
    return recorded

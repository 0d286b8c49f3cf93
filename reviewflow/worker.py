"""The work that no request does: what the clock decides, documents and evidence, mail."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from flask import Flask

from config import DEVELOPMENT_SIGNING_KEY, HOW_TO_MAKE_A_SIGNING_KEY, ConfigurationError
from reviewflow.gateways import mail
from reviewflow.persistence.db import db
from reviewflow.services import documents, evidence, notices, outbox, publication, silence
from reviewflow.web.workspace.notices import written

log = logging.getLogger(__name__)

#: Seconds between two looks at the clock. Nothing is decided by it: an act after the instant is refused
#: whether or not the expiry has been recorded.
EVERY = 5.0
#: For how many publications documents are made between two looks at the clock: some tenths of a second each.
AT_ONCE = 5


def ask_key(app: Flask) -> None:
    """Announce the key that signs evidence if the house has none yet, before anything is signed.

    Raises `ConfigurationError` without a secret in production, and where another key is in force.
    """
    secret = app.config["REVIEWFLOW_SIGNING_KEY"]
    if not secret:
        raise ConfigurationError(
            "REVIEWFLOW_SIGNING_KEY is not set, and in production the worker does not start without it. "
            + HOW_TO_MAKE_A_SIGNING_KEY
        )
    if secret == DEVELOPMENT_SIGNING_KEY:
        log.warning("evidence is signed with the public development key: not for real use")
    with app.app_context():
        evidence.announce_first_key(secret)


def run(app: Flask) -> None:
    """Record what falls due, and make what is missing, until asked to end (SIGTERM or SIGINT)."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while True:
        more = look(app)
        if ended.wait(0 if more else EVERY):
            return


def look(app: Flask) -> int:
    """Record what is due now, make some documents and packs; how many of these things were done.

    A database that does not answer is tried again.
    """
    with app.app_context():
        try:
            due = silence.expire_due() + publication.publish_due()
            made = documents.make_missing(AT_ONCE)
            made += _send_mail(app)
            return due + made + evidence.make_due(app.config["REVIEWFLOW_SIGNING_KEY"], AT_ONCE)
        except Exception:
            log.exception("could not do what is due; trying again in %s seconds", EVERY)
            return 0
        finally:
            db.session.remove()


def _send_mail(app: Flask) -> int:
    """Send what waits, if there is a mail server; without one, `reviewflow outbox` shows it.

    What waits for people is told by no other way: an operator has better things to do than to pass it on.
    """
    server = app.config["REVIEWFLOW_SMTP_URL"]
    if not server:
        return 0
    # What people asked for themselves goes first: it does not wait for what the house has to tell.
    sent = outbox.send_due(mail.sender(server, app.config["REVIEWFLOW_MAIL_FROM"]))
    return sent + notices.put_due(written)

"""The outbox: what is to be mailed is stored with what makes it necessary, and sent beside the server."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from reviewflow.gateways import clock
from reviewflow.gateways.mail import Mail
from reviewflow.persistence.db import db, forgetting, table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.outbox import MailRow
from reviewflow.services.transaction import Work, transaction

log = logging.getLogger(__name__)

_MAILS, _PEOPLE = table_of(MailRow), table_of(Person)
_MAIL = (_MAILS.c.message_id, _MAILS.c.recipient, _MAILS.c.subject, _MAILS.c.body, _MAILS.c.made_at)
#: In characters, as in the table.
_LONGEST_SUBJECT = 200
#: Between attempts: twice as long each time, up to this.
_LONGEST_WAIT = timedelta(hours=1)
#: What was done to an account is still worth knowing after a week's holiday of the mail server.
_TOLD_WITHIN = timedelta(days=7)


def put(
    work: Work, recipient: str, subject: str, body: str, expires_at: datetime, about: str | None = None
) -> None:
    """Store a mail in the transaction of what it tells of; after `expires_at` it is not sent any more.

    A subject too long to be stored is cut. By `about`, a text of one's own, `take_back` finds the mail.
    """
    work.session.execute(forgetting(_MAILS, _MAILS.c.expires_at < work.now))
    work.session.execute(
        insert(_MAILS).values(
            message_id=_message_id(about),
            recipient=recipient,
            subject=subject[:_LONGEST_SUBJECT],
            body=body,
            made_at=work.now,
            expires_at=expires_at,
            attempts=0,
            next_at=work.now,
        )
    )


def tell(work: Work, person_id: int, mail: tuple[str, str]) -> None:
    """Mail the owner of an account, subject and text, that what lets them in has changed."""
    email = work.session.execute(select(_PEOPLE.c.email).where(_PEOPLE.c.id == person_id)).scalar_one()
    put(work, email, *mail, work.now + _TOLD_WITHIN)


def take_back(work: Work, about: str) -> None:
    """Send no more what `put` stored by the same `about`; what has been sent stays sent."""
    work.session.execute(delete(_MAILS).where(_MAILS.c.message_id == _message_id(about)))


def _message_id(about: str | None) -> str:
    named = uuid.uuid5(uuid.NAMESPACE_URL, about) if about else uuid.uuid4()
    return f"<{named}@reviewflow>"


def waiting() -> list[Mail]:
    """The mails that wait, the oldest first: for an operator without a mail server."""
    rows = db.session.execute(select(*_MAIL).where(_MAILS.c.expires_at >= clock.now()).order_by(_MAILS.c.id))
    return [Mail(*row) for row in rows]


def send_due(send: Callable[[Mail], None]) -> int:
    """Send what is due, each at most once at a time; how many were sent.

    What the server does not take is tried again later. A process that dies between sending and noting
    it sends a mail twice, with the same Message-ID.
    """
    sent = 0
    while (claimed := _claim()) is not None:
        number, mail = claimed
        try:
            send(mail)
        except OSError as error:  # SMTPException is one, too
            log.warning("mail %s was not taken: %s", mail.message_id, error)
            continue
        with transaction() as work:
            work.session.execute(delete(_MAILS).where(_MAILS.c.id == number))
        sent += 1
    return sent


def _claim() -> tuple[int, Mail] | None:
    """The next mail that is due, taken before another worker does; those too late are forgotten."""
    with transaction() as work:
        work.session.execute(forgetting(_MAILS, _MAILS.c.expires_at < work.now))
        due = (
            select(_MAILS.c.id, _MAILS.c.attempts, *_MAIL)
            .where(_MAILS.c.next_at <= work.now)
            .order_by(_MAILS.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        found = work.session.execute(due).one_or_none()
        if found is None:
            return None
        wait = min(timedelta(minutes=2 ** min(found.attempts, 10)), _LONGEST_WAIT)
        work.session.execute(
            update(_MAILS)
            .where(_MAILS.c.id == found.id)
            .values(attempts=found.attempts + 1, next_at=work.now + wait)
        )
        return found.id, Mail(*found[2:])

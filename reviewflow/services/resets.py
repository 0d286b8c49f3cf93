"""Forgotten passwords: asking for a link, and using it once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import delete, insert, select, update

from reviewflow.domain.memberships import DeadLink
from reviewflow.domain.passwords import RESET_LASTS, check_password
from reviewflow.gateways import clock
from reviewflow.gateways.links import hash_of, new_secret
from reviewflow.gateways.passwords import guesses, hash_password
from reviewflow.persistence.db import db, table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.outbox import ResetLink
from reviewflow.queries.credentials import can_sign_in, known_about
from reviewflow.services import outbox, sessions, throttling, tokens
from reviewflow.services.transaction import transaction

_LINKS, _PEOPLE = table_of(ResetLink), table_of(Person)


def ask(email: str, address: str, mail: Callable[[str], tuple[str, str]]) -> None:
    """Mail a link to whom the address belongs; to an unknown one nothing, and the answer does not tell.

    Nothing to a guest either: whether somebody has an account is for the lead who invites them to say.

    `mail(secret)` is the subject and the text around it. Raises `TooManyAttempts`, known or not.
    """
    throttling.count_reset(email, address)
    secret = new_secret()
    subject, body = mail(secret)
    with transaction() as work:
        work.session.execute(delete(_LINKS).where(_LINKS.c.expires_at < work.now))
        found = work.session.execute(
            select(Person.id, Person.email).where(Person.email == email.strip().lower(), can_sign_in())
        ).one_or_none()
        if found is not None:
            until = work.now + RESET_LASTS
            link = {"secret_hash": hash_of(secret), "person_id": found.id, "expires_at": until}
            work.session.execute(insert(_LINKS).values(link))
            outbox.put(work, found.email, subject, body, until)


def owner_of(secret: str) -> int:
    """Whose link this is. Raises `DeadLink`: it was used, is too old, or never was one."""
    found = db.session.scalar(
        select(_LINKS.c.person_id).where(
            _LINKS.c.secret_hash == hash_of(secret), _LINKS.c.expires_at >= clock.now()
        )
    )
    if found is None:
        raise DeadLink()
    return int(found)


def reset(secret: str, password: str) -> None:
    """Set another password by a link: it and all others of the person are dead, and every session ends.

    Raises `DeadLink`, `InvalidInput` (the password is too short, too long or too easy; the link lives on).
    """
    person = owner_of(secret)
    check_password(password, known_about(person), guesses)
    hashed = hash_password(password)  # slow on purpose, so before the write lock is taken
    with transaction() as work:
        used = delete(_LINKS).where(_LINKS.c.secret_hash == hash_of(secret), _LINKS.c.expires_at >= work.now)
        if work.session.execute(used.returning(_LINKS.c.person_id)).first() is None:
            raise DeadLink()
        work.session.execute(delete(_LINKS).where(_LINKS.c.person_id == person))
        work.session.execute(update(_PEOPLE).where(_PEOPLE.c.id == person).values(password_hash=hashed))
        sessions.end_within(work, person)
        tokens.end_within(work, person)

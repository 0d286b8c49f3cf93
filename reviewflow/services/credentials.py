"""What a person proves themselves with: changing it ends what others may have begun in their name."""

from __future__ import annotations

from sqlalchemy import update

from reviewflow.domain.passwords import check_password
from reviewflow.domain.sessions import Session
from reviewflow.gateways.passwords import guesses, hash_password
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.queries.credentials import known_about
from reviewflow.services import sessions
from reviewflow.services.transaction import transaction

_PEOPLE = table_of(Person)


def change_password(session: Session, password: str) -> None:
    """Set another password, and end every session of the person but this one. Raises `InvalidInput`."""
    check_password(password, known_about(session.person_id), guesses)
    hashed = hash_password(password)  # slow on purpose, so before the write lock is taken
    with transaction() as work:
        work.session.execute(
            update(_PEOPLE).where(_PEOPLE.c.id == session.person_id).values(password_hash=hashed)
        )
        sessions.end_within(work, session.person_id, but=session.id)

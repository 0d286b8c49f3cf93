"""What a person proves themselves with: changing it ends what others may have begun in their name."""

from __future__ import annotations

from sqlalchemy import delete, update

from reviewflow.domain.passwords import check_password
from reviewflow.domain.sessions import Session
from reviewflow.gateways.passwords import guesses, hash_password
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.outbox import ResetLink
from reviewflow.queries.credentials import known_about
from reviewflow.services import outbox, sessions, tokens
from reviewflow.services.transaction import transaction

_PEOPLE, _LINKS = table_of(Person), table_of(ResetLink)


def change_password(session: Session, password: str, mail: tuple[str, str]) -> None:
    """Set another password; links by mail, tokens and all other sessions end, and its owner is mailed that.

    Passkeys and links to other houses stay, whoever changes it can look at them. Raises `InvalidInput`,
    `SessionOver`.
    """
    check_password(password, known_about(session.person_id), guesses)
    hashed = hash_password(password)  # slow on purpose, so before the write lock is taken
    with transaction() as work:
        sessions.demand(work, session)
        work.session.execute(
            update(_PEOPLE).where(_PEOPLE.c.id == session.person_id).values(password_hash=hashed)
        )
        work.session.execute(delete(_LINKS).where(_LINKS.c.person_id == session.person_id))
        sessions.end_within(work, session.person_id, but=session.id)
        tokens.end_within(work, session.person_id)
        outbox.tell(work, session.person_id, mail)

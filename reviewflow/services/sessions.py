"""Beginning, verifying and ending sessions."""

from __future__ import annotations

import secrets

from sqlalchemy import bindparam, delete, insert, or_, select, update

from reviewflow.domain.sessions import FRESH_FOR, LONGEST, LONGEST_IDLE, Session, SessionOver
from reviewflow.persistence.db import forgetting, table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.sessions import SessionRow
from reviewflow.queries.sessions import key_of
from reviewflow.services.transaction import Work, transaction

_SESSIONS, _PEOPLE = table_of(SessionRow), table_of(Person)
_SEEN = update(_SESSIONS).where(_SESSIONS.c.id == bindparam("of_session")).values(seen_at=bindparam("at"))


def begin(person_id: int, device: str, *, proven: bool = True) -> str:
    """Sign a browser in, and return what its cookie has to hold; no one else gets to know it.

    Without `proven` its person has shown nothing to this house yet: acts that bind ask them to.

    Whatever has ended by its limits, anybody's, is forgotten on the way.
    """
    token = secrets.token_urlsafe(32)
    with transaction() as work:
        work.session.execute(
            forgetting(
                _SESSIONS,
                or_(
                    _SESSIONS.c.seen_at < work.now - LONGEST_IDLE,
                    _SESSIONS.c.begun_at < work.now - LONGEST,
                ),
            )
        )
        work.session.execute(
            insert(_SESSIONS).values(
                key=key_of(token),
                person_id=person_id,
                begun_at=work.now,
                seen_at=work.now,
                verified_at=work.now if proven else work.now - 2 * FRESH_FOR,
                device=device[:80],
            )
        )
    return token


def note_use(session: Session) -> None:
    """It is in use: the idle limit begins anew."""
    with transaction() as work:
        work.session.execute(_SEEN, {"of_session": session.id, "at": work.now})


def verify(session: Session) -> None:
    """Its person has just shown that it is them."""
    with transaction() as work:
        work.session.execute(
            update(_SESSIONS).where(_SESSIONS.c.id == session.id).values(verified_at=work.now)
        )


def hold_owner(work: Work, person_id: int) -> None:
    """Lock a person's row: whatever adds a way in, or closes all, does this first, in turns."""
    work.session.execute(
        select(_PEOPLE.c.id).where(_PEOPLE.c.id == person_id).with_for_update(key_share=True)
    )


def demand(work: Work, session: Session) -> None:
    """Hold its owner, and ask whether it is there still: one that a password ended adds nothing more.

    Raises `SessionOver`.
    """
    hold_owner(work, session.person_id)
    if work.session.execute(select(_SESSIONS.c.id).where(_SESSIONS.c.id == session.id)).first() is None:
        raise SessionOver()


def end(person_id: int, session_id: int) -> None:
    """End one session of a person; another person's, or one that has ended, is left as it is."""
    with transaction() as work:
        work.session.execute(
            delete(_SESSIONS).where(_SESSIONS.c.id == session_id, _SESSIONS.c.person_id == person_id)
        )


def end_all(person_id: int) -> None:
    """Sign a person out everywhere."""
    with transaction() as work:
        end_within(work, person_id)


def end_within(work: Work, person_id: int, *, but: int | None = None) -> None:
    """End a person's sessions, all or all but one, in the transaction of what makes it necessary."""
    ended = delete(_SESSIONS).where(_SESSIONS.c.person_id == person_id)
    work.session.execute(ended if but is None else ended.where(_SESSIONS.c.id != but))

"""Which session a cookie belongs to, with its person; and where somebody is signed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from reviewflow.domain.sessions import Session
from reviewflow.gateways import clock
from reviewflow.persistence.db import db, table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.sessions import SessionRow
from reviewflow.queries.accounts import MEMBERS, Member, member_of

_SESSIONS = table_of(SessionRow)
_COLUMNS = tuple(
    _SESSIONS.c[name] for name in ("id", "person_id", "begun_at", "seen_at", "verified_at", "device")
)
_SIGNED_IN = (
    MEMBERS.add_columns(*_COLUMNS)
    .join(_SESSIONS, _SESSIONS.c.person_id == Person.id)
    .where(_SESSIONS.c.key == bindparam("key"))
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, and the session in which they are here."""

    member: Member
    session: Session


def key_of(token: str) -> str:
    """The digest under which a cookie's token is stored."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def signed_in(token: str) -> SignedIn | None:
    """Whose session this is, with their seats, in one statement; None if there is none or it is over."""
    rows = db.session.execute(_SIGNED_IN, {"key": key_of(token)}).all()
    if not rows:
        return None
    session = Session(*rows[0][-len(_COLUMNS) :])
    return None if session.has_ended(clock.now()) else SignedIn(member_of(rows), session)


def sessions_of(person_id: int) -> list[Session]:
    """Where a person is signed in, the latest use first."""
    rows = db.session.execute(
        select(*_COLUMNS)
        .where(_SESSIONS.c.person_id == person_id)
        .order_by(_SESSIONS.c.seen_at.desc(), _SESSIONS.c.id.desc())
    )
    found = (Session(*row) for row in rows)
    return [session for session in found if not session.has_ended(clock.now())]

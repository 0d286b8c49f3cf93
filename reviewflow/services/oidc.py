"""Linking an account to one at another house, and taking the link away."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select, text

from reviewflow.domain.oidc import ProviderRefused
from reviewflow.domain.sessions import Session
from reviewflow.persistence.db import Instant, db, table_of
from reviewflow.persistence.models.oidc import ProviderLink
from reviewflow.services import outbox, sessions
from reviewflow.services.transaction import transaction

_LINKS = table_of(ProviderLink)
_LINK = text(
    "INSERT INTO provider_links (issuer, subject, person_id, made_at)"
    " VALUES (:issuer, :subject, :person, :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=Instant))


def link(session: Session, issuer: str, subject: str, mail: tuple[str, str]) -> None:
    """Let the session's owner in as who the other house calls `subject`, and mail them that.

    The same link again changes nothing. Raises `SessionOver`, and `ProviderRefused` where either of the two
    has another link: nobody's is replaced unseen.
    """
    with transaction() as work:
        sessions.demand(work, session)
        values = {"issuer": issuer, "subject": subject, "person": session.person_id, "at": work.now}
        work.session.execute(_LINK, values)
        if _owner(issuer, subject) != session.person_id:
            raise ProviderRefused(reason="linked otherwise")
        outbox.tell(work, session.person_id, mail)


def unlink(person_id: int, issuer: str) -> None:
    """Let a person in by that house no more."""
    with transaction() as work:
        work.session.execute(delete(_LINKS).where(_LINKS.c.person_id == person_id, _LINKS.c.issuer == issuer))


def owner_of(issuer: str, subject: str) -> int:
    """Whose account is linked to this one. Raises `ProviderRefused`: nobody's is."""
    owner = _owner(issuer, subject)
    if owner is None:
        raise ProviderRefused(reason="not linked")
    return owner


def _owner(issuer: str, subject: str) -> int | None:
    return db.session.execute(
        select(_LINKS.c.person_id).where(_LINKS.c.issuer == issuer, _LINKS.c.subject == subject)
    ).scalar_one_or_none()


def is_linked(person_id: int, issuer: str) -> bool:
    """Whether a person has a link to that house."""
    found = select(_LINKS.c.subject).where(_LINKS.c.person_id == person_id, _LINKS.c.issuer == issuer)
    return db.session.execute(found).first() is not None

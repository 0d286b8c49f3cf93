"""Forgotten passwords: asking for a link, and using it once."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import delete, exists, insert, literal, or_, select, update

from reviewflow.domain.memberships import DeadLink
from reviewflow.domain.passwords import RESET_LASTS, check_password
from reviewflow.gateways import clock
from reviewflow.gateways.links import hash_of, new_secret
from reviewflow.gateways.passwords import guesses, hash_password
from reviewflow.persistence.db import Instant, db, forgetting, table_of
from reviewflow.persistence.models.accounts import Invitation, Person
from reviewflow.persistence.models.oidc import ProviderLink
from reviewflow.persistence.models.outbox import ResetLink
from reviewflow.persistence.models.passkeys import PasskeyRow
from reviewflow.queries.credentials import can_sign_in, known_about
from reviewflow.services import outbox, sessions, throttling, tokens
from reviewflow.services.transaction import transaction

_LINKS, _PEOPLE = table_of(ResetLink), table_of(Person)
_KEYS, _HOUSES = table_of(PasskeyRow), table_of(ProviderLink)


def ask(email: str, address: str, mail: Callable[[str], tuple[str, str]]) -> None:
    """Mail a link to whom the address belongs; to an unknown one nothing, and the answer does not tell.

    Nothing to a guest either, unless an invitation of theirs is open: whether somebody has an account is for
    the lead who invites them to say, and their mailbox opens it, not who knows the invitation's link.

    `mail(secret)` is the subject and the text around it. Raises `TooManyAttempts`, known or not.
    """
    throttling.count_reset(email, address)
    asked, secret = email.strip().lower(), new_secret()
    subject, body = mail(secret)
    with transaction() as work:
        work.session.execute(forgetting(_LINKS, _LINKS.c.expires_at < work.now))
        until = work.now + RESET_LASTS
        invited = exists().where(
            Invitation.email == Person.email, Invitation.ended_at.is_(None), Invitation.expires_at > work.now
        )
        owner = select(literal(hash_of(secret)), Person.id, literal(until, Instant)).where(
            Person.email == asked, or_(can_sign_in(), invited)
        )
        columns = [_LINKS.c.secret_hash, _LINKS.c.person_id, _LINKS.c.expires_at]
        kept = work.session.execute(insert(_LINKS).from_select(columns, owner).returning(_LINKS.c.person_id))
        # Nobody is to learn by the clock whether an address is known: the same statements are made for
        # each, and something is written. A mail that is too late already is never sent.
        is_known = kept.first() is not None
        recipient, sent_until = (asked, until) if is_known else ("", work.now - RESET_LASTS)
        outbox.put(work, recipient, subject, body, sent_until)


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


def reset(
    secret: str,
    password: str,
    mail: tuple[str, str],
    *,
    keep_keys: Collection[int] = (),
    keep_houses: Collection[str] = (),
) -> None:
    """Set another password by a link: it and all others of the person are dead, and every session ends.

    Of passkeys, by id, and links to other houses, by issuer, only those stay that are named: whoever got into
    an account before its owner took it back may have added one. The owner is mailed that it happened.

    Raises `DeadLink`, `InvalidInput` (the password is too short, too long or too easy; the link lives on).
    """
    person = owner_of(secret)
    check_password(password, known_about(person), guesses)
    hashed = hash_password(password)  # slow on purpose, so before the write lock is taken
    with transaction() as work:
        sessions.hold_owner(work, person)
        used = delete(_LINKS).where(_LINKS.c.secret_hash == hash_of(secret), _LINKS.c.expires_at >= work.now)
        if work.session.execute(used.returning(_LINKS.c.person_id)).first() is None:
            raise DeadLink()
        work.session.execute(delete(_LINKS).where(_LINKS.c.person_id == person))
        work.session.execute(update(_PEOPLE).where(_PEOPLE.c.id == person).values(password_hash=hashed))
        work.session.execute(delete(_KEYS).where(_KEYS.c.person_id == person, _KEYS.c.id.not_in(keep_keys)))
        work.session.execute(
            delete(_HOUSES).where(_HOUSES.c.person_id == person, _HOUSES.c.issuer.not_in(keep_houses))
        )
        sessions.end_within(work, person)
        tokens.end_within(work, person)
        outbox.tell(work, person, mail)

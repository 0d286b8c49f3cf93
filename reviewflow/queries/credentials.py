"""What a person proves themselves with, and what others know who would guess it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select

from reviewflow.domain.passkeys import Passkey
from reviewflow.gateways.sealing import unseal
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce, WorkingGroup
from reviewflow.persistence.models.oidc import ProviderLink
from reviewflow.persistence.models.one_time_codes import OneTimeKey, RecoveryCode
from reviewflow.persistence.models.passkeys import PasskeyRow


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """Whether the door asks a person for codes, and how many recovery codes are left."""

    asked: bool
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An account at another house by which one is let in."""

    issuer: str
    subject: str
    made_at: datetime


def can_sign_in() -> ColumnElement[bool]:
    """Whether a row of `people` has a password or a passkey; who has neither is a guest."""
    return or_(Person.password_hash != "", exists().where(PasskeyRow.person_id == Person.id))


def one_time_codes(person_id: int) -> OneTimeCodes:
    """How it stands with a person's one-time codes."""
    left = select(func.count()).where(RecoveryCode.person_id == person_id).scalar_subquery()
    row = db.session.execute(
        select(Person.id, OneTimeKey.confirmed_at, left)
        .join(OneTimeKey, OneTimeKey.person_id == Person.id, isouter=True)
        .where(Person.id == person_id)
    ).one_or_none()
    return OneTimeCodes(row[1] is not None, row[2]) if row else OneTimeCodes(False, 0)


def new_key(person_id: int, sealing_key: str) -> bytes | None:
    """The key that a person is setting up; None if there is none, or it counts already: it is seen once."""
    sealed = db.session.scalar(
        select(OneTimeKey.sealed).where(OneTimeKey.person_id == person_id, OneTimeKey.confirmed_at.is_(None))
    )
    return unseal(sealed, sealing_key) if sealed else None


def passkeys(person_id: int) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    rows = db.session.execute(
        select(PasskeyRow.id, PasskeyRow.name, PasskeyRow.made_at, PasskeyRow.used_at)
        .where(PasskeyRow.person_id == person_id)
        .order_by(PasskeyRow.id)
    )
    return [Passkey(*row) for row in rows]


def elsewhere(person_id: int) -> list[Elsewhere]:
    """A person's accounts at other houses that are linked to theirs here."""
    rows = db.session.execute(
        select(ProviderLink.issuer, ProviderLink.subject, ProviderLink.made_at)
        .where(ProviderLink.person_id == person_id)
        .order_by(ProviderLink.made_at)
    )
    return [Elsewhere(*row) for row in rows]


def known_keys(person_id: int) -> tuple[bytes | None, list[bytes]]:
    """What a person's passkeys call their owner (None if there are none), and the id of each key."""
    rows = db.session.execute(
        select(PasskeyRow.handle, PasskeyRow.credential).where(PasskeyRow.person_id == person_id)
    ).all()
    return bytes(rows[0].handle) if rows else None, [bytes.fromhex(row.credential) for row in rows]


def known_about(person_id: int) -> tuple[str, ...]:
    """The words that are tried first to guess somebody's password: about them, and of their task forces."""
    rows = db.session.execute(
        select(
            Person.name,
            Person.name_ru,
            Person.name_kk,
            Person.email,
            Person.affiliation,
            TaskForce.name,
            TaskForce.slug,
            TaskForce.symbol_prefix,
            WorkingGroup.name,
            WorkingGroup.city,
        )
        .join(Membership, Membership.person_id == Person.id, isouter=True)
        .join(TaskForce, TaskForce.id == Membership.task_force_id, isouter=True)
        .join(WorkingGroup, WorkingGroup.task_force_id == TaskForce.id, isouter=True)
        .where(Person.id == person_id)
    ).all()
    return tuple(dict.fromkeys(word for row in rows for word in row if word))

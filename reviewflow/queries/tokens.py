"""Whose token this is, and which tokens somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from reviewflow.domain.tokens import Token
from reviewflow.gateways.links import hash_of
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Person, TaskForce
from reviewflow.persistence.models.tokens import TokenRow
from reviewflow.queries.accounts import MEMBERS, Member, member_of

_COLUMNS = (
    TokenRow.id,
    TokenRow.name,
    TokenRow.task_force_id,
    TokenRow.scope,
    TokenRow.made_at,
    TokenRow.ends_at,
    TokenRow.used_on,
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that was shown, and the member in whose name it reads; `slug` is its only task force."""

    token: Token
    member: Member
    slug: str


def bearer(secret: str) -> Bearer | None:
    """Whose token this is, in one statement; None for an unknown one, and one whose seat has ended."""
    rows = db.session.execute(
        MEMBERS.add_columns(*_COLUMNS)
        .join(TokenRow, TokenRow.person_id == Person.id)
        .where(TokenRow.secret_hash == hash_of(secret))
    ).all()
    if not rows:
        return None
    number, name, task_force, *rest = rows[0][-len(_COLUMNS) :]
    member = member_of(rows)
    seat = next((seat for seat in member.seats if seat.task_force_id == task_force), None)
    return Bearer(Token(number, name, seat.task_force, *rest), member, seat.slug) if seat else None


def tokens_of(person_id: int) -> list[Token]:
    """A person's tokens, the newest first; also those that have ended, to tell what became of them."""
    statement: Select[Any] = (
        select(*_COLUMNS[:2], TaskForce.name, *_COLUMNS[3:])
        .join(TaskForce, TaskForce.id == TokenRow.task_force_id)
        .where(TokenRow.person_id == person_id)
        .order_by(TokenRow.id.desc())
    )
    return [Token(*row) for row in db.session.execute(statement)]

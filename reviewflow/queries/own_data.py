"""Everything that is stored about one person as theirs, for themselves to take along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from reviewflow.domain.passkeys import Passkey
from reviewflow.domain.sessions import Session
from reviewflow.domain.tokens import Token
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce, WorkingGroup
from reviewflow.persistence.models.deliberation import Comment, PositionRow
from reviewflow.persistence.models.recommendations import WorkingText
from reviewflow.persistence.models.statements import StatementRow
from reviewflow.queries import credentials, sessions, tokens


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """A seat that one has, or had."""

    task_force: str
    role: str
    group: str
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """Words of one's own. `kind` is comment, statement, or the position they give a reason for, whoever's.

    What they were said about is left out: a text may be closed to who said it.
    """

    at: datetime
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What one was typing."""

    saved_at: datetime
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class OwnData:
    """One person's own; no secret is among it, since none is stored readable."""

    name: str
    name_ru: str
    name_kk: str
    email: str
    affiliation: str
    time_zone: str
    language: str
    notices: str
    seats: tuple[OwnSeat, ...]
    sessions: tuple[Session, ...]
    passkeys: tuple[Passkey, ...]
    one_time_codes: bool
    tokens: tuple[Token, ...]
    elsewhere: tuple[credentials.Elsewhere, ...]
    said: tuple[Said, ...]
    kept: tuple[Kept, ...]


def own_data(person_id: int) -> OwnData:
    """All of it, the oldest words first."""
    row = db.session.execute(
        select(
            Person.name,
            Person.name_ru,
            Person.name_kk,
            Person.email,
            Person.affiliation,
            Person.time_zone,
            Person.language,
            Person.notices,
        ).where(Person.id == person_id)
    ).one()
    seats = db.session.execute(
        select(TaskForce.name, Membership.role, WorkingGroup.name, Membership.joined_at, Membership.left_at)
        .join(TaskForce, TaskForce.id == Membership.task_force_id)
        .join(WorkingGroup, WorkingGroup.id == Membership.group_id, isouter=True)
        .where(Membership.person_id == person_id)
        .order_by(Membership.joined_at)
    )
    comments = db.session.execute(select(Comment.at, Comment.text).where(Comment.person_id == person_id))
    # Whose words a reason is: a lead writes one that lifts the objection of who has left and may not read it.
    wrote = func.coalesce(PositionRow.stand_in_id, PositionRow.recorded_by, PositionRow.person_id)
    positions = db.session.execute(
        select(PositionRow.taken_at, PositionRow.stand, PositionRow.reason).where(wrote == person_id)
    )
    statements = db.session.execute(
        select(StatementRow.made_at, StatementRow.text).where(StatementRow.person_id == person_id)
    )
    said = [
        *(Said(at, "comment", words) for at, words in comments),
        *(Said(at, stand, words) for at, stand, words in positions),
        *(Said(at, "statement", words) for at, words in statements),
    ]
    kept = db.session.execute(
        select(WorkingText.saved_at, WorkingText.fields)
        .where(WorkingText.person_id == person_id)
        .order_by(WorkingText.saved_at)
    )
    return OwnData(
        *row,
        seats=tuple(OwnSeat(title, role, group or "", at, left) for title, role, group, at, left in seats),
        sessions=tuple(sessions.sessions_of(person_id)),
        passkeys=tuple(credentials.passkeys(person_id)),
        tokens=tuple(tokens.tokens_of(person_id)),
        elsewhere=tuple(credentials.elsewhere(person_id)),
        one_time_codes=credentials.one_time_codes(person_id).asked,
        said=tuple(sorted(said, key=lambda each: each.at)),
        kept=tuple(Kept(at, fields) for at, fields in kept),
    )

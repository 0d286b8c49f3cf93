"""The statements attached to a recommendation, numbered as they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import Refusal
from reviewflow.domain.items import Item
from reviewflow.domain.standings import is_possible, refusal_of
from reviewflow.domain.statements import Statement, StatementKind
from reviewflow.domain.workflow import Act, Action
from reviewflow.persistence.models.statements import StatementRow


@dataclass(frozen=True, slots=True)
class Attachment:
    """Attachment `number` (from 1) to a text: a statement of a group, or of one of its members.

    `refusal` is why the reader can't take it back; None where they can.
    """

    number: int
    key: str
    kind: StatementKind
    group_id: int
    person_id: int
    for_group: bool
    text: str
    version: int
    made_at: datetime
    refusal: Refusal | None = None

    @property
    def may_withdraw(self) -> bool:
        """Whether the reader can take it back now."""
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class Attachments:
    """The statements of an item, and what the reader can do: attach one, and in the group's name."""

    lines: tuple[Attachment, ...]
    may_attach: bool
    may_speak_for_group: bool

    def line(self, key: str) -> Attachment | None:
        """The attachment of a key."""
        return next((line for line in self.lines if line.key == key), None)


_STATEMENTS = (
    select(StatementRow)
    .where(StatementRow.recommendation_id == bindparam("item"), StatementRow.withdrawn_at.is_(None))
    .order_by(StatementRow.id)
)


def attachments(session: Session, actor: Actor, item: Item, now: datetime) -> Attachments:
    """The statements of an item that the actor sees, in one statement of SQL, and what is possible now."""
    rows = session.scalars(_STATEMENTS, {"item": item.id}).all()
    return Attachments(
        lines=tuple(
            Attachment(
                number=number,
                key=row.key,
                kind=StatementKind(row.kind),
                group_id=row.group_id,
                person_id=row.person_id,
                for_group=row.for_group,
                text=row.text,
                version=row.version_number,
                made_at=row.made_at,
                refusal=refusal_of(
                    actor,
                    item,
                    Act(
                        Action.WITHDRAW_STATEMENT,
                        at=now,
                        statement=Statement(row.person_id, row.group_id, row.for_group),
                    ),
                ),
            )
            for number, row in enumerate(rows, start=1)
        ),
        may_attach=is_possible(actor, item, Act(Action.ATTACH_STATEMENT, reason="words", at=now)),
        may_speak_for_group=actor.speaks_for_group,
    )

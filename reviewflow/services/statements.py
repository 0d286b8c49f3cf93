"""Statements: putting words on record beside a text, and taking them back until it is published."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.statements import Statement, StatementKind
from reviewflow.domain.text import canonical_text
from reviewflow.domain.workflow import Act, Action
from reviewflow.persistence.models.statements import StatementRow
from reviewflow.services import procedure
from reviewflow.services.transaction import transaction


def attach_statement(
    actor: Actor, key: str, version: int, kind: StatementKind | None, text: str, *, for_group: bool = False
) -> str:
    """Attach a statement to the text that the actor sees, and return its key.

    `for_group` makes it the group's, which only its lead can. Raises what `decide` raises, `InvalidInput`
    (no kind) and `UnacceptableText`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        act = Act(Action.ATTACH_STATEMENT, version, canonical_text(text), for_group=for_group)
        event = procedure.decided(work, actor, loaded, act)
        if kind is None:
            raise InvalidInput(field="kind", problem="missing")
        row = StatementRow(
            key=secrets.token_hex(6),
            recommendation_id=loaded.item.id,
            group_id=actor.group_id,
            person_id=actor.person_id,
            for_group=for_group,
            kind=kind,
            text=event.reason,
            version_number=event.version,
            digest=event.digest,
            made_at=work.now,
        )
        work.session.add(row)
        work.record(procedure.entry_of(loaded, event, loaded.item, statement=row.key, kind=kind))
        return row.key


def withdraw_statement(actor: Actor, key: str, statement_key: str) -> None:
    """Take a statement back; its number passes to the one after it. One that was withdrawn does not exist.

    It is about the statement and not about the text, so it names no version. Raises what `decide` raises.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        row = work.session.scalars(
            select(StatementRow).where(
                StatementRow.recommendation_id == loaded.item.id,
                StatementRow.key == statement_key,
                StatementRow.withdrawn_at.is_(None),
            )
        ).one_or_none()
        seen = loaded.item.version_for(actor)
        if row is None or seen is None:
            raise NotFound()
        made = Statement(row.person_id, row.group_id, row.for_group)
        event = procedure.decided(
            work, actor, loaded, Act(Action.WITHDRAW_STATEMENT, seen.number, statement=made)
        )
        row.withdrawn_at = work.now
        work.record(procedure.entry_of(loaded, event, loaded.item, statement=row.key))

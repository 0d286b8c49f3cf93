"""Making, using and taking back the tokens of programs."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.sessions import Session
from reviewflow.domain.throttling import TooManyAttempts
from reviewflow.domain.tokens import (
    LASTS,
    MARK,
    MOST_TOKENS,
    USES_AN_HOUR,
    WINDOW,
    InvalidToken,
    Scope,
    Token,
    uses_after,
)
from reviewflow.gateways.links import hash_of, new_secret
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.tokens import TokenRow
from reviewflow.services import outbox, sessions
from reviewflow.services.accounts import line
from reviewflow.services.transaction import Work, transaction

_TOKENS = table_of(TokenRow)


def make(session: Session, actor: Actor, name: str, days: int, mail: tuple[str, str]) -> str:
    """Make a token for the actor's task force, and return its secret: it is shown once and kept nowhere.

    One that has ended makes room for it; its owner is mailed that there is one more. Raises `SessionOver`,
    `InvalidInput`, `UnacceptableText`.
    """
    called = line("name", name, 80)
    if days not in LASTS:
        raise InvalidInput(field="days", problem="unknown_value", value=days)
    secret = MARK + new_secret()
    with transaction() as work:
        sessions.demand(work, session)
        own = _TOKENS.c.person_id == actor.person_id
        work.session.execute(delete(_TOKENS).where(own, _TOKENS.c.ends_at <= work.now))
        count = select(func.count()).select_from(_TOKENS).where(own)
        if work.session.execute(count).scalar_one() >= MOST_TOKENS:
            raise InvalidInput(field="name", problem="too_many_tokens", limit=MOST_TOKENS)
        work.session.execute(
            insert(_TOKENS).values(
                secret_hash=hash_of(secret),
                person_id=actor.person_id,
                task_force_id=actor.task_force_id,
                name=called,
                scope=Scope.STATUS,
                made_at=work.now,
                ends_at=work.now + timedelta(days=days),
                uses=0,
            )
        )
        outbox.tell(work, actor.person_id, mail)
    return secret


def use(token: Token) -> None:
    """Count a use. Raises `TooManyAttempts`, and `InvalidToken` where it was taken back a moment ago."""
    with transaction() as work:
        row = work.session.execute(
            select(_TOKENS.c.uses, _TOKENS.c.counted_since).where(_TOKENS.c.id == token.id).with_for_update()
        ).one_or_none()
        if row is None:
            raise InvalidToken()
        uses, since = uses_after(row.uses, row.counted_since, work.now)
        if uses > USES_AN_HOUR:
            raise TooManyAttempts(seconds=math.ceil((since + WINDOW - work.now).total_seconds()))
        work.session.execute(
            update(_TOKENS)
            .where(_TOKENS.c.id == token.id)
            .values(uses=uses, counted_since=since, used_on=work.now.date())
        )


def take_back(person_id: int, token_id: int) -> None:
    """Accept one of this person's tokens no more; somebody else's is left as it is."""
    with transaction() as work:
        work.session.execute(
            delete(_TOKENS).where(_TOKENS.c.id == token_id, _TOKENS.c.person_id == person_id)
        )


def end_within(work: Work, person_id: int, *, task_force_id: int | None = None) -> None:
    """End a person's tokens, all or of one task force, in the transaction of what makes it necessary."""
    ended = delete(_TOKENS).where(_TOKENS.c.person_id == person_id)
    work.session.execute(
        ended if task_force_id is None else ended.where(_TOKENS.c.task_force_id == task_force_id)
    )

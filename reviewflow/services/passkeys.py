"""Adding a passkey, proving oneself with one, removing one."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, delete, func, insert, select, text, update

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.passkeys import CHALLENGE_LASTS, MOST_PASSKEYS, Asked
from reviewflow.domain.sessions import Session
from reviewflow.domain.text import canonical_line
from reviewflow.gateways import passkeys as gateway
from reviewflow.persistence.db import Instant, db, forgetting, table_of
from reviewflow.persistence.models.passkeys import PasskeyRow, SpentChallenge
from reviewflow.services import outbox, sessions
from reviewflow.services.transaction import Work, transaction

_KEYS, _SPENT = table_of(PasskeyRow), table_of(SpentChallenge)
#: Of two answers to one challenge at the same instant, the second inserts nothing.
_SPEND = text(
    "INSERT INTO spent_challenges (digest, at) VALUES (:digest, :at) ON CONFLICT DO NOTHING RETURNING digest"
).bindparams(bindparam("at", type_=Instant))


def add(session: Session, name: str, handle: bytes, answer: str, asked: Asked, mail: tuple[str, str]) -> None:
    """Keep a key that this session's browser has just made, and mail its owner that there is one more.

    Raises `SessionOver`, and `InvalidInput`: the answer does not fit what was asked, the key is known, or
    there are too many.
    """
    called = canonical_line(name, field="name")[:80]
    made = gateway.new_key(answer, asked)
    if made is None:
        raise InvalidInput(field="passkey", problem="wrong_passkey")
    with transaction() as work:
        sessions.demand(work, session)
        count = select(func.count()).select_from(_KEYS).where(_KEYS.c.person_id == session.person_id)
        if work.session.execute(count).scalar_one() >= MOST_PASSKEYS:
            raise InvalidInput(field="passkey", problem="too_many_passkeys", limit=MOST_PASSKEYS)
        credential = made.credential.hex()
        known = select(_KEYS.c.id).where(_KEYS.c.credential == credential)
        if not _spend(work, asked) or work.session.execute(known).first() is not None:
            raise InvalidInput(field="passkey", problem="wrong_passkey")
        work.session.execute(
            insert(_KEYS).values(
                person_id=session.person_id,
                handle=handle,
                credential=credential,
                public_key=made.public_key,
                sign_count=made.sign_count,
                name=called,
                made_at=work.now,
            )
        )
        outbox.tell(work, session.person_id, mail)


def prove(answer: str, asked: Asked) -> int | None:
    """The person whose passkey this answer is signed with, for this challenge and never again; or None."""
    named = gateway.named_by(answer)
    if named is None:
        return None
    credential, handle = named
    found = db.session.execute(select(_KEYS).where(_KEYS.c.credential == credential.hex())).one_or_none()
    if found is None or bytes(found.handle) != handle:
        return None
    count = gateway.signed_count(answer, asked, bytes(found.public_key), found.sign_count)
    if count is None:
        return None
    with transaction() as work:
        if not _spend(work, asked):
            return None
        work.session.execute(
            update(_KEYS).where(_KEYS.c.id == found.id).values(sign_count=count, used_at=work.now)
        )
    return int(found.person_id)


def _spend(work: Work, asked: Asked) -> bool:
    """Whether this challenge is answered for the first time. Those too old to be answered are forgotten."""
    work.session.execute(forgetting(_SPENT, _SPENT.c.at < work.now - 2 * CHALLENGE_LASTS))
    digest = hashlib.sha256(asked.challenge).hexdigest()
    return work.session.execute(_SPEND, {"digest": digest, "at": work.now}).first() is not None


def remove(person_id: int, passkey_id: int) -> None:
    """Accept one of this person's keys no more; somebody else's is left as it is."""
    with transaction() as work:
        work.session.execute(delete(_KEYS).where(_KEYS.c.id == passkey_id, _KEYS.c.person_id == person_id))

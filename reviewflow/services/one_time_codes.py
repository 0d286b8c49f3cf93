"""One-time codes: setting them up, and looking at one that somebody typed."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, insert, select, update

from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.one_time_codes import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    recovery_code,
    recovery_digest,
    step_of,
)
from reviewflow.domain.sessions import Session
from reviewflow.gateways.sealing import seal, unseal
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.one_time_codes import OneTimeKey, RecoveryCode
from reviewflow.services import outbox, sessions, throttling
from reviewflow.services.transaction import Work, transaction

_KEYS, _RECOVERY = table_of(OneTimeKey), table_of(RecoveryCode)


def begin(person_id: int, sealing_key: str) -> None:
    """Make a key that counts once a code of it is typed; one that counts already is left as it is."""
    sealed = seal(secrets.token_bytes(SECRET_BYTES), sealing_key)
    with transaction() as work:
        unconfirmed = delete(_KEYS).where(_KEYS.c.person_id == person_id, _KEYS.c.confirmed_at.is_(None))
        work.session.execute(unconfirmed)
        has_one = select(_KEYS.c.person_id).where(_KEYS.c.person_id == person_id)
        if work.session.execute(has_one).first() is None:
            work.session.execute(insert(_KEYS).values(person_id=person_id, sealed=sealed, last_step=0))


def confirm(session: Session, typed: str, sealing_key: str, mail: tuple[str, str]) -> list[str]:
    """The first code: from now on the door asks for one. Returns the recovery codes, which nobody sees again.

    The session's owner is mailed that. Raises `TooManyAttempts`, `SessionOver`, `NotFound` (no key was made),
    `InvalidInput` (the code is wrong).
    """
    person_id = session.person_id
    throttling.count_guess(person_id)
    with transaction() as work:
        sessions.demand(work, session)
        found = work.session.execute(
            select(_KEYS.c.sealed)
            .where(_KEYS.c.person_id == person_id, _KEYS.c.confirmed_at.is_(None))
            .with_for_update()
        ).one_or_none()
        if found is None:
            raise NotFound()
        step = step_of(unseal(found.sealed, sealing_key) or b"", typed, work.now, 0)
        if step is None:
            raise InvalidInput(field="code", problem="wrong_code")
        work.session.execute(
            update(_KEYS).where(_KEYS.c.person_id == person_id).values(confirmed_at=work.now, last_step=step)
        )
        codes = _new_recovery_codes(work, person_id)
        outbox.tell(work, person_id, mail)
    throttling.take_back_guess(person_id)
    return codes


def prove(person_id: int, typed: str, sealing_key: str) -> bool:
    """Whether this is the person's present code, or a recovery code; either is used up by it.

    Raises `TooManyAttempts`, before anything is compared.
    """
    throttling.count_guess(person_id)
    with transaction() as work:
        is_right = _use_code(work, person_id, typed, sealing_key) or _use_recovery(work, person_id, typed)
    if is_right:
        throttling.take_back_guess(person_id)
    return is_right


def _use_code(work: Work, person_id: int, typed: str, sealing_key: str) -> bool:
    found = work.session.execute(
        select(_KEYS.c.sealed, _KEYS.c.last_step).where(
            _KEYS.c.person_id == person_id, _KEYS.c.confirmed_at.is_not(None)
        )
    ).one_or_none()
    secret = unseal(found.sealed, sealing_key) if found else None
    step = step_of(secret, typed, work.now, found.last_step) if found and secret else None
    if step is None:
        return False
    # Of two requests with one code at the same instant, the second finds it used.
    used = (
        update(_KEYS).where(_KEYS.c.person_id == person_id, _KEYS.c.last_step < step).values(last_step=step)
    )
    return work.session.execute(used.returning(_KEYS.c.person_id)).first() is not None


def _use_recovery(work: Work, person_id: int, typed: str) -> bool:
    used = delete(_RECOVERY).where(
        _RECOVERY.c.person_id == person_id, _RECOVERY.c.digest == recovery_digest(person_id, typed)
    )
    return work.session.execute(used.returning(_RECOVERY.c.digest)).first() is not None


def renew_recovery_codes(session: Session, mail: tuple[str, str]) -> list[str]:
    """New recovery codes in place of all earlier ones; the session's owner is mailed that.

    Raises `SessionOver`, and `NotFound` without a key that counts.
    """
    person_id = session.person_id
    with transaction() as work:
        sessions.demand(work, session)
        confirmed = select(_KEYS.c.person_id).where(
            _KEYS.c.person_id == person_id, _KEYS.c.confirmed_at.is_not(None)
        )
        if work.session.execute(confirmed).first() is None:
            raise NotFound()
        codes = _new_recovery_codes(work, person_id)
        outbox.tell(work, person_id, mail)
    return codes


def _new_recovery_codes(work: Work, person_id: int) -> list[str]:
    codes = [recovery_code(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    work.session.execute(delete(_RECOVERY).where(_RECOVERY.c.person_id == person_id))
    rows = [{"person_id": person_id, "digest": recovery_digest(person_id, code)} for code in codes]
    work.session.execute(insert(_RECOVERY), rows)
    return codes


def remove(person_id: int, mail: tuple[str, str] | None = None) -> None:
    """The door asks for no code any more; the recovery codes go too.

    The owner is mailed that, unless it was the operator, whom they have asked to.
    """
    with transaction() as work:
        for table in (_KEYS, _RECOVERY):
            work.session.execute(delete(table).where(table.c.person_id == person_id))
        if mail:
            outbox.tell(work, person_id, mail)

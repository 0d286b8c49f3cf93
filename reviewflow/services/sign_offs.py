"""Sign-off by link: asking a guest, taking the link back, and the position that is taken by it, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, insert, select, update

from reviewflow.domain.actors import Actor
from reviewflow.domain.audit import instant_text
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.memberships import DeadLink
from reviewflow.domain.sign_offs import (
    ASK_SIGN_OFF,
    LASTS,
    STANDS,
    WITHDRAW_SIGN_OFF,
    Ending,
    Life,
    ask_lead,
    ask_open,
    decide_asking,
    life_of,
)
from reviewflow.domain.text import canonical_text
from reviewflow.domain.workflow import Act, Action, Event
from reviewflow.gateways import clock
from reviewflow.gateways.links import hash_of, new_secret
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.deliberation import PositionRow
from reviewflow.persistence.models.sign_offs import SignOffRow
from reviewflow.persistence.repository import lock_item_by_id
from reviewflow.queries.credentials import can_sign_in
from reviewflow.queries.sign_offs import guest_of, sign_off_of
from reviewflow.services import outbox, procedure
from reviewflow.services.transaction import Work, transaction

_LINKS, _PEOPLE, _POSITIONS = table_of(SignOffRow), table_of(Person), table_of(PositionRow)

#: Subject and text of a mail, given the secret of its link and until when it is of use.
LinkMail = Callable[[str, datetime], tuple[str, str]]


def ask(actor: Actor, key: str, version: int, person_id: int, mail: LinkMail) -> None:
    """Mail a guest of the actor's group a link by which they take a position on a version, once.

    Nobody is shown the secret, so that only who reads the guest's mail can use it. An open link of theirs
    about the same text ends. Raises what `decide_asking` raises.
    """
    secret = new_secret()
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        ask_lead(actor, loaded.item)
        guest = guest_of(loaded.party.seats, actor.task_force_id, person_id)
        if guest is None:
            raise InvalidInput(field="member", problem="unknown_value")
        address, signs_in = work.session.execute(
            select(Person.email, can_sign_in()).where(Person.id == person_id)
        ).one()
        decide_asking(actor, loaded.item, version, guest, signs_in=signs_in, at=work.now)
        theirs = (_LINKS.c.recommendation_id == loaded.item.id) & (_LINKS.c.person_id == person_id)
        _end(work, theirs, Ending.REPLACED)
        until = work.now + LASTS
        link = {
            "recommendation_id": loaded.item.id,
            "person_id": person_id,
            "round": loaded.item.round,
            "version_number": loaded.item.head.number,
            "digest": loaded.item.head.digest,
            "secret_hash": hash_of(secret),
            "asked_by": actor.person_id,
            "asked_at": work.now,
            "sent_to": address,
            "expires_at": until,
        }
        number = work.session.execute(insert(_LINKS).returning(_LINKS.c.id).values(link)).scalar_one()
        outbox.put(work, address, *mail(secret, until), until, about=hash_of(secret))
        told = {"sign_off": number, "member": person_id, "until": instant_text(until)}
        work.record(procedure.step_beside(loaded, actor, ASK_SIGN_OFF, person_id, told))


def withdraw(actor: Actor, key: str, sign_off_id: int) -> None:
    """Take an open link back, as a lead of its guest's group; one that is good for nothing stays as it is.

    Raises `NotFound`, `NotPermitted`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        ask_lead(actor, loaded.item)
        row = work.session.get(SignOffRow, sign_off_id)
        if row is None or row.recommendation_id != loaded.item.id:
            raise NotFound()
        guest = guest_of(loaded.party.seats, actor.task_force_id, row.person_id)
        if guest is None or guest.group_id != actor.group_id:
            raise NotFound()
        if life_of(sign_off_of(row), loaded.item, guest, work.now) is Life.OPEN:
            _end(work, _LINKS.c.id == sign_off_id, Ending.WITHDRAWN)
            told = {"sign_off": sign_off_id, "member": row.person_id}
            work.record(procedure.step_beside(loaded, actor, WITHDRAW_SIGN_OFF, row.person_id, told))


def sign(secret: str, stand: Stand | None, reason: str, notice: Callable[[Stand], tuple[str, str]]) -> Event:
    """Take the position of a link's guest on its version: the one act of that link, by the rules of all.

    `notice(stand)` is the subject and the text of the mail to the guest, and to who asked and sits in the
    group still. Raises `DeadLink`
    (there is no such link), `DeadSignOff`, and what `decide` raises; then the link lives on.
    """
    with transaction() as work:
        row = work.session.scalars(
            select(SignOffRow).where(SignOffRow.secret_hash == hash_of(secret))
        ).one_or_none()
        if row is None:
            raise DeadLink()
        loaded = lock_item_by_id(work.session, row.recommendation_id)
        # Only now: the other of two clicks may have used it while this one waited.
        work.now = clock.now()
        work.session.refresh(row)
        guest = guest_of(loaded.party.seats, loaded.item.task_force_id, row.person_id)
        acting = ask_open(sign_off_of(row), loaded.item, guest, work.now)
        said = stand if stand in STANDS else None
        act = Act(Action.TAKE_POSITION, row.version_number, canonical_text(reason), stand=said)
        event = procedure.decided(work, acting, loaded, act)
        procedure.carry_out(
            work, loaded, event, sign_off=row.id, asked=instant_text(row.asked_at), asked_by=row.asked_by
        )
        position = select(func.max(_POSITIONS.c.id)).where(
            _POSITIONS.c.recommendation_id == loaded.item.id, _POSITIONS.c.person_id == row.person_id
        )
        # Exactly one: were the lock ever lost, the whole act fails instead of standing beside its link.
        (_used,) = _end(work, _LINKS.c.id == row.id, Ending.USED, position.scalar_subquery())
        assert event.stand
        asker = work.session.execute(select(_PEOPLE.c.email).where(_PEOPLE.c.id == row.asked_by)).scalar_one()
        # Who asked and has left since is told nothing of the text any more.
        seat = loaded.party.seats.get(row.asked_by)
        told = (row.sent_to, asker) if seat and seat.group_id == acting.group_id else (row.sent_to,)
        for address in dict.fromkeys(told):
            outbox.put(work, address, *notice(event.stand), work.now + LASTS)
    return event


def _end(
    work: Work, which: ColumnElement[bool], ending: Ending, position: ScalarSelect[int] | None = None
) -> Sequence[str]:
    """End the open link that a condition names, if there is one, and its mail that waits: its hash."""
    ended = update(_LINKS).where(which, _LINKS.c.ended_at.is_(None)).returning(_LINKS.c.secret_hash)
    values = {"ended_at": work.now, "ending": ending, "position_id": position}
    links = work.session.execute(ended.values(values)).scalars().all()
    for link in links:
        outbox.take_back(work, link)
    return links

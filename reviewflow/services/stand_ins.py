"""Members who act in another's name: naming them, ending that, and asking for it under the item's lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import or_, select

from reviewflow.domain.actors import Actor, StandIn
from reviewflow.domain.audit import instant_text
from reviewflow.domain.errors import NotFound
from reviewflow.domain.memberships import Seat
from reviewflow.domain.permissions import About, Permission, demand
from reviewflow.domain.stand_ins import StandInOver, decide_end, decide_naming, in_the_name_of
from reviewflow.domain.visibility import may_see
from reviewflow.gateways import clock
from reviewflow.persistence.models.accounts import Membership, Person, StandInRow, TaskForce, WorkingGroup
from reviewflow.persistence.repository import Loaded
from reviewflow.queries.credentials import can_sign_in
from reviewflow.services import outbox
from reviewflow.services.accounts import record, seat_of
from reviewflow.services.seats import enter
from reviewflow.services.transaction import Work, transaction


def name_stand_in(
    actor: Actor,
    person_id: int,
    since: datetime,
    until: datetime,
    mail: Callable[[StandIn], tuple[str, str]] | None = None,
) -> StandIn:
    """Let another member of the actor's group act in the actor's name from `since` until before `until`.

    `mail(lent)` is the subject and the text of what is mailed to them. Raises `NotFound`,
    `NotPermitted` and what `decide_naming` does.
    """
    with transaction() as work:
        task_force = enter(work.session, actor)
        demand(Permission.LEND_VOICE, actor, About(task_force.id))
        work.now = clock.now()
        row = work.session.get(Membership, (task_force.id, person_id), populate_existing=True)
        other = _actor(actor, person_id, seat_of(row))
        others = tuple(
            _value(row)
            for row in work.session.scalars(
                select(StandInRow).where(
                    StandInRow.task_force_id == task_force.id, StandInRow.ended_at.is_(None)
                )
            )
        )
        signs_in = bool(work.session.scalar(select(can_sign_in()).where(Person.id == person_id)))
        lent = decide_naming(actor, other, since, until, work.now, others, signs_in=signs_in)
        work.session.add(
            StandInRow(
                task_force_id=task_force.id,
                group_id=actor.group_id,
                principal_id=lent.principal,
                person_id=lent.person,
                since=lent.since,
                until=lent.until,
                named_at=work.now,
            )
        )
        work.session.flush()
        if mail is not None:
            named = work.session.get_one(Person, person_id)
            outbox.put(work, named.email, *mail(lent), lent.until)
        period = {"since": instant_text(lent.since), "until": instant_text(lent.until)}
        _tell(work, actor.person_id, task_force, "stand_in_named", actor.group_id, person=person_id, **period)
    return lent


def end_stand_in(actor: Actor, number: int) -> None:
    """End what the actor has lent, or was lent; asked twice it changes nothing. Raises `NotFound`."""
    with transaction() as work:
        task_force = enter(work.session, actor)
        row = work.session.get(StandInRow, number, with_for_update=True, populate_existing=True)
        # Only now: an act in that name that was under way has an instant before the end.
        work.now = clock.now()
        if row is None or row.task_force_id != task_force.id:
            raise NotFound()
        decide_end(actor, _value(row))
        if row.ended_at is None and work.now < row.until:
            _end(work, actor.person_id, task_force, row)


def end_all_of(work: Work, actor_id: int, task_force: TaskForce, person_id: int) -> None:
    """End what somebody lent or was lent who has no vote in their group any more."""
    rows = work.session.scalars(
        select(StandInRow)
        .where(
            StandInRow.task_force_id == task_force.id,
            or_(StandInRow.principal_id == person_id, StandInRow.person_id == person_id),
            StandInRow.ended_at.is_(None),
            StandInRow.until > work.now,
        )
        .order_by(StandInRow.id)
        .with_for_update()
    ).all()
    for row in rows:
        _end(work, actor_id, task_force, row)


def ask(work: Work, actor: Actor, loaded: Loaded) -> None:
    """Whether the actor stands in for the principal at the transaction's instant, and until its end.

    Locks the row, so that who ends it waits for an act that is under way, or the act sees the end. Raises
    `NotFound` where the item does not exist for the two, and `StandInOver`.
    """
    lent = actor.stand_in
    assert lent
    if not may_see(actor, loaded.item):
        raise NotFound()
    row = work.session.scalars(
        select(StandInRow)
        .where(
            StandInRow.task_force_id == actor.task_force_id,
            StandInRow.principal_id == lent.principal,
            StandInRow.person_id == lent.person,
            StandInRow.since == lent.since,
            StandInRow.ended_at.is_(None),
        )
        .with_for_update(read=True)
    ).one_or_none()
    seats = loaded.party.seats
    own, principal = (_actor(actor, person, seats.get(person)) for person in (lent.person, lent.principal))
    if row is None or own is None or in_the_name_of(own, principal, _value(row), work.now) != actor:
        raise StandInOver()


def _actor(within: Actor, person_id: int, seat: Seat | None) -> Actor | None:
    """Who somebody is in the task force of an actor; None for whose seat has ended."""
    if seat is None or seat.ended:
        return None
    return Actor(person_id, within.task_force_id, seat.role, seat.group_id)


def _value(row: StandInRow) -> StandIn:
    return StandIn(row.principal_id, row.person_id, row.since, row.until)


def _end(work: Work, actor_id: int, task_force: TaskForce, row: StandInRow) -> None:
    row.ended_at = work.now
    work.session.flush()
    told = {"person": row.person_id, "for": row.principal_id}
    _tell(work, actor_id, task_force, "stand_in_ended", row.group_id, **told)


def _tell(
    work: Work, actor_id: int, task_force: TaskForce, name: str, group_id: int | None, **data: object
) -> None:
    group = work.session.get_one(WorkingGroup, group_id)
    record(work, actor_id, task_force, name, group=group.slug, **data)

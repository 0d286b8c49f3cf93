"""Coming and going: invitations, roles that change, seats that end, and the lead that is handed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import VOTING_ROLES, Actor, Role
from reviewflow.domain.ballots import objectors
from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.items import State
from reviewflow.domain.memberships import DeadLink, Seat, about_seat, decide_invitation, decide_seat
from reviewflow.domain.passwords import check_password
from reviewflow.domain.permissions import About, Permission, allows, demand
from reviewflow.domain.sign_offs import may_have_role
from reviewflow.domain.steps import HAND_BACK_OBJECTION, HAND_OVER_OBJECTION
from reviewflow.gateways import clock
from reviewflow.gateways.links import hash_of, new_secret
from reviewflow.gateways.passwords import guesses, hash_password
from reviewflow.persistence import mapping
from reviewflow.persistence.locking import locked
from reviewflow.persistence.models.accounts import Invitation, Membership, Person, TaskForce, WorkingGroup
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.repository import lock_items
from reviewflow.queries.credentials import can_sign_in
from reviewflow.queries.memberships import Offer, offer
from reviewflow.services import outbox, procedure, sessions, stand_ins, tokens
from reviewflow.services.accounts import (
    PersonProfile,
    add_person,
    canonical_email,
    give_seat,
    record,
    seat_of,
)
from reviewflow.services.seats import enter, lock_task_force
from reviewflow.services.transaction import Work, transaction

#: How long an invitation can be accepted.
LIFETIME = timedelta(days=14)
#: The states from which an item comes no more before the groups.
_OVER = (State.PUBLISHED, State.SUPERSEDED, State.RETRACTED)


def invite(
    actor: Actor,
    email: str,
    role: Role,
    group_id: int | None = None,
    mail: Callable[[str], tuple[str, str]] | None = None,
) -> str:
    """Offer a seat to an address, and return the secret of the link; only a mail that waits keeps it.

    `mail(secret)` is the subject and the text of what is mailed to it; nothing is, where there is none.

    An open invitation of the same address ends. Whether the address has a seat already is told to its owner
    alone, who opens the link. Raises `NotPermitted`, `InvalidInput`, `NotFound` (no such group).
    """
    decide_invitation(actor, actor.task_force_id, role, group_id)
    address = canonical_email(email)
    secret = new_secret()
    with transaction() as work:
        task_force = enter(work.session, actor)
        group = _group(work.session, task_force, group_id)
        for old in work.session.scalars(_open_invitations(task_force.id).where(Invitation.email == address)):
            if allows(Permission.MANAGE_PEOPLE, actor, _seat_offered(old)):
                _end_invitation(work, old)
        row = Invitation(
            task_force_id=task_force.id,
            group_id=group_id,
            role=role,
            email=address,
            secret_hash=hash_of(secret),
            invited_by=actor.person_id,
            invited_at=work.now,
            expires_at=work.now + LIFETIME,
        )
        work.session.add(row)
        work.session.flush()
        if mail is not None:
            outbox.put(work, address, *mail(secret), row.expires_at, about=row.secret_hash)
        _tell(work, actor, task_force, "member_invited", group, invitation=row.id, role=str(role))
    return secret


def revoke_invitation(actor: Actor, invitation_id: int) -> None:
    """Take an open invitation back, and its mail; one that has ended stays as it is.

    Raises `NotFound`, `NotPermitted`.
    """
    with transaction() as work:
        task_force = enter(work.session, actor)
        row = work.session.get(Invitation, invitation_id)
        if row is None or row.task_force_id != task_force.id:
            raise NotFound()
        demand(Permission.MANAGE_PEOPLE, actor, _seat_offered(row))
        if row.ended_at is None:
            _end_invitation(work, row)
            group = _group(work.session, task_force, row.group_id)
            _tell(work, actor, task_force, "invitation_revoked", group, invitation=row.id)


def accept_invitation(person_id: int, secret: str) -> str:
    """Take the offered seat as who has signed in at the invited address; return the task force's slug.

    An invitation to the seat that they have ends: a guest has opened an account by it. Raises `DeadLink`
    (also to another person), `AlreadyMember`, `OfAnotherSide`.
    """
    with transaction() as work:
        row, task_force = _lock_invitation(work, secret)
        person = work.session.get(Person, person_id)
        if person is None or person.email != row.email:
            raise DeadLink()
        held = seat_of(work.session.get(Membership, (task_force.id, person_id), populate_existing=True))
        if held == Seat(Role(row.role), row.group_id):
            _end_invitation(work, row)
        else:
            _take_seat(work, row, task_force, person_id)
        return task_force.slug


def accept_as_newcomer(secret: str, name: str, password: str) -> tuple[int, str]:
    """Register who was invited, and give them the seat: their id, and the task force's slug.

    Whoever invites is shown the link: it makes nobody's account who is known, also not a guest's. Raises
    `DeadLink`, `InvalidInput` (the address is known, the password is too short, no name) and
    `UnacceptableText`.
    """
    offered = _offered(secret)
    check_password(password, (offered.email, name, offered.task_force), guesses)
    return _register(secret, name, hash_password(password))


def accept_as_guest(secret: str, name: str) -> None:
    """Give who was invited the seat without an account: they act by links alone (domain/sign_offs.py).

    Raises as `accept_as_newcomer` does, and `NeedsAccount` where the seat is a lead's.
    """
    may_have_role(_offered(secret).role, signs_in=False)
    _register(secret, name, "")


def _offered(secret: str) -> Offer:
    """What an invitation offers. Raises `DeadLink`."""
    offered = offer(secret, clock.now())
    if offered is None:
        raise DeadLink()
    return offered


def _register(secret: str, name: str, hashed: str) -> tuple[int, str]:
    """Store who was invited with the hash of a password (empty for a guest's), and give them the seat."""
    with transaction() as work:
        row, task_force = _lock_invitation(work, secret)
        group = _group(work.session, task_force, row.group_id)
        profile = PersonProfile(
            row.email,
            name,
            time_zone=group.time_zone if group else "UTC",
            language=group.language if group else "en",
        )
        if work.session.scalar(select(Person.id).where(Person.email == row.email)) is not None:
            raise InvalidInput(field="email", problem="known_address")
        person = add_person(work, profile, hashed)
        _take_seat(work, row, task_force, person.id)
        return person.id, task_force.slug


def change_role(actor: Actor, person_id: int, role: Role) -> None:
    """Give a member of a group another role in it; the same role changes nothing.

    Raises what `decide_seat` does, `NotFound`, and `NeedsAccount` where a guest would become a lead.
    """
    with transaction() as work:
        task_force = enter(work.session, actor)
        membership, seat = _seat(work.session, task_force, person_id)
        decide_seat(actor, task_force.id, person_id, seat, role, _others(work.session, membership))
        may_have_role(role, signs_in=_signs_in(work.session, person_id))
        if role is not seat.role:
            _change(work, actor, task_force, membership, role)


def end_membership(actor: Actor, person_id: int) -> None:
    """End a seat, one's own or another's. What its holder said stays; their open objections pass to the lead.

    Raises what `decide_seat` does, and `NotFound`.
    """
    with transaction() as work:
        task_force = enter(work.session, actor)
        membership, seat = _seat(work.session, task_force, person_id)
        decide_seat(actor, task_force.id, person_id, seat, None, _others(work.session, membership))
        _change(work, actor, task_force, membership, None)
        tokens.end_within(work, person_id, task_force_id=task_force.id)
        if person_id != actor.person_id:
            sessions.end_within(work, person_id)


def hand_over_lead(actor: Actor, heir_id: int) -> None:
    """Make an expert of one's group its lead, and oneself an expert.

    Raises `NotFound`, `NotPermitted` and `NeedsAccount`.
    """
    with transaction() as work:
        task_force = enter(work.session, actor)
        heir, seat = _seat(work.session, task_force, heir_id)
        own, _ = _seat(work.session, task_force, actor.person_id)
        demand(Permission.HAND_OVER_LEAD, actor, about_seat(task_force.id, seat, heir_id))
        may_have_role(Role.LEAD, signs_in=_signs_in(work.session, heir_id))
        items = _lock_open_items(work, task_force.id)
        heir.role, own.role = Role.LEAD, Role.EXPERT
        group = _group(work.session, task_force, actor.group_id)
        _tell(work, actor, task_force, "lead_handed_over", group, person=heir_id)
        work.session.flush()
        for loaded in lock_items(work.session, items):
            mapping.store_waits(work.session, loaded, loaded.item, work.now)


def _change(
    work: Work, actor: Actor, task_force: TaskForce, membership: Membership, role: Role | None
) -> None:
    """Give a seat another role or end it, with all that hangs on it."""
    was = Role(membership.role)
    items = _lock_open_items(work, task_force.id)
    group = _group(work.session, task_force, membership.group_id)
    told = {"person": membership.person_id, "was": str(was)}
    if role is None:
        membership.left_at = work.now
        _tell(work, actor, task_force, "member_left", group, **told)
    else:
        membership.role = role
        _tell(work, actor, task_force, "role_changed", group, role=str(role), **told)
    work.session.flush()
    if role not in VOTING_ROLES:
        stand_ins.end_all_of(work, actor.person_id, task_force, membership.person_id)
    _follow(work, actor, items, membership.person_id, was in VOTING_ROLES, role in VOTING_ROLES)


def _take_seat(work: Work, row: Invitation, task_force: TaskForce, person_id: int) -> None:
    """Give the seat of an invitation, while whoever sent it may still give it. Ends the invitation."""
    role = Role(row.role)
    sender = seat_of(work.session.get(Membership, (task_force.id, row.invited_by)))
    if sender is None or sender.ended:
        raise DeadLink()
    inviting = Actor(row.invited_by, task_force.id, sender.role, sender.group_id)
    if not allows(Permission.MANAGE_PEOPLE, inviting, _seat_offered(row)):
        raise DeadLink()
    _end_invitation(work, row)
    items = _lock_open_items(work, task_force.id)
    group = _group(work.session, task_force, row.group_id)
    give_seat(work, person_id, task_force, person_id, role, group)
    joined = Actor(person_id, task_force.id, role, row.group_id)
    _follow(work, joined, items, person_id, False, role in VOTING_ROLES)


def _end_invitation(work: Work, row: Invitation) -> None:
    """End an invitation; its mail, if it has not left, does not leave any more."""
    row.ended_at = work.now
    outbox.take_back(work, row.secret_hash)


def _follow(work: Work, actor: Actor, items: list[int], person_id: int, voted: bool, votes: bool) -> None:
    """Bring the open items to who can move them now, and tell where an open objection passes on.

    `voted` and `votes` say whether the person had a vote before, and has one now.
    """
    for loaded in lock_items(work.session, items):
        mapping.store_waits(work.session, loaded, loaded.item, work.now)
        for ballot in loaded.item.ballots:
            if voted == votes or person_id not in ballot.roster:
                continue
            if person_id in objectors(ballot.positions):
                name = HAND_OVER_OBJECTION if voted else HAND_BACK_OBJECTION
                work.record(procedure.step_beside(loaded, actor, name, person_id, {"member": person_id}))


def _lock_open_items(work: Work, task_force_id: int) -> list[int]:
    """The ids of the items that seats bear on, locked: no act on them is under way when a seat changes.

    With them is locked what they include and correct, published or not: later it would be out of the order
    in which acts lock, and each would wait for the other. The transaction's instant is taken only then, so
    that such an act has an earlier one.
    """
    open_ones = (Recommendation.task_force_id == task_force_id, Recommendation.state.not_in(_OVER))
    found = work.session.scalars(locked(*open_ones)).all()
    work.now = clock.now()
    return [row.id for row in found if row.state not in _OVER]


def _lock_invitation(work: Work, secret: str) -> tuple[Invitation, TaskForce]:
    """The open invitation with this secret, and its task force under the lock. Raises `DeadLink`."""
    by_secret = select(Invitation).where(Invitation.secret_hash == hash_of(secret))
    found = work.session.scalars(by_secret).one_or_none()
    if found is None:
        raise DeadLink()
    task_force = lock_task_force(work.session, found.task_force_id)
    row = work.session.scalars(by_secret.execution_options(populate_existing=True)).one()
    if row.ended_at is not None or row.expires_at <= work.now:
        raise DeadLink()
    return row, task_force


def _seat_offered(row: Invitation) -> About:
    """The seat that an invitation offers."""
    return about_seat(row.task_force_id, Seat(Role(row.role), row.group_id))


def _open_invitations(task_force_id: int) -> Select[Any]:
    return select(Invitation).where(Invitation.task_force_id == task_force_id, Invitation.ended_at.is_(None))


def _seat(session: Session, task_force: TaskForce, person_id: int) -> tuple[Membership, Seat]:
    """A person's seat that has not ended, read after the lock. Raises `NotFound`."""
    row = session.get(Membership, (task_force.id, person_id), populate_existing=True)
    seat = seat_of(row)
    if row is None or seat is None or seat.ended:
        raise NotFound()
    return row, seat


def _signs_in(session: Session, person_id: int) -> bool:
    return bool(session.scalar(select(can_sign_in()).where(Person.id == person_id)))


def _others(session: Session, seat: Membership) -> int:
    """How many other people have the same role on the same side."""
    return session.execute(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.task_force_id == seat.task_force_id,
            Membership.group_id.is_not_distinct_from(seat.group_id),
            Membership.role == seat.role,
            Membership.person_id != seat.person_id,
            Membership.left_at.is_(None),
        )
    ).scalar_one()


def _group(session: Session, task_force: TaskForce, group_id: int | None) -> WorkingGroup | None:
    """The group of a seat, None for one in none. Raises `NotFound` for another task force's."""
    if group_id is None:
        return None
    group = session.get(WorkingGroup, group_id)
    if group is None or group.task_force_id != task_force.id:
        raise NotFound()
    return group


def _tell(
    work: Work, actor: Actor, task_force: TaskForce, name: str, group: WorkingGroup | None, **data: object
) -> None:
    place = {"group": group.slug} if group else {}
    record(work, actor.person_id, task_force, name, **data, **place)

"""Who is in a task force and who was, open invitations, and what became of seats."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.errors import NotFound
from reviewflow.domain.memberships import Seat, about_seat
from reviewflow.domain.permissions import About, Permission, allows, demand
from reviewflow.gateways.links import hash_of
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Invitation, Membership, Person, TaskForce, WorkingGroup
from reviewflow.persistence.models.audit import EventRow
from reviewflow.queries.credentials import can_sign_in

#: How many events the page of people tells.
TOLD = 50


@dataclass(frozen=True, slots=True)
class Seated:
    """One person's seat: since when, and until when if it has ended; a guest has no account."""

    person_id: int
    role: Role
    group_id: int | None
    joined_at: datetime
    left_at: datetime | None
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """A seat that is offered to an address."""

    id: int
    email: str
    role: Role
    group_id: int | None
    invited_by: int
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SeatEvent:
    """What became of a seat: `person_id` is whose it is, None of an invitation; `role` the new one or the one
    that ended; `group` a slug, empty for a seat in no group. Of a stand-in, `person_id` is who was named, and
    `principal` in whose name it could act, where somebody else ended that.
    """

    name: str
    actor_id: int | None
    at: datetime
    person_id: int | None
    role: str
    group: str
    principal: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the holder of an invitation's link is told."""

    task_force: str
    slug: str
    role: Role
    group: str
    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator can change of a task force, and whether the Chatham House Rule applies."""

    slug: str
    symbol_prefix: str
    name: str
    description: str
    disclaimer: str
    notice: str
    chatham_house: bool


@dataclass(frozen=True, slots=True)
class GroupProfile:
    """A working group as it is set up; `slug`, which names it in addresses and in manifests, stays."""

    slug: str
    name: str
    short_name: str
    letter: str
    city: str
    time_zone: str
    language: str
    holiday_country: str


@dataclass(frozen=True, slots=True)
class SettingsEvent:
    """A change of settings: which fields, of which group (a slug, empty for the task force)."""

    name: str
    actor_id: int | None
    at: datetime
    fields: tuple[str, ...]
    group: str


#: The events of the settings.
SETTINGS_EVENTS = (
    *("task_force_created", "settings_changed", "group_created", "group_changed", "chatham_house_adopted"),
)
#: The events of seats, by which the page of people is told.
SEAT_EVENTS = (
    *("member_invited", "invitation_revoked", "member_joined"),
    *("role_changed", "member_left", "lead_handed_over", "member_renamed"),
    *("stand_in_named", "stand_in_ended"),
)


def seats(actor: Actor) -> list[Seated]:
    """Everybody who has or had a seat in the actor's task force, by group and name."""
    rows = db.session.execute(
        select(
            Membership.person_id,
            Membership.role,
            Membership.group_id,
            Membership.joined_at,
            Membership.left_at,
            ~can_sign_in(),
        )
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.task_force_id == actor.task_force_id)
        .order_by(Person.name)
    )
    return [
        Seated(person, Role(role), group, since, until, guest)
        for person, role, group, since, until, guest in rows
    ]


def seat(actor: Actor, person_id: int) -> Seated:
    """A seat that has not ended. Raises `NotFound`."""
    row = db.session.get(Membership, (actor.task_force_id, person_id))
    if row is None or row.left_at is not None:
        raise NotFound()
    return Seated(row.person_id, Role(row.role), row.group_id, row.joined_at, None)


def open_invitations(actor: Actor, at: datetime) -> list[OpenInvitation]:
    """The invitations open at an instant that are the actor's to take back, the newest first."""
    rows = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.task_force_id == actor.task_force_id,
            Invitation.ended_at.is_(None),
            Invitation.expires_at > at,
        )
        .order_by(Invitation.id.desc())
    )
    return [
        OpenInvitation(
            row.id, row.email, Role(row.role), row.group_id, row.invited_by, row.invited_at, row.expires_at
        )
        for row in rows
        if allows(
            Permission.MANAGE_PEOPLE, actor, about_seat(row.task_force_id, Seat(Role(row.role), row.group_id))
        )
    ]


def seat_events(actor: Actor) -> list[SeatEvent]:
    """The newest events of seats, the newest first; what names nobody is the same for every reader."""
    rows = db.session.scalars(
        select(EventRow)
        .where(EventRow.task_force_id == actor.task_force_id, EventRow.name.in_(SEAT_EVENTS))
        .order_by(EventRow.sequence.desc())
        .limit(TOLD)
    )
    return [_event(row, json.loads(row.data)) for row in rows]


def _event(row: EventRow, data: dict[str, object]) -> SeatEvent:
    person, principal = data.get("person"), data.get("for")
    return SeatEvent(
        name=row.name,
        actor_id=row.actor_id,
        at=row.at,
        person_id=person if isinstance(person, int) else None,
        role=str(data.get("role") or data.get("was") or ""),
        group=str(data.get("group", "")),
        principal=principal if isinstance(principal, int) else None,
    )


def settings(actor: Actor) -> Settings:
    """The settings of the actor's task force. Raises `NotPermitted` to who is no administrator."""
    demand(Permission.MANAGE_SETTINGS, actor, About(actor.task_force_id))
    row = db.session.get_one(TaskForce, actor.task_force_id)
    return Settings(*(getattr(row, field.name) for field in fields(Settings)))


def groups(actor: Actor) -> dict[int, GroupProfile]:
    """Its groups by their ids, in their order. Raises `NotPermitted`."""
    demand(Permission.MANAGE_SETTINGS, actor, About(actor.task_force_id))
    rows = db.session.scalars(
        select(WorkingGroup)
        .where(WorkingGroup.task_force_id == actor.task_force_id)
        .order_by(WorkingGroup.ordinal)
    )
    names = [field.name for field in fields(GroupProfile)]
    return {row.id: GroupProfile(*(getattr(row, name) for name in names)) for row in rows}


def settings_events(actor: Actor) -> list[SettingsEvent]:
    """The newest changes of settings, the newest first."""
    rows = db.session.scalars(
        select(EventRow)
        .where(EventRow.task_force_id == actor.task_force_id, EventRow.name.in_(SETTINGS_EVENTS))
        .order_by(EventRow.sequence.desc())
        .limit(TOLD)
    )
    told = [(row, json.loads(row.data)) for row in rows]
    return [
        SettingsEvent(row.name, row.actor_id, row.at, tuple(data.get("now", ())), data.get("group", ""))
        for row, data in told
    ]


def offer(secret: str, at: datetime) -> Offer | None:
    """What an invitation offers, by its link's secret; None if it can't be accepted (any more)."""
    row = db.session.execute(
        select(
            TaskForce.name,
            TaskForce.slug,
            Invitation.role,
            WorkingGroup.name,
            Invitation.email,
            Invitation.expires_at,
        )
        .join(TaskForce, TaskForce.id == Invitation.task_force_id)
        .join(WorkingGroup, WorkingGroup.id == Invitation.group_id, isouter=True)
        .where(
            Invitation.secret_hash == hash_of(secret),
            Invitation.ended_at.is_(None),
            Invitation.expires_at > at,
        )
    ).one_or_none()
    if row is None:
        return None
    name, slug, role, group, email, expires_at = row
    return Offer(name, slug, Role(role), group or "", email, expires_at)

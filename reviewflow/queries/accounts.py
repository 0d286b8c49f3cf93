"""Who somebody is, for signing in and for naming people on pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from reviewflow.domain.actors import Actor, Role, StandIn
from reviewflow.domain.names import name_for
from reviewflow.domain.permissions import About, Permission, allows
from reviewflow.domain.stand_ins import DELEGATED_TASKS, SHARED_TASKS, StandInOver, in_the_name_of
from reviewflow.gateways import clock
from reviewflow.persistence.db import Instant, db
from reviewflow.persistence.models.accounts import Membership, Person, StandInRow, TaskForce, WorkingGroup
from reviewflow.persistence.models.recommendations import Wait
from reviewflow.queries.credentials import can_sign_in

#: Nobody needs to know more exactly; counting on would cost more than the page.
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Seat:
    """One membership: a role in a task force, and the group it is in, if any, with its short name.

    `lent` is what the person is lent now, and `principal` who lends it.
    """

    task_force_id: int
    task_force: str
    slug: str
    role: Role
    group_id: int | None
    group: str
    lent: StandIn | None = None
    principal: Actor | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person who can sign in, with every seat they hold."""

    id: int
    name: str
    email: str
    time_zone: str
    language: str
    seats: tuple[Seat, ...]

    def actor_in(self, slug: str) -> Actor | None:
        """The actor that this person is in a task force; None if they have no seat in it."""
        seat = next((s for s in self.seats if s.slug == slug), None)
        return Actor(self.id, seat.task_force_id, seat.role, seat.group_id) if seat else None

    def principal_in(self, slug: str, at: datetime) -> Actor | None:
        """The actor that this person is in another's name; None if they stand in for nobody."""
        seat, own = next((s for s in self.seats if s.slug == slug), None), self.actor_in(slug)
        if seat is None or own is None or seat.lent is None:
            return None
        try:
            return in_the_name_of(own, seat.principal, seat.lent, at)
        except StandInOver:
            return None


@dataclass(frozen=True, slots=True)
class Group:
    """A working group as pages name it; `ordinal` 1 is marked by a square, 2 by a circle."""

    id: int
    slug: str
    ordinal: int
    name: str
    short_name: str
    letter: str
    city: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Named:
    """A person as pages name them; `left` who had a seat and has none any more.

    `name` is written as the reader reads; `given` is the name under which the person acts. A guest has no
    account, and signs by links.
    """

    id: int
    name: str
    given: str
    role: Role
    group_id: int | None
    left: bool = False
    is_guest: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """The groups and people of one task force, by id, as one reader may know them.

    `chatham_house`: of groups that are not the reader's own, a person's name is that of the group.
    """

    task_force_id: int
    slug: str
    name: str
    notice: str
    chatham_house: bool
    groups: dict[int, Group]
    people: dict[int, Named]

    def name_of(self, person_id: int | None) -> str:
        """A person's name; empty for nobody."""
        person = self.people.get(person_id or 0)
        return person.name if person else ""

    def group_of(self, person_id: int | None) -> Group | None:
        """The group that a person sits in; None for the coordinator and for nobody."""
        person = self.people.get(person_id or 0)
        return self.groups.get(person.group_id or 0) if person else None

    def lead_of(self, group_id: int) -> str:
        """The names of a group's leads."""
        return ", ".join(p.name for p in self.members() if p.group_id == group_id and p.role is Role.LEAD)

    def coordinators(self) -> str:
        """The coordinators' names."""
        return ", ".join(p.name for p in self.members() if p.role is Role.COORDINATOR)

    def members(self) -> list[Named]:
        """Who has a seat now, by name."""
        return [person for person in self.people.values() if not person.left]


def credentials(email: str) -> tuple[int, str] | None:
    """(person id, password hash) of an address, letters in any case; None if it is unknown."""
    row = db.session.execute(
        select(Person.id, Person.password_hash).where(Person.email == email.strip().lower())
    ).one_or_none()
    return (row[0], row[1]) if row else None


# Statements of every page are made once: putting one together takes longer than its execution.
_LENDER = aliased(Membership)
#: The instant at which a statement is executed.
_NOW = bindparam("now", type_=Instant, callable_=clock.now)
#: Each person once for every seat; the columns of `member_of`.
MEMBERS = (
    select(
        Person.id,
        Person.name,
        Person.email,
        Person.time_zone,
        Person.language,
        TaskForce.id,
        TaskForce.name,
        TaskForce.slug,
        Membership.role,
        Membership.group_id,
        WorkingGroup.short_name,
        # The fields of `StandIn`, in their order, and then the seat of who lends.
        StandInRow.principal_id,
        StandInRow.person_id,
        StandInRow.since,
        StandInRow.until,
        _LENDER.role,
        _LENDER.group_id,
    )
    .join(Membership, (Membership.person_id == Person.id) & Membership.left_at.is_(None), isouter=True)
    .join(TaskForce, TaskForce.id == Membership.task_force_id, isouter=True)
    .join(WorkingGroup, WorkingGroup.id == Membership.group_id, isouter=True)
    .join(
        StandInRow,
        and_(
            StandInRow.task_force_id == Membership.task_force_id,
            StandInRow.person_id == Membership.person_id,
            StandInRow.ended_at.is_(None),
            StandInRow.since <= _NOW,
            StandInRow.until > _NOW,
        ),
        isouter=True,
    )
    .join(
        _LENDER,
        and_(
            _LENDER.task_force_id == StandInRow.task_force_id,
            _LENDER.person_id == StandInRow.principal_id,
            _LENDER.left_at.is_(None),
        ),
        isouter=True,
    )
    .order_by(TaskForce.name)
)
_MEMBER = MEMBERS.where(Person.id == bindparam("person"))


def member(person_id: int) -> Member | None:
    """A person and their seats, in one statement; None if there is no such person."""
    rows: Sequence[Any] = db.session.execute(_MEMBER, {"person": person_id}).all()
    return member_of(rows) if rows else None


def member_of(rows: Sequence[Sequence[Any]]) -> Member:
    """The one person of these rows of `MEMBERS`, whatever columns follow."""
    seats = tuple(
        Seat(
            *(r[5], r[6], r[7], Role(r[8]), r[9], r[10] or ""),
            lent=StandIn(*r[11:15]) if r[11] is not None else None,
            principal=Actor(r[11], r[5], Role(r[15]), r[16]) if r[15] is not None else None,
        )
        for r in rows
        if r[5] is not None
    )
    person, name, email, time_zone, language = rows[0][:5]
    return Member(person, name, email, time_zone, language, seats)


_DIRECTORY = (
    select(
        TaskForce.id,
        TaskForce.slug,
        TaskForce.name,
        TaskForce.notice,
        TaskForce.chatham_house,
        # The fields of `Group`, in their order, and then those of `Named`.
        WorkingGroup.id,
        WorkingGroup.slug,
        WorkingGroup.ordinal,
        WorkingGroup.name,
        WorkingGroup.short_name,
        WorkingGroup.letter,
        WorkingGroup.city,
        WorkingGroup.time_zone,
        Person.id,
        Person.name,
        Person.name_ru,
        Person.name_kk,
        Membership.role,
        Membership.group_id,
        Membership.left_at,
        ~can_sign_in(),
    )
    .join(WorkingGroup, WorkingGroup.task_force_id == TaskForce.id, isouter=True)
    .join(
        Membership,
        (Membership.group_id == WorkingGroup.id)
        | ((Membership.task_force_id == TaskForce.id) & Membership.group_id.is_(None)),
        isouter=True,
    )
    .join(Person, Person.id == Membership.person_id, isouter=True)
    .where(TaskForce.id == bindparam("task_force"))
    .order_by(WorkingGroup.ordinal, Person.name)
)


def directory(
    task_force_id: int,
    reader: Actor | None = None,
    stand_in: Callable[[Group], str] | None = None,
    departed: Callable[[str], str] = str,
    language: str = "",
) -> Directory:
    """The groups and people of a task force, in one statement; `departed` marks the name of who has left.

    Names are spelled as a reader of `language` reads them.

    Under the Chatham House Rule a reader gets what `stand_in` makes of the group for the name of everybody
    in another one, so that no page can show more. The operator, who reads for nobody, gets every name.
    """
    rows: Sequence[Any] = db.session.execute(_DIRECTORY, {"task_force": task_force_id}).all()
    own_id, slug, title, notice, chatham_house, *_ = rows[0]
    groups = {row[5]: Group(*row[5:13]) for row in rows if row[5] is not None}
    masks = {
        group_id: stand_in(group)
        for group_id, group in groups.items()
        if chatham_house
        and stand_in
        and reader
        and not allows(Permission.READ_NAME, reader, About(task_force_id, group_id))
    }
    return Directory(
        own_id,
        slug,
        title,
        notice,
        chatham_house,
        groups=groups,
        people={
            person: Named(
                person,
                masks.get(group or 0) or (shown if left_at is None else departed(shown)),
                masks.get(group or 0) or given,
                Role(role),
                group,
                left=left_at is not None,
                is_guest=left_at is None and guest,
            )
            for *_, person, given, ru, kk, role, group, left_at, guest in rows
            if person is not None
            for shown in (name_for(language, given, {"ru": ru, "kk": kk}),)
        },
    )


def waits_of(actor: Actor, principal: Actor | None) -> ColumnElement[bool]:
    """The waits of a person and, of who they stand in for, those that they can do something about.

    What any member can do waits for them once, though it wait for both.
    """
    own = and_(Wait.person_id == actor.person_id, Wait.task_force_id == actor.task_force_id)
    if principal is None:
        return own
    theirs = aliased(Wait)
    twice = exists().where(
        theirs.recommendation_id == Wait.recommendation_id, theirs.person_id == actor.person_id
    )
    lent = or_(Wait.task.in_(DELEGATED_TASKS), and_(Wait.task.in_(SHARED_TASKS), ~twice))
    return or_(
        own, and_(Wait.person_id == principal.person_id, Wait.task_force_id == actor.task_force_id, lent)
    )


# Putting a statement together takes longer than its execution; members are few, so each has their own.
@lru_cache(maxsize=256)
def _waiting(actor: Actor, principal: Actor | None) -> Select[int]:
    found = select(literal(1)).where(waits_of(actor, principal)).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(found)


def waiting_count(actor: Actor, principal: Actor | None = None) -> int:
    """How many acts wait for this person, up to `MOST_COUNTED`: the number on every page.

    `principal` is who they stand in for.
    """
    return db.session.execute(_waiting(actor, principal)).scalar_one()


def task_force_id(slug: str) -> int | None:
    """The id of a task force; None if there is none of that name."""
    return db.session.scalar(select(TaskForce.id).where(TaskForce.slug == slug))


def has_task_force() -> bool:
    """Whether anything has been set up at all."""
    return db.session.execute(select(TaskForce.id).limit(1)).first() is not None

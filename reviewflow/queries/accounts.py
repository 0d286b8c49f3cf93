"""Who somebody is, for signing in and for naming people on pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, literal, select

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.names import name_for
from reviewflow.domain.permissions import About, Permission, allows
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce, WorkingGroup
from reviewflow.persistence.models.recommendations import Wait

#: Nobody needs to know more exactly; counting on would cost more than the page.
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Seat:
    """One membership: a role in a task force, and the group it is in, if any, with its short name."""

    task_force_id: int
    task_force: str
    slug: str
    role: Role
    group_id: int | None
    group: str


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

    `name` is written as the reader reads; `given` is the name under which the person acts.
    """

    id: int
    name: str
    given: str
    role: Role
    group_id: int | None
    left: bool = False


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
    )
    .join(Membership, (Membership.person_id == Person.id) & Membership.left_at.is_(None), isouter=True)
    .join(TaskForce, TaskForce.id == Membership.task_force_id, isouter=True)
    .join(WorkingGroup, WorkingGroup.id == Membership.group_id, isouter=True)
    .order_by(TaskForce.name)
)
_MEMBER = MEMBERS.where(Person.id == bindparam("person"))


def member(person_id: int) -> Member | None:
    """A person and their seats, in one statement; None if there is no such person."""
    rows: Sequence[Any] = db.session.execute(_MEMBER, {"person": person_id}).all()
    return member_of(rows) if rows else None


def member_of(rows: Sequence[Sequence[Any]]) -> Member:
    """The one person of these rows of `MEMBERS`, whatever columns follow."""
    seats = tuple(Seat(r[5], r[6], r[7], Role(r[8]), r[9], r[10] or "") for r in rows if r[5] is not None)
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
            )
            for *_, person, given, ru, kk, role, group, left_at in rows
            if person is not None
            for shown in (name_for(language, given, {"ru": ru, "kk": kk}),)
        },
    )


_WAITING = select(func.count()).select_from(
    select(literal(1))
    .where(Wait.person_id == bindparam("person"), Wait.task_force_id == bindparam("task_force"))
    .limit(MOST_COUNTED)
    .subquery()
)


def waiting_count(actor: Actor) -> int:
    """How many items this person can move now, up to `MOST_COUNTED`: the number on every page."""
    asked = {"person": actor.person_id, "task_force": actor.task_force_id}
    return db.session.execute(_WAITING, asked).scalar_one()


def task_force_id(slug: str) -> int | None:
    """The id of a task force; None if there is none of that name."""
    return db.session.scalar(select(TaskForce.id).where(TaskForce.slug == slug))


def has_task_force() -> bool:
    """Whether anything has been set up at all."""
    return db.session.execute(select(TaskForce.id).limit(1)).first() is not None

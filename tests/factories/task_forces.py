"""A small task force with real rows: two groups (or three), a coordinator, an administrator."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher
from sqlalchemy import insert

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.manifest import Content
from reviewflow.gateways import clock
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce, WorkingGroup

PASSWORD = "correct horse battery"
#: Hashing is slow on purpose, and a hash says how it was made: this one is cheap to compare with.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

_CITIES = (
    ("washington", "Washington", "W", "America/New_York", "US"),
    ("astana", "Astana", "A", "Asia/Almaty", "KZ"),
    ("vienna", "Vienna", "V", "Europe/Vienna", "AT"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in a test, by name: `cast["astana-lead"]` is an `Actor`."""

    task_force_id: int
    slug: str
    actors: dict[str, Actor]
    emails: dict[str, str]

    def __getitem__(self, name: str) -> Actor:
        return self.actors[name]


def make_task_force(slug: str = "uskz", *, groups: int = 2, experts: int = 2) -> Cast:
    """Store a task force; each group has a lead, `experts` experts and an observer. Needs an app context."""
    session = db.session()
    session.rollback()
    session.connection(execution_options={WRITES: True})
    at = clock.now()
    task_force = TaskForce(
        slug=slug, name=f"Task force {slug}", symbol_prefix=slug.upper(), notice="Invented for a test."
    )
    session.add(task_force)
    session.flush()
    actors: dict[str, Actor] = {}
    emails: dict[str, str] = {}

    def seat(name: str, role: Role, group_id: int | None, zone: str) -> None:
        email = f"{name}@{slug}.example.org"
        person = Person(
            email=email,
            name=name.replace("-", " ").title(),
            password_hash=_HASH,
            time_zone=zone,
        )
        session.add(person)
        session.flush()
        session.execute(
            insert(Membership).values(
                task_force_id=task_force.id,
                person_id=person.id,
                role=role,
                group_id=group_id,
                joined_at=at,
            )
        )
        actors[name] = Actor(person.id, task_force.id, role, group_id)
        emails[name] = email

    for ordinal, (city, name, letter, zone, country) in enumerate(_CITIES[:groups], start=1):
        group = WorkingGroup(
            task_force_id=task_force.id,
            slug=city,
            ordinal=ordinal,
            name=f"{name} working group",
            short_name=name,
            letter=letter,
            city=name,
            time_zone=zone,
            language="en",
            holiday_country=country,
        )
        session.add(group)
        session.flush()
        seat(f"{city}-lead", Role.LEAD, group.id, zone)
        for number in range(1, experts + 1):
            seat(f"{city}-expert-{number}", Role.EXPERT, group.id, zone)
        seat(f"{city}-observer", Role.OBSERVER, group.id, zone)
    seat("coordinator", Role.COORDINATOR, None, "Europe/Vienna")
    seat("administrator", Role.ADMINISTRATOR, None, "UTC")
    session.commit()
    return Cast(task_force.id, slug, actors, emails)


def content(title: str = "A public timetable", **changes: object) -> Content:
    """A complete text; `changes` replace fields."""
    fields: dict[str, object] = {
        "title": title,
        "text": "The Task Force recommends:\n\n1. Publish a timetable.\n\n2. Report on it.",
        "summary": "A timetable that everybody can read.",
        "rationale": "Promises without dates are not kept.",
        "dimension": "human",
        "addressees": ("kazakhstan",),
        "commitments": ("madrid-elections",),
    }
    return Content(**(fields | changes))  # type: ignore[arg-type]  # the fields above are Content's

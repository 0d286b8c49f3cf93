"""Setting up a task force: its groups, its people, and the seat that each of them has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import Select, func, select

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.manifest import LANGUAGES
from reviewflow.domain.memberships import Seat, decide_joining
from reviewflow.domain.names import spelling
from reviewflow.domain.passwords import check_length, check_password
from reviewflow.domain.permissions import About, Permission, demand
from reviewflow.domain.text import canonical_line, canonical_text
from reviewflow.gateways.passwords import guesses, hash_password
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce, WorkingGroup
from reviewflow.queries.memberships import GroupProfile
from reviewflow.services.transaction import Entry, Work, transaction

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
#: Beside the desks of task forces stand pages of its own (`/desk/account`), which would hide one so called.
_PAGES = frozenset({"account", "forgotten", "invitation", "sign-in", "sign-off", "sign-out"})
_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,15}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """A person as they are set up."""

    email: str
    name: str
    affiliation: str = ""
    time_zone: str = "UTC"
    language: str = "en"
    name_ru: str = ""
    name_kk: str = ""


def create_task_force(
    slug: str, name: str, symbol_prefix: str, *, description: str = "", disclaimer: str = "", notice: str = ""
) -> int:
    """Found a task force and return its id; only the operator at the command line does this.

    Raises `InvalidInput`, `UnacceptableText`.
    """
    _require(_SLUG, "slug", slug, 40)
    if slug in _PAGES:
        raise InvalidInput(field="slug", problem="taken")
    _require(_PREFIX, "symbol_prefix", symbol_prefix, 16)
    with transaction() as work:
        _refuse_taken(work, "slug", select(TaskForce.id).where(TaskForce.slug == slug))
        taken = select(TaskForce.id).where(TaskForce.symbol_prefix == symbol_prefix)
        _refuse_taken(work, "symbol_prefix", taken)
        row = TaskForce(
            slug=slug,
            name=line("name", name, 200),
            symbol_prefix=symbol_prefix,
            description=_text("description", description, 2000),
            disclaimer=_text("disclaimer", disclaimer, 2000),
            notice=_text("notice", notice, 500),
        )
        work.session.add(row)
        work.session.flush()
        record(work, None, row, "task_force_created", slug=slug)
        return row.id


def adopt_chatham_house(actor: Actor | None, task_force_id: int) -> None:
    """From now on the other side sees the group and not the person; adopting it again changes nothing.

    There is no way back: what was said under the rule stays under it. `actor` is an administrator, or None
    for the operator. Raises `NotPermitted`, `NotFound`.
    """
    _ask_administrator(actor, task_force_id)
    with transaction() as work:
        task_force = _task_force(work, task_force_id)
        if not task_force.chatham_house:
            task_force.chatham_house = True
            record(work, actor.person_id if actor else None, task_force, "chatham_house_adopted")


def create_group(actor: Actor | None, task_force_id: int, profile: GroupProfile) -> int:
    """Add a working group and return its id. `actor` is an administrator, or None for the operator.

    Raises `NotPermitted`, `NotFound`, `InvalidInput`, `UnacceptableText`.
    """
    _ask_administrator(actor, task_force_id)
    _require(_SLUG, "slug", profile.slug, 40)
    fields = _group_fields(profile)
    with transaction() as work:
        task_force = _task_force(work, task_force_id)
        groups = select(WorkingGroup.id).where(WorkingGroup.task_force_id == task_force_id)
        _refuse_taken(work, "slug", groups.where(WorkingGroup.slug == profile.slug))
        count = work.session.scalar(select(func.count()).select_from(groups.subquery())) or 0
        row = WorkingGroup(
            task_force_id=task_force_id,
            slug=profile.slug,
            ordinal=count + 1,
            **fields,
        )
        work.session.add(row)
        work.session.flush()
        record(work, actor.person_id if actor else None, task_force, "group_created", group=profile.slug)
        return row.id


def change_group(actor: Actor, group_id: int, profile: GroupProfile) -> None:
    """Change how a group is called and where it works; its `slug`, which stands in manifests, stays.

    Raises `NotPermitted`, `NotFound`, `InvalidInput`, `UnacceptableText`.
    """
    _ask_administrator(actor, actor.task_force_id)
    fields = _group_fields(profile)
    with transaction() as work:
        task_force = _task_force(work, actor.task_force_id)
        row = work.session.get(WorkingGroup, group_id)
        if row is None or row.task_force_id != task_force.id:
            raise NotFound()
        _change(work, actor, task_force, row, "group_changed", fields, group=row.slug)


def change_settings(actor: Actor, *, name: str, description: str, disclaimer: str, notice: str) -> None:
    """Change what is said of a task force; what was published before keeps what it said then.

    Raises `NotPermitted`, `InvalidInput`, `UnacceptableText`.
    """
    _ask_administrator(actor, actor.task_force_id)
    fields = {
        "name": line("name", name, 200),
        "description": _text("description", description, 2000),
        "disclaimer": _text("disclaimer", disclaimer, 2000),
        "notice": _text("notice", notice, 500),
    }
    with transaction() as work:
        row = _task_force(work, actor.task_force_id)
        _change(work, actor, row, row, "settings_changed", fields)


def _change(
    work: Work,
    actor: Actor,
    task_force: TaskForce,
    row: TaskForce | WorkingGroup,
    event: str,
    fields: dict[str, str],
    **place: object,
) -> None:
    """Store what differs, and tell it with what it was; the same once more is no event."""
    changed = {field: value for field, value in fields.items() if getattr(row, field) != value}
    if not changed:
        return
    was = {field: getattr(row, field) for field in changed}
    for field, value in changed.items():
        setattr(row, field, value)
    record(work, actor.person_id, task_force, event, **place, now=changed, was=was)


def _group_fields(profile: GroupProfile) -> dict[str, str]:
    """What of a group can be changed, as it is stored."""
    refuse_unknown("time_zone", profile.time_zone, available_timezones())
    refuse_unknown("language", profile.language, LANGUAGES)
    _require(_COUNTRY, "holiday_country", profile.holiday_country, 2)
    return {
        "name": line("name", profile.name, 200),
        "short_name": line("short_name", profile.short_name, 60),
        "letter": line("letter", profile.letter, 2),
        "city": line("city", profile.city, 80),
        "time_zone": profile.time_zone,
        "language": profile.language,
        "holiday_country": profile.holiday_country,
    }


def create_person(profile: PersonProfile, password: str) -> int:
    """Register somebody who can sign in, and return their id; a seat in a task force is given apart.

    Raises `InvalidInput` (the address is taken, the password too short or too easy), `UnacceptableText`.
    """
    check_password(password, (profile.email, profile.name, profile.affiliation), guesses)
    return create_people([profile], password)[0]


def create_people(profiles: Sequence[PersonProfile], password: str) -> list[int]:
    """Register several people at once who have one password between them, as in the demonstration."""
    check_length(password)
    hashed = hash_password(password)  # slow on purpose, so before the write lock is taken
    with transaction() as work:
        rows = []
        for profile in profiles:
            rows.append(add_person(work, profile, hashed))
        return [row.id for row in rows]


def add_person(work: Work, profile: PersonProfile, hashed: str) -> Person:
    """Store somebody with the hash of a password. Raises as `create_person` does."""
    row = _person_row(profile, hashed)
    _refuse_taken(work, "email", select(Person.id).where(Person.email == row.email))
    work.session.add(row)
    work.session.flush()
    return row


def _person_row(profile: PersonProfile, hashed: str) -> Person:
    email = canonical_email(profile.email)
    refuse_unknown("time_zone", profile.time_zone, available_timezones())
    refuse_unknown("language", profile.language, LANGUAGES)
    return Person(
        email=email,
        name=line("name", profile.name, 200),
        affiliation=line("affiliation", profile.affiliation, 200) if profile.affiliation else "",
        password_hash=hashed,
        time_zone=profile.time_zone,
        language=profile.language,
        name_ru=spelling(profile.name_ru, "ru"),
        name_kk=spelling(profile.name_kk, "kk"),
    )


def _ask_administrator(actor: Actor | None, task_force_id: int) -> None:
    """Settings are an administrator's, or the operator's (None). Raises `NotPermitted`."""
    if actor is not None:
        demand(Permission.MANAGE_SETTINGS, actor, About(task_force_id))


def add_member(task_force_id: int, person_id: int, role: Role, group_id: int | None = None) -> None:
    """Give a person a seat without asking them, which only the operator does: others invite.

    Raises what `give_seat` does, and `NotFound`.
    """
    with transaction() as work:
        task_force = _task_force(work, task_force_id)
        group = work.session.get(WorkingGroup, group_id) if group_id is not None else None
        if work.session.get(Person, person_id) is None or (
            group_id is not None and (group is None or group.task_force_id != task_force_id)
        ):
            raise NotFound()
        give_seat(work, None, task_force, person_id, role, group)


def seat_of(row: Membership | None) -> Seat | None:
    """A membership as the rules see it."""
    return Seat(Role(row.role), row.group_id, ended=row.left_at is not None) if row else None


def give_seat(
    work: Work,
    actor_id: int | None,
    task_force: TaskForce,
    person_id: int,
    role: Role,
    group: WorkingGroup | None,
) -> None:
    """Give a person their one seat in a task force, new or taken again, with its event.

    Nobody sits in two groups, a coordinator in none; the table's key says the same. Raises what
    `decide_joining` does.
    """
    seat = work.session.get(Membership, (task_force.id, person_id))
    decide_joining(role, group.id if group else None, seat_of(seat))
    if seat is None:
        work.session.add(
            Membership(
                task_force_id=task_force.id,
                person_id=person_id,
                role=role,
                group_id=group.id if group else None,
                joined_at=work.now,
            )
        )
    else:
        seat.role, seat.joined_at, seat.left_at = role, work.now, None
    work.session.flush()
    place = {"group": group.slug} if group else {}
    record(work, actor_id, task_force, "member_joined", person=person_id, role=str(role), **place)


def canonical_email(raw: str) -> str:
    """An address as it is stored. Raises `InvalidInput`."""
    email = raw.strip().lower()
    _require(_EMAIL, "email", email, 254)
    return email


def _task_force(work: Work, task_force_id: int) -> TaskForce:
    found = work.session.get(TaskForce, task_force_id)
    if found is None:
        raise NotFound()
    return found


def record(work: Work, actor_id: int | None, task_force: TaskForce, name: str, **data: object) -> None:
    """An event of the task force itself; everybody in it may see it."""
    work.record(
        Entry(
            name=name,
            task_force_id=task_force.id,
            task_force=task_force.slug,
            actor_id=actor_id,
            data=data,
        )
    )


def _refuse_taken(work: Work, field: str, query: Select[int]) -> None:
    if work.session.execute(query).first() is not None:
        raise InvalidInput(field=field, problem="taken")


def refuse_unknown(field: str, value: str, known: tuple[str, ...] | set[str]) -> None:
    """Raises `InvalidInput` for what is not among the known values."""
    if value not in known:
        raise InvalidInput(field=field, problem="unknown_value", value=value)


def _require(pattern: re.Pattern[str], field: str, value: str, limit: int) -> None:
    if not pattern.fullmatch(value):
        raise InvalidInput(field=field, problem="malformed", value=value[:80])
    if len(value) > limit:
        raise InvalidInput(field=field, problem="too_long", limit=limit)


def line(field: str, raw: str, limit: int) -> str:
    """A line as it is stored. Raises `UnacceptableText`, `InvalidInput`: nothing is in it, or too much."""
    kept = canonical_line(raw, field=field)
    if not kept:
        raise InvalidInput(field=field, problem="missing")
    if len(kept) > limit:
        raise InvalidInput(field=field, problem="too_long", limit=limit)
    return kept


def _text(field: str, raw: str, limit: int) -> str:
    text = canonical_text(raw, field=field)
    if len(text) > limit:
        raise InvalidInput(field=field, problem="too_long", limit=limit)
    return text

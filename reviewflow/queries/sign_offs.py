"""Links by which guests sign off: those of a lead's group on one text, and what one link shows its holder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import Item
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.memberships import DeadLink, Seat
from reviewflow.domain.sign_offs import Ending, Life, SignOff, ask_lead, life_of
from reviewflow.domain.workflow import Action, Option, available_actions, may_begin
from reviewflow.gateways.links import hash_of
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Person, TaskForce, WorkingGroup
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.models.sign_offs import SignOffRow
from reviewflow.persistence.repository import load_item
from reviewflow.queries.credentials import can_sign_in
from reviewflow.queries.parts import IncludedText, included
from reviewflow.queries.statements import Attachment, attachments
from reviewflow.queries.visible import visible_items


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody of the group who has no account; `may_sign` says whether they could use a link now."""

    person_id: int
    name: str
    email: str
    may_sign: bool


@dataclass(frozen=True, slots=True)
class SignOffLine:
    """One link, as the leads of its guest's group see it; nobody ever sees its secret."""

    id: int
    person_id: int
    version: int
    sent_to: str
    asked_by: int
    asked_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    life: Life


@dataclass(frozen=True, slots=True)
class SignOffs:
    """The guests of a lead's group and their links on one text, the newest first.

    `option` is what the lead could do by telephone instead; its reasons say why nothing is possible now.
    """

    key: str
    symbol: str
    title: str
    version: int
    digest: str
    option: Option | None
    guests: tuple[Guest, ...]
    lines: tuple[SignOffLine, ...]


@dataclass(frozen=True, slots=True)
class SigningPage:
    """What a link shows its holder; the text is there for an open one alone.

    `option` is the guest's position with what stands in its way; `zone` is the guest's. Each statement comes
    with the name of its group.
    """

    life: Life
    guest: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    task_force: str
    group: str
    symbol: str
    version: int
    digest: str
    zone: str
    option: Option | None
    manifest: Manifest | None
    parts: tuple[IncludedText, ...]
    statements: tuple[tuple[Attachment, str], ...]


def sign_off_of(row: SignOffRow) -> SignOff:
    """A link as the rules see it."""
    ending = Ending(row.ending) if row.ending else None
    return SignOff(row.round, row.version_number, row.digest, row.expires_at, ending)


def guest_of(seats: Mapping[int, Seat], task_force_id: int, person_id: int) -> Actor | None:
    """A person in their seat; None if it has ended."""
    seat = seats.get(person_id)
    return Actor(person_id, task_force_id, seat.role, seat.group_id) if seat else None


def sign_offs(actor: Actor, key: str, at: datetime) -> SignOffs:
    """The page of a lead of a counterpart group. Raises `NotFound`, `NotPermitted`."""
    session = db.session()
    row = session.scalars(
        select(Recommendation).where(visible_items(actor), Recommendation.key == key)
    ).one_or_none()
    if row is None:
        raise NotFound()
    loaded = load_item(session, row)
    item, seats = loaded.item, loaded.party.seats
    ask_lead(actor, item)
    seen = item.version_for(actor)
    assert seen, "what is visible to a counterpart was circulated"
    title = session.scalar(
        select(VersionRow.title).where(
            VersionRow.recommendation_id == item.id, VersionRow.number == seen.number
        )
    )
    own = {person for person, seat in seats.items() if seat.group_id == actor.group_id}
    found = session.execute(
        select(Person.id, Person.name, Person.email)
        .where(Person.id.in_(sorted(own)), ~can_sign_in())
        .order_by(Person.name)
    ).all()
    guests = []
    for person, name, email in found:
        guest = guest_of(seats, actor.task_force_id, person)
        possible = guest is not None and may_begin(guest, item, Action.TAKE_POSITION, at)
        guests.append(Guest(person, name, email, possible))
    links = session.scalars(
        select(SignOffRow).where(SignOffRow.recommendation_id == item.id).order_by(SignOffRow.id.desc())
    )
    return SignOffs(
        key=row.key,
        symbol=row.final_symbol or row.symbol or "",
        title=title or "",
        version=seen.number,
        digest=seen.digest,
        option=_option(actor, item, Action.RECORD_POSITION, at),
        guests=tuple(guests),
        lines=tuple(
            SignOffLine(
                link.id,
                link.person_id,
                link.version_number,
                link.sent_to,
                link.asked_by,
                link.asked_at,
                link.expires_at,
                link.ended_at,
                life_of(sign_off_of(link), item, guest_of(seats, actor.task_force_id, link.person_id), at),
            )
            for link in links
            if link.person_id in own
        ),
    )


def opened(secret: str, at: datetime) -> SigningPage:
    """What the link with this secret shows at an instant. Raises `DeadLink` if there is none."""
    session = db.session()
    asker = aliased(Person)
    found = session.execute(
        select(SignOffRow, Recommendation, VersionRow, Person, asker.name, TaskForce.name)
        .join(Recommendation, Recommendation.id == SignOffRow.recommendation_id)
        .join(
            VersionRow,
            (VersionRow.recommendation_id == SignOffRow.recommendation_id)
            & (VersionRow.number == SignOffRow.version_number),
        )
        .join(Person, Person.id == SignOffRow.person_id)
        .join(asker, asker.id == SignOffRow.asked_by)
        .join(TaskForce, TaskForce.id == Recommendation.task_force_id)
        .where(SignOffRow.secret_hash == hash_of(secret))
    ).one_or_none()
    if found is None:
        raise DeadLink()
    link, row, version, person, asked_by, task_force = found
    loaded = load_item(session, row)
    guest = guest_of(loaded.party.seats, row.task_force_id, person.id)
    life = life_of(sign_off_of(link), loaded.item, guest, at)
    is_open = life is Life.OPEN and guest is not None
    manifest = Manifest.from_bytes(version.manifest) if is_open else None
    in_task_force = WorkingGroup.task_force_id == row.task_force_id
    named = session.execute(select(WorkingGroup.id, WorkingGroup.name).where(in_task_force))
    groups = {group.id: group.name for group in named}
    attached = attachments(session, guest, loaded.item, at).lines if is_open and guest else ()
    return SigningPage(
        life=life,
        guest=person.name,
        asked_by=asked_by,
        asked_at=link.asked_at,
        expires_at=link.expires_at,
        ended_at=link.ended_at,
        task_force=task_force,
        group=groups.get(guest.group_id or 0, "") if guest else "",
        symbol=row.final_symbol or row.symbol or "",
        version=version.number,
        digest=version.digest,
        zone=person.time_zone,
        option=_option(guest, loaded.item, Action.TAKE_POSITION, at) if guest else None,
        manifest=manifest,
        parts=included(session, row.task_force_id, manifest.includes) if manifest else (),
        statements=tuple((line, groups[line.group_id]) for line in attached),
    )


def _option(actor: Actor, item: Item, action: Action, at: datetime) -> Option | None:
    return next((o for o in available_actions(actor, item, at) if o.action is action), None)

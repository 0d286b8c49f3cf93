"""Package deals: tying texts, untying them, and agreeing to all of them in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, insert, select, update

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, Refusal, Unmet, WrongState
from reviewflow.domain.items import State
from reviewflow.domain.packages import FEWEST, MOST, PackageHeld, StalePackage, groups_asked, seal_of_items
from reviewflow.domain.permissions import about_item, allows
from reviewflow.domain.text import canonical_line
from reviewflow.domain.workflow import Act, Action, Event, Reason, decide
from reviewflow.persistence import mapping
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.packages import PackageConsent, PackageItem, PackageRow
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.repository import Loaded, lock_item_by_id, lock_items
from reviewflow.queries.visible import sees_circulated, visible_items
from reviewflow.services import procedure
from reviewflow.services.transaction import Work, transaction

#: The largest title (the table's).
_LONGEST_TITLE = 400
_CONSENT = insert(table_of(PackageConsent))
_ITEM = insert(table_of(PackageItem))
_RELEASE = (
    update(table_of(PackageItem))
    .where(PackageItem.package_id == bindparam("of_package"))
    .values(released_at=bindparam("at"))
)


def tie(actor: Actor, title: str, keys: Sequence[str]) -> str:
    """Tie proposed texts into a package, and return its key.

    It is about the texts whatever their words, so it names no versions. Raises `NotFound`, `NotPermitted`,
    `InvalidInput` (no title; too few, too many), and `PackageHeld` with what the rules say item by item.
    """
    with transaction() as work:
        name = canonical_line(title, field="title")
        if not name:
            raise InvalidInput(field="title", problem="missing")
        if len(name) > _LONGEST_TITLE:
            raise InvalidInput(field="title", problem="too_long", limit=_LONGEST_TITLE)
        chosen = set(keys)
        if len(chosen) < FEWEST:
            raise InvalidInput(field="texts", problem="too_few")
        if len(chosen) > MOST:
            raise InvalidInput(field="texts", problem="too_many", limit=MOST)
        ids = work.session.scalars(
            select(Recommendation.id).where(visible_items(actor), Recommendation.key.in_(chosen))
        ).all()
        if len(ids) != len(chosen):
            raise NotFound()
        items = _lock(work, actor, ids)
        events = _decided(actor, [(loaded, _on_seen(work, actor, loaded, Action.TIE)) for loaded in items])
        package = PackageRow(
            key=secrets.token_hex(6),
            task_force_id=actor.task_force_id,
            title=name,
            group_id=actor.group_id,
            tied_by=actor.person_id,
            tied_at=work.now,
        )
        work.session.add(package)
        work.session.flush()
        key = package.key
        work.session.execute(
            _ITEM, [{"package_id": package.id, "recommendation_id": loaded.item.id} for loaded in items]
        )
        for loaded, event in zip(items, events, strict=True):
            procedure.carry_out(work, loaded, event, package=key)
        return key


def untie(actor: Actor, key: str) -> None:
    """Untie the texts of a package; each goes its own way again. Raises as `tie` does."""
    with transaction() as work:
        package, items = _lock_package(work, actor, key)
        events = _decided(actor, [(loaded, _on_seen(work, actor, loaded, Action.UNTIE)) for loaded in items])
        _end(work, package, "untied")
        for loaded, event in zip(items, events, strict=True):
            procedure.carry_out(work, loaded, event, package=key)


def agree_to_package(actor: Actor, key: str, seal: str) -> bool:
    """Agree for the actor's group to everything that is tied, or to nothing; whether that was the last one.

    A group's consent is bound to the texts that it read (`seal`). With the last one the agreements of all
    groups to all texts are recorded at once, if every ballot still carries; until then no text has any.
    Raises `NotFound`, `NotPermitted`, `StalePackage`, and `PackageHeld` with every reason by item.
    """
    with transaction() as work:
        package, items = _lock_package(work, actor, key)
        groups = groups_asked(loaded.item.counterparts for loaded in items)
        may_agree = any(allows(Action.AGREE, actor, about_item(actor, loaded.item)) for loaded in items)
        if not may_agree or actor.group_id not in groups:
            raise NotPermitted(action=Action.AGREE)
        if seal != seal_of_items(loaded.item for loaded in items):
            raise StalePackage()
        consents = _consents(work, package, seal)
        if actor.group_id in consents:
            raise Unmet(action=Action.AGREE, reasons=(Reason("package_consent_given"),))
        consents[actor.group_id] = actor
        acts = [
            (loaded, consents[group], _on_head(loaded))
            for loaded in items
            for group in loaded.item.counterparts
            if group == actor.group_id or consents.keys() >= groups
        ]
        _refuse_held(items, acts)
        work.session.execute(
            _CONSENT,
            {
                "package_id": package.id,
                "group_id": actor.group_id,
                "person_id": actor.person_id,
                "seal": seal,
                "at": work.now,
            },
        )
        if not consents.keys() >= groups:
            for loaded in items:
                after = replace(loaded.item, consented=frozenset(consents))
                mapping.store_item(work.session, loaded, after, work.now)
                mapping.store_waits(work.session, loaded, after, work.now)
                _record_consent(work, actor, loaded, key)
            return False
        _end(work, package, "agreed")
        for loaded, lead, act in acts:
            # The row that was locked is written; another group's agreement to the same text finds it anew.
            fresh = lock_item_by_id(work.session, loaded.item.id)
            procedure.carry_out(work, fresh, decide(lead, fresh.item, act), package=key)
        return True


def _lock(work: Work, actor: Actor, ids: Sequence[int]) -> list[Loaded]:
    """The items under lock, always in the same order, so that two packages never wait for each other.

    Raises `NotFound` as `procedure.ask_seat` does.
    """
    items = lock_items(work.session, ids)
    for loaded in items:
        procedure.ask_seat(actor, loaded)
    return items


def _lock_package(work: Work, actor: Actor, key: str) -> tuple[PackageRow, list[Loaded]]:
    """A package with its items under lock. Raises `NotFound`, also to who may not see what is in it."""
    named = select(PackageRow).where(PackageRow.task_force_id == actor.task_force_id, PackageRow.key == key)
    package = work.session.scalars(named).one_or_none()
    # Whatever is tied has been circulated.
    if package is None or not sees_circulated(actor):
        raise NotFound()
    items = _lock(
        work,
        actor,
        work.session.scalars(
            select(PackageItem.recommendation_id).where(PackageItem.package_id == package.id)
        ).all(),
    )
    # Who waited for the locks reads the package as it was left.
    work.session.refresh(package)
    if package.ended_at is not None:
        raise Unmet(action=Action.UNTIE, reasons=(Reason("not_tied"),))
    return package, items


def _on_seen(work: Work, actor: Actor, loaded: Loaded, action: Action) -> Act:
    seen = loaded.item.version_for(actor)
    return Act(action, seen.number if seen else None, at=work.now)


def _on_head(loaded: Loaded) -> Act:
    return Act(Action.AGREE, loaded.item.head.number, in_package=True)


def _decided(actor: Actor, acts: Sequence[tuple[Loaded, Act]]) -> list[Event]:
    """What the rules make of an act on each item. Raises `PackageHeld` if they refuse any of them."""
    events, held = [], []
    for loaded, act in acts:
        try:
            events.append(decide(actor, loaded.item, act))
        except (WrongState, Unmet) as refusal:
            held.append((_name(loaded), refusal))
    if held:
        raise PackageHeld(held=tuple(held))
    return events


def _refuse_held(items: Sequence[Loaded], acts: Sequence[tuple[Loaded, Actor, Act]]) -> None:
    """Raise `PackageHeld` with everything that keeps these acts from being done, item by item."""
    held: list[tuple[str, Refusal]] = []
    for loaded in items:
        if loaded.item.state is not State.PROPOSED:
            held.append((_name(loaded), WrongState(action=Action.AGREE, state=loaded.item.state)))
    for loaded, lead, act in acts:
        try:
            decide(lead, loaded.item, act)
        except Unmet as refusal:
            held.append((_name(loaded), refusal))
        except WrongState:
            continue  # Said above, for the text and not for a group.
    if held:
        raise PackageHeld(held=tuple(held))


def _name(loaded: Loaded) -> str:
    """What is tied was circulated, and so it has a symbol."""
    return loaded.row.symbol or loaded.row.key


def _consents(work: Work, package: PackageRow, seal: str) -> dict[int, Actor]:
    """The leads who have agreed to these very texts, by group; each speaks again when all have."""
    rows = work.session.execute(
        select(PackageConsent.group_id, PackageConsent.person_id).where(
            PackageConsent.package_id == package.id, PackageConsent.seal == seal
        )
    )
    return {group: Actor(person, package.task_force_id, Role.LEAD, group) for group, person in rows}


def _end(work: Work, package: PackageRow, outcome: str) -> None:
    package.ended_at, package.outcome = work.now, outcome
    work.session.execute(_RELEASE, {"of_package": package.id, "at": work.now})
    work.session.flush()


def _record_consent(work: Work, actor: Actor, loaded: Loaded, key: str) -> None:
    entry = procedure.beside(loaded, actor, "package_consent", package=key)
    work.record(replace(entry, version=loaded.item.head.number, digest=loaded.item.head.digest))

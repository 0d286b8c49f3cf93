"""Drafting and moving a text from the proposing group's side."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.brackets import clean, only_brackets_changed
from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.items import State
from reviewflow.domain.manifest import Content, Manifest
from reviewflow.domain.text import canonical_text
from reviewflow.domain.visibility import may_see_item
from reviewflow.domain.workflow import Act, Action, Event, decide, decide_creation, may_create
from reviewflow.persistence import mapping
from reviewflow.persistence.models.accounts import Membership, TaskForce, WorkingGroup
from reviewflow.persistence.models.recommendations import Recommendation, WorkingText
from reviewflow.persistence.repository import lock_item
from reviewflow.services import procedure
from reviewflow.services.transaction import Entry, Work, transaction

#: The slot of a working text that belongs to no recommendation yet.
NEW = "new"


def create_recommendation(actor: Actor, content: Content, note: str = "", replaces: str | None = None) -> str:
    """Draft a recommendation for the actor's group, and return its key.

    `replaces` is the key of the published recommendation that this one is to supersede. Raises
    `NotPermitted`, `NotFound` (for `replaces`), `InvalidInput`, `UnacceptableText`.
    """
    with transaction() as work:
        home = home_of(work.session, actor)
        replaced = _replaced(work.session, actor, replaces) if replaces else None
        draft = Draft(content.manifest(home.group, home.language), canonical_text(note), replaced)
        (key,) = create_all(work, actor, home, [draft])
        _forget_working_text(work.session, actor, NEW)
    return key


@dataclass(frozen=True, slots=True)
class Home:
    """Where an actor's drafts come from: the slugs of group and task force, and the group's language."""

    group: str
    language: str
    task_force: str
    leads: frozenset[int]


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to create a recommendation of; `note` is canonical, `replaces_id` names a published item."""

    manifest: Manifest
    note: str = ""
    replaces_id: int | None = None
    imported_from: str | None = None


def home_of(session: Session, actor: Actor) -> Home:
    """Look an actor's group up once, however many drafts follow. Raises `NotPermitted`."""
    decide_creation(actor, "")
    group, language, task_force = session.execute(
        select(WorkingGroup.slug, WorkingGroup.language, TaskForce.slug)
        .join(TaskForce, TaskForce.id == WorkingGroup.task_force_id)
        .where(WorkingGroup.id == actor.group_id)
    ).one()
    leads = session.scalars(
        select(Membership.person_id).where(
            Membership.group_id == actor.group_id, Membership.role == Role.LEAD
        )
    )
    return Home(group, language, task_force, frozenset(leads))


def create_all(work: Work, actor: Actor, home: Home, drafts: Sequence[Draft]) -> list[str]:
    """Create a recommendation of each draft within an open transaction, and return their keys in order.

    A constant number of statements for any number of drafts, since an import creates many at once.
    """
    rows = mapping.add_recommendations(
        work.session,
        actor,
        [(secrets.token_hex(6), draft.replaces_id, draft.imported_from) for draft in drafts],
        at=work.now,
    )
    versions = mapping.add_versions(
        work.session,
        [(row.id, draft.manifest, draft.note) for row, draft in zip(rows, drafts, strict=True)],
        number=1,
        author_id=actor.person_id,
        at=work.now,
    )
    mapping.add_first_waits(work.session, rows, home.leads | {actor.person_id}, work.now)
    event = decide_creation(actor, "")
    for row, version in zip(rows, versions, strict=True):
        data: dict[str, object] = {"state": str(event.state), "round": event.round}
        work.record(
            Entry(
                name=event.action,
                task_force_id=actor.task_force_id,
                task_force=home.task_force,
                actor_id=actor.person_id,
                item_id=row.id,
                item_key=row.key,
                version=version.number,
                digest=version.digest,
                data=data | ({"note": version.note} if version.note else {}),
                internal_to=actor.group_id,
            )
        )
    return [row.key for row in rows]


def _replaced(session: Session, actor: Actor, key: str) -> int:
    """The published item that a successor is drafted for; `NotFound` if the actor can't see it."""
    row = session.execute(
        select(
            Recommendation.id,
            Recommendation.group_id,
            Recommendation.state,
            Recommendation.circulated_number,
        ).where(Recommendation.key == key, Recommendation.task_force_id == actor.task_force_id)
    ).one_or_none()
    if row is None or not may_see_item(
        actor, actor.task_force_id, row.group_id, circulated=row.circulated_number is not None
    ):
        raise NotFound()
    if row.state != State.PUBLISHED:
        raise InvalidInput(field="replaces", problem="not_published")
    return row.id


def save_version(actor: Actor, key: str, base: int, content: Content, note: str = "") -> Event:
    """Save a new version over version `base` (revise).

    Raises what `decide` raises; `StaleVersion` when somebody saved meanwhile, `Unmet` with
    `text_unchanged` when nothing changed; `InvalidInput`, `UnacceptableText`.
    """
    with transaction() as work:
        loaded = lock_item(work.session, actor.task_force_id, key)
        stored = Manifest.from_bytes(loaded.manifest)
        manifest = content.manifest(stored.proposing_group, stored.authentic_language)
        act = Act(Action.REVISE, base, digest=manifest.digest(), missing=manifest.missing())
        event = decide(actor, loaded.item, act)
        procedure.carry_out_text(work, loaded, event, manifest, canonical_text(note))
        _forget_working_text(work.session, actor, key)
    return event


def settle_bracket(
    actor: Actor, key: str, version: int, index: int, wording: str, note: str = ""
) -> Event:
    """Clean the `index`-th open bracket of the text (from 0): replace it by agreed words (amend).

    Raises what `decide` raises, `InvalidInput` for a bracket that is not there, `UnacceptableText`.
    """
    with transaction() as work:
        loaded = lock_item(work.session, actor.task_force_id, key)
        stored = Manifest.from_bytes(loaded.manifest)
        old = stored.wording
        # The rules are asked before the text is touched, so that a refusal says the rule's reason.
        probe = Act(Action.AMEND, version, digest="", only_brackets_cleaned=True)
        decide(actor, loaded.item, probe)
        try:
            cleaned = clean(old.text, index, canonical_text(wording))
        except IndexError:
            raise InvalidInput(field="bracket", problem="no_such_bracket", index=index) from None
        new = replace(old, text=canonical_text(cleaned))
        manifest = replace(stored, wordings={**stored.wordings, stored.authentic_language: new})
        act = Act(
            Action.AMEND,
            version,
            digest=manifest.digest(),
            missing=manifest.missing(),
            only_brackets_cleaned=only_brackets_changed(old.text, new.text),
        )
        event = decide(actor, loaded.item, act)
        procedure.carry_out_text(work, loaded, event, manifest, canonical_text(note))
    return event


def propose(actor: Actor, key: str, version: int) -> Event:
    """Circulate a draft to every counterpart group and open their ballots."""
    return procedure.perform(actor, key, Act(Action.PROPOSE, version))


def resubmit(actor: Actor, key: str, version: int, answer: str = "") -> Event:
    """Circulate the revised text, or the same text with a written answer, and open new ballots."""
    return procedure.perform(actor, key, Act(Action.RESUBMIT, version, canonical_text(answer)))


def recall(actor: Actor, key: str, version: int, reason: str) -> Event:
    """Take a proposal back for changes while no counterpart group has agreed."""
    return procedure.perform(actor, key, Act(Action.RECALL, version, canonical_text(reason)))


def withdraw(actor: Actor, key: str, version: int, reason: str) -> Event:
    """Take a recommendation out of the procedure."""
    return procedure.perform(actor, key, Act(Action.WITHDRAW, version, canonical_text(reason)))


def reopen(actor: Actor, key: str, version: int, reason: str) -> Event:
    """Make a withdrawn or declined recommendation a draft again."""
    return procedure.perform(actor, key, Act(Action.REOPEN, version, canonical_text(reason)))


def keep_working_text(actor: Actor, slot: str, base: int, fields: dict[str, object]) -> None:
    """Keep what somebody is typing, so that it survives a closed browser; no event, no version.

    `slot` is a recommendation's key or `NEW`. Raises `NotFound` when the actor could not edit it.
    """
    with transaction() as work:
        if slot != NEW:
            loaded = lock_item(work.session, actor.task_force_id, slot)
            if loaded.item.proposing_group != actor.group_id or not may_create(actor):
                raise NotFound()
        else:
            decide_creation(actor, "")
        identity = (actor.person_id, actor.task_force_id, slot)
        row = work.session.get(WorkingText, identity)
        if row is None:
            row = WorkingText(person_id=actor.person_id, task_force_id=actor.task_force_id, slot=slot)
            work.session.add(row)
        row.base_number, row.fields, row.saved_at = base, fields, work.now


def discard_working_text(actor: Actor, slot: str) -> None:
    """Forget what somebody was typing."""
    with transaction() as work:
        _forget_working_text(work.session, actor, slot)


def _forget_working_text(session: Session, actor: Actor, slot: str) -> None:
    session.execute(
        delete(WorkingText)
        .where(
            WorkingText.person_id == actor.person_id,
            WorkingText.task_force_id == actor.task_force_id,
            WorkingText.slot == slot,
        )
        .execution_options(synchronize_session=False)
    )

"""Drafting and moving a text from the proposing group's side."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.brackets import clean, find_brackets, only_brackets_changed
from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.items import Relation, RelationKind
from reviewflow.domain.manifest import KINDS, WORDED, Content, Manifest, Wording
from reviewflow.domain.permissions import about_item, demand
from reviewflow.domain.relations import Follows, corrects_nothing, words_to_correct
from reviewflow.domain.text import canonical_text
from reviewflow.domain.workflow import Act, Action, Event, decide_creation
from reviewflow.persistence import mapping
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.accounts import Membership, TaskForce, WorkingGroup
from reviewflow.persistence.models.recommendations import WorkingText
from reviewflow.queries.originals import Original, corrected_words, original_of
from reviewflow.queries.parts import includable
from reviewflow.services import procedure
from reviewflow.services.transaction import Entry, Work, transaction

#: The slot of a working text that belongs to no recommendation yet.
NEW = "new"


#: Before the key of the published text, the slot of what is typed into its successor or corrigendum.
_FOLLOWING = {RelationKind.SUCCESSOR: f"{NEW}-", RelationKind.CORRIGENDUM: "cor-"}


def slot_for_new(follows: Follows | None = None, kind: str = "recommendation") -> str:
    """The slot of a new text's working text: one for the drafts of each kind, one for what follows a text."""
    if follows:
        return _FOLLOWING[follows.kind] + follows.key
    return NEW if kind == "recommendation" else f"{NEW}-{kind}"


def create_recommendation(
    actor: Actor, content: Content, note: str = "", follows: Follows | None = None, key: str = ""
) -> str:
    """Draft a recommendation, brief or paper for the actor's group, and return its key.

    `follows` names the published text that this one is to supersede or correct. `key` is one that this house
    made for the form, so that a form sent twice creates one item: the second time raises
    `ConcurrentChange`. Raises `NotPermitted`, `NotFound` (for `follows`), `InvalidInput`,
    `UnacceptableText`.
    """
    with transaction() as work:
        home = home_of(work.session, actor)
        original = original_of(work.session, actor, follows) if follows else None
        before = original.manifest.includes if original else ()
        manifest = (
            _following(content, original, home)
            if original
            else content.first_manifest(home.group, home.language)
        )
        _ask_parts(work.session, actor, content, before)
        relation = original.relation if original else None
        draft = Draft(manifest, canonical_text(note), relation, key=key)
        (created,) = create_all(work, actor, home, [draft])
        _forget_working_text(work.session, actor, slot_for_new(follows, content.kind))
    return created


def new_key() -> str:
    """A key that names a recommendation in addresses, and tells nothing about it."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class Home:
    """Where an actor's drafts come from: the slugs of group and task force, and the group's language."""

    group: str
    language: str
    task_force: str
    leads: frozenset[int]


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to create a recommendation of; `note` is canonical, `relation` is to a published item.

    An empty `key` is made when the item is.
    """

    manifest: Manifest
    note: str = ""
    relation: Relation | None = None
    imported_from: str | None = None
    key: str = ""


_HOME = (
    select(WorkingGroup.slug, WorkingGroup.language, TaskForce.slug, Membership.person_id)
    .join(TaskForce, TaskForce.id == WorkingGroup.task_force_id)
    .join(
        Membership,
        (Membership.group_id == WorkingGroup.id)
        & (Membership.role == Role.LEAD)
        & Membership.left_at.is_(None),
        isouter=True,
    )
    .where(WorkingGroup.id == bindparam("group"))
)


def home_of(session: Session, actor: Actor) -> Home:
    """Look an actor's group up once, however many drafts follow. Raises `NotPermitted`."""
    decide_creation(actor, "")
    rows: Sequence[Any] = session.execute(_HOME, {"group": actor.group_id}).all()
    group, language, task_force, _ = rows[0]
    leads = {lead for *_, lead in rows}
    return Home(group, language, task_force, frozenset(leads - {None}))


def create_all(work: Work, actor: Actor, home: Home, drafts: Sequence[Draft]) -> list[str]:
    """Create a recommendation of each draft within an open transaction, and return their keys in order.

    A few statements for any number of drafts, since an import creates many at once (on SQLite two more
    for each, because it does not return new ids in order).
    """
    rows = mapping.add_recommendations(
        work.session,
        actor,
        [
            (draft.key or new_key(), draft.manifest.kind, draft.relation, draft.imported_from)
            for draft in drafts
        ],
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


def _ask_parts(session: Session, actor: Actor, content: Content, before: tuple[str, ...] = ()) -> None:
    """Raise `InvalidInput` for a part that can't be included; what the text had `before` may stay in it.

    So nobody can name, and learn of, a text that they do not see. Whether the parts still hold is asked by
    the rules, with each act.
    """
    new = tuple(digest for digest in content.includes if digest not in before)
    known = {text.digest for text in includable(session, actor)} if new else set()
    if unknown := sorted(set(new) - known):
        raise InvalidInput(field="includes", problem="unknown_value", value=unknown[0])


def _following(content: Content, original: Original, home: Home) -> Manifest:
    """The manifest of a text that follows a published one; what that is, it is too.

    Raises as `Content.manifest`, and `InvalidInput` for a corrigendum that corrects nothing.
    """
    old = original.manifest
    if content.kind != old.kind:
        raise InvalidInput(field="kind", problem="unknown_value", value=content.kind)
    if original.relation.kind is RelationKind.SUCCESSOR:
        return content.first_manifest(home.group, home.language)
    manifest = content.manifest(home.group, old.authentic_language)
    manifest = replace(manifest, corrects=original.digest)
    if corrects_nothing(manifest, old):
        raise InvalidInput(field="text", problem="nothing_corrected")
    return manifest


def save_version(
    actor: Actor, key: str, base: int, content: Content, note: str = "", *, corrects: str = ""
) -> Event:
    """Save a new version over version `base` (revise).

    `corrects` is the digest of the published words that a corrigendum is to correct from now on, if others
    than before. Raises what `decide` raises; `StaleVersion` when somebody saved meanwhile, `Unmet` with
    `text_unchanged` when nothing changed; `InvalidInput`, `UnacceptableText`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        stored = Manifest.from_bytes(loaded.manifest)
        # What a text is, it stays; a form that says otherwise is not listened to.
        content = replace(content, kind=stored.kind)
        manifest = content.manifest(stored.proposing_group, stored.authentic_language)
        manifest = replace(
            manifest, corrects=words_to_correct(loaded.item.relation, stored.corrects, corrects)
        )
        act = Act(Action.REVISE, base, digest=manifest.digest(), missing=manifest.missing())
        event = procedure.decided(work, actor, loaded, act)
        published = corrected_words(work.session, loaded.row, manifest)
        before = (*stored.includes, *(published.includes if published else ()))
        _ask_parts(work.session, actor, content, before)
        if published and corrects_nothing(manifest, published):
            raise InvalidInput(field="text", problem="nothing_corrected")
        procedure.carry_out_text(work, loaded, event, manifest, canonical_text(note))
        _forget_working_text(work.session, actor, key)
    return event


def settle_bracket(
    actor: Actor, key: str, version: int, index: int, wording: str, note: str = "", field: str = "text"
) -> Event:
    """Clean the `index`-th open bracket of `field` (from 0): replace it by agreed words (amend).

    The event names the bracket and what took its place.

    `field` is title, summary, text or rationale. Raises what `decide` raises, `InvalidInput` for a
    bracket that is not there, `UnacceptableText`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        stored = Manifest.from_bytes(loaded.manifest)
        # The rules are asked before the text is touched, so that a refusal says the rule's reason.
        probe = Act(Action.AMEND, version, digest="", only_brackets_cleaned=True)
        procedure.decided(work, actor, loaded, probe)
        words = {name: getattr(stored.wording, name) for name in WORDED}
        old = words.get(field, "")
        try:
            bracket = find_brackets(old)[index].text
            cleaned = clean(old, index, canonical_text(wording))
        except IndexError:
            raise InvalidInput(field="bracket", problem="no_such_bracket", index=index) from None
        new = Wording.of(**{**words, field: cleaned})
        manifest = replace(stored, wordings={**stored.wordings, stored.authentic_language: new})
        act = Act(
            Action.AMEND,
            version,
            digest=manifest.digest(),
            missing=manifest.missing(),
            only_brackets_cleaned=only_brackets_changed(old, getattr(new, field)),
        )
        event = procedure.decided(work, actor, loaded, act)
        told = {"bracket": bracket, "wording": canonical_text(wording)}
        procedure.carry_out_text(work, loaded, event, manifest, canonical_text(note), **told)
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

    `slot` is a recommendation's key or one of `slot_for_new`. Raises `NotFound` when the actor could not
    edit it.
    """
    with transaction() as work:
        following = [
            Follows(kind, slot.removeprefix(mark))
            for kind, mark in _FOLLOWING.items()
            if slot.startswith(mark)
        ]
        if slot == NEW or following:
            decide_creation(actor, "")
            if slot not in {slot_for_new(kind=kind) for kind in KINDS}:
                original_of(work.session, actor, following[0])
        else:
            loaded = procedure.lock(work, actor, slot)
            demand(Action.REVISE, actor, about_item(actor, loaded.item))
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


_WORKING_TEXTS = table_of(WorkingText)
_NO_WORKING_TEXT = delete(_WORKING_TEXTS).where(
    _WORKING_TEXTS.c.person_id == bindparam("person"),
    _WORKING_TEXTS.c.task_force_id == bindparam("task_force"),
    _WORKING_TEXTS.c.slot == bindparam("in_slot"),
)


def _forget_working_text(session: Session, actor: Actor, slot: str) -> None:
    of = {"person": actor.person_id, "task_force": actor.task_force_id, "in_slot": slot}
    session.execute(_NO_WORKING_TEXT, of)

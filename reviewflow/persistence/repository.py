"""Items out of the database, under lock, as domain values."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean, bindparam
from sqlalchemy.orm import Session

from reviewflow.domain.ballots import Ballot, Position, Stand, without_voice
from reviewflow.domain.errors import ConcurrentChange, NotFound
from reviewflow.domain.items import Agreement, Approval, Item, State, Version, part_standing
from reviewflow.domain.manifest import digest_of
from reviewflow.domain.packages import seal_of
from reviewflow.domain.parts import Part, PartStanding, as_kept, part_of
from reviewflow.domain.silence import Consent, Silence
from reviewflow.persistence.item_rows import ITEM_ROWS
from reviewflow.persistence.locking import locked
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.parties import Party, party_of
from reviewflow.persistence.relations import corrected_parts, relation_of


@dataclass(frozen=True, slots=True)
class Loaded:
    """A locked row, the frozen value that the rules see, the head's stored bytes, and the people.

    `waits` is who could move the item before the act, with the task (domain/waiting.py). `silence_id` is
    the open silence procedure's row, and `consents` who gave each consent of `item.silence`. `part_items`
    are the items that have had the words of a part, `companions` those that are tied to this one.
    """

    row: Recommendation
    item: Item
    manifest: bytes
    party: Party
    waits: dict[int, str]
    silence_id: int | None = None
    consents: dict[Consent, int] = field(default_factory=dict)
    part_items: frozenset[int] = frozenset()
    companions: frozenset[int] = frozenset()


_BY_ID = locked(Recommendation.id.in_(bindparam("named", expanding=True)))
_BY_KEY = locked(
    Recommendation.task_force_id == bindparam("of_task_force"),
    Recommendation.key == bindparam("named"),
    (Recommendation.group_id == bindparam("own_group"))
    | (Recommendation.circulated_number.is_not(None) & bindparam("sees_circulated", type_=Boolean)),
)


def lock_item(
    session: Session, task_force_id: int, key: str, *, own_group: int | None, sees_circulated: bool
) -> Loaded:
    """Lock one item for writing and load what the rules ask about it.

    `own_group` and `sees_circulated` say which items exist for the actor. One that does not is neither
    loaded nor waited for: as many statements as for an unknown key, and no lock whose holder could be told.

    Raises `NotFound`. Takes the row's lock on PostgreSQL; on SQLite the transaction already holds
    the only write lock (see services/transaction.py).
    """
    found = session.scalars(
        _BY_KEY,
        {
            "of_task_force": task_force_id,
            "named": key,
            "own_group": own_group,
            "sees_circulated": sees_circulated,
        },
    ).all()
    row = next((row for row in found if row.key == key), None)
    if row is None:
        raise NotFound()
    return _load_locked(session, row, found)


def lock_item_by_id(session: Session, item_id: int) -> Loaded:
    """The same for an item that another item refers to."""
    (loaded,) = lock_items(session, [item_id])
    return loaded


def lock_items(session: Session, ids: Sequence[int]) -> list[Loaded]:
    """The same for several at once, in the order of their ids."""
    found = session.scalars(_BY_ID, {"named": list(ids)}).all()
    return [_load_locked(session, row, found) for row in found if row.id in ids]


def _load_locked(session: Session, row: Recommendation, found: Sequence[Recommendation]) -> Loaded:
    """What is locked, loaded. Raises `ConcurrentChange` if a part or a tie came in during the wait."""
    loaded = load_item(session, row)
    if not loaded.part_items | loaded.companions <= {row.id for row in found}:
        raise ConcurrentChange()
    return loaded


def load_item(session: Session, row: Recommendation) -> Loaded:
    """The domain value of a row, with everything that belongs to it in one statement."""
    parts: dict[str, list[Sequence[Any]]] = defaultdict(list)
    asked = {"item": row.id, "task_force": row.task_force_id, "head": row.head_number}
    for part, *values in session.execute(ITEM_ROWS, asked):
        parts[part].append(values)
    party = party_of(parts)
    head, circulated, manifest = _versions(parts["version"], row)
    # Acts are numbered in the order they were given.
    agreements = sorted(parts["agreement"], key=lambda values: values[0])
    approvals = sorted(parts["approval"], key=lambda values: values[0])
    silence_id, silence, consents = _silence(parts)
    tied_by, companions, consented = _tie(row, parts)
    item = Item(
        id=row.id,
        task_force_id=row.task_force_id,
        proposing_group=row.group_id,
        counterparts=party.counterparts(row.group_id),
        state=State(row.state),
        round=row.round,
        head=head,
        circulated=circulated,
        ballots=_ballots(parts, party.voters),
        agreements=tuple(Agreement(g, r, digest) for _, g, r, _, _, digest, *_ in agreements),
        approvals=tuple(Approval(r, digest) for _, _, r, _, _, digest, *_ in approvals),
        authors=frozenset(author for _, author, *_ in parts["version"]) & party.voters[row.group_id],
        open_suggestions=sum(count for count, *_ in parts["suggestions"]),
        tied_by=tied_by,
        consented=consented,
        recused=frozenset(
            person
            for _, group, person, *_, stand, _, _, _ in parts["position"]
            if group == row.group_id and stand == Stand.RECUSE
        ),
        silence=silence,
        publish_at=row.publish_at,
        parts=_included(parts["included"], corrected_parts(parts["family"], manifest)),
        relation=relation_of(row, parts["family"], manifest),
    )
    waits = {person: task for person, _, _, _, _, task, *_ in parts["wait"]}
    part_items = frozenset(part for _, part, *_ in parts["included"] if part is not None)
    return Loaded(row, item, manifest, party, waits, silence_id, consents, part_items, companions)


def _versions(found: list[Sequence[Any]], row: Recommendation) -> tuple[Version, Version | None, bytes]:
    """Head, last circulated version, and the head's stored bytes."""
    versions: dict[int, Version] = {}
    manifest = b""
    for number, _, brackets, _, _, digest, missing, _, stored, _ in found:
        recomputed = digest_of(stored) if stored is not None else digest
        manifest = stored if stored is not None else manifest
        versions[number] = Version(number, digest, recomputed, brackets, tuple(json.loads(missing)))
    circulated = versions[row.circulated_number] if row.circulated_number is not None else None
    return versions[row.head_number], circulated, manifest


def _included(found: list[Sequence[Any]], published: frozenset[str]) -> tuple[Part, ...]:
    """The head's parts in order, each as the items stand that have had its words.

    `published` are the parts of the words that a corrigendum corrects.
    """
    digests: dict[int, str] = {}
    candidates: dict[int, list[tuple[str, PartStanding]]] = defaultdict(list)
    for ordinal, item, current, _, _, digest, symbol, state, *_ in found:
        digests[ordinal] = digest
        if item is not None:
            candidates[ordinal].append((symbol, part_standing(State(state), current=bool(current))))
    return tuple(
        as_kept(part_of(digests[ordinal], tuple(candidates[ordinal])), published)
        for ordinal in sorted(digests)
    )


def _silence(
    parts: dict[str, list[Sequence[Any]]],
) -> tuple[int | None, Silence | None, dict[Consent, int]]:
    """The open silence procedure with its row's id, and who gave each consent."""
    if not parts["silence"]:
        return None, None, {}
    ((silence_id, started, *_, until),) = parts["silence"]
    consents = {Consent(group, at): person for group, person, *_, at in parts["consent"]}
    return silence_id, Silence(until, frozenset(consents), bool(started)), consents


def _tie(
    row: Recommendation, parts: dict[str, list[Sequence[Any]]]
) -> tuple[int | None, frozenset[int], frozenset[int]]:
    """The group that tied an item, the ids tied to it, and the groups that agree to the texts as they are."""
    texts = {item: (round_, digest) for _, item, round_, _, _, digest, *_ in parts["tie"]}
    if not texts:
        return None, frozenset(), frozenset()
    seal = seal_of(texts)
    consented = frozenset(group for group, *_, given, _, _, _, _ in parts["package_consent"] if given == seal)
    return parts["tie"][0][0], frozenset(texts) - {row.id}, consented


def _ballots(parts: dict[str, list[Sequence[Any]]], voters: dict[int, frozenset[int]]) -> tuple[Ballot, ...]:
    """Each counterpart group's newest ballot, with the newest position of each member."""
    rosters: dict[tuple[int, int], set[int]] = defaultdict(set)
    for group, round_, person, *_ in parts["voter"]:
        rosters[group, round_] |= {person} - {None}
    concerns: dict[int, list[int]] = defaultdict(list)
    for group, author, *_ in parts["concern"]:
        concerns[group].append(author)
    positions: dict[int, list[Position]] = defaultdict(list)
    for _, group, person, round_, version, digest, stand, by, *_ in sorted(
        parts["position"], key=lambda values: values[0]
    ):
        recorder = int(by) if by else None
        positions[group].append(Position(person, Stand(stand), round_, version, digest, recorder))
    return tuple(
        Ballot(
            group,
            round_,
            frozenset(roster),
            tuple(positions[group]),
            tuple(sorted(concerns[group])),
            without_voice(frozenset(roster), positions[group], voters[group]),
        )
        for (group, round_), roster in sorted(rosters.items())
    )

"""Items out of the database, under lock, as domain values."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    LargeBinary,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.errors import ConcurrentChange, NotFound
from reviewflow.domain.items import Agreement, Approval, Item, State, Version, part_standing
from reviewflow.domain.manifest import digest_of
from reviewflow.domain.parts import Part, PartStanding, part_of
from reviewflow.domain.silence import Consent, Silence
from reviewflow.domain.waiting import Members
from reviewflow.persistence.db import Instant
from reviewflow.persistence.locking import locked
from reviewflow.persistence.models.accounts import Membership, TaskForce, WorkingGroup
from reviewflow.persistence.models.deliberation import (
    AgreementRow,
    ApprovalRow,
    BallotRow,
    BallotVoter,
    Comment,
    PositionRow,
    SuggestionRow,
    Thread,
)
from reviewflow.persistence.models.packages import PackageItem, PackageRow
from reviewflow.persistence.models.recommendations import Recommendation, VersionPart, Wait
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.models.silence import SilenceConsent, SilenceRow


@dataclass(frozen=True, slots=True)
class Party:
    """The people of a task force as the procedure needs them."""

    task_force_slug: str
    symbol_prefix: str
    groups: tuple[int, ...]
    slugs: dict[int, str]
    voters: dict[int, frozenset[int]]
    members: Members

    def counterparts(self, proposing_group: int) -> tuple[int, ...]:
        """Every group but the proposing one, in order."""
        return tuple(group for group in self.groups if group != proposing_group)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A locked row, the frozen value that the rules see, the head's stored bytes, and the people.

    `waits` is who could move the item before the act, with the task (domain/waiting.py). `silence_id` is
    the open silence procedure's row, and `consents` who gave each consent of `item.silence`. `part_items`
    are the items that have had the words of a part.
    """

    row: Recommendation
    item: Item
    manifest: bytes
    party: Party
    waits: dict[int, str]
    silence_id: int | None = None
    consents: dict[Consent, int] = field(default_factory=dict)
    part_items: frozenset[int] = frozenset()


_BY_ID = locked(Recommendation.id.in_(bindparam("named", expanding=True)))
_BY_KEY = locked(
    Recommendation.task_force_id == bindparam("of_task_force"), Recommendation.key == bindparam("named")
)


def lock_item(session: Session, task_force_id: int, key: str) -> Loaded:
    """Lock one item for writing and load what the rules ask about it.

    Raises `NotFound`. Takes the row's lock on PostgreSQL; on SQLite the transaction already holds
    the only write lock (see services/transaction.py).
    """
    found = session.scalars(_BY_KEY, {"of_task_force": task_force_id, "named": key}).all()
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
    """What is locked, loaded. Raises `ConcurrentChange` if a part came in while the lock was waited for."""
    loaded = load_item(session, row)
    if not loaded.part_items <= {row.id for row in found}:
        raise ConcurrentChange()
    return loaded


def load_item(session: Session, row: Recommendation) -> Loaded:
    """The domain value of a row, with everything that belongs to it in one statement."""
    parts: dict[str, list[Sequence[Any]]] = defaultdict(list)
    asked = {"item": row.id, "task_force": row.task_force_id, "head": row.head_number}
    for part, *values in session.execute(_PARTS, asked):
        parts[part].append(values)
    party = _party(parts)
    head, circulated, manifest = _versions(parts["version"], row)
    # Acts are numbered in the order they were given.
    agreements = sorted(parts["agreement"], key=lambda values: values[0])
    approvals = sorted(parts["approval"], key=lambda values: values[0])
    silence_id, silence, consents = _silence(parts)
    item = Item(
        id=row.id,
        task_force_id=row.task_force_id,
        proposing_group=row.group_id,
        counterparts=party.counterparts(row.group_id),
        state=State(row.state),
        round=row.round,
        head=head,
        circulated=circulated,
        ballots=_ballots(parts),
        agreements=tuple(Agreement(g, r, digest) for _, g, r, _, _, digest, *_ in agreements),
        approvals=tuple(Approval(r, digest) for _, _, r, _, _, digest, *_ in approvals),
        authors=frozenset(author for _, author, *_ in parts["version"]),
        open_suggestions=sum(count for count, *_ in parts["suggestions"]),
        tied_by=next((group for group, *_ in parts["tie"]), None),
        replaces=row.replaces_id,
        recused=frozenset(
            person
            for _, group, person, *_, stand, _, _, _ in parts["position"]
            if group == row.group_id and stand == Stand.RECUSE
        ),
        silence=silence,
        publish_at=row.publish_at,
        parts=_included(parts["included"]),
    )
    waits = {person: task for person, _, _, _, _, task, *_ in parts["wait"]}
    part_items = frozenset(part for _, part, *_ in parts["included"] if part is not None)
    return Loaded(row, item, manifest, party, waits, silence_id, consents, part_items)


def _part(
    name: str,
    *numbers: ColumnElement[Any],
    texts: tuple[ColumnElement[Any], ...] = (),
    stored: ColumnElement[Any] | None = None,
    instant: ColumnElement[Any] | None = None,
) -> Select[*tuple[Any, ...]]:
    """One branch of `_PARTS`: name, five numbers, three texts, bytes, an instant; what it lacks is NULL."""
    integers = [*numbers, *(cast(null(), Integer) for _ in range(5 - len(numbers)))]
    words = [*(cast(text, Text) for text in texts), *(cast(null(), Text) for _ in range(3 - len(texts)))]
    bytes_ = cast(null(), LargeBinary) if stored is None else stored
    columns = [*integers, *words, bytes_, cast(null(), Instant) if instant is None else instant]
    return select(literal_column(f"'{name}'", Text), *(c.label(None) for c in columns))


def _all_parts() -> CompoundSelect[*tuple[Any, ...]]:
    """The people of the task force and everything of one item, as one statement.

    A member's page waits for the database once for all of it, and all of it is of the same instant.
    Only the item's own row is read (and locked) before: what is joined to a row that is waited for
    would be seen as it was before the wait.
    """
    item, task_force = bindparam("item", type_=Integer), bindparam("task_force", type_=Integer)
    newest_ballots = (
        select(BallotRow.group_id, func.max(BallotRow.round).label("round"))
        .where(BallotRow.recommendation_id == item)
        .group_by(BallotRow.group_id)
        .subquery()
    )
    newest_positions = (
        select(func.max(PositionRow.id))
        .where(PositionRow.recommendation_id == item)
        .group_by(PositionRow.group_id, PositionRow.person_id)
    )
    first_comment = (
        select(func.min(Comment.id)).where(Comment.thread_id == Thread.id).correlate(Thread).scalar_subquery()
    )
    head, text, whole = aliased(VersionRow), aliased(VersionRow), aliased(Recommendation)
    is_open = and_(SilenceRow.recommendation_id == item, SilenceRow.ended_at.is_(None))
    is_head = VersionRow.number == bindparam("head", type_=Integer)
    return union_all(
        _part("task_force", texts=(TaskForce.slug.expression, TaskForce.symbol_prefix.expression)).where(
            TaskForce.id == task_force
        ),
        _part("group", WorkingGroup.id.expression, texts=(WorkingGroup.slug.expression,)).where(
            WorkingGroup.task_force_id == task_force
        ),
        _part(
            "member",
            Membership.person_id.expression,
            Membership.group_id.expression,
            texts=(Membership.role.expression,),
        ).where(Membership.task_force_id == task_force),
        _part(
            "version",
            VersionRow.number.expression,
            VersionRow.author_id.expression,
            VersionRow.open_brackets.expression,
            texts=(VersionRow.digest.expression, VersionRow.missing.expression),
            stored=case((is_head, VersionRow.manifest)),
        ).where(VersionRow.recommendation_id == item),
        _part(
            "voter",
            BallotRow.group_id.expression,
            BallotRow.round.expression,
            BallotVoter.person_id.expression,
        )
        .select_from(BallotRow)
        .join(
            newest_ballots,
            (newest_ballots.c.group_id == BallotRow.group_id) & (newest_ballots.c.round == BallotRow.round),
        )
        .join(BallotVoter, BallotVoter.ballot_id == BallotRow.id, isouter=True)
        .where(BallotRow.recommendation_id == item),
        _part(
            "position",
            PositionRow.id.expression,
            PositionRow.group_id.expression,
            PositionRow.person_id.expression,
            PositionRow.round.expression,
            PositionRow.version_number.expression,
            texts=(PositionRow.digest.expression, PositionRow.stand.expression),
        ).where(PositionRow.id.in_(newest_positions)),
        _part("concern", Thread.group_id.expression, Comment.person_id.expression)
        .select_from(Thread)
        .join(Comment, Comment.id == first_comment)
        .where(Thread.recommendation_id == item, Thread.kind == "concern", Thread.resolved_at.is_(None)),
        _part(
            "agreement",
            AgreementRow.id.expression,
            AgreementRow.group_id.expression,
            AgreementRow.round.expression,
            texts=(AgreementRow.digest.expression,),
        ).where(AgreementRow.recommendation_id == item),
        _part(
            "approval",
            ApprovalRow.id.expression,
            cast(null(), Integer),
            ApprovalRow.round.expression,
            texts=(ApprovalRow.digest.expression,),
        ).where(ApprovalRow.recommendation_id == item),
        _part("suggestions", func.count(SuggestionRow.thread_id))
        .select_from(SuggestionRow)
        .join(Thread, Thread.id == SuggestionRow.thread_id)
        .where(Thread.recommendation_id == item, ~Thread.internal, SuggestionRow.state == "open"),
        _part("tie", PackageRow.group_id.expression)
        .join(PackageItem, PackageItem.package_id == PackageRow.id)
        .where(PackageItem.recommendation_id == item, PackageItem.released_at.is_(None)),
        _part(
            "silence",
            SilenceRow.id.expression,
            case((SilenceRow.started_at.is_not(None), 1), else_=0),
            instant=SilenceRow.until.expression,
        ).where(is_open),
        _part(
            "consent",
            SilenceConsent.group_id.expression,
            SilenceConsent.person_id.expression,
            instant=SilenceConsent.until.expression,
        )
        .join(SilenceRow, SilenceRow.id == SilenceConsent.silence_id)
        .where(is_open),
        _part(
            "included",
            VersionPart.ordinal.expression,
            whole.id.expression,
            case((whole.circulated_number == text.number, 1), else_=0),
            texts=(
                VersionPart.digest.expression,
                func.coalesce(whole.final_symbol, whole.symbol),
                whole.state.expression,
            ),
        )
        .select_from(head)
        .join(VersionPart, VersionPart.version_id == head.id)
        .join(text, text.digest == VersionPart.digest, isouter=True)
        .join(
            whole,
            (whole.id == text.recommendation_id)
            & (whole.task_force_id == task_force)
            & (whole.circulated_number >= text.number),
            isouter=True,
        )
        .where(head.recommendation_id == item, head.number == bindparam("head", type_=Integer)),
        _part("wait", Wait.person_id.expression, texts=(Wait.task.expression,)).where(
            Wait.recommendation_id == item
        ),
    )


_PARTS = _all_parts()


def _party(parts: dict[str, list[Sequence[Any]]]) -> Party:
    voters: dict[int, set[int]] = defaultdict(set)
    leads: dict[int, set[int]] = defaultdict(set)
    coordinating: set[int] = set()
    for person, group, _, _, _, role, *_ in parts["member"]:
        if role == "coordinator":
            coordinating.add(person)
        elif role in ("lead", "expert"):
            voters[group].add(person)
            if role == "lead":
                leads[group].add(person)
    slugs = {group: slug for group, _, _, _, _, slug, *_ in parts["group"]}
    groups = tuple(sorted(slugs))
    ((*_, slug, prefix, _, _, _),) = parts["task_force"]
    return Party(
        task_force_slug=slug,
        symbol_prefix=prefix,
        groups=groups,
        slugs=slugs,
        voters={group: frozenset(voters[group]) for group in groups},
        members=Members({g: frozenset(leads[g]) for g in groups}, frozenset(coordinating)),
    )


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


def _included(found: list[Sequence[Any]]) -> tuple[Part, ...]:
    """The head's parts in order, each as the items stand that have had its words."""
    digests: dict[int, str] = {}
    candidates: dict[int, list[tuple[str, PartStanding]]] = defaultdict(list)
    for ordinal, item, current, _, _, digest, symbol, state, *_ in found:
        digests[ordinal] = digest
        if item is not None:
            candidates[ordinal].append((symbol, part_standing(State(state), current=bool(current))))
    return tuple(part_of(digests[ordinal], tuple(candidates[ordinal])) for ordinal in sorted(digests))


def _silence(
    parts: dict[str, list[Sequence[Any]]],
) -> tuple[int | None, Silence | None, dict[Consent, int]]:
    """The open silence procedure with its row's id, and who gave each consent."""
    if not parts["silence"]:
        return None, None, {}
    ((silence_id, started, *_, until),) = parts["silence"]
    consents = {Consent(group, at): person for group, person, *_, at in parts["consent"]}
    return silence_id, Silence(until, frozenset(consents), bool(started)), consents


def _ballots(parts: dict[str, list[Sequence[Any]]]) -> tuple[Ballot, ...]:
    """Each counterpart group's newest ballot, with the newest position of each member."""
    rosters: dict[tuple[int, int], set[int]] = defaultdict(set)
    for group, round_, person, *_ in parts["voter"]:
        rosters[group, round_] |= {person} - {None}
    concerns: dict[int, list[int]] = defaultdict(list)
    for group, author, *_ in parts["concern"]:
        concerns[group].append(author)
    positions: dict[int, list[Position]] = defaultdict(list)
    for _, group, person, round_, version, digest, stand, *_ in sorted(
        parts["position"], key=lambda values: values[0]
    ):
        positions[group].append(Position(person, Stand(stand), round_, version, digest))
    return tuple(
        Ballot(group, round_, frozenset(roster), tuple(positions[group]), tuple(sorted(concerns[group])))
        for (group, round_), roster in sorted(rosters.items())
    )

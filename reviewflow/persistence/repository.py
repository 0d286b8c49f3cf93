"""Items out of the database, under lock, as domain values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import Session

from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import Agreement, Approval, Item, State, Version
from reviewflow.domain.manifest import digest_of
from reviewflow.domain.waiting import Members
from reviewflow.persistence.models.accounts import Membership, TaskForce, WorkingGroup
from reviewflow.persistence.models.deliberation import (
    AgreementRow,
    ApprovalRow,
    BallotRow,
    BallotVoter,
    PositionRow,
)
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow


@dataclass(frozen=True, slots=True)
class Party:
    """The people of a task force as the procedure needs them."""

    task_force_slug: str
    symbol_prefix: str
    groups: tuple[int, ...]
    voters: dict[int, frozenset[int]]
    members: Members

    def counterparts(self, proposing_group: int) -> tuple[int, ...]:
        """Every group but the proposing one, in order."""
        return tuple(group for group in self.groups if group != proposing_group)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A locked row, the frozen value that the rules see, the head's stored bytes, and the people."""

    row: Recommendation
    item: Item
    manifest: bytes
    party: Party


def load_party(session: Session, task_force_id: int) -> Party:
    """Groups, voters, leads and coordinators of a task force, in one statement."""
    people = (
        select(
            TaskForce.slug,
            TaskForce.symbol_prefix,
            WorkingGroup.id,
            Membership.person_id,
            Membership.role,
        )
        .join(WorkingGroup, WorkingGroup.task_force_id == TaskForce.id, isouter=True)
        .join(Membership, Membership.group_id == WorkingGroup.id, isouter=True)
        .where(TaskForce.id == task_force_id)
    )
    coordinators = (
        select(TaskForce.slug, TaskForce.symbol_prefix, literal(None), Membership.person_id, Membership.role)
        .join(Membership, Membership.task_force_id == TaskForce.id)
        .where(TaskForce.id == task_force_id, Membership.role == "coordinator")
    )
    rows = session.execute(union_all(people, coordinators)).all()
    voters: dict[int, set[int]] = defaultdict(set)
    leads: dict[int, set[int]] = defaultdict(set)
    coordinating: set[int] = set()
    for _, _, group, person, role in rows:
        if role == "coordinator":
            coordinating.add(person)
        elif role in ("lead", "expert"):
            voters[group].add(person)
            if role == "lead":
                leads[group].add(person)
    groups = tuple(sorted({group for _, _, group, _, _ in rows if group is not None}))
    return Party(
        task_force_slug=rows[0][0],
        symbol_prefix=rows[0][1],
        groups=groups,
        voters={group: frozenset(voters[group]) for group in groups},
        members=Members({g: frozenset(leads[g]) for g in groups}, frozenset(coordinating)),
    )


def lock_item(session: Session, task_force_id: int, key: str) -> Loaded:
    """Lock one item for writing and load what the rules ask about it.

    Raises `NotFound`. Takes the row's lock on PostgreSQL; on SQLite the transaction already holds
    the only write lock (see services/transaction.py).
    """
    query = select(Recommendation).where(
        Recommendation.task_force_id == task_force_id, Recommendation.key == key
    )
    # populate_existing: what this session read before it held the lock may be old.
    row = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return load_item(session, row)


def lock_item_by_id(session: Session, item_id: int) -> Loaded:
    """The same for an item that another item refers to."""
    query = select(Recommendation).where(Recommendation.id == item_id)
    row = session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    return load_item(session, row)


def load_item(session: Session, row: Recommendation) -> Loaded:
    """The domain value of a row, with everything in a constant number of statements."""
    party = load_party(session, row.task_force_id)
    head, circulated, authors, manifest = _versions(session, row)
    was_circulated = row.circulated_number is not None
    item = Item(
        id=row.id,
        task_force_id=row.task_force_id,
        proposing_group=row.group_id,
        counterparts=party.counterparts(row.group_id),
        state=State(row.state),
        round=row.round,
        head=head,
        circulated=circulated,
        ballots=_ballots(session, row.id) if was_circulated else (),
        authors=authors,
        replaces=row.replaces_id,
        **_acts(session, row.id) if was_circulated else {},
    )
    return Loaded(row, item, manifest, party)


def _versions(
    session: Session, row: Recommendation
) -> tuple[Version, Version | None, frozenset[int], bytes]:
    """Head, last circulated version, everybody who made one, and the head's stored bytes."""
    found = session.execute(
        select(
            VersionRow.number,
            VersionRow.digest,
            VersionRow.author_id,
            VersionRow.open_brackets,
            VersionRow.missing,
            case((VersionRow.number == row.head_number, VersionRow.manifest)),
        ).where(VersionRow.recommendation_id == row.id)
    ).all()
    versions: dict[int, Version] = {}
    manifest = b""
    for number, digest, _, brackets, missing, stored in found:
        recomputed = digest_of(stored) if stored is not None else digest
        manifest = stored if stored is not None else manifest
        versions[number] = Version(number, digest, recomputed, brackets, tuple(missing))
    circulated = versions[row.circulated_number] if row.circulated_number is not None else None
    return versions[row.head_number], circulated, frozenset(author for _, _, author, *_ in found), manifest


def _ballots(session: Session, item_id: int) -> tuple[Ballot, ...]:
    newest = (
        select(BallotRow.group_id, func.max(BallotRow.round).label("round"))
        .where(BallotRow.recommendation_id == item_id)
        .group_by(BallotRow.group_id)
        .subquery()
    )
    rosters: dict[tuple[int, int], set[int]] = defaultdict(set)
    for group, round_, person in session.execute(
        select(BallotRow.group_id, BallotRow.round, BallotVoter.person_id)
        .join(newest, (newest.c.group_id == BallotRow.group_id) & (newest.c.round == BallotRow.round))
        .join(BallotVoter, BallotVoter.ballot_id == BallotRow.id, isouter=True)
        .where(BallotRow.recommendation_id == item_id)
    ):
        rosters[group, round_] |= {person} - {None}
    positions = _newest_positions(session, item_id)
    return tuple(
        Ballot(group, round_, frozenset(roster), tuple(positions[group]))
        for (group, round_), roster in sorted(rosters.items())
    )


def _newest_positions(session: Session, item_id: int) -> dict[int, list[Position]]:
    newest = (
        select(func.max(PositionRow.id))
        .where(PositionRow.recommendation_id == item_id)
        .group_by(PositionRow.group_id, PositionRow.person_id)
    )
    positions: dict[int, list[Position]] = defaultdict(list)
    for p in session.scalars(select(PositionRow).where(PositionRow.id.in_(newest)).order_by(PositionRow.id)):
        positions[p.group_id].append(
            Position(p.person_id, Stand(p.stand), p.round, p.version_number, p.digest)
        )
    return positions


def _acts(session: Session, item_id: int) -> dict[str, tuple[Agreement, ...] | tuple[Approval, ...]]:
    """Agreements and approvals in the order they were given, in one statement."""
    rows = session.execute(
        union_all(
            select(AgreementRow.id, AgreementRow.group_id, AgreementRow.round, AgreementRow.digest).where(
                AgreementRow.recommendation_id == item_id
            ),
            select(ApprovalRow.id, literal(None), ApprovalRow.round, ApprovalRow.digest).where(
                ApprovalRow.recommendation_id == item_id
            ),
        ).order_by("id")
    ).all()
    return {
        "agreements": tuple(Agreement(g, r, d) for _, g, r, d in rows if g is not None),
        "approvals": tuple(Approval(r, d) for _, g, r, d in rows if g is None),
    }

"""How the open ballots of items stand, for sentences that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Ballot, Outcome, Position, Stand, tally
from reviewflow.persistence.db import db
from reviewflow.persistence.models.deliberation import BallotRow, BallotVoter, PositionRow, Thread
from reviewflow.persistence.models.recommendations import Recommendation, Version
from reviewflow.queries.visible import shown_number, visible_items


@dataclass(frozen=True, slots=True)
class Standing:
    """How the ballots of an item stand on the shown text, by group.

    `seen` is, by person, the version on which they took their newest position, and `same_text` those whose
    newest position is on the present text.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    same_text: frozenset[int] = frozenset()

    @property
    def concerns(self) -> int:
        """How many concerns are open, over all groups."""
        return sum(len(outcome.concerns) for outcome in self.outcomes.values())

    @property
    def objections(self) -> int:
        """How many objections are open, over all groups."""
        return sum(len(outcome.objectors) for outcome in self.outcomes.values())


def standings(actor: Actor, items: Collection[int]) -> dict[int, Standing]:
    """How the open ballots of proposed items stand: rosters and newest positions, in one statement."""
    if not items:
        return {}
    rows = db.session.execute(_ballots_for(actor), {"items": sorted(items)}).all()
    digests: dict[int, str] = {}
    rosters: dict[int, dict[tuple[int, int], list[int]]] = defaultdict(lambda: defaultdict(list))
    positions: dict[tuple[int, int], list[Position]] = defaultdict(list)
    concerns: dict[tuple[int, int], int] = {}
    for item, digest, group, opened, concerned, voter, stand, round_, version, taken_on in rows:
        concerns[item, group] = concerned
        digests[item] = digest
        rosters[item][group, opened].append(voter)
        if stand is not None:
            positions[item, group].append(Position(voter, Stand(stand), round_, version, taken_on))
    found = {}
    for item, ballots in rosters.items():
        outcomes, seen, same_text = {}, {}, set()
        for (group, opened), roster in ballots.items():
            # Sentences say how many concerns there are, and not whose.
            open_concerns = (0,) * concerns[item, group]
            ballot = Ballot(group, opened, frozenset(roster), tuple(positions[item, group]), open_concerns)
            outcomes[group] = tally(ballot, digests[item])
            for position in ballot.positions:
                seen[position.person_id] = position.version
                same_text |= {position.person_id} if position.digest == digests[item] else set()
        found[item] = Standing(outcomes, seen, frozenset(same_text))
    return found


@lru_cache(maxsize=256)
def _ballots_for(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Rosters and newest positions of the items that are given as `items`."""
    newer = aliased(PositionRow)
    newest = (
        select(func.max(newer.id))
        .where(
            newer.recommendation_id == BallotRow.recommendation_id,
            newer.group_id == BallotRow.group_id,
            newer.person_id == BallotVoter.person_id,
        )
        .correlate(BallotRow, BallotVoter)
        .scalar_subquery()
    )
    return (
        select(
            Recommendation.id,
            Version.digest,
            BallotRow.group_id,
            BallotRow.round,
            _open_concerns(),
            BallotVoter.person_id,
            PositionRow.stand,
            PositionRow.round,
            PositionRow.version_number,
            PositionRow.digest,
        )
        .select_from(BallotRow)
        .join(
            Recommendation,
            and_(Recommendation.id == BallotRow.recommendation_id, Recommendation.round == BallotRow.round),
        )
        .join(
            Version,
            and_(Version.recommendation_id == Recommendation.id, Version.number == shown_number(actor)),
        )
        .join(BallotVoter, BallotVoter.ballot_id == BallotRow.id)
        .join(PositionRow, PositionRow.id == newest, isouter=True)
        .where(
            BallotRow.recommendation_id.in_(bindparam("items", expanding=True)),
            visible_items(actor, found=True),
        )
    )


def _open_concerns() -> ScalarSelect[int]:
    """How many concerns of a ballot's group have not ended."""
    return (
        select(func.count(Thread.id))
        .where(
            Thread.recommendation_id == BallotRow.recommendation_id,
            Thread.group_id == BallotRow.group_id,
            Thread.kind == "concern",
            Thread.resolved_at.is_(None),
        )
        .correlate(BallotRow)
        .scalar_subquery()
    )

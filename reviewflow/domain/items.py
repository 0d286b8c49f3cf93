"""A recommendation as the rules see it: one frozen value, and how an event changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from reviewflow.domain.actors import Actor, Standing, standing
from reviewflow.domain.ballots import Ballot, Position, recused, without_voice
from reviewflow.domain.parts import Part, PartStanding
from reviewflow.domain.silence import Silence


class State(StrEnum):
    """Where a recommendation stands in the procedure (product.md, The procedure)."""

    #: Being written by the proposing group.
    DRAFT = "draft"
    #: Before the counterpart groups, each with a ballot.
    PROPOSED = "proposed"
    #: Back with the proposing group, for a stated reason.
    CHANGES_REQUESTED = "changes_requested"
    #: Every counterpart group has agreed.
    AGREED = "agreed"
    #: Approved for dissemination by the coordinator.
    APPROVED = "approved"
    #: Public.
    PUBLISHED = "published"
    #: Public, replaced by a successor.
    SUPERSEDED = "superseded"
    #: Public, withdrawn from circulation with an explanation; the page stays.
    RETRACTED = "retracted"
    #: Taken back by the proposing group's lead.
    WITHDRAWN = "withdrawn"
    #: Declined by a counterpart group's lead.
    DECLINED = "declined"


#: The states in which nobody has to act.
FINISHED = frozenset({State.PUBLISHED, State.SUPERSEDED, State.RETRACTED, State.WITHDRAWN, State.DECLINED})


@dataclass(frozen=True, slots=True)
class Version:
    """One version as the rules see it; `recomputed` is the digest of the bytes as they are stored now."""

    number: int
    digest: str
    recomputed: str
    open_brackets: int = 0
    missing: tuple[str, ...] = ()


class RelationKind(StrEnum):
    """How a text follows from a published one."""

    #: It takes its place: once published, it supersedes the other.
    SUCCESSOR = "successor"
    #: It corrects what was wrong in the other, which stays in force.
    CORRIGENDUM = "corrigendum"


@dataclass(frozen=True, slots=True)
class Relation:
    """From which published item a text follows, how, and where that item stands now.

    `corrected_meanwhile` says that a corrigendum is of words that another one has corrected since. `words`
    are the digests of what was published of it and holds, the original first and the words in force last.
    """

    kind: RelationKind
    original: int
    state: State = State.PUBLISHED
    corrected_meanwhile: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """A counterpart group's recorded act, bound to a round and a digest."""

    group_id: int
    round: int
    digest: str


@dataclass(frozen=True, slots=True)
class Approval:
    """The coordinator's recorded act for dissemination, bound to a round and a digest."""

    round: int
    digest: str


@dataclass(frozen=True, slots=True)
class Item:
    """Everything that the table of rules asks about one recommendation.

    `round` grows by one with each propose, resubmit and return: what was given in an earlier round
    is shown but never counts. `circulated` is the last version that the other groups have seen.
    `ballots` holds each counterpart group's newest ballot, `authors` who made versions and may make more,
    `recused` who of the proposing group takes no part; `silence` is the open silence procedure on the head.
    `open_suggestions` counts the shared ones that nobody has decided. `tied_by` is the group that tied it
    into a package, while that has not been agreed to, and `consented` are the groups whose leads
    have agreed to the package as its texts stand. `publish_at` is the instant at which the clock publishes
    an approved text. `parts` are those that the head includes, as they stood under lock; `relation` is to the
    published text that this one replaces or corrects.
    """

    id: int
    task_force_id: int
    proposing_group: int
    counterparts: tuple[int, ...]
    state: State
    round: int
    head: Version
    circulated: Version | None = None
    ballots: tuple[Ballot, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    approvals: tuple[Approval, ...] = ()
    authors: frozenset[int] = frozenset()
    open_suggestions: int = 0
    tied_by: int | None = None
    consented: frozenset[int] = frozenset()
    recused: frozenset[int] = frozenset()
    silence: Silence | None = None
    publish_at: datetime | None = None
    parts: tuple[Part, ...] = ()
    relation: Relation | None = None

    @property
    def groups(self) -> tuple[int, ...]:
        """Every group of the task force, the proposing one first."""
        return (self.proposing_group, *self.counterparts)

    def has_recused(self, actor: Actor) -> bool:
        """Whether the actor takes no part: recused from the drafting, or from their group's ballot."""
        if actor.group_id == self.proposing_group:
            return actor.person_id in self.recused
        ballot = self.ballot_of(actor.group_id or 0)
        return ballot is not None and actor.person_id in recused(ballot)

    def ballot_of(self, group_id: int) -> Ballot | None:
        """The group's newest ballot, or None before the first circulation."""
        return next((b for b in self.ballots if b.group_id == group_id), None)

    def has_agreed(self, group_id: int) -> bool:
        """Whether the group's agreement counts: given in this round, on the head's digest."""
        return any(
            a.group_id == group_id and a.round == self.round and a.digest == self.head.digest
            for a in self.agreements
        )

    def is_approved(self) -> bool:
        """Whether an approval counts: given in this round, on the head's digest."""
        return any(a.round == self.round and a.digest == self.head.digest for a in self.approvals)

    def version_for(self, actor: Actor) -> Version | None:
        """The newest version that the actor may see: the head for its own group, else the circulated one."""
        if standing(actor, self.task_force_id, self.proposing_group) is Standing.PROPOSER:
            return self.head
        return self.circulated


_AS_A_PART = {
    State.APPROVED: PartStanding.HOLDS,
    State.PUBLISHED: PartStanding.HOLDS,
    State.SUPERSEDED: PartStanding.SUPERSEDED,
    State.RETRACTED: PartStanding.RETRACTED,
}


def part_standing(state: State, *, current: bool) -> PartStanding:
    """How a text of an item in this state stands as a part; `current` if all groups saw no newer one.

    The proposing group's own newer text is not asked, so that no reason tells of it; while there is one, the
    item is not approved anyway.
    """
    return _AS_A_PART.get(state, PartStanding.UNAPPROVED) if current else PartStanding.STALE


def with_position(item: Item, group_id: int, position: Position) -> Item:
    """The item after a member's new position has replaced the old one in its group's ballot."""
    return replace(
        item,
        ballots=tuple(
            replace(
                b,
                positions=(*(p for p in b.positions if p.person_id != position.person_id), position),
            )
            if b.group_id == group_id
            else b
            for b in item.ballots
        ),
    )


def with_concern(item: Item, group_id: int, author_id: int, *, ended: bool = False) -> Item:
    """The item after a member of a counterpart group raised a concern, or after one of theirs ended."""

    def after(open_concerns: tuple[int, ...]) -> tuple[int, ...]:
        if not ended:
            return tuple(sorted((*open_concerns, author_id)))
        place = open_concerns.index(author_id)
        return open_concerns[:place] + open_concerns[place + 1 :]

    return replace(
        item,
        ballots=tuple(
            replace(b, concerns=after(b.concerns)) if b.group_id == group_id else b for b in item.ballots
        ),
    )


def with_ballots(item: Item, rosters: dict[int, frozenset[int]]) -> Item:
    """The item after a new ballot opened in every counterpart group.

    Positions are carried along as stale ones: they no longer count, but an objection stays open
    until its author withdraws it (rule 3), and a recusal stands. Concerns stay open.
    """
    return replace(
        item,
        ballots=tuple(
            Ballot(
                group_id,
                item.round,
                rosters[group_id],
                old.positions if (old := item.ballot_of(group_id)) else (),
                old.concerns if old else (),
                without_voice(rosters[group_id], old.positions, rosters[group_id]) if old else frozenset(),
            )
            for group_id in item.counterparts
        ),
    )

"""The ballot of one counterpart group on one version: a gate with reasons, not a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Stand(StrEnum):
    """One member's stand on a version (product.md, Words: position)."""

    #: Agrees to these words.
    APPROVE = "approve"
    #: Can live with these words; counts like an approval, but a ballot needs one approval too.
    NO_OBJECTION = "no_objection"
    #: Blocks until its author takes another stand; needs a reason.
    OBJECT = "object"
    #: Counts for the quorum only.
    ABSTAIN = "abstain"
    #: Leaves the denominator until its author takes another stand.
    RECUSE = "recuse"
    #: Takes back what was said before; as if the member had not spoken.
    WITHDRAWN = "withdrawn"


class ConcernEnd(StrEnum):
    """How a concern ends, said by its author or the author's lead."""

    #: The text or what was agreed meets it.
    RESOLVED = "resolved"
    #: It is no longer upheld.
    WITHDRAWN = "withdrawn"
    #: An answer was given that its author can live with.
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Position:
    """The newest stand of one member, bound to the round and the digest it was taken on.

    `recorded_by` is the lead who entered it on the member's word; None where the member did.
    """

    person_id: int
    stand: Stand
    round: int
    version: int
    digest: str
    recorded_by: int | None = None


@dataclass(frozen=True, slots=True)
class Ballot:
    """One group's voting members, frozen when the round opened, and their newest positions.

    `positions` holds at most one per person: positions are append-only, the newest is current.
    `concerns` are the authors of the group's open concerns, in order, one entry for each. `left` are those
    of the roster or with a position who can't speak in it now: they have no vote in the group any more, or
    have had one again only since it opened.
    """

    group_id: int
    round: int
    roster: frozenset[int]
    positions: tuple[Position, ...] = ()
    concerns: tuple[int, ...] = ()
    left: frozenset[int] = frozenset()

    def position_of(self, person_id: int) -> Position | None:
        """The newest position of one member, counting or stale; None if there is none."""
        return next((p for p in self.positions if p.person_id == person_id), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a ballot comes to: whether it carries, and every figure that the page shows.

    `positions` of `needed` count out of `voters` (roster less recusals); `objectors` hold an open
    objection, on this version or an earlier one, `concerns` are the authors of open concerns; `stale`
    took a position that does not count.
    """

    carried: bool
    voters: int
    needed: int
    positions: int
    approvals: int
    objectors: tuple[int, ...]
    silent: tuple[int, ...]
    stale: tuple[int, ...]
    concerns: tuple[int, ...] = ()


def counts(position: Position, ballot: Ballot, digest: str) -> bool:
    """Whether a position counts on the text `digest` (mechanisms.md, Stale approvals).

    A recusal never counts, and an objection never counts towards the quorum: it blocks instead.
    """
    return (
        position.person_id in ballot.roster
        and position.round == ballot.round
        and position.digest == digest
        and position.stand in (Stand.APPROVE, Stand.NO_OBJECTION, Stand.ABSTAIN)
    )


def recused(ballot: Ballot) -> frozenset[int]:
    """Members of the roster whose newest stand is a recusal: it concerns the matter, not the words."""
    return frozenset(p.person_id for p in ballot.positions if p.stand is Stand.RECUSE) & ballot.roster


def objectors(positions: Iterable[Position]) -> tuple[int, ...]:
    """Who holds an open objection: it stays open over new versions and rounds (rule 3)."""
    return tuple(sorted(p.person_id for p in positions if p.stand is Stand.OBJECT))


def tally(ballot: Ballot, digest: str) -> Outcome:
    """Count a ballot on the text `digest`.

    Carries when floor(n/2)+1 of the roster less recusals hold a counting position, at least one of
    them is an approval and neither an objection nor a concern is open (product.md, Ballot). Zero voters
    never carry.
    """
    voters = ballot.roster - recused(ballot)
    counting = [p for p in ballot.positions if p.person_id in voters and counts(p, ballot, digest)]
    approvals = sum(p.stand is Stand.APPROVE for p in counting)
    blocking = objectors(ballot.positions)
    spoken = {p.person_id for p in counting}
    current_objectors = {
        p.person_id
        for p in ballot.positions
        if p.stand is Stand.OBJECT and p.round == ballot.round and p.digest == digest
    }
    needed = len(voters) // 2 + 1
    unspoken = voters - spoken - current_objectors
    known = {p.person_id for p in ballot.positions if p.stand is not Stand.WITHDRAWN}
    return Outcome(
        carried=bool(voters)
        and len(counting) >= needed
        and approvals >= 1
        and not blocking
        and not ballot.concerns,
        voters=len(voters),
        needed=needed,
        positions=len(counting),
        approvals=approvals,
        objectors=blocking,
        silent=tuple(sorted(unspoken - known)),
        stale=tuple(sorted(unspoken & known)),
        concerns=ballot.concerns,
    )


def handed_over(ballot: Ballot) -> frozenset[int]:
    """Whose open objection has passed to the group's lead, because they can't withdraw it themselves."""
    return frozenset(objectors(ballot.positions)) & ballot.left


def without_voice(
    roster: frozenset[int], positions: Iterable[Position], voters: frozenset[int]
) -> frozenset[int]:
    """`Ballot.left`, given who has a vote in the group now."""
    return (roster | {p.person_id for p in positions}) - (roster & voters)

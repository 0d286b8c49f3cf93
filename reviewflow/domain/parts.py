"""The parts of a brief or paper: approved recommendations, each included by the digest of its exact text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class PartStanding(StrEnum):
    """How an included text stands, the one first that tells most where several items have had its words."""

    #: It is approved or published, with exactly the included words.
    HOLDS = "holds"
    #: A successor has replaced it, and it stands in a corrigendum to words that had it already.
    KEPT = "kept"
    #: A successor has replaced it.
    SUPERSEDED = "superseded"
    #: The coordinator has retracted it.
    RETRACTED = "retracted"
    #: It is not approved, or no longer.
    UNAPPROVED = "unapproved"
    #: Its item has moved on to other words.
    STALE = "stale"


#: How a text stands that can be part of what is approved.
INCLUDABLE = frozenset({PartStanding.HOLDS, PartStanding.KEPT})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a text; `symbol` is how people name it, or the first digits of its digest."""

    digest: str
    symbol: str
    standing: PartStanding


def part_of(digest: str, candidates: tuple[tuple[str, PartStanding], ...]) -> Part:
    """The part that a digest names: (symbol, standing) of each item that has had these words."""
    order = list(PartStanding)
    unknown = ((digest[:8], PartStanding.UNAPPROVED),)
    symbol, standing = min(candidates or unknown, key=lambda candidate: order.index(candidate[1]))
    return Part(digest, symbol, standing)


def as_kept(part: Part, published: frozenset[str]) -> Part:
    """The part as it stands in a corrigendum to words that were `published` with parts of these digests.

    An erratum is only what was wrong at publication (the RFC Editor's rule), and that a part would be
    superseded was not. What was retracted, or has lost its approval, is not said again.
    """
    keeps = part.standing is PartStanding.SUPERSEDED and part.digest in published
    return replace(part, standing=PartStanding.KEPT) if keeps else part

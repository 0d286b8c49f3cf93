"""What a brief or paper can include, and the parts that a text includes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.items import State, part_standing
from reviewflow.domain.manifest import Content, Manifest
from reviewflow.domain.parts import Part, PartStanding, part_of
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow


@dataclass(frozen=True, slots=True)
class Includable:
    """An approved or published recommendation, as the editor lists it."""

    digest: str
    symbol: str
    title: str


@dataclass(frozen=True, slots=True)
class IncludedText:
    """A part with its words, read from its stored bytes; `key` leads to its item.

    `path` leads to its public page, and is empty while it has none.
    """

    part: Part
    key: str
    path: str
    manifest: Manifest
    stored: bytes


_TEXTS = select(
    Recommendation.key,
    Recommendation.final_symbol,
    Recommendation.symbol,
    Recommendation.state,
    Recommendation.circulated_number,
    VersionRow.number,
    VersionRow.digest,
    VersionRow.title,
).join(VersionRow, VersionRow.recommendation_id == Recommendation.id)


def includable(session: Session, actor: Actor) -> tuple[Includable, ...]:
    """What a text of the actor's task force can include now, in the order of the symbols."""
    found = session.execute(
        _TEXTS.where(
            Recommendation.task_force_id == actor.task_force_id,
            Recommendation.kind == "recommendation",
            Recommendation.state.in_((State.APPROVED, State.PUBLISHED)),
            VersionRow.number == Recommendation.head_number,
        ).order_by(Recommendation.symbol_year, Recommendation.symbol_number, Recommendation.id)
    )
    texts = {row.digest: Includable(row.digest, row.final_symbol, row.title) for row in found}
    return tuple(texts.values())


def included(session: Session, task_force_id: int, digests: tuple[str, ...]) -> tuple[IncludedText, ...]:
    """The texts that digests name, in their order; one that all groups have never seen is left out."""
    if not digests:
        return ()
    rows = defaultdict(list)
    for row in session.execute(
        _TEXTS.add_columns(VersionRow.manifest, Publication.slug)
        .join(
            Publication,
            (Publication.recommendation_id == Recommendation.id) & (Publication.digest == VersionRow.digest),
            isouter=True,
        )
        .where(
            Recommendation.task_force_id == task_force_id,
            VersionRow.digest.in_(digests),
            VersionRow.number <= Recommendation.circulated_number,
        )
        .order_by(Recommendation.id, VersionRow.number)
    ):
        rows[row.digest].append(row)
    texts = []
    for digest in digests:
        candidates: list[tuple[str, PartStanding]] = []
        for row in rows[digest]:
            current = row.number == row.circulated_number
            standing = part_standing(State(row.state), current=current)
            candidates.append((row.final_symbol or row.symbol, standing))
        if not candidates:
            continue
        part = part_of(digest, tuple(candidates))
        chosen = rows[digest][candidates.index((part.symbol, part.standing))]
        manifest = Manifest.from_bytes(chosen.manifest)
        texts.append(IncludedText(part, chosen.key, chosen.slug or "", manifest, chosen.manifest))
    return tuple(texts)


def part_names(actor: Actor, *texts: Content) -> dict[str, str]:
    """Symbol and title of every part of some texts, by its digest; no statement where there is none."""
    digests = tuple(dict.fromkeys(digest for text in texts for digest in text.includes))
    found = included(db.session(), actor.task_force_id, digests)
    return {one.part.digest: f"{one.part.symbol} {one.manifest.wording.title}" for one in found}

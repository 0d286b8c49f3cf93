"""The published text that a successor or corrigendum begins with, and what follows a published one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.items import Item, Relation, RelationKind, State
from reviewflow.domain.manifest import Content, Manifest, digest_of
from reviewflow.domain.relations import Follows, follow_problem
from reviewflow.domain.workflow import may_create
from reviewflow.persistence.models.publication import Publication, PublicationNotice
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.queries.visible import visible_items

#: Key and symbol of an item.
Named = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Original:
    """A published text by its symbol, with its words as they were last corrected."""

    relation: Relation
    symbol: str
    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True)
class Newer:
    """The words in force, by the symbol of what said them last, and those `before` them.

    A corrigendum was drafted on those before: another one has been published since.
    """

    symbol: str
    digest: str
    before: Content
    content: Content


def newer_words(session: Session, item: Item, manifest: Manifest) -> Newer | None:
    """What a corrigendum has to take in before it can be proposed; no statement where there is nothing."""
    relation = item.relation
    if relation is None or not relation.corrected_meanwhile or relation.state is not State.PUBLISHED:
        return None
    digest = relation.words[-1]
    texts = {
        row.digest: row
        for row in session.execute(
            select(Publication.digest, Publication.symbol, Publication.manifest)
            .where(
                Publication.task_force_id == item.task_force_id,
                Publication.digest.in_((manifest.corrects, digest)),
            )
            .order_by(Publication.id)
        )
    }
    before, newest = (Manifest.from_bytes(texts[of].manifest).content() for of in (manifest.corrects, digest))
    return Newer(texts[digest].symbol, digest, before, newest)


def original_of(session: Session, actor: Actor, follows: Follows) -> Original:
    """What a text of the actor's group is to follow, in one statement.

    Raises `NotFound` if it does not exist for the actor, `InvalidInput` if nothing can follow it so.
    """
    item = aliased(Recommendation)
    rows = session.execute(
        select(
            Recommendation.id,
            Recommendation.group_id,
            Recommendation.state,
            Recommendation.relation,
            Recommendation.final_symbol,
            item.state.label("holds"),
            Publication.manifest,
        )
        .select_from(Recommendation)
        .join(
            item,
            (item.id == Recommendation.id)
            | (item.original_id == Recommendation.id) & (item.relation == RelationKind.CORRIGENDUM),
        )
        .join(Publication, Publication.recommendation_id == item.id, isouter=True)
        .where(visible_items(actor), Recommendation.key == follows.key)
        .order_by(Publication.id)
    ).all()
    if not rows:
        raise NotFound()
    problem = follow_problem(
        follows.kind,
        State(rows[0].state),
        own_group=rows[0].group_id == actor.group_id,
        is_corrigendum=rows[0].relation == RelationKind.CORRIGENDUM,
    )
    if problem:
        raise InvalidInput(field="replaces", problem=problem)
    newest = [row.manifest for row in rows if row.manifest and row.holds == State.PUBLISHED][-1]
    return Original(
        Relation(follows.kind, rows[0].id),
        rows[0].final_symbol or "",
        Manifest.from_bytes(newest),
        digest_of(newest),
    )


def may_follow(actor: Actor, item: Item, kind: RelationKind) -> bool:
    """Whether the actor may draft what follows this item in that way."""
    own_group = actor.group_id == item.proposing_group
    is_corrigendum = item.relation is not None and item.relation.kind is RelationKind.CORRIGENDUM
    problem = follow_problem(kind, item.state, own_group=own_group, is_corrigendum=is_corrigendum)
    return may_create(actor) and problem is None


def public_life(session: Session, item_id: int) -> tuple[str | None, Named | None, tuple[Named, ...]]:
    """The path of an item's publication, key and symbol of what superseded it, and of its corrigenda."""
    successor, corrigendum = aliased(Publication), aliased(Publication)
    follower, correcting = aliased(Recommendation), aliased(Recommendation)
    found = session.execute(
        select(Publication.slug, follower.key, successor.symbol, correcting.key, correcting.final_symbol)
        .join(PublicationNotice, PublicationNotice.publication_id == Publication.id, isouter=True)
        .join(successor, successor.id == PublicationNotice.successor_id, isouter=True)
        .join(follower, follower.id == successor.recommendation_id, isouter=True)
        .join(corrigendum, corrigendum.corrects_id == Publication.id, isouter=True)
        .join(
            correcting,
            and_(correcting.id == corrigendum.recommendation_id, correcting.state == State.PUBLISHED),
            isouter=True,
        )
        .where(Publication.recommendation_id == item_id)
        .order_by(corrigendum.id)
    ).all()
    if not found:
        return None, None, ()
    slug, key, symbol, *_ = found[0]
    return slug, (key, symbol) if key else None, tuple((row[3], row[4] or "") for row in found if row[3])


def followed_by_item(session: Session, item_id: int | None) -> Named | None:
    """Key and symbol of the published text that this one is to replace or correct."""
    if item_id is None:
        return None
    key, symbol = session.execute(
        select(Recommendation.key, Recommendation.final_symbol).where(Recommendation.id == item_id)
    ).one()
    return key, symbol or ""


def corrected_words(session: Session, row: Recommendation, manifest: Manifest) -> Manifest | None:
    """The words that a corrigendum corrects."""
    if not manifest.corrects:
        return None
    stored = session.scalars(
        select(Publication.manifest).where(
            Publication.task_force_id == row.task_force_id, Publication.digest == manifest.corrects
        )
    ).first()
    return Manifest.from_bytes(stored) if stored else None

"""The versions of one recommendation that an actor may see, and the texts of any two of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, literal, or_, select, union_all

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import State
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.workflow import Action
from reviewflow.persistence.db import db
from reviewflow.persistence.models.deliberation import (
    AgreementRow,
    ApprovalRow,
    Comment,
    PositionRow,
    SuggestionRow,
    Thread,
)
from reviewflow.persistence.models.recommendations import IssuedSymbol, Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.queries.visible import sees_own, visible_items


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in a list; `symbols` are those that it was given, the oldest first."""

    number: int
    title: str
    digest: str
    author_id: int
    note: str
    at: datetime
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Versions:
    """An item and its visible versions, the oldest first; there is always at least one."""

    key: str
    symbol: str | None
    state: State
    lines: tuple[VersionLine, ...]

    @property
    def newest(self) -> VersionLine:
        """The newest version that the actor may see."""
        return self.lines[-1]

    def line(self, number: int) -> VersionLine:
        """The version of a number. Raises `NotFound`, whether it is hidden or does not exist."""
        found = next((line for line in self.lines if line.number == number), None)
        if found is None:
            raise NotFound()
        return found

    def before(self, number: int) -> VersionLine | None:
        """The visible version before one; None before the first."""
        earlier = [line for line in self.lines if line.number < number]
        return earlier[-1] if earlier else None


@dataclass(frozen=True, slots=True)
class Taken:
    """The actor's own newest act on a text: the value of a stand, or `agree`, or (coordinator) `approve`."""

    act: str
    version: int


def visible_versions(actor: Actor) -> ColumnElement[bool]:
    """The versions open to the actor, among those of items that exist for them.

    All of their own group's; of others the circulated ones, each of which was given a symbol.
    """
    circulated = or_(
        VersionRow.number == Recommendation.circulated_number,
        exists()
        .where(
            IssuedSymbol.recommendation_id == Recommendation.id,
            IssuedSymbol.version_number == VersionRow.number,
        )
        .correlate(Recommendation, VersionRow),
    )
    if not sees_own(actor):
        return circulated
    return or_(Recommendation.group_id == actor.group_id, circulated)


def versions(actor: Actor, key: str) -> Versions:
    """An item with its visible versions and their symbols, in two statements. Raises `NotFound`."""
    session = db.session()
    rows = session.execute(
        select(
            Recommendation.id,
            Recommendation.key,
            Recommendation.symbol,
            Recommendation.final_symbol,
            Recommendation.state,
            VersionRow.number,
            VersionRow.title,
            VersionRow.digest,
            VersionRow.author_id,
            VersionRow.note,
            VersionRow.created_at,
        )
        .join(VersionRow, VersionRow.recommendation_id == Recommendation.id)
        .where(visible_items(actor), visible_versions(actor), Recommendation.key == key)
        .order_by(VersionRow.number)
    ).all()
    if not rows:
        raise NotFound()
    symbols: dict[int, list[str]] = defaultdict(list)
    for number, symbol in session.execute(
        select(IssuedSymbol.version_number, IssuedSymbol.symbol)
        .where(
            IssuedSymbol.task_force_id == actor.task_force_id,
            IssuedSymbol.recommendation_id == rows[0].id,
        )
        .order_by(IssuedSymbol.issued_at, IssuedSymbol.symbol)
    ):
        symbols[number].append(symbol)
    return Versions(
        key=rows[0].key,
        symbol=rows[0].final_symbol or rows[0].symbol,
        state=State(rows[0].state),
        lines=tuple(
            VersionLine(
                r.number, r.title, r.digest, r.author_id, r.note, r.created_at, tuple(symbols[r.number])
            )
            for r in rows
        ),
    )


def credited(actor: Actor, key: str) -> dict[int, list[int]]:
    """Whose suggestions each version accepted, by its number, as far as the actor may know them."""
    first = (
        select(func.min(Comment.id)).where(Comment.thread_id == Thread.id).correlate(Thread).scalar_subquery()
    )
    found: dict[int, list[int]] = defaultdict(list)
    for number, person in db.session.execute(
        select(SuggestionRow.result_version, Comment.person_id)
        .join(Thread, Thread.id == SuggestionRow.thread_id)
        .join(Comment, Comment.id == first)
        .join(Recommendation, Recommendation.id == Thread.recommendation_id)
        .where(
            visible_items(actor),
            Recommendation.key == key,
            SuggestionRow.state == "accepted",
            or_(~Thread.internal, Thread.group_id == (actor.group_id or 0)),
        )
        .order_by(Thread.id)
    ):
        if number is not None and person not in found[number]:
            found[number].append(person)
    return found


def texts(actor: Actor, key: str, numbers: tuple[int, ...]) -> dict[int, Manifest]:
    """What visible versions say, by number. Raises `NotFound` if one of them is not open to the actor."""
    rows = db.session.execute(
        select(VersionRow.number, VersionRow.manifest)
        .join(Recommendation, Recommendation.id == VersionRow.recommendation_id)
        .where(
            visible_items(actor),
            visible_versions(actor),
            Recommendation.key == key,
            VersionRow.number.in_(sorted(set(numbers))),
        )
    ).all()
    if {row.number for row in rows} != set(numbers):
        raise NotFound()
    return {number: Manifest.from_bytes(stored) for number, stored in rows}


def taken(actor: Actor, key: str) -> Taken | None:
    """What the actor last did about a text of this item, and on which version; None if nothing."""
    acts = [
        select(act.label("act"), version.label("version"), at.label("at"), order.label("row"))
        .join(Recommendation, Recommendation.id == item)
        .where(visible_items(actor), Recommendation.key == key, person == actor.person_id)
        for act, version, at, order, item, person in (
            (
                PositionRow.stand,
                PositionRow.version_number,
                PositionRow.taken_at,
                PositionRow.id,
                PositionRow.recommendation_id,
                PositionRow.person_id,
            ),
            (
                literal(str(Action.AGREE)),
                AgreementRow.version_number,
                AgreementRow.agreed_at,
                AgreementRow.id,
                AgreementRow.recommendation_id,
                AgreementRow.person_id,
            ),
            (
                literal(str(Action.APPROVE)),
                ApprovalRow.version_number,
                ApprovalRow.approved_at,
                ApprovalRow.id,
                ApprovalRow.recommendation_id,
                ApprovalRow.person_id,
            ),
        )
    ]
    merged = union_all(*acts).subquery()
    row = db.session.execute(
        select(merged.c.act, merged.c.version).order_by(merged.c.at.desc(), merged.c.row.desc()).limit(1)
    ).one_or_none()
    return Taken(*row) if row else None

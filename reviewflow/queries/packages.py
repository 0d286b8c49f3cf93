"""Package deals as pages show them: what is tied, what holds it, and who has agreed to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.acts import Action
from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import State
from reviewflow.domain.packages import groups_asked, seal_of
from reviewflow.domain.permissions import About, allows
from reviewflow.persistence.db import db
from reviewflow.persistence.models.packages import PackageConsent, PackageItem, PackageRow
from reviewflow.persistence.models.recommendations import Recommendation, Version
from reviewflow.queries.tallies import Standing, standings
from reviewflow.queries.visible import visible_items

#: How many texts are offered for a new package.
OFFERED = 200


@dataclass(frozen=True, slots=True)
class TiedText:
    """One text of a package, as it was circulated last. `standing` is how its ballots stand."""

    key: str
    symbol: str
    title: str
    group_id: int
    counterparts: tuple[int, ...]
    state: State
    version: int
    open_brackets: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Consent:
    """A group's agreement to the whole; it `counts` while the texts are those that its lead read."""

    group_id: int
    person_id: int
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class Package:
    """A package; `asked` are the groups whose leads agree to it, `seal` names the texts as they stand.

    `outcome` is empty while it is open, then `agreed` or `untied`. `may_agree` says that agreeing is
    the reader's, `ready` that nothing which the reader's group decides stands in the way.
    """

    key: str
    title: str
    group_id: int
    tied_by: int
    tied_at: datetime
    ended_at: datetime | None
    outcome: str
    texts: tuple[TiedText, ...]
    consents: tuple[Consent, ...]
    asked: frozenset[int]
    seal: str
    may_agree: bool
    ready: bool
    may_untie: bool

    @property
    def lacking(self) -> frozenset[int]:
        """The groups whose leads have not agreed to the texts as they stand."""
        return self.asked - {consent.group_id for consent in self.consents if consent.counts}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that could be tied."""

    key: str
    symbol: str
    title: str
    group_id: int


def package(actor: Actor, key: str, groups: Sequence[int]) -> Package:
    """One package, in three statements; `groups` are all those of the task force. Raises `NotFound`."""
    session = db.session()
    found = _package(session, actor, PackageRow.key == key, groups)
    if found is None:
        raise NotFound()
    return found


def package_of(session: Session, actor: Actor, item_id: int, groups: Sequence[int]) -> Package | None:
    """The package that an item is tied into, or else the last one that it was agreed to with.

    One statement where there is none, three where there is.
    """
    tied = PackageItem.released_at.is_(None)
    newest = (
        select(func.max(PackageItem.package_id))
        .join(PackageRow, PackageRow.id == PackageItem.package_id)
        .where(PackageItem.recommendation_id == item_id, or_(tied, PackageRow.outcome == "agreed"))
        .scalar_subquery()
    )
    return _package(session, actor, PackageRow.id == newest, groups)


def candidates(actor: Actor) -> tuple[Candidate, ...]:
    """The proposed texts that are not tied yet, in one statement."""
    is_tied = exists().where(
        PackageItem.recommendation_id == Recommendation.id, PackageItem.released_at.is_(None)
    )
    rows = db.session.execute(
        select(Recommendation.key, Recommendation.symbol, Version.title, Recommendation.group_id)
        .join(Version, _circulated())
        .where(visible_items(actor), Recommendation.state == State.PROPOSED, ~is_tied)
        .order_by(Recommendation.symbol_year, Recommendation.symbol_number, Recommendation.id)
        .limit(OFFERED)
    )
    return tuple(Candidate(key, symbol or "", title, group) for key, symbol, title, group in rows)


def _circulated() -> ColumnElement[bool]:
    return and_(
        Version.recommendation_id == Recommendation.id, Version.number == Recommendation.circulated_number
    )


def _texts(actor: Actor, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The rows of a package, one a text that the actor sees."""
    return (
        select(
            PackageRow, Recommendation, Version.number, Version.title, Version.digest, Version.open_brackets
        )
        .join(PackageItem, PackageItem.package_id == PackageRow.id)
        .join(Recommendation, Recommendation.id == PackageItem.recommendation_id)
        .join(Version, _circulated())
        .where(PackageRow.task_force_id == actor.task_force_id, which, visible_items(actor))
        .order_by(Recommendation.symbol_year, Recommendation.symbol_number, Recommendation.id)
    )


def _package(
    session: Session, actor: Actor, which: ColumnElement[bool], groups: Sequence[int]
) -> Package | None:
    rows = session.execute(_texts(actor, which)).all()
    if not rows:
        return None
    row: PackageRow = rows[0][0]
    items = [item for _, item, *_ in rows]
    how = standings(actor, [item.id for item in items if row.ended_at is None])
    seal = seal_of({item.id: (item.round, digest) for _, item, _, _, digest, _ in rows})
    consents = tuple(
        Consent(group, person, at, given == seal)
        for group, person, at, given in session.execute(
            select(PackageConsent.group_id, PackageConsent.person_id, PackageConsent.at, PackageConsent.seal)
            .where(PackageConsent.package_id == row.id)
            .order_by(PackageConsent.id)
        )
    )
    texts = tuple(
        TiedText(
            key=item.key,
            symbol=item.symbol or "",
            title=title,
            group_id=item.group_id,
            counterparts=tuple(group for group in groups if group != item.group_id),
            state=State(item.state),
            version=number,
            open_brackets=brackets,
            standing=how.get(item.id, Standing()),
        )
        for _, item, number, title, _, brackets in rows
    )
    asked = groups_asked(text.counterparts for text in texts)
    tied = [About(actor.task_force_id, text.group_id, circulated=True) for text in texts]
    is_open = row.ended_at is None
    has_agreed = any(consent.counts and consent.group_id == actor.group_id for consent in consents)
    return Package(
        key=row.key,
        title=row.title,
        group_id=row.group_id,
        tied_by=row.tied_by,
        tied_at=row.tied_at,
        ended_at=row.ended_at,
        outcome=row.outcome or "",
        texts=texts,
        consents=consents,
        asked=asked,
        seal=seal,
        may_agree=is_open and not has_agreed and any(allows(Action.AGREE, actor, about) for about in tied),
        ready=all(_is_ready(text, actor.group_id) for text in texts),
        may_untie=is_open and actor.group_id == row.group_id and allows(Action.UNTIE, actor, tied[0]),
    )


def _is_ready(text: TiedText, group_id: int | None) -> bool:
    """Whether a group could agree to a text now, or is not asked about it."""
    if text.state is not State.PROPOSED or text.open_brackets:
        return False
    outcome = text.standing.outcomes.get(group_id or 0)
    return group_id not in text.counterparts or (outcome is not None and outcome.carried)

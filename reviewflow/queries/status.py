"""The status table: one row an item, filtered, sorted and cut into pages inside the database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, true, union_all

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import State
from reviewflow.domain.symbols import Symbol
from reviewflow.persistence.db import db
from reviewflow.persistence.models.recommendations import (
    IssuedSymbol,
    Recommendation,
    Version,
    VersionSubject,
    Wait,
)
from reviewflow.queries.visible import sees_circulated, sees_own, shown_number, visible_items

#: Rows on one page.
PAGE = 50
#: Above this number the page says "more than"; counting on would read rows that nobody sees.
COUNTED = 1000
#: The columns that a table can be sorted by.
SORTS = ("ref", "title", "from", "dimension", "state", "since", "bracketed", "version")
#: Words of a search beyond these are not looked at.
_WORDS = 8


@dataclass(frozen=True, slots=True)
class View:
    """What one looks at; every field stands in the page's address. `page` counts from 1."""

    states: tuple[State, ...] = tuple(State)
    kind: str | None = None
    dimension: str | None = None
    addressee: str | None = None
    commitment: str | None = None
    group_id: int | None = None
    text: str = ""
    mine: bool = False
    sort: str = "ref"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One item as the table shows it; `holders` are parties (domain/waiting.py).

    `bracketed` is the share of words in open brackets in per cent, at least 1 if there are any; None where
    nobody counted.
    """

    key: str
    symbol: str | None
    final_symbol: str | None
    title: str
    kind: str
    group_id: int
    dimension: str
    state: State
    holders: tuple[int, ...]
    since: datetime
    version: int
    bracketed: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One page of rows, and how many there are in all: at most `COUNTED` + 1, which means "more"."""

    rows: tuple[Row, ...]
    count: int


def table(actor: Actor, view: View) -> Table:
    """One page, in two statements. Whoever sees no texts gets an empty table."""
    if not (sees_own(actor) or sees_circulated(actor)):
        return Table((), 0)
    statements = _statements(actor, view, PAGE, COUNTED)
    rows = tuple(_row(r) for r in db.session.execute(statements[0]))
    return Table(rows, db.session.execute(statements[1]).scalar_one())


# Putting them together takes longer than their execution, and the same few views are asked for all day.
@lru_cache(maxsize=256)
def _statements(
    actor: Actor, view: View, page: int, counted: int
) -> tuple[Select[*tuple[Any, ...]], Select[int]]:
    """The rows of a view's page, and their count."""
    chosen = _chosen(actor, view, limit=page, offset=(view.page - 1) * page)
    return _with_details(actor, view, chosen), _count(actor, view, counted + 1)


def every_row(actor: Actor, view: View) -> Iterator[Row]:
    """All rows of a view in its order, read from the database as they are consumed; one statement."""
    if not (sees_own(actor) or sees_circulated(actor)):
        return
    statement = _with_details(actor, view, _chosen(actor, view)).execution_options(yield_per=500)
    for row in db.session.execute(statement):
        yield _row(row)


def key_of_symbol(actor: Actor, symbol: Symbol) -> str:
    """The key of the item that was ever given a symbol; raises `NotFound` to who may not see it."""
    key = db.session.execute(
        select(Recommendation.key)
        .join(IssuedSymbol, IssuedSymbol.recommendation_id == Recommendation.id)
        .where(IssuedSymbol.task_force_id == actor.task_force_id, IssuedSymbol.symbol == str(symbol))
        .where(visible_items(actor))
    ).scalar_one_or_none()
    if key is None:
        raise NotFound()
    return key


def _row(r: Any) -> Row:
    return Row(
        key=r.key,
        symbol=r.symbol,
        final_symbol=r.final_symbol,
        title=r.title,
        kind=r.kind,
        group_id=r.group_id,
        dimension=r.dimension,
        state=State(r.state),
        holders=tuple(r.holders),
        since=r.since,
        version=r.number,
        bracketed=None if r.words is None else -(-100 * r.bracketed_words // max(1, r.words)),
    )


def _shown_version(actor: Actor) -> ColumnElement[bool]:
    return and_(Version.recommendation_id == Recommendation.id, Version.number == shown_number(actor))


def _with_details(actor: Actor, view: View, chosen: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """What a row shows, for the chosen ids, in their order."""
    page = chosen.subquery()
    keys = [column for column in page.c if column.name != "id"]
    return (
        select(
            Recommendation.key,
            Recommendation.symbol,
            Recommendation.final_symbol,
            Version.title,
            Recommendation.kind,
            Recommendation.group_id,
            Version.dimension,
            Recommendation.state,
            Recommendation.holders,
            Recommendation.since,
            Version.number,
            Version.words,
            Version.bracketed_words,
        )
        .select_from(page)
        .join(Recommendation, Recommendation.id == page.c.id)
        .join(Version, _shown_version(actor))
        .order_by(*_directed([*keys, page.c.id], view))
    )


def _chosen(actor: Actor, view: View, limit: int | None = None, offset: int = 0) -> Select[*tuple[Any, ...]]:
    """The ids of a view's rows and what they are sorted by, in order."""
    if view.sort != "ref":
        chosen = _filtered(actor, view, _sort_keys(actor, view.sort))
        if view.states != tuple(State):
            chosen = chosen.where(Recommendation.state.in_(view.states))
        order = [*_sort_keys(actor, view.sort), Recommendation.id.expression]
        return chosen.order_by(*_directed(order, view)).limit(limit).offset(offset or None)
    # Each branch is the beginning of a range of an index, however many rows there are.
    most = None if limit is None else limit + offset
    parts = [
        select(branch.order_by(*_directed(order, view)).limit(most).subquery())
        for branch, order in _branches(actor, view)
    ]
    merged = union_all(*parts).subquery()
    keys = [merged.c.unnumbered, merged.c.year, merged.c.number]
    return (
        select(merged.c.id, *keys)
        .order_by(*_directed([*keys, merged.c.id], view))
        .limit(limit)
        .offset(offset or None)
    )


def _count(actor: Actor, view: View, most: int) -> Select[int]:
    """How many rows a view has, looking at no more than it takes to say "more than".

    In the order of the index: where most items are in one state, SQLite would read all for the others.
    """
    parts = [
        select(branch.order_by(*order).limit(most).subquery()) for branch, order in _branches(actor, view)
    ]
    found = union_all(*parts).limit(most).subquery()
    return select(func.count()).select_from(found)


def _branches(
    actor: Actor, view: View
) -> Iterator[tuple[Select[*tuple[Any, ...]], list[ColumnElement[Any]]]]:
    """A view by reference number, as ranges of indexes: (the range, what orders it).

    For each state the items with a symbol, which circulated and so are open to all, and for each
    state those without one, which are the own group's. Symbols and circulation come together.
    """
    year, number = Recommendation.symbol_year.expression, Recommendation.symbol_number.expression
    id_ = Recommendation.id.expression

    def keys(unnumbered: int) -> list[ColumnElement[Any]]:
        return [literal(unnumbered).label("unnumbered"), year.label("year"), number.label("number")]

    by_state = [Recommendation.state == state for state in view.states]
    if view.states == tuple(State):
        numbered: list[ColumnElement[bool]] = [true()]
    else:
        numbered = list(by_state)
    for condition in numbered:
        base = _filtered(actor, view, keys(0))
        yield base.where(condition, year.is_not(None)), [year, number, id_]
    if not sees_own(actor) or view.group_id not in (None, actor.group_id):
        return
    for condition in by_state:
        base = _filtered(actor, view, keys(1))
        yield base.where(condition, Recommendation.group_id == actor.group_id, year.is_(None)), [number, id_]


def _filtered(actor: Actor, view: View, keys: list[ColumnElement[Any]]) -> Select[*tuple[Any, ...]]:
    """Ids and sort keys of the items that pass every filter but the states."""
    found = select(Recommendation.id, *keys).where(
        Recommendation.task_force_id == actor.task_force_id, visible_items(actor)
    )
    if view.dimension or view.addressee or view.commitment or view.text or view.sort in _OF_VERSIONS:
        found = found.join(Version, _shown_version(actor))
    if view.group_id is not None:
        found = found.where(Recommendation.group_id == view.group_id)
    if view.kind:
        found = found.where(Recommendation.kind == view.kind)
    if view.mine:
        found = found.where(
            Recommendation.id.in_(
                select(Wait.recommendation_id).where(
                    Wait.person_id == actor.person_id, Wait.task_force_id == actor.task_force_id
                )
            )
        )
    if view.dimension:
        found = found.where(Version.dimension == view.dimension)
    for facet, value in (("addressee", view.addressee), ("commitment", view.commitment)):
        if value:
            found = found.where(
                select(VersionSubject.version_id)
                .where(
                    VersionSubject.version_id == Version.id,
                    VersionSubject.facet == facet,
                    VersionSubject.value == value,
                )
                .exists()
            )
    for word in unicodedata.normalize("NFC", view.text).casefold().split()[:_WORDS]:
        found = found.where(
            or_(
                Version.folded.contains(word, autoescape=True),
                func.lower(Recommendation.symbol).contains(word, autoescape=True),
                func.lower(Recommendation.final_symbol).contains(word, autoescape=True),
            )
        )
    return found


#: The sorts whose keys stand in the shown version.
_OF_VERSIONS = frozenset({"title", "dimension", "bracketed"})


def _sort_keys(actor: Actor, sort: str) -> list[ColumnElement[Any]]:
    """What a view is sorted by, but for reference numbers; ties fall to those, and to the id."""
    if sort == "since":
        return [Recommendation.since.expression]
    first: ColumnElement[Any]
    match sort:
        case "title":
            first = func.substr(Version.folded, 1, 120)  # begins with the title, casefolded
        case "dimension":
            first = Version.dimension.expression
        case "bracketed":
            share = 10_000 * Version.bracketed_words / func.nullif(Version.words, 0)
            first = func.coalesce(share, 0)
        case "from":
            first = Recommendation.group_id.expression
        case "version":
            first = shown_number(actor)
        case _:
            order = {state: place for place, state in enumerate(State)}
            first = case(order, value=Recommendation.state)
    unnumbered = case((Recommendation.symbol_year.is_(None), 1), else_=0)
    return [
        first.label("first"),
        unnumbered.label("unnumbered"),
        Recommendation.symbol_year.label("year"),
        Recommendation.symbol_number.label("number"),
    ]


def _directed(keys: list[ColumnElement[Any]], view: View) -> list[ColumnElement[Any]]:
    return [key.desc() for key in keys] if view.descending else keys

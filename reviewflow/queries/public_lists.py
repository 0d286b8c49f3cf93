"""What the lists of the public site and its search read: publications, and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, case, extract, func, select, text
from sqlalchemy.orm import InstrumentedAttribute

from reviewflow.domain.manifest import Manifest
from reviewflow.domain.searching import Term, by_weight, marked, plain_text, snippet
from reviewflow.domain.symbols import FINAL
from reviewflow.gateways.lists import Filter, Hit, Issue, Listed, Overview, Results
from reviewflow.persistence import search as words_index
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import (
    Publication,
    PublicationAddressee,
    PublicationCommitment,
    PublicationNotice,
)
from reviewflow.queries.public import changed_at, corrected_at

Columns = TypeVarTuple("Columns")

#: How many publications a page of the list shows.
PAGE_SIZE = 20


def publications(task_force_id: int, narrowed: Filter, size: int = PAGE_SIZE) -> Issue:
    """A page of the list, newest first, in one statement; one row more tells whether another follows."""
    chosen = (
        _narrowed(select(Publication.id), task_force_id, narrowed)
        .order_by(Publication.published_at.desc(), Publication.id.desc())
        .limit(size + 1)
        .offset(size * (narrowed.page - 1))
        .subquery()
    )
    rows = db.session.execute(
        select(*_LISTED)
        .join(chosen, chosen.c.id == Publication.id)
        .join(PublicationNotice, PublicationNotice.publication_id == Publication.id, isouter=True)
        .order_by(Publication.published_at.desc(), Publication.id.desc())
    ).all()
    items = tuple(_listed(row) for row in rows)
    return Issue(items[:size], len(items) > size)


def search(task_force_id: int, narrowed: Filter, terms: tuple[Term, ...]) -> Results:
    """A page of the publications that have all the terms, in one statement.

    Those that hold stand before those that were superseded or retracted; then those that have the terms in
    their titles; then the newest.
    """
    words, found, in_title = words_index.found(db.engine.dialect.name, terms)
    # Read once, and used for the page and for the number of all.
    hits = _narrowed(
        select(Publication.id, Publication.published_at, in_title.label("in_title"))
        .join(words, words.c.rowid == Publication.id)
        .where(found),
        task_force_id,
        narrowed,
    ).cte("hits")
    past = hits.c.id.in_(select(PublicationNotice.publication_id))
    order = (text("past"), text("in_title DESC"), hits.c.published_at.desc(), hits.c.id.desc())
    chosen = (
        select(
            hits.c.id,
            past.label("past"),
            hits.c.in_title,
            select(func.count()).select_from(hits).scalar_subquery().label("total"),
        )
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset(PAGE_SIZE * (narrowed.page - 1))
        .subquery()
    )
    rows = db.session.execute(
        select(*_LISTED, Publication.manifest, chosen.c.total)
        .join(chosen, chosen.c.id == Publication.id)
        .join(PublicationNotice, PublicationNotice.publication_id == Publication.id, isouter=True)
        .order_by(
            chosen.c.past, chosen.c.in_title.desc(), Publication.published_at.desc(), Publication.id.desc()
        )
    ).all()
    return Results(
        tuple(_found(_listed(row), Manifest.from_bytes(row.manifest), terms) for row in rows),
        rows[0].total if rows else 0,
    )


def _found(listed: Listed, manifest: Manifest, terms: tuple[Term, ...]) -> Hit:
    """Where a publication has what was looked for: the authentic wording is looked through before others."""
    languages = sorted(manifest.wordings, key=lambda language: language != manifest.authentic_language)
    places = [(language, where) for language in languages for where in ("summary", "text", "rationale")]
    shown: dict[tuple[str, str], str] = {}
    for term in by_weight(terms):
        for place in places:
            if place not in shown:
                shown[place] = plain_text(getattr(manifest.wordings[place[0]], place[1]))
            if pieces := snippet(shown[place], term, terms):
                return Hit(listed, marked(listed.title, terms), place[1], place[0], pieces)
    return Hit(listed, marked(listed.title, terms), "", manifest.authentic_language, ())


_LISTED = (
    Publication.slug,
    Publication.symbol,
    Publication.title,
    Publication.summary,
    Publication.dimension,
    select(func.aggregate_strings(PublicationAddressee.addressee, " "))
    .where(PublicationAddressee.publication_id == Publication.id)
    .scalar_subquery(),
    select(func.aggregate_strings(PublicationCommitment.commitment, " "))
    .where(PublicationCommitment.publication_id == Publication.id)
    .scalar_subquery(),
    Publication.published_at,
    PublicationNotice.kind,
    changed_at(),
    corrected_at(),
)


def _listed(row: Any) -> Listed:
    """A line of a list, from the columns of `_LISTED`."""
    return Listed(
        path=row[0],
        symbol=row[1],
        title=row[2],
        summary=row[3],
        dimension=row[4],
        addressees=tuple(sorted((row[5] or "").split())),
        commitments=tuple(sorted((row[6] or "").split())),
        published_at=row[7],
        changed_at=row[9],
        notice=row[8] or ("corrected" if row[10] else ""),
    )


#: What a publication is, which its symbol tells.
_kind: ColumnElement[str] = case(
    *(
        (Publication.symbol.contains(f".{series}/"), kind)
        for kind, series in FINAL.items()
        if series != "REC"
    ),
    else_="recommendation",
)


def _narrowed(query: Select[*Columns], task_force_id: int, narrowed: Filter) -> Select[*Columns]:
    query = query.where(Publication.task_force_id == task_force_id)
    if narrowed.kind:
        query = query.where(_kind == narrowed.kind)
    if narrowed.dimension:
        query = query.where(Publication.dimension == narrowed.dimension)
    if narrowed.addressee:
        query = query.join(PublicationAddressee, PublicationAddressee.publication_id == Publication.id).where(
            PublicationAddressee.addressee == narrowed.addressee
        )
    if narrowed.commitment:
        query = query.join(
            PublicationCommitment, PublicationCommitment.publication_id == Publication.id
        ).where(PublicationCommitment.commitment == narrowed.commitment)
    if narrowed.year:
        begin = datetime(int(narrowed.year), 1, 1, tzinfo=UTC)
        query = query.where(
            Publication.published_at >= begin, Publication.published_at < begin.replace(year=begin.year + 1)
        )
    return query


def years(task_force_id: int) -> list[str]:
    """The years (of UTC) from the last publication back to the first, in one statement."""
    at, of = Publication.published_at, Publication.task_force_id == task_force_id
    ends = [select(end(at)).where(of).scalar_subquery() for end in (func.max, func.min)]
    row: Any = db.session.execute(select(ends[0], ends[1])).one()
    return [str(year) for year in range(row[0].year, row[1].year - 1, -1)] if row[0] else []


def _year() -> ColumnElement[int]:
    """The year of publication in UTC; a server's own time zone makes no difference."""
    if db.engine.dialect.name == "postgresql":
        return extract("year", func.timezone("UTC", Publication.published_at))
    return extract("year", Publication.published_at)


def overview(task_force_id: int) -> Overview:
    """The numbers beside the ways to browse, in three statements."""
    texts = select(func.count()).select_from(Publication).where(Publication.task_force_id == task_force_id)
    addressee, commitment = PublicationAddressee, PublicationCommitment
    dimensions: Counter[str] = Counter()
    by_year: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for dimension, year, kind, count in db.session.execute(
        texts.with_only_columns(Publication.dimension, _year(), _kind, func.count()).group_by(
            text("1"), text("2"), text("3")
        )
    ):
        kinds[kind] += count
        dimensions[dimension] += count
        by_year[str(year)] += count
    return Overview(
        total=dimensions.total(),
        kinds=dict(kinds),
        dimensions=dict(dimensions),
        addressees=_counted(
            texts.join(addressee, addressee.publication_id == Publication.id), addressee.addressee
        ),
        commitments=_counted(
            texts.join(commitment, commitment.publication_id == Publication.id), commitment.commitment
        ),
        years=dict(sorted(by_year.items(), reverse=True)),
    )


def _counted(texts: Select[Any], value: InstrumentedAttribute[str]) -> dict[str, int]:
    """A count of publications, by a value that they have."""
    return {
        row[0]: row[1]
        for row in db.session.execute(texts.with_only_columns(value, func.count()).group_by(value))
    }

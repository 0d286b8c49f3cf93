"""What the public site reads: publication snapshots, and nothing else.

A stored page is read by one statement on a plain connection, without session or transaction: `Reader`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from reviewflow.domain.follow_up import FollowUp
from reviewflow.domain.manifest import Manifest
from reviewflow.gateways.corrections import changes, corrections
from reviewflow.gateways.lists import SiteTaskForce
from reviewflow.gateways.pages import FORMATS, Corrigendum, Notice, Offered, PublicationView
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import TaskForce
from reviewflow.persistence.models.publication import (
    Publication,
    PublicationDocument,
    PublicationNotice,
    PublicPage,
    SigningKey,
)
from reviewflow.queries.follow_up import follow_up_of

#: How many addresses one sitemap may hold (sitemaps.org: at most 50,000), two of them the site's own.
SITEMAP_SIZE = 49_998
#: Before a task force's slug, this is the path of its stamp: no publication's path begins so.
STAMP_MARK = "?"


class Page(NamedTuple):
    """A stored page. An empty `etag` says that `body` is the path of the publication to go to."""

    body: bytes
    etag: str


class StoredDocument(NamedTuple):
    """A stored document, and the path of its publication. `body` is None if another path was asked for."""

    path: str
    media_type: str
    filename: str
    sha256: str
    body: bytes | None


_PAGE = "SELECT body, etag FROM public_pages WHERE path = "
# Symbols lead to a publication as paths of their own, and then only the way is wanted.
_DOCUMENT = (
    "SELECT p.slug, d.media_type, d.filename, d.sha256, CASE WHEN s.path = p.slug THEN d.body END"
    " FROM public_pages s JOIN publications p ON p.id = s.publication_id"
    " JOIN publication_documents d ON d.publication_id = p.id WHERE s.path = {0} AND d.format = {0}"
)
_TASK_FORCES = (
    "SELECT t.id, t.slug, t.name, t.description, t.disclaimer, t.notice, p.etag FROM task_forces t"
    " LEFT JOIN public_pages p ON p.path = '?' || t.slug ORDER BY t.id"
)


class Reader:
    """The two reads that every visit makes, each one statement of the driver and nothing around it.

    A SELECT alone is consistent by itself, so it needs neither BEGIN nor ROLLBACK; on PostgreSQL they
    would be two more journeys to the server. Made within an application context, used anywhere.
    """

    def __init__(self) -> None:
        self._engine = db.engine
        # SQLite's connections commit by themselves, see persistence/db.py.
        self._commits_itself = self._engine.dialect.name == "sqlite"
        place = "?" if self._commits_itself else "%s"
        self._page, self._document = _PAGE + place, _DOCUMENT.format(place)

    def page(self, path: str) -> Page | None:
        """The page stored under `path`."""
        # A stamp is no page, and PostgreSQL has no text with NUL.
        if path.startswith(STAMP_MARK) or "\0" in path:
            return None
        rows = self._rows(self._page, (path,))
        return Page(bytes(rows[0][0]), rows[0][1]) if rows else None

    def document(self, path: str, format_name: str) -> StoredDocument | None:
        """The document that belongs to the page stored under `path`."""
        if path.startswith(STAMP_MARK) or "\0" in path:
            return None
        rows = self._rows(self._document, (path, format_name))
        if not rows:
            return None
        slug, media_type, filename, sha256, body = rows[0]
        return StoredDocument(slug, media_type, filename, sha256, None if body is None else bytes(body))

    def task_forces(self) -> tuple[SiteTaskForce, ...]:
        """The task forces of this site, the oldest first, each with the stamp of its public pages.

        What was made from publications is still true as long as this value is equal.
        """
        return tuple(SiteTaskForce(*row) for row in self._rows(_TASK_FORCES, ()))

    def _rows(self, statement: str, parameters: tuple[str, ...]) -> list[Any]:
        try:
            return self._read(statement, parameters)
        except self._engine.dialect.loaded_dbapi.OperationalError:
            # The server may have restarted, and the pool's connections with it: once with new ones.
            self._engine.dispose()
            return self._read(statement, parameters)

    def _read(self, statement: str, parameters: tuple[str, ...]) -> list[Any]:
        connection = self._engine.raw_connection()
        try:
            driver: Any = connection.driver_connection
            if self._commits_itself:
                rows: list[Any] = driver.execute(statement, parameters).fetchall()
            else:
                driver.autocommit = True
                # Binary: a page would otherwise travel as twice as many hexadecimal digits.
                rows = driver.execute(statement, parameters, binary=True).fetchall()
                driver.autocommit = False
        except BaseException:
            connection.invalidate()
            raise
        connection.close()
        return rows


_successor = select(Publication.id, Publication.slug, Publication.symbol, Publication.title).subquery()
_of_original, _corrigendum = aliased(PublicationNotice), aliased(Publication)
_offered = (
    select(
        func.aggregate_strings(
            PublicationDocument.format
            + " "
            + cast(func.length(PublicationDocument.body), String)
            + " "
            + PublicationDocument.sha256,
            ",",
        )
    )
    .where(PublicationDocument.publication_id == Publication.id)
    .scalar_subquery()
)
_VIEW = (
    select(
        Publication,
        TaskForce.slug,
        PublicationNotice,
        _successor.c.slug,
        _successor.c.symbol,
        _successor.c.title,
        _offered,
        _of_original.kind,
        _corrigendum.slug.label("corrigendum"),
        _corrigendum.symbol.label("corrigendum_symbol"),
        _corrigendum.published_at.label("corrigendum_at"),
    )
    .join(TaskForce, TaskForce.id == Publication.task_force_id)
    .join(PublicationNotice, PublicationNotice.publication_id == Publication.id, isouter=True)
    .join(_successor, _successor.c.id == PublicationNotice.successor_id, isouter=True)
    .join(_of_original, _of_original.publication_id == Publication.corrects_id, isouter=True)
    .join(
        _corrigendum,
        and_(
            _corrigendum.corrects_id == func.coalesce(Publication.corrects_id, Publication.id),
            _corrigendum.id > Publication.id,
            _corrigendum.id.not_in(select(PublicationNotice.publication_id)),
        ),
        isouter=True,
    )
    .where(Publication.id == bindparam("publication"))
    .order_by(_corrigendum.id)
)


def leads() -> tuple[tuple[str, str], ...]:
    """Every symbol that a published text has had, as itself and as in an address, each with its path."""
    ways = select(PublicPage.path, PublicPage.body).where(PublicPage.etag == "").order_by(PublicPage.path)
    found = db.session.execute(ways)
    return tuple((path, bytes(body).decode()) for path, body in found)


def publication_view(session: Session, publication_id: int) -> PublicationView:
    """One publication with its notice and its follow-up, in two statements."""
    rows = session.execute(_VIEW, {"publication": publication_id}).all()
    row, task_force, notice, path, symbol, title, offered, original_notice, *_ = rows[0]
    return replace(
        new_publication_view(row, task_force),
        documents=_documents(offered or ""),
        has_evidence=_has("evidence", offered or ""),
        has_card=_has("png", offered or ""),
        notice=notice
        and Notice(notice.kind, notice.at, notice.explanation, path or "", symbol or "", title or ""),
        corrigenda=tuple(
            Corrigendum(told.corrigendum, told.corrigendum_symbol, told.corrigendum_at)
            for told in rows
            if told.corrigendum
        ),
        original_notice=original_notice or "",
        follow_up=follow_up_of(session, publication_id),
    )


def new_publication_view(row: Publication, task_force: str) -> PublicationView:
    """A publication in the instant in which it comes about: nothing has become of it yet."""
    manifest = Manifest.from_bytes(row.manifest)
    return PublicationView(
        id=row.id,
        task_force=task_force,
        path=row.slug,
        symbol=row.symbol,
        title=row.title,
        summary=row.summary,
        dimension=row.dimension,
        version_number=row.version_number,
        digest=row.digest,
        text_html=row.text_html,
        rationale_html=row.rationale_html,
        languages=tuple(manifest.wordings),
        record=row.record,
        published_at=row.published_at,
        documents=(),
        has_evidence=False,
        has_card=False,
        notice=None,
        corrigenda=(),
        original_notice="",
        corrections=corrections(row.record, manifest),
        changes=changes(row.record, manifest),
        follow_up=FollowUp(),
    )


def _has(name: str, told: str) -> bool:
    return any(one.startswith(f"{name} ") for one in told.split(","))


def _documents(told: str) -> tuple[Offered, ...]:
    """What the page offers, in the order of its formats; what it has no name for comes in other ways."""
    found = {
        name: (int(size), sha256) for name, size, sha256 in map(str.split, filter(None, told.split(",")))
    }
    return tuple(Offered(name, *found[name]) for name in FORMATS if name in found)


def corrected_at() -> ScalarSelect[datetime]:
    """When a publication was corrected last, by what still holds."""
    one = aliased(Publication)
    return (
        select(func.max(one.published_at))
        .where(one.corrects_id == Publication.id)
        .where(one.id.not_in(select(PublicationNotice.publication_id)))
        .correlate(Publication)
        .scalar_subquery()
    )


def changed_at() -> ColumnElement[datetime]:
    """When the page of a publication last changed; to be joined with its notice."""
    return func.coalesce(PublicationNotice.at, corrected_at(), Publication.published_at)


class AnnouncedKey(NamedTuple):
    """A key that signs evidence; `until` is None for the one in force."""

    public: str
    since: datetime
    until: datetime | None


def signing_keys() -> tuple[AnnouncedKey, ...]:
    """Every key that was ever announced, the oldest first: each is in force until the next one is."""
    rows = db.session.execute(select(SigningKey.public, SigningKey.since).order_by(SigningKey.id)).all()
    ends = [row.since for row in rows[1:]] + [None]
    return tuple(AnnouncedKey(row.public, row.since, end) for row, end in zip(rows, ends, strict=False))


class Found(NamedTuple):
    """A publication that a digest belongs to: `format` is empty for the text itself, else its document's."""

    format: str
    filename: str
    path: str
    symbol: str
    title: str
    published_at: datetime
    notice: str
    task_force: str


def published_with(digest: str) -> tuple[Found, ...]:
    """What was published here with this SHA-256, texts before documents, in one statement."""
    nothing = literal("")
    shown = (
        Publication.slug,
        Publication.symbol,
        Publication.title,
        Publication.published_at,
        func.coalesce(
            PublicationNotice.kind, case((corrected_at().is_not(None), "corrected"), else_="")
        ).label("notice"),
        TaskForce.slug,
    )
    document = PublicationDocument
    texts = select(nothing.label("format"), nothing.label("filename"), *shown).where(
        Publication.digest == digest
    )
    documents = (
        select(document.format, document.filename, *shown)
        .join(document, document.publication_id == Publication.id)
        .where(document.sha256 == digest)
    )
    rows = db.session.execute(
        union_all(
            *(
                asked.select_from(Publication)
                .join(TaskForce, TaskForce.id == Publication.task_force_id)
                .join(PublicationNotice, PublicationNotice.publication_id == Publication.id, isouter=True)
                for asked in (texts, documents)
            )
        )
    )
    return tuple(sorted(Found(*row) for row in rows))


def last_publication_id() -> int:
    """The highest number of a publication, 0 when there is none: how many sitemaps there are."""
    return db.session.scalar(select(func.max(Publication.id))) or 0


def sitemap(part: int) -> list[tuple[str, datetime]]:
    """The paths of one sitemap (from 1) and when each page last changed; at most `SITEMAP_SIZE`."""
    rows = db.session.execute(
        select(Publication.slug, changed_at())
        .join(PublicationNotice, PublicationNotice.publication_id == Publication.id, isouter=True)
        .where(Publication.id > (part - 1) * SITEMAP_SIZE, Publication.id <= part * SITEMAP_SIZE)
        .order_by(Publication.id)
    )
    return [(row[0], row[1]) for row in rows]

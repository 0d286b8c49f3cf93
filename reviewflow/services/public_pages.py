"""The page of each publication as it is served: made anew whenever something is said of its text."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session, aliased

from reviewflow.domain.manifest import Manifest
from reviewflow.domain.symbols import parse_symbol
from reviewflow.gateways import citations, pages
from reviewflow.gateways.pages import PublicationView
from reviewflow.persistence import search
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication, PublicPage
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.queries import public
from reviewflow.services.transaction import Work, transaction

#: How many of the newest pages tell whether all have to be made anew.
_TELLING = 20
#: One statement for all rows, the same on both databases.
_KEEP = text(
    "INSERT INTO public_pages (path, publication_id, etag, body)"
    " VALUES (:path, :publication_id, :etag, :body)"
    " ON CONFLICT (path) DO UPDATE"
    " SET publication_id = excluded.publication_id, etag = excluded.etag, body = excluded.body"
)


def family(session: Session, item_id: int) -> list[int]:
    """The publications whose pages tell of an item's: its own first, its corrigenda, what it corrects."""
    own = aliased(Publication)
    return list(
        session.scalars(
            select(Publication.id)
            .join(
                own,
                or_(
                    Publication.id.in_((own.id, own.corrects_id)),
                    Publication.corrects_id.in_((own.id, own.corrects_id)),
                ),
            )
            .where(own.recommendation_id == item_id)
            .order_by(Publication.id != own.id, Publication.id)
        )
    )


def store_pages(work: Work, publications: Iterable[int]) -> None:
    """(Re)build the pages of publications as they are served."""
    work.session.flush()
    for publication_id in publications:
        build_page(work.session, publication_id)


def build_page(session: Session, publication_id: int) -> bytes:
    """Render a publication and its notice, and keep the bytes under its path, in two statements.

    Every symbol that the item has had leads there too. The task force's stamp changes, and with it
    whatever was made from its publications and is still remembered somewhere.
    """
    return _keep_page(session, public.publication_view(session, publication_id))


def build_first_page(session: Session, publication: Publication, task_force: str) -> bytes:
    """The same for a publication that has just come about, in one statement."""
    return _keep_page(session, public.new_publication_view(publication, task_force))


def _keep_page(session: Session, view: PublicationView) -> bytes:
    body = pages.publication_page(view)
    leads = {path: view.path.encode() for symbol in view.record["symbols"] for path in _paths_of(symbol)}
    leads.pop(view.path, None)
    rows = [(view.path, _etag(body), body)]
    rows += [(path, "", target) for path, target in sorted(leads.items())]
    for ending in citations.FILES:
        made = pages.cited(view).file(ending)
        rows.append((f"{view.path}.{ending}", _etag(made), made))
    # The stamp comes last: it is the row for which other publications wait.
    rows.append((public.STAMP_MARK + view.task_force, secrets.token_hex(16), b""))
    session.execute(
        _KEEP,
        [
            {"path": path, "publication_id": view.id, "etag": etag, "body": stored}
            for path, etag, stored in rows
        ],
    )
    return body


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def _paths_of(symbol: str) -> tuple[str, ...]:
    """The paths that a symbol leads from: itself in capitals, and as it stands in an address."""
    parsed = parse_symbol(symbol)
    return (symbol.upper(), parsed.slug()) if parsed else (symbol.upper(),)


def renew_pages() -> int:
    """Rebuild all pages if one of the newest would be another one now, as after an upgrade; returns how many.

    What is on a page but its text (menu, labels, links) changes for all of them at once.
    """
    session = db.session()
    stored = session.execute(
        select(Publication.id, PublicPage.etag)
        .join(PublicPage, PublicPage.path == Publication.slug)
        .order_by(Publication.id.desc())
        .limit(_TELLING)
    ).all()
    is_old = any(
        etag != _etag(pages.publication_page(public.publication_view(session, publication_id)))
        for publication_id, etag in stored
    )
    session.close()
    return rebuild_pages() if is_old else 0


def rebuild_pages(batch: int = 200) -> int:
    """Render every publication's page and index its words anew, as after an upgrade; returns how many.

    Each batch is a transaction of its own, so that nobody waits long.
    """
    last, rebuilt = 0, 0
    while True:
        with transaction() as work:
            # The locks of whoever would retract one of them now, in the order in which all take them: of two
            # pages the one built last must know of both.
            rows = work.session.execute(
                select(Recommendation.id, Publication.id, Publication.manifest)
                .join(Publication, Publication.recommendation_id == Recommendation.id)
                .where(Recommendation.id > last)
                .order_by(Recommendation.id)
                .limit(batch)
                .with_for_update(of=Recommendation)
            ).all()
            for _, publication_id, manifest in rows:
                build_page(work.session, publication_id)
                words = search.words_of(Manifest.from_bytes(manifest))
                search.put(work.session.connection(), publication_id, words)
        if not rows:
            return rebuilt
        last, rebuilt = rows[-1][0], rebuilt + len(rows)

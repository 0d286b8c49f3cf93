"""Making the documents of publications: after the commit that published, once, from the stored snapshot."""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import ColumnElement, exists, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from reviewflow.domain.errors import ConcurrentChange
from reviewflow.domain.workflow import Action
from reviewflow.gateways.documents.formats import MAKERS, Document, documents_of
from reviewflow.gateways.documents.paper import Paper, paper_of
from reviewflow.persistence.db import db, table_of
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication, PublicationDocument
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.services import public_pages
from reviewflow.services.transaction import transaction

log = logging.getLogger(__name__)

#: The format of the row that holds the evidence (services/evidence.py).
EVIDENCE: Final = "evidence"
_DOCUMENTS = table_of(PublicationDocument)


#: Whether publishing has marked it, and not everything is made yet. Not a join: SQLite would begin with the
#: publications, which are many, and not with the marks.
MARKED: Final = Publication.recommendation_id.in_(
    select(Recommendation.id).where(Recommendation.documents_due.is_not(None))
)
#: Whether a publication has a document in every format, and whether there can be evidence of it: its
#: history must have begun after events had a half to be shown.
COMPLETE: Final[ColumnElement[bool]] = (
    select(func.count())
    .select_from(PublicationDocument)
    .where(PublicationDocument.publication_id == Publication.id, PublicationDocument.format.in_(MAKERS))
    .scalar_subquery()
) == len(MAKERS)
PROVABLE: Final = exists().where(
    EventRow.recommendation_id == Publication.recommendation_id,
    EventRow.step == 1,
    EventRow.name == Action.PROPOSE,
)
PROVEN: Final = exists().where(
    PublicationDocument.publication_id == Publication.id, PublicationDocument.format == EVIDENCE
)


def take_stock() -> None:
    """Mark every publication that lacks a document or its evidence, as after an upgrade.

    This asks about each of them, so a worker does it when it starts. What is published later is marked by
    publishing, and the mark goes with the last thing that is made.
    """
    lacking = select(Publication.recommendation_id).where(~COMPLETE | PROVABLE & ~PROVEN)
    # Locked in the order of their ids, as acts do that hold several, so that neither waits for the other.
    unmarked = (
        select(Recommendation.id)
        .where(Recommendation.documents_due.is_(None), Recommendation.id.in_(lacking))
        .order_by(Recommendation.id)
        .with_for_update()
    )
    with transaction() as work:
        work.session.execute(
            update(Recommendation).where(Recommendation.id.in_(unmarked)).values(documents_due=work.now)
        )


def missing() -> list[int]:
    """The marked publications that lack a document in some format, the oldest first.

    Found by the mark alone: what is complete costs nothing, however much of it there is.
    """
    found = db.session.scalars(
        select(Publication.id).where(MARKED, ~COMPLETE).order_by(Publication.published_at, Publication.id)
    ).all()
    db.session.close()
    return list(found)


def make_documents(publication_id: int) -> int:
    """Make what one publication lacks, and let its page offer it; returns how many documents were stored.

    They are made outside the transaction, since nobody's act should wait for that; whoever makes the same at
    the same time makes the same bytes, and those who come second store nothing. Raises `ConcurrentChange`.
    """
    paper = _paper(publication_id)
    documents = list(documents_of(paper))
    with transaction() as work:
        # The lock of whoever would retract it now: of two pages the one built last must know of both.
        work.session.execute(
            select(Recommendation.id)
            .join(Publication, Publication.recommendation_id == Recommendation.id)
            .where(Publication.id == publication_id)
            .with_for_update(of=Recommendation)
        )
        there = set(
            work.session.scalars(
                select(PublicationDocument.format).where(PublicationDocument.publication_id == publication_id)
            )
        )
        new = [document for document in documents if document.format not in there]
        if new:
            work.session.execute(
                insert(_DOCUMENTS),
                [_row(publication_id, document) | {"made_at": work.now} for document in new],
            )
            public_pages.build_page(work.session, publication_id)
        # Where there is evidence already, as after a new format, or can be none, nothing is left to be made.
        work.session.execute(
            update(Recommendation)
            .where(
                Recommendation.id.in_(
                    select(Publication.recommendation_id).where(
                        Publication.id == publication_id, ~PROVABLE | PROVEN
                    )
                )
            )
            .values(documents_due=None)
        )
    return len(new)


def make_missing(most: int | None = None) -> int:
    """Make what is missing, for at most so many publications; returns for how many it was done.

    What fails is told in the log and tried again by the next call; it keeps none of the others waiting.
    """
    done = 0
    for publication_id in missing():
        if done == most:
            break
        try:
            done += make_documents(publication_id) > 0
        except ConcurrentChange:
            continue
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("the documents of publication %d could not be made", publication_id)
    return done


def _paper(publication_id: int) -> Paper:
    row = db.session.execute(
        select(
            Publication.symbol,
            Publication.version_number,
            Publication.manifest,
            Publication.record,
            Publication.published_at,
        ).where(Publication.id == publication_id)
    ).one()
    db.session.close()
    return paper_of(
        symbol=row.symbol,
        version=row.version_number,
        manifest=row.manifest,
        record=row.record,
        published_at=row.published_at,
    )


def _row(publication_id: int, document: Document) -> dict[str, object]:
    return {
        "publication_id": publication_id,
        "format": document.format,
        "media_type": document.media_type,
        "filename": document.filename,
        "sha256": document.sha256,
        "body": document.body,
    }

"""What was recorded about publications since: responses of their addressees, and their implementation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Date, Select, String, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from reviewflow.domain.follow_up import Assessment, FollowUp, Implementation, Response, ResponseKind, Source
from reviewflow.gateways.commitments import FollowedText
from reviewflow.persistence.db import db
from reviewflow.persistence.models.follow_up import AssessmentRow, ResponseRow
from reviewflow.persistence.models.publication import (
    Publication,
    PublicationAddressee,
    PublicationCommitment,
    PublicationNotice,
)

_RESPONSES = select(
    literal(0).label("sort"),
    ResponseRow.publication_id,
    ResponseRow.id,
    ResponseRow.addressee,
    ResponseRow.kind,
    ResponseRow.until,
    ResponseRow.day,
    ResponseRow.words,
    ResponseRow.source_title,
    ResponseRow.source_url,
    ResponseRow.is_correction,
)
_ASSESSMENTS = select(
    literal(1).label("sort"),
    AssessmentRow.publication_id,
    AssessmentRow.id,
    cast(literal(""), String).label("addressee"),
    AssessmentRow.implementation.label("kind"),
    cast(null(), Date).label("until"),
    AssessmentRow.day,
    AssessmentRow.evidence.label("words"),
    AssessmentRow.source_title,
    AssessmentRow.source_url,
    AssessmentRow.is_correction,
)


def follow_up_of(session: Session, publication_id: int) -> FollowUp:
    """What was recorded for one publication, in one statement."""
    return _of_publications(session, select(literal(publication_id))).get(publication_id, FollowUp())


def follow_up_of_item(session: Session, item_id: int) -> FollowUp:
    """The same for the publication of an item."""
    own = select(Publication.id).where(Publication.recommendation_id == item_id)
    found = _of_publications(session, own)
    return next(iter(found.values()), FollowUp())


def _of_publications(session: Session, chosen: Select[int]) -> dict[int, FollowUp]:
    """The same for several, by publication; those for which nothing was recorded are not in it."""
    return _read(
        session,
        _RESPONSES.where(ResponseRow.publication_id.in_(chosen)),
        _ASSESSMENTS.where(AssessmentRow.publication_id.in_(chosen)),
    )


def _read(
    session: Session, responses: Select[*tuple[Any, ...]], assessments: Select[*tuple[Any, ...]]
) -> dict[int, FollowUp]:
    both = union_all(responses, assessments).subquery()
    found: dict[int, tuple[list[Response], list[Assessment]]] = {}
    for row in session.execute(select(both).order_by(both.c.sort, both.c.id)):
        given, made = found.setdefault(row.publication_id, ([], []))
        source = Source(row.source_title, row.source_url)
        if row.sort:
            implementation = Implementation(row.kind)
            made.append(Assessment(implementation, row.day, row.words, source, row.is_correction))
        else:
            kind = ResponseKind(row.kind)
            given.append(
                Response(row.addressee, kind, row.until, row.day, row.words, source, row.is_correction)
            )
    return {publication: FollowUp(tuple(given), tuple(made)) for publication, (given, made) in found.items()}


def followed_texts(task_force_id: int) -> tuple[FollowedText, ...]:
    """The texts that were not retracted with what became of them, the newest first, in two statements."""
    commitments = (
        select(func.aggregate_strings(PublicationCommitment.commitment, " "))
        .where(PublicationCommitment.publication_id == Publication.id)
        .scalar_subquery()
    )
    addressees = (
        select(func.aggregate_strings(PublicationAddressee.addressee, " "))
        .where(PublicationAddressee.publication_id == Publication.id)
        .scalar_subquery()
    )
    session = db.session()
    found = _of_publications(
        session, select(Publication.id).where(Publication.task_force_id == task_force_id)
    )
    notice = func.coalesce(PublicationNotice.kind, "")
    rows = session.execute(
        select(Publication.id, Publication.slug, Publication.symbol, Publication.title, addressees)
        .add_columns(commitments, Publication.published_at, notice)
        .join(PublicationNotice, PublicationNotice.publication_id == Publication.id, isouter=True)
        .where(Publication.task_force_id == task_force_id, notice != "retracted")
        # What became of a text is told of the text, and not again of what corrects it.
        .where(Publication.corrects_id.is_(None))
        .order_by(Publication.published_at.desc(), Publication.id.desc())
    )
    return tuple(
        FollowedText(
            path,
            symbol,
            title,
            tuple(sorted((to or "").split())),
            tuple(sorted((on or "").split())),
            at,
            notice,
            found.get(number, FollowUp()),
        )
        for number, path, symbol, title, to, on, at, notice in rows
    )

"""Recording what became of a published text: responses of addressees, and assessments of implementation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date

from sqlalchemy import select

from reviewflow.domain.actors import Actor
from reviewflow.domain.follow_up import (
    ASSESSMENT_RECORDED,
    RESPONSE_RECORDED,
    FollowedText,
    Implementation,
    ResponseKind,
    Source,
    decide_assessment,
    decide_response,
)
from reviewflow.domain.manifest import Manifest
from reviewflow.persistence.models.follow_up import AssessmentRow, ResponseRow
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.repository import Loaded
from reviewflow.queries.follow_up import follow_up_of
from reviewflow.services import procedure, public_pages
from reviewflow.services.transaction import Work, transaction


def record_response(
    actor: Actor,
    key: str,
    *,
    addressee: str,
    kind: ResponseKind | None,
    day: date | None,
    source: Source,
    words: str = "",
    until: date | None = None,
    is_correction: bool = False,
) -> None:
    """Record how an addressee of a published text responded; the text itself stays as it is.

    Raises what `decide_response` raises, and `ConcurrentChange`.
    """
    with transaction() as work:
        loaded, row, text = _followed(work, actor, key)
        response = decide_response(
            actor,
            text,
            work.now.astimezone(UTC).date(),
            addressee=addressee,
            kind=kind,
            until=until,
            day=day,
            words=words,
            source=source,
            is_correction=is_correction,
        )
        assert row is not None, "only what is published is followed"
        work.session.add(
            ResponseRow(
                publication_id=row.id,
                addressee=response.addressee,
                kind=response.kind,
                until=response.until,
                day=response.day,
                words=response.words,
                source_title=response.source.title,
                source_url=response.source.url,
                is_correction=response.is_correction,
                recorded_by=actor.person_id,
                recorded_at=work.now,
            )
        )
        _close(
            work,
            actor,
            loaded,
            row,
            RESPONSE_RECORDED,
            response.source,
            response.is_correction,
            addressee=response.addressee,
            response=str(response.kind),
            until=response.until.isoformat() if response.until else "",
            day=response.day.isoformat(),
            reason=response.words,
        )


def record_assessment(
    actor: Actor,
    key: str,
    *,
    implementation: Implementation | None,
    day: date | None,
    evidence: str,
    source: Source,
    is_correction: bool = False,
) -> None:
    """Record how far a published text is implemented; the text itself stays as it is.

    Raises what `decide_assessment` raises, and `ConcurrentChange`.
    """
    with transaction() as work:
        loaded, row, text = _followed(work, actor, key)
        assessment = decide_assessment(
            actor,
            text,
            work.now.astimezone(UTC).date(),
            implementation=implementation,
            day=day,
            evidence=evidence,
            source=source,
            is_correction=is_correction,
        )
        assert row is not None, "only what is published is followed"
        work.session.add(
            AssessmentRow(
                publication_id=row.id,
                implementation=assessment.implementation,
                day=assessment.day,
                evidence=assessment.evidence,
                source_title=assessment.source.title,
                source_url=assessment.source.url,
                is_correction=assessment.is_correction,
                recorded_by=actor.person_id,
                recorded_at=work.now,
            )
        )
        _close(
            work,
            actor,
            loaded,
            row,
            ASSESSMENT_RECORDED,
            assessment.source,
            assessment.is_correction,
            implementation=str(assessment.implementation),
            day=assessment.day.isoformat(),
            reason=assessment.evidence,
        )


def _followed(work: Work, actor: Actor, key: str) -> tuple[Loaded, Publication | None, FollowedText]:
    """A locked item with its publication, if there is one, and as the rules see it. Raises `NotFound`."""
    loaded = procedure.lock(work, actor, key)
    row = work.session.scalars(
        select(Publication).where(Publication.recommendation_id == loaded.item.id)
    ).one_or_none()
    if row is None:
        return loaded, None, FollowedText(loaded.item)
    return (
        loaded,
        row,
        FollowedText(
            loaded.item,
            Manifest.from_bytes(row.manifest).addressees,
            row.published_at.astimezone(UTC).date(),
            follow_up_of(work.session, row.id),
        ),
    )


def _close(
    work: Work,
    actor: Actor,
    loaded: Loaded,
    row: Publication,
    name: str,
    source: Source,
    is_correction: bool,
    **told: str,
) -> None:
    """Chain the event, and build the public page anew with what now stands beside the text."""
    data: dict[str, object] = {
        **told,
        "source_title": source.title,
        "source": source.url,
        "is_correction": is_correction or None,
    }
    said = {field: value for field, value in data.items() if value not in ("", None)}
    entry = procedure.beside(loaded, actor, name, **said)
    work.record(replace(entry, version=row.version_number, digest=row.digest))
    public_pages.store_pages(work, [row.id])

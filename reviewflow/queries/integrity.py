"""Whether what is stored is what was written: chains of events and digests of texts, recomputed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import literal, select, union_all

from reviewflow.domain.audit import GENESIS, Link, first_break
from reviewflow.domain.manifest import digest_of
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import TaskForce
from reviewflow.persistence.models.audit import ChainHead, EventRow
from reviewflow.persistence.models.publication import Publication, PublicationDocument
from reviewflow.persistence.models.recommendations import Recommendation, Version

_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """One task force's chain. `broken_at` is the number of the first event that does not fit, or None."""

    task_force: str
    events: int
    head: str
    broken_at: int | None


@dataclass(frozen=True, slots=True)
class TextFault:
    """A text whose bytes do not have the digest that was recorded."""

    where: str
    recorded: str
    recomputed: str


@dataclass(frozen=True, slots=True)
class TextCheck:
    """Every text (or document), recomputed."""

    checked: int
    faults: tuple[TextFault, ...]


@dataclass(slots=True)
class _Last:
    """The newest event that has been read."""

    sequence: int = 0
    hash: str = GENESIS


def count_events(slug: str) -> int:
    """How many events a task force has; 0 if there is no such task force."""
    return db.session.scalar(select(ChainHead.sequence).join(TaskForce).where(TaskForce.slug == slug)) or 0


def check_chains() -> list[ChainCheck]:
    """Recompute the chain of each task force, reading it in batches."""
    found = []
    session = db.session()
    for task_force_id, slug in session.execute(
        select(TaskForce.id, TaskForce.slug).order_by(TaskForce.slug)
    ).all():
        head = session.execute(
            select(ChainHead.sequence, ChainHead.hash).where(ChainHead.task_force_id == task_force_id)
        ).one_or_none()
        sequence, stored = head or (0, GENESIS)
        last = _Last()
        # Closed at once where the chain breaks, since the server holds the rest of the rows ready.
        with closing(_links(task_force_id, slug, last)) as links:
            broken = first_break(links)
        if broken is None and (last.sequence, last.hash) != (sequence, stored):
            # The chain fits as far as it goes, but its end was cut off.
            broken = last.sequence + 1
        found.append(ChainCheck(slug, sequence, stored, broken))
    return found


def _links(task_force_id: int, slug: str, last: _Last) -> Generator[tuple[Link, str], None, None]:
    """The events of a chain in order; `last` follows the newest one read."""
    query = (
        select(EventRow, Recommendation.key)
        .join(Recommendation, Recommendation.id == EventRow.recommendation_id, isouter=True)
        .where(EventRow.task_force_id == task_force_id)
        .order_by(EventRow.sequence)
        .execution_options(yield_per=_BATCH)
    )
    with db.session.execute(query) as rows:
        for event, key in rows:
            last.sequence, last.hash = event.sequence, event.hash
            yield event.link(slug, key), event.hash


def check_texts() -> TextCheck:
    """Recompute the digest of every version and of every publication from the stored bytes."""
    versions = select(
        literal("version"), Recommendation.key, Version.number, Version.digest, Version.manifest
    ).join(Recommendation, Recommendation.id == Version.recommendation_id)
    publications = select(
        literal("publication"),
        Publication.symbol,
        Publication.version_number,
        Publication.digest,
        Publication.manifest,
    )
    checked, faults = 0, []
    rows = db.session.execute(union_all(versions, publications).execution_options(yield_per=_BATCH))
    for kind, name, number, recorded, manifest in rows:
        checked += 1
        recomputed = digest_of(manifest)
        if recomputed != recorded:
            where = f"{kind} {name}, version {number}"
            faults.append(TextFault(where, recorded, recomputed))
    return TextCheck(checked, tuple(faults))


def check_documents() -> TextCheck:
    """Recompute the SHA-256 of every stored document."""
    checked, faults = 0, []
    rows = db.session.execute(
        select(PublicationDocument.filename, PublicationDocument.sha256, PublicationDocument.body)
        .order_by(PublicationDocument.publication_id, PublicationDocument.format)
        .execution_options(yield_per=100)
    )
    for filename, recorded, body in rows:
        checked += 1
        recomputed = digest_of(body)
        if recomputed != recorded:
            faults.append(TextFault(f"document {filename}", recorded, recomputed))
    return TextCheck(checked, tuple(faults))

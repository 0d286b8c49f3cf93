"""Evidence: for each publication one signed pack, and the keys that sign."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from config import HOW_TO_MAKE_A_SIGNING_KEY, ConfigurationError
from reviewflow.domain.audit import Link, instant_text
from reviewflow.domain.errors import ConcurrentChange
from reviewflow.domain.faults import Fault
from reviewflow.domain.manifest import canonical_json
from reviewflow.domain.recount import STAND_INS
from reviewflow.domain.replay import RULES, Replay
from reviewflow.domain.steps import opening_of
from reviewflow.domain.verification import PREFIX, readable
from reviewflow.gateways import packs, signing
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import StandInRow, TaskForce
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication, PublicationDocument, SigningKey
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.repository import lock_item_by_id
from reviewflow.services import documents, public_pages
from reviewflow.services.transaction import Work, transaction

log = logging.getLogger(__name__)


def rotate_key(secret: str) -> str:
    """Announce the key with this secret, in force from now on, and return its public part.

    It ends the one before it. Raises `ConfigurationError` for one that was announced before.
    """
    public = signing.public_part(secret)
    with transaction() as work:
        if work.session.scalar(select(exists().where(SigningKey.public == public))):
            raise ConfigurationError(
                f"The key of REVIEWFLOW_SIGNING_KEY ({public}) was announced before, and a key comes once. "
                + HOW_TO_MAKE_A_SIGNING_KEY
            )
        work.session.add(SigningKey(public=public, since=work.now))
    return public


def announce_first_key(secret: str) -> None:
    """Announce the key of a house that has none. Raises `ConfigurationError` if another one is in force."""
    announced = _newest_key(db.session())
    db.session.close()
    if announced is None:
        rotate_key(secret)
    elif announced != signing.public_part(secret):
        raise ConfigurationError(
            f"REVIEWFLOW_SIGNING_KEY is not the secret of the key in force ({announced}). "
            "Set that one, or announce the new one with: reviewflow keys rotate"
        )


def _newest_key(session: Session) -> str | None:
    return session.scalars(select(SigningKey.public).order_by(SigningKey.id.desc()).limit(1)).first()


def due() -> list[int]:
    """The marked publications that have every other document and no pack yet, the oldest first.

    Not those whose history began before events had a half to be shown: of these none can be made.
    """
    found = db.session.scalars(
        select(Publication.id)
        .where(documents.MARKED, documents.COMPLETE, documents.PROVABLE, ~documents.PROVEN)
        .order_by(Publication.published_at, Publication.id)
    ).all()
    db.session.close()
    return list(found)


def make_due(secret: str, most: int | None = None) -> int:
    """Make the packs that are due, at most so many, each in a transaction of its own; how many it were.

    Raises `ConfigurationError` as above. One that its own verifier refuses is not kept, and said in the log.
    """
    waiting = due()
    if waiting:
        announce_first_key(secret)
    made = 0
    for publication_id in waiting:
        if made == most:
            break
        try:
            make_pack(secret, publication_id)
        except ConcurrentChange:
            continue
        except Fault as fault:
            log.error("no evidence for publication %s: %s %s", publication_id, fault.code, fault.where)
            continue
        made += 1
    return made


def make_pack(secret: str, publication_id: int) -> None:
    """Make and store the pack of a publication; the page then leads to it.

    Raises `replay.Fault` if what is recorded does not prove what was published, `ConcurrentChange` if the
    pack is there; nothing is written then.
    """
    with transaction() as work:
        publication = work.session.get_one(Publication, publication_id)
        body = packs.pack(_files(work, secret, publication))
        public = signing.public_part(secret)
        packs.check(body, [(public, "", "")])
        name = publication.symbol.replace("/", "_").replace(" ", "_")
        work.session.add(
            PublicationDocument(
                publication_id=publication.id,
                format=documents.EVIDENCE,
                media_type="application/zip",
                filename=f"{name}-evidence.zip",
                sha256=hashlib.sha256(body).hexdigest(),
                body=body,
                made_at=work.now,
            )
        )
        # The lock of whoever would retract it now: of two pages the one built last must know of both.
        lock_item_by_id(work.session, publication.recommendation_id).row.documents_due = None
        public_pages.store_pages(work, [publication.id])


def _files(work: Work, secret: str, publication: Publication) -> dict[str, bytes]:
    """Everything in a pack, by name."""
    steps = _steps(work.session, publication.recommendation_id)
    manifest = json.loads(publication.manifest)
    events = [{"kept": link.kept(), "shown": link.shown} for link in steps]
    replay = Replay(manifest["proposing_group"])
    for link in steps:
        replay.take(dict(link.shown or {}))
    files = {
        "README.txt": packs.README.encode(),
        "verify.py": packs.verifier(),
        "manifest.json": publication.manifest,
        "events.json": canonical_json(events),
        "decision.json": canonical_json({**replay.decision(), "digest": publication.digest}),
    }
    if any("stand_in" in step for step in (link.shown or {} for link in steps)):
        files[STAND_INS] = canonical_json(_stand_ins(work.session, publication))
    for language, wording in manifest["languages"].items():
        files[f"texts/{language}.md"] = readable(wording).encode()
    record: dict[str, Any] = publication.record
    for part in (*record.get("parts", ()), *filter(None, (record.get("corrects"),))):
        files[f"parts/{part['digest']}.json"] = part["manifest"].encode()
    for document in work.session.scalars(
        select(PublicationDocument).where(PublicationDocument.publication_id == publication.id)
    ):
        files[f"documents/{document.filename}"] = document.body
    index = canonical_json({name: hashlib.sha256(body).hexdigest() for name, body in files.items()})
    item_secret = steps[0].salt
    assert item_secret, "steps have salts"
    head = canonical_json(
        {
            "form": 1,
            "rules": RULES,
            "task_force": steps[-1].task_force,
            "symbol": publication.symbol,
            "digest": publication.digest,
            "opening": opening_of(item_secret, publication.digest),
            "event": steps[-1].hash(),
            "index": hashlib.sha256(index).hexdigest(),
            "at": instant_text(work.now),
            "key": signing.public_part(secret),
        }
    )
    signature = signing.sign(secret, PREFIX + head).encode()
    return {**files, "index.json": index, "head.json": head, "head.sig": signature}


def _stand_ins(session: Session, publication: Publication) -> list[list[str]]:
    """The periods in which steps were taken in another's name, as the verifier reads them (`ask_ends`).

    An end after the publication tells nothing about the text, and is left out.
    """
    told = set()
    for shown, ended in session.execute(
        select(EventRow.shown, StandInRow.ended_at)
        .join(
            StandInRow,
            (StandInRow.task_force_id == EventRow.task_force_id)
            & (StandInRow.person_id == EventRow.actor_id)
            & (StandInRow.since <= EventRow.at)
            & (StandInRow.until > EventRow.at)
            & (StandInRow.ended_at.is_(None) | (StandInRow.ended_at >= EventRow.at)),
        )
        .where(EventRow.recommendation_id == publication.recommendation_id, EventRow.step.is_not(None))
    ):
        step = json.loads(shown or "{}")
        early = ended if ended and ended <= publication.published_at else None
        if lent := step.get("stand_in"):
            period = (lent["seat"], step["seat"], lent["since"], lent["until"])
            told.add((*period, instant_text(early) if early else ""))
    return [list(one) for one in sorted(told)]


def _steps(session: Session, item_id: int) -> Sequence[Link]:
    """The steps of an item as they are chained."""
    rows = session.execute(
        select(EventRow, Recommendation.key, TaskForce.slug)
        .join(Recommendation, Recommendation.id == EventRow.recommendation_id)
        .join(TaskForce, TaskForce.id == EventRow.task_force_id)
        .where(EventRow.recommendation_id == item_id, EventRow.step.is_not(None))
        .order_by(EventRow.step)
    )
    return [event.link(task_force, key) for event, key, task_force in rows]

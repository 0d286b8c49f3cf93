"""The public snapshot of an approved text, taken once, and its page as it is served."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.audit import instant_text
from reviewflow.domain.manifest import Manifest, digest_of
from reviewflow.domain.symbols import parse_symbol, slug_of
from reviewflow.domain.workflow import Action
from reviewflow.gateways import pages, rendering
from reviewflow.persistence.models.accounts import Person, WorkingGroup
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication, PublicationAddressee, PublicPage
from reviewflow.persistence.repository import Loaded
from reviewflow.queries import public
from reviewflow.services.transaction import Work

#: The events that an item's public story tells; what a group did among itself stays its own.
_STORY = (
    Action.PROPOSE,
    Action.RECALL,
    Action.REQUEST_CHANGES,
    Action.RESUBMIT,
    Action.AMEND,
    Action.AGREE,
    Action.DECLINE,
    Action.REOPEN,
    Action.RETURN,
    Action.APPROVE,
)


def take(work: Work, loaded: Loaded, actor: Actor) -> Publication:
    """Store the snapshot of an item's approved head; the database's own barrier checks it again."""
    manifest = Manifest.from_bytes(loaded.manifest)
    wording = manifest.wording
    symbol = parse_symbol(loaded.row.final_symbol or "")
    assert symbol is not None, "an approved item has its final symbol"
    publication = Publication(
        task_force_id=loaded.item.task_force_id,
        recommendation_id=loaded.item.id,
        symbol=str(symbol),
        slug=f"{symbol.slug()}-{slug_of(wording.title)}",
        version_number=loaded.item.head.number,
        digest=digest_of(loaded.manifest),
        manifest=loaded.manifest,
        title=wording.title,
        summary=wording.summary,
        dimension=manifest.dimension,
        text_html=rendering.render_markdown(wording.text).html,
        rationale_html=rendering.render_markdown(wording.rationale, numbered=False).html
        if wording.rationale
        else "",
        record=_record(work, loaded, manifest),
        published_by=actor.person_id,
        published_at=work.now,
    )
    work.session.add(publication)
    work.session.flush()
    if manifest.addressees:
        work.session.execute(
            insert(PublicationAddressee),
            [{"addressee": a, "publication_id": publication.id} for a in manifest.addressees],
        )
    return publication


def _record(work: Work, loaded: Loaded, manifest: Manifest) -> dict[str, object]:
    """Who proposed, agreed and approved, and the consideration log, as plain JSON values."""
    groups = {
        group.id: {"name": group.name, "short": group.short_name, "letter": group.letter,
                   "ordinal": group.ordinal, "city": group.city, "time_zone": group.time_zone}
        for group in work.session.scalars(
            select(WorkingGroup).where(WorkingGroup.task_force_id == loaded.item.task_force_id)
        )
    }  # fmt: skip
    member_of = {
        person: group for group, people in loaded.party.voters.items() for person in people
    }
    story = [
        {
            "event": event.name,
            "at": instant_text(event.at),
            "group": member_of.get(event.actor_id) if event.actor_id else None,
            "name": name,
            "version": event.version_number,
            "digest": event.digest,
            **json.loads(event.data),
        }
        for event, name in work.session.execute(
            select(EventRow, Person.name)
            .join(Person, Person.id == EventRow.actor_id, isouter=True)
            .where(EventRow.recommendation_id == loaded.item.id, EventRow.name.in_(_STORY))
            .where(EventRow.internal_to.is_(None))
            .order_by(EventRow.sequence)
        )
    ]
    return {
        "groups": {str(key): value for key, value in groups.items()},
        "proposing_group": loaded.item.proposing_group,
        "counterparts": list(loaded.item.counterparts),
        "addressees": list(manifest.addressees),
        "commitments": list(manifest.commitments),
        "language": manifest.authentic_language,
        "round": loaded.item.round,
        "created_at": instant_text(loaded.row.created_at),
        "story": story,
    }


def store_page(work: Work, publication_id: int) -> None:
    """(Re)build the page of a publication as it is served."""
    work.session.flush()
    build_page(work.session, publication_id)


def build_page(session: Session, publication_id: int) -> None:
    """Render a publication and its notices, and keep the bytes under its path."""
    view = public.publication_view(session, publication_id)
    body = pages.publication_page(view)
    session.execute(
        delete(PublicPage)
        .where(PublicPage.publication_id == publication_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        insert(PublicPage).values(
            path=view.slug,
            publication_id=publication_id,
            etag=hashlib.sha256(body).hexdigest()[:32],
            body=body,
        )
    )

"""The coordinator's side: approval, return, publication now or at a set instant, retraction."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from reviewflow.domain.actors import Actor, the_clock
from reviewflow.domain.errors import ConcurrentChange, InvalidInput, Refusal
from reviewflow.domain.items import Item, Relation, RelationKind, State
from reviewflow.domain.text import canonical_text
from reviewflow.domain.workflow import Act, Action, Event, decide
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import PublicationNotice
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.repository import Loaded, lock_item_by_id
from reviewflow.services import procedure, public_pages, snapshots
from reviewflow.services.transaction import Work, transaction

log = logging.getLogger(__name__)

#: Nobody sets a publication for the year after next: a later instant is a slip of the pen.
LATEST = timedelta(days=366)


def approve(actor: Actor, key: str, version: int) -> Event:
    """Approve for dissemination exactly the text that every counterpart group agreed to."""
    return procedure.perform(actor, key, Act(Action.APPROVE, version))


def return_for_changes(actor: Actor, key: str, version: int, reason: str) -> Event:
    """Send an agreed or approved text back; agreements and approval are revoked."""
    return procedure.perform(actor, key, Act(Action.RETURN, version, canonical_text(reason)))


def publish(actor: Actor, key: str, version: int) -> Event:
    """Make the approved text public, and mark what it replaces or corrects, in one transaction.

    Under lock, the digest of the stored bytes is recomputed and compared with what was agreed and
    approved (rule 1). Raises what `decide` raises.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        event, _ = _publish(work, actor, loaded, version)
    return event


def _publish(work: Work, actor: Actor, loaded: Loaded, version: int) -> tuple[Event, bytes]:
    """Publish a locked item; the event, and the page as it is stored."""
    event = procedure.decided(work, actor, loaded, Act(Action.PUBLISH, version))
    publication = snapshots.take(work, loaded, actor)
    loaded.row.documents_due = work.now
    after = procedure.carry_out(work, loaded, event)
    if after.relation is not None:
        _tell_original(work, actor, after, after.relation, publication.id)
    slug = loaded.party.task_force_slug
    return event, public_pages.build_first_page(work.session, publication, slug)


class _Previewed(Exception):
    """Ends the transaction of a preview, so that nothing of it is kept."""


def preview(actor: Actor, key: str, version: int) -> bytes:
    """The public page as publishing now would store it, by doing so and taking it back.

    Raises what `publish` raises: who may not publish has nothing to preview.
    """
    body = b""
    try:
        with transaction() as work:
            loaded = procedure.lock(work, actor, key)
            _, body = _publish(work, actor, loaded, version)
            raise _Previewed()
    except _Previewed:
        return body


def schedule(actor: Actor, key: str, version: int, at: datetime | None) -> Event:
    """Set the instant at which the clock publishes an approved text; a later call sets another one.

    Raises what `decide` raises, and `InvalidInput` for an instant more than a year away.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        event = procedure.decided(work, actor, loaded, Act(Action.SCHEDULE, version, until=at))
        if event.until and event.until - work.now > LATEST:
            raise InvalidInput(field="until", problem="no_such_instant")
        procedure.carry_out(work, loaded, event)
    return event


def unschedule(actor: Actor, key: str, version: int) -> Event:
    """Take the set instant back; the text stays approved."""
    return procedure.perform(actor, key, Act(Action.UNSCHEDULE, version))


def publish_due() -> int:
    """Publish what was set for an instant that has come, also while nothing ran; how many it were.

    Each is its own transaction. What the rules refuse stays as it is, and is named in the log.
    """
    due = db.session.execute(
        select(Recommendation.task_force_id, Recommendation.key)
        .where(Recommendation.publish_at <= clock.now(), Recommendation.state == State.APPROVED)
        .order_by(Recommendation.publish_at, Recommendation.id)
    ).all()
    db.session.close()
    return sum(_publish_due(task_force_id, key) for task_force_id, key in due)


def _publish_due(task_force_id: int, key: str) -> bool:
    """Publish one text by the clock; False if it was done, put off or refused meanwhile."""
    try:
        with transaction() as work:
            loaded = procedure.lock(work, the_clock(task_force_id), key)
            if loaded.item.publish_at is None:
                return False
            _publish(work, the_clock(task_force_id), loaded, loaded.item.head.number)
    except ConcurrentChange:
        return False
    except Refusal as refusal:
        log.error("%s was to be published now, but the rules refuse it: %s", key, refusal.code)
        return False
    return True


#: What publishing a text does to the one that it follows from.
_ON_ORIGINAL = {RelationKind.SUCCESSOR: Action.SUPERSEDE, RelationKind.CORRIGENDUM: Action.CORRECT}


def _tell_original(work: Work, actor: Actor, follower: Item, relation: Relation, published: int) -> None:
    """Mark what was replaced or corrected; one that has been retracted meanwhile stays retracted."""
    old = lock_item_by_id(work.session, relation.original)
    if old.item.state is not State.PUBLISHED:
        return
    act = Act(_ON_ORIGINAL[relation.kind], old.item.head.number, follower=follower)
    procedure.carry_out(work, old, decide(actor, old.item, act))
    family = public_pages.family(work.session, old.item.id)
    if relation.kind is RelationKind.SUCCESSOR:
        work.session.execute(
            insert(PublicationNotice).values(
                publication_id=family[0], kind="superseded", successor_id=published, at=work.now
            )
        )
    public_pages.store_pages(work, [one for one in family if one != published])


def retract(actor: Actor, key: str, version: int, explanation: str) -> Event:
    """Mark a publication as retracted, with a public explanation; its page stays."""
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        event = procedure.decided(
            work, actor, loaded, Act(Action.RETRACT, version, canonical_text(explanation))
        )
        procedure.carry_out(work, loaded, event)
        family = public_pages.family(work.session, loaded.item.id)
        work.session.execute(
            insert(PublicationNotice).values(
                publication_id=family[0], kind="retracted", explanation=event.reason, at=work.now
            )
        )
        public_pages.store_pages(work, family)
    return event

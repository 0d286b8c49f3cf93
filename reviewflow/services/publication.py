"""The coordinator's side: approval, return, publication, retraction."""

from __future__ import annotations

from sqlalchemy import insert, select

from reviewflow.domain.actors import Actor
from reviewflow.domain.items import Item, State
from reviewflow.domain.text import canonical_text
from reviewflow.domain.workflow import Act, Action, Event, decide
from reviewflow.persistence.models.publication import Publication, PublicationNotice
from reviewflow.persistence.repository import lock_item_by_id
from reviewflow.services import procedure, snapshots
from reviewflow.services.transaction import Work, transaction


def approve(actor: Actor, key: str, version: int) -> Event:
    """Approve for dissemination exactly the text that every counterpart group agreed to."""
    return procedure.perform(actor, key, Act(Action.APPROVE, version))


def return_for_changes(actor: Actor, key: str, version: int, reason: str) -> Event:
    """Send an agreed or approved text back; agreements and approval are revoked."""
    return procedure.perform(actor, key, Act(Action.RETURN, version, canonical_text(reason)))


def publish(actor: Actor, key: str, version: int) -> Event:
    """Make the approved text public, and supersede what it replaces, in one transaction.

    Under lock, the digest of the stored bytes is recomputed and compared with what was agreed and
    approved (rule 1). Raises what `decide` raises.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor.task_force_id, key)
        event = procedure.decided(work, actor, loaded, Act(Action.PUBLISH, version))
        publication = snapshots.take(work, loaded, actor)
        after = procedure.carry_out(work, loaded, event)
        if after.replaces is not None:
            _supersede(work, actor, after, publication)
        snapshots.store_page(work, publication.id)
    return event


def _supersede(work: Work, actor: Actor, successor: Item, publication: Publication) -> None:
    """Mark the replaced item; one that has been retracted meanwhile stays retracted."""
    assert successor.replaces is not None
    old = lock_item_by_id(work.session, successor.replaces)
    if old.item.state is not State.PUBLISHED:
        return
    event = decide(actor, old.item, Act(Action.SUPERSEDE, old.item.head.number, successor=successor))
    procedure.carry_out(work, old, event)
    replaced = work.session.scalars(
        select(Publication.id).where(Publication.recommendation_id == old.item.id)
    ).one()
    work.session.execute(
        insert(PublicationNotice).values(
            publication_id=replaced, kind="superseded", successor_id=publication.id, at=work.now
        )
    )
    snapshots.store_page(work, replaced)


def retract(actor: Actor, key: str, version: int, explanation: str) -> Event:
    """Mark a publication as retracted, with a public explanation; its page stays."""
    with transaction() as work:
        loaded = procedure.lock(work, actor.task_force_id, key)
        event = procedure.decided(
            work, actor, loaded, Act(Action.RETRACT, version, canonical_text(explanation))
        )
        procedure.carry_out(work, loaded, event)
        publication_id = work.session.scalars(
            select(Publication.id).where(Publication.recommendation_id == loaded.item.id)
        ).one()
        work.session.execute(
            insert(PublicationNotice).values(
                publication_id=publication_id, kind="retracted", explanation=event.reason, at=work.now
            )
        )
        snapshots.store_page(work, publication_id)
    return event

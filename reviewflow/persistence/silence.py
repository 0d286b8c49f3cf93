"""A silence procedure into rows: begun, prolonged and ended by decided events, its consents only added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Role
from reviewflow.domain.acts import CONSENTS, Action, Event
from reviewflow.domain.items import Item
from reviewflow.domain.silence import Consent, SilenceOutcome
from reviewflow.persistence.models.deliberation import AgreementRow
from reviewflow.persistence.models.silence import SilenceConsent, SilenceRow
from reviewflow.persistence.repository import Loaded


def store_silence(session: Session, loaded: Loaded, event: Event, after: Item, at: datetime) -> None:
    """Bring the rows of the item's silence procedure to what the event made of it."""
    silence_id = loaded.silence_id
    if event.action is Action.PROPOSE_SILENCE:
        silence_id = _begin(session, event, after, at)
    if silence_id is None:
        return
    if event.action in CONSENTS:
        session.execute(
            insert(SilenceConsent).values(
                silence_id=silence_id,
                group_id=event.actor.group_id,
                person_id=event.actor.person_id,
                until=event.until,
                at=at,
            )
        )
    if event.ends_silence is SilenceOutcome.ADOPTED:
        _agree(session, loaded, silence_id, at)
    if event.ends_silence:
        by = None if event.actor.role is Role.CLOCK else event.actor.person_id
        _update(session, silence_id, ended_at=at, ended_by=by, outcome=str(event.ends_silence))
    elif (
        after.silence and after.silence != loaded.item.silence and event.action is not Action.PROPOSE_SILENCE
    ):
        began = {"started_at": at} if loaded.item.silence and not loaded.item.silence.running else {}
        if after.silence.running:
            _update(session, silence_id, until=after.silence.until, **began)


def _begin(session: Session, event: Event, after: Item, at: datetime) -> int:
    row = SilenceRow(
        recommendation_id=after.id,
        round=after.round,
        version_number=after.head.number,
        digest=after.head.digest,
        proposed_by=event.actor.person_id,
        proposed_at=at,
        until=event.until,
    )
    session.add(row)
    session.flush()
    return row.id


def _agree(session: Session, loaded: Loaded, silence_id: int, at: datetime) -> None:
    """Each counterpart's agreement, in the name of the lead who consented for it to this instant."""
    item = loaded.item
    assert item.silence
    session.execute(
        insert(AgreementRow),
        [
            {
                "recommendation_id": item.id,
                "group_id": group,
                "person_id": loaded.consents[Consent(group, item.silence.until)],
                "round": item.round,
                "version_number": item.head.number,
                "digest": item.head.digest,
                "agreed_at": at,
                "silence_id": silence_id,
            }
            for group in item.counterparts
        ],
    )


def _update(session: Session, silence_id: int, **values: object) -> None:
    session.execute(
        update(SilenceRow)
        .where(SilenceRow.id == silence_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )

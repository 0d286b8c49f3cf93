"""The history of one recommendation: every event that an actor may see, in the order of the chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import NotFound
from reviewflow.domain.sign_offs import ASK_SIGN_OFF, WITHDRAW_SIGN_OFF
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.queries.versions import visible_versions
from reviewflow.queries.visible import shown_number, visible_events, visible_items

#: How many events stand on one page.
PAGE = 200


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event. `version` and `digest` are None where the act is not about a version that the reader sees.

    `reason` is what its actor wrote with it: a reason, an answer, or the note of a version. `credited` are
    those whose words a version took over, `bracket` is the one that it settled and `wording` what stands
    there instead. `member` is who was asked for a sign-off by link, `asked_by` who asked for the link by
    which a position was taken. `principal` is in whose name the
    actor did it, if not in their own.
    """

    name: str
    actor_id: int | None
    at: datetime
    version: int | None
    digest: str | None
    symbol: str
    stand: Stand | None
    reason: str
    internal: bool
    credited: tuple[int, ...] = ()
    bracket: str = ""
    wording: str = ""
    member: int | None = None
    asked_by: int | None = None
    principal: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """One page of an item's history, the oldest event first."""

    key: str
    symbol: str | None
    title: str
    events: tuple[Recorded, ...]
    page: int
    has_more: bool


def history(actor: Actor, key: str, page: int = 1) -> History:
    """One page (from 1) of an item's events, in two statements. Raises `NotFound`."""
    session = db.session()
    item = session.execute(
        select(
            Recommendation.id,
            Recommendation.key,
            Recommendation.symbol,
            Recommendation.final_symbol,
            VersionRow.title,
        )
        .join(
            VersionRow,
            and_(VersionRow.recommendation_id == Recommendation.id, VersionRow.number == shown_number(actor)),
        )
        .where(visible_items(actor), Recommendation.key == key)
    ).one_or_none()
    if item is None:
        raise NotFound()
    # An act that others see can be about a text that they don't: a withdrawal during revision names the head.
    rows = session.execute(
        select(EventRow, VersionRow.number, VersionRow.digest)
        .join(Recommendation, Recommendation.id == EventRow.recommendation_id)
        .join(
            VersionRow,
            and_(
                VersionRow.recommendation_id == EventRow.recommendation_id,
                VersionRow.number == EventRow.version_number,
                visible_versions(actor),
            ),
            isouter=True,
        )
        .where(visible_items(actor), visible_events(actor), EventRow.recommendation_id == item.id)
        .order_by(EventRow.sequence)
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    ).all()
    return History(
        key=item.key,
        symbol=item.final_symbol or item.symbol,
        title=item.title,
        events=tuple(_recorded(event, number, digest) for event, number, digest in rows[:PAGE]),
        page=page,
        has_more=len(rows) > PAGE,
    )


def _recorded(event: EventRow, number: int | None, digest: str | None) -> Recorded:
    data = json.loads(event.data)
    return Recorded(
        name=event.name,
        actor_id=event.actor_id,
        at=event.at,
        version=number,
        digest=digest,
        symbol=data.get("symbol", ""),
        stand=Stand(data["stand"]) if "stand" in data else None,
        reason=data.get("reason", "") or data.get("note", ""),
        internal=event.internal_to is not None,
        credited=tuple(data.get("credited", ())),
        bracket=data.get("bracket", ""),
        wording=data.get("wording", ""),
        member=data.get("member") if event.name in (ASK_SIGN_OFF, WITHDRAW_SIGN_OFF) else None,
        asked_by=data.get("asked_by"),
        principal=data.get("for"),
    )

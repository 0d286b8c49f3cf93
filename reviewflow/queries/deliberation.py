"""The threads of an item as one reader may see them, each where its words stand in the shown text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.anchors import Hold
from reviewflow.domain.items import Item
from reviewflow.persistence.models.deliberation import Comment, PlacementRow, Thread
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.queries.versions import visible_versions


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One contribution."""

    person_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread, and where it stands in the shown version: `hold` is None of one on the whole document.

    `start` and `end` are characters of block `paragraph` of `field`, None where only the paragraph is known
    or meant. `quote` is empty where the reader may not see the version that it is of; `whole` says that it is
    a whole paragraph. `confirmed_by` found an approximate place right; `outcome` is how a concern ended.
    """

    key: str
    kind: str
    internal: bool
    group_id: int | None
    version: int
    hold: Hold | None
    field: str
    paragraph: int | None
    start: int | None
    end: int | None
    quote: str
    whole: bool
    confirmed_by: int | None
    resolved_by: int | None
    outcome: str | None
    comments: tuple[CommentLine, ...]

    @property
    def author_id(self) -> int:
        """Who opened it."""
        return self.comments[0].person_id

    @property
    def is_to_be_confirmed(self) -> bool:
        """Whether somebody should look whether these are the words that were meant."""
        return self.hold is Hold.APPROXIMATE and self.confirmed_by is None


def threads(session: Session, actor: Actor, item: Item, version: int) -> tuple[ThreadView, ...]:
    """The threads that an actor sees, in the order in which they were opened, placed in a shown version.

    One statement. A thread that the proposing group shares on a text which it has not circulated yet
    has words of it, which the others do not get. Who recused themselves gets nothing internal.
    """
    own_group = 0 if item.has_recused(actor) else actor.group_id or 0
    rows = session.execute(
        select(Thread, Comment, PlacementRow, VersionRow.number.is_not(None))
        .join(Comment, Comment.thread_id == Thread.id)
        .join(Recommendation, Recommendation.id == Thread.recommendation_id)
        .join(
            PlacementRow,
            and_(PlacementRow.thread_id == Thread.id, PlacementRow.version_number == version),
            isouter=True,
        )
        .join(
            VersionRow,
            and_(
                VersionRow.recommendation_id == Thread.recommendation_id,
                VersionRow.number == Thread.version_number,
                visible_versions(actor),
            ),
            isouter=True,
        )
        .where(
            Thread.recommendation_id == item.id,
            or_(~Thread.internal, Thread.group_id == own_group),
        )
        .order_by(Thread.id, Comment.id)
    ).all()
    found: dict[int, tuple[Thread, PlacementRow | None, bool]] = {}
    comments: dict[int, list[CommentLine]] = defaultdict(list)
    for thread, comment, placement, is_on_visible_text in rows:
        found[thread.id] = (thread, placement, is_on_visible_text)
        comments[thread.id].append(CommentLine(comment.person_id, comment.text, comment.at))
    return tuple(_view(*parts, tuple(comments[id_])) for id_, parts in found.items())


def _view(
    thread: Thread, place: PlacementRow | None, shows_quote: bool, comments: tuple[CommentLine, ...]
) -> ThreadView:
    detached = Hold.DETACHED if thread.paragraph is not None else None
    return ThreadView(
        key=thread.key,
        kind=thread.kind,
        internal=thread.internal,
        group_id=thread.group_id,
        version=thread.version_number,
        hold=Hold(place.hold) if place else detached,
        field=thread.field,
        paragraph=place.paragraph if place else None,
        start=place.start_at if place else None,
        end=place.end_at if place else None,
        quote=thread.quote if shows_quote else "",
        whole=thread.start_at is None,
        confirmed_by=place.confirmed_by if place else None,
        resolved_by=thread.resolved_by if thread.resolved_at else None,
        outcome=thread.outcome,
        comments=comments,
    )

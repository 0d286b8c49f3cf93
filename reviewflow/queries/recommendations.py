"""The page of one recommendation: its text, its ballots, its threads, and what happened last."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Ballot, Outcome, Stand, counts, tally
from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import Item, State
from reviewflow.domain.manifest import Manifest, Wording
from reviewflow.domain.text import Block, split_blocks
from reviewflow.domain.visibility import may_comment
from reviewflow.domain.workflow import Action, Option, available_actions, may_create
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import (
    AgreementRow,
    ApprovalRow,
    Comment,
    PositionRow,
    Thread,
)
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.repository import load_item
from reviewflow.queries.versions import visible_versions
from reviewflow.queries.visible import shown_number, visible_events, visible_items

#: How many events stand at the foot of the page; the rest is in the history.
LAST_EVENTS = 6
#: What stops a text, by the state that it leads to; the page says on top why it was done.
_STOPPED_BY = {
    State.CHANGES_REQUESTED: (Action.REQUEST_CHANGES, Action.RECALL, Action.RETURN),
    State.WITHDRAWN: (Action.WITHDRAW,),
    State.DECLINED: (Action.DECLINE,),
}


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One member on a ballot's roster. `standing` is

    one of `counts`, `objects`, `stale`, `recused`, `silent`.
    """

    person_id: int
    standing: str
    stand: Stand | None = None
    version: int | None = None
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActLine:
    """An agreement (of a group) or an approval (group None). `standing`: `counts`, `stale` or `revoked`."""

    group_id: int | None
    person_id: int
    version: int
    at: datetime
    standing: str


@dataclass(frozen=True, slots=True)
class GroupBallot:
    """A counterpart group's ballot on the shown text."""

    group_id: int
    outcome: Outcome
    lines: tuple[PositionLine, ...]


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One contribution."""

    person_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread; `paragraph` is where its words stand in the shown version, None if they no longer do."""

    key: str
    internal: bool
    group_id: int | None
    version: int
    paragraph: int | None
    quote: str
    resolved_by: int | None
    comments: tuple[CommentLine, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event at the foot of the page."""

    name: str
    actor_id: int | None
    at: datetime
    version: int | None
    reason: str
    stand: Stand | None
    internal: bool


@dataclass(frozen=True, slots=True)
class RecommendationPage:
    """Everything that the page shows to one actor; `version` is the newest that they may see."""

    key: str
    group_id: int
    counterparts: tuple[int, ...]
    state: State
    round: int
    symbol: str | None
    final_symbol: str | None
    holders: tuple[int, ...]
    since: datetime
    created_at: datetime
    version: int
    version_at: datetime
    author_id: int
    digest: str
    circulated_digest: str | None
    open_brackets: int
    wording: Wording
    language: str
    dimension: str
    addressees: tuple[str, ...]
    commitments: tuple[str, ...]
    being_prepared: bool
    options: tuple[Option, ...]
    ballots: tuple[GroupBallot, ...]
    acts: tuple[ActLine, ...]
    threads: tuple[ThreadView, ...]
    events: tuple[Happened, ...]
    stopped_by: Happened | None
    public_slug: str | None
    replaces: tuple[str, str] | None
    may_comment_shared: bool
    may_comment_internal: bool
    may_draft_successor: bool

    @property
    def name(self) -> str:
        """How sentences name it: by its symbol, else by its title."""
        return self.final_symbol or self.symbol or self.wording.title

    def option(self, action: Action) -> Option | None:
        """The option of one action, if it is this actor's from here."""
        return next((o for o in self.options if o.action is action), None)

    def has_spoken(self, person_id: int) -> bool:
        """Whether somebody's position still stands: it counts, blocks or recuses them."""
        return any(
            line.person_id == person_id and line.standing not in ("silent", "stale")
            for ballot in self.ballots
            for line in ballot.lines
        )


def recommendation(actor: Actor, key: str) -> RecommendationPage:
    """The page of one item, in a constant number of statements. Raises `NotFound`."""
    session = db.session()
    found = session.execute(
        select(Recommendation, VersionRow)
        .join(
            VersionRow,
            (VersionRow.recommendation_id == Recommendation.id) & (VersionRow.number == shown_number(actor)),
        )
        .where(visible_items(actor), Recommendation.key == key)
    ).one_or_none()
    if found is None:
        raise NotFound()
    row, shown = found
    item = load_item(session, row).item
    manifest = Manifest.from_bytes(shown.manifest)
    own = actor.group_id == row.group_id
    stops = _STOPPED_BY.get(item.state)
    return RecommendationPage(
        key=row.key,
        group_id=row.group_id,
        counterparts=item.counterparts,
        state=item.state,
        round=item.round,
        symbol=row.symbol,
        final_symbol=row.final_symbol,
        holders=tuple(row.holders),
        since=row.since,
        created_at=row.created_at,
        version=shown.number,
        version_at=shown.created_at,
        author_id=shown.author_id,
        digest=shown.digest,
        circulated_digest=item.circulated.digest if item.circulated else None,
        open_brackets=shown.open_brackets,
        wording=manifest.wording,
        language=manifest.authentic_language,
        dimension=manifest.dimension,
        addressees=manifest.addressees,
        commitments=manifest.commitments,
        being_prepared=not own and item.state in (State.CHANGES_REQUESTED, State.DRAFT),
        options=available_actions(actor, item),
        ballots=_ballots(session, item, shown.digest),
        acts=_acts(session, item, shown.digest),
        threads=_threads(session, actor, row.id, manifest.wording.text),
        events=_events(session, actor, row.id),
        stopped_by=next(iter(_events(session, actor, row.id, stops, 1)), None) if stops else None,
        public_slug=_public_slug(session, row.id),
        replaces=_replaced(session, row.replaces_id),
        may_comment_shared=may_comment(actor, item, internal=False),
        may_comment_internal=may_comment(actor, item, internal=True),
        may_draft_successor=item.state is State.PUBLISHED and may_create(actor),
    )


def _ballots(session: Session, item: Item, digest: str) -> tuple[GroupBallot, ...]:
    rows: dict[tuple[int, int], PositionRow] = {}
    if item.ballots:
        for row in session.scalars(
            select(PositionRow).where(PositionRow.recommendation_id == item.id).order_by(PositionRow.id)
        ):
            rows[row.group_id, row.person_id] = row
    return tuple(
        GroupBallot(
            ballot.group_id,
            tally(ballot, digest),
            tuple(
                _line(ballot, person, rows.get((ballot.group_id, person)), digest)
                for person in sorted(ballot.roster | {p.person_id for p in ballot.positions})
            ),
        )
        for ballot in item.ballots
    )


def _line(ballot: Ballot, person_id: int, row: PositionRow | None, digest: str) -> PositionLine:
    position = ballot.position_of(person_id)
    if position is None or row is None:
        return PositionLine(person_id, "silent")
    if position.stand is Stand.OBJECT:
        standing = "objects"
    elif position.stand is Stand.RECUSE:
        standing = "recused"
    else:
        standing = "counts" if counts(position, ballot, digest) else "stale"
    return PositionLine(person_id, standing, position.stand, position.version, row.reason, row.taken_at)


def _acts(session: Session, item: Item, digest: str) -> tuple[ActLine, ...]:
    """Agreements and approvals in the order they were given, and whether a return revoked them.

    They are compared with the text that the reader sees, so that a text saved since shows itself to nobody.
    """
    if not item.agreements:
        return ()
    agreements = session.execute(
        select(
            AgreementRow.agreed_at,
            AgreementRow.group_id,
            AgreementRow.person_id,
            AgreementRow.version_number,
            AgreementRow.round,
            AgreementRow.digest,
        ).where(AgreementRow.recommendation_id == item.id)
    )
    approvals = session.execute(
        select(
            ApprovalRow.approved_at,
            ApprovalRow.person_id,
            ApprovalRow.version_number,
            ApprovalRow.round,
            ApprovalRow.digest,
        ).where(ApprovalRow.recommendation_id == item.id)
    )
    given: list[tuple[datetime, int | None, int, int, int, str]] = [
        *((at, group, by, version, round_, text) for at, group, by, version, round_, text in agreements),
        *((at, None, by, version, round_, text) for at, by, version, round_, text in approvals),
    ]
    returned = {
        json.loads(data)["round"] - 1
        for data in session.scalars(
            select(EventRow.data).where(EventRow.recommendation_id == item.id, EventRow.name == Action.RETURN)
        )
    }
    lines = []
    for at, group, person, version, round_, given_on in sorted(given, key=lambda act: act[0]):
        if round_ == item.round and given_on == digest:
            standing = "counts"
        else:
            standing = "revoked" if round_ in returned else "stale"
        lines.append(ActLine(group, person, version, at, standing))
    return tuple(lines)


def _threads(session: Session, actor: Actor, item_id: int, text: str) -> tuple[ThreadView, ...]:
    # A thread that the proposing group shares on a text which it has not circulated yet has words of it.
    rows = session.execute(
        select(Thread, Comment, VersionRow.number.is_not(None))
        .join(Comment, Comment.thread_id == Thread.id)
        .join(Recommendation, Recommendation.id == Thread.recommendation_id)
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
            Thread.recommendation_id == item_id,
            or_(~Thread.internal, Thread.group_id == (actor.group_id or 0)),
        )
        .order_by(Thread.id, Comment.id)
    ).all()
    blocks = split_blocks(text)
    threads: dict[int, Thread] = {}
    comments: dict[int, list[CommentLine]] = defaultdict(list)
    quotes: dict[int, str] = {}
    for thread, comment, is_on_visible_text in rows:
        threads[thread.id] = thread
        quotes[thread.id] = thread.quote if is_on_visible_text else ""
        comments[thread.id].append(CommentLine(comment.person_id, comment.text, comment.at))
    return tuple(
        ThreadView(
            key=thread.key,
            internal=thread.internal,
            group_id=thread.group_id,
            version=thread.version_number,
            paragraph=_place(thread, blocks),
            quote=quotes[thread.id],
            resolved_by=thread.resolved_by if thread.resolved_at else None,
            comments=tuple(comments[thread.id]),
        )
        for thread in threads.values()
    )


def _place(thread: Thread, blocks: tuple[Block, ...]) -> int | None:
    """The paragraph that has a thread's words: where they stood, else the nearest; None if there is none."""
    if not thread.quote or thread.paragraph is None:
        return None
    before = thread.paragraph
    found = [block.index for block in blocks if block.text == thread.quote]
    return min(found, key=lambda index: abs(index - before), default=None)


def _events(
    session: Session, actor: Actor, item_id: int, names: tuple[str, ...] = (), limit: int = LAST_EVENTS
) -> tuple[Happened, ...]:
    """The newest events that the actor may see, the newest first; with `names`, of these acts only."""
    found = select(EventRow).where(EventRow.recommendation_id == item_id, visible_events(actor))
    if names:
        found = found.where(EventRow.name.in_(names))
    return tuple(
        _happened(row) for row in session.scalars(found.order_by(EventRow.sequence.desc()).limit(limit))
    )


def _happened(row: EventRow) -> Happened:
    data = json.loads(row.data)
    stand = Stand(data["stand"]) if "stand" in data else None
    reason, internal = data.get("reason", ""), row.internal_to is not None
    return Happened(row.name, row.actor_id, row.at, row.version_number, reason, stand, internal)


def _public_slug(session: Session, item_id: int) -> str | None:
    return session.scalars(
        select(Publication.slug).where(Publication.recommendation_id == item_id)
    ).one_or_none()


def _replaced(session: Session, item_id: int | None) -> tuple[str, str] | None:
    """Key and symbol of the published text that this one is to replace."""
    if item_id is None:
        return None
    key, symbol = session.execute(
        select(Recommendation.key, Recommendation.final_symbol).where(Recommendation.id == item_id)
    ).one()
    return key, symbol or ""

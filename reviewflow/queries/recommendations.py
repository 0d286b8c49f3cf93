"""The page of one recommendation: its text, its ballots, its threads, and what happened last."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Ballot, Outcome, Stand, tally
from reviewflow.domain.errors import NotFound
from reviewflow.domain.follow_up import FollowUp, may_record
from reviewflow.domain.items import Agreement, Approval, Item, Relation, RelationKind, State
from reviewflow.domain.manifest import Content, Manifest, Wording
from reviewflow.domain.permissions import About, Permission, about_item, allows
from reviewflow.domain.standings import (
    ActStanding,
    PositionStanding,
    act_standing,
    has_spoken,
    is_being_prepared,
    position_standing,
    primary_action,
)
from reviewflow.domain.workflow import Action, Option, available_actions, may_begin
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import (
    AgreementRow,
    ApprovalRow,
    PositionRow,
)
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.models.sign_offs import SignOffRow
from reviewflow.persistence.repository import load_item
from reviewflow.queries.deliberation import ThreadView, threads
from reviewflow.queries.events import Happened, newest_events, passed, stop
from reviewflow.queries.follow_up import follow_up_of_item
from reviewflow.queries.originals import (
    corrected_words,
    followed_by_item,
    may_follow,
    public_life,
)
from reviewflow.queries.packages import Package, package_of
from reviewflow.queries.parts import IncludedText, included
from reviewflow.queries.silence import SilenceView, silence_view
from reviewflow.queries.statements import Attachments, attachments
from reviewflow.queries.suggestions import (
    BracketLine,
    SuggestionView,
    bracket_lines,
    suggestions,
    with_decisions,
)
from reviewflow.queries.versions import visible_versions
from reviewflow.queries.visible import shown_number, visible_items

#: How many events stand at the foot of the page; the rest is in the history.
LAST_EVENTS = 6


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One member on a ballot's roster; `recorded_by` is the lead who entered what was given by `means`.

    `asked_by` is the lead who asked for the link by which it was taken, and `asked_at` when.
    `stand_in` is who entered it in the name of the member, or of that lead.
    """

    person_id: int
    standing: PositionStanding
    stand: Stand | None = None
    version: int | None = None
    reason: str = ""
    at: datetime | None = None
    recorded_by: int | None = None
    means: str = ""
    asked_by: int | None = None
    asked_at: datetime | None = None
    stand_in: int | None = None


@dataclass(frozen=True, slots=True)
class ActLine:
    """An agreement (of a group; by silence, if nobody broke one) or an approval (group None).

    `stand_in` is who gave it in the name of the person.
    """

    group_id: int | None
    person_id: int
    version: int
    at: datetime
    standing: ActStanding
    by_silence: bool = False
    stand_in: int | None = None


@dataclass(frozen=True, slots=True)
class GroupBallot:
    """A counterpart group's ballot on the shown text."""

    group_id: int
    outcome: Outcome
    lines: tuple[PositionLine, ...]


@dataclass(frozen=True, slots=True)
class RecommendationPage:
    """Everything that the page shows to one actor; `version` is the newest that they may see.

    `passed` says when the steps before the state were reached, `follows` and `replaced_by` are keys and
    symbols, as are `corrigenda` to it; `original` is what a corrigendum corrects, `primary` is the option to
    offer first, `lent` and `lent_primary` are the same for whom the reader stands in, `about` is what
    permissions are asked of, `follow_up` None for what was never published.
    `bracketed` words of all words stand in open brackets.
    """

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
    has_earlier: bool
    open_brackets: int
    bracketed: tuple[int, int]
    content: Content
    wording: Wording
    language: str
    dimension: str
    addressees: tuple[str, ...]
    commitments: tuple[str, ...]
    being_prepared: bool
    options: tuple[Option, ...]
    primary: Action | None
    lent: tuple[Option, ...]
    lent_primary: Action | None
    has_spoken: bool
    silence: SilenceView | None
    publish_at: datetime | None
    ballots: tuple[GroupBallot, ...]
    acts: tuple[ActLine, ...]
    threads: tuple[ThreadView, ...]
    suggestions: tuple[SuggestionView, ...]
    brackets: tuple[BracketLine, ...]
    events: tuple[Happened, ...]
    stopped_by: Happened | None
    passed: dict[State, datetime]
    public_slug: str | None
    relation: Relation | None
    follows: tuple[str, str] | None
    original: Manifest | None
    replaced_by: tuple[str, str] | None
    corrigenda: tuple[tuple[str, str], ...]
    kind: str
    parts: tuple[IncludedText, ...]
    attachments: Attachments
    follow_up: FollowUp | None
    may_record_follow_up: bool
    package: Package | None
    about: About
    may_tie: bool
    may_comment_shared: bool
    may_comment_internal: bool
    may_raise_concern: bool
    may_suggest: bool
    may_decide_suggestions: bool
    may_draft_successor: bool
    may_draft_corrigendum: bool

    @property
    def name(self) -> str:
        """How sentences name it: by its symbol, else by its title."""
        return self.final_symbol or self.symbol or self.wording.title

    def line_of(self, person_id: int) -> PositionLine | None:
        """A person's line in the ballots; None if they are on no roster."""
        lines = (line for ballot in self.ballots for line in ballot.lines)
        return next((line for line in lines if line.person_id == person_id), None)

    def option(self, action: Action, *, lent: bool = False) -> Option | None:
        """The option of one action, if it is this actor's from here, or lent to them."""
        return next((o for o in (self.lent if lent else self.options) if o.action is action), None)


def recommendation(actor: Actor, key: str, principal: Actor | None = None) -> RecommendationPage:
    """The page of one item, in a constant number of statements. Raises `NotFound`.

    `principal` is who the actor stands in for.
    """
    session = db.session()
    shown = aliased(VersionRow)
    earlier = exists().where(
        VersionRow.recommendation_id == Recommendation.id,
        VersionRow.number < shown.number,
        visible_versions(actor),
    )
    found = session.execute(
        select(Recommendation, shown, earlier.correlate(Recommendation, shown))
        .join(shown, and_(shown.recommendation_id == Recommendation.id, shown.number == shown_number(actor)))
        .where(visible_items(actor), Recommendation.key == key)
    ).one_or_none()
    if found is None:
        raise NotFound()
    row, version, has_earlier = found
    loaded = load_item(session, row)
    item = loaded.item
    about, within = about_item(actor, item), about_item(actor, item, internal_to=actor.group_id or 0)
    manifest = Manifest.from_bytes(version.manifest)
    options = available_actions(actor, item, clock.now())
    lent = available_actions(principal, item, clock.now()) if principal else ()
    newest = newest_events(session, actor, row.id, LAST_EVENTS)
    public_slug, replaced_by, corrigenda = public_life(session, row.id)
    suggested = suggestions(session, actor, item, version.number, manifest.wording)
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
        version=version.number,
        version_at=version.created_at,
        author_id=version.author_id,
        digest=version.digest,
        has_earlier=has_earlier,
        open_brackets=version.open_brackets,
        bracketed=(
            manifest.bracketed_share()
            if version.words is None
            else (version.bracketed_words or 0, version.words)
        ),
        content=manifest.content(),
        wording=manifest.wording,
        language=manifest.authentic_language,
        dimension=manifest.dimension,
        addressees=manifest.addressees,
        commitments=manifest.commitments,
        being_prepared=is_being_prepared(actor, item),
        options=options,
        primary=primary_action(actor, item, options),
        lent=lent,
        lent_primary=primary_action(principal, item, lent) if principal else None,
        has_spoken=has_spoken(item.ballots, actor.person_id, version.digest),
        silence=silence_view(loaded, clock.now()),
        publish_at=item.publish_at,
        ballots=_ballots(session, item, version.digest),
        acts=_acts(session, item, version.digest),
        threads=with_decisions(threads(session, actor, item, version.number), suggested),
        suggestions=suggested,
        brackets=bracket_lines(session, actor, row.id, version.number, manifest.wording, suggested),
        events=newest[:LAST_EVENTS],
        stopped_by=stop(newest, item.state),
        passed=passed(newest, item.state),
        public_slug=public_slug,
        relation=item.relation,
        follows=followed_by_item(session, row.original_id),
        original=corrected_words(session, row, manifest),
        replaced_by=replaced_by,
        corrigenda=corrigenda,
        follow_up=follow_up_of_item(session, row.id) if public_slug else None,
        may_record_follow_up=may_record(actor, item),
        kind=manifest.kind,
        parts=included(session, actor.task_force_id, manifest.includes),
        attachments=attachments(session, actor, item, clock.now()),
        package=package_of(session, actor, item.id, (*item.counterparts, item.proposing_group)),
        about=about,
        may_tie=may_begin(actor, item, Action.TIE, clock.now()),
        may_comment_shared=allows(Permission.COMMENT, actor, about),
        may_comment_internal=allows(Permission.COMMENT, actor, within),
        may_raise_concern=may_begin(actor, item, Action.RAISE_CONCERN, clock.now()),
        may_suggest=may_begin(actor, item, Action.SUGGEST, clock.now()),
        may_decide_suggestions=allows(Permission.DECIDE_SUGGESTIONS, actor, about),
        may_draft_successor=may_follow(actor, item, RelationKind.SUCCESSOR),
        may_draft_corrigendum=may_follow(actor, item, RelationKind.CORRIGENDUM),
    )


#: A position, and who asked for its link, and when.
_Taken: TypeAlias = tuple[PositionRow, int | None, datetime | None]


def _ballots(session: Session, item: Item, digest: str) -> tuple[GroupBallot, ...]:
    rows: dict[tuple[int, int], _Taken] = {}
    if item.ballots:
        for row, by, at in session.execute(
            select(PositionRow, SignOffRow.asked_by, SignOffRow.asked_at)
            .join(SignOffRow, SignOffRow.position_id == PositionRow.id, isouter=True)
            .where(PositionRow.recommendation_id == item.id)
            .order_by(PositionRow.id)
        ):
            rows[row.group_id, row.person_id] = (row, by, at)
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


def _line(ballot: Ballot, person_id: int, taken: _Taken | None, digest: str) -> PositionLine:
    standing = position_standing(ballot, person_id, digest)
    if taken is None:
        return PositionLine(person_id, standing)
    row, asked_by, asked_at = taken
    return PositionLine(
        person_id,
        standing,
        Stand(row.stand),
        row.version_number,
        row.reason,
        row.taken_at,
        row.recorded_by,
        row.means,
        asked_by,
        asked_at,
        row.stand_in_id,
    )


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
            AgreementRow.silence_id.is_not(None),
            AgreementRow.stand_in_id,
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
    given: list[tuple[datetime, int | None, int, int, bool, int | None, Agreement | Approval]] = [
        *(
            (at, group, by, version, silent, stand_in, Agreement(group, round_, text))
            for at, group, by, version, round_, text, silent, stand_in in agreements
        ),
        *(
            (at, None, by, version, False, None, Approval(round_, text))
            for at, by, version, round_, text in approvals
        ),
    ]
    returned_to = frozenset(
        json.loads(data)["round"]
        for data in session.scalars(
            select(EventRow.data).where(EventRow.recommendation_id == item.id, EventRow.name == Action.RETURN)
        )
    )
    return tuple(
        ActLine(group, person, version, at, act_standing(act, item, digest, returned_to), silent, stand_in)
        for at, group, person, version, silent, stand_in, act in sorted(given, key=lambda line: line[0])
    )

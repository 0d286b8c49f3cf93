"""Suggestions as one reader may see them, what accepting them would give, and who asked for brackets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.anchors import UNCHANGED
from reviewflow.domain.brackets import Bracket, find_brackets
from reviewflow.domain.errors import NotFound, Refusal
from reviewflow.domain.items import Item, State
from reviewflow.domain.manifest import WORDED, Manifest, Wording
from reviewflow.domain.permissions import Permission, about_item, allows
from reviewflow.domain.suggestions import Suggestion, accepted, collisions, stands
from reviewflow.domain.text import split_blocks
from reviewflow.domain.workflow import Act, Action, decide
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.deliberation import Comment, PlacementRow, SuggestionRow, Thread
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.repository import load_item
from reviewflow.queries.deliberation import ThreadView
from reviewflow.queries.versions import visible_versions
from reviewflow.queries.visible import shown_number, visible_items


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """One suggestion as a reader may know it, on the version that they read.

    `state` is `open`, `gone` (undecided, but its words do not stand in the text any more), or as it was
    decided: `accepted`, `superseded`, `rejected`, `withdrawn`. `here` is where it stands, of open ones only.
    One that was accepted in a text that the reader does not see yet is open to them. `result` is the
    version that accepting it made.
    """

    key: str
    author_id: int
    group_id: int | None
    internal: bool
    version: int
    before: str
    after: str
    reason: str
    at: datetime
    state: str
    here: Suggestion | None
    field: str
    paragraph: int | None
    decided_by: int | None
    decided_at: datetime | None
    result: int | None

    @property
    def asks_for_bracket(self) -> bool:
        """Whether it puts its words in brackets."""
        inside = self.after[1:-1]
        return (
            self.after.startswith("[") and self.after.endswith("]") and inside.startswith(self.before.strip())
        )

    @property
    def is_undecided(self) -> bool:
        """Whether somebody still has to decide on it."""
        return self.state in ("open", "gone")


def here(thread: Thread, after: str, place: PlacementRow | None, words: Wording) -> Suggestion | None:
    """A suggestion where it stands in a wording; None if its words are not exactly there any more."""
    if place is None or place.hold not in UNCHANGED:
        return None
    if place.paragraph is None or place.start_at is None or place.end_at is None:
        return None
    span = (place.paragraph, place.start_at, place.end_at)
    found = Suggestion(thread.key, *span, thread.quote, after, thread.field)
    return found if stands(words, found) else None


def suggestions(
    session: Session, actor: Actor, item: Item, version: int, words: Wording
) -> tuple[SuggestionView, ...]:
    """The suggestions that an actor sees, in the order in which they were made, in one statement.

    `words` are those of `version`, the one that they read. Shared ones on a text which the proposing group
    has not circulated are seen by the others once what they led to is. Who recused themselves gets nothing
    internal.
    """
    own_group = 0 if item.has_recused(actor) else actor.group_id or 0
    first = (
        select(func.min(Comment.id)).where(Comment.thread_id == Thread.id).correlate(Thread).scalar_subquery()
    )
    result = SuggestionRow.result_version
    rows = session.execute(
        select(Thread, SuggestionRow, Comment, PlacementRow)
        .join(SuggestionRow, SuggestionRow.thread_id == Thread.id)
        .join(Recommendation, Recommendation.id == Thread.recommendation_id)
        .join(Comment, Comment.id == first)
        .join(
            PlacementRow,
            and_(PlacementRow.thread_id == Thread.id, PlacementRow.version_number == version),
            isouter=True,
        )
        .where(
            Thread.recommendation_id == item.id,
            or_(~Thread.internal, Thread.group_id == own_group),
            select(VersionRow.id)
            .where(
                VersionRow.recommendation_id == Thread.recommendation_id,
                or_(VersionRow.number == Thread.version_number, VersionRow.number == result),
                visible_versions(actor),
            )
            .correlate(Thread, SuggestionRow, Recommendation)
            .exists(),
        )
        .order_by(Thread.id)
    ).all()
    return tuple(_view(*row, version, words) for row in rows)


def _view(
    thread: Thread,
    row: SuggestionRow,
    first: Comment,
    place: PlacementRow | None,
    version: int,
    words: Wording,
) -> SuggestionView:
    state = row.state
    if state in ("accepted", "superseded") and (row.result_version or 0) > version:
        state = "open"
    found = here(thread, row.after, place, words) if state == "open" else None
    if state == "open" and found is None:
        state = "gone"
    decided = state not in ("open", "gone")
    return SuggestionView(
        key=thread.key,
        author_id=first.person_id,
        group_id=thread.group_id,
        internal=thread.internal,
        version=thread.version_number,
        before=thread.quote,
        after=row.after,
        reason=first.text,
        at=thread.opened_at,
        state=state,
        here=found,
        field=thread.field,
        paragraph=place.paragraph if place else None,
        decided_by=row.decided_by if decided else None,
        decided_at=row.decided_at if decided else None,
        result=row.result_version if state in ("accepted", "superseded") else None,
    )


def with_decisions(
    threads: tuple[ThreadView, ...], known: Sequence[SuggestionView]
) -> tuple[ThreadView, ...]:
    """The threads of a page, those of decided suggestions as resolved, without what is not for the reader."""
    by_key = {s.key: s for s in known}
    return tuple(
        replace(t, resolved_by=by_key[t.key].decided_by) if t.key in by_key else t
        for t in threads
        if t.kind != "suggestion" or t.key in by_key
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Suggestions chosen to be accepted together, and what that would give.

    `pairs` are those that collide, by key; `refused` the refusal's code where there is no text;
    else `manifest` is the new one.
    """

    keys: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    refused: str
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class SuggestionsPage:
    """The page of an item's suggestions; `version` is the one that the reader reads.

    `collisions` are among all open ones, by key; `no_suggesting` says why the reader can't suggest anything.
    """

    key: str
    name: str
    title: str
    language: str
    group_id: int
    counterparts: tuple[int, ...]
    version: int
    manifest: Manifest
    state: State
    shared_is_possible: bool
    suggestions: tuple[SuggestionView, ...]
    collisions: tuple[tuple[str, str], ...]
    may_decide: bool
    no_suggesting: Refusal | None

    @property
    def amends(self) -> bool:
        """Whether accepting changes a text that the others have before them."""
        return self.state is State.PROPOSED

    @property
    def choosable(self) -> tuple[SuggestionView, ...]:
        """The open ones that can be accepted now."""
        found = (s for s in self.suggestions if s.state == "open")
        return tuple(s for s in found if not (self.amends and s.internal))

    def choice(self, keys: Sequence[str]) -> Choice:
        """What accepting the open suggestions of these keys would give; unknown keys are left out."""
        chosen = [s.here for s in self.choosable if s.key in keys and s.here]
        words, named = self.manifest.wording, tuple(s.key for s in chosen)
        pairs = collisions(words, chosen)
        if pairs or not chosen:
            return Choice(named, pairs, "", None)
        try:
            new = accepted(words, chosen)
        except Refusal as refusal:
            return Choice(named, (), refusal.code, None)
        wordings = {**self.manifest.wordings, self.manifest.authentic_language: new}
        return Choice(named, (), "", replace(self.manifest, wordings=wordings))


def page(actor: Actor, key: str) -> SuggestionsPage:
    """The suggestions of one item, in a constant number of statements. Raises `NotFound`."""
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
    seen = suggestions(session, actor, item, shown.number, manifest.wording)
    open_ones = [s.here for s in seen if s.here]
    return SuggestionsPage(
        key=row.key,
        name=row.final_symbol or row.symbol or shown.title,
        title=shown.title,
        language=manifest.authentic_language,
        group_id=row.group_id,
        counterparts=item.counterparts,
        version=shown.number,
        manifest=manifest,
        state=item.state,
        shared_is_possible=item.circulated is not None and item.circulated.number == shown.number,
        suggestions=seen,
        collisions=collisions(manifest.wording, open_ones),
        may_decide=allows(Permission.DECIDE_SUGGESTIONS, actor, about_item(actor, item)),
        no_suggesting=_no_suggesting(actor, item),
    )


def _no_suggesting(actor: Actor, item: Item) -> Refusal | None:
    seen = item.version_for(actor)
    try:
        # Nobody's digest, so that only person and state are asked.
        decide(actor, item, Act(Action.SUGGEST, seen.number if seen else None, digest="", at=clock.now()))
    except Refusal as refusal:
        return refusal
    return None


@dataclass(frozen=True, slots=True)
class BracketLine:
    """One open bracket of the text, with its wordings.

    Who asked for it and why, if somebody did (`asked`); else since which version it is in the text, and
    who saved that one. `paragraph` is its block's number in `field`.
    """

    bracket: Bracket
    field: str
    paragraph: int
    asked: SuggestionView | None
    since: int
    author_id: int

    @property
    def wordings(self) -> tuple[str, ...]:
        """The alternatives, each once, without empty ones."""
        return tuple(dict.fromkeys(words for words in self.bracket.alternatives if words))


def bracket_lines(
    session: Session,
    actor: Actor,
    item_id: int,
    version: int,
    words: Wording,
    known: Sequence[SuggestionView],
) -> tuple[BracketLine, ...]:
    """The top-level brackets of what the actor reads, in one statement (none if there are none)."""
    brackets = [(field, found) for field in WORDED for found in find_brackets(getattr(words, field))]
    if not brackets:
        return ()
    rows = session.execute(
        select(VersionRow.number, VersionRow.author_id, VersionRow.manifest)
        .join(Recommendation, Recommendation.id == VersionRow.recommendation_id)
        .where(Recommendation.id == item_id, visible_versions(actor), VersionRow.number <= version)
        .order_by(VersionRow.number.desc())
    ).all()
    versions = [(n, author, Manifest.from_bytes(stored).wording) for n, author, stored in rows]
    blocks = {field: split_blocks(getattr(words, field)) for field in WORDED}
    lines = []
    for field, bracket in brackets:
        since, author = version, 0
        for number, by, earlier in versions:
            if bracket.text not in getattr(earlier, field):
                break
            since, author = number, by
        home = next(b.index for b in blocks[field] if b.start <= bracket.start < b.end)
        lines.append(BracketLine(bracket, field, home, _asked(field, bracket, known), since, author))
    return tuple(lines)


def _asked(field: str, bracket: Bracket, known: Sequence[SuggestionView]) -> SuggestionView | None:
    """The newest accepted suggestion of a field whose words hold a bracket."""
    accepted_here = (s for s in reversed(known) if s.state == "accepted" and s.field == field)
    found = (s for s in accepted_here if bracket.text in s.after)
    return next(found, None)

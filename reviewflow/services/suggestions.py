"""Suggesting other words, asking for brackets, and what the proposing group makes of it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from reviewflow.domain.actors import Actor, Standing, standing
from reviewflow.domain.anchors import Hold, Place
from reviewflow.domain.brackets import count_open
from reviewflow.domain.errors import InvalidInput, NotFound
from reviewflow.domain.items import State
from reviewflow.domain.manifest import Manifest, Wording
from reviewflow.domain.permissions import About, Permission, about_item, allows, demand
from reviewflow.domain.suggestions import (
    MAX_AFTER,
    Suggestion,
    WordsGone,
    accepted,
    carried,
    with_space,
)
from reviewflow.domain.text import canonical_text, item_marker, split_blocks
from reviewflow.domain.workflow import Act, Action, Event
from reviewflow.persistence import mapping
from reviewflow.persistence.models.deliberation import Comment, PlacementRow, SuggestionRow, Thread
from reviewflow.persistence.repository import Loaded
from reviewflow.queries.suggestions import here
from reviewflow.services import anchors, deliberation, procedure
from reviewflow.services.anchors import Aim
from reviewflow.services.transaction import Work, transaction


@dataclass(frozen=True, slots=True)
class _Stored:
    """An undecided suggestion; `here` is where it stands in the head, None if its words are gone."""

    thread: Thread
    row: SuggestionRow
    author_id: int
    here: Suggestion | None


def suggest(
    actor: Actor, key: str, version: int, aim: Aim, after: str, *, reason: str = "", internal: bool = False
) -> str:
    """Suggest `after` for words of a version that the actor sees, and return the thread's key.

    `internal` ones are for the proposing group alone. Raises what `decide` and `anchors.find` raise,
    `ReachesBeyond`, `UnacceptableText`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        words = _words_to_suggest_on(work, actor, loaded, version, internal=internal)
        wanted = _found(words, aim, canonical_text(after))
        thread = _open(work, actor, loaded, version, wanted, words, canonical_text(reason), internal=internal)
        return thread.key


def ask_for_bracket(
    actor: Actor, key: str, version: int, aim: Aim, others: str, reason: str, *, internal: bool = False
) -> str:
    """Ask that words be put in brackets, since they are not agreed; returns the thread's key.

    `others` are wordings, one a line, which stand beside the words as alternatives; `reason` says why. It is
    a suggestion. A member of the proposing group whose text is not before the others has it accepted at
    once. Raises as `suggest` does, and `InvalidInput` without a reason.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        words = _words_to_suggest_on(work, actor, loaded, version, internal=internal)
        why = canonical_text(reason)
        if not why:
            raise InvalidInput(field="reason", problem="missing")
        lines = [line.strip() for line in canonical_text(others).split("\n")]
        place = anchors.find(words, aim)[1].strip()
        wanted = _found(words, aim, f"[{' / '.join((place, *filter(None, lines)))}]")
        asked, before = (getattr(w, wanted.field) for w in (accepted(words, [wanted]), words))
        if count_open(asked) <= count_open(before):
            raise InvalidInput(field="words", problem="no_bracket_there")
        own = standing(actor, loaded.item.task_force_id, loaded.item.proposing_group) is Standing.PROPOSER
        if own and loaded.item.state is not State.PROPOSED:
            return _put_in_brackets(work, actor, loaded, version, wanted, words, why).key
        return _open(work, actor, loaded, version, wanted, words, why, internal=internal).key


def accept_suggestions(actor: Actor, key: str, version: int, chosen: Sequence[str], note: str = "") -> Event:
    """Accept suggestions of the head, all in one new version or none.

    While the text is proposed this amends it, and only shared ones can be accepted; before, it revises it.
    Raises what `decide` raises, `NotFound` for a suggestion that does not exist for the actor,
    `InvalidInput` for one that is decided, `WordsGone`, `SuggestionsCollide`, `ReachesBeyond`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        action = Action.AMEND if loaded.item.state is State.PROPOSED else Action.REVISE
        # The rules are asked before the words are, so that a refusal says the rule's reason.
        procedure.decided(work, actor, loaded, Act(action, version, digest="", only_brackets_cleaned=True))
        stored = _undecided(work, loaded)
        wanted = [_chosen(work, actor, loaded, stored, one) for one in dict.fromkeys(chosen)]
        if not wanted:
            raise InvalidInput(field="suggestion", problem="missing")
        if action is Action.AMEND and any(s.thread.internal for s in wanted):
            raise InvalidInput(field="suggestion", problem="internal")
        if gone := tuple(s.thread.key for s in wanted if s.here is None):
            raise WordsGone(keys=gone)
        taken = [s.here for s in wanted if s.here]
        same = [s for s in stored if s not in wanted and s.here and _is_said_by(s.here, taken)]
        old = Manifest.from_bytes(loaded.manifest)
        manifest = _with_words(old, accepted(old.wording, taken))
        shared = sum(not s.thread.internal for s in (*wanted, *same))
        act = Act(action, version, digest=manifest.digest(), missing=manifest.missing(), accepted=shared)
        event = procedure.decided(work, actor, loaded, act)
        told = {
            "suggestions": [s.thread.key for s in wanted],
            "credited": sorted({s.author_id for s in wanted}),
        }
        procedure.carry_out_text(work, loaded, event, manifest, canonical_text(note), **told)
        _keep_places(work, event.version, carried(old.wording, taken, _rest(stored, wanted, same)), stored)
        for s in wanted:
            _decide(work, actor, s.row, "accepted", event.version)
        for s in same:
            _decide(work, actor, s.row, "superseded", event.version)
    return event


def reject_suggestions(actor: Actor, key: str, chosen: Sequence[str], words: str) -> None:
    """Reject suggestions with words that answer them.

    Raises `NotFound`, `NotPermitted`, `InvalidInput` (no words, nothing chosen, decided before).
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        demand(Permission.DECIDE_SUGGESTIONS, actor, about_item(actor, loaded.item))
        stored = _undecided(work, loaded)
        wanted = [_chosen(work, actor, loaded, stored, one) for one in dict.fromkeys(chosen)]
        if not wanted:
            raise InvalidInput(field="suggestion", problem="missing")
        answer = canonical_text(words)
        if not answer:
            raise InvalidInput(field="words", problem="missing")
        for s in wanted:
            _decide(work, actor, s.row, "rejected")
            work.session.add(
                Comment(thread_id=s.thread.id, person_id=actor.person_id, text=answer, at=work.now)
            )
            deliberation.record(work, actor, loaded, s.thread, "suggestion_rejected")
        _fewer(work, loaded, sum(not s.thread.internal for s in wanted))


def withdraw_suggestion(actor: Actor, key: str, thread_key: str) -> None:
    """Take one's own suggestion back.

    One that was accepted in a text which its author has not seen yet is withdrawn all the same: the words
    are the proposing group's by then. Raises `NotFound`, `NotPermitted`, `InvalidInput`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        found = work.session.execute(
            select(Thread, SuggestionRow)
            .join(SuggestionRow, SuggestionRow.thread_id == Thread.id)
            .where(Thread.recommendation_id == loaded.item.id, Thread.key == thread_key)
        ).one_or_none()
        if found is None:
            raise NotFound()
        thread, row = found
        asked = replace(_about(actor, loaded, thread), person_id=_authors(work, loaded)[thread.id])
        demand(Permission.WITHDRAW_SUGGESTION, actor, asked)
        seen = loaded.item.version_for(actor)
        is_secret = row.result_version is not None and seen is not None and row.result_version > seen.number
        if row.state != "open" and not (row.state in ("accepted", "superseded") and is_secret):
            raise InvalidInput(field="suggestion", problem="decided")
        was_open = row.state == "open"
        _decide(work, actor, row, "withdrawn", row.result_version)
        deliberation.record(work, actor, loaded, thread, "suggestion_withdrawn")
        _fewer(work, loaded, int(was_open and not thread.internal))


def _words_to_suggest_on(
    work: Work, actor: Actor, loaded: Loaded, version: int, *, internal: bool
) -> Wording:
    """The words of the version that the actor sees. Raises what `decide` raises, and who may not suggest."""
    item = loaded.item
    # The digest is nobody's, so that only person, version and state are asked.
    procedure.decided(work, actor, loaded, Act(Action.SUGGEST, version, digest="", internal=internal))
    own = standing(actor, item.task_force_id, item.proposing_group) is Standing.PROPOSER
    if internal and not own:
        raise InvalidInput(field="internal", problem="not_the_proposing_group")
    return anchors.words_of(work, loaded, version)[0]


def _found(words: Wording, aim: Aim, after: str) -> Suggestion:
    """`after` for the words that are aimed at, or for a whole paragraph but its list marker.

    Raises `InvalidInput`.
    """
    if len(after) > MAX_AFTER:
        raise InvalidInput(field="after", problem="too_long", limit=MAX_AFTER)
    place, _ = anchors.find(words, aim)
    if place is None or place.paragraph is None:
        raise InvalidInput(field="words", problem="missing")
    block = split_blocks(getattr(words, aim.field))[place.paragraph - 1].text
    start = len(item_marker(block)) if place.start is None else place.start
    end = len(block) if place.end is None else place.end
    if not after:
        start, end = with_space(block, start, end)
    return Suggestion("", place.paragraph, start, end, block[start:end], after, aim.field)


def _open(
    work: Work,
    actor: Actor,
    loaded: Loaded,
    version: int,
    wanted: Suggestion,
    words: Wording,
    reason: str,
    *,
    internal: bool,
) -> Thread:
    """Store an open suggestion, with its event."""
    item, seen = loaded.item, loaded.item.version_for(actor)
    if not internal and (item.circulated is None or item.circulated.number != version):
        raise InvalidInput(field="internal", problem="not_circulated")
    # Any other digest says that the text would be another one; it is never stored.
    digest = seen.digest if seen and accepted(words, [wanted]) == words else ""
    event = procedure.decided(
        work, actor, loaded, Act(Action.SUGGEST, version, digest=digest, internal=internal)
    )
    thread = _add_thread(work, actor, loaded, version, wanted, reason, internal=internal)
    work.session.add(SuggestionRow(thread_id=thread.id, after=wanted.after, state="open"))
    procedure.carry_out(work, loaded, event, internal=internal, thread=thread.key)
    return thread


def _put_in_brackets(
    work: Work, actor: Actor, loaded: Loaded, version: int, wanted: Suggestion, words: Wording, reason: str
) -> Thread:
    """Accept the actor's own bracket at once: the thread is the record of who asked, and why."""
    manifest = _with_words(Manifest.from_bytes(loaded.manifest), accepted(words, [wanted]))
    act = Act(Action.REVISE, version, digest=manifest.digest(), missing=manifest.missing())
    event = procedure.decided(work, actor, loaded, act)
    thread = _add_thread(work, actor, loaded, version, wanted, reason, internal=False)
    row = SuggestionRow(thread_id=thread.id, after=wanted.after, state="open")
    work.session.add(row)
    told = {"suggestions": [thread.key], "credited": [actor.person_id]}
    procedure.carry_out_text(work, loaded, event, manifest, "", **told)
    _decide(work, actor, row, "accepted", event.version)
    return thread


def _add_thread(
    work: Work,
    actor: Actor,
    loaded: Loaded,
    version: int,
    wanted: Suggestion,
    reason: str,
    *,
    internal: bool,
) -> Thread:
    words, language = anchors.words_of(work, loaded, version)
    thread = Thread(
        key=secrets.token_hex(6),
        recommendation_id=loaded.item.id,
        group_id=actor.group_id,
        kind="suggestion",
        internal=internal,
        version_number=version,
        language=language,
        field=wanted.field,
        paragraph=wanted.paragraph,
        start_at=wanted.start,
        end_at=wanted.end,
        quote=wanted.before,
        opened_at=work.now,
    )
    work.session.add(thread)
    work.session.flush()
    place = Place(Hold.EXACT, wanted.paragraph, wanted.start, wanted.end)
    anchors.store_places(work, loaded, thread, place, words)
    work.session.add(Comment(thread_id=thread.id, person_id=actor.person_id, text=reason, at=work.now))
    return thread


def _with_words(manifest: Manifest, words: Wording) -> Manifest:
    """The manifest with other words in the authentic language."""
    return replace(manifest, wordings={**manifest.wordings, manifest.authentic_language: words})


def _authors(work: Work, loaded: Loaded) -> dict[int, int]:
    """Who made each suggestion of an item, by thread: the author of its first comment."""
    rows = work.session.execute(
        select(Comment.thread_id, Comment.person_id)
        .join(Thread, Thread.id == Comment.thread_id)
        .where(Thread.recommendation_id == loaded.item.id, Thread.kind == "suggestion")
        .order_by(Comment.id.desc())
    )
    return {row.thread_id: row.person_id for row in rows}


def _undecided(work: Work, loaded: Loaded) -> list[_Stored]:
    """The undecided suggestions of an item, in the order in which they were made."""
    head = loaded.item.head.number
    words = Manifest.from_bytes(loaded.manifest).wording
    authors = _authors(work, loaded)
    rows = work.session.execute(
        select(Thread, SuggestionRow, PlacementRow)
        .join(SuggestionRow, SuggestionRow.thread_id == Thread.id)
        .join(
            PlacementRow,
            (PlacementRow.thread_id == Thread.id) & (PlacementRow.version_number == head),
            isouter=True,
        )
        .where(Thread.recommendation_id == loaded.item.id, SuggestionRow.state == "open")
        .order_by(Thread.id)
    )
    return [
        _Stored(thread, row, authors[thread.id], here(thread, row.after, placed, words))
        for thread, row, placed in rows
    ]


def _chosen(work: Work, actor: Actor, loaded: Loaded, stored: list[_Stored], key: str) -> _Stored:
    """The undecided suggestion of a key. Raises `NotFound`, and `InvalidInput` if it can't be decided now."""
    found = next((s for s in stored if s.thread.key == key), None)
    if found is None:
        known = work.session.scalars(
            select(Thread).where(
                Thread.recommendation_id == loaded.item.id, Thread.kind == "suggestion", Thread.key == key
            )
        ).one_or_none()
        if known is None or not allows(Permission.READ_THREAD, actor, _about(actor, loaded, known)):
            raise NotFound()
        raise InvalidInput(field="suggestion", problem="decided")
    demand(Permission.READ_THREAD, actor, _about(actor, loaded, found.thread))
    return found


def _about(actor: Actor, loaded: Loaded, thread: Thread) -> About:
    return about_item(actor, loaded.item, internal_to=thread.group_id if thread.internal else None)


def _is_said_by(one: Suggestion, taken: Sequence[Suggestion]) -> bool:
    return one.change in {t.change for t in taken}


def _rest(stored: list[_Stored], *decided: list[_Stored]) -> list[Suggestion]:
    """Those that stay open, where they stand in the text before."""
    gone = {s.thread.id for several in decided for s in several}
    return [s.here for s in stored if s.here and s.thread.id not in gone]


def _keep_places(
    work: Work, version: int, places: dict[str, Suggestion | None], stored: list[_Stored]
) -> None:
    """Correct the places of those that stay open: what was changed is known, so that none is looked for."""
    for s in stored:
        if place := places.get(s.thread.key):
            row = work.session.get_one(PlacementRow, (s.thread.id, version))
            moved = (place.paragraph, place.start, place.end) != (
                (s.here.paragraph, s.here.start, s.here.end) if s.here else None
            )
            row.hold = Hold.MOVED if moved else Hold.EXACT
            row.paragraph, row.start_at, row.end_at = place.paragraph, place.start, place.end


def _decide(work: Work, actor: Actor, row: SuggestionRow, state: str, result: int | None = None) -> None:
    row.state, row.decided_at, row.decided_by = state, work.now, actor.person_id
    row.result_version = result


def _fewer(work: Work, loaded: Loaded, count: int) -> None:
    """Who is waited for after `count` open shared suggestions were decided without a new text."""
    if count:
        after = replace(loaded.item, open_suggestions=loaded.item.open_suggestions - count)
        mapping.store_waits(work.session, loaded, after, work.now)

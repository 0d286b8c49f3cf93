"""What the counterpart does with a proposal, and the discussion around it."""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy import select

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import ConcernEnd, Stand
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, StaleVersion
from reviewflow.domain.permissions import Permission, about_item, demand
from reviewflow.domain.text import canonical_text
from reviewflow.domain.workflow import Act, Action, Event
from reviewflow.persistence.models.deliberation import Comment, Thread
from reviewflow.persistence.repository import Loaded
from reviewflow.services import anchors, procedure
from reviewflow.services.anchors import WHOLE_TEXT, Aim
from reviewflow.services.transaction import Work, transaction

#: Characters of the words that say how a position was given; the column has so many.
LONGEST_MEANS = 200


def take_position(actor: Actor, key: str, version: int, stand: Stand | None, reason: str = "") -> Event:
    """State one's stand on a version; the newest one counts. An objection needs a reason.

    `stand` is None when nothing was chosen, which the rules refuse.
    """
    act = Act(Action.TAKE_POSITION, version, canonical_text(reason), stand=stand)
    return procedure.perform(actor, key, act)


def record_position(
    actor: Actor,
    key: str,
    version: int,
    member: int | None,
    stand: Stand | None,
    means: str,
    reason: str = "",
) -> Event:
    """Enter the position that a member of the actor's group gave by telephone or letter, saying by which.

    An open objection is lifted by its author, and one that was recorded by who did that. Raises what
    `decide` raises, and `InvalidInput` for `means` of more than 200 characters.
    """
    given = canonical_text(means)
    if len(given) > LONGEST_MEANS:
        raise InvalidInput(field="means", problem="too_long")
    act = Act(
        Action.RECORD_POSITION, version, canonical_text(reason), stand=stand, member=member, means=given
    )
    return procedure.perform(actor, key, act)


def recuse(actor: Actor, key: str, version: int, reason: str = "") -> Event:
    """Take no part in the drafting of a text any more, nor see what one's group says of it among itself."""
    return procedure.perform(actor, key, Act(Action.RECUSE, version, canonical_text(reason)))


def rejoin(actor: Actor, key: str, version: int) -> Event:
    """Take part in the drafting again."""
    return procedure.perform(actor, key, Act(Action.REJOIN, version))


def agree_to_version(actor: Actor, key: str, version: int) -> Event:
    """Record that the actor's group agrees to exactly this version."""
    return procedure.perform(actor, key, Act(Action.AGREE, version))


def request_changes(actor: Actor, key: str, version: int, reason: str) -> Event:
    """Send a proposal back to the proposing group with a reason."""
    return procedure.perform(actor, key, Act(Action.REQUEST_CHANGES, version, canonical_text(reason)))


def decline(actor: Actor, key: str, version: int, reason: str) -> Event:
    """Decline a proposal for the actor's group."""
    return procedure.perform(actor, key, Act(Action.DECLINE, version, canonical_text(reason)))


def open_thread(
    actor: Actor,
    key: str,
    text: str,
    *,
    internal: bool,
    version: int,
    paragraph: int | None = None,
    words: str = "",
    near: int | None = None,
) -> str:
    """Open a thread on the document, paragraph `paragraph` (from 1) or words of either, and return its key.

    `words` are as a reader sees them, `near` as in `anchors.Aim`. Raises `NotFound`, `NotPermitted`,
    `StaleVersion`, `InvalidInput` (an empty comment, no such paragraph, words that are not there or several
    times), `UnacceptableText`.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        _allow(actor, loaded, internal=internal)
        thread = add_thread(
            work, actor, loaded, version, Aim(paragraph, words, near), internal=internal, kind="comment"
        )
        _add_comment(work, actor, thread, text)
        record(work, actor, loaded, thread, "thread_opened")
        return thread.key


def add_thread(
    work: Work, actor: Actor, loaded: Loaded, version: int, aim: Aim, *, internal: bool, kind: str
) -> Thread:
    """Store a thread on the newest version that the actor sees, with its places, but without a comment.

    Raises `StaleVersion` and `InvalidInput` as `anchors.find` does.
    """
    seen = loaded.item.version_for(actor)
    if seen is None or version != seen.number:
        raise StaleVersion(named=version, head=seen.number if seen else None)
    words, language = anchors.words_of(work, loaded, version)
    place, quote = anchors.find(words, aim)
    thread = Thread(
        key=secrets.token_hex(6),
        recommendation_id=loaded.item.id,
        group_id=actor.group_id,
        kind=kind,
        internal=internal,
        version_number=version,
        language=language if place else None,
        field=aim.field,
        paragraph=place.paragraph if place else None,
        start_at=place.start if place else None,
        end_at=place.end if place else None,
        quote=quote,
        opened_at=work.now,
    )
    work.session.add(thread)
    work.session.flush()
    if place:
        anchors.store_places(work, loaded, thread, place, words)
    return thread


def raise_concern(actor: Actor, key: str, text: str, *, version: int, aim: Aim = WHOLE_TEXT) -> str:
    """Open a shared thread that must be answered before the actor's group can agree; return its key.

    Raises what `decide` raises, and `InvalidInput` and `UnacceptableText` as `open_thread` does.
    """
    with transaction() as work:
        loaded = procedure.lock(work, actor, key)
        words = canonical_text(text)
        event = procedure.decided(work, actor, loaded, Act(Action.RAISE_CONCERN, version, words))
        thread = add_thread(work, actor, loaded, version, aim, internal=False, kind="concern")
        _add_comment(work, actor, thread, text)
        procedure.carry_out(work, loaded, event, thread=thread.key)
        return thread.key


def end_concern(
    actor: Actor, key: str, thread_key: str, version: int, end: ConcernEnd | None, text: str
) -> Event:
    """End an open concern, as its author or their lead, with words that stand in its thread.

    `end` is None when nothing was chosen, which the rules refuse. Raises `NotFound` (no such concern) and
    what `decide` raises; ending an ended one is refused with `no_such_concern`.
    """
    with transaction() as work:
        loaded, thread = _lock_thread(work, actor, key, thread_key)
        if thread.kind != "concern":
            raise NotFound()
        words = canonical_text(text)
        author = work.session.scalars(
            select(Comment.person_id).where(Comment.thread_id == thread.id).order_by(Comment.id).limit(1)
        ).one()
        is_open = thread.resolved_at is None
        act = Act(Action.END_CONCERN, version, words, concern=author if is_open else None, concern_end=end)
        event = procedure.decided(work, actor, loaded, act)
        _add_comment(work, actor, thread, words)
        thread.resolved_at, thread.resolved_by, thread.outcome = work.now, actor.person_id, event.concern_end
        work.session.flush()
        procedure.carry_out(work, loaded, event, thread=thread.key, outcome=str(event.concern_end))
    return event


def confirm_place(actor: Actor, key: str, thread_key: str, version: int, *, right: bool) -> None:
    """Say of a thread's approximate place in a version whether these are the words that were meant.

    If not, only their paragraph is kept. A place that is not approximate (any more) stays as it is. Raises
    `NotFound`, `NotPermitted`, `StaleVersion`.
    """
    with transaction() as work:
        loaded, thread = _lock_thread(work, actor, key, thread_key)
        seen = loaded.item.version_for(actor)
        if seen is None or version != seen.number:
            raise StaleVersion(named=version, head=seen.number if seen else None)
        if anchors.confirm(work, loaded, thread, version, actor.person_id if right else None):
            record(work, actor, loaded, thread, "place_confirmed" if right else "place_rejected")


def reply(actor: Actor, key: str, thread_key: str, text: str) -> None:
    """Add a comment to a thread. Raises as `open_thread` does."""
    with transaction() as work:
        loaded, thread = _lock_thread(work, actor, key, thread_key)
        _add_comment(work, actor, thread, text)
        record(work, actor, loaded, thread, "comment_added")


def resolve_thread(actor: Actor, key: str, thread_key: str) -> None:
    """Close a thread; resolving a resolved one changes nothing."""
    with transaction() as work:
        loaded, thread = _lock_thread(work, actor, key, thread_key)
        _refuse_concern(thread)
        if thread.resolved_at is None:
            thread.resolved_at, thread.resolved_by = work.now, actor.person_id
            record(work, actor, loaded, thread, "thread_resolved")


def reopen_thread(actor: Actor, key: str, thread_key: str) -> None:
    """Open a resolved thread again; reopening an open one changes nothing."""
    with transaction() as work:
        loaded, thread = _lock_thread(work, actor, key, thread_key)
        _refuse_concern(thread)
        if thread.resolved_at is not None:
            thread.resolved_at, thread.resolved_by = None, None
            record(work, actor, loaded, thread, "thread_reopened")


def _refuse_concern(thread: Thread) -> None:
    """A concern ends by an act of the ballot's table, and a new one is raised instead of an old one."""
    if thread.kind == "concern":
        raise NotPermitted(action=Action.END_CONCERN)


def _allow(actor: Actor, loaded: Loaded, *, internal: bool) -> None:
    own = (actor.group_id or 0) if internal else None
    demand(Permission.COMMENT, actor, about_item(actor, loaded.item, internal_to=own))


def _lock_thread(work: Work, actor: Actor, key: str, thread_key: str) -> tuple[Loaded, Thread]:
    loaded = procedure.lock(work, actor, key)
    thread = work.session.scalars(
        select(Thread).where(Thread.recommendation_id == loaded.item.id, Thread.key == thread_key)
    ).one_or_none()
    if thread is None:
        raise NotFound()
    internal_to = thread.group_id if thread.internal else None
    about = about_item(actor, loaded.item, internal_to=internal_to)
    demand(Permission.READ_THREAD, actor, about)
    demand(Permission.COMMENT, actor, about)
    return loaded, thread


def _add_comment(work: Work, actor: Actor, thread: Thread, text: str) -> None:
    words = canonical_text(text)
    if not words:
        raise InvalidInput(field="text", problem="missing")
    work.session.add(Comment(thread_id=thread.id, person_id=actor.person_id, text=words, at=work.now))


def record(work: Work, actor: Actor, loaded: Loaded, thread: Thread, name: str) -> None:
    """Note that something happened in a thread, for everybody who sees the thread."""
    entry = procedure.beside(loaded, actor, name, thread=thread.key)
    work.record(replace(entry, internal_to=thread.group_id if thread.internal else None))

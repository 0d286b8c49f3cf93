"""Where threads' words stand in each version: found when a thread is opened, carried when a text is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, insert, select

from reviewflow.domain.anchors import Hold, Place, carry
from reviewflow.domain.crossings import Crossing
from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.manifest import MARKDOWN, WORDED, Manifest, Wording
from reviewflow.domain.text import split_blocks
from reviewflow.gateways.marks import find_words, plain_blocks
from reviewflow.gateways.rendering import visible_blocks
from reviewflow.persistence.models.deliberation import PlacementRow, Thread
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.repository import Loaded
from reviewflow.services.transaction import Work


@dataclass(frozen=True, slots=True)
class Aim:
    """What a thread is to be on: a paragraph (from 1), the document, or `words` of either as they are seen.

    The paragraph is one of `field`. `near` counts the characters of the paragraph before the words, without
    white space, where the same words stand there more than once.
    """

    paragraph: int | None = None
    words: str = ""
    near: int | None = None
    field: str = "text"


WHOLE_TEXT: Final = Aim()


@dataclass(frozen=True, slots=True)
class Carried:
    """A thread on words or a paragraph, and where it stands in the version that was just made."""

    thread_id: int
    kind: str
    place: Place


def find(wording: Wording, aim: Aim) -> tuple[Place | None, str]:
    """The place that is aimed at in a wording, and what is quoted there; None and nothing for the document.

    Raises `InvalidInput`: no such field or paragraph, words that are not there, or several times.
    """
    if aim.field not in WORDED:
        raise InvalidInput(field="paragraph", problem="no_such_paragraph", number=0)
    text = getattr(wording, aim.field)
    blocks = split_blocks(text)
    if aim.paragraph is not None and not 1 <= aim.paragraph <= len(blocks):
        raise InvalidInput(field="paragraph", problem="no_such_paragraph", number=aim.paragraph)
    if not aim.words.strip():
        if aim.paragraph is None:
            return None, ""
        return Place(Hold.EXACT, aim.paragraph), blocks[aim.paragraph - 1].text
    named = None if aim.paragraph is None else {aim.paragraph}
    seen = visible_blocks(text, named) if aim.field in MARKDOWN else plain_blocks(text, named)
    found = [
        (number, start, end)
        for number, characters in seen.items()
        for start, end in find_words(characters, aim.words, aim.near)
    ]
    if len(found) != 1:
        problem = "words_not_there" if not found else "words_several_times"
        raise InvalidInput(field="words", problem=problem, count=len(found))
    number, start, end = found[0]
    return Place(Hold.EXACT, number, start, end), blocks[number - 1].text[start:end]


def store_places(work: Work, loaded: Loaded, thread: Thread, place: Place, words: Wording) -> None:
    """Store a thread's place in the version that it names, and in those that others read or that follow.

    `words` are that version's. A counterpart comments on the circulated text while the proposing group
    may have saved a newer one, and that group on its own while the others read the circulated one.
    """
    others = {loaded.item.head.number}
    if loaded.item.circulated and not thread.internal:
        others.add(loaded.item.circulated.number)
    rows = [_row(thread.id, thread.version_number, place)]
    for number in sorted(others - {thread.version_number}):
        there = words_of(work, loaded, number)[0]
        crossing = Crossing(getattr(words, thread.field), getattr(there, thread.field))
        carried = carry(crossing, place, thread.quote, whole=thread.start_at is None)
        rows.append(_row(thread.id, number, carried))
    work.session.execute(insert(PlacementRow), rows)


def confirm(work: Work, loaded: Loaded, thread: Thread, version: int, person_id: int | None) -> bool:
    """Note on an approximate place who found it right, or (None) that nobody does; False if there is none.

    Where the head is newer than `version`, the place there follows.
    """
    row = work.session.get(PlacementRow, (thread.id, version))
    if row is None or row.hold != Hold.APPROXIMATE or row.confirmed_by is not None:
        return False
    if person_id is None:
        row.hold, row.start_at, row.end_at = Hold.PARAGRAPH, None, None
    else:
        row.confirmed_by = person_id
    head = loaded.item.head.number
    if head != version and (later := work.session.get(PlacementRow, (thread.id, head))):
        texts = (getattr(words_of(work, loaded, number)[0], thread.field) for number in (version, head))
        place = carry(Crossing(*texts), place_of(row), thread.quote, confirmed=person_id is not None)
        later.hold, later.paragraph = place.hold, place.paragraph
        later.start_at, later.end_at = place.start, place.end
    return True


def place_of(row: Any) -> Place:
    """The place in a row of placements; of a thread without one (None), nowhere."""
    return Place(Hold(row.hold or Hold.DETACHED), row.paragraph, row.start_at, row.end_at)


def carry_places(work: Work, loaded: Loaded, new: Manifest, number: int) -> list[Carried]:
    """Carry every thread of an item from its head to the version `number` that is being made.

    Comments in are comments out: also those of whose words nothing is left have a row.
    """
    rows = work.session.execute(
        select(
            Thread.id,
            Thread.kind,
            Thread.field,
            Thread.quote,
            Thread.start_at.is_(None).label("whole"),
            PlacementRow.hold,
            PlacementRow.paragraph,
            PlacementRow.start_at,
            PlacementRow.end_at,
            PlacementRow.confirmed_by,
        )
        .join(
            PlacementRow,
            and_(
                PlacementRow.thread_id == Thread.id,
                PlacementRow.version_number == loaded.item.head.number,
            ),
            isouter=True,
        )
        .where(Thread.recommendation_id == loaded.item.id, Thread.paragraph.is_not(None))
        .order_by(Thread.id)
    ).all()
    if not rows:
        return []
    old = Manifest.from_bytes(loaded.manifest).wording
    crossings = {
        field: Crossing(getattr(old, field), getattr(new.wording, field))
        for field in {row.field for row in rows}
    }
    carried = [
        Carried(
            row.id,
            row.kind,
            carry(
                crossings[row.field],
                place_of(row),
                row.quote,
                whole=row.whole,
                confirmed=row.confirmed_by is not None,
            ),
        )
        for row in rows
    ]
    work.session.execute(insert(PlacementRow), [_row(one.thread_id, number, one.place) for one in carried])
    return carried


def words_of(work: Work, loaded: Loaded, number: int) -> tuple[Wording, str]:
    """The words of one version of a locked item, and their language."""
    if number == loaded.item.head.number:
        manifest = Manifest.from_bytes(loaded.manifest)
        return manifest.wording, manifest.authentic_language
    stored = work.session.scalars(
        select(VersionRow.manifest).where(
            VersionRow.recommendation_id == loaded.item.id, VersionRow.number == number
        )
    ).one()
    manifest = Manifest.from_bytes(stored)
    return manifest.wording, manifest.authentic_language


def _row(thread_id: int, number: int, place: Place) -> dict[str, Any]:
    return {
        "thread_id": thread_id,
        "version_number": number,
        "hold": place.hold,
        "paragraph": place.paragraph,
        "start_at": place.start,
        "end_at": place.end,
    }

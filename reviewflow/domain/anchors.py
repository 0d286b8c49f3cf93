"""Where the words that a thread is about stand in the next version of a text, told honestly."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from reviewflow.domain.crossings import Crossing, letters_in
from reviewflow.domain.text import Block

#: The least likeness (0 to 1) at which changed words are still taken for the same ones (mechanisms.md).
LIKE: Final = 0.8
#: Words of which nothing was taken away may have so many put between them that half of the letters are new.
_LIKE_IF_ALL_KEPT: Final = 2 / 3
#: Words found far from their place must be this alike, and this much more alike than the next best.
_LIKE_ELSEWHERE: Final = 0.9
_CLEARLY: Final = 0.1
#: Fewer words or letters are not looked for elsewhere: "the report" would be found anywhere.
_TELLING_WORDS: Final = 3
_TELLING_LETTERS: Final = 16
#: So many may have changed a little where everything around them is new.
_MANY_WORDS: Final = 5
#: How many words on either side tell one "shall" from another, and what part of all must have stayed.
_SURROUNDINGS: Final = 5
_STAYED: Final = 0.5
#: Where they are looked for, in characters.
_FAR: Final = 200

_WORD = re.compile(r"\w+")


class Hold(StrEnum):
    """How well an anchor holds in a version, from best to worst (mechanisms.md, Anchored comments)."""

    #: The same words at the same place of the same paragraph.
    EXACT = "exact"
    #: The same words, at another place.
    MOVED = "moved"
    #: Words much like them, or the same in other surroundings: somebody should confirm that they are meant.
    APPROXIMATE = "approximate"
    #: The paragraph is there, the words are not; of a thread on a paragraph: its words were changed.
    PARAGRAPH = "paragraph"
    #: Nothing of it is left in the text.
    DETACHED = "detached"


#: The holds under which nothing of the words was changed.
UNCHANGED: Final = frozenset({Hold.EXACT, Hold.MOVED})
_ORDER: Final = list(Hold)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an anchor stands in one version: characters `[start:end]` of block `paragraph` (from 1).

    `start` and `end` are None where only the paragraph is known (or meant), all three where nothing is.
    """

    hold: Hold
    paragraph: int | None = None
    start: int | None = None
    end: int | None = None


DETACHED: Final = Place(Hold.DETACHED)


def carry(
    crossing: Crossing, place: Place, quote: str, *, whole: bool = False, confirmed: bool = False
) -> Place:
    """Where the anchor at `place` of the old text stands in the new one: always somewhere, if only nowhere.

    `quote` is the anchor's words as they were set, or the text of its paragraph if it is on the `whole` of
    one. `confirmed` says that somebody found an approximate place right: then its words are what is
    carried. A hold gets no better than it was, unless the words of the quote are back.
    """
    if place.paragraph is None or not 1 <= place.paragraph <= len(crossing.old_blocks):
        return _back_again(crossing, None, quote, whole=whole)
    block = crossing.old_blocks[place.paragraph - 1]
    if place.start is None or place.end is None:
        return _carry_paragraph(crossing, place, block, quote, whole=whole)
    start, end = block.start + place.start, block.start + place.end
    if start >= end:
        return _carry_point(crossing, place, block, start)
    before = Hold.EXACT if confirmed else place.hold
    wanted = quote if before is Hold.APPROXIMATE else crossing.old[start:end]
    found = _through(crossing, block, start, end, wanted) or _elsewhere(crossing, block, wanted)
    if found is None:
        return _paragraph(crossing, block)
    if before is Hold.APPROXIMATE and _bare(_words_at(crossing, found)) == _bare(quote):
        return found
    return _at_best(found, before)


def _carry_paragraph(crossing: Crossing, place: Place, block: Block, quote: str, *, whole: bool) -> Place:
    """A thread on a whole paragraph, or one of which nothing but the paragraph was left."""
    partner = crossing.partner(block)
    if partner is None:
        return _back_again(crossing, None, quote, whole=whole)
    found = Place(Hold.PARAGRAPH, partner.index)
    if whole:
        if partner.text != quote:
            return found
        stayed = partner.index == block.index and place.hold is Hold.EXACT
        return replace(found, hold=Hold.EXACT if stayed else Hold.MOVED)
    return found if partner.text == block.text else _back_again(crossing, partner, quote, whole=False)


def _carry_point(crossing: Crossing, place: Place, block: Block, at: int) -> Place:
    """A place between two characters holds only while what is on either side of it is the same."""
    left, right = max(at - 1, block.start), min(at + 1, block.end)
    for kept in crossing.kept(left, right):
        there = kept.new + at - kept.old
        home = crossing.home(there)
        if home is None or kept.length < right - left:
            continue
        at_border = (at == block.start and there != home.start) or (at == block.end and there != home.end)
        if not at_border and _is_in_its_surroundings(crossing, (at, at), (there, there), block, home):
            return _at_best(_place(crossing, block, home, at, there, there), place.hold)
    return _paragraph(crossing, block)


def _through(crossing: Crossing, block: Block, start: int, end: int, wanted: str) -> Place | None:
    """The words where the differences between the texts lead; None if they are no longer alike."""
    homes = crossing.by_home(crossing.kept(start, end))
    letters = crossing.letters(homes)
    best = max(letters, key=lambda n: (letters[n], -n), default=None)
    if best is None:
        return None
    home, parts = crossing.new_blocks[best - 1], homes[best]
    left = min(part.new for part in parts)
    right = max(part.new + part.length for part in parts)
    # Where words at the edge were replaced, what stands in their place may belong to them.
    lefts = {left, max(crossing.added_until(left), home.start) if parts[0].old > start else left}
    last = parts[-1].old + parts[-1].length
    rights = {right, min(crossing.added_from(right), home.end) if last < end else right}
    options = {_stripped(crossing.new, a, b) for a in lefts for b in rights}
    likeness = {(a, b): _alike(wanted, crossing.new[a:b]) for a, b in options}
    best_likeness = max(likeness.values())
    left, right = max(
        (place for place in options if likeness[place] > best_likeness - _CLEARLY),
        key=lambda place: (place[1] - place[0], place),
    )
    same = _bare(wanted) == _bare(crossing.new[left:right])
    all_kept = letters[best] == letters_in(crossing.old[start:end])
    if not same and best_likeness < (_LIKE_IF_ALL_KEPT if all_kept else LIKE):
        return None
    known = _is_in_its_surroundings(crossing, (start, end), (left, right), block, home)
    if not known and not (_is_telling(wanted) and (same or len(_WORD.findall(wanted)) >= _MANY_WORDS)):
        return None
    place = _place(crossing, block, home, start, left, right)
    return place if same and known else replace(place, hold=Hold.APPROXIMATE)


def _elsewhere(crossing: Crossing, block: Block, wanted: str) -> Place | None:
    """The words among those that the old text did not have: in the paragraph, then anywhere."""
    if not _is_telling(wanted):
        return None
    partner = crossing.partner(block)
    near = _search(crossing, wanted, LIKE, partner) if partner else None
    return near or _search_everywhere(crossing, wanted)


def _back_again(crossing: Crossing, partner: Block | None, quote: str, *, whole: bool) -> Place:
    """Words that an earlier version lost may be back; if not, their paragraph is what is left."""
    left = Place(Hold.PARAGRAPH, partner.index) if partner else DETACHED
    if not _is_telling(quote):
        return left
    if whole:
        same = [block.index for block in crossing.new_blocks if block.text == quote]
        return Place(Hold.MOVED, same[0]) if len(same) == 1 else left
    found = _search(crossing, quote, _LIKE_ELSEWHERE, partner) if partner else None
    return found or _search_everywhere(crossing, quote) or left


def _search_everywhere(crossing: Crossing, wanted: str) -> Place | None:
    """Far from their place, few words must be the very same: "our existing guidance" is like too much."""
    least = _LIKE_ELSEWHERE if len(_WORD.findall(wanted)) >= _MANY_WORDS else 1.0
    return _search(crossing, wanted, least, None)


def _search(crossing: Crossing, wanted: str, least: float, within: Block | None) -> Place | None:
    """The one clearly best likeness of the words in the new stretches of a paragraph, or of the text."""
    found: list[tuple[float, int, int]] = []
    for start, end in crossing.fresh():
        if within is None or (within.start <= start and end <= within.end):
            found.extend(
                (alike, start + a, start + b) for alike, a, b in _likest(wanted, crossing.new[start:end])
            )
    found.sort(reverse=True)
    if not found or found[0][0] < least or (found[1:] and found[1][0] > found[0][0] - _CLEARLY):
        return None
    _, left, right = found[0]
    home = crossing.home(left)
    assert home is not None
    return Place(Hold.APPROXIMATE, home.index, left - home.start, right - home.start)


def _likest(wanted: str, text: str) -> list[tuple[float, int, int]]:
    """Where a text is most like the words, and where the rest of it is: (likeness, start, end) of each."""
    found: list[tuple[float, int, int]] = []
    waiting = [(0, len(text))]
    while waiting and len(found) < 2:
        start, end = waiting.pop(0)
        if end - start < len(wanted) * LIKE:
            continue
        match = fuzz.partial_ratio_alignment(wanted, text[start:end], score_cutoff=100 * (LIKE - _CLEARLY))
        if match is None:
            continue
        left, right = _whole_words(text, start + match.dest_start, start + match.dest_end)
        found.append((_alike(wanted, text[left:right]), left, right))
        waiting += [(start, left), (right, end)]
    return found


def _paragraph(crossing: Crossing, block: Block) -> Place:
    partner = crossing.partner(block)
    return Place(Hold.PARAGRAPH, partner.index) if partner else DETACHED


def _place(crossing: Crossing, block: Block, home: Block, old_start: int, start: int, end: int) -> Place:
    """The place of words that are the same; exact if they are where they were in the same paragraph."""
    partner = crossing.partner(block)
    stayed = partner is not None and partner.index == home.index
    exact = stayed and start - home.start == old_start - block.start
    return Place(Hold.EXACT if exact else Hold.MOVED, home.index, start - home.start, end - home.start)


def _is_in_its_surroundings(
    crossing: Crossing, old: tuple[int, int], new: tuple[int, int], block: Block, home: Block
) -> bool:
    """Whether enough of the words and those around them stayed to tell that they are the same ones."""
    if block.text == home.text and crossing.is_single(block.text):
        return True
    words = len(_WORD.findall(crossing.old[slice(*old)]))
    paragraphs = (block.start, block.end), (home.start, home.end)
    # Of a short paragraph, and of one that was split or joined, the neighbours tell more.
    for old_bounds, new_bounds in (paragraphs, ((0, len(crossing.old)), (0, len(crossing.new)))):
        kept, count = words, words
        sides = zip(
            _around(crossing.old, old, old_bounds), _around(crossing.new, new, new_bounds), strict=True
        )
        for before, after in sides:
            kept += (Counter(before) & Counter(after)).total()
            count += max(len(before), len(after))
        if count > words and kept >= count * _STAYED:
            return True
    return count == words


def _around(text: str, span: tuple[int, int], bounds: tuple[int, int]) -> tuple[list[str], list[str]]:
    """The last words before a place and the first after it, whatever their letter case."""
    before = text[max(bounds[0], span[0] - _FAR) : span[0]].casefold()
    after = text[span[1] : min(bounds[1], span[1] + _FAR)].casefold()
    return _WORD.findall(before)[-_SURROUNDINGS:], _WORD.findall(after)[:_SURROUNDINGS]


def _at_best(place: Place, hold: Hold) -> Place:
    """The place with the worse of its own hold and another."""
    return replace(place, hold=max(place.hold, hold, key=_ORDER.index))


def _words_at(crossing: Crossing, place: Place) -> str:
    assert place.paragraph is not None
    return crossing.new_blocks[place.paragraph - 1].text[place.start : place.end]


def _is_telling(words: str) -> bool:
    return letters_in(words) >= _TELLING_LETTERS and len(_WORD.findall(words)) >= _TELLING_WORDS


def _alike(words: str, others: str) -> float:
    """How alike two wordings are, from 0 to 1, whatever spaces and line ends are between the words."""
    return fuzz.ratio(" ".join(words.split()), " ".join(others.split())) / 100


def _bare(words: str) -> str:
    return "".join(words.split())


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """The same stretch without white space at its edges."""
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The same stretch with the rest of the words at its edges, and no white space there."""
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return _stripped(text, start, end)

"""Suggestions: words for the place of other words, which of them collide, what accepting makes of a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from reviewflow.domain.errors import Refusal
from reviewflow.domain.manifest import WORDED, Wording
from reviewflow.domain.text import (
    Block,
    UnacceptableText,
    canonical_line,
    canonical_text,
    item_marker,
    split_blocks,
    split_gaps,
)

#: The longest wording that may be suggested, in characters.
MAX_AFTER = 4_000


class SuggestionsCollide(Refusal):
    """Suggestions that cannot be accepted together; `pairs` are tuples of two keys."""

    code = "suggestions_collide"


class WordsGone(Refusal):
    """A suggestion's words no longer stand in the text as they were; `keys` name the suggestions."""

    code = "words_gone"


class ReachesBeyond(Refusal):
    """A wording that would change paragraphs other than its own, or make a text that cannot be stored."""

    code = "reaches_beyond"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`after` for the place of `before`: `[start:end]` (characters) of block `paragraph` (from 1) of `field`.

    `before` is never empty: new words are suggested together with those that they stand beside, so that
    there is always something by which to find the place again. An empty `after` takes `before` out. `field`
    is one of `WORDED`.
    """

    key: str
    paragraph: int
    start: int
    end: int
    before: str
    after: str
    field: str = "text"

    @property
    def home(self) -> tuple[str, int]:
        """The paragraph that it is in."""
        return self.field, self.paragraph

    @property
    def change(self) -> tuple[str, int, int, int, str]:
        """What it makes of which place; equal ones do not collide."""
        return self.field, self.paragraph, self.start, self.end, self.after


def stands(words: Wording, suggestion: Suggestion) -> bool:
    """Whether a wording has a suggestion's words exactly at its place."""
    return _stands(split_blocks(getattr(words, suggestion.field)), suggestion)


def _stands(blocks: Sequence[Block], suggestion: Suggestion) -> bool:
    if not suggestion.before or not 1 <= suggestion.paragraph <= len(blocks):
        return False
    return blocks[suggestion.paragraph - 1].text[suggestion.start : suggestion.end] == suggestion.before


def with_space(block: str, start: int, end: int) -> tuple[int, int]:
    """The place `[start:end]` of a block, with the space that goes along when its words are taken out.

    That is the space before, or at the beginning of a line or after an opening sign, the one after.
    """
    if start > len(item_marker(block)) and block[start - 1] == " " and not block[end : end + 1].isalnum():
        return start - 1, end
    opens = start <= len(item_marker(block)) or block[start - 1] in "\n([\"'«“"
    if opens and block[end : end + 1] == " ":
        return start, end + 1
    return start, end


def collisions(words: Wording, suggestions: Sequence[Suggestion]) -> tuple[tuple[str, str], ...]:
    """The pairs that cannot both be accepted, by key, in the order given.

    Two collide when they want different words for places that overlap, when one of them takes out or
    divides the paragraph of both, or when paragraphs would run into each other with both in the text.
    Equal ones do not collide. Those that overlap are found in n log n steps and one for each pair.
    """
    found = _overlapping(suggestions) or _running_together(words, suggestions)
    return tuple((suggestions[one].key, suggestions[other].key) for one, other in sorted(found))


#: Two of the suggestions given, by their place in the order.
_Pair: TypeAlias = tuple[int, int]


def _overlapping(suggestions: Sequence[Suggestion]) -> list[_Pair]:
    """Go through the places from left to right, and keep those that reach beyond where one has come."""
    wanting: dict[tuple[str, int, int, int, str], list[int]] = defaultdict(list)
    for number, suggestion in enumerate(suggestions):
        wanting[suggestion.change].append(number)
    found: list[_Pair] = []
    reaching: list[tuple[str, int, int, int, str]] = []
    for change in sorted(wanting):
        field, paragraph, start, *_ = change
        reaching = [one for one in reaching if one[:2] == (field, paragraph) and one[3] > start]
        for one in reaching:
            found += [(min(a, b), max(a, b)) for a in wanting[one] for b in wanting[change]]
        reaching.append(change)
    return found


def _running_together(words: Wording, suggestions: Sequence[Suggestion]) -> list[_Pair]:
    """Neighbours that can't both be accepted though they do not overlap; all, if no two alone are to blame.

    Those are asked for one by one only where it is known that some are refused.
    """
    if not _is_refused(words, suggestions):
        return []
    blocks = {field: split_blocks(getattr(words, field)) for field in WORDED}
    alone = {n for n, s in enumerate(suggestions) if _stands_alone(blocks[s.field][s.paragraph - 1], s)}
    others = [s for number, s in enumerate(suggestions) if number not in alone]
    asked = set(range(len(suggestions))) if _is_refused(words, others) else alone
    homes: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, suggestion in enumerate(suggestions):
        homes[suggestion.home].append(number)
    near = {
        (min(one, other), max(one, other))
        for one in asked
        for beside in (-1, 0, 1)
        for other in homes.get((suggestions[one].field, suggestions[one].paragraph + beside), ())
        if one != other and suggestions[one].change != suggestions[other].change
    }
    refused = [pair for pair in near if _are_refused(words, blocks, [suggestions[n] for n in pair])]
    return refused or list(near)


def _are_refused(words: Wording, blocks: dict[str, tuple[Block, ...]], pair: list[Suggestion]) -> bool:
    """The same as `_is_refused`, of neighbours: nothing beyond the paragraphs beside them is asked about."""
    (field,) = {s.field for s in pair}
    first = max(min(s.paragraph for s in pair) - 1, 1)
    last = min(max(s.paragraph for s in pair) + 1, len(blocks[field]))
    around = getattr(words, field)[blocks[field][first - 1].start : blocks[field][last - 1].end]
    shifted = [replace(s, paragraph=s.paragraph - first + 1) for s in pair]
    return _is_refused(replace(words, **{field: around}), shifted)


def _is_refused(words: Wording, suggestions: Sequence[Suggestion]) -> bool:
    try:
        _edited(words, suggestions)
    except (ReachesBeyond, UnacceptableText):
        return True
    return False


def accepted(words: Wording, suggestions: Sequence[Suggestion]) -> Wording:
    """The wording with all of `suggestions` accepted at once, in any order if there is no collision.

    A paragraph of which nothing is left goes with its number; a title never goes. Raises `WordsGone`,
    `SuggestionsCollide`, `ReachesBeyond`, `UnacceptableText`.
    """
    blocks = {field: split_blocks(getattr(words, field)) for field in WORDED}
    if gone := tuple(s.key for s in suggestions if not _stands(blocks[s.field], s)):
        raise WordsGone(keys=gone)
    if pairs := collisions(words, suggestions):
        raise SuggestionsCollide(pairs=pairs)
    return replace(words, **{field: edited.text for field, edited in _edited(words, suggestions).items()})


def carried(
    words: Wording, taken: Sequence[Suggestion], others: Sequence[Suggestion]
) -> dict[str, Suggestion | None]:
    """Where `others` stand once `taken` are accepted, by key; None where their words were touched.

    Exact, since it is known what was changed: no words are looked for.
    """
    edited = _edited(words, taken)
    blocks = {field: split_blocks(new.text) for field, new in edited.items()}

    def place(s: Suggestion) -> Suggestion | None:
        if s.field not in edited:
            return s
        touched = any(s.home == t.home and s.start < t.end and t.start < s.end for t in taken)
        return None if touched else edited[s.field].moved(s, blocks[s.field])

    return {s.key: place(s) for s in others}


def _edited(words: Wording, suggestions: Sequence[Suggestion]) -> dict[str, _Edited]:
    """The fields that suggestions touch, with these accepted. Raises `ReachesBeyond`, `UnacceptableText`."""
    return {
        field: _Edited(field, getattr(words, field), [s for s in suggestions if s.field == field])
        for field in dict.fromkeys(s.field for s in suggestions)
    }


def _takes_out(block: Block, s: Suggestion) -> bool:
    """Whether accepting leaves nothing of a paragraph but its list marker."""
    kept = block.text[: s.start].strip(), block.text[s.end :].strip()
    return not s.after and kept[0] in ("", item_marker(block.text).strip()) and not kept[1]


def _stands_alone(block: Block, s: Suggestion) -> bool:
    """Whether a suggestion leaves room for no other in its paragraph: it takes it out, or divides it."""
    return _takes_out(block, s) or len(split_blocks(_replaced(block.text, [s]))) != 1


def _replaced(block: str, changes: Sequence[Suggestion]) -> str:
    for s in reversed(changes):
        block = block[: s.start] + s.after + block[s.end :]
    return block


class _Edited:
    """A field with suggestions accepted that do not overlap, and where each place of it has gone."""

    def __init__(self, field: str, text: str, suggestions: Iterable[Suggestion]) -> None:
        self._field = field
        self._blocks = split_blocks(text)
        self._changes: dict[int, list[Suggestion]] = {}
        for s in sorted(suggestions, key=lambda s: s.start):
            kept = self._changes.setdefault(s.paragraph, [])
            if s.change not in (other.change for other in kept):
                kept.append(s)
        self._starts: dict[int, int] = {}
        self.text = self._joined(split_gaps(text, self._blocks))
        self._refuse_beyond()

    def moved(self, s: Suggestion, blocks: Sequence[Block]) -> Suggestion | None:
        """The suggestion where its words stand now; `blocks` are those of the new text."""
        if s.paragraph not in self._starts:
            return None
        shift = sum(
            len(c.after) - len(c.before) for c in self._changes.get(s.paragraph, ()) if c.end <= s.start
        )
        start = self._starts[s.paragraph] + s.start + shift
        for block in blocks:
            if block.start <= start < block.end:
                place = start - block.start
                new = replace(s, paragraph=block.index, start=place, end=place + len(s.before))
                return new if _stands(blocks, new) else None
        return None

    def _piece(self, block: Block) -> str:
        """What has become of a block.

        Nothing, if a suggestion takes out all of it but a list marker; such a one stands alone in its
        paragraph, as does one that makes several paragraphs of it.
        """
        changes = self._changes.get(block.index, [])
        piece = _replaced(block.text, changes)
        if len(changes) > 1:
            alone = any(_stands_alone(block, s) for s in changes)
            if alone or len(split_blocks(piece)) != 1 or piece.strip() == item_marker(piece).strip():
                raise ReachesBeyond()
        return "" if any(_takes_out(block, s) for s in changes) else piece

    def _joined(self, gaps: Sequence[str]) -> str:
        """The pieces with the gaps between them; where a block went, the longer of the gaps beside it."""
        text, gap = gaps[0], ""
        for block, before in zip(self._blocks, gaps, strict=False):
            gap = max(gap, before, key=len)
            if piece := self._piece(block) if block.index in self._changes else block.text:
                text += gap if self._starts else ""
                self._starts[block.index] = len(text)
                text += piece
                gap = ""
        return text + (gaps[-1] if len(gaps) > 1 else "")

    def _refuse_beyond(self) -> None:
        """Every other paragraph must be what it was, and the text one that can be stored as it is.

        A title is one line, and never empty.
        """
        expected: list[str] = []
        for block in self._blocks:
            if block.index not in self._changes:
                expected.append(block.text)
            elif block.index in self._starts:
                expected.extend(new.text for new in split_blocks(self._piece(block)))
        stored = canonical_line(self.text) if self._field == "title" else canonical_text(self.text)
        is_gone = self._field == "title" and not stored
        if [b.text for b in split_blocks(self.text)] != expected or stored != self.text or is_gone:
            raise ReachesBeyond()

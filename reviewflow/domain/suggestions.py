"""Suggestions: words for the place of other words, which of them collide, what accepting makes of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from reviewflow.domain.errors import Refusal
from reviewflow.domain.text import (
    Block,
    UnacceptableText,
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
    """`after` for the place of `before`, which is `[start:end]` (characters) of block `paragraph` (from 1).

    `before` is never empty: new words are suggested together with those that they stand beside, so that
    there is always something by which to find the place again. An empty `after` takes `before` out.
    """

    key: str
    paragraph: int
    start: int
    end: int
    before: str
    after: str


def stands(text: str, suggestion: Suggestion) -> bool:
    """Whether a text has a suggestion's words exactly at its place."""
    return _stands(split_blocks(text), suggestion)


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


def collisions(text: str, suggestions: Sequence[Suggestion]) -> tuple[tuple[str, str], ...]:
    """The pairs that cannot both be accepted, by key, in the order given.

    Two collide when they want different words for places that overlap, when one of them takes out or
    divides the paragraph of both, or when paragraphs would run into each other with both in the text.
    Equal ones do not collide.
    """
    overlapping = [(a, b) for a, b in combinations(suggestions, 2) if _overlap(a, b) and not _equal(a, b)]
    if not overlapping:
        near = [(a, b) for a, b in combinations(suggestions, 2) if abs(a.paragraph - b.paragraph) <= 1]
        if _is_refused(text, suggestions):
            overlapping = [pair for pair in near if _is_refused(text, pair)] or near
    return tuple((a.key, b.key) for a, b in overlapping)


def _overlap(a: Suggestion, b: Suggestion) -> bool:
    return a.paragraph == b.paragraph and a.start < b.end and b.start < a.end


def _equal(a: Suggestion, b: Suggestion) -> bool:
    return (a.paragraph, a.start, a.end, a.after) == (b.paragraph, b.start, b.end, b.after)


def _is_refused(text: str, suggestions: Iterable[Suggestion]) -> bool:
    try:
        _Edited(text, suggestions)
    except (ReachesBeyond, UnacceptableText):
        return True
    return False


def accepted(text: str, suggestions: Sequence[Suggestion]) -> str:
    """The text with all of `suggestions` accepted at once; without collision their order makes no difference.

    A paragraph of which nothing is left goes with its number. Raises `WordsGone`, `SuggestionsCollide`,
    `ReachesBeyond`, `UnacceptableText`.
    """
    blocks = split_blocks(text)
    if gone := tuple(s.key for s in suggestions if not _stands(blocks, s)):
        raise WordsGone(keys=gone)
    if pairs := collisions(text, suggestions):
        raise SuggestionsCollide(pairs=pairs)
    return _Edited(text, suggestions).text


def carried(
    text: str, taken: Sequence[Suggestion], others: Sequence[Suggestion]
) -> dict[str, Suggestion | None]:
    """Where `others` stand once `taken` are accepted, by key; None where their words were touched.

    Exact, since it is known what was changed: no words are looked for.
    """
    edited = _Edited(text, taken)
    blocks = split_blocks(edited.text)
    return {s.key: None if any(_overlap(s, t) for t in taken) else edited.moved(s, blocks) for s in others}


def _takes_out(block: Block, s: Suggestion) -> bool:
    """Whether accepting leaves nothing of a paragraph but its list marker."""
    kept = block.text[: s.start].strip(), block.text[s.end :].strip()
    return not s.after and kept[0] in ("", item_marker(block.text).strip()) and not kept[1]


def _replaced(block: str, changes: Sequence[Suggestion]) -> str:
    for s in reversed(changes):
        block = block[: s.start] + s.after + block[s.end :]
    return block


class _Edited:
    """A text with suggestions accepted that do not overlap, and where each place of it has gone."""

    def __init__(self, text: str, suggestions: Iterable[Suggestion]) -> None:
        self._blocks = split_blocks(text)
        self._changes: dict[int, list[Suggestion]] = {}
        for s in sorted(suggestions, key=lambda s: s.start):
            kept = self._changes.setdefault(s.paragraph, [])
            if not any(_equal(s, other) for other in kept):
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
                new = Suggestion(s.key, block.index, place, place + len(s.before), s.before, s.after)
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
            alone = [_replaced(block.text, [s]) for s in changes if not _takes_out(block, s)]
            divided = any(len(split_blocks(text)) != 1 for text in (*alone, piece))
            if len(alone) < len(changes) or divided or piece.strip() == item_marker(piece).strip():
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
        """Every other paragraph must be what it was, and the text one that can be stored as it is."""
        expected: list[str] = []
        for block in self._blocks:
            if block.index not in self._changes:
                expected.append(block.text)
            elif block.index in self._starts:
                expected.extend(new.text for new in split_blocks(self._piece(block)))
        if [b.text for b in split_blocks(self.text)] != expected or canonical_text(self.text) != self.text:
            raise ReachesBeyond()

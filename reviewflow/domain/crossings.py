"""The way from one text to the next: which stretches both have, and which paragraph became which."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from reviewflow.domain.differences import split_tokens, steps, word_steps
from reviewflow.domain.text import Block, split_blocks

#: A paragraph is the same one if it kept this part of its letters, or has this part of its own from there.
SAME_PARAGRAPH: Final = 0.4
#: New words on both sides of so few kept letters are one new stretch: "of" stands in every sentence.
_HOLDS_TOGETHER: Final = 3

_LETTER = re.compile(r"\w")


class Kept(NamedTuple):
    """`old[old:old + length]` is `new[new:new + length]`, and the same words."""

    old: int
    new: int
    length: int


class Crossing:
    """Two texts, compared once for everything that goes from one to the other."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.old_blocks, self.new_blocks = split_blocks(old), split_blocks(new)
        self._old_texts = Counter(block.text for block in self.old_blocks)
        self._new_texts = Counter(block.text for block in self.new_blocks)
        self._kept = sorted(_kept(self))
        self._old_starts = [kept.old for kept in self._kept]
        self._new_starts = [block.start for block in self.new_blocks]
        taken = sorted((kept.new, kept.new + kept.length) for kept in self._kept)
        #: Stretches of the new text that the old one did not have.
        self._added = list(_gaps(taken, len(new)))
        self._added_starts = [start for start, _ in self._added]
        self._added_ends = [end for _, end in self._added]
        self._partners: dict[int, Block | None] = {}
        self._fresh: list[tuple[int, int]] | None = None

    def kept(self, start: int, end: int) -> Iterator[Kept]:
        """What the new text has of `old[start:end]`, in the order of the old text."""
        for number in range(max(bisect_right(self._old_starts, start) - 1, 0), len(self._kept)):
            old, new, length = self._kept[number]
            if old >= end:
                break
            first, last = max(old, start), min(old + length, end)
            if first < last:
                yield Kept(first, new + first - old, last - first)

    def is_single(self, text: str) -> bool:
        """Whether both texts have exactly one paragraph that reads so."""
        return self._old_texts[text] == 1 == self._new_texts[text]

    def home(self, at: int) -> Block | None:
        """The block of the new text that the character `at`, or the place after the last one, is in."""
        number = bisect_right(self._new_starts, at) - 1
        return self.new_blocks[number] if number >= 0 and at <= self.new_blocks[number].end else None

    def by_home(self, kept: Iterable[Kept]) -> dict[int, list[Kept]]:
        """Kept stretches by the number of the new block that they are in, cut at its borders."""
        found: dict[int, list[Kept]] = {}
        for old, new, length in kept:
            for number in range(max(bisect_right(self._new_starts, new) - 1, 0), len(self.new_blocks)):
                block = self.new_blocks[number]
                if block.start >= new + length:
                    break
                first, last = max(new, block.start), min(new + length, block.end)
                if first < last:
                    found.setdefault(block.index, []).append(Kept(old + first - new, first, last - first))
        return found

    def letters(self, homes: dict[int, list[Kept]]) -> dict[int, int]:
        """How many letters the kept stretches of `by_home` have in each block."""
        return {
            number: sum(letters_in(self.old[old : old + length]) for old, _, length in kept)
            for number, kept in homes.items()
        }

    def partner(self, block: Block) -> Block | None:
        """The paragraph of the new text that has most of an old one's letters; None if these are too few."""
        if block.index not in self._partners:
            homes = self.by_home(self.kept(block.start, block.end))
            letters = self.letters(homes)
            best = max(letters, key=lambda n: (letters[n], -abs(n - block.index)), default=None)
            partner = None
            if best is not None and letters[best]:
                candidate = self.new_blocks[best - 1]
                least = min(letters_in(block.text), letters_in(candidate.text)) * SAME_PARAGRAPH
                partner = candidate if letters[best] >= least else None
            self._partners[block.index] = partner
        return self._partners[block.index]

    def added_until(self, at: int) -> int:
        """Where the new stretch begins that ends at `at` of the new text; `at` if there is none."""
        number = bisect_left(self._added_ends, at)
        is_there = number < len(self._added) and self._added_ends[number] == at
        return self._added_starts[number] if is_there else at

    def added_from(self, at: int) -> int:
        """Where the new stretch ends that begins at `at` of the new text; `at` if there is none."""
        number = bisect_left(self._added_starts, at)
        is_there = number < len(self._added) and self._added_starts[number] == at
        return self._added_ends[number] if is_there else at

    def fresh(self) -> list[tuple[int, int]]:
        """Stretches within one block of the new text that are new but for a few letters in between."""
        if self._fresh is None:
            runs: list[tuple[int, int]] = []
            for start, end in self._added:
                home = self.home(start)
                if runs and home and runs[-1][0] >= home.start:
                    between = self.new[runs[-1][1] : start]
                    if letters_in(between) <= _HOLDS_TOGETHER:
                        start = runs.pop()[0]
                while home and start < end:
                    runs.append((max(start, home.start), min(end, home.end)))
                    following = home.index < len(self.new_blocks) and self.new_blocks[home.index]
                    home = following if following and following.start < end else None
                    start = home.start if home else end
            self._fresh = [(start, end) for start, end in runs if start < end]
        return self._fresh


def letters_in(text: str) -> int:
    """How many letters and digits a text has: spaces and signs tell little about what it is."""
    return len(_LETTER.findall(text))


def _gaps(taken: list[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    position = 0
    for start, end in [*taken, (length, length)]:
        if position < start:
            yield position, start
        position = max(position, end)


def _kept(crossing: Crossing) -> Iterator[Kept]:
    """Equal paragraphs in the same order, words between them, and paragraphs that went elsewhere unchanged.

    Words are compared across the borders of paragraphs, so that one that was split or joined keeps its own.
    """
    old, new = crossing.old_blocks, crossing.new_blocks
    in_order: list[Kept] = []
    for step in steps([block.text for block in old], [block.text for block in new]):
        lefts, rights = old[step.old_start : step.old_end], new[step.new_start : step.new_end]
        if step.equal:
            in_order.extend(
                Kept(left.start, right.start, len(left.text))
                for left, right in zip(lefts, rights, strict=True)
            )
        elif lefts and rights:
            in_order.extend(_kept_words(crossing, lefts, rights))
    gone = _went_elsewhere(crossing, in_order)
    for kept in in_order:
        # A paragraph that went elsewhere as a whole has left nothing behind.
        if not any(
            (left.start <= kept.old < left.end) or (right.start <= kept.new < right.end)
            for left, right in gone
        ):
            yield kept
    yield from (Kept(left.start, right.start, len(left.text)) for left, right in gone)


def _kept_words(crossing: Crossing, lefts: tuple[Block, ...], rights: tuple[Block, ...]) -> Iterator[Kept]:
    left, right = lefts[0].start, rights[0].start
    before = split_tokens(crossing.old[left : lefts[-1].end])
    after = split_tokens(crossing.new[right : rights[-1].end])
    for step in word_steps(before, after):
        length = sum(map(len, before[step.old_start : step.old_end]))
        if step.equal:
            yield Kept(left, right, length)
        left += length
        right += sum(map(len, after[step.new_start : step.new_end]))


def _went_elsewhere(crossing: Crossing, in_order: list[Kept]) -> list[tuple[Block, Block]]:
    """Paragraphs that stand once in both texts, of which the words in order lead elsewhere."""
    news = {block.text: block for block in crossing.new_blocks}
    whole = {(kept.old, kept.new) for kept in in_order}
    return [
        (block, news[block.text])
        for block in crossing.old_blocks
        if crossing.is_single(block.text)
        and (block.start, news[block.text].start) not in whole
        and letters_in(block.text)
    ]

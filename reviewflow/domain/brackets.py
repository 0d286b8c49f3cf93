"""Open brackets: text in [square brackets] is not agreed, and nothing is agreed to while one is open.

Who reads a text must see the same brackets as the gate counts, so what is no bracket is decided here,
narrowly: links and images to a web or mail address (inline, or through a definition that the text has), such
definitions, footnotes, task boxes, escaped brackets, code, and automatic links. Everything else counts:
`[shall](should)`, `[shall]` with a definition elsewhere, and unmatched brackets. A bracket belongs to its
block: an unmatched `[` is open to the end of the block, an unmatched `]` is an open bracket of that one
character.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from reviewflow.domain.text import (
    Block,
    count_words,
    item_marker,
    link_definitions,
    link_label,
    link_target_end,
    split_blocks,
)

#: Brackets below this depth are counted, but each stands for its opening character only.
MAX_DEPTH: Final = 20
#: The longest wording that may take the place of a bracket, in characters.
MAX_WORDING: Final = 4_000
_READINGS: Final = 4
#: A text with more top-level brackets cannot be amended bracket by bracket; it has to be revised.
MAX_BRACKETS: Final = 2_000
_LONGEST_LABEL: Final = 200

_REFERENCE = re.compile(r"\[([^\[\]\\\n]{0,200})\]")
_NOTE = re.compile(r"\[\^[\w-]{1,100}\]")
_TASK = re.compile(r"[ \t>]*(?:[-+*]|\d{1,9}[.)])[ \t]+(\[[ xX]\])(?=[ \t])")
_FENCE = re.compile(r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`\n]*$)|~{3,})")
_CLOSING_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*$")
_TICKS = re.compile(r"`+")
_TABLE = re.compile(r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t:-]*)+$", re.MULTILINE)
_CELL = re.compile(r"\n|(?<!\\)\|")
_BREAK = re.compile(r"\n(?=[ \t>]*(?:\n|#{1,6}[ \t]|[-+*][ \t]|\d{1,9}[.)][ \t]|`{3}|~{3}))")
_TOKEN = re.compile(
    r"\\[!-/:-@\[-`{-~]"
    r"|`+"
    r"|<(?:https?://|mailto:)[^\s<>]{1,2000}>"
    r"|(?:https?://|www\.)[^\s\[\]<>`\\]+"
    r"|!?\[|[\]/]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bracket:
    """`source[start:end]`, brackets included; `alternatives` is what is inside, divided, without outer
    spaces.

    `depth` is 0 for a top-level bracket. `dividers` are the places of the slashes that part the alternatives.
    `closed` is false for an unmatched bracket.
    """

    start: int
    end: int
    text: str
    alternatives: tuple[str, ...]
    depth: int
    inner: tuple["Bracket", ...]
    dividers: tuple[int, ...] = ()
    closed: bool = True


def find_brackets(text: str) -> tuple[Bracket, ...]:
    """The top-level open brackets of a Markdown text, in order."""
    return tuple(bracket for _, bracket in _placed_brackets(text, split_blocks(text)))


def count_open(text: str) -> int:
    """How many brackets are open, at every depth."""
    return sum(_count(bracket) for bracket in find_brackets(text))


def bracketed_share(text: str) -> tuple[int, int]:
    """Words in brackets (all alternatives), and all words."""
    return sum(count_words(bracket.text) for bracket in find_brackets(text)), count_words(text)


def clean(text: str, index: int, wording: str) -> str:
    """Put `wording` in the place of the top-level bracket number `index`, from 0.

    An empty wording takes the space before the bracket with it (at the start of a line, the space after it),
    or the whole block if nothing else is in it. Raises IndexError if there is no such bracket.
    """
    blocks = split_blocks(text)
    block_index, bracket = _placed_brackets(text, blocks)[index]
    start, end = bracket.start, bracket.end
    if not wording:
        before, after, alone = _margins(text, blocks, block_index, bracket)
        at_line_start = text[start - 1 : start] in {"", "\n"}
        if alone or not text[end : end + 1].isalnum():
            start -= before
        if alone or at_line_start:
            end += after
    return text[:start] + wording + text[end:]


def only_brackets_changed(old: str, new: str) -> bool:
    """Whether `new` is `old` with one or more top-level brackets replaced, and all text outside unchanged.

    A wording is at most MAX_WORDING characters, and has a line end only if its bracket had one, so that it
    cannot bring a paragraph with it. Follows the texts once from left to right, a bounded number of readings
    at a time: a text that is ambiguous beyond that is refused, never accepted.
    """
    blocks = split_blocks(old)
    placed = _placed_brackets(old, blocks)
    if old == new or not 0 < len(placed) <= MAX_BRACKETS:
        return False
    brackets = [bracket for _, bracket in placed]
    margins = [_margins(old, blocks, index, bracket) for index, bracket in placed]
    follow = _Follower(new)
    follow.begin(old[: brackets[0].start], margins[0][0])
    for number, bracket in enumerate(brackets):
        last = number + 1 == len(brackets)
        literal = old[bracket.end : len(old) if last else brackets[number + 1].start]
        next_before = 0 if last else margins[number + 1][0]
        follow.step(bracket, margins[number], literal, next_before, last=last)
    return any(position == len(new) for position, _ in follow.readings)


class _Follower:
    """Follows a new text along the old one; a reading is (position, white space due before the bracket)."""

    def __init__(self, new: str) -> None:
        self._new = new
        self.readings: list[tuple[int, str]] = []

    def begin(self, literal: str, before: int) -> None:
        """Match the text before the first bracket, but for the `before` characters that may go with it."""
        core = literal[: len(literal) - before]
        if self._new.startswith(core):
            self.readings = [(len(core), literal[len(core) :])]

    def step(
        self, bracket: Bracket, margins: tuple[int, int, bool], literal: str, next_before: int, *, last: bool
    ) -> None:
        """Pass one bracket and the literal text after it."""
        found: set[tuple[int, str]] = set()
        for position, due in self.readings:
            if self._new.startswith(due, position):
                kept = position + len(due)
                found.update(self._match(kept, literal, margins[1], next_before))
                found.update(self._search(kept, bracket, literal, next_before, last=last))
            found.update(self._match(position, literal, 0, next_before))
            if margins[2]:
                found.update(self._match(position, literal, margins[1], next_before))
        readings = sorted(found)
        # The earliest can still become any later one by a longer wording, the latest hold the longest match.
        crowded = not last and len(readings) > 2 * _READINGS
        self.readings = readings[:_READINGS] + readings[-_READINGS:] if crowded else readings

    def _match(self, start: int, literal: str, skipped: int, next_before: int) -> list[tuple[int, str]]:
        """The bracket was taken out: the literal, but for `skipped` characters of space, comes at once."""
        edge = max(skipped, len(literal) - next_before)
        core = literal[skipped:edge]
        glued = self._new[start - 1 : start].isalnum() and core[:1].isalnum() and not literal[:1].isalnum()
        if glued or not self._new.startswith(core, start):
            return []
        return [(start + len(core), literal[edge:])]

    def _search(
        self, start: int, bracket: Bracket, literal: str, next_before: int, *, last: bool
    ) -> list[tuple[int, str]]:
        """A wording took the bracket's place: the literal comes after it."""
        limit = start + max(MAX_WORDING, len(bracket.text))
        if last:
            places = [(len(self._new) - len(literal) if self._new.endswith(literal) else -1, literal)]
        else:
            core = literal[: len(literal) - next_before]
            wholes = (literal,) if next_before == 0 else (literal, core)
            places = [(self._new.find(sought, start, limit + len(sought)), core) for sought in wholes]
        return [
            (place + len(core), literal[len(core) :])
            for place, core in places
            if start <= place <= limit and _is_wording(self._new[start:place], bracket)
        ]


def _is_wording(wording: str, bracket: Bracket) -> bool:
    return "\n" not in wording or wording == bracket.text or ("\n" in bracket.text and "\n\n" not in wording)


def _margins(
    text: str, blocks: tuple[Block, ...], block_index: int, bracket: Bracket
) -> tuple[int, int, bool]:
    """What may go with a bracket that is taken out: characters before, characters after, alone in its block.

    Alone, that is its list marker and the gap to the block before, or after if it is the first one.
    """
    block = blocks[block_index]
    marker = len(item_marker(block.text))
    if bracket.start == block.start + marker and bracket.end == block.end:
        if block_index > 0:
            return bracket.start - blocks[block_index - 1].end, 0, True
        following = blocks[1].start if len(blocks) > 1 else len(text)
        return bracket.start, following - block.end, True
    start, end = bracket.start, bracket.end
    while start > block.start + marker and text[start - 1] in " \t":
        start -= 1
    while end < block.end and text[end] in " \t":
        end += 1
    return bracket.start - start, end - bracket.end, False


def _placed_brackets(text: str, blocks: tuple[Block, ...]) -> list[tuple[int, Bracket]]:
    """Each top-level bracket with the place of its block in `blocks`."""
    labels = frozenset(
        link_label(match.group(1)) for block in blocks for match in link_definitions(block.text)
    )
    return [
        (index, bracket)
        for index, block in enumerate(blocks)
        if "[" in block.text or "]" in block.text
        for bracket in _Scan(block, labels).run()
    ]


def _count(bracket: Bracket) -> int:
    return 1 + sum(_count(inner) for inner in bracket.inner)


def _boundaries(block: str) -> list[int]:
    """Where inline text is interrupted inside a block: code spans and links do not reach across."""
    is_table = _TABLE.search(block) is not None
    return [match.start() for match in (_CELL if is_table else _BREAK).finditer(block)] + [len(block)]


def _skipped(block: str) -> list[tuple[int, int]]:
    """Parts of a block without brackets: fences, definitions, task boxes; in order."""
    skipped = [match.span() for match in link_definitions(block)]
    nested = bool(item_marker(block)) or block.lstrip(" ").startswith((">", "[^"))
    position, opened, fence = 0, 0, ""
    for line in block.split("\n"):
        end = position + len(line)
        if fence:
            closing = _CLOSING_FENCE.match(line)
            if closing and closing.group(1).startswith(fence):
                skipped.append((opened, end))
                fence = ""
        elif (opening := _FENCE.match(line)) and (nested or position == 0):
            opened, fence = position, opening.group(1)
        elif task := _TASK.match(line):
            skipped.append((position + task.start(1), position + task.end(1)))
        position = end + 1
    if fence and not nested:
        # A fence that nobody closes runs to the end of the text; inside a list or quotation we rather count.
        skipped.append((0, len(block)))
    return skipped


@dataclass(slots=True)
class _Open:
    """A bracket that is not closed yet."""

    start: int
    segment: int
    is_image: bool
    spaced: list[int] = field(default_factory=list)
    bare: list[int] = field(default_factory=list)
    inner: list[Bracket] = field(default_factory=list)


class _Scan:
    """One pass over a block; time is linear in its length."""

    def __init__(self, block: Block, labels: frozenset[str]) -> None:
        self._text, self._offset, self._labels = block.text, block.start, labels
        self._bounds = _boundaries(block.text)
        self._ticks: dict[int, list[int]] = {}
        for run in _TICKS.finditer(block.text):
            self._ticks.setdefault(len(run.group()), []).append(run.start())
        self._stack: list[_Open] = []
        self._found: list[Bracket] = []
        #: Brackets open below MAX_DEPTH, and how many of the open ones a link inside keeps from being links.
        self._deeper = self._holding_link = 0
        #: Escaped opening brackets whose closing one, escaped or not, has not come yet.
        self._escaped = 0

    def run(self) -> tuple[Bracket, ...]:
        """The top-level brackets of the block."""
        skipped = _skipped(self._text)[::-1]
        position = 0
        while token := _TOKEN.search(self._text, position):
            while skipped and skipped[-1][1] <= token.start():
                skipped.pop()
            if skipped and skipped[-1][0] <= token.start():
                position = skipped[-1][1]
            else:
                position = self._take(token.group(), token.start(), token.end())
        while self._stack:
            self._add(self._bracket(self._stack.pop(), len(self._text), closed=False))
        return tuple(self._found)

    def _take(self, sign: str, start: int, end: int) -> int:
        """Deal with a sign; returns where to go on."""
        if sign[0] == "`":
            return self._after_code(start, end)
        if sign in {"[", "!["}:
            return self._open(end - 1, end, is_image=sign == "![")
        if sign == "]":
            return self._close(start, end)
        if sign == "\\[":
            self._escaped += 1
        elif sign == "\\]":
            self._escaped = max(0, self._escaped - 1)
        elif sign == "/" and self._stack and not self._deeper:
            self._divide(start)
        return end

    def _segment(self, position: int) -> int:
        return bisect_right(self._bounds, position)

    def _after_code(self, start: int, end: int) -> int:
        places = self._ticks.get(end - start, [])
        following = bisect_right(places, start)
        if following < len(places) and places[following] < self._bounds[self._segment(start)]:
            return places[following] + end - start
        return end

    def _open(self, start: int, end: int, *, is_image: bool) -> int:
        if note := _NOTE.match(self._text, start):
            return note.end()
        if len(self._stack) < MAX_DEPTH:
            self._stack.append(_Open(start, self._segment(start), is_image))
        else:
            self._deeper += 1
            self._add(self._mark(start))
        return end

    def _close(self, start: int, end: int) -> int:
        if self._deeper:
            self._deeper -= 1
        elif not self._stack and self._escaped:
            self._escaped -= 1
        elif not self._stack:
            self._add(self._mark(start))
        else:
            opened = self._stack.pop()
            if target := self._target(opened, end):
                if not opened.is_image:
                    self._holding_link = len(self._stack)
                for inner in opened.inner:
                    self._add(inner)
                return target
            self._holding_link = min(self._holding_link, len(self._stack))
            self._add(self._bracket(opened, end, closed=True))
        return end

    def _target(self, opened: _Open, end: int) -> int:
        """Where the link or image ends whose text is closed at `end`; 0 if it is none."""
        holds_link = len(self._stack) < self._holding_link and not opened.is_image
        if holds_link or opened.segment != self._segment(end - 1):
            return 0
        if target := link_target_end(self._text, end):
            return target
        if self._labels and (reference := _REFERENCE.match(self._text, end)):
            label = reference.group(1) or self._text[opened.start + 1 : end - 1]
            if len(label) <= _LONGEST_LABEL and link_label(label) in self._labels:
                return reference.end()
        return 0

    def _divide(self, place: int) -> None:
        before, after = self._text[place - 1], self._text[place + 1 : place + 2]
        if before.isspace() and after.isspace():
            self._stack[-1].spaced.append(place)
        elif not (before.isdigit() and after.isdigit()):
            self._stack[-1].bare.append(place)

    def _add(self, bracket: Bracket) -> None:
        (self._stack[-1].inner if self._stack else self._found).append(bracket)

    def _mark(self, start: int) -> Bracket:
        """A bracket of one character: an unmatched `]`, or one that is too deep."""
        place = self._offset + start
        return Bracket(place, place + 1, self._text[start], ("",), len(self._stack), (), (), closed=False)

    def _bracket(self, opened: _Open, end: int, *, closed: bool) -> Bracket:
        dividers = opened.spaced or opened.bare
        edges = [opened.start, *dividers, end - 1 if closed else end]
        return Bracket(
            start=self._offset + opened.start,
            end=self._offset + end,
            text=self._text[opened.start : end],
            alternatives=tuple(self._text[left + 1 : right].strip() for left, right in pairwise(edges)),
            depth=len(self._stack),
            inner=tuple(opened.inner),
            dividers=tuple(self._offset + place for place in dividers),
            closed=closed,
        )

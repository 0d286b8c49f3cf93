"""What differs between two texts: word by word, and paragraph by paragraph."""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from rapidfuzz.distance import LCSseq

from reviewflow.domain.text import Block, count_words, split_blocks

RunKind = Literal["equal", "insert", "delete"]
RowKind = Literal["same", "changed", "inserted", "deleted"]

#: A deleted and an inserted paragraph are one changed paragraph if they share this part of their words.
SIMILAR: Final = 0.5
#: The longest common subsequence needs a bit for each pair of elements: this many take 50 MB at most.
_PAIRS: Final = 400_000_000
#: How many pairs of paragraphs between two anchors are compared; past that, only those of equal place are.
_BLOCK_PAIRS: Final = 10_000

# Marks, variation selectors and skin tones stay with the character that they modify.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    r"\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
)
_TOKEN = re.compile(rf"\s+|[\w{_MARKS}]+|[^\w\s{_MARKS}][{_MARKS}]*(?:\u200d[^\w\s][{_MARKS}]*)*")
_SENTENCE_END = re.compile(r"[.!?;:…]")
_WORD = re.compile(r"\w+")
_ISLAND = re.compile(r"\s*[^\w\s]?\s*")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that both texts have, or only the new one, or only the old one."""

    kind: RunKind
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of either text, or one of each that belong together; numbers are those of the blocks.

    `old` holds equal and deleted runs, `new` equal and inserted ones, `inline` all of them.
    """

    kind: RowKind
    old_number: int | None
    new_number: int | None
    old: tuple[Run, ...]
    new: tuple[Run, ...]
    inline: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts side by side; a deletion with the insertion that takes its place is one change."""

    rows: tuple[Row, ...]
    changes: int
    paragraphs_changed: int
    paragraphs_total: int
    words_inserted: int
    words_deleted: int


class Step(NamedTuple):
    """`old[old_start:old_end]` became `new[new_start:new_end]`; `equal` if they are the same."""

    equal: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def split_tokens(text: str) -> list[str]:
    """Words, stretches of white space and single signs, with their marks; their concatenation is the text."""
    return _TOKEN.findall(text)


def compare_words(old: str, new: str) -> tuple[Run, ...]:
    """The runs that lead from `old` to `new`; a deletion comes before the insertion in its place.

    Equal and deleted runs together are `old`, equal and inserted ones `new`, to the character.
    """
    old_tokens, new_tokens = split_tokens(old), split_tokens(new)
    return tuple(
        Run(kind, text)
        for step in _join_islands(word_steps(old_tokens, new_tokens), old_tokens)
        for kind, text in _step_texts(step, old_tokens, new_tokens)
        if text
    )


def compare_texts(old: str, new: str) -> Comparison:
    """Align the paragraphs of two texts, and compare the words of those that changed."""
    old_blocks, new_blocks = split_blocks(old), split_blocks(new)
    pairs = align_blocks([block.text for block in old_blocks], [block.text for block in new_blocks])
    rows = tuple(
        _row(None if left is None else old_blocks[left], None if right is None else new_blocks[right])
        for left, right in pairs
    )
    runs = [run for row in rows for run in row.inline]
    return Comparison(
        rows=rows,
        changes=sum(_count_changes(row.inline) for row in rows),
        paragraphs_changed=sum(row.kind != "same" for row in rows),
        paragraphs_total=len(rows),
        words_inserted=sum(count_words(run.text) for run in runs if run.kind == "insert"),
        words_deleted=sum(count_words(run.text) for run in runs if run.kind == "delete"),
    )


def align_blocks(old: Sequence[str], new: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Pair the paragraphs of two texts, in the order of both; None stands for a missing partner.

    Equal paragraphs first (longest common subsequence), then between them those that share at least the part
    SIMILAR of their words. A paragraph that was moved is deleted in one place and inserted in another.
    """
    pairs: list[tuple[int | None, int | None]] = []
    for step in steps(old, new):
        lefts, rights = range(step.old_start, step.old_end), range(step.new_start, step.new_end)
        if step.equal:
            pairs.extend(zip(lefts, rights, strict=True))
        else:
            pairs.extend(_pair_similar(lefts, rights, old, new))
    return pairs


def steps(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Step]:
    """A shortest edit of one sequence into the other; one big step where it would cost too much memory."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_end, new_end = len(old) - tail, len(new) - tail
    found = [Step(True, 0, head, 0, head)]
    if (old_end - head) * (new_end - head) <= _PAIRS:
        found += [
            Step(
                code.tag == "equal",
                code.src_start + head,
                code.src_end + head,
                code.dest_start + head,
                code.dest_end + head,
            )
            for code in LCSseq.opcodes(old[head:old_end], new[head:new_end])
        ]
    else:
        found.append(Step(False, head, old_end, head, new_end))
    found.append(Step(True, old_end, len(old), new_end, len(new)))
    return _merge_steps(found)


def word_steps(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """`steps` for tokens: words and signs are matched, white space goes with its neighbours if it is equal.

    Matching white space as such would prefer many equal spaces to few equal words.
    """
    old_places = [place for place, token in enumerate(old) if not token.isspace()]
    new_places = [place for place, token in enumerate(new) if not token.isspace()]
    found: list[Step] = []
    left = right = 0
    for step in _sign_steps([old[place] for place in old_places], [new[place] for place in new_places]):
        if not step.equal:
            continue
        for number in range(step.old_end - step.old_start):
            i, j = old_places[step.old_start + number], new_places[step.new_start + number]
            # White space before the word: the one token between it and the last match, or part of a change.
            spaced = left < i and right < j and old[i - 1] == new[j - 1] and old[i - 1].isspace()
            found.append(Step(False, left, i - spaced, right, j - spaced))
            left, right = i + 1, j + 1
            found.append(Step(True, i - spaced, left, j - spaced, right))
            if left < len(old) and right < len(new) and old[left] == new[right] and old[left].isspace():
                found.append(Step(True, left, left + 1, right, right + 1))
                left, right = left + 1, right + 1
    found.append(Step(False, left, len(old), right, len(new)))
    return _merge_steps(found)


def _sign_steps(old: list[str], new: list[str]) -> list[Step]:
    """Long texts are compared by sentences first, then by words where those differ."""
    if len(old) * len(new) <= _PAIRS // 40:
        return steps(old, new)
    old_sentences, new_sentences = _sentences(old), _sentences(new)
    old_edges, new_edges = _edges(old_sentences), _edges(new_sentences)
    found: list[Step] = []
    for step in steps(old_sentences, new_sentences):
        left, right = old_edges[step.old_start], new_edges[step.new_start]
        if step.equal:
            found.append(Step(True, left, old_edges[step.old_end], right, new_edges[step.new_end]))
            continue
        for inner in steps(old[left : old_edges[step.old_end]], new[right : new_edges[step.new_end]]):
            found.append(
                Step(
                    inner.equal,
                    inner.old_start + left,
                    inner.old_end + left,
                    inner.new_start + right,
                    inner.new_end + right,
                )
            )
    return found


def _merge_steps(found: list[Step]) -> list[Step]:
    """Join neighbours of the same kind, and drop empty steps."""
    merged: list[Step] = []
    for step in found:
        if step.old_start == step.old_end and step.new_start == step.new_end:
            continue
        if merged and merged[-1].equal == step.equal:
            first = merged.pop()
            step = Step(step.equal, first.old_start, step.old_end, first.new_start, step.new_end)
        merged.append(step)
    return merged


def _sentences(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    sentences: list[tuple[str, ...]] = []
    start = 0
    for end, token in enumerate(tokens, start=1):
        if end == len(tokens) or _SENTENCE_END.fullmatch(token):
            sentences.append(tuple(tokens[start:end]))
            start = end
    return sentences


def _edges(sentences: list[tuple[str, ...]]) -> list[int]:
    edges = [0]
    for sentence in sentences:
        edges.append(edges[-1] + len(sentence))
    return edges


def _join_islands(found: list[Step], old: Sequence[str]) -> list[Step]:
    """Between two changes, white space and a single sign are no text worth keeping: they make one change."""
    joined = [
        Step(False, *step[1:])
        if step.equal
        and 0 < number < len(found) - 1
        and step.old_end - step.old_start <= 3
        and _ISLAND.fullmatch("".join(old[step.old_start : step.old_end]))
        and "\n" not in "".join(old[step.old_start : step.old_end])
        else step
        for number, step in enumerate(found)
    ]
    return _merge_steps(joined)


def _step_texts(step: Step, old: Sequence[str], new: Sequence[str]) -> list[tuple[RunKind, str]]:
    before = "".join(old[step.old_start : step.old_end])
    if step.equal:
        return [("equal", before)]
    return [("delete", before), ("insert", "".join(new[step.new_start : step.new_end]))]


def _row(old: Block | None, new: Block | None) -> Row:
    before, after = old.text if old else "", new.text if new else ""
    inline = compare_words(before, after) if before != after else (Run("equal", before),)
    kind: RowKind = "changed"
    if old is None:
        kind = "inserted"
    elif new is None:
        kind = "deleted"
    elif before == after:
        kind = "same"
    return Row(
        kind=kind,
        old_number=old.index if old else None,
        new_number=new.index if new else None,
        old=tuple(run for run in inline if run.kind != "insert"),
        new=tuple(run for run in inline if run.kind != "delete"),
        inline=inline,
    )


def _count_changes(runs: tuple[Run, ...]) -> int:
    kinds = ["equal", *(run.kind for run in runs)]
    return sum(kind != "equal" and before == "equal" for before, kind in pairwise(kinds))


def _pair_similar(
    lefts: range, rights: range, old: Sequence[str], new: Sequence[str]
) -> list[tuple[int | None, int | None]]:
    """Between two anchors: the pairs, in order, that have the most words in common altogether."""
    if not lefts or not rights:
        return [*((left, None) for left in lefts), *((None, right) for right in rights)]
    if len(lefts) * len(rights) > _BLOCK_PAIRS:
        chosen = [
            (left, right) for left, right in zip(lefts, rights, strict=False) if _score(old[left], new[right])
        ]
    else:
        chosen = _best_pairs(lefts, rights, old, new)
    pairs: list[tuple[int | None, int | None]] = []
    left, right = lefts.start, rights.start
    for next_left, next_right in [*chosen, (lefts.stop, rights.stop)]:
        pairs.extend((number, None) for number in range(left, next_left))
        pairs.extend((None, number) for number in range(right, next_right))
        pairs.append((next_left, next_right))
        left, right = next_left + 1, next_right + 1
    return pairs[:-1]


def _best_pairs(lefts: range, rights: range, old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    old_words = [Counter(_WORD.findall(old[left])) for left in lefts]
    new_words = [Counter(_WORD.findall(new[right])) for right in rights]
    scores = [[_similarity(before, after) for after in new_words] for before in old_words]
    # best[i][j]: the greatest sum of scores that the paragraphs from i and from j on can reach.
    best = [[0.0] * (len(rights) + 1) for _ in range(len(lefts) + 1)]
    for i in reversed(range(len(lefts))):
        for j in reversed(range(len(rights))):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    chosen = []
    i = j = 0
    while i < len(lefts) and j < len(rights) and best[i][j]:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            chosen.append((lefts[i], rights[j]))
            i, j = i + 1, j + 1
    return chosen


def _score(old: str, new: str) -> float:
    return _similarity(Counter(_WORD.findall(old)), Counter(_WORD.findall(new)))


def _similarity(old: Counter[str], new: Counter[str]) -> float:
    """The part of their words that two paragraphs share, in any order; 0 below SIMILAR."""
    total = old.total() + new.total()
    part = 2 * (old & new).total() / total if total else 0.0
    return part if part >= SIMILAR else 0.0

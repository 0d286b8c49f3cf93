"""Anchors carried through real revisions of a long text: what stayed, what was lost, what stands wrong."""

from __future__ import annotations

import json
import lzma
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz

from reviewflow.domain.anchors import Hold, Place, carry
from reviewflow.domain.crossings import Crossing
from reviewflow.domain.text import Block, canonical_text, split_blocks

#: How many anchors go the whole way, and the same number anew at each revision.
ANCHORS: Final = 300
#: How many words an anchor has.
_LENGTHS: Final = (1, 1, 2, 2, 3, 4, 5, 6, 8, 12)
#: A place is wrong if its surroundings are less alike than this, or than those of the same words elsewhere.
_ALIKE: Final = 0.4
_MORE_ALIKE: Final = 0.05
#: How many letters before and after are its surroundings.
_AROUND: Final = 80

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_NO_LETTER = re.compile(r"\W+")


@dataclass(slots=True)
class Replay:
    """What became of the anchors of one file of revisions."""

    name: str
    revisions: int = 0
    characters: int = 0
    #: At the end, of those set in the first revision.
    last: Counter[Hold] = field(default_factory=Counter)
    #: Over all steps, of those set anew before each.
    steps: Counter[Hold] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    #: Seconds for the slowest step with `ANCHORS` anchors.
    slowest: float = 0.0


def replay(file: Path, seed: int = 1) -> Replay:
    """Carry random anchors through every revision of a file, and judge each place by its surroundings."""
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        texts = [canonical_text(json.loads(line)["text"]) for line in lines]
    found = Replay(file.name.partition(".")[0], len(texts), len(texts[-1]))
    chosen = random.Random(seed)
    going = list(_anchors(texts[0], chosen))
    for number, (old, new) in enumerate(pairwise(texts), start=2):
        fresh = list(_anchors(old, chosen))
        begun = time.perf_counter()
        crossing = Crossing(old, new)
        carried = [carry(crossing, place, quote) for place, quote in going]
        found.slowest = max(found.slowest, time.perf_counter() - begun)
        once = [carry(crossing, place, quote) for place, quote in fresh]
        found.steps.update(place.hold for place in once)
        for (before, quote), after in zip([*going, *fresh], [*carried, *once], strict=True):
            if complaint := _wrong(crossing, before, after):
                found.wrong.append(f"revision {number}: {quote[:60]!r}: {complaint}")
        going = [(after, quote) for (_, quote), after in zip(going, carried, strict=True)]
    found.last.update(place.hold for place, _ in going)
    assert found.last.total() == ANCHORS, "comments in are comments out"
    return found


def _anchors(text: str, chosen: random.Random) -> Iterator[tuple[Place, str]]:
    """Anchors on some words of some paragraphs."""
    blocks = [(block, list(_WORD.finditer(block.text))) for block in split_blocks(text)]
    blocks = [(block, words) for block, words in blocks if words]
    for _ in range(ANCHORS):
        block, words = chosen.choice(blocks)
        length = min(len(words), chosen.choice(_LENGTHS))
        first = chosen.randrange(len(words) - length + 1)
        start, end = words[first].start(), words[first + length - 1].end()
        yield Place(Hold.EXACT, block.index, start, end), block.text[start:end]


def _wrong(crossing: Crossing, before: Place, after: Place) -> str:
    """Why a place is on the wrong words; empty if it is not.

    Knows nothing of how anchors are carried: it compares what stands around the words before and after,
    and looks whether the same words stand somewhere else with surroundings that are more alike.
    """
    if None in (before.start, after.start):
        return ""
    old, new = _span(crossing.old_blocks, before), _span(crossing.new_blocks, after)
    words = crossing.new[slice(*new)]
    here = _likeness(crossing, old, new)
    others = [m.span() for m in re.finditer(re.escape(words), crossing.new) if m.span() != new]
    # Very common words stand in hundreds of places; the nearest ones are those that could be mistaken.
    nearest = sorted(others, key=lambda span: abs(span[0] - new[0]))[:40]
    twins = [m.span() for m in re.finditer(re.escape(words), crossing.old) if m.span() != old]
    alike = {span: _likeness(crossing, old, span) for span in nearest}
    # What another place of the old text is as much like as this one is that one's.
    better = max(
        (
            likeness
            for span, likeness in alike.items()
            if likeness > here + _MORE_ALIKE
            and not any(_likeness(crossing, twin, span) >= likeness for twin in twins)
        ),
        default=0.0,
    )
    if better:
        return f"another place is more alike ({better:.2f}, here {here:.2f})"
    own = fuzz.ratio(crossing.old[slice(*old)], words) / 100
    if here < _ALIKE and own < 1:
        return f"neither the words ({own:.2f}) nor what is around them ({here:.2f}) are alike"
    return ""


def _span(blocks: tuple[Block, ...], place: Place) -> tuple[int, int]:
    assert place.paragraph is not None
    assert place.start is not None
    assert place.end is not None
    start = blocks[place.paragraph - 1].start
    return start + place.start, start + place.end


def _likeness(crossing: Crossing, old: tuple[int, int], new: tuple[int, int]) -> float:
    sides = zip(_around(crossing.old, *old), _around(crossing.new, *new), strict=True)
    return sum(fuzz.ratio(before, after) for before, after in sides) / 200


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    before = _NO_LETTER.sub(" ", text[max(0, start - 2 * _AROUND) : start])
    after = _NO_LETTER.sub(" ", text[end : end + 2 * _AROUND])
    return before[-_AROUND:], after[:_AROUND]


def section(replays: list[Replay]) -> str:
    """The part of the document that says what became of the anchors."""
    text = (
        f"{ANCHORS} anchors on random words (1 to 12 of them) of the first revision are carried through all"
        f" the others, and {ANCHORS} fresh ones from each revision to the next. A place is called wrong by a"
        " judge of its own, which compares what stands around the words before and after.\n\n"
        "| text | anchors | exact | moved | approximate | paragraph | detached | wrong |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    for one in replays:
        for what, counted in (
            (f"{one.revisions} revisions, from first to last", one.last),
            ("from each to the next", one.steps),
        ):
            total = counted.total()
            shares = " | ".join(f"{100 * counted[hold] / total:.1f} %" for hold in Hold)
            wrong = str(len(one.wrong)) if counted is one.last else "in the line above"
            text += f"| {one.name}: {what} | {total} | {shares} | {wrong} |\n"
    text += "\n"
    for one in replays:
        text += (
            f"- {one.name}: {one.characters:,} characters at the end; carrying {ANCHORS} anchors took at most"
            f" {1000 * one.slowest:.0f} ms a revision.\n"
        )
        text += "".join(f"  - {complaint}\n" for complaint in one.wrong)
    return text

"""Merging two people's changes to one text: by paragraph first, then by word, and never by guessing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reviewflow.domain.differences import Step, align_blocks, split_tokens, word_steps
from reviewflow.domain.manifest import Content
from reviewflow.domain.text import item_marker, split_blocks, split_gaps

_MINE, _MIDDLE, _THEIRS = "<<<<<<<", "=======", ">>>>>>>"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two different wordings in the place of `base`; an empty one is a deletion."""

    base: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Merged text, or (then `text` is empty) a conflict in its place."""

    text: str
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome of a merge: pieces in the order of the text."""

    pieces: tuple[Piece, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to decide."""
        return all(piece.conflict is None for piece in self.pieces)

    @property
    def text(self) -> str:
        """The merged text; raises ValueError if there is a conflict."""
        if not self.is_clean:
            raise ValueError("a merge with conflicts has no text")
        return "".join(piece.text for piece in self.pieces)

    def text_with_conflicts(self, mine: str = "yours", theirs: str = "theirs") -> str:
        """A proposal to edit by hand: each conflict as both wordings, in marked lines with these names.

        Within a paragraph, the line ends stand for the spaces around the words.
        """
        written = ""
        for piece in self.pieces:
            if piece.conflict is None:
                starts_line = not written.endswith(f"{_THEIRS} {theirs}") or piece.text.startswith("\n")
                written += piece.text if starts_line else "\n" + piece.text.lstrip(" ")
                continue
            sides = [piece.conflict.mine, piece.conflict.theirs]
            if written and not written.endswith("\n"):
                sides = [side.strip(" ") for side in sides]
                written = written.rstrip(" ") + "\n"
            lines = [f"{_MINE} {mine}", sides[0], _MIDDLE, sides[1], f"{_THEIRS} {theirs}"]
            written += "\n".join(line for line in lines if line)
        return written


def has_conflict_marks(text: str) -> bool:
    """Whether a text still holds marked lines of `Merge.text_with_conflicts`."""
    return any(line.startswith((f"{_MINE} ", f"{_THEIRS} ")) for line in text.split("\n"))


def merge_texts(base: str, mine: str, theirs: str) -> Merge:
    """Bring the changes from `base` to `mine` and to `theirs` together.

    What only one side changed is taken; what both changed alike is taken once. Changes of both to one
    paragraph are merged by words, and are a conflict if they overlap or touch; so is a paragraph that one
    deleted and the other changed, and different paragraphs inserted in one place. Symmetric but for the
    order in a conflict.
    """
    if mine in (base, theirs):
        return Merge((Piece(theirs),))
    if theirs == base:
        return Merge((Piece(mine),))
    base_units = _units(base)
    my_edit, their_edit = _edit(base_units, _units(mine)), _edit(base_units, _units(theirs))
    writer = _Writer()
    for place in range(len(base_units) + 1):
        _merge_inserted(writer, my_edit.inserted[place], their_edit.inserted[place])
        if place < len(base_units):
            _merge_unit(writer, base_units[place], my_edit.fates[place], their_edit.fates[place])
    return Merge(tuple(writer.pieces))


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A place of one field that both sides changed differently."""

    field: str
    conflict: Conflict


@dataclass(frozen=True, slots=True)
class MergedContent:
    """Two people's editors brought together; what both changed is marked in the text, and listed."""

    content: Content
    conflicts: tuple[FieldConflict, ...] = ()


def merge_contents(
    base: Content, mine: Content, theirs: Content, *, names: tuple[str, str] = ("yours", "theirs")
) -> MergedContent:
    """Merge what one person typed over `base` with what another saved meanwhile.

    Summary, text and rationale are merged as texts, conflicts written out in lines marked with `names`.
    Title and dimension are mine where I changed them, else theirs; a different change of both is listed.
    Addressees, commitments and parts: whatever either side added or took out. Parts stand in my order where
    I changed it, else in theirs.
    """
    conflicts: list[FieldConflict] = []
    fields: dict[str, str] = {}
    for field_ in ("title", "dimension"):
        before, my_value, their_value = (getattr(content, field_) for content in (base, mine, theirs))
        merged = _one_of(before, my_value, their_value)
        if merged is None:
            conflicts.append(FieldConflict(field_, Conflict(before, my_value, their_value)))
        fields[field_] = my_value if merged is None else merged
    for field_ in ("summary", "text", "rationale"):
        merge = merge_texts(*(getattr(content, field_) for content in (base, mine, theirs)))
        conflicts.extend(FieldConflict(field_, piece.conflict) for piece in merge.pieces if piece.conflict)
        fields[field_] = merge.text_with_conflicts(*names)
    merged_content = Content(
        **fields,
        addressees=_merge_values(base.addressees, mine.addressees, theirs.addressees),
        commitments=_merge_values(base.commitments, mine.commitments, theirs.commitments),
        kind=theirs.kind,
        includes=_merge_ordered(base.includes, mine.includes, theirs.includes),
    )
    return MergedContent(merged_content, tuple(conflicts))


def _merge_values(base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    removed = (set(base) - set(mine)) | (set(base) - set(theirs))
    return tuple(sorted((set(mine) | set(theirs)) - removed))


def _merge_ordered(base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """The same in an order; what the other side added stands after what it stood after there."""
    kept = _merge_values(base, mine, theirs)
    is_moved = [one for one in mine if one in base] != [one for one in base if one in mine]
    leading, other = (mine, theirs) if is_moved else (theirs, mine)
    merged = [one for one in leading if one in kept]
    after = 0
    for one in other:
        if one in kept and one not in merged:
            merged.insert(after, one)
        if one in merged:
            after = merged.index(one) + 1
    return tuple(merged)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A block, and the white space before it."""

    gap: str
    text: str


@dataclass(slots=True)
class _Edit:
    """What one side did: the fate of each base unit (None: deleted), and the units inserted before each."""

    fates: list[_Unit | None]
    inserted: list[list[_Unit]]


@dataclass(slots=True)
class _Writer:
    """Collects pieces, joining neighbouring text."""

    pieces: list[Piece] = field(default_factory=list)
    _last: str = ""

    def begin(self, gap: str, block: str) -> None:
        """Write the white space before a block, so that it stays a block of its own."""
        if not self.pieces:
            return
        in_list = item_marker(self._last) and item_marker(block)
        self.write(gap if gap.count("\n") > 1 or (gap and in_list) else "\n\n")

    def write(self, text: str) -> None:
        """Write merged text."""
        if not text:
            return
        if self.pieces and self.pieces[-1].conflict is None:
            text = self.pieces.pop().text + text
        self.pieces.append(Piece(text))

    def block(self, gap: str, pieces: Sequence[Piece]) -> None:
        """Write one block, or one conflict about blocks."""
        first = pieces[0]
        sides = (first.conflict.mine, first.conflict.theirs) if first.conflict else (first.text,)
        # Of two wordings the one that is no list item decides, whichever side it is on.
        shown = min(filter(None, sides), key=lambda side: (len(item_marker(side)), side))
        self.begin(gap, shown)
        for piece in pieces:
            if piece.conflict is None:
                self.write(piece.text)
            else:
                self.pieces.append(piece)
        self._last = shown


def _units(text: str) -> list[_Unit]:
    blocks = split_blocks(text)
    return [_Unit(gap, block.text) for gap, block in zip(split_gaps(text, blocks), blocks, strict=False)]


def _edit(base: list[_Unit], side: list[_Unit]) -> _Edit:
    edit = _Edit([None] * len(base), [[] for _ in range(len(base) + 1)])
    pairs = align_blocks([unit.text for unit in base], [unit.text for unit in side])
    place = 0
    deleted: list[int] = []
    for left, right in pairs:
        if left is not None:
            place = left + 1
        if right is None:
            deleted.append(place - 1)
        elif left is not None:
            edit.fates[left] = side[right]
            deleted = []
        elif deleted:
            # A paragraph in the place of a deleted one replaces it, however little they have in common.
            edit.fates[deleted.pop(0)] = side[right]
        else:
            edit.inserted[place].append(side[right])
    return edit


def _merge_inserted(writer: _Writer, mine: list[_Unit], theirs: list[_Unit]) -> None:
    my_texts, their_texts = [unit.text for unit in mine], [unit.text for unit in theirs]
    if mine and theirs and my_texts != their_texts:
        conflict = Conflict("", _join(mine), _join(theirs))
        writer.block(_wider(mine[0].gap, theirs[0].gap), [Piece("", conflict)])
        return
    for my_unit, their_unit in zip(mine or theirs, theirs or mine, strict=True):
        writer.block(_wider(my_unit.gap, their_unit.gap), [Piece(my_unit.text)])


def _merge_unit(writer: _Writer, base: _Unit, mine: _Unit | None, theirs: _Unit | None) -> None:
    if mine is None or theirs is None:
        kept = mine or theirs
        if kept is not None and kept.text != base.text:
            conflict = Conflict(base.text, mine.text if mine else "", theirs.text if theirs else "")
            writer.block(kept.gap, [Piece("", conflict)])
        return
    gap = _one_of(base.gap, mine.gap, theirs.gap)
    if gap is None:
        gap = _wider(mine.gap, theirs.gap)
    text = _one_of(base.text, mine.text, theirs.text)
    writer.block(gap, [Piece(text)] if text is not None else merge_words(base.text, mine.text, theirs.text))


def _wider(gap: str, other: str) -> str:
    return max(gap, other, key=lambda white: (len(white), white))


def _one_of(base: str, mine: str, theirs: str) -> str | None:
    """The side that changed, if only one did or both did alike."""
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base else None


def _join(units: list[_Unit]) -> str:
    return units[0].text + "".join(unit.gap + unit.text for unit in units[1:])


def merge_words(base: str, mine: str, theirs: str) -> list[Piece]:
    """Merge the words of one paragraph; overlapping or adjacent changes are a conflict."""
    tokens, my_tokens, their_tokens = split_tokens(base), split_tokens(mine), split_tokens(theirs)
    my_side, their_side = _Side(tokens, my_tokens), _Side(tokens, their_tokens)
    writer = _Writer()
    position = 0
    for start, end in _regions(tokens, my_side.changes, their_side.changes):
        writer.write("".join(tokens[position:start]))
        before = "".join(tokens[start:end])
        after_mine, after_theirs = my_side.wording(start, end), their_side.wording(start, end)
        merged = _one_of(before, after_mine, after_theirs)
        if merged is None:
            writer.pieces.append(Piece("", Conflict(before, after_mine, after_theirs)))
        else:
            writer.write(merged)
        position = end
    writer.write("".join(tokens[position:]))
    return writer.pieces


class _Side:
    """One side's words, and where they differ from the base; regions are asked for from left to right."""

    def __init__(self, base: list[str], tokens: list[str]) -> None:
        self._tokens = tokens
        self.changes = [step for step in word_steps(base, tokens) if not step.equal]
        self._next = self._shift = 0

    def wording(self, start: int, end: int) -> str:
        """This side's words in the place of `base[start:end]`."""
        left = start + self._shift
        while self._next < len(self.changes) and self.changes[self._next].old_end <= end:
            self._shift = self.changes[self._next].new_end - self.changes[self._next].old_end
            self._next += 1
        return "".join(self._tokens[left : end + self._shift])


def _regions(base: list[str], mine: list[Step], theirs: list[Step]) -> list[tuple[int, int]]:
    """Stretches of the base that someone changed; those that touch, of whichever side, are one."""
    regions: list[tuple[int, int]] = []
    for step in sorted([*mine, *theirs], key=lambda step: (step.old_start, step.old_end)):
        if regions and not "".join(base[regions[-1][1] : step.old_start]).strip():
            start, end = regions.pop()
            regions.append((start, max(end, step.old_end)))
        else:
            regions.append((step.old_start, step.old_end))
    return regions

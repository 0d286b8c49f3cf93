"""Two versions as a page shows them: each change marked and numbered, unchanged stretches apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from markupsafe import Markup

from reviewflow.domain.differences import Comparison, Row, Run, compare_texts, compare_words
from reviewflow.domain.manifest import Content
from reviewflow.gateways import rendering
from reviewflow.gateways.blocks import is_numbered
from reviewflow.web import words
from reviewflow.web.workspace.differing import labels


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of either text, or one of each; a number is None where there is no paragraph."""

    old_number: int | None
    new_number: int | None
    old: Markup
    new: Markup
    inline: Markup


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring paragraphs, all changed or all unchanged."""

    changed: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One field that changed; `worded` if it is in the text's language, and not in the reader's."""

    field: str
    label: str
    worded: bool
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything that the page shows: the parts that changed, the text's figures, and all changes counted."""

    parts: tuple[Part, ...]
    text: Comparison
    changes: int

    @property
    def others(self) -> tuple[str, ...]:
        """The labels of what changed besides the text."""
        return tuple(part.label for part in self.parts if part.field != "text")


def compare(old: Content, new: Content, parts: Mapping[str, str]) -> Compared:
    """What leads from one version to the other, in the order of the recommendation's page.

    `parts` names each part of both by its digest.
    """
    pen = _Pen()
    text = compare_texts(old.text, new.text)
    # The authors' own numbers are words of the text; a count of ours beside them would only differ.
    numbered = is_numbered(old.text) or is_numbered(new.text)
    title = compare_words(old.title, new.title)
    found = [
        _part("title", pen, [_row(title)] if old.title != new.title else []),
        _part("summary", pen, _unnumbered(compare_texts(old.summary, new.summary).rows)),
        _part("text", pen, _unnumbered(text.rows) if numbered else text.rows),
        _part("rationale", pen, _unnumbered(compare_texts(old.rationale, new.rationale).rows)),
        _values("dimension", pen, [old.dimension], [new.dimension], words.dimension_label),
        _values("addressees", pen, old.addressees, new.addressees, words.addressee_label),
        _values("commitments", pen, old.commitments, new.commitments, words.commitment_label),
        _values("includes", pen, old.includes, new.includes, lambda one: parts.get(one, one[:16])),
    ]
    return Compared(tuple(part for part in found if part), text, pen.number)


@dataclass(slots=True)
class _Pen:
    """Writes runs as HTML and numbers the changes, so that keys and links can go from one to the next."""

    number: int = 0
    labels: rendering.Labels = field(default_factory=labels)

    def line(self, row: Row) -> Line:
        """A row in both views; a change is marked where it begins, which beside each other is one side."""
        old = new = inline = Markup()
        for changed, group in groupby(row.inline, key=lambda run: run.kind != "equal"):
            runs = list(group)
            written = rendering.render_runs(runs, self.labels)
            if not changed:
                old, new, inline = old + written, new + written, inline + written
                continue
            self.number += 1
            gone = [run for run in runs if run.kind == "delete"]
            come = [run for run in runs if run.kind == "insert"]
            inline += self._mark(_spaced(gone, come, self.labels))
            if come:
                old += rendering.render_runs(gone, self.labels)
                new += self._mark(rendering.render_runs(come, self.labels))
            else:
                old += self._mark(rendering.render_runs(gone, self.labels))
        return Line(row.old_number, row.new_number, old, new, inline)

    def _mark(self, written: Markup) -> Markup:
        return Markup('<span class="chg" id="c{}" data-change>{}</span>').format(self.number, written)


def _spaced(gone: list[Run], come: list[Run], said: rendering.Labels) -> Markup:
    """A deletion and the insertion in its place; a space keeps the two words apart."""
    return Markup(" ").join(rendering.render_runs(runs, said) for runs in (gone, come) if runs)


def _unnumbered(rows: Iterable[Row]) -> list[Row]:
    return [replace(row, old_number=None, new_number=None) for row in rows]


def _row(inline: tuple[Run, ...]) -> Row:
    """A row of one-line fields, which have no numbered paragraphs."""
    return Row("changed", None, None, (), (), inline)


def _part(name: str, pen: _Pen, rows: Sequence[Row]) -> Part | None:
    """A field with its stretches; None if no paragraph of it changed (blank lines may have)."""
    if all(row.kind == "same" for row in rows):
        return None
    return Part(name, words.field_label(name), True, tuple(_stretches(rows, pen)))


def _stretches(rows: Iterable[Row], pen: _Pen) -> Iterator[Stretch]:
    for changed, group in groupby(rows, key=lambda row: row.kind != "same"):
        yield Stretch(changed, tuple(pen.line(row) for row in group))


def _values(
    name: str, pen: _Pen, old: Iterable[str], new: Iterable[str], label: Callable[[str], str]
) -> Part | None:
    """Values of a list: each that went or came is a line of its own, after those that stayed."""
    before, after = [value for value in old if value], [value for value in new if value]
    if before == after:
        return None
    kept = [Run("equal", label(value)) for value in before if value in after]
    moved = [Run("delete", label(value)) for value in before if value not in after]
    moved += [Run("insert", label(value)) for value in after if value not in before]
    stretches = [
        Stretch(changed, tuple(pen.line(_row((run,))) for run in runs))
        for changed, runs in ((False, kept), (True, moved))
        if runs
    ]
    return Part(name, words.field_label(name), False, tuple(stretches))

"""What a corrigendum corrects, and what a successor changes: the places, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reviewflow.domain.differences import Run, RunKind, compare_texts, compare_words
from reviewflow.domain.manifest import Manifest
from reviewflow.gateways import included, paragraphs, rendering, subjects
from reviewflow.gateways.translations import Say
from reviewflow.gateways.translations import marked as _

#: The fields in which something can be corrected, in the order of a page.
FIELDS = {
    "title": _("Title"),
    "summary": _("Summary"),
    "text": _("Text"),
    "rationale": _("Rationale"),
    "dimension": _("Dimension"),
    "addressees": _("Addressees"),
    "commitments": _("Commitments"),
    "includes": _("Included texts"),
}


@dataclass(frozen=True, slots=True)
class Corrected:
    """One place: its field, the paragraph by the number that its authors gave it (or none), and the words."""

    field: str
    number: str
    runs: tuple[Run, ...]

    @property
    def html(self) -> Markup:
        """The words as a page shows them."""
        return rendering.render_runs(self.runs)


def corrections(record: Mapping[str, Any], new: Manifest, say: Say = str) -> tuple[Corrected, ...]:
    """Every place in which a published corrigendum differs from what it corrects, in the order of `FIELDS`.

    Nothing for any other publication.
    """
    return _since(record.get("corrects"), record, new, say)


def changes(record: Mapping[str, Any], new: Manifest) -> tuple[Corrected, ...]:
    """The same for a successor and the text that it replaces, as that was published first."""
    return _since(record.get("replaces"), record, new, str)


def _since(
    told: Mapping[str, Any] | None, record: Mapping[str, Any], new: Manifest, say: Say
) -> tuple[Corrected, ...]:
    parts = {part.digest: f"{part.symbol} {part.title}" for part in included.parts_of(record)}
    old = Manifest.from_bytes(told["manifest"].encode()) if told else None
    return tuple(_corrections(old, new, parts, say)) if old else ()


def _corrections(old: Manifest, new: Manifest, parts: Mapping[str, str], say: Say) -> Iterator[Corrected]:
    before, after = old.wording, new.wording
    if before.title != after.title:
        yield Corrected("title", "", compare_words(before.title, after.title))
    for field in ("summary", "text", "rationale"):
        for row in compare_texts(getattr(before, field), getattr(after, field)).rows:
            if row.kind != "same":
                runs = row.inline
                yield Corrected(field, paragraphs.cited_number("".join(run.text for run in runs)), runs)
    yield from _values("dimension", [old.dimension], [new.dimension], subjects.DIMENSIONS, say)
    yield from _values("addressees", old.addressees, new.addressees, subjects.ADDRESSEES, say)
    yield from _values("commitments", old.commitments, new.commitments, subjects.COMMITMENTS, say)
    yield from _values("includes", old.includes, new.includes, parts, str)


def _values(
    field: str, old: Iterable[str], new: Iterable[str], labels: Mapping[str, str], say: Say
) -> Iterator[Corrected]:
    """Values of a list, each that went or came."""
    before, after = list(old), list(new)
    sides: tuple[tuple[RunKind, list[str], list[str]], ...] = (
        ("delete", before, after),
        ("insert", after, before),
    )
    for kind, values, others in sides:
        for value in values:
            if value not in others:
                yield Corrected(field, "", (Run(kind, say(labels.get(value, value[:16]))),))

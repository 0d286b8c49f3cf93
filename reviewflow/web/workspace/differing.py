"""Where two texts differ, field by field, as the editor's pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from reviewflow.domain.differences import Run, compare_texts, compare_words
from reviewflow.domain.manifest import Content
from reviewflow.gateways import rendering
from reviewflow.queries.parts import part_names
from reviewflow.web import words
from reviewflow.web.identity import current_actor
from reviewflow.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One changed paragraph; `number` is the new text's, or the old one's if it was taken out."""

    number: int | None
    html: Markup


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one field."""

    field: str
    label: str
    paragraphs: tuple[Paragraph, ...]


def labels() -> rendering.Labels:
    """The words that rendering adds, in the reader's language."""
    return rendering.Labels(
        paragraph=_("Paragraph"),
        footnote=_("Footnote"),
        not_agreed=_("Not agreed: "),
        inserted=_("inserted: "),
        deleted=_("deleted: "),
        end=_(", end; "),
    )


def fields_that_differ(old: Content, new: Content) -> tuple[Difference, ...]:
    """The fields in which two texts differ, with the words that do; parts by their symbols and titles."""
    parts_named = part_names(current_actor(), old, new) if old.includes != new.includes else {}
    found: list[Difference] = []
    for field in ("title", "summary", "text", "rationale"):
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        if field == "title":
            paragraphs: tuple[Paragraph, ...] = (_paragraph(None, compare_words(before, after)),)
        else:
            paragraphs = tuple(
                _paragraph(row.new_number or row.old_number, row.inline)
                for row in compare_texts(before, after).rows
                if row.kind != "same"
            )
        if paragraphs:
            found.append(Difference(field, words.field_label(field), paragraphs))
    for field, names in (
        ("dimension", words.dimension_label),
        ("addressees", words.addressee_label),
        ("commitments", words.commitment_label),
        ("includes", lambda digest: parts_named.get(digest, digest[:16])),
    ):
        before, after = _values(old, field), _values(new, field)
        runs = [Run("delete", names(value)) for value in before if value not in after]
        runs += [Run("insert", names(value)) for value in after if value not in before]
        if runs:
            parts = tuple(_paragraph(None, (run,)) for run in runs)
            found.append(Difference(field, words.field_label(field), parts))
    return tuple(found)


def _paragraph(number: int | None, runs: tuple[Run, ...]) -> Paragraph:
    return Paragraph(number, rendering.render_runs(runs, labels()))


def _values(content: Content, field: str) -> tuple[str, ...]:
    value = getattr(content, field)
    return (value,) if isinstance(value, str) else value

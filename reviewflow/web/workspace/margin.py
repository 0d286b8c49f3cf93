"""The margin of an item's page: threads by paragraph, marks in the text, and what a long list folds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reviewflow.gateways.marks import Mark
from reviewflow.queries.deliberation import ThreadView
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext

#: So many open threads of one paragraph are shown before the rest folds.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Folded:
    """The threads of one paragraph: those to show, further open ones, and the resolved ones."""

    shown: Sequence[ThreadView]
    more: Sequence[ThreadView]
    resolved: Sequence[ThreadView]


def by_place(threads: Iterable[ThreadView]) -> dict[int | str, list[ThreadView]]:
    """Threads by what they stand beside: a block's number, `title`, `summary`, `rationale`, 0 for all."""
    found: dict[int | str, list[ThreadView]] = defaultdict(list)
    for thread in threads:
        found[(thread.paragraph or 0) if thread.field == "text" else thread.field].append(thread)
    return found


def marks_of(threads: Iterable[ThreadView]) -> dict[int, list[Mark]]:
    """The marks of open threads on words, by block; a resolved one no longer asks for attention."""
    found: dict[int, list[Mark]] = defaultdict(list)
    for thread in threads:
        if thread.paragraph is None or thread.start is None or thread.end is None or thread.resolved_by:
            continue
        kinds = [
            kind
            for kind, applies in (
                ("anchor--stop", thread.kind == "concern"),
                ("anchor--in", thread.internal),
                ("anchor--maybe", thread.is_to_be_confirmed),
            )
            if applies
        ]
        found[thread.paragraph].append(Mark(thread.start, thread.end, thread.key, tuple(kinds)))
    return found


def fold_threads(threads: Sequence[ThreadView], reply_to: str = "") -> Folded:
    """What of a paragraph's threads is shown at once; one whose form came back always is."""
    opened = [t for t in threads if not t.resolved_by or t.key == reply_to]
    resolved = [t for t in threads if t.resolved_by and t.key != reply_to]
    opened.sort(key=lambda t: t.key != reply_to and t.kind != "concern")
    return Folded(opened[:SHOWN], opened[SHOWN:], resolved)


def threads_summary(threads: Sequence[ThreadView]) -> str:
    """What a paragraph's folded threads hold: how many comments, and who sees them."""
    said = ngettext("%(num)d comment", "%(num)d comments", sum(len(thread.comments) for thread in threads))
    if all(thread.resolved_by for thread in threads):
        return _("Resolved, %(comments)s", comments=said)
    if all(thread.internal for thread in threads):
        return _("Internal thread, %(comments)s", comments=said)
    if any(thread.internal for thread in threads):
        return _("Shared and internal threads, %(comments)s", comments=said)
    return ngettext("Thread, %(comments)s", "%(num)d threads, %(comments)s", len(threads), comments=said)

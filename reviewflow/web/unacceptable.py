"""What a text can't hold, in words."""

from __future__ import annotations

from reviewflow.domain.errors import Refusal
from reviewflow.web.language import gettext as _


def unacceptable(error: Refusal) -> str:
    """Which character or length a text can't have, and where."""
    details = error.details
    where = _(
        "line %(line)s, column %(column)s", line=details.get("line", 1), column=details.get("column", 1)
    )
    sentences = {
        "control_character": _(
            "It holds an invisible control character (%(where)s). Delete it.", where=where
        ),
        "bidi_override": _(
            "It holds a character that reverses the direction of reading (%(where)s), so that readers"
            " would see other words than are stored. Delete it.",
            where=where,
        ),
        "lone_surrogate": _("It holds half of a character (%(where)s). Delete it.", where=where),
        "too_long": _("It is too long. Split it, or move part of it to an annex."),
        "too_many_blocks": _(
            "It has more than %(limit)s paragraphs. Split it, or move part of it to an annex.",
            limit=details.get("limit"),
        ),
        "block_too_long": _("One paragraph is too long (%(where)s). Split it.", where=where),
    }
    return sentences.get(str(details.get("reason")), _("It holds something that can't be stored."))

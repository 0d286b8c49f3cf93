"""Where the editor of a text is: its addresses, the slot of what is typed, and what its page needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import RelationKind
from reviewflow.domain.manifest import KINDS
from reviewflow.domain.relations import Follows
from reviewflow.queries.editing import Editable, Kept, Saved
from reviewflow.services.recommendations import NEW, slot_for_new


def asked() -> str | None:
    """The kind that the address asks for, if it is none that needs no asking."""
    value = request.args.get("kind")
    return value if value in KINDS[1:] else None


def kind() -> str:
    """The kind of a new text."""
    return asked() or KINDS[0]


#: The parameter of an address or form that names the published text, by how the new one follows it.
_NAMED = {RelationKind.SUCCESSOR: "replaces", RelationKind.CORRIGENDUM: "corrects"}


def follows() -> Follows | None:
    """The published text that the request names, and how a new one is to follow it. Raises `NotFound`."""
    for relation, name in _NAMED.items():
        if key := request.values.get(name):
            if "\x00" in key:
                raise NotFound()
            return Follows(relation, key)
    return None


def named(follows: Follows | None) -> dict[str, Any]:
    """The parameter by which an address or form names it."""
    return {_NAMED[follows.kind]: follows.key} if follows else {}


def slot(key: str) -> str:
    """The slot of what is typed into an editor; `key` is `new` for a text that was never saved."""
    return slot_for_new(follows(), kind()) if key == NEW else key


def editor(key: str) -> str:
    """The address of an editor."""
    if key == NEW:
        return url_for("desk.editing.new", **named(follows()), kind=asked())
    return url_for("desk.editing.edit", key=key)


def autosave(key: str, of: Follows | None = None) -> str:
    """The address that keeps what is typed into it."""
    return url_for("desk.editing.autosave", key=key, **named(of), kind=asked())


@dataclass(frozen=True, slots=True)
class Desk:
    """What the editor's page needs beside the form: where things go, and what the text grows from.

    `corrected_words` is the digest of what a corrigendum is to correct, if other words than before.
    """

    action: str
    autosave: str
    discard: str
    back: str
    language: str
    group_id: int
    base: int = 0
    head: Saved | None = None
    kept: Kept | None = None
    editable: Editable | None = None
    once: str = ""
    original: str = ""
    follows: Follows | None = None
    corrected_words: str = ""

    @property
    def hidden(self) -> dict[str, str]:
        """What the form says of the published text that this one follows."""
        return named(self.follows)

    @property
    def next_number(self) -> int:
        """The number of the version that saving makes."""
        return self.head.number + 1 if self.head else 1

    @property
    def is_behind(self) -> bool:
        """Whether somebody saved a version after the one that this text grows from."""
        return self.head is not None and self.base != self.head.number


def desk_of(view: Editable, base: int, kept: Kept | None = None) -> Desk:
    """The desk for the next version of a text, on top of version `base`."""
    newer = kept.corrects if kept else view.newer.digest if view.newer else ""
    return Desk(
        action=url_for("desk.editing.edit", key=view.key),
        autosave=autosave(view.key),
        discard=url_for("desk.editing.discard", key=view.key),
        back=url_for("desk.recommendations.show", key=view.key),
        language=view.language,
        group_id=view.group_id,
        base=base,
        head=view.head,
        kept=kept,
        editable=view,
        # What was sent was written on what the form says, whatever has been published since.
        corrected_words=newer if request.method == "GET" else request.form.get("corrected_words", ""),
    )

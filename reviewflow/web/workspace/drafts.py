"""Where the editor of a text is: its addresses, the kind that they ask for, and the slot of what is typed."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import RelationKind
from reviewflow.domain.manifest import KINDS
from reviewflow.domain.relations import Follows
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

"""Where the editor of a text is: its addresses, the kind that they ask for, and the slot of what is typed."""

from __future__ import annotations

from flask import request, url_for

from reviewflow.domain.manifest import KINDS
from reviewflow.services.recommendations import NEW, slot_for_new


def asked() -> str | None:
    """The kind that the address asks for, if it is none that needs no asking."""
    value = request.args.get("kind")
    return value if value in KINDS[1:] else None


def kind() -> str:
    """The kind of a new text."""
    return asked() or KINDS[0]


def slot(key: str, replaces: str | None) -> str:
    """The slot of what is typed into an editor; `key` is `new` for a text that was never saved."""
    return slot_for_new(replaces, kind()) if key == NEW else key


def editor(key: str, replaces: str | None) -> str:
    """The address of an editor."""
    if key == NEW:
        return url_for("desk.editing.new", replaces=replaces, kind=asked())
    return url_for("desk.editing.edit", key=key)


def autosave(key: str, replaces: str | None = None) -> str:
    """The address that keeps what is typed into it."""
    return url_for("desk.editing.autosave", key=key, replaces=replaces, kind=asked())

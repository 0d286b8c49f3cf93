"""Refusals: every way in which the procedure says no, each with a stable code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """An act that the procedure refuses; nothing has been written.

    `code` is stable and is what pages and programs translate; `details` are the
    plain values that the sentence needs (a version number, a name, a list).
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **details: object) -> None:
        super().__init__(self.code)
        self.details: Mapping[str, object] = details


class NotFound(Refusal):
    """The thing does not exist for this actor (product.md, rule 7)."""

    code = "not_found"


class NotPermitted(Refusal):
    """The actor may see the item, but this act belongs to somebody else; `who` names them."""

    code = "not_permitted"


class StaleVersion(Refusal):
    """The act names a version that is no longer the head (rule 2); `named` and `head` are numbers."""

    code = "stale_version"


class WrongState(Refusal):
    """The act is not possible from the item's state; `state` and `possible_from` say why."""

    code = "wrong_state"


class Unmet(Refusal):
    """A guard of the table is not met; `reasons` is a tuple of `workflow.Reason`."""

    code = "unmet"


class InvalidInput(Refusal):
    """A value that cannot be stored as it is; `field` and `problem` name it."""

    code = "invalid_input"


class ConcurrentChange(Refusal):
    """Somebody else changed the item in the same instant; nothing of this act was written."""

    code = "concurrent_change"

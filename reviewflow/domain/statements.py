"""Statements beside a text: joining consensus, and attaching words that never change it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StatementKind(StrEnum):
    """What somebody puts on record with a text (OSCE Rules of Procedure, MC.DOC/1/06)."""

    #: How the words are understood.
    INTERPRETATIVE = "interpretative"
    #: What one does not take part in, while joining consensus on the rest.
    RESERVATION = "reservation"
    #: That one disagrees, without standing in the way.
    DISSENT = "dissent"


@dataclass(frozen=True, slots=True)
class Statement:
    """Whose a statement is: its author's, or through them their group's."""

    author: int
    group_id: int
    for_group: bool

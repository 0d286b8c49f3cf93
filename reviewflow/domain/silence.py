"""The silence procedure as a value: which groups consented to which instant, and whether it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class SilenceOutcome(StrEnum):
    """How a silence procedure ended."""

    #: Nobody spoke before the instant: the text is agreed to.
    ADOPTED = "adopted"
    #: Somebody spoke strictly before the instant, or took the text from the table.
    BROKEN = "broken"
    #: A lead refused it before it ran.
    REFUSED = "refused"
    #: It had not begun to run when the text changed, moved, or was agreed to expressly, or its instant came.
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """A lead's word for their group that silence lasts until an instant."""

    group_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Silence:
    """The open silence procedure on an item's head (OSCE Rules of Procedure, MC.DOC/1/06, Annex 1(A)).

    Until every group has consented, `until` is the proposed instant and nothing runs. From then on it is
    the latest instant that all groups have consented to.
    """

    until: datetime
    consents: frozenset[Consent]
    running: bool = False

    def over(self, at: datetime | None) -> bool:
        """Whether the instant has come: what happens at the instant itself is too late.

        Without an instant (a page that asks what could be done) it has not.
        """
        return self.running and at is not None and at >= self.until

    def consented(self, group_id: int, until: datetime) -> bool:
        """Whether a group's lead has consented to an instant."""
        return Consent(group_id, until) in self.consents

    def asked_for(self) -> tuple[datetime, ...]:
        """The later instants that not every group has consented to yet, the earliest first."""
        return tuple(sorted({consent.until for consent in self.consents if consent.until > self.until}))

    def lacking(self, groups: tuple[int, ...]) -> tuple[int, ...]:
        """The groups whose lead is asked: to the start, or while it runs to a later instant."""
        asked = self.asked_for() if self.running else (self.until,)
        return tuple(g for g in groups if any(not self.consented(g, until) for until in asked))

    def with_consent(self, group_id: int, until: datetime, groups: tuple[int, ...]) -> Silence:
        """After a group's consent: an instant to which all of `groups` have consented is in force."""
        new = replace(self, consents=self.consents | {Consent(group_id, until)})
        if all(new.consented(group, until) for group in groups):
            return replace(new, until=until, running=True)
        return new

"""Signing in through another house: how long its answer is awaited, and the two ways in which it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewflow.domain.errors import Refusal

#: So long somebody may take at the other house.
ANSWER_WITHIN = timedelta(minutes=10)


class ProviderRefused(Refusal):
    """The other house says no, or what it says does not hold; which of these is not told."""

    code = "provider_refused"


class ProviderSilent(Refusal):
    """The other house does not answer, or not in a way that can be read."""

    code = "provider_silent"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the other house was asked from this browser; `person` is whose account is to be linked, if any."""

    state: str
    nonce: str
    verifier: str
    at: datetime
    person: int | None
    target: str

    def awaits(self, state: str, at: datetime) -> bool:
        """Whether this is its answer, and in time."""
        return bool(state) and state == self.state and at - self.at <= ANSWER_WITHIN

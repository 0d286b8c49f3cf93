"""How long a session lasts, and which acts want its person to have shown lately that it is them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewflow.domain.acts import Action
from reviewflow.domain.errors import Refusal
from reviewflow.domain.permissions import Permission

#: Unused for longer than a weekend, a session ends.
LONGEST_IDLE = timedelta(days=3)
#: Nobody stays signed in for longer, however busy. Typed text is kept apart from sessions and survives them.
LONGEST = timedelta(days=14)
#: Use is written down this often: exact enough for the limits, and no page writes because it is read.
NOTED_EVERY = timedelta(hours=1)
#: For this long after somebody signed in or verified, it counts as them.
FRESH_FOR = timedelta(minutes=10)
#: What binds a group, reaches the public, or gives somebody else the power to: whoever finds an open browser
#: must not be able to do it. Who proposes silence, or accepts it, agrees to what it adopts without a further
#: act; who offers a seat, hands the lead over or lends their voice could agree through another person.
NEEDS_FRESH: frozenset[Action | Permission] = frozenset(
    {
        *(Action.AGREE, Action.PROPOSE_SILENCE, Action.ACCEPT_SILENCE),
        *(Action.APPROVE, Action.SCHEDULE, Action.PUBLISH, Action.RETRACT),
        *(Permission.MANAGE_PEOPLE, Permission.HAND_OVER_LEAD, Permission.LEND_VOICE),
    }
)


class SessionOver(Refusal):
    """The session ended while its person was asking for something: elsewhere, or by another password."""

    code = "session_over"


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. `device` names it, as in `Firefox, Windows`."""

    id: int
    person_id: int
    begun_at: datetime
    seen_at: datetime
    verified_at: datetime
    device: str

    def has_ended(self, at: datetime) -> bool:
        """Whether it is over by one of the two limits."""
        return at - self.seen_at > LONGEST_IDLE or at - self.begun_at > LONGEST

    def is_fresh(self, at: datetime) -> bool:
        """Whether its person has shown lately that it is them."""
        return at - self.verified_at <= FRESH_FOR

    def wants_noting(self, at: datetime) -> bool:
        """Whether its use should be written down again."""
        return at - self.seen_at > NOTED_EVERY

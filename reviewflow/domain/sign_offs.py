"""Sign-off by link: a guest, who has a seat and no account, takes a position by a link that is used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reviewflow.domain.actors import VOTING_ROLES, Actor, Role
from reviewflow.domain.acts import Act, Action
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, Refusal
from reviewflow.domain.items import Item, State
from reviewflow.domain.permissions import about_item, demand
from reviewflow.domain.workflow import decide

#: How long a link is of use.
LASTS = timedelta(days=7)
#: What can be said by a link, a button each; whoever wants to say more needs an account.
STANDS = (Stand.APPROVE, Stand.OBJECT)
#: The events of a link, which are steps of its text.
ASK_SIGN_OFF, WITHDRAW_SIGN_OFF = "ask_sign_off", "withdraw_sign_off"


class Ending(StrEnum):
    """How a link ended, where somebody ended it."""

    #: Its guest took a position by it.
    USED = "used"
    #: A lead of the guest's group took it back.
    WITHDRAWN = "withdrawn"
    #: A newer link was sent to the same guest about the same text.
    REPLACED = "replaced"


class Life(StrEnum):
    """How it stands with a link; only an open one is good for an act."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    #: Its guest has no vote in the group any more.
    DEPARTED = "departed"
    EXPIRED = "expired"
    #: The text before the group is another version than the link is about, or its ballot was opened anew.
    OTHER_TEXT = "other_text"
    #: The text is not before the group any more, or the group has agreed to it.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SignOff:
    """What a link lets its guest act on: one version of a text, in one round, until an instant."""

    round: int
    version: int
    digest: str
    expires_at: datetime
    ending: Ending | None = None


class DeadSignOff(Refusal):
    """The link is good for nothing any more; `life` says why. Only who holds its secret is told."""

    code = "dead_sign_off"


class NeedsAccount(Refusal):
    """A lead speaks for the group, and so needs a way to sign in, which this person has not."""

    code = "needs_account"


def decide_asking(
    actor: Actor, item: Item, version: int, guest: Actor, *, signs_in: bool, at: datetime
) -> None:
    """Whether a lead may ask a guest of their group for a sign-off on a version at an instant.

    Only for what the guest could then do, so that no link is sent that is dead. Raises as `decide` does, and
    `InvalidInput` for who sits elsewhere, can sign in or is not on the ballot's roster.
    """
    ask_lead(actor, item)
    if guest.group_id != actor.group_id or guest.person_id == actor.person_id or signs_in:
        raise InvalidInput(field="member", problem="unknown_value")
    ballot = item.ballot_of(actor.group_id or 0)
    if ballot and guest.person_id not in ballot.roster:
        raise InvalidInput(field="member", problem="unknown_value")
    decide(guest, item, Act(Action.TAKE_POSITION, version, stand=Stand.APPROVE, at=at))


def ask_lead(actor: Actor, item: Item) -> None:
    """Who may record a position by telephone may send a link: raises `NotFound`, `NotPermitted`."""
    demand(Action.RECORD_POSITION, actor, about_item(actor, item))


def life_of(sign_off: SignOff, item: Item, guest: Actor | None, at: datetime) -> Life:
    """How it stands with a link at an instant; `guest` is the person in their seat, None if it has ended.

    What somebody did to the link is said first, since it explains more than what became of the text.
    """
    if sign_off.ending:
        return Life(sign_off.ending)
    if guest is None or guest.group_id is None or guest.role not in VOTING_ROLES:
        return Life.DEPARTED
    if at >= sign_off.expires_at:
        return Life.EXPIRED
    seen = item.version_for(guest)
    bound = (sign_off.round, sign_off.version, sign_off.digest)
    if seen is None or (item.round, seen.number, seen.digest) != bound:
        return Life.OTHER_TEXT
    if item.state is not State.PROPOSED or item.has_agreed(guest.group_id):
        return Life.CLOSED
    return Life.OPEN


def ask_open(sign_off: SignOff, item: Item, guest: Actor | None, at: datetime) -> Actor:
    """The guest as who the link lets its holder act. Raises `DeadSignOff`."""
    life = life_of(sign_off, item, guest, at)
    if life is not Life.OPEN or guest is None:
        raise DeadSignOff(life=life)
    return guest


def may_have_role(role: Role, *, signs_in: bool) -> None:
    """Who can't sign in has a seat as expert or observer: raises `NeedsAccount` for a lead's."""
    if role not in (Role.EXPERT, Role.OBSERVER) and not signs_in:
        raise NeedsAccount()

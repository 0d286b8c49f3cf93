"""How what was given stands to the text that a reader sees, how far an item has come, and the next act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from reviewflow.domain.actors import Actor, Standing, standing
from reviewflow.domain.ballots import Ballot, Stand, counts
from reviewflow.domain.errors import Refusal
from reviewflow.domain.items import Agreement, Approval, Item, State
from reviewflow.domain.workflow import RULES, Act, Action, Option, decide


class PositionStanding(StrEnum):
    """How one member of a ballot stands to a text."""

    #: The position counts on this text.
    COUNTS = "counts"
    #: The objection is open, on whichever version it was raised.
    OBJECTS = "objects"
    #: The position was given on other words or before the new ballot.
    STALE = "stale"
    #: The member has left the ballot.
    RECUSED = "recused"
    #: There is no position.
    SILENT = "silent"


class ActStanding(StrEnum):
    """How an agreement or an approval stands to a text."""

    #: It counts on this text.
    COUNTS = "counts"
    #: It was given on other words or before the new ballot.
    STALE = "stale"
    #: A return sent back what it was given on (product.md, rule 3).
    REVOKED = "revoked"


#: The five steps that every item is on its way along.
STEPS = (State.DRAFT, State.PROPOSED, State.AGREED, State.APPROVED, State.PUBLISHED)
#: The step at which the states beside the way stand.
_BESIDE = {
    State.CHANGES_REQUESTED: State.PROPOSED,
    State.SUPERSEDED: State.PUBLISHED,
    State.RETRACTED: State.PUBLISHED,
    State.WITHDRAWN: State.DRAFT,
    State.DECLINED: State.PROPOSED,
}
#: The states in which an item was stopped by somebody, who said why.
_STOPPED = frozenset({State.CHANGES_REQUESTED, State.WITHDRAWN, State.DECLINED})
#: Acts that are only spoken of while they are possible: what lacks for them is no task of anybody.
_SPECIAL = frozenset(
    {
        *(Action.RECORD_POSITION, Action.RECUSE, Action.REJOIN, Action.EXTEND_SILENCE),
        *(Action.PROPOSE_SILENCE, Action.ACCEPT_SILENCE, Action.REFUSE_SILENCE, Action.EXPIRE_SILENCE),
        *(Action.LAPSE_SILENCE, Action.UNSCHEDULE),
    }
)
#: Which possible act is the one to offer first.
_FIRST = (
    Action.AGREE,
    Action.ACCEPT_SILENCE,
    Action.PUBLISH,
    Action.APPROVE,
    Action.TAKE_POSITION,
    Action.RESUBMIT,
    Action.PROPOSE,
    Action.AMEND,
    Action.REVISE,
    Action.REOPEN,
)


def position_standing(ballot: Ballot, person_id: int, digest: str) -> PositionStanding:
    """How a member of a ballot stands to the text `digest`."""
    position = ballot.position_of(person_id)
    if position is None or position.stand is Stand.WITHDRAWN:
        return PositionStanding.SILENT
    if position.stand is Stand.OBJECT:
        return PositionStanding.OBJECTS
    if position.stand is Stand.RECUSE:
        return PositionStanding.RECUSED
    return PositionStanding.COUNTS if counts(position, ballot, digest) else PositionStanding.STALE


def has_spoken(ballots: Iterable[Ballot], person_id: int, digest: str) -> bool:
    """Whether somebody's position still stands on the text `digest`: it counts, blocks or recuses them."""
    return any(
        position_standing(ballot, person_id, digest) not in (PositionStanding.SILENT, PositionStanding.STALE)
        for ballot in ballots
    )


def act_standing(
    given: Agreement | Approval, item: Item, digest: str, returned_to: frozenset[int]
) -> ActStanding:
    """How an agreement or an approval stands to the text `digest`: the one that a reader sees.

    `returned_to` are the rounds that began with a return: each revokes what the round before it gave.
    """
    if given.round == item.round and given.digest == digest:
        return ActStanding.COUNTS
    return ActStanding.REVOKED if given.round + 1 in returned_to else ActStanding.STALE


def is_possible(actor: Actor, item: Item, act: Act) -> bool:
    """Whether the rules would let an act through on the text that the actor sees."""
    return refusal_of(actor, item, act) is None


def refusal_of(actor: Actor, item: Item, act: Act) -> Refusal | None:
    """Why the rules would not let an act through on the text that the actor sees; None if they would."""
    seen = item.version_for(actor)
    try:
        decide(actor, item, replace(act, version=seen.number if seen else None))
    except Refusal as refusal:
        return refusal
    return None


def step_of(state: State) -> int:
    """How far a state has come: an index of `STEPS`."""
    return STEPS.index(_BESIDE.get(state, state))


def leading_to(state: State) -> tuple[Action, ...]:
    """The acts by which an item comes into a state, in the table's order."""
    return tuple(rule.action for rule in RULES.values() if rule.to is state)


def stopped_by(state: State) -> tuple[Action, ...]:
    """The acts of which one has stopped an item in this state; none where it goes its way."""
    return leading_to(state) if state in _STOPPED else ()


def is_being_prepared(actor: Actor, item: Item) -> bool:
    """Whether a text may be in the making that the actor does not see: another group has the item back."""
    is_own = standing(actor, item.task_force_id, item.proposing_group) is Standing.PROPOSER
    return not is_own and item.state in (State.DRAFT, State.CHANGES_REQUESTED)


def is_newer_than_circulated(item: Item) -> bool:
    """Whether the proposing group has saved other words since those that the others have seen."""
    return item.circulated is not None and item.head.digest != item.circulated.digest


def worth_saying(option: Option) -> bool:
    """Whether a list of what somebody can do has a line for an option, though it be impossible."""
    return option.possible or option.action not in _SPECIAL


def primary_action(actor: Actor, item: Item, options: Iterable[Option]) -> Action | None:
    """The most useful of an actor's options that is possible now; None if none is.

    Who has spoken need not speak again, a text that went back is revised before it is resubmitted, and one
    with a set instant is published by the clock.
    """
    possible = {option.action for option in options if option.possible}
    seen = item.version_for(actor)
    if seen is not None and has_spoken(item.ballots, actor.person_id, seen.digest):
        possible.discard(Action.TAKE_POSITION)
    if not is_newer_than_circulated(item):
        possible.discard(Action.RESUBMIT)
    if item.publish_at:
        possible.discard(Action.PUBLISH)
    return next((action for action in _FIRST if action in possible), None)

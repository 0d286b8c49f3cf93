"""Standing in for an absent member: who may, for how long, and what is done in another's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from reviewflow.domain.actors import VOTING_ROLES, Actor, StandIn
from reviewflow.domain.acts import Act, Action, Reason
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotFound, Refusal
from reviewflow.domain.items import Item
from reviewflow.domain.waiting import Task

#: Who is away for longer has left their seat. The hour is that of a day on which clocks are put back.
LONGEST = timedelta(days=90, hours=1)
#: What is done in another's name: what belongs to their seat or to the lead alone. Everything else
#: a stand-in, who is a member too, does in their own name; words are nobody's but their author's.
DELEGATED = frozenset(
    {
        *(Action.TAKE_POSITION, Action.RECORD_POSITION, Action.AGREE, Action.DECLINE),
        *(Action.PROPOSE_SILENCE, Action.ACCEPT_SILENCE, Action.REFUSE_SILENCE, Action.EXTEND_SILENCE),
        *(Action.RECALL, Action.WITHDRAW, Action.REOPEN),
    }
)
#: The tasks of a principal that one of these acts does away with.
DELEGATED_TASKS = frozenset(
    {
        *(Task.TAKE_POSITION, Task.RECONSIDER, Task.AGREE, Task.DECIDE, Task.CONSENT),
        Task.SPEAK_OR_BE_SILENT,
    }
)
#: Those that any member of the group can do away with in their own name.
SHARED_TASKS = frozenset({Task.PROPOSE, Task.ANSWER_CHANGES, Task.SETTLE})


class StandInOver(Refusal):
    """The actor does not stand in for that person (any more): the period is over or was ended."""

    code = "stand_in_over"


class StandInTaken(Refusal):
    """One of the two stands in for somebody, or has a stand-in, in a part of that period already."""

    code = "stand_in_taken"


def decide_naming(
    actor: Actor,
    other: Actor | None,
    since: datetime,
    until: datetime,
    at: datetime,
    others: tuple[StandIn, ...],
    *,
    signs_in: bool,
) -> StandIn:
    """What naming somebody, None for who has no seat, comes to; a period that has begun begins now.

    `signs_in` is whether they have an account: a guest acts by links alone, and those are their own.

    `others` are the task force's that were not ended. Nobody speaks for two others at once, nor hands on what
    they were lent, nor lends a voice that they have lent: in one instant a person is in one of them at most.
    Raises `InvalidInput` and `StandInTaken`.
    """
    if other is None or other.person_id == actor.person_id or not _has_voice(other, actor.group_id):
        raise InvalidInput(field="stand_in", problem="not_of_own_group")
    if not signs_in:
        raise InvalidInput(field="stand_in", problem="signs_by_link")
    lent = StandIn(actor.person_id, other.person_id, max(since, at), until)
    if lent.until <= lent.since:
        raise InvalidInput(field="last_day", problem="period_over")
    if lent.until - lent.since > LONGEST:
        raise InvalidInput(field="last_day", problem="period_too_long", limit=LONGEST.days)
    both = {lent.principal, lent.person}
    if any(
        both & {other.principal, other.person} and other.since < lent.until and lent.since < other.until
        for other in others
    ):
        raise StandInTaken()
    return lent


def decide_end(actor: Actor, lent: StandIn) -> None:
    """Whether somebody may end it: who named, and who was named. Raises `NotFound` to everybody else."""
    if actor.person_id not in (lent.principal, lent.person) or actor.stand_in:
        raise NotFound()


def in_the_name_of(own: Actor, principal: Actor | None, lent: StandIn, at: datetime) -> Actor:
    """The actor that `own` is for the principal, None for who has no seat. Raises `StandInOver`."""
    named = own.person_id == lent.person and own.role in VOTING_ROLES
    if not named or not lent.runs(at) or principal is None or not _has_voice(principal, own.group_id):
        raise StandInOver()
    return replace(principal, stand_in=lent)


def stand_in_obstacles(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    """What stands in the way of an act in another's name beyond what stands in the principal's.

    Who takes no part takes none for another, and nobody else speaks for who takes none. What a conflict of
    interest is, only who has it can say.
    """
    lent = actor.stand_in
    if lent is None:
        return ()
    own = Actor(lent.person, actor.task_force_id, actor.role, actor.group_id)
    if item.has_recused(actor) or item.has_recused(own):
        return (Reason("stand_in_recused"),)
    if act.stand is Stand.RECUSE:
        return (Reason("recusal_is_ones_own"),)
    # A lead who records what a member said is not that member; nor is it who stands in for the lead.
    return (Reason("own_position"),) if act.member == lent.person else ()


def _has_voice(actor: Actor, group_id: int | None) -> bool:
    return actor.role in VOTING_ROLES and actor.group_id == group_id

"""The procedure: one table, one row an action, and the one function that decides by it.

The table is product.md's. `decide` asks it "may this happen?", `available_actions` asks it "what
could happen, and why not yet?"; nothing else in the house changes a state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reviewflow.domain.actors import Actor, Role, Standing, standing
from reviewflow.domain.ballots import Stand, tally
from reviewflow.domain.errors import NotFound, NotPermitted, StaleVersion, Unmet, WrongState
from reviewflow.domain.items import Item, State
from reviewflow.domain.visibility import may_see


class Action(StrEnum):
    """Everything that can be done to a recommendation, in the order of product.md's table."""

    CREATE = "create"
    REVISE = "revise"
    PROPOSE = "propose"
    AMEND = "amend"
    TAKE_POSITION = "take_position"
    RECALL = "recall"
    REQUEST_CHANGES = "request_changes"
    RESUBMIT = "resubmit"
    AGREE = "agree"
    DECLINE = "decline"
    APPROVE = "approve"
    RETURN = "return"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    SUPERSEDE = "supersede"
    RETRACT = "retract"


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody asks for: the action, the version it is about, and the words it needs.

    `digest` is the new text's for revise and amend; `only_brackets_cleaned` says whether an amended
    text differs from the head inside its open brackets only; `successor` is for supersede;
    `instant_reached` is what the clock knows of a set instant of publication.
    """

    action: Action
    version: int | None = None
    reason: str = ""
    digest: str | None = None
    missing: tuple[str, ...] = ()
    only_brackets_cleaned: bool = False
    stand: Stand | None = None
    successor: Item | None = None
    instant_reached: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an action is not possible yet: a stable code and the plain values that a sentence needs."""

    code: str
    count: int = 0
    needed: int = 0
    people: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What was decided. `round` and `state` are the item's after it; version and digest name the text."""

    action: Action
    actor: Actor
    before: State | None
    state: State
    round: int
    version: int
    digest: str | None
    reason: str = ""
    stand: Stand | None = None
    opens_ballots: bool = False
    circulates: bool = False


#: A guard beyond permission: what stands in the way, as reasons; empty when nothing does.
Guard = Callable[[Item, Actor, Act], tuple[Reason, ...]]


def _reason_given(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if act.reason.strip() else (Reason("reason_missing"),)


def _text_changed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if act.digest not in (None, item.head.digest) else (Reason("text_unchanged"),)


def _complete(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return (Reason("incomplete", fields=item.head.missing),) if item.head.missing else ()


def _counterpart_exists(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.counterparts else (Reason("no_counterpart"),)


def _only_brackets_cleaned(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if act.only_brackets_cleaned and not act.missing else (Reason("more_than_brackets_changed"),)


def _has_open_bracket(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.head.open_brackets else (Reason("no_bracket_open"),)


def _nobody_agreed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    agreed = tuple(group for group in item.counterparts if item.has_agreed(group))
    return (Reason("group_has_agreed", count=len(agreed)),) if agreed else ()


def _own_group_not_agreed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return (Reason("own_group_has_agreed"),) if item.has_agreed(actor.group_id or 0) else ()


def _newer_or_answered(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    reviewed = item.circulated
    if act.reason.strip() or (reviewed and item.head.digest != reviewed.digest):
        return ()
    return (Reason("neither_newer_nor_answered"),)


def _on_roster(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    ballot = item.ballot_of(actor.group_id or 0)
    return () if ballot and actor.person_id in ballot.roster else (Reason("not_on_roster"),)


def _stand_taken(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    if act.stand is None:
        return (Reason("stand_missing"),)
    if act.stand is Stand.OBJECT and not act.reason.strip():
        return (Reason("objection_needs_reason"),)
    return ()


def _ballot_carries(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    ballot = item.ballot_of(actor.group_id or 0)
    if ballot is None or ballot.round != item.round:
        return (Reason("no_ballot"),)
    outcome = tally(ballot, item.head.digest)
    reasons = []
    if not outcome.voters:
        reasons.append(Reason("no_voters"))
    elif outcome.positions < outcome.needed:
        reasons.append(Reason("positions_missing", count=outcome.positions, needed=outcome.needed))
    if outcome.voters and not outcome.approvals:
        reasons.append(Reason("no_approval"))
    return tuple(reasons)


def _no_open_objection(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    ballot = item.ballot_of(actor.group_id or 0)
    blocking = tally(ballot, item.head.digest).objectors if ballot else ()
    return (Reason("objection_open", count=len(blocking), people=blocking),) if blocking else ()


def _no_open_bracket(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    count = item.head.open_brackets
    return (Reason("bracket_open", count=count),) if count else ()


def _every_group_agreed(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    lacking = tuple(group for group in item.counterparts if not item.has_agreed(group))
    if lacking or not item.counterparts:
        return (Reason("agreement_missing", count=len(lacking)),)
    return ()


def _approved(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.is_approved() else (Reason("approval_missing"),)


def _text_intact(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    return () if item.head.recomputed == item.head.digest else (Reason("text_not_intact"),)


def _instant_reached(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    if actor.role is Role.CLOCK and not act.instant_reached:
        return (Reason("instant_not_reached"),)
    return ()


def _successor_published(item: Item, actor: Actor, act: Act) -> tuple[Reason, ...]:
    new = act.successor
    if new and new.task_force_id == item.task_force_id and new.replaces == item.id and _went_whole_way(new):
        return ()
    return (Reason("successor_not_published"),)


def _went_whole_way(item: Item) -> bool:
    """Whether an item is published, agreed by every counterpart group and approved: all on its head."""
    return (
        item.state is State.PUBLISHED
        and bool(item.counterparts)
        and all(item.has_agreed(group) for group in item.counterparts)
        and item.is_approved()
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `to` is None where the state stays as it is.

    `guards` ask the item alone, so that a page can say why an act is not possible yet; `inputs` ask
    what the person typed with the act, and are asked only when the act is made.
    """

    action: Action
    by: frozenset[tuple[Standing, Role]]
    source: frozenset[State]
    to: State | None
    guards: tuple[Guard, ...] = ()
    inputs: tuple[Guard, ...] = ()
    opens_ballots: bool = False
    circulates: bool = False


def _row(
    action: Action,
    by: frozenset[tuple[Standing, Role]],
    source: tuple[State, ...],
    to: State | None,
    guards: tuple[Guard, ...] = (),
    inputs: tuple[Guard, ...] = (),
    *,
    opens_ballots: bool = False,
    circulates: bool = False,
) -> tuple[Action, Rule]:
    return action, Rule(action, by, frozenset(source), to, guards, inputs, opens_ballots, circulates)


_PROPOSER = frozenset({(Standing.PROPOSER, Role.EXPERT), (Standing.PROPOSER, Role.LEAD)})
_PROPOSER_LEAD = frozenset({(Standing.PROPOSER, Role.LEAD)})
_COUNTERPART = frozenset({(Standing.COUNTERPART, Role.EXPERT), (Standing.COUNTERPART, Role.LEAD)})
_COUNTERPART_LEAD = frozenset({(Standing.COUNTERPART, Role.LEAD)})
_COORDINATOR = frozenset({(Standing.COORDINATOR, Role.COORDINATOR)})
_CLOCK = frozenset({(Standing.COORDINATOR, Role.CLOCK)})

_DRAFT, _PROPOSED, _CHANGES = State.DRAFT, State.PROPOSED, State.CHANGES_REQUESTED
_AGREED, _APPROVED, _PUBLISHED = State.AGREED, State.APPROVED, State.PUBLISHED
_WITHDRAWN, _DECLINED = State.WITHDRAWN, State.DECLINED

#: The whole procedure (product.md). `take_position` is the ballot's own act: it changes no state.
#: `resubmit` asks for completeness like `propose`, since a revision may have emptied a field.
# fmt: off
RULES: dict[Action, Rule] = dict((
    _row(Action.CREATE, _PROPOSER, (), _DRAFT),
    _row(Action.REVISE, _PROPOSER, (_DRAFT, _CHANGES), None, (), (_text_changed,)),
    _row(Action.PROPOSE, _PROPOSER, (_DRAFT,), _PROPOSED, (_complete, _counterpart_exists),
         opens_ballots=True, circulates=True),
    _row(Action.AMEND, _PROPOSER, (_PROPOSED,), None, (_has_open_bracket,),
         (_text_changed, _only_brackets_cleaned), circulates=True),
    _row(Action.TAKE_POSITION, _COUNTERPART, (_PROPOSED,), None,
         (_on_roster, _own_group_not_agreed), (_stand_taken,)),
    _row(Action.RECALL, _PROPOSER_LEAD, (_PROPOSED,), _CHANGES, (_nobody_agreed,), (_reason_given,)),
    _row(Action.REQUEST_CHANGES, _COUNTERPART, (_PROPOSED,), _CHANGES, (), (_reason_given,)),
    _row(Action.RESUBMIT, _PROPOSER, (_CHANGES,), _PROPOSED,
         (_complete, _counterpart_exists), (_newer_or_answered,),
         opens_ballots=True, circulates=True),
    _row(Action.AGREE, _COUNTERPART_LEAD, (_PROPOSED,), _AGREED,
         (_own_group_not_agreed, _ballot_carries, _no_open_objection, _no_open_bracket, _text_intact)),
    _row(Action.DECLINE, _COUNTERPART_LEAD, (_PROPOSED,), _DECLINED, (), (_reason_given,)),
    _row(Action.APPROVE, _COORDINATOR, (_AGREED,), _APPROVED,
         (_every_group_agreed, _no_open_bracket, _text_intact)),
    _row(Action.RETURN, _COORDINATOR, (_AGREED, _APPROVED), _CHANGES, (), (_reason_given,)),
    _row(Action.PUBLISH, _COORDINATOR | _CLOCK, (_APPROVED,), _PUBLISHED,
         (_every_group_agreed, _approved, _no_open_bracket, _text_intact), (_instant_reached,)),
    _row(Action.WITHDRAW, _PROPOSER_LEAD, (_DRAFT, _PROPOSED, _CHANGES, _AGREED, _APPROVED),
         _WITHDRAWN, (), (_reason_given,)),
    _row(Action.REOPEN, _PROPOSER_LEAD, (_WITHDRAWN, _DECLINED), _DRAFT, (), (_reason_given,)),
    _row(Action.SUPERSEDE, _COORDINATOR | _CLOCK, (_PUBLISHED,), State.SUPERSEDED,
         (), (_successor_published,)),
    _row(Action.RETRACT, _COORDINATOR, (_PUBLISHED,), State.RETRACTED, (), (_reason_given,)),
))
# fmt: on

#: Acts that a person does not choose on an existing item: it does not exist yet, or another act does it.
_NOT_OFFERED = frozenset({Action.CREATE, Action.SUPERSEDE})


def may_create(actor: Actor) -> bool:
    """Whether the actor may draft a recommendation for their own group."""
    own = standing(actor, actor.task_force_id, actor.group_id or 0)
    return (own, actor.role) in RULES[Action.CREATE].by


def decide_creation(actor: Actor, digest: str) -> Event:
    """Draft a new recommendation. Raises `NotPermitted` to who drafts for no group."""
    if not may_create(actor):
        raise NotPermitted(action=Action.CREATE)
    return Event(Action.CREATE, actor, None, State.DRAFT, 0, 1, digest)


def decide(actor: Actor, item: Item, act: Act) -> Event:
    """What the procedure makes of an act on an item as it stands under lock.

    Raises, in this order, so that nobody learns a state that they may not see: `NotFound`,
    `NotPermitted`, `StaleVersion`, `WrongState`, `Unmet` with every reason.
    """
    rule = RULES[act.action]
    if not may_see(actor, item):
        raise NotFound()
    if (standing(actor, item.task_force_id, item.proposing_group), actor.role) not in rule.by:
        raise NotPermitted(action=act.action)
    seen = item.version_for(actor)
    if seen is None or act.version != seen.number:
        raise StaleVersion(named=act.version, head=seen.number if seen else None)
    if item.state not in rule.source:
        raise WrongState(action=act.action, state=item.state, possible_from=tuple(sorted(rule.source)))
    reasons = tuple(r for guard in (*rule.guards, *rule.inputs) for r in guard(item, actor, act))
    if reasons:
        raise Unmet(action=act.action, reasons=reasons)
    return _event(rule, actor, item, act)


def _event(rule: Rule, actor: Actor, item: Item, act: Act) -> Event:
    state = rule.to or item.state
    if act.action is Action.AGREE and not _agreement_completes(item, actor):
        state = item.state
    makes_version = act.action in (Action.REVISE, Action.AMEND)
    return Event(
        action=act.action,
        actor=actor,
        before=item.state,
        state=state,
        round=item.round + (rule.opens_ballots or act.action is Action.RETURN),
        version=item.head.number + makes_version,
        digest=act.digest if makes_version else item.head.digest,
        reason=act.reason.strip(),
        stand=act.stand,
        opens_ballots=rule.opens_ballots,
        circulates=rule.circulates,
    )


def _agreement_completes(item: Item, actor: Actor) -> bool:
    """Whether this group's agreement is the last one that was missing."""
    return all(group == actor.group_id or item.has_agreed(group) for group in item.counterparts)


@dataclass(frozen=True, slots=True)
class Option:
    """An action that is this actor's to make from here, and what still stands in its way."""

    action: Action
    reasons: tuple[Reason, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether nothing stands in its way but the words that the act itself needs."""
        return not self.reasons


def available_actions(actor: Actor, item: Item) -> tuple[Option, ...]:
    """Every action that the table gives this actor from the item's state, in the table's order."""
    if not may_see(actor, item):
        return ()
    who = (standing(actor, item.task_force_id, item.proposing_group), actor.role)
    return tuple(
        Option(
            rule.action,
            tuple(r for guard in rule.guards for r in guard(item, actor, Act(rule.action))),
        )
        for rule in RULES.values()
        if rule.action not in _NOT_OFFERED and who in rule.by and item.state in rule.source
    )

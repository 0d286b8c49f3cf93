"""The procedure: one table, one row an action, and the one function that decides by it.

The table is product.md's. `decide` asks it "may this happen?", `available_actions` asks it "what
could happen, and why not yet?"; nothing else in the house changes a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reviewflow.domain import guards as when
from reviewflow.domain.actors import Actor, Role, Standing, standing
from reviewflow.domain.acts import POSITIONS, Act, Action, Event, Reason
from reviewflow.domain.ballots import Stand, recused
from reviewflow.domain.errors import NotFound, NotPermitted, StaleVersion, Unmet, WrongState
from reviewflow.domain.guards import Guard
from reviewflow.domain.items import Item, State
from reviewflow.domain.silence import SilenceOutcome
from reviewflow.domain.stand_ins import DELEGATED, stand_in_obstacles
from reviewflow.domain.visibility import may_see

__all__ = [
    "RULES",
    "Act",
    "Action",
    "Event",
    "Option",
    "Reason",
    "Rule",
    "available_actions",
    "decide",
    "decide_creation",
    "may_begin",
    "may_create",
]


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
_PROPOSER_EXPERT = _PROPOSER - _PROPOSER_LEAD
_COUNTERPART = frozenset({(Standing.COUNTERPART, Role.EXPERT), (Standing.COUNTERPART, Role.LEAD)})
_COUNTERPART_LEAD = frozenset({(Standing.COUNTERPART, Role.LEAD)})
_LEADS = _PROPOSER_LEAD | _COUNTERPART_LEAD
_COORDINATOR = frozenset({(Standing.COORDINATOR, Role.COORDINATOR)})
_CLOCK = frozenset({(Standing.COORDINATOR, Role.CLOCK)})

_DRAFT, _PROPOSED, _CHANGES = State.DRAFT, State.PROPOSED, State.CHANGES_REQUESTED
_AGREED, _APPROVED, _PUBLISHED = State.AGREED, State.APPROVED, State.PUBLISHED
_WITHDRAWN, _DECLINED = State.WITHDRAWN, State.DECLINED
_BEFORE_THE_PUBLIC = (_DRAFT, _PROPOSED, _CHANGES, _AGREED, _APPROVED, _WITHDRAWN, _DECLINED)

#: The whole procedure (product.md). `take_position` is the ballot's own act: it changes no state.
#: `raise_concern` and `end_concern` change none either, nor does `suggest`; but the proposing group may
#: amend by accepting what was suggested. `schedule` sets the instant at which the clock publishes.
#: `resubmit` asks for completeness like `propose`, since a revision may have emptied a field. Neither asks
#: whether the parts hold: a part that has lost its approval may have it again, for the same words, before
#: anybody decides on the whole, so only the acts that decide ask.
# fmt: off
RULES: dict[Action, Rule] = dict((
    _row(Action.CREATE, _PROPOSER, (), _DRAFT),
    _row(Action.REVISE, _PROPOSER, (_DRAFT, _CHANGES), None, (when.takes_part,), (when.text_changed,)),
    _row(Action.PROPOSE, _PROPOSER, (_DRAFT,), _PROPOSED,
         (when.takes_part, when.complete, when.counterpart_exists, when.original_in_force),
         opens_ballots=True, circulates=True),
    _row(Action.SUGGEST, _PROPOSER | _COUNTERPART | _COORDINATOR, (_DRAFT, _PROPOSED, _CHANGES), None,
         (), (when.differs_from_what_is_seen,)),
    _row(Action.AMEND, _PROPOSER, (_PROPOSED,), None,
         (when.takes_part, when.text_not_frozen, when.something_to_settle),
         (when.text_changed, when.only_settled), circulates=True),
    _row(Action.TAKE_POSITION, _COUNTERPART, (_PROPOSED,), None,
         (when.on_roster, when.own_group_not_agreed), (when.stand_taken,)),
    _row(Action.RAISE_CONCERN, _COUNTERPART, (_PROPOSED, _CHANGES), None,
         (when.has_ballot, when.own_group_not_agreed), (when.reason_given,)),
    _row(Action.END_CONCERN, _COUNTERPART, (_PROPOSED, _CHANGES), None,
         (), (when.ends_a_concern_of_theirs, when.concern_end_chosen, when.reason_given)),
    _row(Action.RECORD_POSITION, _COUNTERPART_LEAD, (_PROPOSED,), None,
         (when.own_ballot_open, when.own_group_not_agreed), (when.given_by_member, when.stand_taken)),
    _row(Action.RECUSE, _PROPOSER_EXPERT, (_DRAFT, _PROPOSED, _CHANGES), None, (when.takes_part,)),
    _row(Action.REJOIN, _PROPOSER, (_DRAFT, _PROPOSED, _CHANGES), None, (when.is_recused,)),
    _row(Action.RECALL, _PROPOSER_LEAD, (_PROPOSED,), _CHANGES, (when.text_not_frozen, when.nobody_agreed),
         (when.reason_given,)),
    _row(Action.REQUEST_CHANGES, _COUNTERPART, (_PROPOSED,), _CHANGES, (), (when.reason_given,)),
    _row(Action.RESUBMIT, _PROPOSER, (_CHANGES,), _PROPOSED,
         (when.takes_part, when.complete, when.counterpart_exists, when.original_in_force),
         (when.newer_or_answered,),
         opens_ballots=True, circulates=True),
    _row(Action.TIE, _LEADS, (_PROPOSED,), None, (when.not_tied, when.nobody_agreed, when.no_silence_open)),
    _row(Action.UNTIE, _LEADS, (_DRAFT, _PROPOSED, _CHANGES, _WITHDRAWN, _DECLINED), None,
         (when.tied_by_own_group,)),
    _row(Action.AGREE, _COUNTERPART_LEAD, (_PROPOSED,), _AGREED,
         (when.text_not_frozen, when.agreed_with_its_package, when.own_group_not_agreed, when.ballot_carries,
          when.no_open_objection, when.no_open_concern, when.no_open_bracket, when.text_intact,
          when.parts_hold, when.original_in_force)),
    _row(Action.PROPOSE_SILENCE, _LEADS, (_PROPOSED,), None,
         (when.no_silence_open, when.fit_for_silence), (when.instant_ahead,)),
    _row(Action.ACCEPT_SILENCE, _LEADS, (_PROPOSED,), None,
         (when.silence_proposed, when.own_group_asked, when.proposed_instant_ahead, when.fit_for_silence),
         (when.instant_as_proposed,)),
    _row(Action.REFUSE_SILENCE, _LEADS, (_PROPOSED,), None, (when.silence_proposed,)),
    _row(Action.EXTEND_SILENCE, _LEADS, (_PROPOSED,), None, (when.silence_runs,), (when.instant_later,)),
    _row(Action.EXPIRE_SILENCE, _CLOCK, (_PROPOSED,), _AGREED, (when.expiry_reached,)),
    _row(Action.LAPSE_SILENCE, _CLOCK, (_PROPOSED,), None, (when.proposed_instant_passed,)),
    _row(Action.DECLINE, _COUNTERPART_LEAD, (_PROPOSED,), _DECLINED, (), (when.reason_given,)),
    _row(Action.APPROVE, _COORDINATOR, (_AGREED,), _APPROVED,
         (when.every_group_agreed, when.no_open_bracket, when.text_intact, when.parts_hold,
          when.original_in_force)),
    _row(Action.RETURN, _COORDINATOR, (_AGREED, _APPROVED), _CHANGES, (), (when.reason_given,)),
    _row(Action.SCHEDULE, _COORDINATOR, (_APPROVED,), None,
         (when.every_group_agreed, when.approved, when.no_open_bracket, when.text_intact, when.parts_hold,
          when.original_in_force), (when.instant_ahead,)),
    _row(Action.UNSCHEDULE, _COORDINATOR, (_APPROVED,), None, (when.publication_set,)),
    _row(Action.PUBLISH, _COORDINATOR | _CLOCK, (_APPROVED,), _PUBLISHED,
         (when.every_group_agreed, when.approved, when.no_open_bracket, when.text_intact, when.parts_hold,
          when.original_in_force), (when.instant_reached,)),
    _row(Action.WITHDRAW, _PROPOSER_LEAD, (_DRAFT, _PROPOSED, _CHANGES, _AGREED, _APPROVED),
         _WITHDRAWN, (), (when.reason_given,)),
    _row(Action.REOPEN, _PROPOSER_LEAD, (_WITHDRAWN, _DECLINED), _DRAFT, (), (when.reason_given,)),
    _row(Action.SUPERSEDE, _COORDINATOR | _CLOCK, (_PUBLISHED,), State.SUPERSEDED,
         (), (when.successor_published,)),
    _row(Action.CORRECT, _COORDINATOR | _CLOCK, (_PUBLISHED,), None, (), (when.corrigendum_published,)),
    _row(Action.RETRACT, _COORDINATOR, (_PUBLISHED,), State.RETRACTED, (), (when.reason_given,)),
    _row(Action.ATTACH_STATEMENT, _PROPOSER | _COUNTERPART, (_PROPOSED, _AGREED, _APPROVED), None,
         (when.publication_not_set,), (when.statement_worded, when.speaks_for_group)),
    _row(Action.WITHDRAW_STATEMENT, _PROPOSER | _COUNTERPART, _BEFORE_THE_PUBLIC, None,
         (when.publication_not_set,), (when.statement_is_theirs,)),
))
# fmt: on

#: Acts that no list offers: the item does not exist yet, another act does it, or it begins elsewhere on the
#: page, at words of the text, at its package or its statements.
_NOT_OFFERED = frozenset(
    {
        *(
            Action.CREATE,
            Action.SUPERSEDE,
            Action.CORRECT,
            Action.SUGGEST,
            Action.RAISE_CONCERN,
            Action.END_CONCERN,
        ),
        *(Action.TIE, Action.UNTIE, Action.ATTACH_STATEMENT, Action.WITHDRAW_STATEMENT),
    }
)
#: Acts on the text that the actor sees; a newer one of the proposing group is not named to the others.
_ON_WHAT_IS_SEEN = frozenset({Action.SUGGEST, Action.UNTIE, Action.WITHDRAW_STATEMENT})
#: What takes the text from the table, or asks something of it, and so breaks silence while it runs.
_BREAKING = frozenset({Action.RAISE_CONCERN, Action.REQUEST_CHANGES, Action.DECLINE, Action.WITHDRAW})
#: What makes a silence procedure pointless that has been proposed and does not run yet.
_OVERTAKING = frozenset(
    {
        *(Action.REQUEST_CHANGES, Action.DECLINE, Action.WITHDRAW),
        *(Action.AMEND, Action.RECALL, Action.AGREE, Action.LAPSE_SILENCE),
    }
)


def may_create(actor: Actor) -> bool:
    """Whether the actor may draft a recommendation for their own group."""
    own = standing(actor, actor.task_force_id, actor.group_id or 0)
    return (own, actor.role) in RULES[Action.CREATE].by and actor.stand_in is None


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
    if not _is_given(actor, item, rule):
        raise NotPermitted(action=act.action)
    seen = item.version_for(actor)
    if seen is None or act.version != seen.number:
        raise StaleVersion(named=act.version, head=seen.number if seen else None)
    if item.state not in rule.source:
        raise WrongState(action=act.action, state=item.state, possible_from=tuple(sorted(rule.source)))
    if item.silence and act.at is None:
        raise ValueError("what is done under a silence procedure has an instant")
    reasons = _obstacles(item, actor, act, (*rule.guards, *rule.inputs))
    if reasons:
        raise Unmet(action=act.action, reasons=reasons)
    return _event(rule, actor, item, act)


def _is_given(actor: Actor, item: Item, rule: Rule) -> bool:
    """Whether the table gives an act to the actor; in another's name only what can be delegated."""
    who = (standing(actor, item.task_force_id, item.proposing_group), actor.role)
    return who in rule.by and (actor.stand_in is None or rule.action in DELEGATED)


def _obstacles(item: Item, actor: Actor, act: Act, asked: tuple[Guard, ...]) -> tuple[Reason, ...]:
    """What stands in the way: once silence is over, everything but recording that it is, else the guards."""
    if item.silence and item.silence.over(act.at) and act.action is not Action.EXPIRE_SILENCE:
        return (Reason("silence_over"),)
    own = (stand_in_obstacles, *asked)
    return tuple(reason for guard in own for reason in guard(item, actor, act))


def _event(rule: Rule, actor: Actor, item: Item, act: Act) -> Event:
    state = rule.to or item.state
    if act.action is Action.AGREE and not _agreement_completes(item, actor):
        state = item.state
    ends_silence = _ends_silence(item, actor, act)
    if act.action is Action.EXPIRE_SILENCE and ends_silence is not SilenceOutcome.ADOPTED:
        state = item.state
    makes_version = act.action in (Action.REVISE, Action.AMEND)
    suggests = act.action is Action.SUGGEST
    text = (item.version_for(actor) if act.action in _ON_WHAT_IS_SEEN else None) or item.head
    return Event(
        action=act.action,
        actor=actor,
        before=item.state,
        state=state,
        round=item.round + (rule.opens_ballots or act.action is Action.RETURN),
        version=text.number + makes_version,
        digest=act.digest if makes_version else text.digest,
        reason=act.reason.strip(),
        stand=act.stand,
        concern=actor.person_id if act.action is Action.RAISE_CONCERN else act.concern,
        concern_end=act.concern_end,
        opens_ballots=rule.opens_ballots,
        circulates=rule.circulates,
        suggestions=int(suggests and not act.internal) - (act.accepted if makes_version else 0),
        member=act.member,
        means=act.means.strip(),
        until=act.until,
        ends_silence=ends_silence,
    )


def _ends_silence(item: Item, actor: Actor, act: Act) -> SilenceOutcome | None:
    """How the act ends the item's silence procedure; None if there is none, or it goes on.

    An expiry that finds what silence can't pass over, which only somebody behind the procedure's back can
    have put there, adopts nothing and sets the item free.
    """
    if item.silence is None:
        return None
    if act.action is Action.EXPIRE_SILENCE:
        unfit = when.fit_for_silence(item, actor, act) or when.text_intact(item, actor, act)
        return SilenceOutcome.WITHDRAWN if unfit else SilenceOutcome.ADOPTED
    if act.action is Action.REFUSE_SILENCE:
        return SilenceOutcome.REFUSED
    if item.silence.running:
        speaks = act.action in _BREAKING or _speaks_up(item, actor, act)
        return SilenceOutcome.BROKEN if speaks else None
    return SilenceOutcome.WITHDRAWN if act.action in _OVERTAKING else None


def _speaks_up(item: Item, actor: Actor, act: Act) -> bool:
    """Whether words break silence: a shared suggestion, an objection, or a recusal that leaves no voter."""
    if act.action is Action.SUGGEST:
        return not act.internal
    ballot = item.ballot_of(actor.group_id or 0)
    if act.action not in POSITIONS or ballot is None:
        return False
    if act.stand is Stand.OBJECT:
        return True
    leaves = frozenset({act.member or actor.person_id}) if act.stand is Stand.RECUSE else frozenset[int]()
    return ballot.roster <= recused(ballot) | leaves


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


def may_begin(actor: Actor, item: Item, action: Action, at: datetime | None = None) -> bool:
    """Whether an act that no list offers is this actor's to make now, but for the words that it needs."""
    rule = RULES[action]
    if not may_see(actor, item) or not _is_given(actor, item, rule) or item.state not in rule.source:
        return False
    return not _obstacles(item, actor, Act(action, at=at), rule.guards)


def available_actions(actor: Actor, item: Item, at: datetime | None = None) -> tuple[Option, ...]:
    """Every action that the table gives this actor from the item's state, in the table's order.

    `at` is the present instant, for what silence no longer allows once it is over.
    """
    if not may_see(actor, item):
        return ()
    return tuple(
        Option(
            rule.action,
            _obstacles(item, actor, Act(rule.action, at=at), rule.guards),
        )
        for rule in RULES.values()
        if rule.action not in _NOT_OFFERED and item.state in rule.source and _is_given(actor, item, rule)
    )

"""Every state x action x standing x role against a table written by hand, not read from the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Ballot, ConcernEnd, Position, Stand
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal, StaleVersion, Unmet, WrongState
from reviewflow.domain.items import (
    Agreement,
    Approval,
    Item,
    Relation,
    RelationKind,
    State,
    Version,
    with_concern,
)
from reviewflow.domain.parts import Part, PartStanding
from reviewflow.domain.silence import Consent, Silence
from reviewflow.domain.statements import Statement
from reviewflow.domain.workflow import Act, Action, available_actions, decide, decide_creation, may_create

#: One row an action, from product.md. "to" is "same" where the state stays. "refused" are the reasons
#: when everything is wrong that can be (`SPOILED`), "agreed already" those when only one of two groups
#: has agreed, the actor's own, and all else is in order (`HALFWAY`); "ok" means that it is let through.
TABLE = """
action          | by                                       | from                                               | to                | refused                                                                                    | agreed already
create          | proposer:lead proposer:expert            | -                                                  | draft             | -                                                                                          | -
revise          | proposer:lead proposer:expert            | draft changes_requested                            | same              | text_unchanged                                                                             | ok
propose         | proposer:lead proposer:expert            | draft                                              | proposed          | incomplete original_retracted                                                                 | ok
suggest         | proposer:lead proposer:expert counterpart:lead counterpart:expert coordinator:coordinator | draft proposed changes_requested | same | same_words                                                                    | ok
amend           | proposer:lead proposer:expert            | proposed                                           | same              | text_unchanged more_than_settled                                                           | nothing_to_settle
take_position   | counterpart:lead counterpart:expert      | proposed                                           | same              | not_on_roster stand_missing                                                                | own_group_has_agreed
raise_concern   | counterpart:lead counterpart:expert      | proposed changes_requested                         | same              | reason_missing                                                                             | own_group_has_agreed
end_concern     | counterpart:lead counterpart:expert      | proposed changes_requested                         | same              | no_such_concern concern_end_missing reason_missing                                         | no_such_concern
record_position | counterpart:lead                         | proposed                                           | same              | member_not_on_roster stand_missing                                                         | own_group_has_agreed
recuse          | proposer:expert                          | draft proposed changes_requested                   | same              | ok                                                                                         | ok
rejoin          | proposer:lead proposer:expert            | draft proposed changes_requested                   | same              | not_recused                                                                                | not_recused
recall          | proposer:lead                            | proposed                                           | changes_requested | reason_missing                                                                             | group_has_agreed
request_changes | counterpart:lead counterpart:expert      | proposed                                           | changes_requested | reason_missing                                                                             | ok
resubmit        | proposer:lead proposer:expert            | changes_requested                                  | proposed          | incomplete original_retracted neither_newer_nor_answered                                                      | ok
tie             | proposer:lead counterpart:lead           | proposed                                           | same              | tied_already                                                                               | group_has_agreed
untie           | proposer:lead counterpart:lead           | draft proposed changes_requested withdrawn declined | same              | tied_by_another_group                                                                      | not_tied
agree           | counterpart:lead                         | proposed                                           | agreed            | tied positions_missing no_approval objection_open concern_open bracket_open text_not_intact part_retracted original_retracted                  | own_group_has_agreed
propose_silence | proposer:lead counterpart:lead           | proposed                                           | same              | objection_open bracket_open concern_open tied part_retracted original_retracted instant_missing                                                | group_has_agreed
accept_silence  | proposer:lead counterpart:lead           | proposed                                           | same              | no_silence objection_open bracket_open concern_open tied part_retracted original_retracted another_instant                                     | no_silence group_has_agreed another_instant
refuse_silence  | proposer:lead counterpart:lead           | proposed                                           | same              | no_silence                                                                                 | no_silence
extend_silence  | proposer:lead counterpart:lead           | proposed                                           | same              | no_silence instant_missing                                                                 | no_silence
expire_silence  | coordinator:clock                        | proposed                                           | agreed            | silence_not_over                                                                           | silence_not_over
lapse_silence   | coordinator:clock                        | proposed                                           | same              | silence_not_over                                                                           | silence_not_over
decline         | counterpart:lead                         | proposed                                           | declined          | reason_missing                                                                             | ok
approve         | coordinator:coordinator                  | agreed                                             | approved          | agreement_missing bracket_open text_not_intact part_retracted original_retracted                                             | agreement_missing
return          | coordinator:coordinator                  | agreed approved                                    | changes_requested | reason_missing                                                                             | ok
schedule        | coordinator:coordinator                  | approved                                           | same              | agreement_missing approval_missing bracket_open text_not_intact part_retracted original_retracted instant_missing            | agreement_missing approval_missing
unschedule      | coordinator:coordinator                  | approved                                           | same              | publication_not_set                                                                        | ok
publish         | coordinator:coordinator coordinator:clock | approved                                          | published         | agreement_missing approval_missing bracket_open text_not_intact part_retracted original_retracted (clock:instant_not_reached) | agreement_missing approval_missing
withdraw        | proposer:lead                            | draft proposed changes_requested agreed approved   | withdrawn         | reason_missing                                                                             | ok
reopen          | proposer:lead                            | withdrawn declined                                 | draft             | reason_missing                                                                             | ok
supersede       | coordinator:coordinator coordinator:clock | published                                         | superseded        | successor_not_published                                                                    | ok
correct         | coordinator:coordinator coordinator:clock | published                                         | same              | corrigendum_not_published                                                                  | ok
retract         | coordinator:coordinator                  | published                                          | retracted         | reason_missing                                                                             | ok
attach_statement | proposer:lead proposer:expert counterpart:lead counterpart:expert | proposed agreed approved                           | same              | statement_missing                                                                          | ok
withdraw_statement | proposer:lead proposer:expert counterpart:lead counterpart:expert | draft proposed changes_requested agreed approved withdrawn declined | same              | statement_of_another                                                                       | ok
"""  # noqa: E501 - a table is read by its columns

#: Who sees the item before and after its first circulation; everybody else never does.
SEEN = """
                          before  after
proposer:lead             yes     yes
proposer:expert           yes     yes
proposer:observer         yes     yes
counterpart:lead          no      yes
counterpart:expert        no      yes
counterpart:observer      no      yes
coordinator:coordinator   no      yes
coordinator:clock         no      yes
none:administrator        no      no
elsewhere:lead            no      no
elsewhere:expert          no      no
elsewhere:observer        no      no
elsewhere:coordinator     no      no
elsewhere:clock           no      no
elsewhere:administrator   no      no
"""

ACTORS = {
    "proposer:lead": Actor(11, 1, Role.LEAD, 10),
    "proposer:expert": Actor(12, 1, Role.EXPERT, 10),
    "proposer:observer": Actor(13, 1, Role.OBSERVER, 10),
    "counterpart:lead": Actor(21, 1, Role.LEAD, 20),
    "counterpart:expert": Actor(22, 1, Role.EXPERT, 20),
    "counterpart:observer": Actor(23, 1, Role.OBSERVER, 20),
    "coordinator:coordinator": Actor(1, 1, Role.COORDINATOR),
    "coordinator:clock": Actor(2, 1, Role.CLOCK),
    "none:administrator": Actor(3, 1, Role.ADMINISTRATOR),
    # The same people and group numbers in another task force.
    "elsewhere:lead": Actor(11, 2, Role.LEAD, 10),
    "elsewhere:expert": Actor(12, 2, Role.EXPERT, 10),
    "elsewhere:observer": Actor(13, 2, Role.OBSERVER, 10),
    "elsewhere:coordinator": Actor(1, 2, Role.COORDINATOR),
    "elsewhere:clock": Actor(2, 2, Role.CLOCK),
    "elsewhere:administrator": Actor(3, 2, Role.ADMINISTRATOR),
}


@dataclass(frozen=True)
class Row:
    """One row of `TABLE`, as words."""

    by: frozenset[str]
    source: frozenset[str]
    to: str
    refused: str
    halfway: str


def _rows() -> dict[Action, Row]:
    rows = {}
    for line in TABLE.strip().splitlines()[1:]:
        action, by, source, to, refused, halfway = (cell.strip() for cell in line.split("|"))
        sources = frozenset(source.split()) - {"-"}
        rows[Action(action)] = Row(frozenset(by.split()), sources, to, refused, halfway)
    return rows


ROWS = _rows()
VISIBLE = {
    (name, circulated): answer == "yes"
    for name, before, after in (line.split() for line in SEEN.strip().splitlines()[1:])
    for circulated, answer in ((False, before), (True, after))
}

TEXT = Version(2, "text", "text")
BROKEN = Version(2, "broken", "altered", open_brackets=1, missing=("title",))
APPROVALS = tuple(Position(person, Stand.APPROVE, 1, 2, "text") for person in (21, 22))

#: Everything in order: both groups agreed and the coordinator approved (for the states that want it).
READY = Item(
    id=7,
    task_force_id=1,
    proposing_group=10,
    counterparts=(20, 30),
    state=State.DRAFT,
    round=1,
    head=TEXT,
    circulated=TEXT,
    ballots=(Ballot(20, 1, frozenset({21, 22}), APPROVALS), Ballot(30, 1, frozenset({31}))),
    agreements=(Agreement(20, 1, "text"), Agreement(30, 1, "text")),
    approvals=(Approval(1, "text"),),
    parts=(Part("part", "USKZ.REC/8/09", PartStanding.HOLDS),),
)
#: The counterpart group is about to agree, as the last one.
UNAGREED = replace(READY, agreements=(Agreement(30, 1, "text"),), approvals=())
#: The counterpart group has agreed, the other one has not.
HALFWAY = replace(READY, agreements=(Agreement(20, 1, "text"),), approvals=())
#: Nobody has agreed.
OPEN = replace(READY, agreements=(), approvals=())
#: Everything is wrong that can be: a gap, a bracket, altered bytes, an objection, a tie, no agreement, a
#: retracted part, a corrigendum to what was retracted.
SPOILED = replace(
    READY,
    head=BROKEN,
    circulated=BROKEN,
    ballots=(
        Ballot(20, 1, frozenset({24, 25}), (Position(25, Stand.OBJECT, 1, 2, "broken"),), (24,)),
        Ballot(30, 1, frozenset({31})),
    ),
    agreements=(),
    approvals=(),
    tied_by=30,
    parts=(Part("part", "USKZ.REC/9/09", PartStanding.RETRACTED),),
    relation=Relation(RelationKind.CORRIGENDUM, 3, State.RETRACTED),
)
#: The third group has proposed silence until `LATER`; and silence that runs until an instant.
NOW, LATER = datetime(2009, 10, 15, 12, tzinfo=UTC), datetime(2009, 10, 16, 12, tzinfo=UTC)
PROPOSED_SILENCE = Silence(LATER, frozenset({Consent(30, LATER)}))


def running(until: datetime) -> Silence:
    """Silence to which all groups have consented."""
    return Silence(until, frozenset(Consent(group, until) for group in (10, 20, 30)), running=True)


def follower(kind: RelationKind) -> Item:
    """What went the whole way and follows the item in this way."""
    return replace(READY, id=8, state=State.PUBLISHED, relation=Relation(kind, 7))


def good(action: Action, state: State = State.DRAFT) -> tuple[Item, Act]:
    """An item on which only the state can refuse the action, and an act with all that it needs."""
    item = {
        Action.AGREE: UNAGREED,
        Action.RECALL: OPEN,
        Action.TAKE_POSITION: OPEN,
        Action.TIE: OPEN,
        Action.RAISE_CONCERN: with_concern(OPEN, 20, 22),
        Action.END_CONCERN: with_concern(OPEN, 20, 22),
        Action.RECORD_POSITION: OPEN,
        Action.REJOIN: replace(OPEN, recused=frozenset({11, 12})),
        Action.PROPOSE_SILENCE: OPEN,
        Action.ACCEPT_SILENCE: replace(OPEN, silence=PROPOSED_SILENCE),
        Action.REFUSE_SILENCE: replace(OPEN, silence=PROPOSED_SILENCE),
        Action.EXTEND_SILENCE: replace(OPEN, silence=running(NOW + timedelta(microseconds=1))),
        Action.EXPIRE_SILENCE: replace(OPEN, silence=running(NOW)),
        Action.LAPSE_SILENCE: replace(OPEN, silence=replace(running(NOW), running=False)),
        Action.PUBLISH: replace(READY, publish_at=NOW),
        Action.UNSCHEDULE: replace(READY, publish_at=NOW),
    }.get(action, READY)
    if action is Action.AMEND:
        item = replace(OPEN, head=replace(TEXT, open_brackets=1), circulated=replace(TEXT, open_brackets=1))
    return replace(item, state=state), Act(
        action,
        version=2,
        reason="why",
        digest="new",
        only_brackets_cleaned=True,
        stand=Stand.APPROVE,
        concern=22,
        concern_end=ConcernEnd.ANSWERED,
        follower=follower(RelationKind.CORRIGENDUM if action is Action.CORRECT else RelationKind.SUCCESSOR),
        member=22,
        means="by letter",
        at=NOW,
        until=LATER,
    )


def own(name: str, item: Item, act: Act) -> tuple[Item, Act]:
    """The same with what has to be the actor's own: the tie that they untie, the statement they take back."""
    actor = ACTORS[name]
    if act.action is Action.UNTIE:
        item = replace(item, tied_by=actor.group_id)
    if act.action is Action.WITHDRAW_STATEMENT:
        act = replace(act, statement=Statement(actor.person_id, actor.group_id or 0, for_group=False))
    return item, act


def outcome(actor: Actor, item: Item, act: Act) -> object:
    """The state after the act, or the class of the refusal; with its reasons if a guard is not met."""
    try:
        return decide(actor, item, act).state
    except Unmet as refusal:
        return Unmet, tuple(reason.code for reason in refusal.details["reasons"])
    except Refusal as refusal:
        return type(refusal)


def refused_first(name: str, action: Action, *, circulated: bool, fresh: bool, state: State) -> object:
    """What refuses an act before any guard is asked, in the order that gives nothing away."""
    if not VISIBLE[name, circulated]:
        return NotFound
    if name not in ROWS[action].by:
        return NotPermitted
    if not fresh:
        return StaleVersion
    if state not in ROWS[action].source:
        return WrongState
    return None


def test_table_has_every_action_once() -> None:
    assert (list(ROWS), len(TABLE.strip().splitlines())) == (list(Action), len(Action) + 1)


def test_table_has_every_actor() -> None:
    assert {name for name, _ in VISIBLE} == set(ACTORS)


@pytest.mark.parametrize("action", Action)
def test_act_is_let_through_as_the_table_says(action: Action) -> None:
    expected, actual = {}, {}
    for state, name, circulated, number in product(State, ACTORS, (True, False), (2, 1, 3, None)):
        item, act = own(name, *good(action, state))
        item = item if circulated else replace(item, circulated=None)
        case = (state, name, circulated, number)
        actual[case] = outcome(ACTORS[name], item, replace(act, version=number))
        to = state if ROWS[action].to == "same" else State(ROWS[action].to)
        expected[case] = (
            refused_first(name, action, circulated=circulated, fresh=number == 2, state=state) or to
        )
    assert actual == expected


@pytest.mark.parametrize("action", Action)
def test_act_is_refused_with_every_reason_of_the_table(action: Action) -> None:
    expected, actual = {}, {}
    for state, name, circulated, number in product(State, ACTORS, (True, False), (2, 1, 3, None)):
        item = replace(SPOILED, state=state, circulated=BROKEN if circulated else None)
        case = (state, name, circulated, number)
        codes = ROWS[action].refused.replace("(clock:", "" if name.endswith("clock") else "(").rstrip(")")
        reasons = tuple(code for code in codes.split() if not code.startswith("("))
        same_text = action in (Action.REVISE, Action.SUGGEST, Action.AMEND)
        digest = BROKEN.digest if same_text else None
        actual[case] = outcome(ACTORS[name], item, Act(action, version=number, digest=digest))
        refused = refused_first(name, action, circulated=circulated, fresh=number == 2, state=state)
        expected[case] = refused or (state if reasons == ("ok",) else (Unmet, reasons))
    assert actual == expected


@pytest.mark.parametrize("action", Action)
def test_act_after_one_of_two_groups_agreed_is_as_the_table_says(action: Action) -> None:
    row = ROWS[action]
    expected, actual = {}, {}
    for state, name in product(State, ACTORS):
        ready, act = own(name, *good(action))
        item = replace(HALFWAY, state=state, publish_at=ready.publish_at)
        actual[state, name] = outcome(ACTORS[name], item, act)
        to = state if row.to == "same" else State(row.to)
        refused = refused_first(name, action, circulated=True, fresh=True, state=state)
        met = to if row.halfway == "ok" else (Unmet, tuple(row.halfway.split()))
        expected[state, name] = refused or met
    assert actual == expected


@pytest.mark.parametrize("name", ACTORS)
@pytest.mark.parametrize("circulated", [True, False])
def test_offered_actions_are_those_of_the_table(name: str, circulated: bool) -> None:
    offered, expected = {}, {}
    for state in State:
        item = replace(SPOILED, state=state, circulated=BROKEN if circulated else None)
        offered[state] = [option.action for option in available_actions(ACTORS[name], item)]
        expected[state] = [
            action
            for action, row in ROWS.items()
            if VISIBLE[name, circulated] and name in row.by and state in row.source
            if action
            not in (Action.CREATE, Action.SUGGEST, Action.SUPERSEDE, Action.CORRECT, Action.TIE, Action.UNTIE)
            if action not in (Action.ATTACH_STATEMENT, Action.WITHDRAW_STATEMENT)
            if action not in (Action.RAISE_CONCERN, Action.END_CONCERN)
        ]
    assert offered == expected


def test_agreement_of_one_of_two_groups_leaves_the_item_proposed() -> None:
    item = replace(OPEN, state=State.PROPOSED)
    assert outcome(ACTORS["counterpart:lead"], item, good(Action.AGREE)[1]) is State.PROPOSED


def test_creation_is_for_leads_and_experts() -> None:
    allowed = {name for name, actor in ACTORS.items() if may_create(actor)}
    assert allowed == {
        f"{s}:{r}" for s in ("proposer", "counterpart", "elsewhere") for r in ("lead", "expert")
    }
    for name, actor in ACTORS.items():
        if name in allowed:
            event = decide_creation(actor, "text")
            assert (event.before, event.state, event.round, event.version) == (None, State.DRAFT, 0, 1)
        else:
            with pytest.raises(NotPermitted):
                decide_creation(actor, "text")

"""Every item that can come about in a small world, and what must hold of each item and each act.

The rules under test are asked, never copied: what must hold is written here a second time, from
product.md, so that a row, a guard or a condition that goes missing is noticed. Version numbers and
rounds are brought down to "this one" and "an earlier one", which keeps the world finite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain, islice, zip_longest
from typing import TypeAlias

from reviewflow.domain import workflow
from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Ballot, ConcernEnd, Outcome, Position, Stand, tally
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal, StaleVersion, Unmet
from reviewflow.domain.evolution import evolve
from reviewflow.domain.items import Agreement, Approval, Item, Relation, RelationKind, State, Version
from reviewflow.domain.parts import Part, PartStanding
from reviewflow.domain.silence import Consent, Silence, SilenceOutcome
from reviewflow.domain.statements import Statement
from reviewflow.domain.waiting import COORDINATOR_PARTY, Members, Task, holders, tasks
from reviewflow.domain.workflow import Act, Action, Event, available_actions, decide, decide_creation

# --- The small world ---------------------------------------------------------------------------

TASK_FORCE, PROPOSING = 1, 10
LEAD, EXPERT = Actor(11, TASK_FORCE, Role.LEAD, PROPOSING), Actor(12, TASK_FORCE, Role.EXPERT, PROPOSING)
COORDINATOR = Actor(1, TASK_FORCE, Role.COORDINATOR)
CLOCK = Actor(2, TASK_FORCE, Role.CLOCK)
#: People who never have a say: an administrator, observers, and people of another task force.
BYSTANDERS = (
    Actor(3, TASK_FORCE, Role.ADMINISTRATOR),
    Actor(13, TASK_FORCE, Role.OBSERVER, PROPOSING),
    Actor(28, TASK_FORCE, Role.OBSERVER, 20),
    Actor(11, TASK_FORCE + 1, Role.LEAD, PROPOSING),
    Actor(1, TASK_FORCE + 1, Role.COORDINATOR),
)

CLEAN = Version(1, "clean", "clean")
OTHER = Version(1, "other", "other")
BRACKETED = Version(1, "bracketed", "bracketed", open_brackets=1)
INCOMPLETE = Version(1, "incomplete", "incomplete", missing=("title",))


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What may be chosen: the texts, the stands, and the voters of each counterpart group, its lead first.

    `instants` are those at which silence may end, the earlier first; with `recusing`, the drafting expert
    may leave the drafting and come back.
    """

    rosters: tuple[tuple[int, tuple[int, ...]], ...]
    texts: tuple[Version, ...] = (CLEAN, BRACKETED, INCOMPLETE)
    stands: tuple[Stand, ...] = tuple(Stand)
    #: Whether anybody suggests words, and whether the item is tied to others and untied.
    suggests: bool = False
    ties: bool = False
    #: Whether anybody raises concerns.
    concerned: bool = False
    instants: tuple[datetime, ...] = ()
    recusing: bool = False

    def actors(self) -> tuple[Actor, ...]:
        """Everybody who could try something, among them people whom the rules give nothing."""
        voters = tuple(
            Actor(person, TASK_FORCE, Role.EXPERT if place else Role.LEAD, group)
            for group, people in self.rosters
            for place, person in enumerate(people)
        )
        late = tuple(Actor(group + 9, TASK_FORCE, Role.EXPERT, group) for group, _ in self.rosters[:1])
        return (LEAD, EXPERT, *voters, *late, COORDINATOR, CLOCK, *BYSTANDERS)

    def members(self) -> Members:
        """The leads and the coordinator, as `tasks` wants them."""
        leads = {group: frozenset(people[:1]) for group, people in self.rosters}
        return Members({PROPOSING: frozenset({LEAD.person_id}), **leads}, frozenset({COORDINATOR.person_id}))

    def voters(self) -> dict[int, frozenset[int]]:
        """The roster that each counterpart group's ballot opens with."""
        return {group: frozenset(people) for group, people in self.rosters}


#: When silence may end, and a moment before any of these.
NOON, MIDNIGHT = datetime(2009, 10, 15, 12, tzinfo=UTC), datetime(2009, 10, 16, tzinfo=UTC)
EVENING = datetime(2009, 10, 15, 20, tzinfo=UTC)
MORNING = datetime(2009, 10, 15, 8, tzinfo=UTC)

#: Two groups, with everything; three groups; small worlds for the many mutants, each with one more thing.
TWO_GROUPS = World(((20, (21, 22, 23)),), (CLEAN, OTHER, BRACKETED, INCOMPLETE))
THREE_GROUPS = World(((20, (21, 22)), (30, (31,))))
THREE_VOTERS = World(((20, (21, 22, 23)),), (CLEAN, BRACKETED), (Stand.APPROVE, Stand.OBJECT, Stand.RECUSE))
ALL_STANDS = World(((20, (21, 22)),), (CLEAN,))
LEADS_ONLY = World(((20, (21,)), (30, (31,))), stands=(Stand.APPROVE, Stand.OBJECT))
CONCERNS = World(((20, (21,)), (30, (31,))), (CLEAN, OTHER), (Stand.APPROVE,), concerned=True)
SUGGESTIONS = World(((20, (21,)),), (CLEAN, OTHER, INCOMPLETE), (Stand.APPROVE,), suggests=True)
TIES = World(((20, (21,)), (30, (31,))), (CLEAN,), (Stand.APPROVE,), ties=True)
RECUSING = World(((20, (21,)),), (CLEAN, BRACKETED, OTHER), (Stand.APPROVE,), recusing=True)
SILENT = World(
    ((20, (21,)), (30, (31,))),
    (CLEAN,),
    (Stand.APPROVE, Stand.OBJECT, Stand.RECUSE),
    instants=(NOON, MIDNIGHT),
)
#: Silence that is made longer past an instant to which only one group had consented.
LONGER = World(((20, (21,)),), (CLEAN,), (Stand.APPROVE,), instants=(NOON, EVENING, MIDNIGHT))
#: Silence over a ballot of two, and texts that are tied or under silence but not both.
PAIR = World(((20, (21, 22)),), (CLEAN,), (Stand.APPROVE, Stand.RECUSE), ties=True, instants=(NOON,))
#: Where the new things meet.
MEETING = World(
    ((20, (21, 22)),),
    (CLEAN, OTHER),
    (Stand.APPROVE, Stand.OBJECT, Stand.WITHDRAWN),
    suggests=True,
    instants=(NOON,),
    recusing=True,
)

# --- The procedure a second time, as the picture and the rules of product.md have it --------------

#: Every arrow of product.md's picture, and the loops at one state. "proposed agree proposed" is an
#: agreement that is not the last one, and "proposed expire_silence proposed" sets an item free that somebody
#: altered behind the procedure's back.
ARROWS = frozenset(
    tuple(line.split())
    for line in """
    draft              revise           draft
    draft              propose          proposed
    draft              withdraw         withdrawn
    draft              suggest          draft
    proposed           suggest          proposed
    changes_requested  suggest          changes_requested
    proposed           amend            proposed
    proposed           take_position    proposed
    proposed           raise_concern    proposed
    proposed           end_concern      proposed
    proposed           record_position  proposed
    draft              recuse           draft
    proposed           recuse           proposed
    changes_requested  recuse           changes_requested
    draft              rejoin           draft
    proposed           rejoin           proposed
    changes_requested  rejoin           changes_requested
    proposed           propose_silence  proposed
    proposed           accept_silence   proposed
    proposed           refuse_silence   proposed
    proposed           extend_silence   proposed
    proposed           expire_silence   proposed
    proposed           lapse_silence    proposed
    proposed           expire_silence   agreed
    proposed           recall           changes_requested
    proposed           request_changes  changes_requested
    proposed           agree            proposed
    proposed           agree            agreed
    proposed           decline          declined
    proposed           withdraw         withdrawn
    changes_requested  raise_concern    changes_requested
    changes_requested  end_concern      changes_requested
    changes_requested  revise           changes_requested
    changes_requested  resubmit         proposed
    changes_requested  withdraw         withdrawn
    agreed             approve          approved
    agreed             return           changes_requested
    agreed             withdraw         withdrawn
    approved           publish          published
    approved           schedule         approved
    approved           unschedule       approved
    approved           return           changes_requested
    approved           withdraw         withdrawn
    published          supersede        superseded
    published          correct          published
    published          retract          retracted
    withdrawn          reopen           draft
    declined           reopen           draft
    proposed           tie                  proposed
    draft              untie                draft
    proposed           untie                proposed
    changes_requested  untie                changes_requested
    withdrawn          untie                withdrawn
    declined           untie                declined
    proposed           attach_statement     proposed
    agreed             attach_statement     agreed
    approved           attach_statement     approved
    draft              withdraw_statement   draft
    proposed           withdraw_statement   proposed
    changes_requested  withdraw_statement   changes_requested
    agreed             withdraw_statement   agreed
    approved           withdraw_statement   approved
    withdrawn          withdraw_statement   withdrawn
    declined           withdraw_statement   declined
    """.strip().splitlines()
)

#: The arrows that are the same act as another one, ending otherwise: they are not drawn.
UNDRAWN = frozenset({("proposed", "agree", "proposed"), ("proposed", "expire_silence", "proposed")})

#: Whose act each is (rule 4): p for the proposing group (e for its experts), c for a counterpart, o for the
#: coordinator, t for the clock; a capital is the lead's alone.
SIDES = {
    Action(action): frozenset(letters)
    for action, letters in (line.split() for line in """
    revise           p
    propose          p
    suggest          pco
    amend            p
    take_position    c
    raise_concern    c
    end_concern      c
    record_position  C
    recuse           e
    rejoin           p
    propose_silence  PC
    accept_silence   PC
    refuse_silence   PC
    extend_silence   PC
    expire_silence   t
    lapse_silence    t
    recall           P
    request_changes  c
    resubmit         p
    agree            C
    decline          C
    approve          o
    return           o
    publish          ot
    schedule         o
    unschedule       o
    withdraw         P
    reopen           P
    supersede        ot
    correct          ot
    retract          o
    tie              PC
    untie            PC
    attach_statement    pc
    withdraw_statement  pc
    """.strip().splitlines())
}  # fmt: skip
#: Never offered: publishing what follows a text does these, and others begin elsewhere, as at its words.
_UNLISTED = frozenset(
    {
        *(Action.SUPERSEDE, Action.CORRECT, Action.SUGGEST, Action.RAISE_CONCERN, Action.END_CONCERN),
        *(Action.TIE, Action.UNTIE),
        *(Action.ATTACH_STATEMENT, Action.WITHDRAW_STATEMENT),
    }
)
#: Acts on the text that the actor sees, be it the head or not.
_ON_WHAT_IS_SEEN = ("suggest", "untie", "withdraw_statement")
#: What leaves each state.
_LEAVING = frozenset((state, Action(action)) for state, action, _ in ARROWS)

REASONED = frozenset({"recall", "request_changes", "decline", "return", "withdraw", "reopen", "retract"})
PUBLIC = frozenset({State.PUBLISHED, State.SUPERSEDED, State.RETRACTED})
ENDED = PUBLIC | {State.WITHDRAWN, State.DECLINED}


def side(actor: Actor, item: Item) -> frozenset[str]:
    """The letters of `SIDES` that an actor may act under."""
    own = actor.group_id == item.proposing_group
    letters = {
        Role.COORDINATOR: "o",
        Role.CLOCK: "t",
        Role.LEAD: "pP" if own else "cC",
        Role.EXPERT: "pe" if own else "c",
    }.get(actor.role, "")
    return frozenset(letters if actor.task_force_id == item.task_force_id else "")


def sees(actor: Actor, item: Item) -> bool:
    """Own group always, the others of the task force from circulation on, administrators never."""
    if actor.task_force_id != item.task_force_id or actor.role is Role.ADMINISTRATOR:
        return False
    return actor.group_id == item.proposing_group or item.circulated is not None


def agreed_groups(item: Item) -> set[int]:
    """The counterpart groups whose agreement is to exactly this text, in this round."""
    given = {(a.group_id, a.round, a.digest) for a in item.agreements}
    return {g for g in item.counterparts if (g, item.round, item.head.digest) in given}


def went_whole_way(item: Item) -> bool:
    """Every counterpart group agreed to exactly this text in this round, and it was approved."""
    approved = Approval(item.round, item.head.digest) in item.approvals
    return bool(item.counterparts) and agreed_groups(item) == set(item.counterparts) and approved


def quorum_reached(item: Item, group: int) -> bool:
    """More than half of those who did not recuse spoke on this text, one of them for it."""
    ballot = item.ballot_of(group)
    if ballot is None:
        return False
    newest = spoken(ballot)
    voters = [member for member in ballot.roster if member not in newest or newest[member].stand != "recuse"]
    here = [
        newest[member].stand
        for member in voters
        if member in newest
        and (newest[member].round, newest[member].digest) == (item.round, item.head.digest)
        and newest[member].stand != "object"
    ]
    return 2 * len(here) > len(voters) and "approve" in here


def spoken(ballot: Ballot) -> dict[int, Position]:
    """The newest positions by person; what was withdrawn is as if it had not been said."""
    return {p.person_id: p for p in ballot.positions if p.stand != "withdrawn"}


def voters_of(ballot: Ballot) -> set[int]:
    """Who of the roster has not recused themselves."""
    newest = spoken(ballot)
    return {m for m in ballot.roster if m not in newest or newest[m].stand != "recuse"}


def parts_hold(item: Item) -> bool:
    """Whether every included text is approved or published as it was included, or kept by a corrigendum."""
    return {part.standing for part in item.parts} <= {"holds", "kept"}


def original_in_force(item: Item) -> bool:
    """Whether a corrigendum is to words that are in force; what corrects nothing has no such words."""
    relation = item.relation
    if relation is None or relation.kind != "corrigendum":
        return True
    return relation.state == "published" and not relation.corrected_meanwhile


def fit_for_silence(item: Item) -> bool:
    """Whether silence would pass over nothing: bracket, objection or agreement; and all have voters."""
    ballots = {b.group_id: b for b in item.ballots if b.round == item.round}
    return (
        not item.head.open_brackets
        and parts_hold(item)
        and original_in_force(item)
        and not item.open_suggestions
        and item.tied_by is None
        and not any(concerned(item, g) for g in item.counterparts)
        and not agreed_groups(item)
        and bool(item.counterparts)
        and all(g in ballots and voters_of(ballots[g]) and not objected(item, g) for g in item.counterparts)
    )


def objected(item: Item, group: int) -> bool:
    """Whether anybody holds an objection in the group's ballot, however old (rule 3)."""
    ballot = item.ballot_of(group)
    return ballot is not None and any(p.stand == "object" for p in ballot.positions)


def concerned(item: Item, group: int) -> tuple[int, ...]:
    """The authors of the open concerns in a group's ballot."""
    ballot = item.ballot_of(group)
    return ballot.concerns if ballot else ()


# --- What somebody could ask for ---------------------------------------------------------------


@cache
def acts(
    digest: str, circulated: str | None, seen: Version, suggestions: int, world: World
) -> dict[Action, tuple[tuple[Act, bool], ...]]:
    """What is worth trying on an item, by action, the acceptable first: each act, and whether it is.

    `digest` is the head's, `circulated` that of what the others have, `seen` what the actor sees;
    `suggestions` are open.
    """
    number, newer = seen.number, circulated is not None and circulated != digest
    found: list[tuple[Act, bool]] = [(Act(Action.CREATE, number), False)]
    for text in (*world.texts, None):
        new, missing = (text.digest, text.missing) if text else (None, ())
        changed = new not in (None, digest)
        found.append((Act(Action.REVISE, number, digest=new, missing=missing), changed))
        for cleaned in (True, False):
            act = Act(Action.AMEND, number, digest=new, missing=missing, only_brackets_cleaned=cleaned)
            found.append((act, changed and cleaned and not missing))
        for count in (1, 2) if world.suggests else ():
            act = Act(Action.AMEND, number, digest=new, missing=missing, accepted=count)
            found.append((act, changed and count <= suggestions and not missing))
            if count <= suggestions:
                found.append((replace(act, action=Action.REVISE), changed))
        for internal in (True, False) if world.suggests else ():
            act = Act(Action.SUGGEST, number, digest=new, internal=internal)
            found.append((act, new not in (None, seen.digest)))
    if not world.suggests:
        found.append((Act(Action.SUGGEST, number), False))
    for stand in (*world.stands, None):
        found.append((Act(Action.TAKE_POSITION, number, stand=stand, reason="why"), stand is not None))
    found.append((Act(Action.TAKE_POSITION, number, stand=Stand.OBJECT, reason=" "), False))
    for author in (21, 29, 31) if world.concerned else ():
        for end in ConcernEnd if author == 29 else (ConcernEnd.RESOLVED,):
            found.append(
                (Act(Action.END_CONCERN, number, reason="met", concern=author, concern_end=end), True)
            )
        found.append((Act(Action.END_CONCERN, number, reason="met", concern=author), False))
        wordless = Act(Action.END_CONCERN, number, concern=author, concern_end=ConcernEnd.ANSWERED)
        found.append((wordless, False))
    if world.concerned:
        found.append((Act(Action.RAISE_CONCERN, number, reason=" why\n"), True))
    found.append((Act(Action.RAISE_CONCERN, number, reason=" \n"), False))
    found.append((Act(Action.END_CONCERN, number, reason="met", concern_end=ConcernEnd.RESOLVED), False))
    found.extend((act, True) for act in _recorded(world, number))
    found.extend((act, True) for act in _silenced(world, number))
    if world.recusing:
        found.extend((Act(action, number), True) for action in (Action.RECUSE, Action.REJOIN))
    for name in sorted(REASONED):
        found.append((Act(Action(name), number, reason=" why\n"), True))
        found.append((Act(Action(name), number, reason=" \n"), False))
    found.extend((Act(action, number), True) for action in (Action.PROPOSE, Action.AGREE, Action.APPROVE))
    found.append((Act(Action.RESUBMIT, number), newer))
    found.append((Act(Action.RESUBMIT, number, reason="answered"), True))
    found.extend((Act(action, number), True) for action in (Action.PUBLISH, Action.UNSCHEDULE))
    found.extend(
        (Act(Action.SCHEDULE, number, until=until), True) for until in (*world.instants, MORNING, None)
    )
    found.extend(supersessions(number))
    found.append((Act(Action.TIE, number if world.ties else None), world.ties))
    found.append((Act(Action.UNTIE, number), True))
    found.extend(statement_acts(number))
    found.sort(key=lambda pair: not pair[1])
    return {action: tuple(pair for pair in found if pair[0].action is action) for action in Action}


def statement_acts(number: int) -> Iterator[tuple[Act, bool]]:
    """Attaching statements, and withdrawing those of this one and that one."""
    for for_group in (False, True):
        for words in (" words\n", " \n"):
            act = Act(Action.ATTACH_STATEMENT, number, reason=words, for_group=for_group)
            yield act, bool(words.strip())
        for author, group in ((LEAD.person_id, PROPOSING), (EXPERT.person_id, PROPOSING), (21, 20), (99, 20)):
            made = Statement(author, group, for_group)
            yield Act(Action.WITHDRAW_STATEMENT, number, statement=made), True
    yield Act(Action.WITHDRAW_STATEMENT, number), False


def _recorded(world: World, number: int) -> Iterator[Act]:
    """What a lead could enter for members, and for people who are none."""
    people = [person for _, roster in world.rosters for person in roster]
    for person in (*people, LEAD.person_id, None):
        for stand in world.stands:
            act = Act(Action.RECORD_POSITION, number, "why", stand=stand, member=person, means="a letter")
            yield act
        yield replace(act, means=" ")
        yield replace(act, stand=None)


def _silenced(world: World, number: int) -> Iterator[Act]:
    """What could be said about silence; which instant is a good one depends on the item."""
    for action in (Action.PROPOSE_SILENCE, Action.ACCEPT_SILENCE, Action.EXTEND_SILENCE):
        untils = (*world.instants, MORNING, None) if world.instants else ()
        yield from (Act(action, number, until=until) for until in untils)
    if world.instants:
        for action in (Action.REFUSE_SILENCE, Action.EXPIRE_SILENCE, Action.LAPSE_SILENCE):
            yield Act(action, number)


def acceptable(item: Item, act: Act, good: bool, actor: Actor) -> bool:
    """Whether the act's input is in order from this actor.

    The coordinator publishes at any instant; a lead speaks for the group and takes back what it said.
    A concern is raised while one's group has not agreed, and ended by its author or their lead.
    """
    own = actor.group_id or 0
    leads = actor.role is Role.LEAD
    if act.action is Action.ATTACH_STATEMENT:
        return good and (leads or not act.for_group)
    if act.statement is not None:
        made = act.statement
        return made.author == actor.person_id or (
            leads and made.for_group and made.group_id == actor.group_id
        )
    if act.action is Action.RAISE_CONCERN:
        return good and item.ballot_of(own) is not None and own not in agreed_groups(item)
    if act.action is Action.END_CONCERN:
        theirs = act.concern == actor.person_id or leads
        return good and act.concern in concerned(item, own) and theirs
    silence, ballot = item.silence, item.ballot_of(actor.group_id or 0)
    consented = bool(silence) and Consent(actor.group_id or 0, act.until or NOON) in silence.consents
    match str(act.action):
        case "publish":  # The coordinator publishes at any instant.
            return actor.role is not Role.CLOCK or _is_due(item, act)
        case "take_position" | "record_position":
            author = act.member or actor.person_id
            said = spoken(ballot).get(author) if ballot else None
            if act.action is Action.RECORD_POSITION:
                lifts = False
                if said is not None and said.stand == "object":
                    on_their_word = act.stand == "withdrawn" and said.recorded_by == actor.person_id
                    lifts = said.recorded_by is None or not (act.stand == "object" or on_their_word)
                other = act.member != actor.person_id and ballot is not None and act.member in ballot.roster
                good = other and not lifts and bool(act.means.strip()) and act.stand is not None
            return good and (act.stand != "withdrawn" or said is not None)
        case "propose_silence" | "schedule":
            return act.until is not None and act.at is not None and act.until > act.at
        case "accept_silence":
            return bool(silence) and act.until == silence.until
        case "extend_silence":
            return bool(silence) and act.until is not None and act.until > silence.until and not consented
    return good


def _is_due(item: Item, act: Act) -> bool:
    """Whether the set instant of publication has come."""
    return item.publish_at is not None and act.at is not None and item.publish_at <= act.at


@cache
def supersessions(number: int) -> tuple[tuple[Act, bool], ...]:
    """Superseding and correcting item 1 by what went the whole way, then by what lacks one thing for it."""
    return (
        *_followers(Action.SUPERSEDE, RelationKind.SUCCESSOR, RelationKind.CORRIGENDUM, number),
        *_followers(Action.CORRECT, RelationKind.CORRIGENDUM, RelationKind.SUCCESSOR, number),
    )


def _followers(
    action: Action, kind: RelationKind, other: RelationKind, number: int
) -> tuple[tuple[Act, bool], ...]:
    whole = Item(
        id=2,
        task_force_id=TASK_FORCE,
        proposing_group=PROPOSING,
        counterparts=(20,),
        state=State.PUBLISHED,
        round=1,
        head=CLEAN,
        circulated=CLEAN,
        agreements=(Agreement(20, 1, CLEAN.digest),),
        approvals=(Approval(1, CLEAN.digest),),
        relation=Relation(kind, 1),
    )
    wrong = (
        replace(whole, relation=Relation(kind, 3)),
        replace(whole, relation=Relation(other, 1)),
        replace(whole, relation=None),
        replace(whole, state=State.APPROVED),
        replace(whole, task_force_id=TASK_FORCE + 1),
        replace(whole, agreements=()),
        replace(whole, approvals=()),
        replace(whole, counterparts=(), agreements=()),
        None,
    )
    return tuple((Act(action, number, follower=follower), follower is whole) for follower in (whole, *wrong))


#: A world and a few of its items.
Samples: TypeAlias = tuple[World, tuple[Item, ...]]

# --- What must hold of one act -----------------------------------------------------------------


def wrongs(item: Item, actor: Actor, act: Act, event: Event) -> Iterator[str]:
    """What is wrong with an act having been let through: nothing, if the rules are right."""
    action, before, after = str(act.action), item.state, event.state
    own = actor.group_id or 0
    agreed = agreed_groups(item)
    if not SIDES.get(act.action, frozenset()) & side(actor, item):
        yield "somebody acted for another side"
    if not sees(actor, item):
        yield "an actor moved what they do not see"
    if (str(before), action, str(after)) not in ARROWS:
        yield f"there is no arrow from {before} to {after}"
    if action in REASONED and not act.reason.strip():
        yield "no reason was given"
    makes_version = action in ("revise", "amend")
    opens = action in ("propose", "resubmit")
    theirs = action in _ON_WHAT_IS_SEEN and actor.group_id != item.proposing_group
    text = (item.circulated if theirs else None) or item.head
    if under_silence(item) and item.silence and act.at:
        if act.at >= item.silence.until and action != "expire_silence":
            yield "somebody acted after silence was over"
        if action in ("amend", "recall", "agree"):
            yield "the text was touched under silence"
    if action in ("revise", "propose", "amend", "resubmit", "recuse") and actor.person_id in item.recused:
        yield "somebody drafted who had recused themselves"
    expected = Event(
        act.action, actor, before, after,
        round=item.round + (opens or action == "return"),
        version=text.number + makes_version,
        digest=act.digest if makes_version else text.digest,
        reason=act.reason.strip(), stand=act.stand,
        concern=actor.person_id if action == "raise_concern" else act.concern, concern_end=act.concern_end,
        opens_ballots=opens, circulates=opens or action == "amend",
        suggestions=0 if act.internal else 1 if action == "suggest" else -act.accepted,
        member=act.member, means=act.means.strip(), until=act.until,
        ends_silence=silence_ended(item, actor, act),
    )  # fmt: skip
    if event != expected:
        yield "the event says something else than the act"
    if makes_version and act.digest in (None, item.head.digest):
        yield "an unchanged text made a version"
    if opens and (item.head.missing or not item.counterparts):
        yield "proposed incomplete, or to nobody"
    if (opens or action in ("agree", "approve", "schedule", "publish")) and not original_in_force(item):
        yield "went on although the words that it corrects are no longer in force"
    match action:
        case "amend":
            cleaned = act.only_brackets_cleaned and not act.accepted
            taken = 0 < act.accepted <= item.open_suggestions
            if not (cleaned or taken) or act.missing:
                yield "amended beyond the brackets and what was suggested"
            if not item.head.open_brackets and not item.open_suggestions:
                yield "amended although nothing was to be settled"
        case "suggest":
            if act.digest in (None, text.digest):
                yield "suggested what is there already"
        case "resubmit":
            newer = item.circulated and item.circulated.digest != item.head.digest
            if not newer and not act.reason.strip():
                yield "resubmitted without a newer version or an answer"
        case "take_position":
            ballot = item.ballot_of(own)
            if ballot is None or actor.person_id not in ballot.roster or own in agreed:
                yield "a position in a ballot that is not theirs or no longer open"
            if act.stand is None or (act.stand == "object" and not act.reason.strip()):
                yield "a position without a stand, or an objection without a reason"
        case "tie":
            if item.tied_by is not None or agreed:
                yield "tied although it is tied already, or agreed to"
        case "untie":
            if item.tied_by is None or item.tied_by != actor.group_id:
                yield "untied by a group that had not tied it"
        case "attach_statement" | "withdraw_statement":
            if action == "attach_statement" and not act.reason.strip():
                yield "a statement without words"
            if not acceptable(item, act, True, actor) or (
                action == "withdraw_statement" and not act.statement
            ):
                yield "a statement of somebody else"
            if item.publish_at:
                yield "a statement came or went although the publication is set"
        case "raise_concern":
            if item.ballot_of(own) is None or own in agreed or not act.reason.strip():
                yield "a concern without words, without a ballot, or after the agreement"
        case "end_concern":
            if act.concern not in concerned(item, own) or not act.reason.strip() or not act.concern_end:
                yield "ended a concern that is not open, or without saying how"
            if act.concern != actor.person_id and actor.role is not Role.LEAD:
                yield "ended the concern of another"
        case "record_position":
            ballot = item.ballot_of(own)
            if ballot is None or ballot.round != item.round or own in agreed:
                yield "a position was recorded in no open ballot"
            if not acceptable(item, act, True, actor):
                yield "a position was recorded that its member can't have given, or without saying how"
        case "rejoin":
            if actor.person_id not in item.recused:
                yield "somebody came back who had not left"
        case "propose_silence" | "accept_silence" | "extend_silence" | "refuse_silence":
            yield from _wrong_silences(item, actor, act)
        case "expire_silence":
            if not under_silence(item) or not item.silence or not act.at or act.at < item.silence.until:
                yield "silence was over before its instant"
            if (after == State.AGREED) != (
                fit_for_silence(item) and item.head.recomputed == item.head.digest
            ):
                yield "silence passed over what it can't, or passed for nothing"
        case "lapse_silence":
            if item.silence is None or under_silence(item) or not act.at or act.at < item.silence.until:
                yield "a silence lapsed that ran, or whose instant had not come"
        case "recall":
            if agreed:
                yield "recalled after a group had agreed"
        case "agree":
            if own in agreed:
                yield "agreed twice"
            if item.tied_by is not None and not act.in_package:
                yield "agreed apart from its package"
            if not quorum_reached(item, own) or objected(item, own) or concerned(item, own):
                yield "agreed although the ballot does not carry"
            if item.head.open_brackets or item.head.recomputed != item.head.digest:
                yield "agreed to brackets or to altered bytes"
            if not parts_hold(item):
                yield "agreed to a part that is not approved"
            if (after == State.AGREED) != (agreed | {own} == set(item.counterparts)):
                yield "agreed, but not by exactly every group"
        case "unschedule":
            if item.publish_at is None:
                yield "an instant was taken back that was not set"
        case "approve" | "publish" | "schedule":
            if not item.counterparts or agreed != set(item.counterparts):
                yield "approved or published without every group's agreement"
            if item.head.open_brackets or item.head.recomputed != item.head.digest:
                yield "approved or published brackets or altered bytes"
            if not parts_hold(item):
                yield "approved or published a part that is not approved"
            if action != "approve" and not went_whole_way(item):
                yield "published without a matching approval"
            if action == "publish" and actor.role is Role.CLOCK and not _is_due(item, act):
                yield "published before the set instant"
            if action == "schedule" and not acceptable(item, act, True, actor):
                yield "set to be published at an instant that is none or has passed"
        case "supersede" | "correct":
            kind = RelationKind.SUCCESSOR if action == "supersede" else RelationKind.CORRIGENDUM
            new = act.follower
            relation = new.relation if new and new.task_force_id == item.task_force_id else None
            follows = relation and (relation.kind, relation.original) == (kind, item.id)
            if not new or not follows or new.state != State.PUBLISHED or not went_whole_way(new):
                yield "superseded or corrected by what did not go the whole way"


def under_silence(item: Item) -> bool:
    """Whether silence runs on the item."""
    return item.silence is not None and item.silence.running


def _wrong_silences(item: Item, actor: Actor, act: Act) -> Iterator[str]:
    """What is wrong with an act about silence having been let through."""
    silence, runs = item.silence, under_silence(item)
    match str(act.action):
        case "propose_silence" if silence:
            yield "a second silence procedure was begun"
        case "accept_silence" | "refuse_silence" if silence is None or runs:
            yield "an answer to a silence procedure that nobody proposed, or that runs"
        case "extend_silence" if not runs:
            yield "silence was prolonged that does not run"
    if act.action in (Action.PROPOSE_SILENCE, Action.ACCEPT_SILENCE):
        if not fit_for_silence(item):
            yield "silence was agreed on over something open"
        if act.until is None or act.at is None or act.until <= act.at:
            yield "silence was to end before it began"
    if act.action is Action.ACCEPT_SILENCE and silence and not _is_new(silence, actor, act):
        yield "consented to another instant, or twice"
    if act.action is Action.EXTEND_SILENCE and not acceptable(item, act, True, actor):
        yield "silence was shortened, or consented to twice"


def _is_new(silence: Silence, actor: Actor, act: Act) -> bool:
    """Whether an act consents to the proposed instant, for a group that has not."""
    consent = Consent(actor.group_id or 0, silence.until)
    return act.until == silence.until and consent not in silence.consents


def silence_ended(item: Item, actor: Actor, act: Act) -> SilenceOutcome | None:
    """How an act that was let through ends the item's silence procedure."""
    if item.silence is None:
        return None
    action, ballot = str(act.action), item.ballot_of(actor.group_id or 0)
    if action == "expire_silence":
        sound = fit_for_silence(item) and item.head.recomputed == item.head.digest
        return SilenceOutcome.ADOPTED if sound else SilenceOutcome.WITHDRAWN
    if action == "refuse_silence":
        return SilenceOutcome.REFUSED
    if action == "lapse_silence":
        return SilenceOutcome.WITHDRAWN
    taken_away = action in ("request_changes", "decline", "withdraw")
    if action == "raise_concern" or (action == "suggest" and not act.internal):
        return SilenceOutcome.BROKEN if item.silence.running else None
    if not item.silence.running:
        return SilenceOutcome.WITHDRAWN if taken_away or action in ("amend", "recall", "agree") else None
    speaks = action in ("take_position", "record_position") and (
        act.stand == "object"
        or (
            act.stand == "recuse"
            and ballot is not None
            and voters_of(ballot) <= {act.member or actor.person_id}
        )
    )
    return SilenceOutcome.BROKEN if taken_away or speaks else None


def silence_after(item: Item, event: Event) -> Silence | None:
    """The silence procedure that an event leaves: begun with one consent, in force with all."""
    if event.ends_silence:
        return None
    if event.action not in (Action.PROPOSE_SILENCE, Action.ACCEPT_SILENCE, Action.EXTEND_SILENCE):
        return item.silence
    assert event.until
    old = item.silence or Silence(event.until, frozenset())
    consents = old.consents | {Consent(event.actor.group_id or 0, event.until)}
    everybody = {c.group_id for c in consents if c.until == event.until} == {PROPOSING, *item.counterparts}
    return Silence(event.until if everybody else old.until, consents, everybody or old.running)


def losses(item: Item, event: Event, new: Item, world: World) -> Iterator[str]:
    """What an event changed that it may not change, or did not change as it should."""
    actor = event.actor
    if (new.state, new.round) != (event.state, event.round):
        yield "the item is not where the event put it"
    if (new.head != item.head) != (event.action in (Action.REVISE, Action.AMEND)):
        yield "the text changed without a version"
    if new.open_suggestions != item.open_suggestions + event.suggestions or new.open_suggestions < 0:
        yield "a suggestion was lost or made up"
    tied = actor.group_id if event.action is Action.TIE else item.tied_by
    if new.tied_by != (None if event.action is Action.UNTIE or new.state is State.AGREED else tied):
        yield "a tie was lost or made up"
    void = new.tied_by is None or event.action in (Action.PROPOSE, Action.AMEND, Action.RESUBMIT)
    if new.consented != (frozenset() if void else item.consented):
        yield "a consent to the package was lost, made up, or counts for another text"
    if new.circulated != (new.head if event.circulates else item.circulated):
        yield "the others see another text than the one circulated"
    agreement = ((Agreement(actor.group_id or 0, new.round, new.head.digest),)
                 if event.action is Action.AGREE else ())  # fmt: skip
    if event.ends_silence is SilenceOutcome.ADOPTED:
        agreement = tuple(Agreement(group, new.round, new.head.digest) for group in item.counterparts)
    approval = (Approval(new.round, new.head.digest),) if event.action is Action.APPROVE else ()
    if new.agreements != item.agreements + agreement or new.approvals != item.approvals + approval:
        yield "an agreement or approval was lost, changed or made up"
    if event.opens_ballots:
        opened = {b.group_id: (b.round, b.roster) for b in new.ballots}
        if opened != {g: (new.round, people) for g, people in world.voters().items()}:
            yield "not every counterpart group got a ballot"
    raised = (actor.group_id, event.concern) if event.action is Action.RAISE_CONCERN else None
    ended = (actor.group_id, event.concern) if event.action is Action.END_CONCERN else None
    was = Counter((b.group_id, author) for b in item.ballots for author in b.concerns)
    became = Counter((b.group_id, author) for b in new.ballots for author in b.concerns)
    if became != was + Counter([raised] if raised else []) - Counter([ended] if ended else []):
        yield "a concern was lost, doubled or made up"
    before = {(b.group_id, p.person_id): p for b in item.ballots for p in b.positions}
    if event.action in (Action.TAKE_POSITION, Action.RECORD_POSITION) and event.stand:
        author = event.member or actor.person_id
        key = (actor.group_id or 0, author)
        recorder = actor.person_id if event.action is Action.RECORD_POSITION else None
        before[key] = Position(author, event.stand, new.round, new.head.number, new.head.digest, recorder)
    after = [(b.group_id, p.person_id, p) for b in new.ballots for p in b.positions]
    if {(group, person): p for group, person, p in after} != before or len(after) != len(before):
        yield "a position was lost, doubled or made up"
    # Items are compared without what was taken back, so it is looked at here.
    if event.stand is Stand.WITHDRAWN and not all(_counted(new, ballot) for ballot in new.ballots):
        yield "a ballot counts what was taken back"
    if new.silence != silence_after(item, event):
        yield "the silence procedure is not what the event made of it"
    set_for = {Action.SCHEDULE: event.until, Action.UNSCHEDULE: None}.get(event.action, item.publish_at)
    if new.publish_at != (set_for if new.state is State.APPROVED else None):
        yield "the instant of publication was lost or made up"
    moved = {Action.RECUSE: item.recused | {actor.person_id}, Action.REJOIN: item.recused - {actor.person_id}}
    if new.recused != moved.get(event.action, item.recused):
        yield "somebody takes part who recused themselves, or the other way round"


# --- What must hold of one item ----------------------------------------------------------------


def flaws(item: Item, world: World) -> Iterator[str]:
    """What is wrong with an item that came about: nothing, if the rules are right."""
    agreed, everybody = agreed_groups(item), set(item.counterparts)
    if item.state in PUBLIC and (not went_whole_way(item) or item.head.recomputed != item.head.digest):
        yield "public without a matching agreement and approval"
    if item.state in (State.AGREED, State.APPROVED, *PUBLIC) and (
        agreed != everybody or item.head.open_brackets or item.head.missing
    ):
        yield "beyond agreement with a group missing, a bracket or a gap"
    if item.state is State.APPROVED and not went_whole_way(item):
        yield "approved without an approval"
    if item.state in (State.PROPOSED, State.AGREED, State.APPROVED, *PUBLIC) and item.circulated != item.head:
        yield "the others act on a text that they do not see"
    if item.state is State.PROPOSED and (
        agreed == everybody
        or item.head.missing
        or {b.group_id: (b.round, b.roster) for b in item.ballots}
        != {g: (item.round, people) for g, people in world.voters().items()}
    ):
        yield "proposed without something for every group to decide"
    if item.tied_by is not None and item.state in (State.AGREED, State.APPROVED, *PUBLIC):
        yield "tied beyond agreement"
    if {a.group_id for a in item.agreements} - everybody:
        yield "a group agreed that is no counterpart"
    if item.silence and (
        item.state is not State.PROPOSED
        or (item.silence.running and not fit_for_silence(item))
        or item.silence.running
        != all(
            Consent(g, item.silence.until) in item.silence.consents for g in (PROPOSING, *item.counterparts)
        )
    ):
        yield "silence on what is not fit for it, or without every group's consent"
    waiting, listed = set(holders(item)), tasks(item, world.members())
    consenting = {g for g in item.consented if quorum_reached(item, g) and not _held_up(item, g)}
    expected = {
        State.DRAFT: {PROPOSING},
        State.CHANGES_REQUESTED: {PROPOSING},
        State.PROPOSED: everybody - agreed - consenting or {PROPOSING},
        State.AGREED: {COORDINATOR_PARTY},
        State.APPROVED: {COORDINATOR_PARTY},
    }.get(item.state, set())
    if waiting != expected or (not waiting) != (item.state in ENDED):
        yield "waits for the wrong party"
    if item.publish_at and item.state is not State.APPROVED:
        yield "an instant of publication is set for what is not approved"
    if bool(listed) != (item.state not in ENDED and not item.publish_at):
        yield "nobody has anything to do"
    yield from _untrue_tasks(item, world, listed)
    to_settle = (
        item.head.open_brackets
        or item.open_suggestions
        or any(objected(item, g) or concerned(item, g) for g in everybody - agreed)
    )
    settles = item.state is State.PROPOSED and bool(to_settle)
    completes = item.state is State.PROPOSED and waiting == {PROPOSING} and not settles
    if (listed.get(LEAD.person_id) is Task.COMPLETE_PACKAGE) != completes:
        yield "the proposing group is not asked for what its package needs, or asked for nothing"
    if (listed.get(LEAD.person_id) is Task.SETTLE) != settles:
        yield "the proposing group is not asked to settle what is open, or asked for nothing"
    if item.state is State.PROPOSED:
        yield from (f"group {b.group_id} is counted wrongly" for b in item.ballots if not _counted(item, b))


def _counted(item: Item, ballot: Ballot) -> bool:
    """Whether every figure of a ballot's outcome is right."""
    newest = spoken(ballot)
    here = {
        p.person_id: p.stand
        for p in ballot.positions
        if (p.round, p.digest) == (item.round, item.head.digest)
    }
    voters = voters_of(ballot)
    counting = {m for m in voters if here.get(m) in ("approve", "no_objection", "abstain")}
    approvals = sum(here[m] == "approve" for m in counting)
    against = sorted(m for m, p in newest.items() if p.stand == "object")
    return tally(ballot, item.head.digest) == Outcome(
        carried=2 * len(counting) > len(voters) and approvals > 0 and not against and not ballot.concerns,
        voters=len(voters),
        needed=next(n for n in range(9) if 2 * n > len(voters)),
        positions=len(counting),
        approvals=approvals,
        objectors=tuple(against),
        silent=tuple(sorted(voters - set(newest))),
        stale=tuple(sorted(m for m in voters & set(newest) if m not in here)),
        concerns=ballot.concerns,
    )


#: What a task promises: that its person can do this now.
PROMISES = {
    Task.PROPOSE: Action.REVISE,
    Task.ANSWER_CHANGES: Action.RESUBMIT,
    Task.TAKE_POSITION: Action.TAKE_POSITION,
    Task.RECONSIDER: Action.TAKE_POSITION,
    Task.AGREE: Action.AGREE,
    Task.DECIDE: Action.DECLINE,
    Task.SPEAK_OR_BE_SILENT: Action.TAKE_POSITION,
    Task.APPROVE: Action.APPROVE,
    Task.PUBLISH: Action.PUBLISH,
}


def _untrue_tasks(item: Item, world: World, listed: dict[int, Task]) -> Iterator[str]:
    for actor in world.actors():
        if actor.task_force_id != TASK_FORCE:
            continue
        offered = {option.action: option.possible for option in available_actions(actor, item)}
        task = listed.get(actor.person_id)
        promised = PROMISES.get(task) if task else None
        if promised and promised not in offered:
            yield f"{task} cannot be done"
        if task is Task.CONSENT and not _is_asked(item, actor):
            yield "consent is asked for that is not lacking"
        if _is_asked(item, actor) and task not in (Task.CONSENT, Task.AGREE, Task.SETTLE):
            yield "consent is not asked for"
        if (task is Task.AGREE) != offered.get(Action.AGREE, False):
            yield "the task and the rules do not agree on whether the group can agree"
        together = _agrees_together(item, actor) and actor.group_id not in item.consented
        if (task is Task.AGREE_TOGETHER) != together:
            yield "the task and the rules do not agree on whether the group can agree to the package"
        ballot = item.ballot_of(actor.group_id or 0)
        if item.state is not State.PROPOSED or ballot is None or actor.person_id not in ballot.roster:
            continue
        newest = spoken(ballot).get(actor.person_id)
        here = newest and (newest.round, newest.digest) == (item.round, item.head.digest)
        owes = actor.group_id not in agreed_groups(item) and not here and (
            newest is None or newest.stand != "recuse"
        )  # fmt: skip
        asked = Task.RECONSIDER if newest else Task.TAKE_POSITION
        if under_silence(item):
            asked = Task.SPEAK_OR_BE_SILENT
        if owes and task not in (asked, Task.AGREE, Task.AGREE_TOGETHER, Task.CONSENT):
            yield f"{asked} is not asked for"
        if not owes and task in (Task.TAKE_POSITION, Task.RECONSIDER):
            yield f"{task} is asked for once more"


def _held_up(item: Item, group: int) -> bool:
    """Whether something is open that keeps a group from agreeing, whatever its positions are."""
    return bool(item.head.open_brackets or objected(item, group) or concerned(item, group))


def _agrees_together(item: Item, actor: Actor) -> bool:
    """Whether nothing of this item keeps the actor from agreeing to the package that it is tied into."""
    untied = available_actions(actor, replace(item, tied_by=None))
    return item.tied_by is not None and any(o.action is Action.AGREE and o.possible for o in untied)


def _is_asked(item: Item, actor: Actor) -> bool:
    """Whether a lead's consent is lacking: to the proposed instant, or to a later one."""
    silence, own = item.silence, actor.group_id or 0
    if silence is None or actor.role is not Role.LEAD:
        return False
    later = {c.until for c in silence.consents if c.until > silence.until}
    asked = later if silence.running else {silence.until}
    return any(Consent(own, until) not in silence.consents for until in asked)


# --- Exploring ---------------------------------------------------------------------------------


def canonical(item: Item) -> Item:
    """The item with version numbers and rounds brought down to "this one" (1) and "earlier" (0).

    What was given in an earlier round is dropped or reduced to what can still matter: an objection,
    a recusal, or that somebody spoke (an approval of the clean text, which would do the most harm if it
    counted). The same is done in states that are left only by opening new
    ballots, which `wrongs` demands of propose and resubmit. Experts of one group are interchangeable.
    """
    live = item.state is State.PROPOSED
    kept = live or item.state in (State.AGREED, State.APPROVED, *PUBLIC)
    same = item.circulated is None or item.circulated.number == item.head.number
    return replace(
        item,
        round=1,
        head=replace(item.head, number=1 if same else 2),
        circulated=item.circulated and replace(item.circulated, number=1),
        ballots=tuple(_canonical_ballot(b, item.round, live) for b in item.ballots),
        agreements=tuple(
            sorted(
                (replace(a, round=1) for a in item.agreements if kept and a.round == item.round),
                key=lambda a: (a.group_id, a.digest),
            )
        ),
        approvals=tuple({replace(a, round=1) for a in item.approvals if kept and a.round == item.round}),
        authors=frozenset(),
        open_suggestions=min(1, item.open_suggestions),
    )


def _canonical_ballot(ballot: Ballot, this_round: int, live: bool) -> Ballot:
    experts = sorted(ballot.roster)[1:]
    reduced = {
        person: _canonical_position(p, live and p.round == this_round) for person, p in spoken(ballot).items()
    }
    ranked = sorted(
        (reduced[e] for e in experts if e in reduced),
        key=lambda p: (p.round, p.stand, p.digest, p.recorded_by or 0),
    )
    others = [p for person, p in reduced.items() if person not in experts]
    renamed = [replace(p, person_id=e) for e, p in zip(experts, ranked, strict=False)]
    return Ballot(
        ballot.group_id,
        1 if live and ballot.round == this_round else 0,
        ballot.roster,
        tuple(sorted((*others, *renamed), key=lambda p: p.person_id)),
        ballot.concerns[:1],
    )


@cache
def _canonical_position(position: Position, current: bool) -> Position:
    # Who recorded a position matters of an objection alone.
    recorder = position.recorded_by if position.stand is Stand.OBJECT else None
    if position.stand is not Stand.RECUSE and current:
        return replace(position, round=1, version=0, recorded_by=recorder)
    lasting = position.stand in (Stand.OBJECT, Stand.RECUSE)
    stand = position.stand if lasting else Stand.APPROVE
    return Position(position.person_id, stand, 0, 0, CLEAN.digest, recorder)


def drafting(world: World) -> Iterator[str]:
    """Leads and experts draft for their group, and nobody else does."""
    for actor in world.actors():
        try:
            event = decide_creation(actor, CLEAN.digest)
        except (Refusal, KeyError):
            event = None
        expected = Event(Action.CREATE, actor, None, State.DRAFT, 0, 1, CLEAN.digest)
        if event != (expected if actor.role in (Role.LEAD, Role.EXPERT) else None):
            yield f"{actor.role} drafts wrongly"


def created(world: World) -> Iterator[Item]:
    """Each new item that an expert of the proposing group could draft."""
    for text in world.texts:
        event = decide_creation(EXPERT, text.digest)
        yield canonical(
            Item(
                id=1,
                task_force_id=TASK_FORCE,
                proposing_group=PROPOSING,
                counterparts=tuple(group for group, _ in world.rosters),
                state=event.state,
                round=event.round,
                head=text,
                authors=frozenset({EXPERT.person_id}),
            )
        )


@dataclass(slots=True)
class Exploration:
    """What was found from the starting items on: items, the steps between them, and what is wrong."""

    items: dict[Item, set[Item]]
    arrows: set[tuple[str, str, str]]
    acts: int = 0


def explore(world: World, found: Exploration, starts: Iterable[Item]) -> Iterator[str]:
    """Walk breadth-first from `starts`, filling `found`, and yield what is wrong on the way."""
    actors = world.actors()
    queue = list(starts)
    found.items.update((item, set()) for item in queue)
    for item in queue:
        yield from (f"{item.state}: {flaw}" for flaw in flaws(item, world))
        for actor in actors:
            yield from _step(world, found, queue, item, actor)
        for consenting in _consents(item):
            if consenting not in found.items:
                found.items[consenting] = set()
                queue.append(consenting)
            found.items[item].add(consenting)


def _consents(item: Item) -> Iterator[Item]:
    """The item after another lead has agreed to its package, but for the last one, with whom it is agreed."""
    ready = (g for g in item.counterparts if quorum_reached(item, g) and not _held_up(item, g))
    if item.tied_by is not None and item.state is State.PROPOSED:
        yield from (replace(item, consented=item.consented | {g}) for g in (*ready, PROPOSING))


def _step(world: World, found: Exploration, queue: list[Item], item: Item, actor: Actor) -> Iterator[str]:
    for event, violation in tried(item, actor, world):
        found.acts += 1
        if violation:
            yield violation
        if event is None:
            continue
        found.arrows.add((str(item.state), str(event.action), str(event.state)))
        try:
            new = evolve(item, event, rosters=world.voters(), version=_version_for(event, world))
        except ValueError as error:
            yield f"{item.state} {event.action}: {error}"
            continue
        yield from (f"{item.state} {event.action}: {loss}" for loss in losses(item, event, new, world))
        reached = canonical(new)
        if reached not in found.items:
            found.items[reached] = set()
            queue.append(reached)
        found.items[item].add(reached)


def _version_for(event: Event, world: World) -> Version | None:
    text = next((t for t in world.texts if t.digest == event.digest), None)
    return text and replace(text, number=event.version)


def tried(item: Item, actor: Actor, world: World) -> Iterator[tuple[Event | None, str]]:
    """Each act that an actor could try on an item: what was decided, and what is wrong with that.

    What is offered is tried with everything that may come along with it; what is not, once.
    """
    for at in _moments(item, world):
        yield from _tried_at(item, actor, world, at)


def _moments(item: Item, world: World) -> tuple[datetime | None, ...]:
    """When something is tried: just before an instant that matters to the item, and at it."""
    instant = item.silence.until if item.silence else item.publish_at
    if instant:
        return (instant - timedelta(microseconds=1), instant)
    return (MORNING,) if world.instants else (None,)


def _tried_at(
    item: Item, actor: Actor, world: World, at: datetime | None
) -> Iterator[tuple[Event | None, str]]:
    offered = {option.action: option.possible for option in available_actions(actor, item, at)}
    due = _due(item, actor)
    if set(offered) != due - _UNLISTED:
        yield None, f"{item.state}: {actor.role} is offered {', '.join(sorted(offered)) or 'nothing'}"
    if under_silence(item) and any(offered.get(a) for a in (Action.AMEND, Action.RECALL, Action.AGREE)):
        yield None, "what silence freezes is offered"
    if offered.get(Action.RECORD_POSITION) and actor.group_id in agreed_groups(item):
        yield None, "a position can be recorded in a group that has agreed"
    if offered.get(Action.ACCEPT_SILENCE) and item.silence is None:
        yield None, "consent is offered to nothing"
    seen = item.version_for(actor) or item.head
    if sees(actor, item) and seen != (item.head if actor.group_id == PROPOSING else item.circulated):
        yield None, f"{item.state}: {actor.role} sees the wrong version"
    circulated = item.circulated and item.circulated.digest
    tries = acts(item.head.digest, circulated, seen, item.open_suggestions, world)
    runs = under_silence(item)
    for action, choices in tries.items():
        possible = (
            _unlisted_possible(item, actor, action)
            if action in _UNLISTED & due
            else offered.get(action, False)
        )
        if runs and item.silence and action in _UNLISTED:
            possible = possible and at is not None and at < item.silence.until
        for untimed, good in choices if possible else choices[:1]:
            act = _timed(untimed, at)
            yield _decided(item, actor, act, possible and acceptable(item, act, good, actor))
        if possible and choices:
            yield None, _stale_let_through(item, actor, _timed(choices[0][0], at), seen.number)
    if item.tied_by is not None and Action.AGREE in due:
        together = Act(Action.AGREE, seen.number, in_package=True, at=at)
        yield _decided(item, actor, together, _agrees_together(item, actor))


def _unlisted_possible(item: Item, actor: Actor, action: Action) -> bool:
    """Whether nothing of the item keeps an actor from what is theirs and no list offers."""
    if action in (Action.ATTACH_STATEMENT, Action.WITHDRAW_STATEMENT):
        return item.publish_at is None
    if action is Action.TIE:
        return item.tied_by is None and not agreed_groups(item) and item.silence is None
    return action is not Action.UNTIE or (item.tied_by is not None and item.tied_by == actor.group_id)


def _due(item: Item, actor: Actor) -> set[Action]:
    """What a page offers: every arrow that leaves the state and is the actor's, whatever is still missing."""
    if not sees(actor, item):
        return set()
    letters = side(actor, item)
    return {action for state, action in _LEAVING if state == item.state and letters & SIDES[action]}


def _decided(item: Item, actor: Actor, act: Act, allowed: bool) -> tuple[Event | None, str]:
    wrong = ""
    event = None
    try:
        event = decide(actor, item, act)
    except KeyError:
        wrong = "the table has no such row"
    except NotFound:
        wrong = "hidden from who sees it" if allowed or sees(actor, item) else ""
    except Refusal as refusal:
        theirs = side(actor, item) & SIDES.get(act.action, frozenset("pcot"))
        if allowed:
            wrong = "refused although offered"
        elif not sees(actor, item):
            wrong = "shown although hidden"
        elif not theirs and not isinstance(refusal, NotPermitted):
            wrong = "refused for another reason than that it is not theirs"
        elif theirs and (item.state, act.action) not in _LEAVING and isinstance(refusal, Unmet):
            wrong = "refused for another reason than the state"
    else:
        found = list(wrongs(item, actor, act, event))
        wrong = "; ".join(found if allowed else [*found, "let through although not offered"])
    return event, wrong and f"{item.state} {act.action} by {actor.role}: {wrong}"


@cache
def _timed(act: Act, at: datetime | None) -> Act:
    return replace(act, at=at)


@cache
def _naming(act: Act, number: int | None) -> Act:
    return replace(act, version=number)


def _stale_let_through(item: Item, actor: Actor, act: Act, seen: int) -> str:
    for number in (None, seen - 1, seen + 1):
        try:
            decide(actor, item, _naming(act, number))
        except StaleVersion:
            continue
        except Refusal:
            pass
        return f"{item.state} {act.action}: version {number} was taken for the head"
    return ""


def dead_ends(found: Exploration) -> Iterator[str]:
    """The unfinished items from which no published one can be reached any more."""
    before: dict[Item, list[Item]] = {item: [] for item in found.items}
    for item, reached in found.items.items():
        for new in reached:
            before[new].append(item)
    alive = [item for item in found.items if item.state is State.PUBLISHED]
    known = set(alive)
    for item in alive:
        fresh = [earlier for earlier in before[item] if earlier not in known]
        known.update(fresh)
        alive.extend(fresh)
    yield from (
        f"{item.state}: a dead end" for item in found.items if item not in known and item.state not in PUBLIC
    )


# --- Items that cannot come about: what the guards are for when something else has failed ---------


def tampered(item: Item) -> Iterator[Item]:
    """An item with one thing altered behind the procedure's back, in every way that a guard is there for."""
    yield replace(item, head=replace(item.head, recomputed="altered"))
    for standing in PartStanding:
        yield replace(item, parts=(Part("part", "USKZ.REC/1/09", standing),))
    corrigendum = Relation(RelationKind.CORRIGENDUM, 1)
    yield replace(item, relation=replace(corrigendum, state=State.SUPERSEDED))
    yield replace(item, relation=replace(corrigendum, corrected_meanwhile=True))
    yield replace(item, head=replace(item.head, open_brackets=1))
    yield replace(item, head=replace(item.head, missing=("text",)))
    yield replace(item, counterparts=(), ballots=())
    yield replace(item, ballots=())
    yield replace(item, circulated=None)
    yield replace(item, agreements=())
    yield replace(item, approvals=())
    yield replace(item, tied_by=None if item.tied_by else 20)
    yield replace(item, round=item.round + 1)
    yield replace(item, head=replace(item.head, digest="altered", recomputed="altered"))
    for agreement in item.agreements:
        rest = tuple(a for a in item.agreements if a != agreement)
        for wrong in (
            replace(agreement, round=0),
            replace(agreement, digest="altered"),
            replace(agreement, group_id=PROPOSING),
        ):
            yield replace(item, agreements=(*rest, wrong))
    for approval in item.approvals:
        for forged in (replace(approval, round=0), replace(approval, digest="altered")):
            yield replace(item, approvals=(forged,))


def probe(world: World, items: Iterable[Item]) -> Iterator[str]:
    """What the rules wrongly let through on altered items."""
    for item in filter(_is_ripe, items):
        for altered in tampered(item):
            for actor in world.actors():
                yield from (f"altered {wrong}" for _, wrong in tried(altered, actor, world) if wrong)


# --- The one check -----------------------------------------------------------------------------


def violations(world: World, found: Exploration) -> Iterator[str]:
    """Everything that is wrong with the rules as they stand, in this world."""
    yield from explore(world, found, created(world))
    yield from (f"the arrow {arrow} is never taken" for arrow in sorted(_arrows(world) - found.arrows))
    yield from dead_ends(found)
    yield from probe(world, found.items)


def looked_at(world: World, item: Item) -> Iterator[str]:
    """What is wrong with one item, and with every single act on it."""
    passing, queue = Exploration({item: set()}, set()), [item]
    yield from flaws(item, world)
    for actor in world.actors():
        yield from _step(world, passing, queue, item, actor)


def samples_of(world: World) -> Samples:
    """One item of each kind (state, text, what each group has come to), with a different state each time."""
    found = Exploration({}, set())
    flawless = not list(explore(world, found, created(world)))
    assert flawless, "samples are taken while the rules are right"
    kinds: dict[object, Item] = {}
    places: Counter[State] = Counter()
    ordered = []
    for item in found.items:
        ballots = item.ballots if item.state is State.PROPOSED else ()
        stands = tuple(
            (
                quorum_reached(item, b.group_id),
                objected(item, b.group_id),
                bool(b.concerns),
                len(b.positions),
                len(voters_of(b)),
            )
            for b in ballots
        )
        agreed = tuple(agreed_groups(item))
        others = (item.recused, item.silence, item.publish_at, item.tied_by is None, item.consented)
        kind = (item.state, item.head.digest, item.circulated == item.head, agreed, stands, others)
        if kinds.setdefault(kind, item) is item:
            ordered.append((places[item.state], item))
            places[item.state] += 1
    ordered.sort(key=lambda pair: pair[0])
    return world, tuple(item for _, item in ordered)


def _arrows(world: World) -> frozenset[tuple[str, ...]]:
    """The arrows that a world has: some need a third group, a bracket, a suggestion, a text, an instant."""
    missing = {("proposed", "expire_silence", "proposed")}
    if not world.instants:
        missing |= {a for a in ARROWS if a[1].endswith("_silence") or a[1] in ("schedule", "unschedule")}
    if len(world.instants) == 1:
        missing.add(("proposed", "extend_silence", "proposed"))
    if not world.recusing:
        missing |= {arrow for arrow in ARROWS if arrow[1] in ("recuse", "rejoin")}
    if all(len(people) == 1 for _, people in world.rosters):
        missing.add(("proposed", "record_position", "proposed"))
    if len(world.rosters) == 1:
        missing.add(("proposed", "agree", "proposed"))
    if BRACKETED not in world.texts and not world.suggests:
        missing.add(("proposed", "amend", "proposed"))
    if not world.suggests:
        missing |= {arrow for arrow in ARROWS if "suggest" in arrow}
    if not world.ties:
        missing |= {arrow for arrow in ARROWS if arrow[1] in ("tie", "untie")}
    if not world.concerned:
        missing |= {arrow for arrow in ARROWS if "concern" in arrow[1]}
    if len(world.texts) == 1:
        missing |= {("draft", "revise", "draft"), ("changes_requested", "revise", "changes_requested")}
    return ARROWS - missing


def _is_ripe(item: Item) -> bool:
    """Whether altering an item could make a guard matter: it is about to be moved to another state."""
    match item.state:
        case State.DRAFT | State.CHANGES_REQUESTED:
            return not item.head.missing and not any(b.positions for b in item.ballots)
        case State.PROPOSED if item.silence:
            return item.silence.running
        case State.PROPOSED:
            return any(quorum_reached(item, g) and not objected(item, g) for g in item.counterparts)
        case _:
            return item.state in (State.AGREED, State.APPROVED, *PUBLIC)


def check_rules(*worlds: World, at_most: int | None = None, samples: Iterable[Samples] = ()) -> list[str]:
    """What is wrong with the rules as they stand: empty if nothing is.

    Stops after `at_most` findings; `samples` are looked at before the exploring begins, an item of each
    world in turn, to find them soon.
    """
    rows = (f"the table has no row for {action}" for action in Action if action not in workflow.RULES)
    drafted = (drafting(world) for world in worlds)
    in_turn = [pair for pairs in zip_longest(*_pairs(samples)) for pair in pairs if pair]
    first = (looked_at(world, item) for world, item in in_turn)
    altered = (probe(world, [item]) for world, item in in_turn)
    explored = (violations(world, Exploration({}, set())) for world in worlds)
    return list(islice(chain.from_iterable(chain([rows], drafted, first, altered, explored)), at_most))


def _pairs(samples: Iterable[Samples]) -> Iterator[list[tuple[World, Item]]]:
    """Each world's items, with their world."""
    for world, items in samples:
        yield [(world, item) for item in items]

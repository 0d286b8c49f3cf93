"""Each row, guard, input and condition of the rules goes missing or wrong once, and the check must notice."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FunctionType

import pytest

from reviewflow.domain import ballots, evolution, guards, items, silence, visibility, waiting, workflow
from reviewflow.domain.actors import Role, Standing
from reviewflow.domain.items import State
from reviewflow.domain.workflow import RULES, Action, Rule
from tests.unit.domain.model import (
    ALL_STANDS,
    CONCERNS,
    LEADS_ONLY,
    LONGER,
    PAIR,
    RECUSING,
    SILENT,
    SUGGESTIONS,
    THREE_VOTERS,
    TIES,
    check_rules,
    samples_of,
)

WORLDS = (LEADS_ONLY, ALL_STANDS, CONCERNS, SUGGESTIONS, TIES, THREE_VOTERS, RECUSING, SILENT, LONGER, PAIR)
#: Who could stand where: the pairs that a row may be opened to or closed to by mistake.
PAIRS = (
    *((side, role) for side in (Standing.PROPOSER, Standing.COUNTERPART)
      for role in (Role.LEAD, Role.EXPERT, Role.OBSERVER)),
    (Standing.COORDINATOR, Role.COORDINATOR),
    (Standing.COORDINATOR, Role.CLOCK),
)  # fmt: skip


def table_mutants() -> Iterator[tuple[str, Action, Rule | None]]:
    """Each wrong table as a name, the row that is wrong, and what it has become (None: gone)."""
    for action, rule in RULES.items():
        yield f"{action} is gone", action, None
        for guard in rule.guards:
            rest = tuple(g for g in rule.guards if g is not guard)
            yield f"{action} without guard {_name(guard)}", action, replace(rule, guards=rest)
        for guard in rule.inputs:
            rest = tuple(g for g in rule.inputs if g is not guard)
            yield f"{action} without input {_name(guard)}", action, replace(rule, inputs=rest)
        for pair in PAIRS:
            # Who creates an item stands to no item yet, so nobody is its counterpart.
            if action is not Action.CREATE or pair[0] is not Standing.COUNTERPART:
                verb = "closed to" if pair in rule.by else "open to"
                yield f"{action} {verb} {pair[0]} {pair[1]}", action, replace(rule, by=rule.by ^ {pair})
        for state in State:
            verb = "no longer from" if state in rule.source else "also from"
            yield f"{action} {verb} {state}", action, replace(rule, source=rule.source ^ {state})
        # An item is created in one place, which has no state to leave and no ballot to open.
        if action is not Action.CREATE:
            for state in (None, *State):
                stays = rule.to is None and rule.source == {state}
                if state is not rule.to and not stays:
                    yield f"{action} to {state or 'the same state'}", action, replace(rule, to=state)
            yield f"{action} ballots", action, replace(rule, opens_ballots=not rule.opens_ballots)
            yield f"{action} circulation", action, replace(rule, circulates=not rule.circulates)


def _name(guard: Callable[..., object]) -> str:
    return getattr(guard, "__name__", "")


@pytest.fixture(scope="module")
def check() -> Callable[[], list[str]]:
    """The check in the small worlds, up to the first finding; samples are taken while the rules are right."""
    samples = tuple(samples_of(world) for world in WORLDS)
    return lambda: check_rules(*WORLDS, at_most=1, samples=samples)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "rule"), [pytest.param(action, rule, id=name) for name, action, rule in table_mutants()]
)
def test_table_mutant_is_noticed(
    action: Action, rule: Rule | None, monkeypatch: pytest.MonkeyPatch, check: Callable[[], list[str]]
) -> None:
    table = {row: rule if row is action else kept for row, kept in RULES.items()}
    monkeypatch.setattr(workflow, "RULES", {row: kept for row, kept in table.items() if kept})
    assert check() != []


#: Each condition outside the table: the function, the words in it, and what stands there instead.
CONDITIONS: tuple[tuple[FunctionType, str, str], ...] = (
    (ballots.counts, "position.person_id in ballot.roster", "True"),
    (ballots.counts, "position.round == ballot.round", "True"),
    (ballots.counts, "position.digest == digest", "True"),
    (ballots.counts, "Stand.APPROVE, ", ""),
    (ballots.counts, "Stand.NO_OBJECTION, ", ""),
    (ballots.counts, ", Stand.ABSTAIN)", ")"),
    (ballots.counts, "Stand.ABSTAIN)", "Stand.ABSTAIN, Stand.OBJECT)"),
    (ballots.recused, "p.stand is Stand.RECUSE", "False"),
    (ballots.recused, "p.stand is Stand.RECUSE", "p.stand is Stand.ABSTAIN"),
    (ballots.recused, "p.stand is Stand.RECUSE", "p.stand is Stand.RECUSE and p.round == ballot.round"),
    (ballots.objectors, "p.stand is Stand.OBJECT", "False"),
    (ballots.objectors, "p.stand is Stand.OBJECT", "True"),
    (ballots.tally, "ballot.roster - recused(ballot)", "ballot.roster"),
    (ballots.tally, "p.person_id in voters and counts(p, ballot, digest)", "p.person_id in voters"),
    (ballots.tally, "p.stand is Stand.APPROVE for", "True for"),
    (ballots.tally, "p.stand is Stand.APPROVE for", "False for"),
    (ballots.tally, "len(voters) // 2 + 1", "len(voters) // 2"),
    (ballots.tally, "len(voters) // 2 + 1", "(len(voters) + 1) // 2"),
    (ballots.tally, "len(voters) // 2 + 1", "len(voters)"),
    (ballots.tally, "len(voters) // 2 + 1", "len(ballot.roster) // 2 + 1"),
    (ballots.tally, "len(counting) >= needed", "len(counting) > needed"),
    (ballots.tally, "len(counting) >= needed", "True"),
    (ballots.tally, "approvals >= 1", "True"),
    (ballots.tally, " and not blocking", ""),
    (ballots.tally, " and not ballot.concerns", ""),
    (ballots.tally, "concerns=ballot.concerns", "concerns=()"),
    (items.with_concern, "if not ended:", "if True:"),
    (items.with_concern, "if not ended:", "if False:"),
    (items.with_concern, "if b.group_id == group_id", "if True"),
    (items.with_ballots, "old.concerns if old else ()", "()"),
    (guards.no_open_concern, "ballot.concerns if ballot else ()", "()"),
    (guards.has_ballot, "return () if item.ballot_of(actor.group_id or 0) else", "return () if True else"),
    (guards.ends_a_concern_of_theirs, " or act.concern not in ballot.concerns", ""),
    (guards.ends_a_concern_of_theirs, "act.concern == actor.person_id or ", ""),
    (guards.ends_a_concern_of_theirs, " or actor.role is Role.LEAD", ""),
    (guards.ends_a_concern_of_theirs, "return () if theirs", "return () if True"),
    (guards.concern_end_chosen, "if act.concern_end", "if True"),
    (workflow._event, "actor.person_id if act.action is Action.RAISE_CONCERN else ", ""),
    (workflow._event, "concern_end=act.concern_end", "concern_end=None"),
    (evolution.evolve, "event.action is Action.END_CONCERN", "False"),
    (evolution.evolve, "event.concern and actor.group_id", "False"),
    (waiting.tasks, " or outcome.concerns", ""),
    (ballots.tally, "p.round == ballot.round", "True"),
    (ballots.tally, "p.digest == digest", "True"),
    (ballots.tally, "- current_objectors", ""),
    (ballots.tally, "if p.stand is not Stand.WITHDRAWN", ""),
    (ballots.tally, "unspoken - known", "unspoken"),
    (ballots.tally, "unspoken & known", "unspoken"),
    (items.Item.has_agreed, "a.group_id == group_id", "True"),
    (items.Item.has_agreed, "a.round == self.round", "True"),
    (items.Item.has_agreed, "a.digest == self.head.digest", "True"),
    (items.Item.has_agreed, "return any(", "return not any("),
    (items.Item.is_approved, "a.round == self.round", "True"),
    (items.Item.is_approved, "a.digest == self.head.digest", "True"),
    (items.Item.version_for, "return self.circulated", "return self.head"),
    (items.with_position, "p.person_id != position.person_id", "True"),
    (items.with_position, "p.person_id != position.person_id", "False"),
    (items.with_position, "b.group_id == group_id", "True"),
    (items.with_ballots, "old.positions if", "() if"),
    (items.with_ballots, "item.round", "item.round - 1"),
    (workflow.decide, "not may_see(actor, item)", "False"),
    (workflow._is_given, "who in rule.by", "True"),
    (workflow.decide, "seen is None or act.version != seen.number", "False"),
    (workflow.decide, "item.state not in rule.source", "False"),
    (workflow.decide, "(*rule.guards, *rule.inputs)", "rule.inputs"),
    (workflow.decide, "(*rule.guards, *rule.inputs)", "rule.guards"),
    (workflow.decide, "if reasons:", "if False:"),
    (workflow.available_actions, "not may_see(actor, item)", "False"),
    (workflow.available_actions, "rule.action not in _NOT_OFFERED and ", ""),
    (workflow.available_actions, " and _is_given(actor, item, rule)", ""),
    (workflow.available_actions, " and item.state in rule.source", ""),
    (workflow.available_actions, "rule.guards)", "())"),
    (workflow._obstacles, "item.silence and item.silence.over(act.at) and ", ""),
    (workflow._obstacles, "item.silence.over(act.at) and ", ""),
    (workflow._obstacles, " and act.action is not Action.EXPIRE_SILENCE", ""),
    (workflow._event, " and ends_silence is not SilenceOutcome.ADOPTED", ""),
    (workflow._event, "act.action is Action.EXPIRE_SILENCE", "False"),
    (workflow._event, "member=act.member", "member=None"),
    (workflow._event, "means=act.means.strip()", "means=''"),
    (workflow._event, "until=act.until", "until=None"),
    (workflow._event, "ends_silence=ends_silence", "ends_silence=None"),
    (workflow._ends_silence, "when.fit_for_silence(item, actor, act) or ", ""),
    (workflow._ends_silence, " or when.text_intact(item, actor, act)", ""),
    (workflow._ends_silence, "act.action is Action.REFUSE_SILENCE", "False"),
    (workflow._ends_silence, "if item.silence.running:", "if True:"),
    (workflow._ends_silence, "act.action in _BREAKING or ", ""),
    (workflow._ends_silence, " or _speaks_up(item, actor, act)", ""),
    (workflow._ends_silence, "if act.action in _OVERTAKING", "if False"),
    (workflow._speaks_up, "act.stand is Stand.OBJECT", "False"),
    (workflow._speaks_up, "act.stand is Stand.RECUSE", "False"),
    (workflow._speaks_up, "recused(ballot) | leaves", "leaves"),
    (silence.Silence.over, "self.running and ", ""),
    (silence.Silence.over, "at >= self.until", "at > self.until"),
    (silence.Silence.over, "at >= self.until", "True"),
    (silence.Silence.asked_for, "if consent.until > self.until", ""),
    (silence.Silence.lacking, "if self.running", "if True"),
    (silence.Silence.lacking, "if self.running", "if False"),
    (silence.Silence.lacking, "not self.consented", "self.consented"),
    (silence.Silence.with_consent, "self.consents | ", "frozenset() | "),
    (silence.Silence.with_consent, "if all(", "if any("),
    (silence.Silence.with_consent, "until=until, ", ""),
    (guards.takes_part, "if actor.person_id in item.recused", "if False"),
    (guards.own_ballot_open, " and ballot.round == item.round", ""),
    (guards.given_by_member, " or act.member not in (ballot.roster - ballot.left) | handed", ""),
    (guards.given_by_member, "act.member == actor.person_id", "False"),
    (guards.given_by_member, "position.stand is Stand.OBJECT", "False"),
    (guards._may_speak_again, "recorded and act.stand is Stand.OBJECT", "act.stand is Stand.OBJECT"),
    (guards._may_speak_again, "recorded and act.stand is Stand.OBJECT", "False"),
    (guards._may_speak_again, " and position.recorded_by == actor.person_id", ""),
    (guards._may_speak_again, "act.stand is Stand.WITHDRAWN and position", "position"),
    (evolution.evolve, "actor.person_id if event.action is Action.RECORD_POSITION else None", "None"),
    (guards.given_by_member, "not act.means.strip()", "False"),
    (guards.stand_taken, "act.stand is Stand.WITHDRAWN", "False"),
    (guards.stand_taken, " or position.stand is Stand.WITHDRAWN", ""),
    (guards.text_not_frozen, " and item.silence.running", ""),
    (guards.silence_proposed, "if item.silence.running", "if False"),
    (guards.silence_runs, " and item.silence.running", ""),
    (guards.proposed_instant_ahead, "silence.until <= act.at", "silence.until < act.at"),
    (guards.fit_for_silence, "if blocking:", "if False:"),
    (guards.fit_for_silence, " or b.round != item.round", ""),
    (guards.fit_for_silence, "not tally(b, item.head.digest).voters", "False"),
    (guards.instant_ahead, "act.until > act.at", "act.until >= act.at"),
    (guards.instant_later, "act.until <= silence.until", "act.until < silence.until"),
    (guards.instant_later, "silence.consented(actor.group_id or 0, act.until)", "False"),
    (workflow._event, "act.action is Action.AGREE and ", ""),
    (workflow._event, "not _agreement_completes(item, actor)", "False"),
    (workflow._event, " or act.action is Action.RETURN", ""),
    (workflow._event, "rule.opens_ballots or ", ""),
    (workflow._event, "text.number + makes_version", "text.number"),
    (workflow._event, "act.digest if makes_version else text.digest", "text.digest"),
    (workflow._event, "reason=act.reason.strip()", "reason=''"),
    (workflow._event, "stand=act.stand", "stand=None"),
    (workflow._agreement_completes, "group == actor.group_id or ", ""),
    (workflow._agreement_completes, "return all(", "return any("),
    (guards.text_changed, "(None, item.head.digest)", "(None,)"),
    (guards.text_changed, "(None, item.head.digest)", "(item.head.digest,)"),
    (guards.reason_given, ".strip()", ""),
    (guards.only_settled, "act.only_brackets_cleaned or ", ""),
    (guards.only_settled, " or 0 < act.accepted <= item.open_suggestions", ""),
    (guards.only_settled, "0 < act.accepted <= item.open_suggestions", "act.accepted > 0"),
    (guards.only_settled, "0 < act.accepted <= ", "act.accepted <= "),
    (guards.only_settled, "if settled and ", "if "),
    (guards.only_settled, " and not act.missing", ""),
    (guards.something_to_settle, "item.head.open_brackets or ", ""),
    (guards.something_to_settle, " or item.open_suggestions", ""),
    (guards.differs_from_what_is_seen, "(None, seen.digest)", "(None,)"),
    (guards.differs_from_what_is_seen, "(None, seen.digest)", "(seen.digest,)"),
    (guards.differs_from_what_is_seen, "(None, seen.digest)", "(None, item.head.digest)"),
    (workflow._event, "if act.action in _ON_WHAT_IS_SEEN", "if False"),
    (guards.not_tied, "item.tied_by is not None", "False"),
    (guards.tied_by_own_group, "item.tied_by == actor.group_id", "True"),
    (guards.agreed_with_its_package, "item.tied_by is not None and ", ""),
    (guards.agreed_with_its_package, " and not act.in_package", ""),
    (guards.statement_worded, ".strip()", ""),
    (guards.speaks_for_group, "act.for_group and ", ""),
    (guards.speaks_for_group, " and not actor.speaks_for_group", ""),
    (guards.statement_is_theirs, "made.author == actor.person_id", "True"),
    (guards.statement_is_theirs, "made.author == actor.person_id", "False"),
    (guards.statement_is_theirs, "made.for_group and ", ""),
    (guards.statement_is_theirs, "made.group_id == actor.group_id and ", ""),
    (guards.statement_is_theirs, " and actor.speaks_for_group", ""),
    (evolution.evolve, "tied_by=actor.group_id", ""),
    (evolution.evolve, "event.action is Action.UNTIE or ", ""),
    (evolution.evolve, " or event.state is State.AGREED", ""),
    (evolution.evolve, "new.tied_by is None or event.circulates", "new.tied_by is None"),
    (evolution.evolve, "new.tied_by is None or event.circulates", "event.circulates"),
    (waiting.tasks, "            if item.tied_by is None:", "            if True:"),
    (waiting.tasks, "elif group not in item.consented", "elif True"),
    (waiting.tasks, "if item.tied_by is not None and holders", "if holders"),
    (waiting.tasks, "holders(item) == (item.proposing_group,)", "False"),
    (waiting.holders, "g not in item.consented or not", "not"),
    (waiting.holders, "g not in item.consented or not _carries(item, g)", "g not in item.consented"),
    (waiting.holders, "return owing or (item.proposing_group,)", "return owing"),
    (waiting._carries, "tally(ballot, item.head.digest).carried", "True"),
    (waiting._carries, " and not item.head.open_brackets", ""),
    (workflow._event, "suggests and not act.internal", "suggests"),
    (workflow._event, "suggests and not act.internal", "False"),
    (workflow._event, " - (act.accepted if makes_version else 0)", ""),
    (evolution.evolve, "item.open_suggestions + event.suggestions", "item.open_suggestions"),
    (waiting.tasks, " or item.open_suggestions > 0", ""),
    (waiting.tasks, "item.head.open_brackets > 0 or ", ""),
    (guards.newer_or_answered, "act.reason.strip() or ", ""),
    (guards.newer_or_answered, "item.head.digest != reviewed.digest", "True"),
    (guards.newer_or_answered, "item.head.digest != reviewed.digest", "False"),
    (guards.on_roster, " and actor.person_id in ballot.roster", ""),
    (guards.stand_taken, "act.stand is None", "False"),
    (guards.stand_taken, "act.stand is Stand.OBJECT and not act.reason.strip()", "False"),
    (guards.ballot_carries, " or ballot.round != item.round", ""),
    (guards.ballot_carries, "outcome.positions < outcome.needed", "False"),
    (guards.ballot_carries, "outcome.voters and not outcome.approvals", "False"),
    (guards.every_group_agreed, "not item.has_agreed(group)", "False"),
    (guards.every_group_agreed, " or not item.counterparts", ""),
    (guards.parts_hold, "part.standing not in INCLUDABLE", "False"),
    (guards.fit_for_silence, "*parts_hold(item, actor, act)", ""),
    (guards.instant_reached, "reached or ", ""),
    (guards.instant_reached, "act.at >= item.publish_at", "act.at > item.publish_at"),
    (guards.instant_reached, "act.at >= item.publish_at", "True"),
    (guards.instant_reached, "actor.role is not Role.CLOCK", "True"),
    (guards.proposed_instant_passed, "item.silence.until <= act.at", "item.silence.until < act.at"),
    (guards.proposed_instant_passed, "item.silence.until <= act.at", "True"),
    (guards.publication_set, "item.publish_at is not None", "True"),
    (guards.publication_not_set, "item.publish_at is not None", "False"),
    (evolution.evolve, "event.action is Action.SCHEDULE", "False"),
    (evolution.evolve, "event.action is Action.UNSCHEDULE or ", ""),
    (evolution.evolve, " or event.state is not State.APPROVED", ""),
    (waiting.tasks, "case State.APPROVED if item.publish_at", "case State.APPROVED if False"),
    (guards._is_followed, "and new.task_force_id == item.task_force_id", ""),
    (guards._is_followed, "(kind, item.id)", "(kind, new.relation.original)"),
    (guards._is_followed, "(kind, item.id)", "(new.relation.kind, item.id)"),
    (guards._is_followed, "and _went_whole_way(new)", ""),
    (guards.original_in_force, "relation.kind is not RelationKind.CORRIGENDUM", "True"),
    (guards.original_in_force, "relation.state is not State.PUBLISHED", "False"),
    (guards.fit_for_silence, "*original_in_force(item, actor, act)", ""),
    (guards._went_whole_way, "item.state is State.PUBLISHED", "True"),
    (guards._went_whole_way, "bool(item.counterparts)", "True"),
    (guards._went_whole_way, "all(item.has_agreed(group) for group in item.counterparts)", "True"),
    (guards._went_whole_way, "and item.is_approved()", ""),
    (evolution.evolve, "state=event.state, ", ""),
    (evolution.evolve, ", round=event.round", ""),
    (evolution.evolve, "head=version, ", ""),
    (evolution.evolve, "if event.circulates:", "if False:"),
    (evolution.evolve, "if event.opens_ballots:", "if False:"),
    (evolution.evolve, "event.action in POSITIONS and event.stand", "False"),
    (evolution.evolve, "event.member or actor.person_id", "actor.person_id"),
    (evolution.evolve, "recused=new.recused | {actor.person_id}", ""),
    (evolution.evolve, "recused=new.recused - {actor.person_id}", ""),
    (evolution.evolve, "event.ends_silence is SilenceOutcome.ADOPTED", "False"),
    (evolution.evolve, "(*new.agreements, *adopted)", "adopted"),
    (evolution._silence_after, "if event.ends_silence:", "if False:"),
    (evolution._silence_after, "event.action is Action.PROPOSE_SILENCE and event.until", "False"),
    (evolution._silence_after, "event.action in CONSENTS and event.until", "False"),
    (evolution.evolve, "event.action is Action.AGREE", "False"),
    (evolution.evolve, "(*new.agreements, agreement)", "(agreement,)"),
    (evolution.evolve, "event.action is Action.APPROVE", "False"),
    (visibility.may_see, "item.circulated is not None", "True"),
    (visibility.may_see_item, "actor.role not in _READERS", "False"),
    (visibility.may_see_item, "return circulated", "return True"),
    (visibility.may_see_item, "return circulated", "return False"),
    (waiting._undecided, "if not item.has_agreed(group)", ""),
    (
        waiting.holders,
        "State.CHANGES_REQUESTED:\n            return (item.proposing_group,)",
        "State.CHANGES_REQUESTED:\n            return item.counterparts",
    ),
    (waiting.tasks, "item.silence and item.silence.running", "False"),
    (waiting.tasks, " - item.recused", ""),
    (waiting.tasks, "if found.get(person) not in (Task.AGREE, Task.SETTLE)", ""),
    (waiting._tasks_under_silence, "{*outcome.silent, *outcome.stale}", "set(outcome.silent)"),
    (waiting._tasks_under_silence, "{*outcome.silent, *outcome.stale}", "set(outcome.stale)"),
    (waiting._tasks_under_silence, "item.silence.lacking(item.groups)", "()"),
    (waiting.tasks, "dict.fromkeys(silent, Task", "dict.fromkeys((), Task"),
    (waiting.tasks, "dict.fromkeys(stale, Task", "dict.fromkeys((), Task"),
    (waiting.tasks, "not silent and not stale", "False"),
)  # fmt: skip

#: What is refused twice, so that no mutant can tell: an administrator stands nowhere in a task force,
#: `tally` asks `counts` about people of the roster only, and to the instant in force all have consented.
#: Nor can the model tell what it forgets: what was taken back, earlier rounds and who wrote a text, of which
#: test_workflow.py, test_evolution.py and test_waiting.py tell.
EQUIVALENT = {
    (guards.instant_later, "act.until <= silence.until"),
    (guards.stand_taken, " or position.stand is Stand.WITHDRAWN"),
    (evolution.evolve, "(*new.agreements, *adopted)"),
    (waiting.tasks, " - item.recused"),
    (visibility.may_see_item, "actor.role not in _READERS"),
    (ballots.counts, "position.person_id in ballot.roster"),
}


def mutated(function: FunctionType, old: str, new: str) -> FunctionType:
    """The function with `old` replaced by `new` in its source, once."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in {function.__name__}"
    namespace = dict(function.__globals__)
    exec("from __future__ import annotations\n" + source.replace(old, new), namespace)  # noqa: S102 - our own source
    return namespace[function.__name__]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "old", "new"),
    [
        pytest.param(*condition, id=f"{condition[0].__name__}: {condition[1]} -> {condition[2] or 'nothing'}")
        for condition in CONDITIONS
        if condition[:2] not in EQUIVALENT
    ],
)
def test_condition_mutant_is_noticed(
    function: FunctionType,
    old: str,
    new: str,
    monkeypatch: pytest.MonkeyPatch,
    check: Callable[[], list[str]],
) -> None:
    monkeypatch.setattr(function, "__code__", mutated(function, old, new).__code__)
    assert check() != []


@pytest.mark.slow
def test_check_finds_nothing_in_the_rules_as_they_are() -> None:
    assert check_rules(*WORLDS) == []


def test_every_condition_stands_where_its_mutant_looks_for_it() -> None:
    for function, words, _ in CONDITIONS:
        mutated(function, words, words)


def test_mutants_cover_every_guard_of_the_table() -> None:
    named = {name for name, _, _ in table_mutants()}
    rows = {
        f"{action} without {kind} {_name(guard)}"
        for action, rule in RULES.items()
        for kind, guards in (("guard", rule.guards), ("input", rule.inputs))
        for guard in guards
    }
    assert rows <= named


def test_mutants_are_all_different_from_the_rules() -> None:
    assert [name for name, action, rule in table_mutants() if rule == RULES[action]] == []

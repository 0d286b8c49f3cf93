"""Random people do random things to one text: services and model must say the same after each step."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from reviewflow.domain.actors import VOTING_ROLES, Actor, Role
from reviewflow.domain.ballots import ConcernEnd, Stand, objectors
from reviewflow.domain.brackets import clean
from reviewflow.domain.errors import Refusal
from reviewflow.domain.evolution import evolve
from reviewflow.domain.items import Item, State, Version
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.permissions import Permission, about_item, allows
from reviewflow.domain.relations import successor_of
from reviewflow.domain.replay import Replay
from reviewflow.domain.statements import Statement, StatementKind
from reviewflow.domain.text import split_blocks
from reviewflow.domain.visibility import may_see
from reviewflow.domain.waiting import holders, tasks
from reviewflow.domain.workflow import Act, Action, Event, available_actions, decide
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation, Wait
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.repository import Party, load_item
from reviewflow.queries import suggestions as queries
from reviewflow.services import deliberation, packages, publication, recommendations, statements, suggestions
from reviewflow.services.anchors import Aim
from tests.factories.task_forces import Cast, content, make_task_force

_PUBLISHABLE = ("1. Publish.", "1. Publish by May.")
_TEXTS = (*_PUBLISHABLE, "1. Publish [soon / now].", "")
_REASONED: dict[Action, Callable[..., Event]] = {
    Action.RECALL: recommendations.recall,
    Action.WITHDRAW: recommendations.withdraw,
    Action.REOPEN: recommendations.reopen,
    Action.RESUBMIT: recommendations.resubmit,
    Action.REQUEST_CHANGES: deliberation.request_changes,
    Action.DECLINE: deliberation.decline,
    Action.RETURN: publication.return_for_changes,
    Action.RETRACT: publication.retract,
}
_PLAIN: dict[Action, Callable[..., Event]] = {
    Action.PROPOSE: recommendations.propose,
    Action.AGREE: deliberation.agree_to_version,
    Action.APPROVE: publication.approve,
    Action.PUBLISH: publication.publish,
}
#: The acts that carry the text forward are tried more often, or no run would ever reach the end.
_ACTIONS = (*_REASONED, *_PLAIN, *_PLAIN, *_PLAIN, Action.REVISE, Action.AMEND)


class RandomPeople(RuleBasedStateMachine):
    """One recommendation in one task force; `model` is what the rules alone make of it."""

    app: ClassVar[Flask]
    cast: ClassVar[Cast]
    #: How far the text has come when the random acts begin.
    steps: ClassVar[int]
    #: The states that the runs got to; a search that never gets to one proves nothing about it.
    reached: ClassVar[set[State]]

    def __init__(self) -> None:
        super().__init__()
        #: Authors of the open concerns by their threads; None where one has ended.
        self.concerns: dict[str, int | None] = {}
        self._context = self.app.app_context()
        self._context.push()
        #: What was attached and not withdrawn, by key, and the package that the text is or was tied into.
        self.statements: dict[str, Statement] = {}
        self.package = ""

    def teardown(self) -> None:
        """Leave no context behind."""
        db.session.remove()
        self._context.pop()

    @initialize(data=st.data())
    def draft(self, data: st.DataObject) -> None:
        """A Washington expert drafts a text, which goes the first `steps` on its way to publication."""
        text = data.draw(st.sampled_from(_PUBLISHABLE if self.steps else _TEXTS))
        self.manifest = content(text=text).manifest("washington")
        author = self.cast["washington-expert-1"]
        self.key = recommendations.create_recommendation(author, content(text=text))
        self.model, self.party = self._stored()
        self.reached.add(self.model.state)
        for action in tuple(_PLAIN)[: self.steps]:
            if action is Action.AGREE:
                self.everybody_is_content(Stand.NO_OBJECTION)
            for actor in self.cast.actors.values():
                if any(o.action is action and o.possible for o in available_actions(actor, self.model)):
                    self._attempt_plainly(actor, self.model.head.number, action)

    def _stored(self, key: str = "") -> tuple[Item, Party]:
        db.session.rollback()
        row = db.session.scalars(select(Recommendation).where(Recommendation.key == (key or self.key))).one()
        loaded = load_item(db.session(), row)
        db.session.expunge_all()
        return loaded.item, loaded.party

    def _leads(self) -> dict[str, Actor]:
        return {name: actor for name, actor in self.cast.actors.items() if actor.role is Role.LEAD}

    def _actor(self, data: st.DataObject) -> Actor:
        return self.cast[data.draw(st.sampled_from(sorted(self.cast.actors)))]

    def _version(self, data: st.DataObject) -> int:
        return self.model.head.number - data.draw(st.sampled_from((0, 0, 0, 0, 0, 1)))

    @rule(data=st.data(), stand=st.sampled_from(Stand), reason=st.sampled_from(("Too vague.", "")))
    def take_position(self, data: st.DataObject, stand: Stand, reason: str) -> None:
        """Somebody states a position."""
        actor, version = self._actor(data), self._version(data)
        act = Act(Action.TAKE_POSITION, version, reason, stand=stand)
        self._both(actor, act, lambda: deliberation.take_position(actor, self.key, version, stand, reason))

    @rule(stand=st.sampled_from((Stand.APPROVE, Stand.NO_OBJECTION)))
    def everybody_is_content(self, stand: Stand) -> None:
        """Every counterpart group approves, so that runs get past the ballot."""
        voters = [
            name
            for name, actor in self.cast.actors.items()
            if actor.role in VOTING_ROLES and not name.startswith("washington")
        ]
        for name in voters:
            actor, version = self.cast[name], self.model.head.number
            chosen = Stand.APPROVE if name.endswith("lead") else stand
            act = Act(Action.TAKE_POSITION, version, stand=chosen)
            self._both(
                actor,
                act,
                lambda actor=actor, version=version, chosen=chosen: deliberation.take_position(
                    actor, self.key, version, chosen
                ),
            )

    @rule(data=st.data(), reason=st.sampled_from(("For a good reason.", "For another.", "")))
    def act(self, data: st.DataObject, reason: str) -> None:
        """Somebody does something: anything, entitled or not, possible or not."""
        action = data.draw(st.sampled_from(_ACTIONS))
        self._attempt(self._actor(data), self._version(data), action, reason, data)

    @rule(data=st.data(), forward=st.booleans())
    def do_what_is_offered(self, data: st.DataObject, forward: bool) -> None:
        """Somebody does what their page offers: what leads forward, if wanted and there is such a thing."""
        offered: dict[Action, list[Actor]] = {}
        for actor in self.cast.actors.values():
            for option in available_actions(actor, self.model):
                if option.possible and option.action in _ACTIONS:
                    offered.setdefault(option.action, []).append(actor)
        ahead = [action for action in offered if action in (*_PLAIN, Action.RESUBMIT, Action.REOPEN)]
        if offered:
            action = data.draw(st.sampled_from(ahead if forward and ahead else [*offered]))
            actor = data.draw(st.sampled_from(offered[action]))
            self._attempt(actor, self.model.head.number, action, "As agreed.", data)

    @precondition(lambda self: self.model.state is State.PROPOSED)
    @rule()
    def send_back(self) -> None:
        """A counterpart asks for changes, so that runs get to what is done with a text that went back."""
        version = self.model.head.number
        act = Act(Action.REQUEST_CHANGES, version, "Too vague.")
        actor = self.cast["astana-expert-1"]
        self._both(actor, act, lambda: deliberation.request_changes(actor, self.key, version, "Too vague."))

    @precondition(lambda self: self.model.state is State.PUBLISHED)
    @rule()
    def publish_a_successor(self) -> None:
        """Another text, which replaces this one, goes the whole way; publishing it supersedes this one."""
        coordinator, leads = self.cast["coordinator"], self._leads()
        key = recommendations.create_recommendation(
            leads["washington-lead"], content(), follows=successor_of(self.key)
        )
        recommendations.propose(leads.pop("washington-lead"), key, 1)
        for city_lead, lead in leads.items():
            for voter in (lead, self.cast[city_lead.replace("lead", "expert-1")]):
                deliberation.take_position(voter, key, 1, Stand.APPROVE)
            deliberation.agree_to_version(lead, key, 1)
        publication.approve(coordinator, key, 1)
        publication.publish(coordinator, key, 1)
        act = Act(Action.SUPERSEDE, self.model.head.number, follower=self._stored(key)[0])
        self._follow(decide(coordinator, self.model, act))

    @rule(data=st.data(), number=st.integers(0, 9))
    def suggest(self, data: st.DataObject, number: int) -> None:
        """Somebody suggests other words for the first paragraph."""
        actor, version = self._actor(data), self._version(data)
        words = f"Say it {number} times."
        seen = self.model.version_for(actor)
        text = self._text(seen.number) if seen else ""
        new = text.replace(split_blocks(text)[0].text, f"1. {words}", 1) if text else ""
        shared = self.model.circulated is not None and self.model.circulated.number == version
        invalid = not text or not shared
        digest = seen.digest if seen and new == text and not invalid else "new"
        self._both(
            actor,
            Act(Action.SUGGEST, version, digest=digest),
            lambda: suggestions.suggest(actor, self.key, version, Aim(1), words),
            invalid=invalid,
        )

    @rule(data=st.data(), own=st.booleans())
    def accept(self, data: st.DataObject, own: bool) -> None:
        """Somebody accepts what was suggested: a writer of the proposing group, or anybody."""
        lead = self.cast["washington-lead"]
        page = queries.page(lead, self.key)
        actor = lead if own else self._actor(data)
        for one in page.choosable[:1]:
            manifest = page.choice([one.key]).manifest
            assert manifest is not None
            version = self._version(data)
            action = Action.AMEND if self.model.state is State.PROPOSED else Action.REVISE
            same = [s for s in page.choosable if s.here and one.here and s.after == one.after]
            act = Act(
                action, version, digest=manifest.digest(), missing=manifest.missing(), accepted=len(same)
            )
            self._both(
                actor,
                act,
                lambda one=one, version=version: suggestions.accept_suggestions(
                    actor, self.key, version, [one.key]
                ),
                manifest,
            )

    @rule(data=st.data(), withdraws=st.booleans(), by_author=st.booleans())
    def end_a_suggestion(self, data: st.DataObject, withdraws: bool, by_author: bool) -> None:
        """Somebody rejects or withdraws the oldest undecided suggestion."""
        undecided = [
            s for s in queries.page(self.cast["washington-lead"], self.key).suggestions if s.is_undecided
        ]
        for one in undecided[:1]:
            actor = self._actor(data)
            if by_author:
                actor = next(a for a in self.cast.actors.values() if a.person_id == one.author_id)
            allowed = (
                actor.person_id == one.author_id
                if withdraws
                else allows(Permission.DECIDE_SUGGESTIONS, actor, about_item(actor, self.model))
            )
            expected = "done" if allowed else "not_permitted" if may_see(actor, self.model) else "not_found"
            try:
                if withdraws:
                    suggestions.withdraw_suggestion(actor, self.key, one.key)
                else:
                    suggestions.reject_suggestions(actor, self.key, [one.key], "No.")
                found = "done"
            except Refusal as refusal:
                found = refusal.code
            assert found == expected
            if allowed:
                self.model = replace(self.model, open_suggestions=self.model.open_suggestions - 1)

    @rule(data=st.data(), words=st.sampled_from(("Who pays?", " ")))
    def raise_concern(self, data: st.DataObject, words: str) -> None:
        """Somebody wants an answer before their group agrees."""
        actor, version = self._actor(data), self._version(data)

        def serve() -> None:
            key = deliberation.raise_concern(actor, self.key, words, version=version)
            self.concerns[key] = actor.person_id

        self._both(actor, Act(Action.RAISE_CONCERN, version, words), serve)

    @precondition(lambda self: bool(self.concerns))
    @rule(
        data=st.data(),
        end=st.sampled_from((*ConcernEnd, None)),
        words=st.sampled_from(("Vienna pays.", "It is met.", "")),
        theirs=st.booleans(),
    )
    def end_concern(self, data: st.DataObject, end: ConcernEnd | None, words: str, theirs: bool) -> None:
        """Somebody says how a concern ended: who raised it, or anybody."""
        thread = data.draw(st.sampled_from(sorted(self.concerns)))
        author, version = self.concerns[thread], self._version(data)
        actor = self._actor(data)
        if theirs and author is not None:
            actor = next(a for a in self.cast.actors.values() if a.person_id == author)
        act = Act(Action.END_CONCERN, version, words, concern=author, concern_end=end)

        def serve() -> None:
            deliberation.end_concern(actor, self.key, thread, version, end, words)
            self.concerns[thread] = None

        self._both(actor, act, serve)

    def _text(self, number: int) -> str:
        """The text of a version as it is stored."""
        db.session.rollback()
        stored = db.session.scalars(
            select(VersionRow.manifest)
            .join(Recommendation, Recommendation.id == VersionRow.recommendation_id)
            .where(Recommendation.key == self.key, VersionRow.number == number)
        ).one()
        return Manifest.from_bytes(stored).wording.text

    @rule(data=st.data())
    def do_something_beside_the_text(self, data: st.DataObject) -> None:
        """Somebody attaches or withdraws a statement, ties or unties the text."""
        if data.draw(st.booleans()):
            self._tie_or_untie(data)
        elif self.statements and data.draw(st.booleans()):
            self._withdraw_statement(data)
        else:
            self._attach_statement(data)

    def _attach_statement(self, data: st.DataObject) -> None:
        words, for_group = data.draw(st.sampled_from(("As we understand it.", ""))), data.draw(st.booleans())
        actor, version = self._actor(data), self._version(data)
        act = Act(Action.ATTACH_STATEMENT, version, words, for_group=for_group)
        made: list[str] = []
        self._both(
            actor,
            act,
            lambda: made.append(
                statements.attach_statement(
                    actor, self.key, version, StatementKind.DISSENT, words, for_group=for_group
                )
            ),
        )
        if made:
            self.statements[made[0]] = Statement(actor.person_id, actor.group_id or 0, for_group)

    def _withdraw_statement(self, data: st.DataObject) -> None:
        actor, key = self._actor(data), data.draw(st.sampled_from(sorted(self.statements)))
        seen = self.model.version_for(actor)
        act = Act(Action.WITHDRAW_STATEMENT, seen and seen.number, statement=self.statements[key])
        if self._both(actor, act, lambda: statements.withdraw_statement(actor, self.key, key)):
            del self.statements[key]

    def _tie_or_untie(self, data: st.DataObject) -> None:
        """Tie the text to another one that is proposed, or untie the two."""
        actor = self._actor(data)
        seen = self.model.version_for(actor)
        if self.model.tied_by is None:
            lead = self.cast["washington-lead"]
            partner = recommendations.create_recommendation(lead, content("A partner"))
            recommendations.propose(lead, partner, 1)
            tied: list[str] = []
            act = Act(Action.TIE, seen and seen.number)
            self._both(
                actor,
                act,
                lambda: tied.append(packages.tie(actor, "Both", [self.key, partner])),
                together=True,
            )
            self.package = tied[0] if tied else self.package
        else:
            act = Act(Action.UNTIE, seen and seen.number)
            self._both(actor, act, lambda: packages.untie(actor, self.package), together=True)

    def _attempt(self, actor: Actor, version: int, action: Action, reason: str, data: st.DataObject) -> None:
        if action is Action.REVISE:
            self._revise(actor, version, data.draw(st.sampled_from(_TEXTS)))
        elif action is Action.AMEND:
            self._amend(actor, version)
        elif action in _REASONED:
            perform = _REASONED[action]
            self._both(actor, Act(action, version, reason), lambda: perform(actor, self.key, version, reason))
        else:
            self._attempt_plainly(actor, version, action)

    def _attempt_plainly(self, actor: Actor, version: int, action: Action) -> None:
        perform = _PLAIN[action]
        self._both(actor, Act(action, version), lambda: perform(actor, self.key, version))

    def _revise(self, actor: Actor, version: int, text: str) -> None:
        manifest = content(text=text).manifest("washington")
        act = Act(Action.REVISE, version, digest=manifest.digest())
        self._both(
            actor,
            act,
            lambda: recommendations.save_version(actor, self.key, version, content(text=text)),
            manifest,
        )

    def _amend(self, actor: Actor, version: int) -> None:
        old = self.manifest.wording
        text = clean(old.text, 0, "now") if self.manifest.open_brackets() else old.text + " Now."
        manifest = replace(self.manifest, wordings={"en": replace(old, text=text)})
        act = Act(Action.AMEND, version, digest=manifest.digest(), only_brackets_cleaned=True)
        self._both(
            actor,
            act,
            lambda: recommendations.settle_bracket(actor, self.key, version, 0, "now"),
            manifest,
            invalid=not self.manifest.open_brackets(),
        )

    def _both(
        self,
        actor: Actor,
        act: Act,
        serve: Callable[[], Any],
        manifest: Manifest | None = None,
        *,
        invalid: bool = False,
        together: bool = False,
    ) -> bool:
        """Ask the rules and the services the same thing; they must agree, and so must what is stored.

        Whether it was done. What is done to texts `together` is refused with the reasons of each;
        what is `invalid` in itself would otherwise be let through.
        """
        try:
            event, expected = decide(actor, self.model, act), "done"
        except Refusal as refusal:
            event, expected = None, refusal.code
        if event is not None and invalid:
            event, expected = None, "invalid_input"
        try:
            serve()
            found = "done"
        except Refusal as refusal:
            found = refusal.code
        if together and expected in ("wrong_state", "unmet"):
            expected = "package_held"
        assert found == expected, (act, self.model.state)
        if event is not None:
            self._follow(event, manifest)
        return event is not None

    def _follow(self, event: Event, manifest: Manifest | None = None) -> None:
        """Bring the model where an event brings the item."""
        version = None
        if manifest is not None:
            self.manifest = manifest
            digest = manifest.digest()
            version = Version(event.version, digest, digest, manifest.open_brackets(), manifest.missing())
        self.model = evolve(self.model, event, rosters=self.party.voters, version=version)
        self.reached.add(self.model.state)

    @invariant()
    def stored_item_is_the_model(self) -> None:
        """What is stored is what the rules made of it, and who waits is derived from it."""
        if not hasattr(self, "key"):
            return
        stored, party = self._stored()
        assert stored == self.model
        row = db.session.scalars(select(Recommendation).where(Recommendation.key == self.key)).one()
        assert tuple(row.holders) == holders(self.model)
        waits = db.session.execute(
            select(Wait.person_id, Wait.task).where(Wait.recommendation_id == row.id)
        ).all()
        assert dict(list(waits)) == tasks(self.model, party.members)
        published = db.session.scalars(
            select(Publication.digest).where(Publication.recommendation_id == row.id)
        ).all()
        if self.model.state in (State.PUBLISHED, State.SUPERSEDED, State.RETRACTED):
            assert published == [self.model.head.digest]
            assert all(self.model.has_agreed(group) for group in self.model.counterparts)
            assert self.model.is_approved()
        else:
            assert published == []

    @invariant()
    def verifier_comes_to_the_same(self) -> None:
        """The rules of evidence packs, which know nothing of the house's, play the steps to the same end."""
        if not hasattr(self, "key") or self.model.circulated is None:
            return
        shown = db.session.scalars(
            select(EventRow.shown)
            .join(Recommendation, Recommendation.id == EventRow.recommendation_id)
            .where(Recommendation.key == self.key, EventRow.step.is_not(None))
            .order_by(EventRow.step)
        ).all()
        replay = Replay("washington")
        for step in shown:
            assert step
            replay.take(json.loads(step))
        over = self.model.state in (State.SUPERSEDED, State.RETRACTED)
        assert replay.state == (State.PUBLISHED if over else self.model.state)
        assert replay.round == self.model.round
        for group in self.model.counterparts:
            slug, ballot = self.party.slugs[group], self.model.ballot_of(group)
            assert replay.has_agreed(slug) == self.model.has_agreed(group) or self.model.state is State.DRAFT
            assert ballot
            assert len(replay.ballots[slug].objectors()) == len(objectors(ballot.positions))
            assert len(replay.ballots[slug].concerns) == len(ballot.concerns)


@pytest.mark.long
@pytest.mark.parametrize("groups", [2, 3])
def test_services_do_what_the_rules_say(app: Flask, groups: int) -> None:
    with app.app_context():
        RandomPeople.app, RandomPeople.cast = app, make_task_force(groups=groups)
        RandomPeople.reached = set()
    for steps in range(len(_PLAIN) + 1):
        RandomPeople.steps = steps
        run_state_machine_as_test(
            RandomPeople,
            settings=settings(
                max_examples=14,
                stateful_step_count=15,
                derandomize=True,
                deadline=None,
                # A failing run is short enough to read; shrinking it would take minutes.
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert RandomPeople.reached == set(State)

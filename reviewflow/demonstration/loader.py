"""Plays the demonstration through the services, at the instants that its files name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from reviewflow.demonstration.story import Act, Story
from reviewflow.domain.actors import Actor, Role, StandIn
from reviewflow.domain.ballots import ConcernEnd, Stand
from reviewflow.domain.errors import Refusal
from reviewflow.domain.follow_up import Implementation, ResponseKind, Source
from reviewflow.domain.items import RelationKind, State
from reviewflow.domain.manifest import Content
from reviewflow.domain.relations import Follows
from reviewflow.domain.statements import StatementKind
from reviewflow.domain.workflow import Event
from reviewflow.gateways import clock
from reviewflow.queries import accounts as read
from reviewflow.queries.memberships import GroupProfile
from reviewflow.services import (
    accounts,
    deliberation,
    documents,
    follow_up,
    memberships,
    packages,
    publication,
    recommendations,
    sign_offs,
    silence,
    stand_ins,
    statements,
    suggestions,
)
from reviewflow.services.anchors import Aim

#: How everybody in the demonstration signs in. Known to the whole world, so never in production.
PASSWORD = "osce-2010-astana"  # noqa: S105 - printed for everybody, refused in production
_FIELDS = ("kind", "title", "text", "summary", "rationale", "dimension", "addressees", "commitments")
#: The task force is founded a week before its first text.
_BEFORE = timedelta(days=7)


class BrokenStory(Exception):
    """The files tell something that the procedure refuses, or that ends elsewhere than they say."""


@dataclass(slots=True)
class _Item:
    """An item as it stands while the story is played."""

    key: str
    group: int
    content: Content
    replaces: str | None
    state: State = State.DRAFT
    head: int = 1
    circulated: int | None = None
    digest: str = ""
    threads: dict[str, str] = field(default_factory=dict)
    links: dict[int, str] = field(default_factory=dict)

    def seen_by(self, actor: Actor) -> int:
        """The newest version that the actor sees, which is the one that they act on."""
        return self.head if actor.group_id == self.group or self.circulated is None else self.circulated

    def follow(self, event: Event) -> None:
        """Keep up with what was decided."""
        self.state, self.head, self.digest = event.state, event.version, event.digest or self.digest
        if event.circulates:
            self.circulated = event.version


def load(story: Story, progress: Callable[[int], None] = lambda count: None) -> dict[str, str]:
    """Play the story, make its documents, and return the key of each item by its name in the files.

    Raises `BrokenStory` naming the act that was refused, or the item that ends elsewhere.
    """
    start = min(act.at for act in story.acts) - _BEFORE
    with clock.set_to(start):
        actors = _found(story)
    stage = _Stage(actors, {})
    for act in story.acts:
        try:
            with clock.set_to(act.at):
                stage.play(act)
        except Refusal as refusal:
            details = ", ".join(f"{name}: {value}" for name, value in refusal.details.items())
            raise BrokenStory(
                f"{act.item}, {act.at:%Y-%m-%d %H:%M}, {act.by}: {act.act} was refused"
                f" ({refusal.code}; {details})"
            ) from refusal
        progress(1)
    for name, item in stage.items.items():
        expected = story.items[name]["expected_state"]
        if item.state != expected:
            raise BrokenStory(f"{name} ends as {item.state}, and its file says {expected}")
    documents.make_missing()
    return {name: item.key for name, item in stage.items.items()}


def _found(story: Story) -> dict[str, Actor]:
    """Found the task force with its groups and people; every person as an actor, by key."""
    told = story.task_force
    task_force = accounts.create_task_force(
        told["slug"],
        told["name"],
        told["symbol_prefix"],
        description=told.get("description", ""),
        disclaimer=told.get("disclaimer", ""),
        notice=told.get("notice", ""),
    )
    groups = {
        g["key"]: accounts.create_group(
            None,
            task_force,
            GroupProfile(
                slug=g["key"],
                name=g["name"],
                short_name=g["short"],
                letter=g["letter"],
                city=g["city"],
                time_zone=g["time_zone"],
                language=g["language"],
                holiday_country=g["holiday_country"],
            ),
        )
        for g in story.groups
    }
    zones = {g["key"]: g["time_zone"] for g in story.groups}
    # One hash for all: the password is one and known, and a hash takes a tenth of a second.
    people = accounts.create_people(
        [
            accounts.PersonProfile(
                email=p["email"],
                name=p["name"],
                affiliation=p.get("affiliation", ""),
                name_ru=p.get("name_ru", ""),
                name_kk=p.get("name_kk", ""),
                time_zone=zones.get(p.get("group", ""), "Europe/Vienna"),
            )
            for p in story.people
        ],
        PASSWORD,
    )
    actors = {}
    for told_person, person in zip(story.people, people, strict=True):
        group = groups.get(told_person.get("group", ""))
        role = Role(told_person["role"])
        accounts.add_member(task_force, person, role, group)
        actors[told_person["key"]] = Actor(person, task_force, role, group)
    return actors


#: The acts that need a reason and nothing else.
_WITH_REASON: dict[str, Callable[[Actor, str, int, str], Event]] = {
    "request_changes": deliberation.request_changes,
    "decline": deliberation.decline,
    "recall": recommendations.recall,
    "withdraw": recommendations.withdraw,
    "reopen": recommendations.reopen,
    "return": publication.return_for_changes,
    "retract": publication.retract,
}
#: The acts that need nothing but the version.
_PLAIN: dict[str, Callable[[Actor, str, int], Event]] = {
    "propose": recommendations.propose,
    "agree": deliberation.agree_to_version,
    "approve": publication.approve,
    "publish": publication.publish,
}


@dataclass(slots=True)
class _Stage:
    """Where the acts are played: the people, the items by their names, and what each stand-in was lent."""

    actors: dict[str, Actor]
    items: dict[str, _Item]
    lent: dict[str, StandIn] = field(default_factory=dict)

    def play(self, act: Act) -> None:
        """Do one act. Raises `Refusal`, and `BrokenStory` for one that does not exist."""
        actor = self._actor(act)
        match act.act:
            case "seat_guest":
                self._seat_guest(actor, act.details)
            case "name_stand_in":
                self._name_stand_in(actor, act)
            case "ask_sign_off":
                self._ask_sign_off(actor, self.items[act.item], self.actors[act.details["guest"]])
            case "create":
                self._create(actor, act)
            case "suggest" | "ask_bracket":
                self._suggest(actor, self.items[act.item], act)
            case "reject":
                item = self.items[act.item]
                chosen = [item.threads[name] for name in act.details["threads"]]
                suggestions.reject_suggestions(actor, item.key, chosen, act.details["words"])
            case "comment":
                self._comment(actor, self.items[act.item], act.details)
            case "raise_concern" | "end_concern":
                self._concern(actor, self.items[act.item], act)
            case "tie":
                keys = [self.items[name].key for name in (act.item, *act.details["with"])]
                packages.tie(actor, act.details["title"], keys)
            case "attach_statement":
                item = self.items[act.item]
                statements.attach_statement(
                    actor,
                    item.key,
                    item.seen_by(actor),
                    StatementKind(act.details["kind"]),
                    act.details["text"],
                    for_group=act.details.get("for_group", False),
                )
            case "record_response" | "record_assessment":
                _follow_up(actor, self.items[act.item].key, act)
            case "expire_silence":
                item = self.items[act.item]
                if event := silence.expire_silence(actor.task_force_id, item.key):
                    item.follow(event)
            case "resolve":
                item = self.items[act.item]
                deliberation.resolve_thread(actor, item.key, item.threads[act.details["thread"]])
            case _:
                item = self.items[act.item]
                item.follow(self._move(actor, item, act))
                self._supersede(act)

    def _actor(self, act: Act) -> Actor:
        """Who acts, in their own name or in that of who lent it to them."""
        principal = act.details.get("principal")
        if principal is None:
            return self.actors[act.by]
        return replace(self.actors[principal], stand_in=self.lent[act.by])

    def _seat_guest(self, lead: Actor, guest: Any) -> None:
        secret = memberships.invite(lead, guest["email"], Role.EXPERT, lead.group_id)
        memberships.accept_as_guest(secret, guest["name"])
        found = read.credentials(guest["email"])
        assert found, "who has a seat"
        self.actors[guest["key"]] = replace(lead, person_id=found[0], role=Role.EXPERT)

    def _name_stand_in(self, principal: Actor, act: Act) -> None:
        named, period = act.details["stand_in"], (act.details["since"], act.details["until"])
        self.lent[named] = stand_ins.name_stand_in(principal, self.actors[named].person_id, *period)

    def _ask_sign_off(self, lead: Actor, item: _Item, guest: Actor) -> None:
        """The link is mailed to the guest; here it is kept for them."""

        def mail(secret: str, _until: datetime) -> tuple[str, str]:
            item.links[guest.person_id] = secret
            return "", ""

        sign_offs.ask(lead, item.key, item.seen_by(lead), guest.person_id, mail)

    def _create(self, actor: Actor, act: Act) -> None:
        assert actor.group_id is not None, "only members of a group draft"
        includes = tuple(self.items[name].digest for name in act.details.get("includes", ()))
        content = Content(**_fields(act.details), includes=includes)
        follows = None
        for relation, name in ((RelationKind.SUCCESSOR, "replaces"), (RelationKind.CORRIGENDUM, "corrects")):
            if original := act.details.get(name):
                follows = Follows(relation, self.items[original].key)
        key = recommendations.create_recommendation(actor, content, follows=follows)
        self.items[act.item] = _Item(key, actor.group_id, content, act.details.get("replaces"))

    def _supersede(self, act: Act) -> None:
        """Publishing a successor supersedes what it replaces, in the same transaction."""
        successor = self.items[act.item]
        if act.act == "publish" and successor.replaces is not None:
            self.items[successor.replaces].state = State.SUPERSEDED

    def _comment(self, actor: Actor, item: _Item, details: Any) -> None:
        name, text = details["thread"], details["text"]
        if name in item.threads:
            deliberation.reply(actor, item.key, item.threads[name], text)
            return
        item.threads[name] = deliberation.open_thread(
            actor,
            item.key,
            text,
            internal=details["visibility"] == "internal",
            version=item.seen_by(actor),
            paragraph=details.get("paragraph"),
            words=details.get("words", ""),
        )

    def _suggest(self, actor: Actor, item: _Item, act: Act) -> None:
        details, version = act.details, item.seen_by(actor)
        aim = Aim(details["paragraph"], details["words"])
        reason, internal = details.get("reason", ""), details.get("visibility") == "internal"
        if act.act == "suggest":
            thread = suggestions.suggest(
                actor, item.key, version, aim, details["after"], reason=reason, internal=internal
            )
        else:
            others = "\n".join(details.get("others", ()))
            thread = suggestions.ask_for_bracket(actor, item.key, version, aim, others, reason)
        item.threads[details["thread"]] = thread

    def _concern(self, actor: Actor, item: _Item, act: Act) -> None:
        name, text, version = act.details["thread"], act.details["text"], item.seen_by(actor)
        if act.act == "raise_concern":
            aim = Aim(act.details.get("paragraph"), act.details.get("words", ""))
            item.threads[name] = deliberation.raise_concern(actor, item.key, text, version=version, aim=aim)
        else:
            end = ConcernEnd(act.details["end"])
            deliberation.end_concern(actor, item.key, item.threads[name], version, end, text)

    def _move(self, actor: Actor, item: _Item, act: Act) -> Event:
        details, version = act.details, item.seen_by(actor)
        if perform := _PLAIN.get(act.act):
            return perform(actor, item.key, version)
        if perform_for := _WITH_REASON.get(act.act):
            return perform_for(actor, item.key, version, details["reason"])
        match act.act:
            case "take_position":
                stand = Stand(details["position"])
                return deliberation.take_position(actor, item.key, version, stand, details.get("reason", ""))
            case "sign":
                stand, secret = Stand(details["position"]), item.links[actor.person_id]
                return sign_offs.sign(secret, stand, details.get("reason", ""), lambda _stand: ("", ""))
            case "revise":
                item.content = replace(item.content, **_fields(details))
                return recommendations.save_version(
                    actor, item.key, version, item.content, details.get("note", "")
                )
            case "accept":
                chosen = [item.threads[name] for name in details["threads"]]
                return suggestions.accept_suggestions(actor, item.key, version, chosen)
            case "amend":
                return recommendations.settle_bracket(
                    actor, item.key, version, details["bracket"], details["wording"]
                )
            case "propose_silence":
                return silence.propose_silence(actor, item.key, version, details["until"])
            case "accept_silence":
                return silence.accept_silence(actor, item.key, version, details["until"])
            case "resubmit":
                return recommendations.resubmit(actor, item.key, version, details.get("answer", ""))
            case unknown:
                raise BrokenStory(f"{act.item}: there is no act {unknown!r}")


def _follow_up(actor: Actor, key: str, act: Act) -> None:
    """What became of a published text."""
    details = act.details
    source = Source(details.get("source", ""), details.get("source_url", ""))
    is_correction = details.get("is_correction", False)
    if act.act == "record_response":
        follow_up.record_response(
            actor,
            key,
            addressee=details["addressee"],
            kind=ResponseKind(details["response"]),
            until=details.get("until"),
            day=details["day"],
            words=details.get("words", ""),
            source=source,
            is_correction=is_correction,
        )
    else:
        follow_up.record_assessment(
            actor,
            key,
            implementation=Implementation(details["implementation"]),
            day=details["day"],
            evidence=details["evidence"],
            source=source,
            is_correction=is_correction,
        )


def _fields(details: Any) -> dict[str, Any]:
    """The fields of a text that an act names, lists as tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name in _FIELDS
        if (value := details.get(name)) is not None
    }

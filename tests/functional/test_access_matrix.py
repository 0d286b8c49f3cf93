"""Every route, each method, for every kind of person and state, against the table of permissions.

The requests come from the URL map, and what each must answer from what its route says of itself and from
`domain/permissions.py`, which is compared with a table written by hand in `test_permissions.py`. A route
that says nothing, or that nobody has said how to visit, fails. That an answer holds no word that is not for
its reader is `test_access_walk.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from reviewflow.domain.actors import Role
from reviewflow.domain.acts import Action
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.items import State
from reviewflow.domain.permissions import About, Permission, Scope, demand, row_of
from reviewflow.domain.statements import StatementKind
from reviewflow.persistence.db import db
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.services import (
    deliberation,
    memberships,
    packages,
    publication,
    recommendations,
    statements,
    suggestions,
)
from reviewflow.services.anchors import Aim
from reviewflow.web.doors import asked_of
from reviewflow.web.workspace.acts import ACTS
from tests.factories.task_forces import content
from tests.support.desk import Stage
from tests.support.scenes import agreed, approved, drafted, proposed, published, sent_back

#: The columns: who asks. `departed` was an expert of Astana, `elsewhere` leads in another task force.
PEOPLE = (
    *("washington-lead", "washington-expert-1", "washington-observer"),
    *("astana-lead", "astana-expert-1", "astana-observer"),
    *("coordinator", "administrator", "departed", "elsewhere", "anonymous"),
)

#: What is answered to who has no seat here, or is nobody: nothing is there, or they are asked to sign in.
BEYOND = {"departed": ".", "elsewhere": ".", "anonymous": "s"}
#: What fills the parameters of a route.
Values = Mapping[str, object]
#: What a reader can tell of an answer: its status, body and headers, and, by its time, how much was asked of
#: the database.
Told = tuple[int, bytes, list[tuple[str, str]], int]
#: What nobody has made here, so that there is nothing to take back (test_sign_off_pages.py has one).
NOT_THERE = {"desk.sign_offs.withdraw", "desk.stand_ins.end"}
#: What is not asked, because it would be done: the acts of who can, in an item's or the task force's way.
NOT_ASKED = {
    ("POST", "desk.packages.untie", "astana-lead"),
    ("POST", "desk.settings.chatham_house", "administrator"),
}


@dataclass(frozen=True)
class Case:
    """One request: what its route asks for, and what that is about.

    `unknown` is the same about an item that does not exist; empty where there is none.
    """

    method: str
    endpoint: str
    address: str
    asked: Permission | Action
    about: About
    unknown: str


class World:
    """One task force with an item in each state, and clients that have signed in."""

    def __init__(self, app: Flask, *, every_state: bool) -> None:
        self.app = app
        stage, elsewhere = Stage(app), Stage(app, slug="other")
        self.stage = stage
        cast = stage.cast
        given_up = drafted(stage, title="Given up")
        stage.at(1, recommendations.withdraw, cast["washington-lead"], given_up, 1, "Too early.")
        declined, revised, retracted = proposed(stage), sent_back(stage), published(stage)
        stage.at(2, deliberation.decline, cast["astana-lead"], declined, 1, "Not like this.")
        better = content("Better")
        stage.at(4, recommendations.save_version, cast["washington-lead"], revised, 1, better, "")
        stage.at(7, publication.retract, cast["coordinator"], retracted, 1, "It was wrong.")
        tied = [proposed(stage, title=f"Tied {number}") for number in (1, 2)]
        self.package = stage.at(4, packages.tie, cast["astana-lead"], "Both", tied)
        open_, author, left = proposed(stage), cast["astana-expert-1"], cast["astana-expert-2"]
        #: Items by key, with whether all groups have seen them.
        self.items = {
            drafted(stage): False,
            open_: True,
            revised: True,
            published(stage): True,
        }
        if every_state:
            self.items |= {given_up: False}
            self.items |= dict.fromkeys((declined, retracted, agreed(stage), approved(stage)), True)
        self.threads = {
            key: stage.at(
                9,
                deliberation.open_thread,
                author if seen else cast["washington-lead"],
                key,
                "Why?",
                internal=not seen,
                version=1,
            )
            for key, seen in self.items.items()
        }
        #: What only one item has: a concern of who is there, a suggestion and a statement of who has left.
        self.only = {
            "deliberation.end_concern": {
                "thread": stage.at(9, deliberation.raise_concern, author, open_, "Why?", version=1)
            },
            "suggestions.withdraw": {
                "thread": stage.at(9, suggestions.suggest, left, open_, 1, Aim(2, "Publish"), "Print")
            },
            "statements.withdraw": {
                "statement": stage.at(
                    9, statements.attach_statement, left, open_, 1, StatementKind.DISSENT, "Not I."
                )
            },
        }
        self.open = open_
        with app.app_context():
            memberships.invite(
                cast["astana-lead"], "nina@example.org", Role.EXPERT, cast["astana-lead"].group_id
            )
            memberships.end_membership(left, left.person_id)
        self.actors = dict(cast.actors)
        self.task_force, self.group = cast.task_force_id, cast["astana-lead"].group_id
        self.sent = {
            "desk.people.invite": {"email": "no address", "seat": f"expert:{self.group}"},
            "desk.editing.autosave": {"title": "", "text": ""},
        }
        with app.app_context():
            rows = db.session.scalars(select(Recommendation).where(Recommendation.key.in_(self.items))).all()
            self.symbols = {row.key: row.symbol for row in rows if row.symbol}
            self.abouts = {
                row.key: About(
                    row.task_force_id,
                    row.group_id,
                    circulated=self.items[row.key],
                    state=State(row.state),
                )
                for row in rows
            }
        #: Threads are shared where all groups see the item.
        self.about_threads = {
            key: replace(about, internal_to=None if about.circulated else about.group_id)
            for key, about in self.abouts.items()
        }
        self.clients = {name: stage.sign_in(name) for name in PEOPLE[:8]}
        self.clients |= {
            "departed": stage.sign_in("astana-expert-2"),
            "elsewhere": elsewhere.sign_in("astana-lead"),
            "anonymous": app.test_client(),
        }

    def routes(self) -> Iterator[tuple[str, Rule, Permission | Action]]:
        """Each method of each route, with what it asks for. Raises where nobody has said it."""
        for rule in self.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule, asked_of(self.app, rule.endpoint)

    def cases(self) -> Iterator[Case]:
        """Every request to the pages of the task force."""
        for method, rule, asked in self.routes():
            if "task_force" in rule.arguments and rule.endpoint.startswith("desk."):
                for values, about, unknown in self.visits(rule):
                    yield Case(
                        method,
                        rule.endpoint,
                        self._address(rule.endpoint, values),
                        about.action or asked,
                        about,
                        self._address(rule.endpoint, unknown) if unknown else "",
                    )

    def _address(self, endpoint: str, values: Mapping[str, object]) -> str:
        return self.app.url_map.bind("localhost").build(endpoint, {"task_force": "uskz", **values})

    def visits(self, rule: Rule) -> Iterator[tuple[Values, About, Values]]:
        """How to fill a route's parameters, what it is about then, and the same about what does not exist."""
        names, view = rule.arguments - {"task_force"}, rule.endpoint.removeprefix("desk.")
        here = About(self.task_force)
        expert = replace(here, group_id=self.group, role=Role.EXPERT)
        lead = replace(expert, role=Role.LEAD, person_id=self.actors["astana-lead"].person_id)
        if view.startswith("packages.") and names:
            seen = replace(self.abouts[self.open], state=None)
            yield {"key": self.package}, seen, {"key": "unknown"}
        elif not names or names == {"slug"}:
            yield dict.fromkeys(names, "astana"), expert if view == "people.invite" else here, {}
        elif names == {"person"}:
            yield {"person": self.actors["astana-lead"].person_id}, lead, {}
        elif names == {"number"}:
            yield {"number": 1}, here, {}
        elif names == {"invitation"}:
            yield {"invitation": 1}, expert, {}
        elif names == {"symbol"}:
            for key, symbol in self.symbols.items():
                yield {"symbol": symbol}, self.abouts[key], {"symbol": "USKZ.DR/98/09"}
        else:
            for key, about in self.abouts.items():
                yield from self._about_item(view, names, key, about)

    def _about_item(
        self, view: str, names: set[str], key: str, about: About
    ) -> Iterator[tuple[Values, About, Values]]:
        if view in self.only:
            values, about = (
                self.only[view],
                replace(about, person_id=self.actors["astana-expert-2"].person_id),
            )
            if key != self.open:
                return
        elif "thread" in names:
            values, about = {"thread": self.threads[key]}, self.about_threads[key]
        else:
            values = {"number": 1} if "number" in names else {}
        for act in ACTS if "act" in names else [None]:
            named = values | ({"act": act} if act else {})
            assert names == named.keys() | {"key"}, f"the matrix does not know how to visit {view}: {names}"
            known = replace(about, action=ACTS[act].action) if act else about
            yield {**named, "key": key}, known, {**named, "key": "unknown"}

    def expected(self, case: Case, name: str) -> str:
        """What the table makes of one person’s request: let in, refused, nothing there, or the door."""
        if name in BEYOND:
            return BEYOND[name]
        try:
            demand(case.asked, self.actors[name], case.about)
        except Refusal as refusal:
            return {NotFound: ".", NotPermitted: "x"}[type(refusal)]
        return "." if case.endpoint in NOT_THERE else "o"


def _mark(answer: TestResponse) -> str:
    if answer.status_code == 401 or (
        answer.status_code == 302 and answer.location.startswith("/desk/sign-in?next=")
    ):
        return "s"
    return {403: "x", 404: "."}.get(answer.status_code, "o" if answer.status_code < 500 else "!")


def _ask(world: World, name: str, case: Case, address: str) -> tuple[TestResponse, Told]:
    """An answer, and everything by which it could be told from another one."""
    sent = world.sent.get(case.endpoint) if case.method == "POST" else None
    with world.stage.counted() as statements:
        answer = world.clients[name].open(address, method=case.method, data=sent)
        answer.get_data()  # Also of what is streamed, which would be left open else.
    headers = [header for header in answer.headers if header[0] != "Set-Cookie"]
    return answer, (answer.status_code, answer.data, headers, len(statements))


def _compare(app: Flask, *, every_state: bool) -> None:
    world = World(app, every_state=every_state)
    app.config["WTF_CSRF_ENABLED"] = False
    wrong, told_apart = [], []
    unknown: dict[tuple[str, str, str], Told] = {}
    for case in world.cases():
        for name in PEOPLE:
            if (case.method, case.endpoint, name) in NOT_ASKED:
                continue
            (answer, told), expected = _ask(world, name, case, case.address), world.expected(case, name)
            if answer.status_code == 302:
                # What the next page says of this one belongs to no other answer.
                world.clients[name].get(answer.location)
            if _mark(answer) != expected:
                wrong.append(f"{case.method} {case.address} {name}: {_mark(answer)} instead of {expected}")
            if expected == "." and case.unknown and name not in BEYOND and case.endpoint not in NOT_THERE:
                asked = (name, case.method, case.unknown)
                if asked not in unknown:
                    unknown[asked] = _ask(world, name, case, case.unknown)[1]
                if told != unknown[asked]:
                    told_apart.append((asked, told[3], unknown[asked][3]))
    assert "\n".join((*wrong, *map(str, told_apart))) == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_answers_every_person_as_the_table_says(app: Flask) -> None:
    _compare(app, every_state=False)


@pytest.mark.long
def test_it_does_so_in_every_state(app: Flask) -> None:
    _compare(app, every_state=True)


def test_every_route_says_who_may_come(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client, adapter = app.test_client(), app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        scope = row_of(asked_of(app, rule.endpoint)).scope
        within = rule.endpoint.startswith("desk.")
        assert within is (scope not in (Scope.EVERYBODY, Scope.ACCOUNT)), rule
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            values = dict.fromkeys(rule.arguments, 1 if "int" in rule.rule else "html")
            mark = _mark(client.open(adapter.build(rule.endpoint, values, method=method), method=method))
            closed = scope is not Scope.EVERYBODY
            assert mark == "s" if closed else mark in ("o", ".", "s"), (method, rule.endpoint, mark)


def test_a_route_that_says_nothing_is_open_to_nobody(app: Flask) -> None:
    app.add_url_rule("/desk/<task_force>/forgotten", "desk.forgotten", lambda task_force: "secret")
    client = Stage(app).sign_in("administrator")
    with pytest.raises(LookupError, match="forgotten"):
        client.get("/desk/uskz/forgotten")

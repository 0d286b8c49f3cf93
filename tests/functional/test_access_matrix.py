"""Every route of the desk, each method, for every kind of person and state, against a table written by hand.

A route that the table does not name fails, so that nobody adds one without saying whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from reviewflow.domain.actors import Role
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

#: What each kind of access answers, in the order of PEOPLE, to an item of Washington's that was never
#: circulated, and to one that was. `o` is let in (what is asked may still be impossible now), `x` is told
#: that it belongs to somebody else (403), `.` finds nothing (404), `s` is asked to sign in.
CLASSES = """
read              ooo ... .. ..s   ooo ooo o. ..s
proposer          oox ... .. ..s   oox xxx x. ..s
proposer_lead     oxx ... .. ..s   oxx xxx x. ..s
proposer_expert   xox ... .. ..s   xox xxx x. ..s
counterpart       xxx ... .. ..s   xxx oox x. ..s
counterpart_lead  xxx ... .. ..s   xxx oxx x. ..s
leads             oxx ... .. ..s   oxx oxx x. ..s
groups            oox ... .. ..s   oox oox x. ..s
coordinator       xxx ... .. ..s   xxx xxx o. ..s
active            oox ... .. ..s   oox oox o. ..s
sharing           xxx ... .. ..s   oox oox o. ..s
no_such_link      xxx ... .. ..s   xxx .xx x. ..s
authors           xxx ... .. ..s   xxx xxx x. ..s
typing            oo. ... .. ..s   oo. ... .. ..s
own_words         ooo ooo oo ..s   ooo ooo oo ..s
"""

#: Routes about one item, with their methods; those of an act by its name. `authors` is for what only the
#: person who made it takes back: here, who has departed. What somebody typed is theirs alone, whatever it is
#: about, so that throwing it away answers alike whether there is such an item or not. Nobody has sent a link
#: here that could be taken back (test_sign_off_pages.py has one).
ITEMS = """
GET  recommendations.show          read
GET  versions.list                 read
GET  versions.show                 read
GET  versions.compare              read
GET  audit.history                 read
GET  suggestions.list_all          read
GET  status.by_symbol              read
GET  acts.preview                  coordinator
GET  editing.edit                  proposer
POST editing.edit                  proposer
POST editing.autosave              typing
POST editing.discard               own_words
GET  editing.settle                proposer
POST editing.settle                proposer
POST deliberation.open_thread      sharing
POST deliberation.reply            active
POST deliberation.resolve          active
POST deliberation.reopen           active
POST deliberation.confirm_place    active
POST deliberation.end_concern      counterpart
GET  suggestions.suggest           active
POST suggestions.suggest           active
POST suggestions.withdraw          authors
POST suggestions.accept            proposer
POST suggestions.reject            proposer
GET  statements.attach             groups
POST statements.attach             groups
GET  sign_offs.ask                 counterpart_lead
POST sign_offs.ask                 counterpart_lead
POST sign_offs.withdraw            no_such_link
GET  statements.withdraw           authors
POST statements.withdraw           groups
GET  follow_up.response            coordinator
POST follow_up.response            coordinator
GET  follow_up.assessment          coordinator
POST follow_up.assessment          coordinator
"""
ACT_CLASSES = """
propose          proposer
resubmit         proposer
recall           proposer_lead
withdraw         proposer_lead
reopen           proposer_lead
position         counterpart
record-position  counterpart_lead
recuse           proposer_expert
rejoin           proposer
propose-silence  leads
accept-silence   leads
refuse-silence   leads
extend-silence   leads
request-changes  counterpart
agree            counterpart_lead
decline          counterpart_lead
approve          coordinator
return           coordinator
schedule         coordinator
unschedule       coordinator
publish          coordinator
retract          coordinator
"""
#: Routes about no item of the table, and what each person is answered; `-` is not asked, because it would be
#: done. Others are asked without what they need, and so change nothing but what somebody is typing.
OTHERS = """
GET  home.waiting          ooo ooo oo ..s
GET  home.help             ooo ooo oo ..s
GET  status.table          ooo ooo oo ..s
GET  status.csv_file       ooo ooo oo ..s
GET  editing.new           oox oox xx ..s
POST editing.new           oox oox xx ..s
GET  packages.tie          oxx oxx xx ..s
POST packages.tie          oxx oxx xx ..s
GET  packages.show         ooo ooo o. ..s
POST packages.agree        xxx oxx x. ..s
POST packages.untie        oxx -xx x. ..s
GET  people.list           ooo ooo oo ..s
POST people.invite         xxx oxx xo ..s
POST people.revoke         xxx oxx xo ..s
GET  people.seat           xxx oxx xo ..s
POST people.change_role    xxx oxx xo ..s
POST people.end            xxx oxx xo ..s
POST people.hand_over      xxx xxx xx ..s
GET  settings.show         xxx xxx xo ..s
POST settings.change       xxx xxx xo ..s
POST settings.chatham_house xxx xxx x- ..s
GET  settings.add_group    xxx xxx xo ..s
POST settings.add_group    xxx xxx xo ..s
GET  settings.group        xxx xxx xo ..s
POST settings.group        xxx xxx xo ..s
"""
#: Open to everybody: the public site, the door, links that are secrets themselves, the files of the pages.
PUBLIC = ("site.", "accounts.", "resets.", "invitations.", "signing.", "static", "healthz", "readyz")
#: About nobody but the person who is signed in.
OWN = ("profile.", "codes.", "passkeys.", "tokens.")


@dataclass(frozen=True)
class Case:
    """One request and what it must answer each person."""

    method: str
    address: str
    expected: str
    data: dict[str, str]
    #: The same about an item that does not exist; empty where there is none.
    unknown: str = ""


def _classes() -> dict[str, tuple[str, str]]:
    found = {}
    for line in CLASSES.strip().splitlines():
        name, *cells = line.split()
        found[name] = ("".join(cells[:4]), "".join(cells[4:]))
    return found


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


class World:
    """One task force with an item in each state, and clients that have signed in."""

    def __init__(self, app: Flask, *, every_state: bool) -> None:
        self.app = app
        stage, elsewhere = Stage(app), Stage(app, slug="other")
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
            "suggestions.reject": {},
        }
        self.open = open_
        with app.app_context():
            memberships.invite(
                cast["astana-lead"], "nina@example.org", Role.EXPERT, cast["astana-lead"].group_id
            )
            memberships.end_membership(left, left.person_id)
        self.people = {name: cast[name].person_id for name in cast.actors}
        self.group = cast["astana-lead"].group_id
        self.clients = {name: stage.sign_in(name) for name in PEOPLE[:8]}
        self.clients |= {
            "departed": stage.sign_in("astana-expert-2"),
            "elsewhere": elsewhere.sign_in("astana-lead"),
            "anonymous": app.test_client(),
        }
        with app.app_context():
            self.symbols = {key: self._symbol(key) for key, seen in self.items.items()}

    def _symbol(self, key: str) -> str:
        symbol = db.session.scalars(select(Recommendation.symbol).where(Recommendation.key == key)).one()
        return symbol or "USKZ.DR/1/09"

    def cases(self) -> Iterator[Case]:
        """Every request that the table speaks of."""
        classes = _classes()
        adapter = self.app.url_map.bind("localhost")

        def address(endpoint: str, method: str, **values: object) -> str:
            return adapter.build(f"desk.{endpoint}", {"task_force": "uskz", **values}, method=method)

        for key, seen in self.items.items():
            thread = {"thread": self.threads[key]}
            given: dict[str, dict[str, object]] = {
                "versions.show": {"number": 1},
                "sign_offs.withdraw": {"number": 1},
                **{f"deliberation.{act}": thread for act in ("reply", "resolve", "reopen", "confirm_place")},
                **self.only,
            }
            for method, endpoint, kind in _rows(ITEMS):
                if endpoint in self.only and key != self.open:
                    continue
                named: dict[str, object] = {"key": key, **given.get(endpoint, {})}
                unknown = {**named, "key": "unknown"}
                if endpoint == "status.by_symbol":
                    named, unknown = {"symbol": self.symbols[key]}, {"symbol": "USKZ.DR/98/09"}
                yield Case(
                    method,
                    address(endpoint, method, **named),
                    classes[kind][seen or endpoint == "status.by_symbol"],
                    {"title": "", "text": ""} if endpoint == "editing.autosave" else {},
                    address(endpoint, method, **unknown),
                )
            for act, kind in _rows(ACT_CLASSES):
                for method in ("GET", "POST"):
                    yield Case(
                        method,
                        address("acts.act", method, key=key, act=act),
                        classes[kind][seen],
                        {},
                        address("acts.act", method, key="unknown", act=act),
                    )
        seat = {"person": self.people["astana-lead"]}
        values = {
            "packages.show": {"key": self.package},
            "packages.agree": {"key": self.package},
            "packages.untie": {"key": self.package},
            "people.revoke": {"invitation": 1},
            "settings.group": {"slug": "astana"},
            **{f"people.{act}": seat for act in ("seat", "change_role", "end", "hand_over")},
        }
        sent = {"people.invite": {"email": "no address", "seat": f"expert:{self.group}"}}
        for method, endpoint, *cells in _rows(OTHERS):
            yield Case(
                method,
                address(endpoint, method, **values.get(endpoint, {})),
                "".join(cells),
                sent.get(endpoint, {}),
            )


def _mark(answer: TestResponse) -> str:
    if answer.status_code == 401 or (
        answer.status_code == 302 and answer.location.startswith("/desk/sign-in")
    ):
        return "s"
    return {403: "x", 404: "."}.get(answer.status_code, "o" if answer.status_code < 500 else "!")


def _ask(client: FlaskClient, case: Case, address: str) -> TestResponse:
    answer = client.open(address, method=case.method, data=case.data if case.method == "POST" else None)
    answer.get_data()  # Also of what is streamed, which would be left open else.
    if answer.status_code == 302:
        client.get(answer.location)  # What the next page says of this one belongs to no other answer.
    return answer


def _told(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Everything by which an answer could be told from another one."""
    return answer.status_code, answer.data, [h for h in answer.headers if h[0] != "Set-Cookie"]


def _compare(app: Flask, *, every_state: bool) -> None:
    world = World(app, every_state=every_state)
    app.config["WTF_CSRF_ENABLED"] = False
    wrong, told_apart = [], []
    unknown: dict[tuple[str, str, str], object] = {}
    for case in world.cases():
        found = ""
        for name, expected in zip(PEOPLE, case.expected, strict=True):
            if expected == "-":
                found += expected
                continue
            answer = _ask(world.clients[name], case, case.address)
            found += _mark(answer)
            if expected == "." and case.unknown and name not in ("departed", "elsewhere"):
                asked = (name, case.method, case.unknown)
                if asked not in unknown:
                    unknown[asked] = _told(_ask(world.clients[name], case, case.unknown))
                if _told(answer) != unknown[asked]:
                    told_apart.append(asked)
        if found != case.expected:
            wrong.append(f"{case.method} {case.address}: {found} instead of {case.expected}")
    assert "\n".join((*wrong, *map(str, told_apart))) == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_answers_every_person_as_the_table_says(app: Flask) -> None:
    _compare(app, every_state=False)


@pytest.mark.long
def test_it_does_so_in_every_state(app: Flask) -> None:
    _compare(app, every_state=True)


def test_every_route_is_in_the_table(app: Flask) -> None:
    named = {(method, f"desk.{endpoint}") for method, endpoint, *_ in _rows(ITEMS) + _rows(OTHERS)}
    named |= {(method, "desk.acts.act") for method in ("GET", "POST")}
    desk = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.endpoint.startswith((*PUBLIC, *OWN))
    }
    assert named == desk
    assert {act for act, _ in _rows(ACT_CLASSES)} == ACTS.keys()


def test_ones_own_account_is_closed_to_who_is_not_signed_in(app: Flask) -> None:
    client, adapter = app.test_client(), app.url_map.bind("localhost")
    app.config["WTF_CSRF_ENABLED"] = False
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(OWN):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                address = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 1), method=method)
                assert _mark(client.open(address, method=method)) == "s", (method, address)

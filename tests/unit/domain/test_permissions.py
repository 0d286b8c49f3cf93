"""Who may see and do what, against a table written by hand from product.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.acts import Action
from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.items import Item, State, Version
from reviewflow.domain.permissions import TABLE, About, Permission, Scope, about_item, allows, demand
from reviewflow.domain.visibility import may_see
from reviewflow.domain.workflow import RULES

#: In task force 1: group 10 proposes, group 20 is its counterpart. `elsewhere` sit in task force 2.
PEOPLE = {
    **{
        f"{side}-{role}": Actor(group + number, 1, role, group)
        for side, group in (("own", 10), ("other", 20))
        for number, role in enumerate((Role.LEAD, Role.EXPERT, Role.OBSERVER), start=1)
    },
    "coordinator": Actor(1, 1, Role.COORDINATOR),
    "administrator": Actor(2, 1, Role.ADMINISTRATOR),
    "clock": Actor(0, 1, Role.CLOCK),
    "elsewhere-lead": Actor(11, 2, Role.LEAD, 10),
    "elsewhere-coordinator": Actor(1, 2, Role.COORDINATOR),
    "elsewhere-administrator": Actor(2, 2, Role.ADMINISTRATOR),
}
ITEM: dict[str, Any] = {"task_force_id": 1, "group_id": 10, "state": State.PROPOSED}
SEEN = {**ITEM, "circulated": True}
#: What is known, by the first word of a line of the table.
KNOWN = {
    "here": About(1),
    "draft": About(**ITEM | {"state": State.DRAFT}),
    "circulated": About(**SEEN),
    "public": About(**SEEN | {"state": State.PUBLISHED}),
    "recused": About(**SEEN, recused=True),
    "shared": About(**SEEN),
    "shared-on-draft": About(**ITEM),
    "own-internal": About(**SEEN, internal_to=10),
    "own-internal-on-draft": About(**ITEM, internal_to=10),
    "other-internal": About(**SEEN, internal_to=20),
    "own-internal-recused": About(**SEEN, internal_to=10, recused=True),
    "of-other-expert": About(**SEEN, person_id=22),
    "of-own-lead-internal": About(**SEEN, internal_to=10, person_id=11),
    "of-own-lead-internal-recused": About(**SEEN, internal_to=10, person_id=11, recused=True),
    "own-lead's-seat": About(1, 10, role=Role.LEAD, person_id=11),
    "own-expert's-seat": About(1, 10, role=Role.EXPERT, person_id=12),
    "other-expert's-seat": About(1, 20, role=Role.EXPERT, person_id=22),
    "other-observer's-seat": About(1, 20, role=Role.OBSERVER, person_id=23),
    "coordinator's-seat": About(1, None, role=Role.COORDINATOR, person_id=1),
    "administrator's-seat": About(1, None, role=Role.ADMINISTRATOR, person_id=2),
}
#: Columns: lead, expert, observer of the own group; of the other one; coordinator, administrator, clock; and
#: lead, coordinator, administrator of another task force. `o` is let, `x` is refused, `.` finds nothing.
BY_HAND = """
enter             here                   ooo ooo ooo xxx
draft             here                   oox oox xxx xxx
tie_texts         here                   oxx oxx xxx xxx
lend_voice        here                   oox oox xxx xxx
manage_settings   here                   xxx xxx xox xxx
manage_people     own-lead's-seat        oxx xxx xox xxx
manage_people     own-expert's-seat      oxx xxx xox xxx
manage_people     other-observer's-seat  xxx oxx xox xxx
manage_people     coordinator's-seat     xxx xxx oox xxx
manage_people     administrator's-seat   xxx xxx xox xxx
end_seat          own-expert's-seat      oox xxx xox xxx
end_seat          other-observer's-seat  xxx oxo xox xxx
end_seat          coordinator's-seat     xxx xxx oox xxx
end_seat          administrator's-seat   xxx xxx xox xxx
hand_over_lead    own-lead's-seat        xxx xxx xxx xxx
hand_over_lead    own-expert's-seat      oxx xxx xxx xxx
hand_over_lead    other-expert's-seat    xxx oxx xxx xxx
hand_over_lead    other-observer's-seat  xxx xxx xxx xxx
read_name         own-expert's-seat      ooo xxx ooo xxx
read_name         coordinator's-seat     xxx xxx ooo xxx
read_item         draft                  ooo ... ... ...
read_item         circulated             ooo ooo o.o ...
read_item         public                 ooo ooo o.o ...
read_item         recused                ooo ooo o.o ...
read_thread       shared                 ooo ooo o.o ...
read_thread       shared-on-draft        ooo ... ... ...
read_thread       own-internal           ooo ... ... ...
read_thread       own-internal-on-draft  ooo ... ... ...
read_thread       other-internal         ... ooo ... ...
read_thread       own-internal-recused   ... ... ... ...
comment           shared                 oox oox o.x ...
comment           shared-on-draft        xxx ... ... ...
comment           own-internal           oox xxx x.x ...
comment           own-internal-on-draft  oox ... ... ...
comment           other-internal         xxx oox x.x ...
comment           own-internal-recused   xxx xxx x.x ...
comment           recused                oox oox o.x ...
reject_suggestions  draft                oox ... ... ...
reject_suggestions  circulated           oox xxx x.x ...
reject_suggestions  recused              xxx xxx x.x ...
reject_suggestions  public               xxx xxx x.x ...
withdraw_suggestion  of-other-expert     xxx xox x.x ...
withdraw_suggestion  of-own-lead-internal  oxx ... ... ...
withdraw_suggestion  of-own-lead-internal-recused  ... ... ... ...
record_follow_up  draft                  xxx ... ... ...
record_follow_up  public                 xxx xxx o.x ...
"""
#: What needs no seat, so that the door alone decides.
OF_NO_TASK_FORCE = {Permission.READ_PUBLIC, Permission.HOLD_LINK, Permission.KEEP_ACCOUNT}


def _answer(asked: Permission | Action, actor: Actor, about: About) -> str:
    try:
        demand(asked, actor, about)
    except Refusal as refusal:
        assert not allows(asked, actor, about)
        return {NotFound: ".", NotPermitted: "x"}[type(refusal)]
    return "o"


ROWS = [line.split(maxsplit=2) for line in BY_HAND.strip().splitlines()]


@pytest.mark.parametrize(("permission", "known", "cells"), ROWS)
def test_everybody_is_answered_as_the_table_says(permission: str, known: str, cells: str) -> None:
    found = "".join(_answer(Permission(permission), actor, KNOWN[known]) for actor in PEOPLE.values())
    assert found == cells.replace(" ", "")


def test_every_permission_is_in_both_tables_and_every_row_says_where_it_stands() -> None:
    asked = {Permission(permission) for permission, *_ in ROWS}
    assert TABLE.keys() == set(Permission) == asked | OF_NO_TASK_FORCE | {Permission.ACT}
    assert all(row.source for row in TABLE.values())
    beyond = {p for p, row in TABLE.items() if row.scope in (Scope.EVERYBODY, Scope.ACCOUNT)}
    assert beyond == OF_NO_TASK_FORCE


@pytest.mark.parametrize("action", RULES)
def test_an_act_is_whose_the_rules_say_it_is(action: Action) -> None:
    sides = {"own": "proposer", "other": "counterpart", "coordinator": "coordinator", "clock": "coordinator"}
    by = {(str(standing), str(role)) for standing, role in RULES[action].by}
    for name, actor in PEOPLE.items():
        side = sides.get(name.partition("-")[0], "none")
        sees = side != "none"
        expected = "o" if (side, str(actor.role)) in by else "x" if sees else "."
        assert _answer(action, actor, KNOWN["circulated"]) == expected, name


def test_an_item_is_asked_about_as_it_stands() -> None:
    text, ballot = Version(1, "text", "text"), Ballot(20, 1, frozenset({21, 22}))
    item = Item(7, 1, 10, (20,), State.PROPOSED, 1, text, text, (ballot,), authors=frozenset({11}))
    lead, gone = PEOPLE["own-lead"], PEOPLE["other-expert"]
    assert about_item(lead, item) == KNOWN["circulated"]
    assert about_item(lead, item, internal_to=10) == KNOWN["own-internal"]
    assert about_item(lead, replace(item, circulated=None)) == replace(KNOWN["draft"], state=State.PROPOSED)
    left = replace(ballot, positions=(Position(22, Stand.RECUSE, 1, 1, "text"),))
    recused = replace(item, ballots=(left,))
    assert about_item(gone, recused).recused is recused.has_recused(gone) is True
    for actor in PEOPLE.values():
        assert may_see(actor, item) is allows(Permission.READ_ITEM, actor, about_item(actor, item))

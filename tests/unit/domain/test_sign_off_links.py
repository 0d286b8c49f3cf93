"""Links by which guests sign off: when one is asked for and when it is over, against tables by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Ballot
from reviewflow.domain.errors import Refusal
from reviewflow.domain.items import Agreement, Item, State, Version
from reviewflow.domain.memberships import Seat
from reviewflow.domain.sign_offs import (
    DeadSignOff,
    Ending,
    Life,
    NeedsAccount,
    SignOff,
    ask_open,
    decide_asking,
    life_of,
    may_have_role,
)

AT = datetime(2009, 10, 14, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TEXT, NEW = Version(1, "text", "text"), Version(2, "new", "new")
GUEST = Actor(23, 1, Role.EXPERT, 20)
ITEM = Item(
    id=7,
    task_force_id=1,
    proposing_group=10,
    counterparts=(20, 30),
    state=State.PROPOSED,
    round=1,
    head=TEXT,
    circulated=TEXT,
    ballots=(Ballot(20, 1, frozenset({21, 22, 23})), Ballot(30, 1, frozenset({31}))),
)
LINK = SignOff(1, 1, "text", AT + SECOND)
#: Texts that the link is not for any more, and one whose newer words the guest does not see.
AMENDED = replace(ITEM, head=NEW, circulated=NEW)
BACK = replace(ITEM, state=State.CHANGES_REQUESTED)
REVISED = replace(BACK, head=NEW)
AGREED = replace(ITEM, agreements=(Agreement(20, 1, "text"),))
ELSEWHERE = replace(ITEM, agreements=(Agreement(30, 1, "text"),))

LIVES: list[tuple[str, SignOff, Item, Actor | None, Life]] = [
    ("as it was asked for", LINK, ITEM, GUEST, Life.OPEN),
    ("another group has agreed", LINK, ELSEWHERE, GUEST, Life.OPEN),
    ("a lead by now", LINK, ITEM, replace(GUEST, role=Role.LEAD), Life.OPEN),
    ("its last instant", replace(LINK, expires_at=AT), ITEM, GUEST, Life.EXPIRED),
    ("used", replace(LINK, ending=Ending.USED), ITEM, GUEST, Life.USED),
    ("taken back", replace(LINK, ending=Ending.WITHDRAWN), ITEM, GUEST, Life.WITHDRAWN),
    ("replaced", replace(LINK, ending=Ending.REPLACED), ITEM, GUEST, Life.REPLACED),
    (
        "used, and much happened since",
        replace(LINK, ending=Ending.USED, expires_at=AT),
        BACK,
        None,
        Life.USED,
    ),
    ("left", LINK, ITEM, None, Life.DEPARTED),
    ("observes", LINK, ITEM, replace(GUEST, role=Role.OBSERVER), Life.DEPARTED),
    ("a new version", LINK, AMENDED, GUEST, Life.OTHER_TEXT),
    ("the same words in a new ballot", LINK, replace(ITEM, round=2), GUEST, Life.OTHER_TEXT),
    ("other bytes of the same number", replace(LINK, digest="x"), ITEM, GUEST, Life.OTHER_TEXT),
    ("sent back", LINK, BACK, GUEST, Life.CLOSED),
    ("sent back, with newer words that are not the guest's to know of", LINK, REVISED, GUEST, Life.CLOSED),
    ("agreed by the group", LINK, AGREED, GUEST, Life.CLOSED),
    *(
        (str(state), LINK, replace(ITEM, state=state), GUEST, Life.CLOSED)
        for state in State
        if state not in (State.PROPOSED, State.DRAFT)
    ),
]


@pytest.mark.parametrize(("case", "link", "item", "guest", "life"), LIVES)
def test_link_lives_as_the_table_says(
    case: str, link: SignOff, item: Item, guest: Actor | None, life: Life
) -> None:
    assert life_of(link, item, guest, AT) is life
    if life is Life.OPEN:
        assert ask_open(link, item, guest, AT) == guest
    else:
        with pytest.raises(DeadSignOff):
            ask_open(link, item, guest, AT)


LEAD = Actor(21, 1, Role.LEAD, 20)
#: Who asks whom for what, and how it is refused (empty: it is not).
ASKED: list[tuple[str, Actor, Item, int, Actor, bool, str]] = [
    ("a lead their guest", LEAD, ITEM, 1, GUEST, False, ""),
    ("another group's lead", Actor(31, 1, Role.LEAD, 30), ITEM, 1, GUEST, False, "invalid_input"),
    ("an expert", Actor(22, 1, Role.EXPERT, 20), ITEM, 1, GUEST, False, "not_permitted"),
    ("the proposing lead", Actor(11, 1, Role.LEAD, 10), ITEM, 1, GUEST, False, "not_permitted"),
    ("the coordinator", Actor(1, 1, Role.COORDINATOR), ITEM, 1, GUEST, False, "not_permitted"),
    ("an administrator", Actor(2, 1, Role.ADMINISTRATOR), ITEM, 1, GUEST, False, "not_found"),
    ("a lead of elsewhere", Actor(9, 2, Role.LEAD, 20), ITEM, 1, GUEST, False, "not_found"),
    ("oneself", LEAD, ITEM, 1, LEAD, False, "invalid_input"),
    ("who signs in", LEAD, ITEM, 1, GUEST, True, "invalid_input"),
    ("who came later", LEAD, ITEM, 1, replace(GUEST, person_id=24), False, "invalid_input"),
    ("who observes", LEAD, ITEM, 1, replace(GUEST, role=Role.OBSERVER), False, "not_permitted"),
    ("another version", LEAD, AMENDED, 1, GUEST, False, "stale_version"),
    ("a text that was sent back", LEAD, BACK, 1, GUEST, False, "wrong_state"),
    ("a text that the group agreed to", LEAD, AGREED, 1, GUEST, False, "unmet"),
]


@pytest.mark.parametrize(("case", "actor", "item", "version", "guest", "signs_in", "refused"), ASKED)
def test_links_are_asked_for_as_the_table_says(
    case: str, actor: Actor, item: Item, version: int, guest: Actor, signs_in: bool, refused: str
) -> None:
    found = ""
    try:
        decide_asking(actor, item, version, guest, signs_in=signs_in, at=AT)
    except Refusal as refusal:
        found = refusal.code
    assert found == refused


def test_lead_has_an_account() -> None:
    for role in (Role.EXPERT, Role.OBSERVER):
        may_have_role(role, signs_in=False)
    for seat in (Seat(Role.LEAD, 20), Seat(Role.COORDINATOR, None), Seat(Role.ADMINISTRATOR, None)):
        may_have_role(seat.role, signs_in=True)
        with pytest.raises(NeedsAccount):
            may_have_role(seat.role, signs_in=False)

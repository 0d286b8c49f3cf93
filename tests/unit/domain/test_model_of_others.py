"""In small worlds: who acts for another does what the other could, and a link moves its text alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reviewflow.domain.actors import Actor, Role, StandIn
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import Refusal
from reviewflow.domain.evolution import evolve
from reviewflow.domain.items import Item, State
from reviewflow.domain.sign_offs import DeadSignOff, Ending, SignOff, ask_open
from reviewflow.domain.stand_ins import StandInOver, in_the_name_of
from reviewflow.domain.workflow import Act, Action, Event, decide
from tests.unit.domain.model import (
    LEADS_ONLY,
    PAIR,
    RECUSING,
    SILENT,
    TASK_FORCE,
    World,
    _moments,
    _timed,
    _version_for,
    acts,
    agreed_groups,
    samples_of,
    spoken,
)

SINCE, UNTIL = datetime(2009, 10, 1, tzinfo=UTC), datetime(2009, 12, 1, tzinfo=UTC)
#: ADR 31: what belongs to the seat or to the lead, and to nobody's words.
LENT = frozenset(
    {
        *("take_position", "record_position", "agree", "decline", "recall", "withdraw", "reopen"),
        *("propose_silence", "accept_silence", "refuse_silence", "extend_silence"),
    }
)


def _voters(world: World) -> list[Actor]:
    return [a for a in world.actors() if a.task_force_id == TASK_FORCE and a.role in (Role.LEAD, Role.EXPERT)]


def _lent(world: World) -> Iterator[tuple[Actor, Actor]]:
    """Every two of one group, the principal and who acts in their name; of two groups nobody does."""
    people = _voters(world)
    for principal in people:
        for person in people:
            lent = StandIn(principal.person_id, person.person_id, SINCE, UNTIL)
            if person.group_id != principal.group_id:
                with pytest.raises(StandInOver):
                    in_the_name_of(person, principal, lent, SINCE)
            elif person is not principal:
                yield principal, in_the_name_of(person, principal, lent, SINCE)


def _tries(item: Item, actor: Actor, world: World) -> Iterator[Act]:
    circulated, seen = item.circulated and item.circulated.digest, item.version_for(actor) or item.head
    for choices in acts(item.head.digest, circulated, seen, item.open_suggestions, world).values():
        for at in _moments(item, world):
            yield from (_timed(act, at) for act, _good in choices)


def _decided(actor: Actor, item: Item, act: Act) -> Event | None:
    try:
        return decide(actor, item, act)
    except Refusal:
        return None


def _after(item: Item, event: Event, world: World) -> Item:
    return evolve(item, event, rosters=world.voters(), version=_version_for(event, world))


def _takes_no_part(item: Item) -> set[int]:
    left = {p.person_id for b in item.ballots for p in spoken(b).values() if p.stand == "recuse"}
    return left | item.recused


@pytest.mark.parametrize("world", [PAIR, RECUSING, pytest.param(SILENT, marks=pytest.mark.long)])
def test_act_in_another_s_name_is_the_other_s_act_and_leaves_the_same_item(world: World) -> None:
    """So whatever holds of every item and every act holds with stand-ins: they reach no item of their own."""
    _, items = samples_of(world)
    done = set[str]()
    for item in items:
        out = _takes_no_part(item)
        for principal, lent in _lent(world):
            for act in _tries(item, principal, world):
                own, theirs = _decided(principal, item, act), _decided(lent, item, act)
                may = str(act.action) in LENT and not out & {principal.person_id, lent.by}
                may = may and act.stand != "recuse" and act.member != lent.by
                assert (theirs is not None) == (may and own is not None), (item, lent, act)
                if theirs is None or own is None:
                    continue
                assert theirs == replace(own, actor=lent)
                assert _after(item, theirs, world) == _after(item, own, world)
                done.add(str(act.action))
    assert done <= LENT
    assert len(done) > 3


@pytest.mark.parametrize("world", [PAIR, LEADS_ONLY])
def test_link_moves_the_position_of_its_guest_on_its_text_and_nothing_else(world: World) -> None:
    _, items = samples_of(world)
    shown = {(i.round, i.circulated.number, i.circulated.digest) for i in items if i.circulated}
    links = [SignOff(*bound, expires_at=UNTIL) for bound in (*shown, (9, 9, "none"))]
    used = 0
    for item in items:
        seen = item.circulated
        for guest in (person for person in _voters(world) if person.group_id in item.counterparts):
            for link in links:
                bound = seen and (item.round, seen.number, seen.digest) == (
                    link.round,
                    link.version,
                    link.digest,
                )
                closed = item.state is not State.PROPOSED or guest.group_id in agreed_groups(item)
                dead = [(link, guest, UNTIL), (link, None, SINCE)]
                dead += [(replace(link, ending=ending), guest, SINCE) for ending in Ending]
                if not bound or closed:
                    dead.append((link, guest, SINCE))
                for each, who, at in dead:
                    with pytest.raises(DeadSignOff):
                        ask_open(each, item, who, at)
                if not bound or closed:
                    continue
                acting = ask_open(link, item, guest, SINCE)
                assert acting == guest
                for stand in (Stand.APPROVE, Stand.OBJECT):
                    act = Act(Action.TAKE_POSITION, link.version, "why", stand=stand, at=SINCE)
                    event = _decided(acting, item, act)
                    if event is None:
                        continue
                    after, used = _after(item, event, world), used + 1
                    kept = {p.person_id: p for b in item.ballots for p in b.positions}
                    found = {p.person_id: p for b in after.ballots for p in b.positions}
                    assert found.pop(guest.person_id).stand is stand
                    kept.pop(guest.person_id, None)
                    assert found == kept
                    assert replace(after, ballots=item.ballots, silence=item.silence) == item
    assert used > 3

"""Acting in another member's name: named, done, told, taken back, and the races between these."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.actors import Actor, Role, StandIn
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, Unmet
from reviewflow.domain.stand_ins import StandInOver, StandInTaken
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import StandInRow
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import AgreementRow, PositionRow
from reviewflow.queries import accounts, integrity
from reviewflow.queries import stand_ins as read
from reviewflow.services import accounts as people
from reviewflow.services import deliberation, memberships, recommendations, stand_ins
from tests.factories.task_forces import Cast, content, make_task_force
from tests.support.at_once import at_once
from tests.support.refusals import unmet_codes

NOW = datetime(2009, 10, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    with app.app_context(), clock.set_to(NOW):
        yield make_task_force()


def _proposed(cast: Cast) -> str:
    key = recommendations.create_recommendation(cast["washington-expert-1"], content())
    recommendations.propose(cast["washington-expert-1"], key, 1)
    return key


def _lend(cast: Cast, principal: str, person: str, first: int = 0, last: int = 9) -> Actor:
    """Name a stand-in for some days from now, and return who they are in that name."""
    asked = (NOW + first * DAY, NOW + last * DAY)
    lent = stand_ins.name_stand_in(cast[principal], cast[person].person_id, *asked)
    own = cast[principal]
    return Actor(own.person_id, own.task_force_id, own.role, own.group_id, lent)


def _numbers() -> list[int]:
    found = list(db.session.scalars(select(StandInRow.id).order_by(StandInRow.id)))
    db.session.rollback()
    return found


def _events(*names: str) -> list[tuple[int | None, dict[str, object]]]:
    rows = db.session.execute(
        select(EventRow.actor_id, EventRow.data).where(EventRow.name.in_(names)).order_by(EventRow.sequence)
    ).all()
    db.session.rollback()
    return [(actor, json.loads(data)) for actor, data in rows]


def test_expert_takes_the_leads_position_and_agrees_for_the_lead(cast: Cast) -> None:
    key = _proposed(cast)
    as_lead = _lend(cast, "astana-lead", "astana-expert-1")
    lead, expert = cast["astana-lead"].person_id, cast["astana-expert-1"].person_id
    deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.NO_OBJECTION)
    deliberation.take_position(as_lead, key, 1, Stand.APPROVE)
    deliberation.agree_to_version(as_lead, key, 1)
    positions = db.session.execute(
        select(PositionRow.person_id, PositionRow.stand, PositionRow.stand_in_id).order_by(PositionRow.id)
    ).all()
    assert [tuple(row) for row in positions] == [(expert, "no_objection", None), (lead, "approve", expert)]
    agreement = db.session.execute(select(AgreementRow.person_id, AgreementRow.stand_in_id)).one()
    assert tuple(agreement) == (lead, expert)
    (_own, took, agreed) = _events("take_position", "agree")
    assert [(actor, data["for"]) for actor, data in (took, agreed)] == [(expert, lead), (expert, lead)]
    ((named, data),) = _events("stand_in_named")
    assert (named, data["person"], data["group"]) == (lead, expert, "astana")
    assert [check.broken_at for check in integrity.check_chains()] == [None]


def test_one_seat_has_one_position_whoever_took_it_last(cast: Cast) -> None:
    key = _proposed(cast)
    as_lead = _lend(cast, "astana-lead", "astana-expert-1")
    deliberation.take_position(as_lead, key, 1, Stand.OBJECT, "No date.")
    deliberation.take_position(cast["astana-lead"], key, 1, Stand.APPROVE)
    with pytest.raises(Unmet) as refused:
        deliberation.agree_to_version(cast["astana-lead"], key, 1)
    assert unmet_codes(refused) == ["positions_missing"]
    deliberation.take_position(as_lead, key, 1, Stand.WITHDRAWN)
    with pytest.raises(Unmet) as refused:
        deliberation.agree_to_version(cast["astana-lead"], key, 1)
    assert unmet_codes(refused) == ["positions_missing", "no_approval"]


def test_who_is_no_lead_lends_no_lead(cast: Cast) -> None:
    key = _proposed(cast)
    as_expert = _lend(cast, "astana-expert-1", "astana-expert-2")
    deliberation.take_position(as_expert, key, 1, Stand.APPROVE)
    for act in (
        lambda: deliberation.agree_to_version(as_expert, key, 1),
        lambda: deliberation.request_changes(as_expert, key, 1, "In my own name, please."),
        lambda: deliberation.open_thread(as_expert, key, "Hm.", internal=True, version=1),
    ):
        with pytest.raises(NotPermitted):
            act()
    with pytest.raises(NotFound):
        memberships.end_membership(as_expert, as_expert.person_id)


def test_outside_the_period_nothing_is_done_in_that_name(cast: Cast) -> None:
    key = _proposed(cast)
    as_lead = _lend(cast, "astana-lead", "astana-expert-1", first=1)
    tick = timedelta(microseconds=1)
    for at in (NOW, NOW + DAY - tick, NOW + 9 * DAY, NOW + 10 * DAY):
        with clock.set_to(at), pytest.raises(StandInOver):
            deliberation.take_position(as_lead, key, 1, Stand.APPROVE)
    for at in (NOW + DAY, NOW + 9 * DAY - tick):
        with clock.set_to(at):
            deliberation.take_position(as_lead, key, 1, Stand.APPROVE)


def test_what_was_ended_is_over_and_both_may_end_it(cast: Cast) -> None:
    key = _proposed(cast)
    lead, expert = cast["astana-lead"], cast["astana-expert-1"]
    for ending in (lead, expert):
        as_lead = _lend(cast, "astana-lead", "astana-expert-1")
        number = _numbers()[-1]
        for other in ("astana-expert-2", "washington-lead", "administrator"):
            with pytest.raises(NotFound):
                stand_ins.end_stand_in(cast[other], number)
        stand_ins.end_stand_in(ending, number)
        stand_ins.end_stand_in(ending, number)
        with pytest.raises(StandInOver):
            deliberation.take_position(as_lead, key, 1, Stand.APPROVE)
    told = {"person": expert.person_id, "for": lead.person_id, "group": "astana"}
    assert _events("stand_in_ended") == [(lead.person_id, told), (expert.person_id, told)]
    with pytest.raises(NotFound):
        stand_ins.end_stand_in(lead, 999)


def test_a_new_period_does_not_carry_over_what_a_form_of_the_old_one_asks(cast: Cast) -> None:
    key = _proposed(cast)
    old = _lend(cast, "astana-lead", "astana-expert-1")
    with clock.set_to(NOW + DAY):
        stand_ins.end_stand_in(cast["astana-lead"], _numbers()[-1])
        new = _lend(cast, "astana-lead", "astana-expert-1", first=1)
        with pytest.raises(StandInOver):
            deliberation.take_position(old, key, 1, Stand.APPROVE)
        deliberation.take_position(new, key, 1, Stand.APPROVE)


def test_only_who_has_a_vote_in_ones_group_is_named(cast: Cast) -> None:
    memberships.end_membership(cast["astana-expert-2"], cast["astana-expert-2"].person_id)
    gone = "astana-expert-2"
    for person in ("washington-expert-1", "astana-observer", "coordinator", "astana-lead", gone):
        with pytest.raises(InvalidInput) as refused:
            _lend(cast, "astana-lead", person)
        assert refused.value.details["problem"] == "not_of_own_group", person
    with pytest.raises(NotPermitted):
        _lend(cast, "astana-observer", "astana-expert-1")
    lead = cast["astana-lead"]
    secret = memberships.invite(lead, "guest@example.org", Role.EXPERT, lead.group_id)
    memberships.accept_as_guest(secret, "Gul Guest")
    guest, _hash = accounts.credentials("guest@example.org") or (0, "")
    with pytest.raises(InvalidInput) as refused:
        stand_ins.name_stand_in(lead, guest, NOW, NOW + DAY)
    assert refused.value.details["problem"] == "signs_by_link"
    assert _numbers() == []


def test_nobody_is_in_two_at_once(cast: Cast) -> None:
    _lend(cast, "astana-lead", "astana-expert-1")
    for pair in (
        ("astana-lead", "astana-expert-2"),
        ("astana-expert-1", "astana-expert-2"),
        ("astana-expert-2", "astana-expert-1"),
        ("astana-expert-2", "astana-lead"),
    ):
        with pytest.raises(StandInTaken):
            _lend(cast, *pair, first=8, last=12)
    _lend(cast, "astana-expert-2", "astana-expert-1", first=9, last=12)
    _lend(cast, "washington-lead", "washington-expert-1")


@pytest.mark.parametrize(
    ("who", "role"),
    [("astana-expert-1", None), ("astana-expert-2", None), ("astana-expert-2", Role.OBSERVER)],
)
def test_what_is_lent_ends_with_the_voice_of_either(cast: Cast, who: str, role: Role | None) -> None:
    key = _proposed(cast)
    acting = _lend(cast, "astana-expert-1", "astana-expert-2")
    _lend(cast, "astana-expert-1", "astana-lead", first=20, last=30)
    lead = cast["astana-lead"]
    if role is None:
        memberships.end_membership(lead, cast[who].person_id)
    else:
        memberships.change_role(lead, cast[who].person_id, role)
    with pytest.raises(StandInOver):
        deliberation.take_position(acting, key, 1, Stand.APPROVE)
    # The other one, of the principal, has ended too if it was the principal who went.
    ended = [(data["person"], data["for"]) for _actor, data in _events("stand_in_ended")]
    principal = acting.person_id
    both = [(cast["astana-expert-2"].person_id, principal), (lead.person_id, principal)]
    assert ended == (both if who == "astana-expert-1" else both[:1])
    assert len(read.stand_ins(lead, NOW)) == 2 - len(ended)


def test_a_lead_who_hands_the_lead_over_has_lent_no_lead(cast: Cast) -> None:
    key = _proposed(cast)
    as_lead = _lend(cast, "astana-lead", "astana-expert-1")
    memberships.hand_over_lead(cast["astana-lead"], cast["astana-expert-2"].person_id)
    with pytest.raises(StandInOver):
        deliberation.decline(as_lead, key, 1, "No.")
    member = accounts.member(cast["astana-expert-1"].person_id)
    assert member is not None
    as_expert = member.principal_in("uskz", clock.now())
    assert as_expert is not None
    assert (as_expert.person_id, as_expert.role) == (cast["astana-lead"].person_id, Role.EXPERT)
    deliberation.take_position(as_expert, key, 1, Stand.APPROVE)


def test_made_up_stand_ins_find_nothing_and_do_nothing(cast: Cast) -> None:
    """Whoever was never named is told so, and of a draft of the other side not even that."""
    key = _proposed(cast)
    draft = recommendations.create_recommendation(cast["washington-expert-1"], content("Hidden"))
    lead = cast["astana-lead"]
    for person in ("astana-expert-1", "washington-expert-1", "astana-observer", "coordinator"):
        lent = StandIn(lead.person_id, cast[person].person_id, NOW, NOW + DAY)
        acting = Actor(lead.person_id, lead.task_force_id, lead.role, lead.group_id, lent)
        with pytest.raises(StandInOver):
            deliberation.take_position(acting, key, 1, Stand.APPROVE)
        with pytest.raises(NotFound):
            deliberation.take_position(acting, draft, 1, Stand.APPROVE)


def test_chatham_house_leaves_out_the_other_sides(cast: Cast) -> None:
    _lend(cast, "astana-lead", "astana-expert-1")
    assert len(read.stand_ins(cast["washington-lead"], NOW)) == 1
    people.adopt_chatham_house(None, cast.task_force_id)
    seen = {name: len(read.stand_ins(cast[name], NOW)) for name in ("washington-lead", "astana-observer")}
    assert seen == {"washington-lead": 0, "astana-observer": 1}
    assert len(read.stand_ins(cast["coordinator"], NOW)) == 1


@pytest.mark.parametrize("ending", ["taken back", "left"])
def test_nothing_is_done_in_a_name_after_it_was_taken_back_however_close(app: Flask, ending: str) -> None:
    endings: Counter[str] = Counter()
    for number in range(4):
        with app.app_context():
            cast = make_task_force(f"tf{number}")
            key = _proposed(cast)
            lead, expert = cast["astana-lead"], cast["astana-expert-1"]
            now = clock.now()
            lent = stand_ins.name_stand_in(lead, expert.person_id, now, now + DAY)
            acting = Actor(lead.person_id, lead.task_force_id, lead.role, lead.group_id, lent)
            row = _numbers()[-1]
        end: Callable[[], object] = (
            partial(stand_ins.end_stand_in, lead, row)
            if ending == "taken back"
            else partial(memberships.end_membership, expert, expert.person_id)
        )
        act = partial(deliberation.take_position, acting, key, 1, Stand.APPROVE)
        endings += at_once(app, end, act)
        with app.app_context():
            chained = list(
                db.session.execute(
                    select(EventRow.name, EventRow.at)
                    .where(EventRow.name.in_(("take_position", "stand_in_ended")))
                    .where(EventRow.task_force_id == cast.task_force_id)
                    .order_by(EventRow.sequence)
                )
            )
            assert [name for name, _ in chained][-1] == "stand_in_ended"
            assert [at for _, at in chained] == sorted(at for _, at in chained)
            assert [check.broken_at for check in integrity.check_chains()] == [None] * (number + 1)
    assert set(endings) <= {"done", "stand_in_over"}, endings


def test_two_who_name_one_at_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        now = clock.now()
    named = cast["astana-expert-1"].person_id
    ended = at_once(
        app,
        *(
            lambda name=name: stand_ins.name_stand_in(cast[name], named, now, now + DAY)
            for name in ("astana-lead", "astana-expert-2")
        ),
    )
    assert ended == {"done": 1, "stand_in_taken": 1}

"""Coming and going: links that are used once, seats that end, objections that pass on."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, Refusal
from reviewflow.domain.memberships import AlreadyMember, DeadLink, OfAnotherSide, SeatNeeded
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Invitation, Membership
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.recommendations import Wait
from reviewflow.queries import accounts as people
from reviewflow.queries import integrity
from reviewflow.queries.audit import history
from reviewflow.queries.sessions import signed_in
from reviewflow.services import deliberation, memberships, packages, recommendations, sessions
from tests.factories.task_forces import Cast, content, make_task_force
from tests.support.at_once import at_once

EMAIL = "new@example.org"
PASSWORD = "violet tram seven lamps"


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    with app.app_context():
        yield make_task_force()


def _told(name: str) -> list[dict[str, object]]:
    rows = db.session.scalars(select(EventRow.data).where(EventRow.name == name).order_by(EventRow.sequence))
    found = [json.loads(row) for row in rows]
    db.session.rollback()
    return found


def _waits(person: Actor) -> list[str]:
    found = list(db.session.scalars(select(Wait.task).where(Wait.person_id == person.person_id)))
    db.session.rollback()
    return found


def _proposed(cast: Cast) -> str:
    key = recommendations.create_recommendation(cast["washington-lead"], content())
    recommendations.propose(cast["washington-lead"], key, 1)
    return key


def test_who_is_invited_takes_the_seat_once(cast: Cast):
    group = cast["astana-lead"].group_id
    secret = memberships.invite(cast["astana-lead"], " New@Example.org", Role.EXPERT, group)
    stored = db.session.scalars(select(Invitation)).one()
    assert (stored.email, secret in str(vars(stored))) == (EMAIL, False)
    person, slug = memberships.accept_as_newcomer(secret, "Nina New", PASSWORD)
    member = people.member(person)
    assert member is not None
    assert (slug, member.name, member.time_zone) == ("uskz", "Nina New", "Asia/Almaty")
    assert [(s.role, s.group_id) for s in member.seats] == [(Role.EXPERT, group)]
    with pytest.raises(DeadLink):
        memberships.accept_as_newcomer(secret, "Nina New", PASSWORD)
    assert _told("member_invited") == [{"invitation": stored.id, "role": "expert", "group": "astana"}]
    assert _told("member_joined") == [{"person": person, "role": "expert", "group": "astana"}]
    assert [check.broken_at for check in integrity.check_chains()] == [None]


def test_a_link_is_dead_after_its_time_a_newer_one_and_being_taken_back(cast: Cast):
    lead, group = cast["astana-lead"], cast["astana-lead"].group_id
    first = memberships.invite(lead, EMAIL, Role.EXPERT, group)
    second = memberships.invite(lead, EMAIL, Role.OBSERVER, group)
    invitation = db.session.scalars(select(Invitation.id).order_by(Invitation.id.desc())).first()
    db.session.rollback()
    with clock.set_to(clock.now() + memberships.LIFETIME), pytest.raises(DeadLink):
        memberships.accept_as_newcomer(second, "Nina New", PASSWORD)
    memberships.revoke_invitation(lead, invitation)
    memberships.revoke_invitation(lead, invitation)
    for secret in (first, second, "never", "\udc80"):
        with pytest.raises(DeadLink):
            memberships.accept_as_newcomer(secret, "Nina New", PASSWORD)
    assert len(_told("invitation_revoked")) == 1


def test_an_invitation_is_worth_what_its_sender_is(cast: Cast):
    lead, group = cast["astana-lead"], cast["astana-lead"].group_id
    secret = memberships.invite(lead, EMAIL, Role.LEAD, group)
    memberships.hand_over_lead(lead, cast["astana-expert-1"].person_id)
    with pytest.raises(DeadLink):
        memberships.accept_as_newcomer(secret, "Nina New", PASSWORD)
    heir = Actor(cast["astana-expert-1"].person_id, lead.task_force_id, Role.LEAD, group)
    secret = memberships.invite(heir, EMAIL, Role.LEAD, group)
    memberships.hand_over_lead(heir, cast["astana-expert-2"].person_id)
    memberships.end_membership(Actor(heir.person_id, heir.task_force_id, Role.EXPERT, group), heir.person_id)
    with pytest.raises(DeadLink):
        memberships.accept_as_newcomer(secret, "Nina New", PASSWORD)


def test_leads_invite_to_their_own_group_only(cast: Cast):
    other = cast["washington-lead"].group_id
    for role, group in ((Role.EXPERT, other), (Role.COORDINATOR, None), (Role.ADMINISTRATOR, None)):
        with pytest.raises(NotPermitted):
            memberships.invite(cast["astana-lead"], EMAIL, role, group)
    with pytest.raises(InvalidInput):
        memberships.invite(cast["astana-lead"], "nobody", Role.EXPERT, cast["astana-lead"].group_id)
    foreign = make_task_force("other")
    with pytest.raises(NotFound):
        memberships.invite(cast["administrator"], EMAIL, Role.EXPERT, foreign["astana-lead"].group_id)
    memberships.invite(foreign["administrator"], EMAIL, Role.COORDINATOR)
    invitation = db.session.scalars(select(Invitation.id)).one()
    db.session.rollback()
    with pytest.raises(NotFound):
        memberships.revoke_invitation(cast["administrator"], invitation)
    with pytest.raises(NotPermitted):
        memberships.revoke_invitation(foreign["astana-lead"], invitation)
    # Somebody else's invitation of the same address stays open: who may not take it back may not replace it.
    memberships.invite(foreign["astana-lead"], EMAIL, Role.EXPERT, foreign["astana-lead"].group_id)
    assert len(db.session.scalars(select(Invitation).where(Invitation.ended_at.is_(None))).all()) == 2


def test_an_account_takes_a_seat_in_another_task_force_and_never_a_second_one(cast: Cast):
    other = make_task_force("other")
    expert, foreign = cast["astana-expert-1"], other["washington-expert-1"]
    group = other["astana-lead"].group_id
    mine = memberships.invite(other["astana-lead"], cast.emails["astana-expert-1"], Role.EXPERT, group)
    theirs = memberships.invite(other["astana-lead"], other.emails["washington-expert-1"], Role.EXPERT, group)
    with pytest.raises(DeadLink):
        memberships.accept_invitation(foreign.person_id, mine)
    with pytest.raises(InvalidInput) as taken:
        memberships.accept_as_newcomer(mine, "Somebody", PASSWORD)
    assert taken.value.details["problem"] == "known_address"
    assert memberships.accept_invitation(expert.person_id, mine) == "other"
    with pytest.raises(AlreadyMember):
        memberships.accept_invitation(foreign.person_id, theirs)
    memberships.end_membership(foreign, foreign.person_id)
    with pytest.raises(OfAnotherSide):
        memberships.accept_invitation(foreign.person_id, theirs)


def test_the_last_lead_and_the_last_coordinator_stay(cast: Cast):
    for name in ("astana-lead", "coordinator"):
        for actor in (cast[name], cast["administrator"]):
            with pytest.raises(SeatNeeded):
                memberships.end_membership(actor, cast[name].person_id)
    with pytest.raises(SeatNeeded):
        memberships.change_role(cast["administrator"], cast["astana-lead"].person_id, Role.EXPERT)
    memberships.change_role(cast["astana-lead"], cast["astana-expert-1"].person_id, Role.LEAD)
    memberships.end_membership(cast["astana-lead"], cast["astana-lead"].person_id)
    with pytest.raises(NotFound):
        memberships.end_membership(cast["astana-lead"], cast["astana-lead"].person_id)
    with pytest.raises(NotFound):
        memberships.end_membership(cast["administrator"], cast["astana-lead"].person_id)
    # The same role once more is no event.
    memberships.change_role(cast["administrator"], cast["astana-expert-2"].person_id, Role.EXPERT)
    assert [told["person"] for told in _told("role_changed")] == [cast["astana-expert-1"].person_id]


def test_who_has_left_finds_nothing_and_what_they_said_stays(cast: Cast):
    key = _proposed(cast)
    left = cast["astana-expert-1"]
    deliberation.take_position(left, key, 1, Stand.APPROVE)
    memberships.end_membership(cast["astana-lead"], left.person_id)
    with pytest.raises(NotFound):
        deliberation.take_position(left, key, 1, Stand.OBJECT, "Too late.")
    member = people.member(left.person_id)
    assert member is not None
    assert member.seats == ()
    assert people.directory(cast.task_force_id).people[left.person_id].left
    # The position counts on: with the lead's own, two of the three who could vote when the ballot opened.
    deliberation.take_position(cast["astana-lead"], key, 1, Stand.NO_OBJECTION)
    assert deliberation.agree_to_version(cast["astana-lead"], key, 1).state == "agreed"


def test_an_objection_passes_to_the_lead_and_back(cast: Cast):
    key, lead, left = _proposed(cast), cast["astana-lead"], cast["astana-expert-1"]
    deliberation.take_position(left, key, 1, Stand.OBJECT, "No date.")
    with pytest.raises(Refusal):
        deliberation.record_position(lead, key, 1, left.person_id, Stand.WITHDRAWN, "It is met.")
    memberships.change_role(cast["administrator"], left.person_id, Role.OBSERVER)
    memberships.change_role(cast["administrator"], left.person_id, Role.EXPERT)
    with pytest.raises(Refusal):
        deliberation.record_position(lead, key, 1, left.person_id, Stand.WITHDRAWN, "It is met.")
    memberships.end_membership(lead, left.person_id)
    deliberation.record_position(lead, key, 1, left.person_id, Stand.WITHDRAWN, "It is met.")
    passed = [e for e in history(cast["washington-observer"], key).events if "objection" in e.name]
    assert [(e.name, e.actor_id) for e in passed] == [
        ("hand_over_objection", cast["administrator"].person_id),
        ("hand_back_objection", cast["administrator"].person_id),
        ("hand_over_objection", lead.person_id),
    ]
    assert [check.broken_at for check in integrity.check_chains()] == [None]


def test_who_comes_back_to_their_group_has_their_objection_again(cast: Cast):
    key, left = _proposed(cast), cast["astana-expert-1"]
    deliberation.take_position(left, key, 1, Stand.OBJECT, "No date.")
    memberships.end_membership(left, left.person_id)
    secret = memberships.invite(
        cast["astana-lead"], cast.emails["astana-expert-1"], Role.EXPERT, left.group_id
    )
    memberships.accept_invitation(left.person_id, secret)
    deliberation.take_position(left, key, 1, Stand.APPROVE)
    assert [len(_told(f"hand_{way}_objection")) for way in ("over", "back")] == [1, 1]


def test_waits_follow_the_lead(cast: Cast):
    key, lead, heir = _proposed(cast), cast["astana-lead"], cast["astana-expert-1"]
    for name in ("astana-lead", "astana-expert-1", "astana-expert-2"):
        deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
    assert (_waits(lead), _waits(heir)) == (["agree"], [])
    memberships.hand_over_lead(lead, heir.person_id)
    assert (_waits(lead), _waits(heir)) == ([], ["agree"])
    with pytest.raises(NotFound):
        deliberation.agree_to_version(lead, key, 1)
    memberships.change_role(cast["administrator"], lead.person_id, Role.LEAD)
    assert _waits(lead) == ["agree"]
    with pytest.raises(NotPermitted):
        memberships.hand_over_lead(cast["washington-lead"], heir.person_id)


def test_an_author_who_left_is_waited_for_no_more(cast: Cast):
    author = cast["washington-expert-1"]
    recommendations.create_recommendation(author, content())
    assert _waits(author) == ["propose"]
    memberships.end_membership(cast["washington-lead"], author.person_id)
    assert (_waits(author), _waits(cast["washington-lead"])) == ([], ["propose"])


def test_two_leads_who_leave_at_once_leave_one(app: Flask):
    with app.app_context():
        cast = make_task_force()
        group = cast["astana-lead"].group_id
        memberships.change_role(cast["astana-lead"], cast["astana-expert-1"].person_id, Role.LEAD)
    first = cast["astana-lead"]
    second = Actor(cast["astana-expert-1"].person_id, cast.task_force_id, Role.LEAD, group)
    ended = at_once(
        app,
        lambda: memberships.end_membership(first, first.person_id),
        lambda: memberships.end_membership(second, second.person_id),
    )
    assert ended == {"done": 1, "seat_needed": 1}
    with app.app_context():
        leads = select(Membership).where(
            Membership.group_id == group, Membership.role == "lead", Membership.left_at.is_(None)
        )
        assert len(db.session.scalars(leads).all()) == 1


def test_a_link_that_two_use_at_once_gives_one_seat(app: Flask):
    with app.app_context():
        cast = make_task_force()
        secret = memberships.invite(cast["astana-lead"], EMAIL, Role.EXPERT, cast["astana-lead"].group_id)
    use = lambda: memberships.accept_as_newcomer(secret, "Nina New", PASSWORD)  # noqa: E731 - one act, twice
    ended = at_once(app, use, use)
    assert (ended["done"], sum(ended.values())) == (1, 2)


def test_nobody_acts_after_their_seat_has_ended_however_close(app: Flask):
    with app.app_context():
        cast = make_task_force()
        key = _proposed(cast)
        for name in ("astana-lead", "astana-expert-1"):
            deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
    lead, heir = cast["astana-lead"], cast["astana-expert-1"].person_id
    at_once(
        app,
        lambda: memberships.hand_over_lead(lead, heir),
        lambda: deliberation.agree_to_version(lead, key, 1),
    )
    with app.app_context():
        order = [e.name for e in db.session.scalars(select(EventRow).order_by(EventRow.sequence))]
        assert "agree" not in order[order.index("lead_handed_over") :]


def test_nothing_is_written_in_the_name_of_a_seat_that_is_another_by_now(cast: Cast):
    lead = cast["astana-lead"]
    keys = [_proposed(cast), _proposed(cast)]
    package = packages.tie(lead, "Both", keys)
    memberships.hand_over_lead(lead, cast["astana-expert-1"].person_id)
    told = db.session.scalar(select(func.count()).select_from(EventRow))
    for act in (
        lambda: packages.untie(lead, package),
        lambda: packages.agree_to_package(lead, package, ""),
        lambda: packages.tie(lead, "Again", keys),
        lambda: deliberation.open_thread(lead, keys[0], "Why?", version=1, internal=False),
        lambda: deliberation.agree_to_version(lead, keys[0], 1),
    ):
        with pytest.raises(NotFound):
            act()
    assert db.session.scalar(select(func.count()).select_from(EventRow)) == told


def test_seat_that_another_ends_signs_its_holder_out(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        member, leaver = cast["astana-expert-1"], cast["astana-expert-2"]
        tokens = [sessions.begin(person.person_id, "") for person in (member, leaver)]
        memberships.end_membership(cast["astana-lead"], member.person_id)
        memberships.end_membership(leaver, leaver.person_id)
        # Who leaves by their own act goes on being signed in, without the seat.
        assert [signed_in(token) is None for token in tokens] == [True, False]

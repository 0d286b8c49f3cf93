"""Sign-off by link: one act on one version, whoever holds the link and however often they press."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, Refusal, StaleVersion, Unmet
from reviewflow.domain.memberships import DeadLink
from reviewflow.domain.sign_offs import LASTS, DeadSignOff, Life, NeedsAccount
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import PositionRow
from reviewflow.persistence.models.outbox import MailRow
from reviewflow.persistence.models.sign_offs import SignOffRow
from reviewflow.queries import accounts, integrity
from reviewflow.queries import sign_offs as read
from reviewflow.services import deliberation, memberships, outbox, recommendations, resets, sign_offs
from tests.factories.task_forces import make_task_force
from tests.support.at_once import at_once
from tests.support.desk import BEGIN, MAIL, Stage
from tests.support.guests import ADDRESS, asked, mailed, with_guest
from tests.support.scenes import proposed

APPROVE = Stand.APPROVE
BRACKETED = {"text": "1. Publish by [31 January / 31 March]."}


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage(app)


@pytest.fixture
def guest(stage: Stage) -> Actor:
    return with_guest(stage)


def _sign(secret: str, stand: Stand | None = APPROVE, reason: str = "") -> object:
    return sign_offs.sign(secret, stand, reason, lambda said: (f"{said}", "Was it you?"))


def _positions(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        rows = select(PositionRow.person_id, PositionRow.stand).order_by(PositionRow.id)
        return [tuple(row) for row in db.session.execute(rows)]


def test_guest_signs_once_and_the_event_says_how_it_came_about(
    app: Flask, stage: Stage, guest: Actor
) -> None:
    key, lead = proposed(stage, **BRACKETED), stage.cast["astana-lead"]
    secret = asked(stage, key, guest)
    stage.at(3, _sign, secret)
    for stand in (APPROVE, Stand.OBJECT):
        with pytest.raises(DeadSignOff) as refused:
            stage.at(4, _sign, secret, stand, "Once more.")
        assert refused.value.details == {"life": Life.USED}
    assert _positions(app) == [(guest.person_id, "approve")]
    with app.app_context():
        row = db.session.scalars(select(SignOffRow)).one()
        assert secret not in (row.secret_hash, row.sent_to)
        assert (row.sent_to, row.ending, row.asked_by) == (ADDRESS, "used", lead.person_id)
        names = ("ask_sign_off", "take_position")
        events = db.session.scalars(
            select(EventRow).where(EventRow.name.in_(names)).order_by(EventRow.sequence)
        )
        told = [(event.actor_id, json.loads(event.data)) for event in events]
        assert told[0] == (
            lead.person_id,
            {"sign_off": row.id, "member": guest.person_id, "until": "2009-10-08T10:00:00.000000Z",
             "state": "proposed", "round": 1},
        )  # fmt: skip
        assert told[1] == (
            guest.person_id,
            {"state": "proposed", "round": 1, "stand": "approve", "sign_off": row.id,
             "asked": "2009-10-01T10:00:00.000000Z", "asked_by": lead.person_id},
        )  # fmt: skip
        with clock.set_to(BEGIN + timedelta(hours=5)):
            notices = [mail.recipient for mail in outbox.waiting() if mail.subject == "approve"]
        assert notices == [ADDRESS, stage.cast.emails["astana-lead"]]
        assert [chain.broken_at for chain in integrity.check_chains()] == [None]


def test_who_asked_and_has_left_is_mailed_nothing(app: Flask, stage: Stage, guest: Actor) -> None:
    key, lead, heir = proposed(stage), stage.cast["astana-lead"], stage.cast["astana-expert-1"]
    secret = asked(stage, key, guest)
    stage.at(2, memberships.hand_over_lead, lead, heir.person_id)
    stage.at(2, memberships.end_membership, replace(lead, role=Role.EXPERT), lead.person_id)
    stage.at(3, _sign, secret)
    with app.app_context(), clock.set_to(BEGIN + timedelta(hours=3)):
        assert [mail.recipient for mail in outbox.waiting() if mail.subject == "approve"] == [ADDRESS]


def test_lead_takes_an_approval_back_that_was_not_the_guests(app: Flask, stage: Stage, guest: Actor) -> None:
    key, lead = proposed(stage), stage.cast["astana-lead"]
    stage.at(3, _sign, asked(stage, key, guest))
    withdraw = (lead, key, 1, guest.person_id, Stand.WITHDRAWN, "by telephone")
    stage.at(4, deliberation.record_position, *withdraw)
    stage.at(6, _sign, asked(stage, key, guest, 5), Stand.OBJECT, "No date.")
    with pytest.raises(Unmet):
        stage.at(7, deliberation.record_position, *withdraw)
    stage.at(9, _sign, asked(stage, key, guest, 8))
    assert [stand for _person, stand in _positions(app)] == ["approve", "withdrawn", "object", "approve"]


def _new_version(stage: Stage, key: str, guest: Actor) -> None:
    stage.at(3, recommendations.settle_bracket, stage.cast["washington-lead"], key, 1, 0, "31 March")


def _new_ballot(stage: Stage, key: str, guest: Actor) -> None:
    _sent_back(stage, key, guest)
    stage.at(3.5, recommendations.resubmit, stage.cast["washington-lead"], key, 1, "It is right as it is.")


def _sent_back(stage: Stage, key: str, guest: Actor) -> None:
    stage.at(3, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "Say by when.")


def _withdrawn(stage: Stage, key: str, guest: Actor) -> None:
    with stage.app.app_context():
        (number,) = db.session.scalars(select(SignOffRow.id))
    stage.at(3, sign_offs.withdraw, stage.cast["astana-lead"], key, number)


def _asked_anew(stage: Stage, key: str, guest: Actor) -> None:
    asked(stage, key, guest, hours=3)


def _left(stage: Stage, key: str, guest: Actor) -> None:
    stage.at(3, memberships.end_membership, stage.cast["astana-lead"], guest.person_id)


def _observes(stage: Stage, key: str, guest: Actor) -> None:
    stage.at(3, memberships.change_role, stage.cast["astana-lead"], guest.person_id, Role.OBSERVER)


ENDS: dict[Life, tuple[Callable[[Stage, str, Actor], None], ...]] = {
    Life.OTHER_TEXT: (_new_version, _new_ballot),
    Life.CLOSED: (_sent_back,),
    Life.WITHDRAWN: (_withdrawn,),
    Life.REPLACED: (_asked_anew,),
    Life.DEPARTED: (_left, _observes),
}


@pytest.mark.parametrize(("life", "end"), [(life, end) for life, ends in ENDS.items() for end in ends])
def test_link_is_dead_as_soon_as_what_it_is_about_changes(
    app: Flask, stage: Stage, guest: Actor, life: Life, end: Callable[[Stage, str, Actor], None]
) -> None:
    key = proposed(stage, **BRACKETED)
    secret = asked(stage, key, guest)
    end(stage, key, guest)
    with pytest.raises(DeadSignOff) as refused:
        stage.at(4, _sign, secret)
    assert refused.value.details == {"life": life}
    page = stage.at(4, read.opened, secret, BEGIN + timedelta(hours=4))
    assert (page.life, page.manifest, page.parts) == (life, None, ())
    assert _positions(app) == []
    # What has not left the house does not leave it any more, where somebody ended the link.
    with app.app_context():
        waits = any(secret in body for body in db.session.scalars(select(MailRow.body)))
    assert waits is (life not in (Life.WITHDRAWN, Life.REPLACED))


def test_link_is_of_use_for_seven_days_and_an_unknown_one_never(stage: Stage, guest: Actor) -> None:
    secret = asked(stage, proposed(stage), guest)
    over = 2 + LASTS / timedelta(hours=1)
    with pytest.raises(DeadSignOff) as refused:
        stage.at(over, _sign, secret)
    assert refused.value.details == {"life": Life.EXPIRED}
    for unknown in ("", "none", secret[:-1], secret + "x"):
        with pytest.raises(DeadLink):
            stage.at(3, _sign, unknown)
    stage.at(over - 0.001, _sign, secret)


def test_refused_position_leaves_the_link_alive(app: Flask, stage: Stage, guest: Actor) -> None:
    secret = asked(stage, proposed(stage), guest)
    for stand, reason in ((Stand.OBJECT, " "), (None, "x"), (Stand.ABSTAIN, "x"), (Stand.WITHDRAWN, "x")):
        with pytest.raises(Unmet):
            stage.at(3, _sign, secret, stand, reason)
    assert _positions(app) == []
    stage.at(3, _sign, secret, Stand.OBJECT, "No date is named.")
    assert _positions(app) == [(guest.person_id, "object")]


def test_only_a_lead_asks_and_only_their_own_guests(stage: Stage, guest: Actor) -> None:
    early = proposed(Stage(stage.app, slug="other"))
    key, cast = proposed(stage), stage.cast

    def ask(actor: Actor, person: int, version: int = 1, to: str = key) -> object:
        return stage.at(2, sign_offs.ask, actor, to, version, person, lambda secret, until: ("", secret))

    for name in ("astana-expert-1", "washington-lead", "coordinator", "astana-observer"):
        with pytest.raises(NotPermitted):
            ask(cast[name], guest.person_id)
    with pytest.raises(NotFound):
        ask(cast["administrator"], guest.person_id)
    with pytest.raises(NotFound):
        ask(cast["astana-lead"], guest.person_id, to=early)
    # Who has an account signs in; who sits elsewhere is nobody's guest here.
    for name in ("astana-lead", "astana-expert-1", "washington-expert-1", "astana-observer", "coordinator"):
        with pytest.raises(InvalidInput):
            ask(cast["astana-lead"], cast[name].person_id)
    with pytest.raises(InvalidInput):
        ask(cast["astana-lead"], 10_000)
    with pytest.raises(StaleVersion):
        ask(cast["astana-lead"], guest.person_id, version=2)
    with stage.app.app_context():
        assert db.session.scalars(select(SignOffRow)).all() == []


def test_guest_who_came_after_the_ballot_opened_is_not_asked(stage: Stage) -> None:
    key = proposed(stage)
    with pytest.raises(InvalidInput):
        asked(stage, key, with_guest(stage))


def test_guest_has_no_account_until_a_lead_invites_them_again(app: Flask, stage: Stage, guest: Actor) -> None:
    lead, password = stage.cast["astana-lead"], "violet tram seven lamps"
    with app.app_context(), clock.set_to(BEGIN):
        resets.ask(ADDRESS, "192.0.2.1", lambda secret: ("Reset", secret))
        assert [mail.subject for mail in outbox.waiting()] == []
        assert accounts.credentials(ADDRESS) == (guest.person_id, "")
    for change in (memberships.hand_over_lead, memberships.change_role):
        with pytest.raises(NeedsAccount):
            stage.at(
                1, change, lead, guest.person_id, *([Role.LEAD] if change is memberships.change_role else [])
            )
    seat_of_lead = stage.at(1, memberships.invite, lead, "x@example.org", Role.LEAD, lead.group_id)
    with pytest.raises(NeedsAccount):
        stage.at(1, memberships.accept_as_guest, seat_of_lead, "X")
    secret = stage.at(1, memberships.invite, lead, ADDRESS, Role.EXPERT, lead.group_id)
    link = _asked_for_a_password(app)
    stage.at(2, resets.reset, link, password, MAIL)
    assert stage.at(3, memberships.accept_invitation, guest.person_id, secret) == "uskz"
    with pytest.raises(DeadLink):
        stage.at(3, memberships.accept_invitation, guest.person_id, secret)
    stage.at(3, memberships.hand_over_lead, lead, guest.person_id)


def test_link_of_an_invitation_which_its_sender_sees_makes_no_guest_s_account(
    app: Flask, stage: Stage, guest: Actor
) -> None:
    with app.app_context(), clock.set_to(BEGIN):
        elsewhere = make_task_force("other")
    own, foreign = stage.cast["astana-lead"], elsewhere["washington-lead"]
    for lead in (own, foreign):
        secret = stage.at(1, memberships.invite, lead, ADDRESS, Role.EXPERT, lead.group_id)
        for act in (
            lambda secret=secret: memberships.accept_as_newcomer(
                secret, "Mallory", "violet tram seven lamps"
            ),
            lambda secret=secret: memberships.accept_as_guest(secret, "Mallory"),
        ):
            with pytest.raises(InvalidInput) as refused:
                stage.at(1, act)
            assert refused.value.details["problem"] == "known_address"
    with app.app_context():
        assert accounts.credentials(ADDRESS) == (guest.person_id, "")


def _asked_for_a_password(app: Flask) -> str:
    """The secret of the link that a guest with an open invitation gets by mail."""
    with app.app_context(), clock.set_to(BEGIN + timedelta(hours=2)):
        resets.ask(ADDRESS, "192.0.2.1", lambda secret: ("Reset", f"reset={secret}"))
    return mailed(app, r"reset=(\S+)")


def _life(refusal: Refusal) -> str:
    """What has become of the link that a refusal is about."""
    return str(refusal.details.get("life", refusal.code))


def test_of_several_clicks_at_once_exactly_one_is_recorded(app: Flask, stage: Stage, guest: Actor) -> None:
    key = proposed(stage)
    secret = asked(stage, key, guest)
    later = BEGIN + timedelta(hours=3)

    def click(stand: Stand) -> Callable[[], object]:
        def act() -> object:
            with clock.set_to(later):
                return _sign(secret, stand, "No date.")

        return act

    stands = (APPROVE, Stand.OBJECT, APPROVE, Stand.OBJECT)
    ended = at_once(app, *map(click, stands), told=_life)
    assert ended == {"done": 1, "used": 3}
    assert len(_positions(app)) == 1
    with app.app_context():
        assert [chain.broken_at for chain in integrity.check_chains()] == [None]


def test_click_and_taking_back_at_once_end_the_link_one_way(app: Flask, stage: Stage, guest: Actor) -> None:
    key = proposed(stage)
    secret, lead = asked(stage, key, guest), stage.cast["astana-lead"]
    later = BEGIN + timedelta(hours=3)
    with app.app_context():
        (number,) = db.session.scalars(select(SignOffRow.id))

    def sign() -> object:
        with clock.set_to(later):
            return _sign(secret)

    def withdraw() -> None:
        with clock.set_to(later):
            sign_offs.withdraw(lead, key, number)

    ended = at_once(app, sign, withdraw, told=_life)
    with app.app_context():
        how = db.session.scalars(select(SignOffRow.ending)).one()
    assert (how, ended) in (("used", {"done": 2}), ("withdrawn", {"withdrawn": 1, "done": 1}))
    assert len(_positions(app)) == (how == "used")


def _refused(statement: str, **values: object) -> str:
    try:
        db.session.execute(text(statement), values)
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        return str(error.orig)
    raise AssertionError(f"was carried out: {statement}")


def test_database_lets_no_link_be_used_twice_or_changed(app: Flask, stage: Stage, guest: Actor) -> None:
    key = proposed(stage)
    asked(stage, key, guest)
    stage.at(2.5, deliberation.take_position, stage.cast["astana-expert-1"], key, 1, APPROVE)
    use = "UPDATE sign_offs SET ended_at = asked_at, ending = 'used', position_id = :position"
    copied = (
        "INSERT INTO sign_offs (recommendation_id, person_id, round, version_number, digest, secret_hash,"
        " asked_by, asked_at, sent_to, expires_at, ended_at, ending, position_id) SELECT recommendation_id,"
        " person_id, round, version_number, digest, 'x', asked_by, asked_at, sent_to, expires_at, {}"
        " FROM sign_offs"
    )
    with app.app_context():
        (foreign,) = db.session.scalars(select(PositionRow.id))
        assert "not what the link is about" in _refused(use, position=foreign)
        assert "used" in _refused("UPDATE sign_offs SET ended_at = asked_at, ending = 'used'")
        for column in ("digest = 'x'", "person_id = asked_by", "secret_hash = 'x'", "round = 9"):
            assert "ends once" in _refused(f"UPDATE sign_offs SET {column}")
        assert "append-only" in _refused("DELETE FROM sign_offs")
        second = _refused(copied.format("NULL, NULL, NULL"))
        assert "ix_sign_offs_open" in second or "UNIQUE" in second
        assert "not what" in _refused(copied.format(f"asked_at, 'used', {foreign}"))
    stage.at(3, _sign, mailed(app, r"secret=(\S+)"))
    with app.app_context():
        assert "ends once" in _refused(
            "UPDATE sign_offs SET ended_at = NULL, ending = NULL, position_id = NULL"
        )
        again = _refused(copied.format("ended_at, ending, position_id"))
        assert "uq_sign_offs_position_id" in again or "UNIQUE" in again

"""The silence procedure in time: the instant itself, two at once, races, a server that was down."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from reviewflow import worker
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import InvalidInput, NotPermitted, Refusal, StaleVersion, Unmet, WrongState
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import ChainHead, EventRow
from reviewflow.persistence.models.deliberation import AgreementRow
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation, Wait
from reviewflow.persistence.models.silence import SilenceRow
from reviewflow.services import deliberation, publication, recommendations, silence
from tests.factories.task_forces import Cast, content, make_task_force
from tests.support.refusals import unmet_codes

#: A Wednesday, 10:00 in Washington; silence ends at the same hour on the day after.
NOW = datetime(2009, 10, 14, 14, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=1)
TICK = timedelta(microseconds=1)


def _proposed(cast: Cast, **changes: object) -> str:
    key = recommendations.create_recommendation(cast["washington-lead"], content(**changes))
    recommendations.propose(cast["washington-lead"], key, 1)
    return key


def _running(cast: Cast, until: datetime = UNTIL) -> str:
    """A text under silence, to which nobody has taken a position."""
    with clock.set_to(NOW):
        key = _proposed(cast)
        silence.propose_silence(cast["washington-lead"], key, 1, until)
        silence.accept_silence(cast["astana-lead"], key, 1, until)
    return key


def _state(key: str) -> str:
    db.session.rollback()
    return db.session.scalars(select(Recommendation.state).where(Recommendation.key == key)).one()


def _outcomes() -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(select(SilenceRow.outcome).order_by(SilenceRow.id)))


def _events() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(EventRow.name).order_by(EventRow.sequence)))


def test_silence_that_nobody_breaks_is_agreement_at_its_instant(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        with clock.set_to(UNTIL - TICK):
            assert silence.expire_due() == 0
        with clock.set_to(UNTIL):
            assert silence.expire_due() == 1
            assert silence.expire_due() == 0
        assert (_state(key), _outcomes()) == ("agreed", ["adopted"])
        agreement = db.session.scalars(select(AgreementRow)).one()
        assert (agreement.person_id, agreement.agreed_at, agreement.version_number) == (
            cast["astana-lead"].person_id,
            UNTIL,
            1,
        )
        assert agreement.silence_id == db.session.scalars(select(SilenceRow.id)).one()
        event = db.session.scalars(select(EventRow).where(EventRow.name == "expire_silence")).one()
        assert (event.actor_id, event.at) == (None, UNTIL)
        assert {wait.task for wait in db.session.scalars(select(Wait))} == {"approve"}


def test_agreement_by_silence_is_on_the_sheet_and_in_the_story(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        with clock.set_to(UNTIL):
            silence.expire_due()
        publication.approve(cast["coordinator"], key, 1)
        publication.publish(cast["coordinator"], key, 1)
        record: Any = db.session.scalars(select(Publication.record)).one()
        db.session.rollback()
    agreed = {"event": "agree", "group": cast["astana-lead"].group_id, "silence": True}
    for told in (record["sheet"][1], record["story"][1]):
        assert {name: told[name] for name in agreed} == agreed
        assert told["at"] == "2009-10-15T14:00:00.000000Z"
    assert (record["sheet"][1]["name"], record["sheet"][1]["voters"]) == ("", 0)
    client = app.test_client()
    path = client.get("/publications").text.partition('<h3><a href="')[2].partition('"')[0]
    assert client.get(path).text.count("Agreed by silence") == 2


def test_expiry_is_recorded_once_after_the_server_was_down(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        keys = [_running(cast), _running(cast)]
    with clock.set_to(UNTIL + timedelta(days=3)):
        assert (worker.look(app), worker.look(app)) == (2, 0)
    with app.app_context():
        assert [_state(key) for key in keys] == ["agreed", "agreed"]
        assert _events().count("expire_silence") == 2


@pytest.mark.parametrize("before", [TICK, timedelta(seconds=1), timedelta(hours=20)])
def test_objection_strictly_before_the_instant_breaks(app: Flask, before: timedelta) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        with clock.set_to(UNTIL - before):
            deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.OBJECT, "No date is named.")
        with clock.set_to(UNTIL):
            assert silence.expire_due() == 0
        assert (_state(key), _outcomes()) == ("proposed", ["broken"])
        assert _events()[-2:] == ["take_position", "break_silence"]


@pytest.mark.parametrize("after", [timedelta(0), TICK, timedelta(milliseconds=999)])
def test_act_at_the_instant_or_in_its_second_is_too_late(app: Flask, after: timedelta) -> None:
    """The record may follow later: what came too late stays too late."""
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        lead, other = cast["astana-lead"], cast["washington-lead"]
        late: list[Callable[[], object]] = [
            lambda: deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.OBJECT, "Too vague."),
            lambda: deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.APPROVE),
            lambda: deliberation.request_changes(lead, key, 1, "Name a date."),
            lambda: deliberation.decline(lead, key, 1, "No."),
            lambda: deliberation.agree_to_version(lead, key, 1),
            lambda: recommendations.withdraw(other, key, 1, "Overtaken."),
            lambda: recommendations.recall(other, key, 1, "Overtaken."),
            lambda: silence.extend_silence(lead, key, 1, UNTIL + timedelta(days=7)),
            lambda: silence.refuse_silence(lead, key, 1),
            lambda: silence.propose_silence(lead, key, 1, UNTIL + timedelta(days=7)),
        ]
        with clock.set_to(UNTIL + after):
            for act in late:
                with pytest.raises(Unmet) as refused:
                    act()
                assert unmet_codes(refused) == ["silence_over"]
            assert silence.expire_due() == 1
        assert _state(key) == "agreed"


def test_second_objection_of_the_same_second_is_an_objection_like_any(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        for number, at in ((1, UNTIL - 2 * TICK), (2, UNTIL - TICK)):
            with clock.set_to(at):
                deliberation.take_position(
                    cast[f"astana-expert-{number}"], key, 1, Stand.OBJECT, "Too vague."
                )
        assert (_outcomes(), _events().count("break_silence")) == (["broken"], 1)
        assert _events().count("take_position") == 2


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (
            lambda cast, key: deliberation.request_changes(cast["astana-expert-1"], key, 1, "Why?"),
            "changes_requested",
        ),
        (lambda cast, key: deliberation.decline(cast["astana-lead"], key, 1, "No."), "declined"),
        (lambda cast, key: recommendations.withdraw(cast["washington-lead"], key, 1, "Later."), "withdrawn"),
        (
            lambda cast, key: deliberation.record_position(
                cast["astana-lead"],
                key,
                1,
                cast["astana-expert-1"].person_id,
                Stand.OBJECT,
                "by telephone",
                "No date.",
            ),
            "proposed",
        ),
    ],
)
def test_what_takes_the_text_away_breaks(app: Flask, act: Callable[[Cast, str], object], state: str) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        with clock.set_to(UNTIL - TICK):
            act(cast, key)
        assert (_state(key), _outcomes()) == (state, ["broken"])


def test_text_is_frozen_while_silence_runs(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        with clock.set_to(NOW + timedelta(hours=1)):
            for name in ("astana-lead", "astana-expert-1"):
                deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
            with pytest.raises(Unmet) as recalled:
                recommendations.recall(cast["washington-lead"], key, 1, "Wait.")
            with pytest.raises(Unmet) as agreed:
                deliberation.agree_to_version(cast["astana-lead"], key, 1)
            with pytest.raises(Unmet) as amended:
                recommendations.settle_bracket(cast["washington-lead"], key, 1, 0, "now")
        assert unmet_codes(recalled) == unmet_codes(agreed) == ["silence_running"]
        assert "silence_running" in unmet_codes(amended)


def test_recusal_of_the_last_voter_breaks(app: Flask) -> None:
    """Silence is nobody's consent where nobody is left who could speak."""
    with app.app_context():
        cast = make_task_force()
        key = _running(cast)
        with clock.set_to(NOW + timedelta(hours=1)):
            for name in ("astana-lead", "astana-expert-1", "astana-expert-2"):
                assert _outcomes() == [None]
                deliberation.take_position(cast[name], key, 1, Stand.RECUSE)
        assert _outcomes() == ["broken"]


def test_extension_counts_when_every_lead_has_consented(app: Flask) -> None:
    later = UNTIL + timedelta(days=1)
    with app.app_context():
        cast = make_task_force()
        asked, granted = _running(cast), _running(cast)
        with clock.set_to(UNTIL - TICK):
            for key in (asked, granted):
                silence.extend_silence(cast["washington-lead"], key, 1, later)
            silence.extend_silence(cast["astana-lead"], granted, 1, later)
        with clock.set_to(UNTIL):
            assert silence.expire_due() == 1
        assert (_state(asked), _state(granted)) == ("agreed", "proposed")
        with clock.set_to(later - TICK):
            assert silence.expire_due() == 0
        with clock.set_to(later):
            assert silence.expire_due() == 1
        assert _state(granted) == "agreed"


def test_silence_is_refused_before_it_runs_and_lapses_with_its_text(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        with clock.set_to(NOW):
            key = _proposed(cast)
            silence.propose_silence(cast["astana-lead"], key, 1, UNTIL)
            silence.refuse_silence(cast["washington-lead"], key, 1, "Too short.")
            silence.propose_silence(cast["astana-lead"], key, 1, UNTIL)
            recommendations.recall(cast["washington-lead"], key, 1, "A new version is coming.")
        assert (_state(key), _outcomes()) == ("changes_requested", ["refused", "withdrawn"])
        assert "break_silence" not in _events()


def test_proposal_that_not_every_lead_accepted_lapses_at_its_instant_and_another_can_be_made(
    app: Flask,
) -> None:
    with app.app_context():
        cast = make_task_force()
        with clock.set_to(NOW):
            key = _proposed(cast)
            silence.propose_silence(cast["astana-lead"], key, 1, UNTIL)
        waiting = select(Wait.task).where(Wait.person_id == cast["washington-lead"].person_id)
        assert db.session.scalars(waiting).all() == ["consent"]
        with clock.set_to(UNTIL - TICK):
            assert silence.expire_due() == 0
    with clock.set_to(UNTIL + timedelta(days=2)):
        with app.app_context(), pytest.raises(Unmet) as refused:
            silence.accept_silence(cast["washington-lead"], key, 1, UNTIL)
        assert unmet_codes(refused) == ["instant_passed"]
        assert (worker.look(app), worker.look(app)) == (1, 0)
        with app.app_context():
            assert (_state(key), _outcomes(), _events()[-1]) == ("proposed", ["withdrawn"], "lapse_silence")
            assert db.session.scalars(waiting).all() == []
            assert db.session.scalars(select(SilenceRow.ended_by)).one() is None
            silence.propose_silence(cast["astana-lead"], key, 1, UNTIL + timedelta(days=5))


def test_lead_consents_to_the_instant_that_they_read(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        with clock.set_to(NOW):
            key = _proposed(cast)
            silence.propose_silence(cast["washington-lead"], key, 1, UNTIL)
            for until in (UNTIL + timedelta(hours=1), None):
                with pytest.raises(Unmet) as refused:
                    silence.accept_silence(cast["astana-lead"], key, 1, until)
                assert unmet_codes(refused) == ["another_instant"]
        with clock.set_to(UNTIL), pytest.raises(Unmet) as refused:
            silence.accept_silence(cast["astana-lead"], key, 1, UNTIL)
        assert unmet_codes(refused) == ["instant_passed"]


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (NOW, "instant_passed"),
        (NOW - timedelta(days=1), "instant_passed"),
        (None, "instant_missing"),
        (NOW + timedelta(hours=2), "no_working_day"),
        # Saturday in both capitals; the working day after NOW in Astana's calendar has begun though.
        (UNTIL + TICK, "no_such_instant"),
        (NOW + timedelta(days=61), "no_such_instant"),
    ],
)
def test_instant_leaves_every_capital_a_working_day(app: Flask, until: datetime | None, code: str) -> None:
    with app.app_context():
        cast = make_task_force()
        with clock.set_to(NOW):
            key = _proposed(cast)
            with pytest.raises((Unmet, InvalidInput)) as refused:
                silence.propose_silence(cast["washington-lead"], key, 1, until)
        found = refused.value
        assert [code] == (unmet_codes(refused) if isinstance(found, Unmet) else [found.details["problem"]])
        assert _outcomes() == []


def test_silence_is_for_leads_on_the_head_of_a_proposed_text(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        with clock.set_to(NOW):
            key = _proposed(cast)
            with pytest.raises(NotPermitted):
                silence.propose_silence(cast["astana-expert-1"], key, 1, UNTIL)
            with pytest.raises(StaleVersion):
                silence.propose_silence(cast["astana-lead"], key, 2, UNTIL)
            deliberation.take_position(cast["astana-expert-1"], key, 1, Stand.OBJECT, "No date.")
            with pytest.raises(Unmet) as refused:
                silence.propose_silence(cast["astana-lead"], key, 1, UNTIL)
            assert unmet_codes(refused) == ["objection_open"]
            deliberation.request_changes(cast["astana-lead"], key, 1, "Name a date.")
            with pytest.raises(WrongState):
                silence.propose_silence(cast["astana-lead"], key, 1, UNTIL)


def test_silence_of_three_groups_waits_for_the_third(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force(groups=3)
        with clock.set_to(NOW):
            key = _proposed(cast)
            silence.propose_silence(cast["vienna-lead"], key, 1, UNTIL)
            silence.accept_silence(cast["astana-lead"], key, 1, UNTIL)
            started = select(SilenceRow.started_at)
            assert db.session.scalars(started).one() is None
            silence.accept_silence(cast["washington-lead"], key, 1, UNTIL)
            assert db.session.scalars(started).one() == NOW
        with clock.set_to(UNTIL):
            silence.expire_due()
        assert _state(key) == "agreed"
        people = set(db.session.scalars(select(AgreementRow.person_id)))
        assert people == {cast["vienna-lead"].person_id, cast["astana-lead"].person_id}


def _at_once(app: Flask, *acts: tuple[datetime, Callable[[], object]]) -> list[str]:
    """Each act in a thread of its own, each at its instant, all started together."""
    start = threading.Barrier(len(acts))
    ended: list[str] = []

    def run(at: datetime, act: Callable[[], object]) -> None:
        with app.app_context(), clock.set_to(at):
            start.wait()
            try:
                ended.append("nothing" if act() is None else "done")
            except Refusal as refusal:
                reasons = refusal.details.get("reasons")
                ended.append(reasons[0].code if isinstance(reasons, tuple) else refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ended)


def test_two_breakers_at_once_break_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for _ in range(15):
            key = _running(cast)
            objections = [
                (
                    UNTIL - TICK,
                    lambda key=key, name=name: deliberation.take_position(
                        cast[name], key, 1, Stand.OBJECT, "Too vague."
                    ),
                )
                for name in ("astana-expert-1", "astana-expert-2")
            ]
            assert _at_once(app, *objections) == ["done", "done"]
            assert _state(key) == "proposed"
        assert (_outcomes(), _events().count("break_silence")) == (["broken"] * 15, 15)


def test_expiry_and_a_break_at_once_never_both_happen(app: Flask) -> None:
    """An act counts at the instant at which it holds the text."""
    with app.app_context():
        cast = make_task_force()
        task_force = cast.task_force_id
        ends: Counter[tuple[str, str | None]] = Counter()
        for _ in range(25):
            key = _running(cast)
            said = _at_once(
                app,
                (UNTIL, lambda key=key: silence.expire_silence(task_force, key)),
                (
                    UNTIL - TICK,
                    lambda key=key: deliberation.take_position(
                        cast["astana-expert-1"], key, 1, Stand.OBJECT, "Too vague."
                    ),
                ),
                (
                    UNTIL,
                    lambda key=key: deliberation.take_position(
                        cast["astana-expert-2"], key, 1, Stand.OBJECT, "Too vague."
                    ),
                ),
            )
            outcome = _outcomes()[-1]
            ends[_state(key), outcome] += 1
            assert said.count("silence_over") + said.count("wrong_state") + said.count("done") >= 2, said
        assert set(ends) <= {("agreed", "adopted"), ("proposed", "broken")}, ends


def test_two_workers_record_an_expiry_once(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for _ in range(15):
            key = _running(cast)
            expire = (UNTIL, lambda key=key: silence.expire_silence(cast.task_force_id, key))
            assert _at_once(app, expire, expire) in (["done", "nothing"], ["concurrent_change", "done"])
        assert _events().count("expire_silence") == 15


def test_task_force_whose_chain_is_taken_holds_up_no_other(app: Flask) -> None:
    with app.app_context():
        casts = [make_task_force(slug) for slug in ("first", "second")]
        keys = [_running(cast) for cast in casts]
        taken = ChainHead.task_force_id == casts[0].task_force_id
        # As if somebody had written the next event and had not yet moved the head.
        db.session.execute(update(ChainHead).where(taken).values(sequence=ChainHead.sequence - 1))
        db.session.commit()
        with clock.set_to(UNTIL):
            assert silence.expire_due() == 1
        assert [_state(key) for key in keys] == ["proposed", "agreed"]
        db.session.execute(update(ChainHead).where(taken).values(sequence=ChainHead.sequence + 1))
        db.session.commit()
        with clock.set_to(UNTIL):
            assert silence.expire_due() == 1
        assert [_state(key) for key in keys] == ["agreed", "agreed"]


def test_two_proposals_at_once_leave_one(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        for _ in range(10):
            with clock.set_to(NOW):
                key = _proposed(cast)
            propose = [
                (NOW, lambda key=key, name=name: silence.propose_silence(cast[name], key, 1, UNTIL))
                for name in ("astana-lead", "washington-lead")
            ]
            assert _at_once(app, *propose) == ["done", "silence_open"]

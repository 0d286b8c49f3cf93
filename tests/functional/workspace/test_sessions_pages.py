"""Sessions: where somebody is signed in, ending them, their limits, and verifying again before what binds."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.domain.sessions import FRESH_FOR, LONGEST, LONGEST_IDLE, NEEDS_FRESH, NOTED_EVERY
from reviewflow.domain.throttling import PATIENCE, Counted
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.sessions import SessionRow
from reviewflow.services import deliberation, packages
from reviewflow.web.doors import asked_of
from reviewflow.web.workspace.awaited import NAMED
from tests.factories.task_forces import PASSWORD
from tests.support import scenes
from tests.support.desk import BEGIN, Stage
from tests.support.visitors import Visitor, input_value

TICK = timedelta(seconds=1)
NEW = "seven small green umbrellas"
FIREFOX = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"}


def at_home(client: FlaskClient) -> bool:
    """Whether this browser is signed in."""
    return client.get("/desk/uskz/").status_code == 200


def carry_on(page: str) -> dict[str, str]:
    """The hidden fields of a page's form, as a browser sends them again."""
    names = re.findall(r'<input type="hidden" name="([^"]+)"', page)
    return {name: input_value(page, name) or "" for name in names}


def test_sessions_are_listed_and_ended_one_by_one(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        here, other, foreign = (stage.sign_in(n) for n in ("astana-lead", "astana-lead", "coordinator"))
        client = app.test_client()
        form = {"email": stage.cast.emails["astana-lead"], "password": PASSWORD}
        form["csrf_token"] = input_value(client.get("/desk/sign-in").text, "csrf_token") or ""
        client.post("/desk/sign-in", data=form, headers=FIREFOX)
        mine = Visitor(here, "uskz")
        page = mine.get("/desk/account/").text
        assert (page.count("Sign it out"), page.count("this one"), "Firefox, Windows" in page) == (2, 1, True)
        with app.app_context():
            ids = dict(db.session.execute(select(SessionRow.id, SessionRow.person_id)).all())
        theirs = next(i for i, person in ids.items() if person == stage.cast["coordinator"].person_id)
        for number in (theirs, 999, min(i for i in ids if f"/{i}/end" in page)):
            assert mine.post(f"/desk/account/sessions/{number}/end").status_code == 302
        assert [at_home(c) for c in (here, other, client, foreign)] == [True, False, True, True]


def test_signing_out_everywhere_ends_every_session_of_one_person(stage: Stage) -> None:
    with clock.set_to(BEGIN):
        here, other, foreign = (stage.sign_in(n) for n in ("astana-lead", "astana-lead", "coordinator"))
        answer = Visitor(here, "uskz").post("/desk/account/sessions/end", {"csrf_token": "none"})
        assert (answer.status_code, at_home(other)) == (400, True)
        mine = Visitor(here, "uskz")
        mine.get("/desk/account/")
        assert mine.post("/desk/account/sessions/end").location == "/desk/sign-in"
        assert [at_home(client) for client in (here, other, foreign)] == [False, False, True]


def test_cookie_is_worth_nothing_after_signing_out(app: Flask, stage: Stage) -> None:
    with clock.set_to(BEGIN):
        mine = Visitor(stage.sign_in("astana-lead"), "uskz")
        mine.get("/desk/account/")
        kept = mine.client.get_cookie("reviewflow")
        thief = app.test_client()
        assert kept is not None
        thief.set_cookie("reviewflow", kept.value)
        assert at_home(thief)
        mine.post("/desk/sign-out")
        assert not at_home(thief)


def test_session_ends_by_its_limits_and_use_extends_one_of_them(stage: Stage) -> None:
    with clock.set_to(BEGIN):
        idle, busy = stage.sign_in("astana-lead"), stage.sign_in("astana-lead")
    used = BEGIN
    while used + LONGEST_IDLE < BEGIN + LONGEST:
        used += LONGEST_IDLE
        with clock.set_to(used):
            assert at_home(busy)
    with clock.set_to(BEGIN + LONGEST_IDLE + TICK):
        assert not at_home(idle)
    with clock.set_to(BEGIN + LONGEST):
        assert at_home(busy)
    with clock.set_to(BEGIN + LONGEST + TICK):
        assert not at_home(busy)


def test_use_is_written_down_once_an_hour(stage: Stage) -> None:
    with clock.set_to(BEGIN):
        client = stage.sign_in("astana-lead")
    counts = []
    for hours in (1, 1, 2):
        with clock.set_to(BEGIN + hours * (NOTED_EVERY + TICK)), stage.counted() as statements:
            client.get("/desk/uskz/")
        counts.append(sum(s.startswith("UPDATE sessions") for s in statements))
    assert counts == [1, 0, 1]


def test_account_is_open_to_its_owner_only(app: Flask, stage: Stage) -> None:
    anyone = app.test_client()
    for path in ("", "password"):
        assert "/desk/sign-in" in anyone.get(f"/desk/account/{path}").location
    visitor = Visitor(anyone, "uskz")
    for path in ("password", "sessions/end", "sessions/1/end"):
        assert visitor.post(f"/desk/account/{path}", {"proof": PASSWORD}).status_code == 401


def test_agreeing_asks_for_the_password_again_and_goes_on(app: Flask, stage: Stage) -> None:
    key = scenes.proposed(stage)
    for number in (1, 2):
        name = stage.cast[f"astana-expert-{number}"]
        stage.at(2, deliberation.take_position, name, key, 1, Stand.APPROVE, "")
    with clock.set_to(BEGIN + timedelta(hours=3)):
        lead = Visitor(stage.sign_in("astana-lead"), "uskz")
    path = f"/desk/uskz/recommendations/{key}/acts/agree"
    with clock.set_to(BEGIN + timedelta(hours=3) + FRESH_FOR + TICK):
        lead.get(path)
        asked = lead.post(path, {"version": "1", "words": "Typed,\n<twice>"})
        assert (asked.status_code, "Is it you?" in asked.text) == (401, True)
        words = "What waits Agree to version 1 for the Astana group About USKZ.DR/1/09: A public timetable"
        assert words in scenes.plain(asked.text)
        for junk in ("7", "0", "x"):
            stale = lead.post(path, {"version": junk})
            assert (stale.status_code, "This page does not fit the text" in stale.text) == (409, True)
        form = carry_on(asked.text)
        assert (form["version"], form["words"]) == ("1", "Typed,\n<twice>")
        wrong = lead.client.post(path, data={**form, "proof": "wrong"})
        assert (wrong.status_code, "This is not your password" in wrong.text) == (422, True)
        with app.app_context():
            assert "agree" not in db.session.scalars(select(EventRow.name)).all()
        done = lead.client.post(path, data={**carry_on(wrong.text), "proof": PASSWORD})
        assert (done.status_code, done.location) == (302, f"/desk/uskz/recommendations/{key}")
        with app.app_context():
            assert "agree" in db.session.scalars(select(EventRow.name)).all()


def test_giving_somebody_else_the_power_to_agree_asks_who_it_is(app: Flask, stage: Stage) -> None:
    group, heir = stage.cast["astana-lead"].group_id, stage.cast["astana-expert-1"].person_id
    with clock.set_to(BEGIN):
        lead = Visitor(stage.sign_in("astana-lead"), "uskz")
    with clock.set_to(BEGIN + FRESH_FOR + TICK):
        lead.get("/desk/account/")
        sent, told = {"email": "nina@example.org", "seat": f"lead:{group}"}, []
        for path, data in (
            ("people/invitations", sent),
            (f"people/{heir}/role", {"role": "lead"}),
            (f"people/{heir}/lead", {}),
            ("people/stand-in", {"stand_in": heir}),
        ):
            asked = lead.post(path, data)
            waits = scenes.plain(asked.text).partition("What waits ")[2].partition(" It is more")[0]
            told.append((asked.status_code, waits))
        assert told == [
            (401, "Invite nina@example.org About Lead, Astana"),
            (401, "Give another role: Lead About Astana Expert 1"),
            (401, "Hand the lead over About Astana Expert 1"),
            (401, "Name a stand-in About Astana Expert 1"),
        ]
        with app.app_context():
            events = set(db.session.scalars(select(EventRow.name)))
        assert not events & {"member_invited", "role_changed", "lead_handed_over"}
        asked = lead.post("people/invitations", sent)
        done = lead.client.post(
            "/desk/uskz/people/invitations", data={**carry_on(asked.text), "proof": PASSWORD}
        )
        assert (done.status_code, "nina@example.org" in done.text) == (200, True)


def test_being_asked_says_nothing_of_what_exists(stage: Stage) -> None:
    hidden = scenes.drafted(stage)
    slugs = ("approve", "publish", "schedule", "retract")
    acts = [f"recommendations/x/acts/{act}" for act in slugs]
    addresses = [path.replace("x", key) for key in ("none", hidden) for path in (*acts, "packages/x/agree")]
    for hours, address in enumerate(addresses):
        with clock.set_to(BEGIN + timedelta(hours=hours)):
            lead = Visitor(stage.sign_in("coordinator"), "uskz")
        with clock.set_to(BEGIN + timedelta(hours=hours) + FRESH_FOR + TICK):
            lead.get("/desk/account/")
            asked = lead.post(address, {"version": "1"})
            assert (asked.status_code, "WWW-Authenticate" in asked.headers) == (401, True)
            assert "What waits" not in asked.text
            assert lead.post(address, {"version": "1", "proof": PASSWORD}).status_code == 404


def test_package_that_waits_is_named_with_its_texts(stage: Stage) -> None:
    keys = [scenes.proposed(stage), scenes.proposed(stage, title="A second text")]
    package = stage.at(5, packages.tie, stage.cast["astana-lead"], "Media and elections", keys)
    with clock.set_to(BEGIN + timedelta(hours=6)):
        lead = Visitor(stage.sign_in("astana-lead"), "uskz")
    with clock.set_to(BEGIN + timedelta(hours=6) + FRESH_FOR + TICK):
        lead.get(f"packages/{package}")
        asked = scenes.plain(lead.post(f"packages/{package}/agree", {"seal": "x"}).text)
    assert "Agree to the package for the Astana group" in asked
    assert "Media and elections (USKZ.DR/1/09; USKZ.DR/2/09)" in asked


def test_whatever_is_asked_about_on_its_way_in_is_named(app: Flask) -> None:
    asked = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and "POST" in (rule.methods or ())
        if asked_of(app, rule.endpoint) in NEEDS_FRESH
    }
    assert asked == {f"desk.{name}" for name in NAMED}


def test_guessing_at_the_question_is_slowed_down_too(stage: Stage) -> None:
    with clock.set_to(BEGIN):
        lead = Visitor(stage.sign_in("astana-lead"), "uskz")
    with clock.set_to(BEGIN + FRESH_FOR + TICK):
        lead.get("/desk/account/")
        path = "recommendations/none/acts/agree"
        answers = [lead.post(path, {"proof": "wrong"}) for _ in range(PATIENCE[Counted.BROWSER].free + 2)]
        assert [a.status_code for a in answers] == [422] * (len(answers) - 1) + [429]
        assert answers[-1].headers["Retry-After"] == "1"
        assert lead.post(path, {"proof": PASSWORD}).status_code == 429


def test_changing_the_password_signs_other_browsers_out(app: Flask, stage: Stage) -> None:
    email = stage.cast.emails["astana-lead"]
    with clock.set_to(BEGIN):
        here, other = stage.sign_in("astana-lead"), stage.sign_in("astana-lead")
        mine = Visitor(here, "uskz")
    with clock.set_to(BEGIN + FRESH_FOR + TICK):
        mine.get("/desk/account/")
        for asked in (
            mine.get("/desk/account/password"),
            mine.post("/desk/account/password", {"new_password": NEW}),
        ):
            assert (asked.status_code, NEW in asked.text, at_home(other)) == (401, False, True)
        form = mine.post("/desk/account/password", {"proof": PASSWORD})
        assert (form.status_code, 'name="new_password"' in form.text) == (200, True)
        for refused in ("", "short", "Astana Lead Astana"):
            answer = mine.post("/desk/account/password", {"new_password": refused})
            assert (answer.status_code, "Please check" in answer.text) == (422, True)
        assert at_home(other)
        done = mine.post("/desk/account/password", {"new_password": NEW})
        assert (done.location, at_home(here), at_home(other)) == ("/desk/account/", True, False)
        answers = []
        for password in (PASSWORD, NEW):
            client = app.test_client()
            token = input_value(client.get("/desk/sign-in").text, "csrf_token")
            form = {"email": email, "password": password, "csrf_token": token}
            answers.append(client.post("/desk/sign-in", data=form).status_code)
        assert answers == [422, 302]


def test_account_page_takes_a_known_number_of_statements(stage: Stage) -> None:
    client = stage.sign_in("astana-lead")
    counts = []
    for _ in range(2):
        with stage.counted() as statements:
            assert client.get("/desk/account/").status_code == 200
        counts.append(len(statements))
        for _ in range(3):
            stage.sign_in("astana-lead")
    assert counts == [6, 6]

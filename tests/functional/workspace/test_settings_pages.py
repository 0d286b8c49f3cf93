"""Settings of a task force: who may change them, what is told of it, and the choice among task forces."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.actors import Role
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.queries import integrity
from reviewflow.services import memberships
from tests.support.desk import Stage
from tests.support.scenes import plain, proposed, published
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]

ASTANA = {
    "name": "Astana working group",
    "short_name": "Astana",
    "letter": "A",
    "city": "Astana",
    "time_zone": "Asia/Almaty",
    "language": "en",
    "holiday_country": "KZ",
}
VIENNA = {**ASTANA, "slug": "vienna", "name": "Vienna working group", "short_name": "Vienna", "letter": "V",
          "city": "Vienna", "time_zone": "Europe/Vienna", "holiday_country": "AT"}  # fmt: skip


def _told(app: Flask, name: str) -> list[object]:
    with app.app_context():
        rows = db.session.scalars(select(EventRow.data).where(EventRow.name == name).order_by(EventRow.id))
        return [json.loads(row) for row in rows]


def test_an_administrator_changes_what_is_said_and_every_change_is_told(
    app: Flask, stage: Stage, visit: Visit
) -> None:
    admin = visit("administrator")
    page = admin.get("settings/").text
    assert "Settings of Task force uskz" in plain(page)
    said = {"name": "Task force uskz", "description": "Two groups.", "disclaimer": "", "notice": "New."}
    for _ in range(2):
        assert admin.post("settings/", said).status_code == 302
    assert _told(app, "settings_changed") == [
        {
            "now": {"description": "Two groups.", "notice": "New."},
            "was": {"description": "", "notice": "Invented for a test."},
        }
    ]
    page = plain(admin.get("settings/").text)
    assert "Administrator changed what is said of the task force (description, notice)." in page
    refused = admin.post("settings/", {**said, "name": "", "notice": "Typed."})
    assert (refused.status_code, "Typed." in refused.text, "Name: please" in refused.text) == (
        422,
        True,
        True,
    )
    assert "Two groups." in app.test_client().get("/").text


def test_what_was_published_keeps_what_was_said_then(stage: Stage, visit: Visit) -> None:
    admin, key = visit("administrator"), published(stage)
    said = {"name": "Task force uskz", "description": "", "disclaimer": "Another one.", "notice": ""}
    assert admin.post("settings/", said).status_code == 302
    page = visit("coordinator").get(f"recommendations/{key}").text
    assert page
    public = stage.app.test_client().get("/symbols/USKZ.REC/1/09", follow_redirects=True).text
    assert ("Another one." in public, "Invented for a test." in public) == (False, True)


def test_an_administrator_changes_a_group_and_adds_one(app: Flask, stage: Stage, visit: Visit) -> None:
    admin = visit("administrator")
    assert 'value="Astana"' in admin.get("settings/groups/astana").text
    for _ in range(2):
        changed = {**ASTANA, "city": "Nur-Sultan", "slug": "moved"}
        assert admin.post("settings/groups/astana", changed).status_code == 302
    assert _told(app, "group_changed") == [
        {"group": "astana", "now": {"city": "Nur-Sultan"}, "was": {"city": "Astana"}}
    ]
    refused = admin.post("settings/groups/astana", {**ASTANA, "holiday_country": "kz", "city": "Typed"})
    assert (refused.status_code, 'value="Typed"' in refused.text) == (422, True)
    assert admin.post("settings/groups/nowhere", ASTANA).status_code == 404
    admin.get("settings/groups/new")
    assert admin.post("settings/groups/new", {**VIENNA, "slug": "astana"}).status_code == 422
    assert admin.post("settings/groups/new", VIENNA).status_code == 302
    page = plain(admin.get("settings/").text)
    assert ("Vienna working group" in page, "added the Vienna group" in page) == (True, True)
    with app.app_context():
        assert [check.broken_at for check in integrity.check_chains()] == [None]


def test_the_chatham_house_rule_is_adopted_for_good(app: Flask, stage: Stage, visit: Visit) -> None:
    admin = visit("administrator")
    admin.get("settings/")
    asked = admin.post("settings/chatham-house")
    assert (asked.status_code, "has no way back" in asked.text) == (422, True)
    assert _told(app, "chatham_house_adopted") == []
    for _ in range(2):
        assert admin.post("settings/chatham-house", {"known": "1"}).status_code == 302
    assert _told(app, "chatham_house_adopted") == [{}]
    assert "Adopt the Chatham House Rule" not in admin.get("settings/").text


@pytest.mark.parametrize("name", ["astana-lead", "coordinator"])
def test_settings_are_the_administrators(app: Flask, visit: Visit, name: str) -> None:
    visitor = visit(name)
    assert "settings/" not in visitor.get("people").text
    for path in ("settings/", "settings/groups/new", "settings/groups/astana"):
        assert visitor.get(path).status_code == 403
        assert visitor.post(path, VIENNA).status_code == 403
    assert visitor.post("settings/chatham-house").status_code == 403
    assert _told(app, "settings_changed") + _told(app, "group_created") == []


def test_who_sits_in_several_task_forces_chooses_one(app: Flask, stage: Stage, visit: Visit) -> None:
    other, person = Stage(app, slug="other"), stage.cast["astana-expert-1"]
    visitor = visit("astana-expert-1")
    assert visitor.get("/desk/").location == "/desk/uskz/"
    assert "Your other task forces" not in visitor.get("").text
    with app.app_context():
        secret = memberships.invite(
            other.cast["administrator"], stage.cast.emails["astana-expert-1"], Role.COORDINATOR
        )
        memberships.accept_invitation(person.person_id, secret)
    page = visitor.get("/desk/")
    assert page.status_code == 200
    assert "Task force other Coordinator Task force uskz Expert, Astana" in plain(page.text)
    assert "Your other task forces" in visitor.get("").text
    # What waits, is listed and found in one is nothing of the other's.
    proposed(other, title="Foreign")
    assert "Foreign" not in visitor.get("recommendations").text
    assert "Foreign" in visitor.get("/desk/other/recommendations").text


def test_the_page_of_settings_asks_a_known_number_of_statements(stage: Stage, visit: Visit) -> None:
    admin = visit("administrator")
    with stage.counted() as statements:
        assert admin.get("settings/").status_code == 200
    assert len(statements) == 6, statements

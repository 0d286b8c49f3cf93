"""Setting up a task force: groups, people, seats, and who may give them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from reviewflow.domain.actors import Role
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted
from reviewflow.domain.memberships import AlreadyMember
from reviewflow.domain.text import UnacceptableText
from reviewflow.gateways.clock import now
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import Membership, Person, WorkingGroup
from reviewflow.persistence.models.audit import EventRow
from reviewflow.queries import accounts as people
from reviewflow.queries import integrity
from reviewflow.queries.memberships import GroupProfile
from reviewflow.services import accounts
from reviewflow.services.accounts import PersonProfile
from tests.factories.task_forces import Cast, make_task_force

VIENNA = GroupProfile("vienna", "Vienna working group", "Vienna", "V", "Vienna", "Europe/Vienna", "en", "AT")
ANNA = PersonProfile("Anna.Gruber@Example.org ", "Anna  Gruber", "An institute", "Europe/Vienna")


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    with app.app_context():
        yield make_task_force()


def problem(caught: pytest.ExceptionInfo[InvalidInput]) -> tuple[object, object]:
    return caught.value.details["field"], caught.value.details["problem"]


def test_a_task_force_is_set_up_from_nothing(app: Flask):
    with app.app_context():
        assert not people.has_task_force()
        task_force = accounts.create_task_force("alps", "Alpine task force", "ALPS", notice="Invented.")
        group = accounts.create_group(None, task_force, VIENNA)
        person = accounts.create_person(ANNA, "seven small green umbrellas")
        accounts.add_member(task_force, person, Role.LEAD, group)
        assert people.has_task_force()
        found = people.credentials("anna.gruber@example.org")
        assert found is not None
        member = people.member(found[0])
        assert member is not None
        assert (member.name, [(s.slug, s.role, s.group_id) for s in member.seats]) == (
            "Anna Gruber",
            [("alps", Role.LEAD, group)],
        )
        told = db.session.execute(select(EventRow.name, EventRow.data).order_by(EventRow.sequence)).all()
        assert [(name, json.loads(data)) for name, data in told] == [
            ("task_force_created", {"slug": "alps"}),
            ("group_created", {"group": "vienna"}),
            ("member_joined", {"person": person, "role": "lead", "group": "vienna"}),
        ]
        assert [check.broken_at for check in integrity.check_chains()] == [None]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("Ü", "Name", "NAME"), ("slug", "malformed")),
        (("a" * 41, "Name", "NAME"), ("slug", "too_long")),
        (("name", "Name", "name"), ("symbol_prefix", "malformed")),
        (("uskz", "Name", "NAME"), ("slug", "taken")),
        (("name", "Name", "USKZ"), ("symbol_prefix", "taken")),
        (("name", " ", "NAME"), ("name", "missing")),
        (("name", "n" * 201, "NAME"), ("name", "too_long")),
        (("name", "Name", "NAME", "n" * 501), ("notice", "too_long")),
    ],
)
def test_create_task_force_refuses_what_it_cannot_keep(
    cast: Cast, arguments: tuple[str, ...], expected: tuple[str, str]
):
    slug, name, prefix, *notice = arguments
    with pytest.raises(InvalidInput) as caught:
        accounts.create_task_force(slug, name, prefix, notice=notice[0] if notice else "")
    assert problem(caught) == expected


def test_no_task_force_has_the_address_of_another_page_of_the_desk(app: Flask, cast: Cast):
    pages = {rule.rule.split("/")[2] for rule in app.url_map.iter_rules() if rule.rule.startswith("/desk/")}
    assert pages > {"account", "forgotten", "sign-in"}
    for slug in pages - {"", "<task_force>"}:
        with pytest.raises(InvalidInput) as caught:
            accounts.create_task_force(slug, "Name", "NAME")
        assert problem(caught) == ("slug", "taken")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"slug": "astana"}, ("slug", "taken")),
        ({"time_zone": "Mars/Base"}, ("time_zone", "unknown_value")),
        ({"language": "kz"}, ("language", "unknown_value")),
        ({"letter": "VIE"}, ("letter", "too_long")),
    ],
)
def test_create_group_refuses_what_it_cannot_keep(
    cast: Cast, changes: dict[str, str], expected: tuple[str, str]
):
    with pytest.raises(InvalidInput) as caught:
        accounts.create_group(cast["administrator"], cast.task_force_id, replace(VIENNA, **changes))
    assert problem(caught) == expected


def test_create_group_follows_in_order_and_needs_a_task_force(cast: Cast):
    group = accounts.create_group(cast["administrator"], cast.task_force_id, VIENNA)
    assert db.session.scalar(select(WorkingGroup.ordinal).where(WorkingGroup.id == group)) == 3
    with pytest.raises(NotFound):
        accounts.create_group(None, 999, VIENNA)


@pytest.mark.parametrize(
    ("changes", "password", "expected"),
    [
        ({}, "short", ("password", "too_short")),
        ({}, "anna.gruber@example.org", ("password", "too_easy")),
        ({"email": "no address"}, "seven small green umbrellas", ("email", "malformed")),
        ({"email": "ASTANA-lead@uskz.example.org"}, "seven small green umbrellas", ("email", "taken")),
        ({"name": ""}, "seven small green umbrellas", ("name", "missing")),
        ({"language": "de"}, "seven small green umbrellas", ("language", "unknown_value")),
    ],
)
def test_create_person_refuses_what_it_cannot_keep(
    cast: Cast, changes: dict[str, str], password: str, expected: tuple[str, str]
):
    with pytest.raises(InvalidInput) as caught:
        accounts.create_person(replace(ANNA, **changes), password)
    assert problem(caught) == expected


def test_create_people_keeps_all_or_nobody(cast: Cast):
    before = len(db.session.scalars(select(Person.id)).all())
    with pytest.raises(UnacceptableText):
        accounts.create_people([ANNA, PersonProfile("b@example.org", "B\x00")], "seven small green umbrellas")
    assert len(db.session.scalars(select(Person.id)).all()) == before


def test_nobody_sits_in_two_groups_nor_a_coordinator_in_one(cast: Cast):
    task_force, astana = cast.task_force_id, cast["astana-lead"].group_id
    for name in ("washington-expert-1", "coordinator", "administrator"):
        with pytest.raises(AlreadyMember) as caught:
            accounts.add_member(task_force, cast[name].person_id, Role.EXPERT, astana)
        assert dict(caught.value.details) == {"role": cast[name].role, "group": cast[name].group_id}
    with pytest.raises(AlreadyMember):
        accounts.add_member(task_force, cast["astana-lead"].person_id, Role.COORDINATOR)
    # The database says the same to who goes around the services.
    row = {"task_force_id": task_force, "role": "expert", "group_id": astana, "joined_at": now()}
    with pytest.raises(DBAPIError):
        db.session.execute(insert(Membership).values(**row, person_id=cast["coordinator"].person_id))
    db.session.rollback()


def test_a_seat_fits_its_role(cast: Cast):
    person = accounts.create_person(ANNA, "seven small green umbrellas")
    group = cast["astana-lead"].group_id
    for role, place, expected in (
        (Role.EXPERT, None, ("group", "missing")),
        (Role.COORDINATOR, group, ("group", "not_wanted")),
        (Role.CLOCK, None, ("role", "unknown_value")),
    ):
        with pytest.raises(InvalidInput) as caught:
            accounts.add_member(cast.task_force_id, person, role, place)
        assert problem(caught) == expected


def test_a_seat_is_in_a_group_of_the_same_task_force(cast: Cast):
    other = make_task_force("other")
    person = accounts.create_person(ANNA, "seven small green umbrellas")
    for who, group in ((person, other["astana-lead"].group_id), (person, 999), (999, None)):
        with pytest.raises(NotFound):
            accounts.add_member(cast.task_force_id, who, Role.EXPERT, group)


@pytest.mark.parametrize("name", ["coordinator", "washington-lead", "astana-observer"])
def test_only_administrators_manage_settings(cast: Cast, name: str):
    with pytest.raises(NotPermitted):
        accounts.create_group(cast[name], cast.task_force_id, VIENNA)


def test_administrators_manage_their_own_task_force_only(cast: Cast):
    other = make_task_force("other")
    with pytest.raises(NotPermitted):
        accounts.create_group(other["administrator"], cast.task_force_id, VIENNA)
    with pytest.raises(NotPermitted):
        accounts.adopt_chatham_house(other["administrator"], cast.task_force_id)

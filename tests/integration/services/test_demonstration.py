"""The demonstration plays through the services and ends as its files say."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.demonstration.loader import PASSWORD, BrokenStory, load
from reviewflow.demonstration.story import Story, read_story
from reviewflow.domain.items import State
from reviewflow.gateways.passwords import verify_password
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import Comment, Thread
from reviewflow.persistence.models.publication import PublicPage
from reviewflow.persistence.models.recommendations import Recommendation, Wait
from reviewflow.queries import accounts, integrity


@pytest.fixture(scope="module")
def story() -> Story:
    return read_story()


def test_demonstration_ends_as_its_files_say(app: Flask, story: Story):
    with app.app_context():
        keys = load(story)
        states = dict(db.session.execute(select(Recommendation.key, Recommendation.state)).all())
        assert {name: states[key] for name, key in keys.items()} == {
            name: item["expected_state"] for name, item in story.items.items()
        }
        assert set(states.values()) == {str(state) for state in State}, "the demonstration shows every state"
        _assert_told_in_full(story)
        _assert_sound(story)


def _assert_told_in_full(story: Story) -> None:
    """Every act left its event, at its instant; every comment is there."""
    told = Counter(act.act for act in story.acts)
    spoken = ("comment", "suggest", "ask_bracket", "reject", "raise_concern", "end_concern")
    said = sum(told[name] for name in spoken)
    assert db.session.scalar(select(func.count()).select_from(Comment)) == said
    happened = dict(db.session.execute(select(EventRow.name, func.count()).group_by(EventRow.name)).all())
    assert happened["amend"] == told["amend"] + told["accept"]
    assert happened["suggest"] == told["suggest"] + told["ask_bracket"]
    for name in (
        *("create", "propose", "revise", "agree", "publish", "retract"),
        *("record_response", "record_assessment"),
    ):
        assert happened[name] == told[name]
    assert happened["take_position"] == told["take_position"] + told["sign"]
    assert happened["ask_sign_off"] == happened["stand_in_named"] == told["sign"] == 1
    lent = [act for act in story.acts if "principal" in act.details]
    assert [act.act for act in lent] == ["agree"]
    assert happened["attach_statement"] == told["attach_statement"] == 2
    assert (happened["tie"], told["tie"]) == (2, 1), "one act ties two texts"
    newest = db.session.scalar(select(func.max(EventRow.at)))
    assert newest == max(act.at for act in story.acts).astimezone(UTC)
    assert integrity.count_events("uskz") >= story.events()


def _assert_sound(story: Story) -> None:
    """Chain and digests hold, pages are built, somebody is waited for, and everybody can sign in."""
    (chain,) = integrity.check_chains()
    assert (chain.task_force, chain.broken_at) == ("uskz", None)
    assert integrity.check_texts().faults == ()
    assert db.session.scalar(select(func.count(func.distinct(PublicPage.publication_id)))) == 15
    assert db.session.scalar(select(func.count()).select_from(Wait))
    assert db.session.scalar(select(func.count()).select_from(Thread).where(Thread.internal))
    for person in story.sample_people():
        found = accounts.credentials(person["email"])
        assert found is not None
        assert verify_password(found[1], PASSWORD)
        member = accounts.member(found[0])
        assert member is not None
        assert [seat.role for seat in member.seats] == [person["role"]]


def test_story_is_told_in_2009_and_the_first_weeks_after_and_in_order(story: Story):
    instants = [act.at for act in story.acts]
    assert instants == sorted(instants)
    assert datetime(2008, 12, 1, tzinfo=UTC) < instants[0] <= instants[-1] < datetime(2010, 3, 1, tzinfo=UTC)


def _only(story: Story, **item: object) -> Story:
    (name,) = [n for n in story.items if n == "election-timetable"]
    return replace(story, items={name: {**story.items[name], **item}})


def test_demonstration_fails_loudly_where_the_files_are_wrong(app: Flask, story: Story):
    with app.app_context(), pytest.raises(BrokenStory, match="ends as proposed, and its file says agreed"):
        load(_only(story, expected_state="agreed"))


def test_demonstration_names_the_act_that_is_refused(app: Flask, story: Story):
    at = datetime(2009, 9, 15, tzinfo=UTC)
    hasty = {"at": at, "by": "elena-marsh", "act": "publish"}
    with app.app_context(), pytest.raises(BrokenStory, match=r"elena-marsh: publish was refused \(not_found"):
        load(_only(story, acts=[hasty]))


def test_demonstration_refuses_an_act_that_does_not_exist(app: Flask, story: Story):
    at = datetime(2009, 9, 15, tzinfo=UTC)
    with app.app_context(), pytest.raises(BrokenStory, match="there is no act 'bless'"):
        load(_only(story, acts=[{"at": at, "by": "daniel-reyes", "act": "bless"}]))

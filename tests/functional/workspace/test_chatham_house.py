"""The Chatham House Rule: the other side sees the group, not the person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import NotPermitted
from reviewflow.domain.statements import StatementKind
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import Publication
from reviewflow.services import accounts, deliberation, publication, statements
from tests.support.desk import Stage
from tests.support.scenes import agreed, item_page, part, plain, proposed
from tests.support.visitors import Visitor


@pytest.fixture
def under_the_rule(stage: Stage) -> Stage:
    """A stage whose administrator has adopted the rule."""
    stage.at(0, accounts.adopt_chatham_house, stage.cast["administrator"], stage.cast.task_force_id)
    return stage


def test_positions_and_comments_of_the_other_side_name_the_group(
    under_the_rule: Stage, visit: Callable[[str], Visitor]
) -> None:
    stage, key = under_the_rule, proposed(under_the_rule)
    reviewer = stage.cast["astana-expert-1"]
    stage.at(2, deliberation.take_position, reviewer, key, 1, Stand.OBJECT, "Too vague.")
    stage.at(3, deliberation.open_thread, reviewer, key, "See 2.", internal=False, version=1)
    other = plain(item_page(visit("washington-lead"), key))
    assert "Astana Expert" not in other
    assert "A member of the Astana group objects" in other
    assert "A member of the Astana group has not spoken yet" in other
    own = plain(item_page(visit("astana-lead"), key))
    assert ("Astana Expert 1 objects" in own, "Washington Expert 1" in own) == (True, False)
    assert "Astana Expert 1 objects" in plain(item_page(visit("coordinator"), key))


def test_members_are_told_that_the_rule_applies(
    under_the_rule: Stage, visit: Callable[[str], Visitor]
) -> None:
    assert "the other side sees your group, not you" in visit("astana-observer").get("").text
    assert "do not see each other’s names" in visit("coordinator").get("").text


def test_without_the_rule_everybody_sees_names(stage: Stage, visit: Callable[[str], Visitor]) -> None:
    page = item_page(visit("astana-lead"), proposed(stage))
    assert ("Washington Expert 1" in page, "Chatham" in page) == (True, False)


def test_publication_names_the_groups_and_the_coordinator(
    under_the_rule: Stage, visit: Callable[[str], Visitor]
) -> None:
    stage, key = under_the_rule, agreed(under_the_rule)
    cast = stage.cast
    stage.at(5, statements.attach_statement, cast["astana-expert-2"], key, 1, StatementKind.DISSENT, "No.")
    stage.at(5, publication.approve, cast["coordinator"], key, 1)
    stage.at(6, publication.publish, cast["coordinator"], key, 1)
    with stage.app.app_context():
        slug, record = db.session.execute(select(Publication.slug, Publication.record)).one()
    assert [(act["event"], act["name"], act["role"]) for act in record["sheet"]] == [
        ("propose", "", ""),
        ("agree", "", ""),
        ("approve", "Coordinator", "coordinator"),
    ]
    page = stage.app.test_client().get(f"/publications/{slug}").text
    assert [name for name in ("Expert", "Washington Lead", "Astana Lead") if name in page] == []
    assert "A member of the group Astana working group" not in part(page, "h-attachments")
    assert "No. A member of the group, 1 October 2009" in part(page, "h-attachments")
    assert "A member of the group A Astana working group" in part(page, "h-agreed")


def test_rule_is_adopted_once_by_an_administrator_or_the_operator(app: Flask, stage: Stage) -> None:
    cast = stage.cast
    for name in ("coordinator", "astana-lead"):
        with pytest.raises(NotPermitted):
            stage.at(0, accounts.adopt_chatham_house, cast[name], cast.task_force_id)
    runner = app.test_cli_runner()
    for _ in range(2):
        answer = runner.invoke(args=["task-force", "chatham-house", "uskz"])
        assert (answer.exit_code, answer.output) == (0, "uskz: the Chatham House Rule applies.\n")
    assert runner.invoke(args=["task-force", "chatham-house", "nowhere"]).exit_code == 1
    with app.app_context():
        recorded = select(func.count()).where(EventRow.name == "chatham_house_adopted")
        assert db.session.scalar(recorded) == 1

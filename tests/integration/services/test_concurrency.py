"""Two people acting at the same instant on one item: exactly one wins, the chain has no fork."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.audit import first_break
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import Refusal
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import TaskForce
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.services import deliberation, publication, recommendations, suggestions
from reviewflow.services.anchors import Aim
from tests.factories.task_forces import Cast, content, make_task_force

Act = Callable[[], object]


def _bracketed() -> dict[str, object]:
    return {"text": "1. Publish by [31 January / 31 March]."}


def _propose(cast: Cast, **changes: object) -> str:
    key = recommendations.create_recommendation(cast["washington-lead"], content(**changes))
    recommendations.propose(cast["washington-lead"], key, 1)
    return key


def _carried(cast: Cast) -> str:
    key = _propose(cast)
    for name in ("astana-lead", "astana-expert-1"):
        deliberation.take_position(cast[name], key, 1, Stand.APPROVE)
    return key


def _approved(cast: Cast) -> str:
    key = _carried(cast)
    deliberation.agree_to_version(cast["astana-lead"], key, 1)
    publication.approve(cast["coordinator"], key, 1)
    return key


def _two_agreements(cast: Cast) -> tuple[str, Act, Act, set[str]]:
    key = _carried(cast)
    lead = cast["astana-lead"]
    agree = lambda: deliberation.agree_to_version(lead, key, 1)  # noqa: E731 - two names for one act
    return key, agree, agree, {"agreed"}


def _agreement_and_recall(cast: Cast) -> tuple[str, Act, Act, set[str]]:
    key = _carried(cast)
    return (
        key,
        lambda: deliberation.agree_to_version(cast["astana-lead"], key, 1),
        lambda: recommendations.recall(cast["washington-lead"], key, 1, "A new version is coming."),
        {"agreed", "changes_requested"},
    )


def _request_and_new_version(cast: Cast) -> tuple[str, Act, Act, set[str]]:
    """A bracket is settled while a member sends the same version back: whoever is second is refused."""
    key = _propose(cast, **_bracketed())
    return (
        key,
        lambda: deliberation.request_changes(cast["astana-expert-1"], key, 1, "Choose a date."),
        lambda: recommendations.settle_bracket(cast["washington-lead"], key, 1, 0, "31 January"),
        {"proposed", "changes_requested"},
    )


def _agreement_and_new_version(cast: Cast) -> tuple[str, Act, Act, set[str]]:
    """Words are accepted into a new version while the lead agrees to the old one."""
    key = _carried(cast)
    thread = suggestions.suggest(cast["astana-expert-1"], key, 1, Aim(2, "timetable"), "calendar")
    return (
        key,
        lambda: deliberation.agree_to_version(cast["astana-lead"], key, 1),
        lambda: suggestions.accept_suggestions(cast["washington-lead"], key, 1, [thread]),
        {"agreed", "proposed"},
    )


def _publication_and_withdrawal(cast: Cast) -> tuple[str, Act, Act, set[str]]:
    key = _approved(cast)
    return (
        key,
        lambda: publication.publish(cast["coordinator"], key, 1),
        lambda: recommendations.withdraw(cast["washington-lead"], key, 1, "Circumstances changed."),
        {"published", "withdrawn"},
    )


def _two_saves(cast: Cast) -> tuple[str, Act, Act, set[str]]:
    key = recommendations.create_recommendation(cast["washington-lead"], content())
    return (
        key,
        lambda: recommendations.save_version(cast["washington-lead"], key, 1, content("One")),
        lambda: recommendations.save_version(cast["washington-expert-1"], key, 1, content("Other")),
        {"draft"},
    )


def _at_once(app: Flask, *acts: Act) -> list[str]:
    """Run each act in a thread of its own, with its own connection, and say how each ended."""
    start = threading.Barrier(len(acts))
    ended: list[str] = []

    def run(act: Act) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
                ended.append("done")
            except Refusal as refusal:
                ended.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ended)


def _chain_break() -> int | None:
    slugs = dict(db.session.execute(select(TaskForce.id, TaskForce.slug)).all())
    keys = dict(db.session.execute(select(Recommendation.id, Recommendation.key)).all())
    rows = db.session.scalars(select(EventRow).order_by(EventRow.sequence))
    return first_break(
        (row.link(slugs[row.task_force_id], keys.get(row.recommendation_id or 0)), row.hash) for row in rows
    )


@pytest.mark.parametrize("repetitions", [40, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "scene",
    [
        _two_agreements,
        _agreement_and_recall,
        _agreement_and_new_version,
        _request_and_new_version,
        _publication_and_withdrawal,
        _two_saves,
    ],
)
def test_exactly_one_of_two_simultaneous_acts_wins(
    app: Flask, scene: Callable[[Cast], tuple[str, Act, Act, set[str]]], repetitions: int
) -> None:
    """Whoever is second is refused, and the item is where the first one brought it.

    Agreeing can't race against a bracket being settled, since nobody can agree while one is open: asking
    for changes does so instead.
    """
    endings: Counter[tuple[str, ...]] = Counter()
    with app.app_context():
        cast = make_task_force()
        for _ in range(repetitions):
            key, one, other, states = scene(cast)
            endings[tuple(_at_once(app, one, other))] += 1
            db.session.rollback()
            row = db.session.scalars(select(Recommendation).where(Recommendation.key == key)).one()
            assert row.state in states
            db.session.expunge_all()
        assert {sum(code == "done" for code in ended) for ended in endings} == {1}, endings
        refused = {code for ended in endings for code in ended} - {"done"}
        assert refused <= {"wrong_state", "stale_version", "unmet", "concurrent_change"}
        assert _chain_break() is None


def test_chain_does_not_fork_when_many_write_to_different_items(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        acts: list[Act] = [
            lambda n=n: recommendations.create_recommendation(cast["washington-lead"], content(f"Text {n}"))
            for n in range(8)
        ]
        for _ in range(5):
            assert _at_once(app, *acts) == ["done"] * 8
        assert _chain_break() is None
        assert db.session.query(EventRow).count() == 40

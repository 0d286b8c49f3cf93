"""Every item that can come about with two and with three groups is explored: nothing is wrong with any."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reviewflow.domain.ballots import Ballot, Position, Stand
from reviewflow.domain.items import Item, State
from tests.unit.domain.model import (
    BRACKETED,
    CLEAN,
    CONCERNS,
    LEADS_ONLY,
    LONGER,
    MEETING,
    PAIR,
    PUBLIC,
    RECUSING,
    SILENT,
    SUGGESTIONS,
    THREE_GROUPS,
    TIES,
    TWO_GROUPS,
    Exploration,
    World,
    _arrows,
    check_rules,
    created,
    dead_ends,
    explore,
    looked_at,
    probe,
    samples_of,
    violations,
    went_whole_way,
)


@pytest.fixture(autouse=True)
def _without_collector() -> Iterator[None]:
    """What is explored is kept to the end, so looking for garbage in it only takes time."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.long
def test_two_groups_have_no_flaw_anywhere() -> None:
    found = Exploration({}, set())
    flaws = list(explore(TWO_GROUPS, found, created(TWO_GROUPS)))
    assert (flaws, list(dead_ends(found))) == ([], [])
    assert found.arrows == _arrows(TWO_GROUPS)
    assert len(found.items) == 6278


@pytest.mark.long
def test_three_groups_have_no_flaw_anywhere() -> None:
    found = Exploration({}, set())
    flaws = list(explore(THREE_GROUPS, found, created(THREE_GROUPS)))
    assert (flaws, list(dead_ends(found)), found.arrows) == ([], [], _arrows(THREE_GROUPS))
    assert len(found.items) == 5165


@pytest.mark.parametrize(
    ("world", "items"),
    [
        (SUGGESTIONS, 152),
        (RECUSING, 210),
        (SILENT, 523),
        (LONGER, 110),
        (PAIR, 437),
        pytest.param(MEETING, 2200, marks=pytest.mark.long),
    ],
)
def test_world_with_one_more_thing_has_no_flaw_anywhere(world: World, items: int) -> None:
    found = Exploration({}, set())
    assert (list(violations(world, found)), len(found.items)) == ([], items)


def test_tying_and_untying_has_no_flaw_anywhere() -> None:
    found = Exploration({}, set())
    assert list(violations(TIES, found)) == []
    assert len(found.items) == 446


def test_concerns_have_no_flaw_anywhere() -> None:
    found = Exploration({}, set())
    flaws = list(explore(CONCERNS, found, created(CONCERNS)))
    assert (flaws, list(dead_ends(found))) == ([], [])
    assert found.arrows == _arrows(CONCERNS)
    assert len(found.items) == 632


@pytest.mark.long
def test_check_covers_altered_items_too() -> None:
    assert check_rules(LEADS_ONLY, CONCERNS, SUGGESTIONS) == []


def test_every_public_item_went_the_whole_way() -> None:
    _, items = samples_of(LEADS_ONLY)
    assert {item.state: went_whole_way(item) for item in items if item.state in PUBLIC} == dict.fromkeys(
        PUBLIC, True
    )


def test_objection_of_who_left_is_never_passed_over() -> None:
    """Only its author withdraws an objection (rule 3), so such an item can be withdrawn but not published."""
    left = Position(29, Stand.OBJECT, 1, 1, CLEAN.digest)
    ballots = (Ballot(20, 1, frozenset({21, 29}), (left,)), Ballot(30, 1, frozenset({31})))
    returned = Item(
        id=1,
        task_force_id=1,
        proposing_group=10,
        counterparts=(20, 30),
        state=State.CHANGES_REQUESTED,
        round=1,
        head=CLEAN,
        circulated=CLEAN,
        ballots=ballots,
    )
    found = Exploration({}, set())
    assert list(explore(LEADS_ONLY, found, [returned])) == []
    assert {item.state for item in found.items} == {
        State.DRAFT,
        State.PROPOSED,
        State.CHANGES_REQUESTED,
        State.WITHDRAWN,
        State.DECLINED,
    }


def test_model_notices_a_flawed_item() -> None:
    """The model itself is checked: a published item that nobody agreed to does not pass."""
    _, items = samples_of(LEADS_ONLY)
    published = next(item for item in items if item.state is State.PUBLISHED)
    forged = replace(published, agreements=(), head=replace(BRACKETED, missing=("title",)))
    assert list(looked_at(LEADS_ONLY, forged)) == [
        "public without a matching agreement and approval",
        "beyond agreement with a group missing, a bracket or a gap",
        "the others act on a text that they do not see",
    ]
    assert list(probe(LEADS_ONLY, [published])) == []

"""The picture is the table's."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from reviewflow.domain import diagram
from reviewflow.domain.items import State
from reviewflow.domain.workflow import RULES, Action
from tests.unit.domain.model import ARROWS, UNDRAWN

#: Every arrow of product.md's picture but those of what stands beside the text.
BESIDE = ("tie", "untie", "attach_statement", "withdraw_statement")
EXPECTED = {("[*]", "create", "draft")} | {arrow for arrow in ARROWS - UNDRAWN if arrow[1] not in BESIDE}
_SVG = "{http://www.w3.org/2000/svg}"


def test_mermaid_draws_every_row_and_no_other() -> None:
    first, *lines = diagram.mermaid().splitlines()
    found, ends = set(), set()
    for line in lines:
        matched = re.fullmatch(r" {4}(\S+) --> (\S+?)(?:: (\w+(?:, \w+)*))?", line)
        assert matched
        source, target, names = matched.groups()
        if names is None:
            ends.add((source, target))
        found |= {(source, name, target) for name in (names or "").split(", ") if name}
    assert (first, found) == ("stateDiagram-v2", EXPECTED)
    assert ends == {("superseded", "[*]"), ("retracted", "[*]")}


def test_drawing_shows_every_state_and_every_row() -> None:
    root = ElementTree.fromstring(diagram.svg())  # noqa: S314 - our own drawing
    states = [group.get("data-state") for group in root.iter(f"{_SVG}g") if group.get("data-state")]
    actions = [
        action for group in root.iter(f"{_SVG}g") for action in (group.get("data-actions") or "").split()
    ]
    assert states == [str(state) for state in State]
    assert sorted(actions) == sorted(name for _, name, _ in EXPECTED)


def test_drawing_has_a_way_for_every_arrow() -> None:
    assert set(diagram.arrows()) == set(diagram._WAYS)


def test_drawing_names_things_as_asked_and_escapes_the_words() -> None:
    drawn = diagram.svg(lambda code: f"<{code}>")
    assert ("&lt;request_changes&gt;" in drawn, "<request_changes>" in drawn) == (True, False)


def test_arrow_without_a_way_is_drawn_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, Action.RETRACT, replace(RULES[Action.RETRACT], to=State.DRAFT))
    assert 'd="M1025 222L125 222"' in diagram.svg()

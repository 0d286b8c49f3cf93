"""Every way to say no has a status, and words by which a person can act."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import reviewflow
from reviewflow.domain.errors import InvalidInput, Refusal, Unmet
from reviewflow.domain.text import UnacceptableText
from reviewflow.domain.workflow import Reason
from reviewflow.gateways.tables import UnreadableTable
from reviewflow.web import errors, refusals
from reviewflow.web.unacceptable import unacceptable
from reviewflow.web.words import reason_sentence

_ROOT = Path(__file__).resolve().parents[2] / "reviewflow"
_TREES = [ast.parse(module.read_text()) for module in sorted(_ROOT.rglob("*.py"))]


def _calls(name: str) -> Iterator[ast.Call]:
    for tree in _TREES:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def _texts(value: ast.expr) -> set[str]:
    """The text that an expression is, or those of which it is one."""
    if isinstance(value, ast.IfExp):
        return _texts(value.body) | _texts(value.orelse)
    return {value.value} if isinstance(value, ast.Constant) and isinstance(value.value, str) else set()


def _given(call: str, keyword: str) -> set[str]:
    return {
        text
        for node in _calls(call)
        for given in node.keywords
        if given.arg == keyword
        for text in _texts(given.value)
    }


def _problems() -> set[str]:
    """What is raised as `problem`, and what a row of a table keeps to be raised so."""
    kept = {
        text
        for tree in _TREES
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "problem" for t in node.targets)
        for text in _texts(node.value)
    }
    return _given("InvalidInput", "problem") | kept


def _reasons() -> set[str]:
    return {text for node in _calls("Reason") if node.args for text in _texts(node.args[0])}


def _kinds(kind: type[Refusal] = Refusal) -> set[type[Refusal]]:
    below = set(kind.__subclasses__())
    return below.union(*(_kinds(each) for each in below))


def test_every_refusal_has_a_status_and_words(app: Flask) -> None:
    for module in pkgutil.walk_packages(reviewflow.__path__, "reviewflow."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = _kinds()
    assert UnreadableTable in kinds
    assert {kind.code for kind in kinds} == set(errors.STATUS)
    with app.test_request_context():
        said = {kind: refusals.refusal(kind(state="draft", reasons=(), seconds=3)) for kind in kinds}
        common = refusals.refusal(Refusal())
    assert [kind for kind in kinds if said[kind].title == common.title and kind is not InvalidInput] == []


def test_every_problem_of_a_value_has_words(app: Flask) -> None:
    problems = _problems()
    assert {"taken", "too_short", "malformed", "not_wanted", "ragged"} <= problems
    with app.test_request_context():
        nothing = refusals.invalid(InvalidInput(field="title", problem="unheard of"))
        silent = {
            problem
            for problem in problems
            if refusals.invalid(InvalidInput(field="title", problem=problem)) == nothing
        }
    assert silent == set()


def test_every_unacceptable_text_has_words(app: Flask) -> None:
    reasons = _given("UnacceptableText", "reason") | {"control_character", "bidi_override", "lone_surrogate"}
    with app.test_request_context():
        nothing = unacceptable(UnacceptableText(reason="unheard of"))
        silent = {r for r in reasons if unacceptable(UnacceptableText(reason=r)) == nothing}
    assert silent == set()


def test_every_reason_of_the_table_has_words(app: Flask) -> None:
    codes = _reasons()
    assert "reason_missing" in codes
    with app.test_request_context():
        assert [code for code in codes if reason_sentence(Reason(code)) == code] == []
    assert errors.IN_THE_FORM - codes == set()


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        (("reason_missing",), 422),
        (("text_unchanged", "more_than_settled"), 422),
        (("objection_open",), 409),
        (("objection_open", "reason_missing"), 409),
    ],
)
def test_what_the_form_lacks_is_told_from_how_the_text_stands(codes: tuple[str, ...], status: int) -> None:
    assert errors.status_of(Unmet(reasons=tuple(Reason(code) for code in codes))) == status

"""What each route asks of who comes: said in one way, where the route is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from reviewflow.domain.acts import Action
from reviewflow.domain.permissions import Permission

_SAID = "permission"
_Marked = TypeVar("_Marked")


def allowed(asked: Permission | Action) -> Callable[[_Marked], _Marked]:
    """Mark a view, or a blueprint for all of its views, with a permission or an act of the procedure."""

    def mark(marked: _Marked) -> _Marked:
        setattr(marked, _SAID, asked)
        return marked

    return mark


def asked_of(app: Flask, endpoint: str) -> Permission | Action:
    """What a route asks for. Raises `LookupError` for one that nobody has said it of: nobody passes it."""
    blueprint, _, _view = endpoint.rpartition(".")
    places: tuple[Any, ...] = (app.view_functions[endpoint], app.blueprints.get(blueprint))
    for place in places:
        if found := getattr(place, _SAID, None):
            return found
    raise LookupError(f"nobody has said who may come to {endpoint}")

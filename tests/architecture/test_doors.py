"""Every page of the workspace has a door: found in the routes, not in a list that could be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from reviewflow.services import recommendations
from tests.factories.task_forces import PASSWORD, Cast, content, make_task_force


def _desk(app: Flask, key: str = "unknown") -> Iterator[tuple[str, Rule]]:
    """Each route of the workspace, with an address that fills its parameters."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/desk/<task_force>"):
            continue
        values: dict[str, str | int] = dict.fromkeys(rule.arguments, "1")
        for name, converter in rule._converters.items():
            values[name] = 1 if type(converter).__name__ == "IntegerConverter" else key
        yield adapter.build(rule.endpoint, values | {"task_force": "uskz"}), rule


def _signed_in(app: Flask, cast: Cast, name: str) -> FlaskClient:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    client.post("/desk/sign-in", data={"email": cast.emails[name], "password": PASSWORD})
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def test_workspace_has_routes(app: Flask) -> None:
    assert len(list(_desk(app))) >= 20


def test_nobody_enters_without_signing_in(app: Flask) -> None:
    with app.app_context():
        make_task_force()
    app.config["WTF_CSRF_ENABLED"] = False
    for address, rule in _desk(app):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = app.test_client().open(address, method=method)
            if method == "GET":
                assert (answer.status_code, "/desk/sign-in" in answer.location) == (302, True), address
            else:
                assert answer.status_code == 401, address


def test_every_form_needs_its_token(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        key = recommendations.create_recommendation(cast["washington-lead"], content())
    client = _signed_in(app, cast, "washington-lead")
    for address, rule in _desk(app, key):
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
            assert client.open(address, method=method).status_code == 400, address
    assert client.post("/desk/sign-in", data={"email": "a", "password": "b"}).status_code == 400
    assert client.post("/desk/sign-out").status_code == 400


def test_task_force_of_others_does_not_exist(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        make_task_force("other")
    client = _signed_in(app, cast, "astana-lead")
    app.config["WTF_CSRF_ENABLED"] = False
    unknown = client.get("/desk/nowhere/")
    for address, rule in _desk(app):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = client.open(address.replace("/desk/uskz", "/desk/other"), method=method)
            assert (answer.status_code, answer.data) == (404, unknown.data), (address, method)

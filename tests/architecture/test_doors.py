"""Every page of the workspace has a door: found in the routes, not in a list that could be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from tests.factories.task_forces import PASSWORD, make_task_force


def _desk(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Each route of the workspace, with an address that fills its parameters."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/desk/<task_force>"):
            continue
        values: dict[str, str | int] = {name: "1" for name in rule.arguments}
        for name, converter in rule._converters.items():
            values[name] = 1 if type(converter).__name__ == "IntegerConverter" else "unknown"
        yield adapter.build(rule.endpoint, values | {"task_force": "uskz"}), rule


def test_workspace_has_routes(app: Flask) -> None:
    assert len(list(_desk(app))) > 20


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
        make_task_force()
    for address, rule in _desk(app):
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
            assert app.test_client().open(address, method=method).status_code == 400, address
    assert app.test_client().post("/desk/sign-in", data={"email": "a", "password": "b"}).status_code == 400
    assert app.test_client().post("/desk/sign-out").status_code == 400


def test_task_force_of_others_does_not_exist(app: Flask) -> None:
    with app.app_context():
        cast = make_task_force()
        make_task_force("other")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/desk/sign-in", data={"email": cast.emails["astana-lead"], "password": PASSWORD})
    unknown = client.get("/desk/nowhere/")
    for address, rule in _desk(app):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = client.open(address.replace("/desk/uskz", "/desk/other"), method=method)
            assert (answer.status_code, answer.data) == (404, unknown.data), (address, method)

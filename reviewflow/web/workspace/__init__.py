"""The members' pages: a blueprint a feature, all behind one door."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from reviewflow.domain.permissions import About, Scope, demand, row_of
from reviewflow.domain.sessions import NEEDS_FRESH
from reviewflow.gateways import clock
from reviewflow.services import sessions
from reviewflow.web.doors import asked_of
from reviewflow.web.identity import current_actor, current_member, current_sign_in, enter
from reviewflow.web.workspace import (
    accounts,
    acts,
    audit,
    bearers,
    codes,
    deliberation,
    editing,
    follow_up,
    home,
    invitations,
    live,
    oidc,
    packages,
    passkeys,
    people,
    profile,
    recommendations,
    resets,
    settings,
    sign_offs,
    signing,
    stand_ins,
    statements,
    status,
    suggestions,
    tokens,
    versions,
)
from reviewflow.web.workspace.awaited import awaited
from reviewflow.web.workspace.verification import ask_to_verify


def register(app: Flask) -> None:
    """Attach sign-in and one's account at /desk, and everything else below /desk/<task force>."""
    app.register_blueprint(accounts.blueprint)
    app.register_blueprint(invitations.blueprint)
    app.register_blueprint(resets.blueprint)
    app.register_blueprint(signing.blueprint)
    app.register_blueprint(profile.blueprint)
    app.register_blueprint(codes.blueprint)
    app.register_blueprint(passkeys.blueprint)
    app.register_blueprint(tokens.blueprint)
    if app.config["REVIEWFLOW_OIDC_ISSUER"]:
        app.register_blueprint(oidc.door)
        app.register_blueprint(oidc.blueprint)
    app.before_request(bearers.admit_program)
    app.before_request(_note_use)
    desk = Blueprint("desk", __name__, url_prefix="/desk/<task_force>")
    for module in (
        *(home, status, recommendations, live, versions, audit, editing, deliberation, acts),
        *(packages, sign_offs, statements, suggestions, follow_up, people, stand_ins, settings),
    ):
        desk.register_blueprint(module.blueprint)
    desk.before_request(_enter)
    desk.register_error_handler(CSRFError, accounts.forged)
    desk.url_value_preprocessor(_take_task_force)
    desk.url_defaults(_give_task_force)
    app.register_blueprint(desk)


def _note_use() -> None:
    """A page of the desk is a use of its session; written down at most once an hour.

    What an open page asks by itself is none, or nobody who left one open would ever be signed out.
    """
    asked_again = request.endpoint == "desk.recommendations.show" and "X-Live" in request.headers
    by_itself = asked_again or request.endpoint == "desk.live.news"
    used = request.path.startswith("/desk") and not by_itself
    found = current_sign_in() if used else None
    if found is not None and found.session.wants_noting(clock.now()):
        sessions.note_use(found.session)


def _enter() -> ResponseReturnValue | None:
    """Nobody passes without signing in or a token; who has no seat here finds nothing.

    What is permitted in the task force as a whole is asked here; what is about one item or seat, where that
    is read. What needs its person is asked to verify before it is looked for, so that the question says
    nothing of what exists.
    """
    if "bearer" in g:
        bearers.enter_by_token(g.bearer, g.task_force)
    elif current_member() is None:
        return accounts.ask_to_sign_in()
    else:
        enter(g.task_force)
    actor = current_actor()
    asked = asked_of(current_app, request.endpoint or "")
    if row_of(asked).scope is Scope.TASK_FORCE:
        demand(asked, actor, About(actor.task_force_id))
    if request.method == "POST" and asked in NEEDS_FRESH:
        return ask_to_verify(lambda: awaited(request.endpoint or ""))
    return None


def _take_task_force(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The task force of the address, so that no view needs it as a parameter."""
    g.task_force = (values or {}).pop("task_force", "")


def _give_task_force(endpoint: str, values: dict[str, Any]) -> None:
    """The same for addresses that pages build."""
    values.setdefault("task_force", g.get("task_force"))

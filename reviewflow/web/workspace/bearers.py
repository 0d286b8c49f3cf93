"""Programs at the door: a token in the request's head opens what its scope names, and nothing else."""

from __future__ import annotations

from flask import g, make_response, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound
from reviewflow.domain.throttling import TooManyAttempts
from reviewflow.domain.tokens import BeyondScope, InvalidToken, Scope, admit
from reviewflow.gateways import clock
from reviewflow.queries import tokens as read
from reviewflow.queries.tokens import Bearer
from reviewflow.services import throttling, tokens
from reviewflow.web import errors
from reviewflow.web.identity import enter
from reviewflow.web.workspace.proofs import network

#: What each scope opens; everything else is closed to programs, whoever they read for.
OPENED_BY = {"desk.status.csv_file": Scope.STATUS}


def admit_program() -> ResponseReturnValue | None:
    """Look at a token before anything else; None where there is none, or it opens what is asked for.

    A request with a token is the program's alone: who is signed in at that browser is not looked at.
    """
    shown = request.authorization
    if not request.path.startswith("/desk") or request.endpoint is None:
        return None
    if shown is None or shown.type != "bearer":
        return None
    secret = shown.token or ""
    found = read.bearer(secret)
    try:
        token = admit(found.token if found else None, OPENED_BY.get(request.endpoint), clock.now())
        tokens.use(token)
    except InvalidToken as refusal:
        try:
            throttling.count_wrong_token(network(request.remote_addr or ""))
        except TooManyAttempts as shut:
            return _refused(shut)
        return _refused(refusal)
    except (BeyondScope, TooManyAttempts) as refusal:
        return _refused(refusal)
    g.bearer = found
    return None


def enter_by_token(bearer: Bearer, slug: str) -> None:
    """Enter the token's task force; `NotFound` for any other, also where its owner has a seat."""
    if bearer.slug != slug:
        raise NotFound()
    enter(slug, bearer.member)


def _refused(refusal: InvalidToken | BeyondScope | TooManyAttempts) -> ResponseReturnValue:
    answer = make_response(errors.refused(refusal))
    if isinstance(refusal, TooManyAttempts):
        answer.headers["Retry-After"] = str(refusal.details["seconds"])
    else:
        error = "invalid_token" if isinstance(refusal, InvalidToken) else "insufficient_scope"
        answer.headers["WWW-Authenticate"] = f'Bearer realm="reviewflow", error="{error}"'
    return answer

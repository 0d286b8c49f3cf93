"""Refusals and failures as answers: the one file that pairs domain codes with HTTP statuses."""

from __future__ import annotations

from flask import Flask, current_app, g, jsonify, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from reviewflow.domain.errors import Refusal, Unmet
from reviewflow.web import refusals
from reviewflow.web.identity import typed_text
from reviewflow.web.language import gettext as _

#: 404, 403 and 429 about the person, 409 about how the text stands, 422 about what was sent.
STATUS = {
    "not_found": 404,
    "not_permitted": 403,
    "too_many_attempts": 429,
    "stale_version": 409,
    "wrong_state": 409,
    "unmet": 409,
    "package_held": 409,
    "stale_package": 409,
    "concurrent_change": 409,
    "session_over": 401,
    "invalid_token": 401,
    "beyond_scope": 403,
    "provider_refused": 422,
    "provider_silent": 502,
    "already_member": 409,
    "of_another_side": 409,
    "seat_needed": 409,
    "dead_link": 404,
    "dead_sign_off": 410,
    "needs_account": 409,
    "stand_in_over": 409,
    "stand_in_taken": 409,
    "suggestions_collide": 409,
    "words_gone": 409,
    "invalid_input": 422,
    "unacceptable_text": 422,
    "unreadable_table": 422,
    "reaches_beyond": 422,
}
#: Reasons for which an act is `unmet` that lie in the form: who fills it in otherwise can make the act.
IN_THE_FORM = frozenset(
    {
        *("reason_missing", "stand_missing", "objection_needs_reason", "neither_newer_nor_answered"),
        *("text_unchanged", "same_words", "more_than_settled", "statement_missing"),
        *("lead_speaks_for_group", "concern_end_missing", "member_not_on_roster", "own_position"),
        *(
            "recusal_is_ones_own",
            "means_missing",
            "no_position",
            "instant_missing",
            "instant_passed",
            "instant_not_later",
        ),
    }
)


def register(app: Flask) -> None:
    """Answer every refusal and failure in words; nothing that was typed is lost."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, forged)

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error
        return answer(refusals.http_answer(error.code or 500), error.code or 500, code=f"http_{error.code}")

    @app.errorhandler(500)
    def broken(error: Exception) -> ResponseReturnValue:
        return answer(refusals.http_answer(500), 500, code="http_500")


def refused(error: Refusal) -> ResponseReturnValue:
    """A refusal of the procedure."""
    return answer(refusals.refusal(error), status_of(error), code=error.code)


def status_of(error: Refusal) -> int:
    """The HTTP status that goes with a refusal."""
    if isinstance(error, Unmet):
        reasons = error.details["reasons"]
        assert isinstance(reasons, tuple)
        if {reason.code for reason in reasons} <= IN_THE_FORM:
            return 422
    return STATUS[error.code]


def forged(error: CSRFError) -> ResponseReturnValue:
    """A form without this session's token."""
    return answer(
        refusals.Answer(
            _("This form is no longer valid"),
            _(
                "It was opened in another session, or too long ago. Nothing was saved."
                " Go back, reload the page and send the form again."
            ),
        ),
        400,
        code="form_expired",
    )


def _by_program() -> bool:
    """Whether a token was sent: whoever sends one reads no pages."""
    return request.authorization is not None and request.authorization.type == "bearer"


def answer(said: refusals.Answer, status: int, *, code: str) -> ResponseReturnValue:
    """A page (or JSON, where it was asked for) that says what happened and gives the words back."""
    if request.accept_mimetypes.best == "application/json" or _by_program():
        return jsonify(code=code, title=said.title, message=said.message), status
    if request_ctx.url_adapter is None:  # a host that is not ours: no page of ours has an address there
        return f"{said.title}\n{said.message}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
    # A public answer is everybody's: it opens no session, as no public page does.
    public = status < 500 and request.method in ("GET", "HEAD") and not request.path.startswith("/desk")
    if public and (body := current_app.extensions["reviewflow_public_refusal"](said.title, said.message)):
        return body, status
    # What a person may not see answers exactly as what does not exist, so it shows no place either; and what
    # failed is not asked once more, since it may be the database.
    place = g.get("place") if status != 404 and status < 500 else None
    typed = typed_text() if request.method == "POST" and status != 413 else {}
    page = render_template("answer.html", said=said, typed=typed, status=status, place=place)
    return page, status

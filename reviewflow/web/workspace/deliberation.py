"""Threads: opening, answering, resolving, reopening, and confirming their place."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.ballots import ConcernEnd
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, Refusal
from reviewflow.domain.permissions import Permission
from reviewflow.domain.text import split_blocks
from reviewflow.domain.workflow import Action
from reviewflow.queries import recommendations as items
from reviewflow.services import deliberation
from reviewflow.services.anchors import Aim
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor
from reviewflow.web.workspace.forms.deliberation import ConcernForm, ConfirmForm, ReplyForm, ThreadForm
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.recommendations import show_page

blueprint = Blueprint("deliberation", __name__)


@blueprint.post("/recommendations/<key>/threads")
@allowed(Permission.COMMENT)
def open_thread(key: str) -> ResponseReturnValue:
    """Open a thread. What can't be saved comes back on the item's page, in the form it was typed into."""
    form = ThreadForm()
    paragraph = form.paragraph.data or ""
    try:
        if paragraph and whole_number(paragraph) is None:
            raise InvalidInput(field="paragraph", problem="no_such_paragraph")
        thread = _opened(
            key, form, Aim(whole_number(paragraph), form.words.data or "", whole_number(form.near.data))
        )
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = items.recommendation(current_actor(), key)
        said = refusals.refusal(refusal)
        # A paragraph that the page no longer has: its form stands under the whole text.
        if not 1 <= (whole_number(paragraph) or 0) <= len(split_blocks(page.wording.text)):
            form.paragraph.data = "0"
        return show_page(page, thread_form=form, failed=said.message), errors.status_of(refusal)
    return redirect(_address(key, thread))


def _opened(key: str, form: ThreadForm, aim: Aim) -> str:
    """Open a concern or a plain thread; a concern is shared, whatever else was chosen. Returns its key."""
    text, version = form.text.data or "", whole_number(form.version.data) or 0
    if form.concern.data == "1":
        return deliberation.raise_concern(current_actor(), key, text, version=version, aim=aim)
    internal = form.internal.data == "1"
    return deliberation.open_thread(
        current_actor(), key, text, internal=internal, version=version,
        paragraph=aim.paragraph, words=aim.words, near=aim.near,
    )  # fmt: skip


@blueprint.post("/recommendations/<key>/threads/<thread>/end")
@allowed(Action.END_CONCERN)
def end_concern(key: str, thread: str) -> ResponseReturnValue:
    """Say how a concern ended. What can't be saved comes back in its thread."""
    form = ConcernForm()
    end = ConcernEnd(form.end.data) if form.end.data in set(ConcernEnd) else None
    version = whole_number(form.version.data) or 0
    try:
        deliberation.end_concern(current_actor(), key, thread, version, end, form.text.data or "")
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = items.recommendation(current_actor(), key)
        said = refusals.refusal(refusal)
        answer = show_page(page, concern_form=form, reply_to=thread, failed=said.message)
        return answer, errors.status_of(refusal)
    return redirect(_address(key, thread))


@blueprint.post("/recommendations/<key>/threads/<thread>/reply")
@allowed(Permission.COMMENT)
def reply(key: str, thread: str) -> ResponseReturnValue:
    """Answer in a thread."""
    form = ReplyForm()
    try:
        deliberation.reply(current_actor(), key, thread, form.text.data or "")
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = items.recommendation(current_actor(), key)
        said = refusals.refusal(refusal)
        return show_page(page, reply_form=form, reply_to=thread, failed=said.message), errors.status_of(
            refusal
        )
    return redirect(_address(key, thread))


@blueprint.post("/recommendations/<key>/threads/<thread>/resolve")
@allowed(Permission.COMMENT)
def resolve(key: str, thread: str) -> ResponseReturnValue:
    """Close a thread."""
    deliberation.resolve_thread(current_actor(), key, thread)
    return redirect(_address(key, thread))


@blueprint.post("/recommendations/<key>/threads/<thread>/reopen")
@allowed(Permission.COMMENT)
def reopen(key: str, thread: str) -> ResponseReturnValue:
    """Open a resolved thread again."""
    deliberation.reopen_thread(current_actor(), key, thread)
    return redirect(_address(key, thread))


@blueprint.post("/recommendations/<key>/threads/<thread>/confirm")
@allowed(Permission.COMMENT)
def confirm_place(key: str, thread: str) -> ResponseReturnValue:
    """Say whether the words that a thread has come to stand on are those that were meant."""
    form = ConfirmForm()
    deliberation.confirm_place(
        current_actor(), key, thread, whole_number(form.version.data) or 0, right=form.right.data == "1"
    )
    return redirect(_address(key, thread))


def _address(key: str, thread: str) -> str:
    return url_for("desk.recommendations.show", key=key) + f"#thread-{thread}"

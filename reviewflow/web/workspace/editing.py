"""The editor: a new recommendation, the next version of one, and texts that two people changed at once."""

from __future__ import annotations

import hashlib

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature, URLSafeSerializer

from reviewflow.domain.errors import (
    ConcurrentChange,
    InvalidInput,
    NotFound,
    Refusal,
    StaleVersion,
    Unmet,
    WrongState,
)
from reviewflow.domain.manifest import Content
from reviewflow.domain.merge import merge_contents
from reviewflow.domain.permissions import Permission
from reviewflow.domain.relations import Follows
from reviewflow.domain.text import UnacceptableText
from reviewflow.domain.workflow import Action
from reviewflow.gateways import clock
from reviewflow.queries import editing
from reviewflow.queries.editing import Blank, Bracketed, Editable, Kept, OpenBracket
from reviewflow.services import recommendations
from reviewflow.services.recommendations import NEW
from reviewflow.web import errors, refusals, times
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_member, current_place, enter
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import accounts, differing, drafts
from reviewflow.web.workspace.drafts import Desk, desk_of
from reviewflow.web.workspace.forms.editing import BracketForm, EditorForm, typed_fields, whole_number
from reviewflow.web.workspace.sentences import came_back_sentence

blueprint = Blueprint("editing", __name__)


@blueprint.route("/recommendations/new", methods=["GET", "POST"])
@allowed(Permission.DRAFT)
def new() -> ResponseReturnValue:
    """Draft a text, of the `?kind=` asked for; `?replaces=` and `?corrects=` name a published one."""
    follows = drafts.follows()
    if request.method == "POST":
        return _create(editing.blank(current_actor(), None, follows, drafts.kind()), follows)
    start = editing.blank(current_actor(), drafts.slot(NEW), follows, drafts.kind())
    kept = _unsaved(start.kept, start.content)
    form = EditorForm.of(kept.content if kept else start.content, start.includable, kept.note if kept else "")
    return _page(form, _blank_desk(start, follows, kept=kept))


def _create(start: Blank, follows: Follows | None) -> ResponseReturnValue:
    form = EditorForm.sent(start.content, start.includable)
    desk = _blank_desk(start, follows, once=request.form.get("once", ""))
    if not form.validate():
        return _page(form, desk, status=422)
    key = _unsigned(request.form.get("once", ""))
    try:
        created = recommendations.create_recommendation(
            current_actor(), form.content(), form.note.data or "", follows, key
        )
    except ConcurrentChange as refusal:
        return _created_before(key, form) or _refused(form, desk, refusal)
    except (InvalidInput, UnacceptableText) as refusal:
        return _refused(form, desk, refusal)
    flash(_("Draft saved as version 1. Only your group sees it until it is proposed."), _done(desk))
    return redirect(url_for("desk.recommendations.show", key=created))


def _created_before(key: str, form: EditorForm) -> ResponseReturnValue | None:
    """The form was sent twice: the second time is the next version of what the first one made."""
    try:
        view = editing.editable(current_actor(), key)
    except Refusal:
        return None
    if view.head.content == form.content():
        return redirect(url_for("desk.recommendations.show", key=key))
    if view.closed:
        return _closed(view, form, view.closed)
    said = refusals.Answer(
        _("This draft has been created already"),
        _("It was created when you saved it first. What you changed since stands below; nothing is lost."),
    )
    return _page(form, desk_of(view, 1), said=said, status=409)


@blueprint.route("/recommendations/<key>/edit", methods=["GET", "POST"])
@allowed(Action.REVISE)
def edit(key: str) -> ResponseReturnValue:
    """Write the next version of a recommendation, on top of what was kept of it."""
    view = editing.editable(current_actor(), key)
    if request.method == "POST":
        return _save(view)
    kept = _unsaved(view.kept, view.head.content)
    if view.closed and kept is None:
        raise view.closed
    content, conflicts = _with_newer(view)
    form = EditorForm.of(kept.content if kept else content, view.includable, kept.note if kept else "")
    if view.closed:
        return _closed(view, form, view.closed)
    return _page(form, desk_of(view, kept.base if kept else view.head.number, kept), conflicts=conflicts)


def _with_newer(view: Editable) -> tuple[Content, int]:
    """The head's words, those of a corrigendum brought together with the words in force; and in how many
    places both differ."""
    mine, newer = view.head.content, view.newer
    if newer is None:
        return mine, 0
    merged = merge_contents(newer.before, mine, newer.content, names=(_("yours"), newer.symbol))
    return merged.content, len(merged.conflicts)


def _save(view: Editable) -> ResponseReturnValue:
    form = EditorForm.sent(view.head.content, view.includable)
    if view.closed:
        return _closed(view, form, view.closed)
    if not form.validate():
        return _page(form, desk_of(view, form.base or 0), status=422)
    if form.base is None:
        return _conflict(view, form)
    try:
        event = recommendations.save_version(
            current_actor(),
            view.key,
            form.base,
            form.content(),
            form.note.data or "",
            corrects=form.corrected_words,
        )
    except StaleVersion:
        # Read again: whoever saved did so after this request had begun, or long before.
        return _conflict(editing.editable(current_actor(), view.key), form)
    except WrongState as refusal:
        return _closed(view, form, refusal)
    except NotFound:
        raise
    except Refusal as refusal:
        return _refused(form, desk_of(view, form.base), refusal)
    flash(_("Version %(number)s saved.", number=event.version), _done(desk_of(view, event.version)))
    return redirect(url_for("desk.recommendations.show", key=view.key))


def _conflict(view: Editable, form: EditorForm) -> ResponseReturnValue:
    """Somebody else saved meanwhile: both texts, what differs, and both brought together in the form."""
    mine, theirs = form.content(), view.head
    if view.closed:
        return _closed(view, form, view.closed)
    if mine == theirs.content:
        # The same form sent twice, or two people with the same words: there is nothing to decide.
        recommendations.discard_working_text(current_actor(), view.key)
        flash(_("Version %(number)s holds these words.", number=theirs.number), _done(desk_of(view, 0)))
        return redirect(url_for("desk.recommendations.show", key=view.key))
    known = form.base is not None and 0 < form.base < theirs.number
    base = editing.saved_version(current_actor(), view.key, form.base or 0) if known else None
    author = current_place().directory.name_of(theirs.author_id)
    names = (_("yours"), _("%(name)s, version %(number)s", name=author, number=theirs.number))
    merged = merge_contents((base or theirs).content, mine, theirs.content, names=names)
    page = render_template(
        "workspace/editing/conflict.html",
        desk=desk_of(view, theirs.number),
        form=EditorForm.of(merged.content, view.includable, form.note.data or ""),
        mine=mine,
        theirs=theirs,
        author=author,
        base=base,
        conflicts=merged.conflicts,
        differences=differing.fields_that_differ(theirs.content, mine),
        person=_person(),
    )
    return page, 409


def _closed(view: Editable, form: EditorForm, refusal: WrongState) -> ResponseReturnValue:
    """The text can't be revised now; what was typed is shown, to be copied or thrown away."""
    page = render_template(
        "workspace/editing/closed.html",
        desk=desk_of(view, view.head.number, view.kept),
        form=form,
        said=refusals.refusal(refusal),
    )
    return page, errors.status_of(refusal)


@blueprint.post("/recommendations/<key>/working-text")
@allowed(Action.REVISE)
def autosave(key: str) -> ResponseReturnValue:
    """Keep what is being typed, whatever it is; `key` is `new` for a text that was never saved."""
    if "title" not in request.form or "text" not in request.form:
        raise InvalidInput(field="text", problem="missing")
    slot = drafts.slot(key)
    base = whole_number(request.form.get("base_version")) or 0
    recommendations.keep_working_text(current_actor(), slot, base, typed_fields())
    if request.accept_mimetypes.best != "application/json":
        flash(_("Your changes are kept. Nobody else sees them until you save a version."))
        return redirect(drafts.editor(key))
    return jsonify(time=clock.now().astimezone(times.zone()).strftime("%H:%M"))


@blueprint.post("/recommendations/<key>/working-text/discard")
@allowed(Permission.ENTER)
def discard(key: str) -> ResponseReturnValue:
    """Throw away what was typed and not saved."""
    slot = drafts.slot(key)
    recommendations.discard_working_text(current_actor(), slot)
    flash(_("Your unsaved changes are gone."), f"saved:{drafts.autosave(key, drafts.follows())}#{_person()}")
    return redirect(drafts.editor(key))


@blueprint.route("/recommendations/<key>/brackets", methods=["GET", "POST"])
@allowed(Action.AMEND)
def settle(key: str) -> ResponseReturnValue:
    """Settle the open brackets of a proposed text, one at a time; each makes a version (amend)."""
    view = editing.bracketed(current_actor(), key)
    if not view.brackets and request.method == "GET":
        # What is open then are suggestions.
        return redirect(url_for("desk.suggestions.list_all", key=key))
    return _settle(view) if request.method == "POST" else _brackets(view)


def _settle(view: Bracketed) -> ResponseReturnValue:
    number = whole_number(request.form.get("index"))
    found = next(
        (b for b in view.brackets if b.field == request.form.get("field") and b.index == number), None
    )
    form = BracketForm(found.options if found else ())
    version = whole_number(request.form.get("version"))
    if found is None or version != view.version:
        said = refusals.refusal(StaleVersion(named=version, head=view.version))
        return _brackets(view, form=form, said=said, status=409)
    if not form.validate():
        return _brackets(view, form=form, sent=found, status=422)
    try:
        event = recommendations.settle_bracket(
            current_actor(), view.key, view.version, found.index, form.settled(), field=found.field
        )
    except StaleVersion as refusal:
        fresh = editing.bracketed(current_actor(), view.key)
        return _brackets(fresh, form=form, said=refusals.refusal(refusal), status=409)
    except (Unmet, InvalidInput, UnacceptableText, ConcurrentChange) as refusal:
        said, status = refusals.refusal(refusal), errors.status_of(refusal)
        return _brackets(view, form=form, sent=found, said=said, status=status)
    flash(_("Version %(number)s: the bracket is settled. The other side is told.", number=event.version))
    # The new words may hold a bracket themselves, so the text is asked and not the number on this page.
    left = editing.open_count(current_actor(), view.key)
    return redirect(url_for("desk.editing.settle" if left else "desk.recommendations.show", key=view.key))


def _brackets(
    view: Bracketed,
    *,
    form: BracketForm | None = None,
    sent: OpenBracket | None = None,
    said: refusals.Answer | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The page of open brackets; `form` holds what was sent, for the bracket `sent` if it is still there."""
    page = render_template("workspace/editing/brackets.html", view=view, form=form, sent=sent, said=said)
    return page, status


@blueprint.errorhandler(CSRFError)
def expired(error: CSRFError) -> ResponseReturnValue:
    """The form is of an earlier session, or has no token: the editor again, with everything typed.

    Nothing is done; only a click of the person on this page of ours sends it again.
    """
    view_args = dict(request.view_args or {})
    if current_member() is None or request.endpoint not in ("desk.editing.new", "desk.editing.edit"):
        return accounts.forged(error)
    said = refusals.Answer(
        _("Please save once more"),
        _("This form was opened in another session. Nothing has been saved yet; your words stand below."),
    )
    try:
        enter(g.task_force)
        if request.endpoint == "desk.editing.new":
            follows = drafts.follows()
            start = editing.blank(current_actor(), drafts.slot(NEW), follows, drafts.kind())
            return _page(
                EditorForm.sent(start.content, start.includable),
                _blank_desk(start, follows),
                said=said,
                status=400,
            )
        view = editing.editable(current_actor(), str(view_args["key"]))
        form = EditorForm.sent(view.head.content, view.includable)
        if view.closed:
            return _closed(view, form, view.closed)
        return _page(form, desk_of(view, form.base or 0), said=said, status=400)
    except Refusal as refusal:
        return errors.refused(refusal)


def _page(
    form: EditorForm,
    desk: Desk,
    *,
    said: refusals.Answer | None = None,
    status: int = 200,
    conflicts: int = 0,
) -> ResponseReturnValue:
    page = render_template(
        "workspace/editing/editor.html",
        form=form,
        desk=desk,
        conflicts=conflicts,
        said=said,
        came_back=came_back_sentence(desk.editable) if desk.editable else None,
        person=_person(),
    )
    return page, status


def _refused(form: EditorForm, desk: Desk, refusal: Refusal) -> ResponseReturnValue:
    return _page(form, desk, said=refusals.refusal(refusal), status=errors.status_of(refusal))


def _blank_desk(start: Blank, follows: Follows | None, *, kept: Kept | None = None, once: str = "") -> Desk:
    return Desk(
        action=url_for("desk.editing.new", kind=drafts.asked()),
        autosave=drafts.autosave(NEW, follows),
        discard=url_for("desk.editing.discard", key=NEW, **drafts.named(follows), kind=drafts.asked()),
        back=url_for("desk.recommendations.show", key=follows.key)
        if follows
        else url_for("desk.home.waiting"),
        language=start.language,
        group_id=start.group_id,
        kept=kept,
        once=once if _unsigned(once) else _signer().dumps(recommendations.new_key()),
        original=start.follows,
        follows=follows,
    )


def _unsaved(kept: Kept | None, content: Content) -> Kept | None:
    """A working text that says something else than the version does."""
    if kept is None:
        return None
    try:
        return None if kept.content.canonical() == content.canonical() else kept
    except UnacceptableText:
        return kept


def _done(desk: Desk) -> str:
    """The flash category that makes the browser forget its own copy of what is saved now."""
    return f"saved:{desk.autosave}#{_person()}"


def _person() -> str:
    """Tells the writers at a shared computer apart, and tells nothing about them."""
    return hashlib.sha256(current_place().member.email.encode()).hexdigest()[:12]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=f"new:{current_actor().person_id}")


def _unsigned(once: str) -> str:
    """The key that we gave to a form of this person; empty for anything else."""
    try:
        return str(_signer().loads(once))
    except BadSignature:
        return ""

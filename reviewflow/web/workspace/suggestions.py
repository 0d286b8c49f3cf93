"""Suggesting words, and the page on which the proposing group decides on what was suggested."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from reviewflow.domain.differences import compare_words
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.manifest import WORDED, Wording
from reviewflow.domain.permissions import Permission
from reviewflow.domain.suggestions import Suggestion, accepted, collisions
from reviewflow.domain.workflow import Action
from reviewflow.gateways.blocks import Opened, render_plain, rendered_blocks, rendered_rationale
from reviewflow.gateways.marks import Mark
from reviewflow.gateways.rendering import render_runs
from reviewflow.queries import suggestions as queries
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.queries.suggestions import SuggestionsPage, SuggestionView
from reviewflow.services import suggestions as services
from reviewflow.services.anchors import Aim
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext
from reviewflow.web.workspace.differing import fields_that_differ, labels
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.forms.suggestions import SuggestionForm
from reviewflow.web.workspace.margin import marks_of

blueprint = Blueprint("suggestions", __name__)


@blueprint.route("/recommendations/<key>/suggest", methods=["GET", "POST"])
@allowed(Action.SUGGEST)
def suggest(key: str) -> ResponseReturnValue:
    """Suggest other words, or brackets (`bracket=1`), for words that were selected or are typed here."""
    form = SuggestionForm()
    if request.method == "POST":
        return _made(key, form)
    page = queries.page(current_actor(), key)
    if page.no_suggesting:
        raise page.no_suggesting
    for name in ("field", "paragraph", "near", "bracket", "words"):
        form[name].data = request.args.get(name, "").replace("\x00", "")
    # A title is short enough to be suggested anew as a whole.
    if form.field.data == "title" and not form.words.data:
        form.words.data = page.manifest.wording.title
    if not form.bracket.data:
        form.after.data = form.words.data
    form.version.data = str(page.version)
    return _form_page(page, form)


def _made(key: str, form: SuggestionForm) -> ResponseReturnValue:
    """Make the suggestion; what can't be made comes back with every word that was typed."""
    version = whole_number(form.version.data) or 0
    aim = Aim(
        whole_number(form.paragraph.data),
        form.words.data or "",
        whole_number(form.near.data),
        form.field.data or "text",
    )
    after, reason, internal = form.after.data or "", form.reason.data or "", form.internal.data == "1"
    try:
        if form.bracket.data:
            thread = services.ask_for_bracket(
                current_actor(), key, version, aim, after, reason, internal=internal
            )
        else:
            thread = services.suggest(
                current_actor(), key, version, aim, after, reason=reason, internal=internal
            )
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = queries.page(current_actor(), key)
        said = refusals.refusal(refusal)
        form.near.data = ""
        return _form_page(page, form, said), errors.status_of(refusal)
    flash(_("Your suggestion stands beside the text."))
    return redirect(url_for("desk.recommendations.show", key=key) + f"#thread-{thread}")


def _form_page(page: SuggestionsPage, form: SuggestionForm, said: refusals.Answer | None = None) -> str:
    field = form.field.data if form.field.data in WORDED else "text"
    return render_template(
        "workspace/suggestions/suggest.html",
        page=page,
        form=form,
        said=said,
        field=field,
        present=_present(page.manifest.wording, field, whole_number(form.paragraph.data) or 0),
        own=current_actor().group_id == page.group_id,
    )


def _present(words: Wording, field: str, number: int) -> Markup:
    """The words that are to be changed: a paragraph of the text, or a whole field."""
    if field in ("title", "summary"):
        return render_plain(getattr(words, field))
    if field == "rationale":
        return rendered_rationale(words.rationale, labels())
    blocks = rendered_blocks(words.text, labels())
    found = blocks[number - 1 : number] if number else ()
    return Markup().join(block.opening + block.closing for block in found)


@blueprint.get("/recommendations/<key>/suggestions")
@allowed(Permission.READ_ITEM)
def list_all(key: str) -> ResponseReturnValue:
    """All suggestions, those that collide, and what those that are ticked (`chosen`) would give."""
    return _list_page(queries.page(current_actor(), key), request.args.getlist("chosen"))


@blueprint.post("/recommendations/<key>/suggestions/accept")
@allowed(Action.REVISE)
def accept(key: str) -> ResponseReturnValue:
    """Accept what was chosen, all in one version."""
    chosen = request.form.getlist("chosen")
    version = whole_number(request.form.get("version")) or 0
    try:
        event = services.accept_suggestions(
            current_actor(), key, version, chosen, request.form.get("note", "")
        )
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = queries.page(current_actor(), key)
        return _list_page(page, chosen, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(
        ngettext(
            "Version %(version)s: the suggestion is accepted.",
            "Version %(version)s: %(num)d suggestions are accepted.",
            len(chosen),
            version=event.version,
        )
    )
    return redirect(url_for("desk.recommendations.show", key=key))


@blueprint.post("/recommendations/<key>/suggestions/reject")
@allowed(Permission.DECIDE_SUGGESTIONS)
def reject(key: str) -> ResponseReturnValue:
    """Reject what was chosen, with words."""
    chosen = request.form.getlist("chosen")
    try:
        services.reject_suggestions(current_actor(), key, chosen, request.form.get("words", ""))
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        page = queries.page(current_actor(), key)
        said = refusals.refusal(refusal)
        return _list_page(page, chosen, said, request.form.get("words", "")), errors.status_of(refusal)
    flash(ngettext("The suggestion is rejected.", "%(num)d suggestions are rejected.", len(chosen)))
    return redirect(url_for("desk.suggestions.list_all", key=key))


@blueprint.post("/recommendations/<key>/suggestions/<thread>/withdraw")
@allowed(Permission.WITHDRAW_SUGGESTION)
def withdraw(key: str, thread: str) -> ResponseReturnValue:
    """Take one's own suggestion back."""
    services.withdraw_suggestion(current_actor(), key, thread)
    flash(_("Your suggestion is withdrawn."))
    return redirect(url_for("desk.recommendations.show", key=key))


def _list_page(
    page: SuggestionsPage,
    chosen: list[str],
    said: refusals.Answer | None = None,
    words: str = "",
) -> str:
    choice = page.choice(chosen)
    numbers = {s.key: number for number, s in enumerate(page.suggestions, start=1)}
    found = choice.manifest
    return render_template(
        "workspace/suggestions/list.html",
        page=page,
        numbers=numbers,
        colliding=[(numbers[a], numbers[b]) for a, b in page.collisions],
        choice=choice,
        chosen=set(choice.keys),
        pairs=[(numbers[a], numbers[b]) for a, b in choice.pairs],
        refused=refusals.refusal(_named(choice.refused)) if choice.refused else None,
        digest=found.digest() if found else "",
        differences=fields_that_differ(page.manifest.content(), found.content()) if found else (),
        change_of=change_of,
        said=said,
        words=words,
        me=current_actor().person_id,
    )


def _named(code: str) -> Refusal:
    """A refusal of a code that has no details, to be said in words."""
    refusal = Refusal()
    refusal.code = code  # type: ignore[misc]  # of this instance only
    return refusal


def change_of(suggestion: SuggestionView) -> Markup:
    """What a suggestion takes out and puts in, as marked words."""
    return render_runs(compare_words(suggestion.before, suggestion.after), labels())


@dataclass(frozen=True, slots=True)
class Shown:
    """The words of an item's page, how suggestions are shown, and whether threads stand beside the text.

    `left_out` counts the suggestions that collide with another, where all are shown as accepted.
    """

    title: Markup
    summary: Markup
    blocks: tuple[Opened, ...]
    rationale: Markup
    view: str
    with_threads: bool = True
    left_out: int = 0


def shown_text(page: RecommendationPage, view: str) -> Shown:
    """The words with their suggestions marked, all accepted or all rejected, as the address wants it."""
    words = page.wording
    wanted = [s.here for s in page.suggestions if s.here]
    comments = marks_of(thread for thread in page.threads if thread.kind != "suggestion")
    if view == "accepted" and wanted:
        dropped: set[str] = set()
        for one, other in collisions(words, wanted):
            dropped |= {other} - ({other} if one in dropped else set())
        taken = [s for s in wanted if s.key not in dropped]
        try:
            return _shown(accepted(words, taken), {}, view, with_threads=False, left_out=len(dropped))
        except Refusal:
            view = "marked"
    drawn: Marks = {"text": comments}
    if view != "rejected":
        drawn = marks(page.suggestions)
        for paragraph, said in comments.items():
            drawn["text"][paragraph] = [*said, *drawn["text"].get(paragraph, ())]
    return _shown(words, drawn, "rejected" if view == "rejected" else "marked")


#: Marks by field, and there by paragraph.
Marks: TypeAlias = dict[str, dict[int, list[Mark]]]


def _shown(words: Wording, drawn: Marks, view: str, *, with_threads: bool = True, left_out: int = 0) -> Shown:
    return Shown(
        title=render_plain(words.title, labels(), marks=drawn.get("title", {})),
        summary=render_plain(words.summary, labels(), marks=drawn.get("summary", {})),
        blocks=rendered_blocks(words.text, labels(), marks=drawn.get("text", {})),
        rationale=rendered_rationale(words.rationale, labels(), marks=drawn.get("rationale", {})),
        view=view,
        with_threads=with_threads,
        left_out=left_out,
    )


def marks(found: Iterable[SuggestionView]) -> Marks:
    """The open suggestions as marks, in the hue of their group."""
    groups = current_place().directory.groups
    drawn: Marks = defaultdict(lambda: defaultdict(list))
    for one in found:
        if one.here is None:
            continue
        group = groups.get(one.group_id) if one.group_id else None
        origin = () if group is None else (f"from-{'w' if group.ordinal == 1 else 'a'}",)
        drawn[one.here.field][one.here.paragraph].extend(_drawn(one.here, origin))
    return drawn


def _drawn(one: Suggestion, kinds: tuple[str, ...]) -> list[Mark]:
    """The words that a suggestion takes out and puts in, each where it stands; what stays is not marked."""
    found: list[Mark] = []
    at = one.start
    for run in compare_words(one.before, one.after):
        if run.kind == "insert":
            if found and found[-1].deleted and found[-1].end == at:
                found[-1] = replace(found[-1], inserted=run.text)
            else:
                found.append(Mark(at, at, one.key, kinds, inserted=run.text))
            continue
        if run.kind == "delete":
            found.append(Mark(at, at + len(run.text), one.key, kinds, deleted=True))
        at += len(run.text)
    return found

"""Package deals: tying texts, looking at what holds them, agreeing to all of them or untying them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.items import State
from reviewflow.domain.permissions import Permission
from reviewflow.domain.workflow import Action
from reviewflow.queries import packages as read
from reviewflow.queries.packages import Package, TiedText
from reviewflow.services import packages
from reviewflow.web import errors, refusals, words
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext
from reviewflow.web.workspace.forms.packages import ConsentForm, TieForm

blueprint = Blueprint("packages", __name__)


@blueprint.route("/packages/new", methods=["GET", "POST"])
@allowed(Permission.TIE_TEXTS)
def tie() -> ResponseReturnValue:
    """Choose the texts that are to be agreed together; what is refused comes back as it was chosen."""
    form = TieForm()
    if not form.is_submitted():
        form.texts.data = [request.args["with"]] if "with" in request.args else []
        return _form(form)
    try:
        key = packages.tie(current_actor(), form.title.data or "", form.texts.data or [])
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        return _form(form, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(_("The texts are tied: they are agreed together or not at all."))
    return redirect(url_for("desk.packages.show", key=key))


def _form(form: TieForm, refused: refusals.Answer | None = None) -> str:
    return render_template(
        "workspace/packages/new.html", form=form, refused=refused, candidates=read.candidates(current_actor())
    )


@blueprint.get("/packages/<key>")
@allowed(Permission.READ_ITEM)
def show(key: str) -> ResponseReturnValue:
    """What is tied, what holds it, and who has agreed to the whole."""
    return _show(key)


@blueprint.post("/packages/<key>/agree")
@allowed(Action.AGREE)
def agree(key: str) -> ResponseReturnValue:
    """Agree for the group to everything in it, or be told all that is in the way."""
    form = ConsentForm()
    try:
        is_done = packages.agree_to_package(current_actor(), key, form.seal.data or "")
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        return _show(key, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(
        _("Agreed: every text of the package now waits for the coordinator.")
        if is_done
        else _("Recorded. The texts are agreed as soon as the other leads have agreed to the package too.")
    )
    return redirect(url_for("desk.packages.show", key=key))


@blueprint.post("/packages/<key>/untie")
@allowed(Action.UNTIE)
def untie(key: str) -> ResponseReturnValue:
    """Let each text go its own way again."""
    try:
        packages.untie(current_actor(), key)
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        return _show(key, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(_("Untied: each text goes its own way again."))
    return redirect(url_for("desk.packages.show", key=key))


def _show(key: str, refused: refusals.Answer | None = None) -> str:
    package = read.package(current_actor(), key, tuple(current_place().directory.groups))
    return render_template(
        "workspace/packages/show.html",
        package=package,
        refused=refused,
        holds=holds,
        group_names=group_names,
        state_sentence=state_sentence,
    )


def group_names(groups: frozenset[int]) -> str:
    """The short names of groups, in the order of the task force."""
    return ", ".join(g.short_name for g in current_place().directory.groups.values() if g.id in groups)


def state_sentence(package: Package) -> str:
    """What has become of a package, or what it waits for."""
    if package.outcome == "agreed":
        return _("Agreed together.")
    if package.outcome == "untied":
        return _("Untied: each text went its own way.")
    held = sum(bool(holds(text)) for text in package.texts)
    if held:
        return ngettext("%(num)d text holds it.", "%(num)d texts hold it.", held)
    return _("Nothing holds it; waiting for the lead of: %(groups)s.", groups=group_names(package.lacking))


def holds(text: TiedText) -> list[str]:
    """What keeps one text from being agreed to, as sentences; empty if nothing does."""
    if text.state is not State.PROPOSED:
        return [_("It is not before the groups: %(state)s.", state=words.state_label(text.state))]
    said = []
    if text.open_brackets:
        said.append(
            ngettext(
                "%(num)d square bracket is open.", "%(num)d square brackets are open.", text.open_brackets
            )
        )
    groups = current_place().directory.groups
    for group in text.counterparts:
        outcome = text.standing.outcomes.get(group)
        if outcome is None or not outcome.carried:
            tally = words.tally_sentence(outcome) if outcome else _("no ballot")
            said.append(_("%(group)s: %(tally)s.", group=groups[group].short_name, tally=tally))
    return said

"""The settings of a task force and its groups, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.permissions import Permission
from reviewflow.queries import memberships as read
from reviewflow.queries.memberships import GroupProfile, SettingsEvent
from reviewflow.services import accounts
from reviewflow.web import errors, refusals, words
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.people import GroupForm, SettingsForm

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
allowed(Permission.MANAGE_SETTINGS)(blueprint)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """What can be set, and what changed."""
    return _page()


@blueprint.post("/")
def change() -> ResponseReturnValue:
    """Change what is said of the task force; what is refused comes back as it was typed."""
    form = SettingsForm()

    def store() -> None:
        accounts.change_settings(
            current_actor(),
            name=form.name.data or "",
            description=form.description.data or "",
            disclaimer=form.disclaimer.data or "",
            notice=form.notice.data or "",
        )

    return _stored(store, lambda refused: _page(form, refused))


@blueprint.post("/chatham-house")
def chatham_house() -> ResponseReturnValue:
    """Adopt the Chatham House Rule, for who says that they know it is for good."""
    if not request.form.get("known"):
        return _page(refused=_unknown()), 422
    accounts.adopt_chatham_house(current_actor(), current_actor().task_force_id)
    flash(_("The Chatham House Rule applies from now on."))
    return redirect(url_for("desk.settings.show"))


def _unknown() -> refusals.Answer:
    """What stands in the way of a choice that has no way back."""
    return refusals.Answer(
        _("Nothing was changed"),
        _("The Chatham House Rule has no way back. If you want it, tick that you know this, and adopt it."),
    )


@blueprint.route("/groups/new", methods=["GET", "POST"])
def add_group() -> ResponseReturnValue:
    """Add a group."""
    form, actor = GroupForm(), current_actor()
    if not form.is_submitted():
        return _group_page(form)
    return _stored(
        lambda: accounts.create_group(actor, actor.task_force_id, _profile(form, form.slug.data or "")),
        lambda refused: _group_page(form, refused=refused),
    )


@blueprint.route("/groups/<slug>", methods=["GET", "POST"])
def group(slug: str) -> ResponseReturnValue:
    """Change how a group is called, and where it works."""
    groups = read.groups(current_actor())
    found = next((group_id for group_id, each in groups.items() if each.slug == slug), None)
    if found is None:
        raise NotFound()
    form = GroupForm(data=asdict(groups[found]))
    if not form.is_submitted():
        return _group_page(form, slug)
    return _stored(
        lambda: accounts.change_group(current_actor(), found, _profile(form, slug)),
        lambda refused: _group_page(form, slug, refused),
    )


def _profile(form: GroupForm, slug: str) -> GroupProfile:
    return GroupProfile(
        slug=slug,
        name=form.name.data or "",
        short_name=form.short_name.data or "",
        letter=form.letter.data or "",
        city=form.city.data or "",
        time_zone=form.time_zone.data or "",
        language=form.language.data or "",
        holiday_country=form.holiday_country.data or "",
    )


def _stored(store: Callable[[], object], again: Callable[[refusals.Answer], str]) -> ResponseReturnValue:
    try:
        store()
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        return again(refusals.refusal(refusal)), errors.status_of(refusal)
    flash(_("Recorded."))
    return redirect(url_for("desk.settings.show"))


def _page(form: SettingsForm | None = None, refused: refusals.Answer | None = None) -> str:
    actor = current_actor()
    settings = read.settings(actor)
    return render_template(
        "workspace/settings/show.html",
        settings=settings,
        groups=read.groups(actor).values(),
        events=[(event, _sentence(event)) for event in read.settings_events(actor)],
        form=form or SettingsForm(data=asdict(settings)),
        refused=refused,
    )


def _group_page(form: GroupForm, slug: str = "", refused: refusals.Answer | None = None) -> str:
    return render_template(
        "workspace/settings/group.html",
        form=form,
        slug=slug,
        zones=sorted(available_timezones()),
        languages=words.languages(),
        refused=refused,
    )


def _sentence(event: SettingsEvent) -> str:
    """What was changed, in one sentence."""
    directory = current_place().directory
    names = {each.slug: each.short_name for each in directory.groups.values()}
    fields = ", ".join(words.field_label(name).lower() for name in event.fields)
    sentences = {
        "task_force_created": _("%(who)s founded the task force."),
        "settings_changed": _("%(who)s changed what is said of the task force (%(fields)s)."),
        "group_created": _("%(who)s added the %(group)s group."),
        "group_changed": _("%(who)s changed the %(group)s group (%(fields)s)."),
        "chatham_house_adopted": _("%(who)s adopted the Chatham House Rule."),
    }
    who = directory.name_of(event.actor_id) or _("The operator")
    return sentences[event.name] % {"who": who, "fields": fields, "group": names.get(event.group, "")}

"""Naming who acts in one's name while one is away, and taking that back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.actors import VOTING_ROLES, StandIn
from reviewflow.domain.errors import InvalidInput, NotFound, NotPermitted, Refusal
from reviewflow.domain.permissions import Permission
from reviewflow.domain.stand_ins import LONGEST
from reviewflow.gateways import clock
from reviewflow.queries import stand_ins as read
from reviewflow.queries.accounts import Named
from reviewflow.services import stand_ins
from reviewflow.web import errors, refusals, times
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.forms.people import StandInForm

blueprint = Blueprint("stand_ins", __name__)


@blueprint.get("/people/stand-in")
@allowed(Permission.LEND_VOICE)
def show() -> ResponseReturnValue:
    """Who stands in for the reader, for whom the reader does, and the form by which one names somebody."""
    form = StandInForm()
    form.first_day.data = clock.now().astimezone(times.zone()).date().isoformat()
    return _show(form)


@blueprint.post("/people/stand-in")
@allowed(Permission.LEND_VOICE)
def name() -> ResponseReturnValue:
    """Name somebody."""
    form = StandInForm()
    try:
        since, until = (
            _midnight("first_day", form.first_day.data),
            _midnight("last_day", form.last_day.data, 1),
        )
        lent = stand_ins.name_stand_in(
            current_actor(), whole_number(form.stand_in.data) or 0, since, until, _mail
        )
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        return _show(form, refusals.refusal(refusal)), errors.status_of(refusal)
    named = current_place().directory.name_of(lent.person)
    flash(_("Named: %(name)s can act in your name in that time.", name=named))
    return redirect(url_for("desk.stand_ins.show"))


@blueprint.post("/people/stand-ins/<int(max=2147483647):number>/end")
@allowed(Permission.ENTER)
def end(number: int) -> ResponseReturnValue:
    """Take it back, or lay it down."""
    stand_ins.end_stand_in(current_actor(), number)
    flash(_("Ended. What was done in that name stays; what can be changed, the member can change."))
    return redirect(url_for("desk.stand_ins.show"))


def _show(form: StandInForm, refused: refusals.Answer | None = None) -> str:
    actor = current_actor()
    own = [
        line
        for line in read.stand_ins(actor, clock.now())
        if actor.person_id in (line.lent.principal, line.lent.person)
    ]
    return render_template(
        "workspace/people/stand_in.html",
        form=form,
        refused=refused,
        own=own,
        colleagues=_colleagues(),
        longest=LONGEST.days,
    )


def _colleagues() -> list[Named]:
    """Whom the reader can name: the other leads and experts of their group who have an account."""
    actor = current_actor()
    never = {actor.person_id, *read.guests(actor)}
    return [
        person
        for person in current_place().directory.members()
        if person.group_id == actor.group_id and person.role in VOTING_ROLES and person.id not in never
    ]


def _midnight(field: str, written: str | None, days: int = 0) -> datetime:
    """The instant at which a day begins on the reader's clock, or the day so many later."""
    try:
        day = date.fromisoformat(written or "") + timedelta(days=days)
    except (ValueError, OverflowError):
        raise InvalidInput(field=field, problem="no_such_day") from None
    found = times.on_readers_clock(f"{day.isoformat()}T00:00")
    if found is None:
        raise InvalidInput(field=field, problem="no_such_day")
    return found


def _mail(lent: StandIn) -> tuple[str, str]:
    """Subject and text of the mail to who is named."""
    place = current_place()
    who, task_force = place.member.name, place.directory.name
    return _("%(name)s names you as stand-in", name=who), _(
        "In %(task_force)s you can act in the name of %(name)s until %(until)s: take positions, and do what"
        " the lead does if %(name)s is one. Each act says that it was you.\n\nWhat waits for %(name)s then"
        " waits for you too. If you can’t do it, say so on the page of people: “Stop standing in”.\n",
        task_force=task_force,
        name=who,
        until=times.capitals(lent.until),
    )

"""The people of a task force: who is in it, who may come, and what becomes of their seats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.actors import GROUP_ROLES, Role
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.memberships import Seat, about_seat
from reviewflow.domain.permissions import About, Permission, allows, demand
from reviewflow.gateways import clock
from reviewflow.queries import memberships as read
from reviewflow.queries.memberships import Seated, SeatEvent
from reviewflow.queries.stand_ins import stand_ins
from reviewflow.services import memberships
from reviewflow.web import errors, refusals, words
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.forms.people import InviteForm, RoleForm

blueprint = Blueprint("people", __name__)


@dataclass(frozen=True, slots=True)
class Invited:
    """An address with the link that its owner needs; it is shown this once."""

    email: str
    seat: str
    link: str


@blueprint.get("/people")
@allowed(Permission.ENTER)
def list() -> ResponseReturnValue:
    """Who is in the task force and who was; for who manages seats, the form by which others are invited."""
    return _list(InviteForm())


@blueprint.post("/people/invitations")
@allowed(Permission.MANAGE_PEOPLE)
def invite() -> ResponseReturnValue:
    """Offer a seat to an address, and show the link to pass on."""
    form, actor = InviteForm(), current_actor()
    role, group = chosen_seat(form.seat.data or "")
    try:
        secret = memberships.invite(actor, form.email.data or "", role, group, _mail)
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        return _list(form, refusals.refusal(refusal)), errors.status_of(refusal)
    invited = Invited((form.email.data or "").strip(), seat_label(role, group), _link(secret))
    return _list(InviteForm(formdata=None), invited=invited)


def _link(secret: str) -> str:
    return str(current_app.config["REVIEWFLOW_PUBLIC_URL"]) + url_for("invitations.accept", secret=secret)


def _mail(secret: str) -> tuple[str, str]:
    """Subject and text of the mail to who is invited."""
    return _("Invitation to %(name)s", name=current_place().directory.name), _(
        "%(inviter)s invites you to take a seat in %(name)s.\n\nTake it within 14 days:\n%(link)s"
        "\n\nThe link works once. Who knows nothing of this need not do anything.\n",
        inviter=current_place().member.name,
        name=current_place().directory.name,
        link=_link(secret),
    )


@blueprint.post("/people/invitations/<int(max=2147483647):invitation>/revoke")
@allowed(Permission.MANAGE_PEOPLE)
def revoke(invitation: int) -> ResponseReturnValue:
    """Take an invitation back."""
    memberships.revoke_invitation(current_actor(), invitation)
    flash(_("Taken back: the link leads nowhere now."))
    return redirect(url_for("desk.people.list"))


@blueprint.get("/people/<int(max=2147483647):person>")
@allowed(Permission.END_SEAT)
def seat(person: int) -> ResponseReturnValue:
    """What can become of one seat, for who may do any of it."""
    return _seat(person)


@blueprint.post("/people/<int(max=2147483647):person>/role")
@allowed(Permission.MANAGE_PEOPLE)
def change_role(person: int) -> ResponseReturnValue:
    """Give a member of a group another role in it."""
    role = _role(RoleForm().role.data or "")
    return _changed(
        person,
        lambda: memberships.change_role(current_actor(), person, role),
        _("Recorded: the role is another one now."),
    )


@blueprint.post("/people/<int(max=2147483647):person>/lead")
@allowed(Permission.HAND_OVER_LEAD)
def hand_over(person: int) -> ResponseReturnValue:
    """Hand the lead over to an expert of one's group."""
    return _changed(
        person,
        lambda: memberships.hand_over_lead(current_actor(), person),
        _("Handed over: your group has another lead now, and you are one of its experts."),
    )


@blueprint.post("/people/<int(max=2147483647):person>/end")
@allowed(Permission.END_SEAT)
def end(person: int) -> ResponseReturnValue:
    """End a seat: another's, or one's own."""
    leaving = person == current_actor().person_id
    done = _("You have left the task force.") if leaving else _("The seat has ended.")
    after = url_for("accounts.front") if leaving else ""
    return _changed(person, lambda: memberships.end_membership(current_actor(), person), done, after)


def _changed(person: int, change: Callable[[], None], done: str, after: str = "") -> ResponseReturnValue:
    try:
        change()
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        return _seat(person, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(done)
    return redirect(after or url_for("desk.people.list"))


def _list(form: InviteForm, refused: refusals.Answer | None = None, invited: Invited | None = None) -> str:
    actor, directory = current_actor(), current_place().directory
    seats, lent = read.seats(actor), stand_ins(actor, clock.now())
    seats.sort(key=lambda seat: (seat.left_at is not None, [*Role].index(seat.role)))
    sides = [(group, [s for s in seats if s.group_id == group.id]) for group in directory.groups.values()]
    return render_template(
        "workspace/people/list.html",
        sides=[*sides, (None, [s for s in seats if s.group_id is None])],
        stand_ins=[(line.group_id, line.lent) for line in lent],
        may_lend=allows(Permission.LEND_VOICE, actor, About(actor.task_force_id)),
        offered=_offered(),
        invitations=read.open_invitations(actor, clock.now()),
        events=[(event, seat_event_sentence(event)) for event in read.seat_events(actor)],
        form=form,
        refused=refused,
        invited=invited,
        can_change=_can_change,
        seat_label=seat_label,
    )


def _seat(person: int, refused: refusals.Answer | None = None) -> str:
    """The page of a seat; who may do nothing about it is told so."""
    seat = read.seat(current_actor(), person)
    demand(Permission.END_SEAT, current_actor(), _about(seat))
    actor, about = current_actor(), _about(seat)
    may_manage = allows(Permission.MANAGE_PEOPLE, actor, about)
    return render_template(
        "workspace/people/seat.html",
        seat=seat,
        refused=refused,
        roles=[r for r in Role if r in GROUP_ROLES] if may_manage and seat.group_id is not None else [],
        is_heir=allows(Permission.HAND_OVER_LEAD, actor, about),
        leaving=person == actor.person_id,
        seat_label=seat_label,
    )


def _can_change(seat: Seated) -> bool:
    return seat.left_at is None and allows(Permission.END_SEAT, current_actor(), _about(seat))


def _about(seat: Seated) -> About:
    return about_seat(current_actor().task_force_id, Seat(seat.role, seat.group_id), seat.person_id)


def _offered() -> dict[str, str]:
    """The seats that the reader may offer, as the form's values, with their labels."""
    actor = current_actor()
    # The form begins with the first: most are invited as experts, and nobody is to be a lead by oversight.
    roles = (Role.EXPERT, Role.OBSERVER, Role.LEAD)
    places = [(role, group) for group in current_place().directory.groups for role in roles]
    everywhere = [*places, (Role.COORDINATOR, None), (Role.ADMINISTRATOR, None)]
    return {
        f"{role}:{group or ''}": seat_label(role, group)
        for role, group in everywhere
        if allows(Permission.MANAGE_PEOPLE, actor, about_seat(actor.task_force_id, Seat(role, group)))
    }


def chosen_seat(value: str) -> tuple[Role, int | None]:
    """The seat that a form names; a role that nobody gives where it names none."""
    role, _colon, group = value.partition(":")
    return _role(role), whole_number(group)


def _role(value: str) -> Role:
    return Role(value) if value in set(Role) else Role.CLOCK


def seat_label(role: Role, group_id: int | None) -> str:
    """A seat in words: `Lead, Astana`."""
    group = current_place().directory.groups.get(group_id or 0)
    return f"{words.role_label(role)}, {group.short_name}" if group else words.role_label(role)


def seat_event_sentence(event: SeatEvent) -> str:
    """What became of a seat, in one sentence."""
    directory = current_place().directory
    group = next((g for g in directory.groups.values() if g.slug == event.group), None)
    role = Role(event.role) if event.role in set(Role) else None
    who, actor = directory.name_of(event.person_id), directory.name_of(event.actor_id)
    seat = seat_label(role, group.id if group else None) if role else ""
    sentences = {
        "member_invited": _("%(actor)s invited somebody (%(seat)s)."),
        "invitation_revoked": _("%(actor)s took an invitation back."),
        "member_joined": _("%(who)s took a seat (%(seat)s)."),
        "role_changed": _("%(actor)s gave %(who)s another role (%(seat)s)."),
        "member_left": _("%(actor)s ended the seat of %(who)s (%(seat)s).")
        if event.actor_id != event.person_id
        else _("%(who)s left (%(seat)s)."),
        "member_renamed": _("%(actor)s corrected the name of %(who)s."),
        "lead_handed_over": _("%(actor)s handed the lead over to %(who)s."),
        "stand_in_named": _("%(actor)s named %(who)s as stand-in."),
        "stand_in_ended": _("%(actor)s ended the time of %(who)s as stand-in for %(principal)s."),
    }
    principal = directory.name_of(event.principal)
    told = {"actor": actor or _("The operator"), "who": who, "seat": seat, "principal": principal}
    return sentences[event.name] % told

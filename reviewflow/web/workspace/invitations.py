"""Accepting an invitation: with the account that one has, or with a new one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import Refusal
from reviewflow.domain.memberships import DeadLink
from reviewflow.domain.permissions import Permission
from reviewflow.gateways import clock
from reviewflow.queries import memberships as read
from reviewflow.services import memberships
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_member
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace import accounts
from reviewflow.web.workspace.forms.people import NewcomerForm

blueprint = Blueprint("invitations", __name__, url_prefix="/desk/invitation")
allowed(Permission.HOLD_LINK)(blueprint)


@blueprint.get("/<secret>")
def accept(secret: str) -> ResponseReturnValue:
    """What is offered, and both ways to take it: the link does not tell whether there is an account."""
    return _page(secret, NewcomerForm())


@blueprint.post("/<secret>")
def join(secret: str) -> ResponseReturnValue:
    """Register with name and password, and take the seat."""
    form = NewcomerForm()
    try:
        person, slug = memberships.accept_as_newcomer(secret, form.name.data or "", form.password.data or "")
    except DeadLink:
        raise
    except Refusal as refusal:
        return _page(secret, form, refusals.refusal(refusal)), errors.status_of(refusal)
    answer = accounts.enter_as(person, url_for("desk.home.waiting", task_force=slug))
    flash(_("Welcome: the seat is yours."))
    return answer


@blueprint.post("/<secret>/guest")
def join_as_guest(secret: str) -> ResponseReturnValue:
    """Take the seat without an account, for an official who is only asked for positions by link."""
    form = NewcomerForm()
    page = read.offer(secret, clock.now())
    try:
        memberships.accept_as_guest(secret, form.name.data or "")
    except DeadLink:
        raise
    except Refusal as refusal:
        return _page(secret, form, refusals.refusal(refusal)), errors.status_of(refusal)
    return render_template("workspace/people/guest.html", offer=page)


@blueprint.post("/<secret>/seat")
def take_seat(secret: str) -> ResponseReturnValue:
    """Take the seat as who has signed in."""
    member = current_member()
    if member is None:
        return redirect(url_for("accounts.sign_in", next=url_for("invitations.accept", secret=secret)))
    try:
        slug = memberships.accept_invitation(member.id, secret)
    except DeadLink:
        raise
    except Refusal as refusal:
        return _page(secret, NewcomerForm(), refusals.refusal(refusal)), errors.status_of(refusal)
    flash(_("Welcome: the seat is yours."))
    return redirect(url_for("desk.home.waiting", task_force=slug))


def _page(secret: str, form: NewcomerForm, refused: refusals.Answer | None = None) -> str:
    offer = read.offer(secret, clock.now())
    if offer is None:
        raise DeadLink()
    return render_template(
        "workspace/people/invitation.html",
        offer=offer,
        secret=secret,
        form=form,
        refused=refused,
        member=current_member(),
    )

"""Sign-off by link, for leads: whom of the group one can ask, and the links that were sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.acts import Action
from reviewflow.domain.errors import NotFound, NotPermitted, Refusal
from reviewflow.domain.sign_offs import Life
from reviewflow.gateways import clock
from reviewflow.queries import sign_offs as read
from reviewflow.queries.sign_offs import SignOffs
from reviewflow.services import sign_offs
from reviewflow.web import errors, refusals, times
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.editing import whole_number
from reviewflow.web.workspace.forms.sign_offs import AskForm

blueprint = Blueprint("sign_offs", __name__)


@blueprint.route("/recommendations/<key>/sign-offs", methods=["GET", "POST"])
@allowed(Action.RECORD_POSITION)
def ask(key: str) -> ResponseReturnValue:
    """Whom one can ask and what became of the links; mail one."""
    form = AskForm()
    page = read.sign_offs(current_actor(), key, clock.now())
    if not form.is_submitted():
        form.version.data = str(page.version)
        return _page(page, form)
    member, version = whole_number(form.member.data) or 0, whole_number(form.version.data) or 0
    guest = next((guest.name for guest in page.guests if guest.person_id == member), "")
    try:
        sign_offs.ask(current_actor(), key, version, member, _mail(page, guest))
    except (NotFound, NotPermitted):
        raise
    except Refusal as refusal:
        form.version.data = str(page.version)
        return _page(page, form, refusals.refusal(refusal)), errors.status_of(refusal)
    flash(_("A link is on its way to %(name)s; only who reads that mail can use it.", name=guest))
    return redirect(url_for("desk.sign_offs.ask", key=key))


@blueprint.post("/recommendations/<key>/sign-offs/<int(max=2147483647):number>/withdraw")
@allowed(Action.RECORD_POSITION)
def withdraw(key: str, number: int) -> ResponseReturnValue:
    """Take an open link back."""
    sign_offs.withdraw(current_actor(), key, number)
    flash(_("Taken back: nothing can be done by that link now."))
    return redirect(url_for("desk.sign_offs.ask", key=key))


def _page(page: SignOffs, form: AskForm, refused: refusals.Answer | None = None) -> str:
    return render_template(
        "workspace/sign_offs/ask.html", page=page, form=form, refused=refused, life_label=life_label
    )


def life_label(life: Life) -> str:
    """How it stands with a link, for who sent it."""
    return {
        Life.OPEN: _("open"),
        Life.USED: _("used"),
        Life.WITHDRAWN: _("taken back"),
        Life.REPLACED: _("replaced by a newer one"),
        Life.DEPARTED: _("over: no vote in your group any more"),
        Life.EXPIRED: _("over: not used in time"),
        Life.OTHER_TEXT: _("over: there is another version or a new ballot"),
        Life.CLOSED: _("over: the text is no longer before your group"),
    }[life]


def _mail(page: SignOffs, guest: str) -> Callable[[str, datetime], tuple[str, str]]:
    """Subject and text of the mail. It names the text by its symbol alone: mail passes through many hands."""

    def mail(secret: str, until: datetime) -> tuple[str, str]:
        link = str(current_app.config["REVIEWFLOW_PUBLIC_URL"]) + url_for("signing.show", secret=secret)
        return _("Your position on %(symbol)s", symbol=page.symbol), _(
            "%(guest)s,\n\n%(asker)s asks for your position on version %(version)s of %(symbol)s"
            " (%(task_force)s). Read it, and approve or object, here:\n%(link)s"
            "\n\nWhat you do there is recorded under your name. The link works once, until %(until)s, and"
            " for this version only. Do not pass it on: who holds it can speak for you.\n",
            guest=guest,
            asker=current_place().member.name,
            version=page.version,
            symbol=page.symbol,
            task_force=current_place().directory.name,
            link=link,
            until=times.capitals(until),
        )

    return mail

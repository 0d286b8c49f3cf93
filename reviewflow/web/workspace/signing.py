"""What a guest's link opens: one text, two buttons, and in words what became of a link that is over."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import Refusal
from reviewflow.domain.memberships import DeadLink
from reviewflow.domain.permissions import Permission
from reviewflow.domain.sign_offs import STANDS, DeadSignOff, Life
from reviewflow.gateways import clock
from reviewflow.gateways.blocks import rendered_blocks, rendered_rationale
from reviewflow.queries import sign_offs as read
from reviewflow.queries.sign_offs import SigningPage
from reviewflow.services import sign_offs
from reviewflow.web import errors, refusals
from reviewflow.web.doors import allowed
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.differing import labels
from reviewflow.web.workspace.forms.sign_offs import SigningForm

blueprint = Blueprint("signing", __name__, url_prefix="/desk/sign-off")
allowed(Permission.HOLD_LINK)(blueprint)

#: A link that was good and is not any more; an unknown one is not found, as any address of nothing.
_GONE = 410


@blueprint.get("/<secret>")
def show(secret: str) -> ResponseReturnValue:
    """The text and the buttons. Looking does nothing: programs that guard mail open what they find in it."""
    page = _opened(secret)
    return _page(page, SigningForm(formdata=None)), 200 if page.life is Life.OPEN else _GONE


@blueprint.post("/<secret>")
def sign(secret: str) -> ResponseReturnValue:
    """Take the position of who the link was sent to."""
    form = SigningForm()
    page = _opened(secret)
    stand = Stand(form.stand.data) if form.stand.data in set(Stand) else None
    try:
        sign_offs.sign(secret, stand, form.reason.data or "", _notice(page))
    except DeadLink:
        raise
    except DeadSignOff:
        return _page(_opened(secret), form), _GONE
    except Refusal as refusal:
        return _page(_opened(secret), form, refusals.refusal(refusal)), errors.status_of(refusal)
    return render_template("signing/done.html", page=page, stand=stand)


def _opened(secret: str) -> SigningPage:
    page = read.opened(secret, clock.now())
    g.guest_zone = page.zone
    return page


def _page(page: SigningPage, form: SigningForm, refused: refusals.Answer | None = None) -> str:
    if page.manifest is None:
        over = refusals.refusal(DeadSignOff(life=page.life))
        return render_template("signing/over.html", page=page, over=over, typed=form.reason.data or "")
    wording = page.manifest.wording
    return render_template(
        "signing/sign.html",
        page=page,
        manifest=page.manifest,
        blocks=rendered_blocks(wording.text, labels()),
        rationale=rendered_rationale(wording.rationale),
        parts=[(one, rendered_rationale(one.manifest.wording.text, apart_by=one.key)) for one in page.parts],
        form=form,
        refused=refused,
        stands=STANDS,
    )


def _notice(page: SigningPage) -> Callable[[Stand], tuple[str, str]]:
    """Subject and text of the mail by which guest and lead learn that the link was used."""

    def notice(stand: Stand) -> tuple[str, str]:
        facts = {
            "guest": page.guest,
            "version": page.version,
            "symbol": page.symbol,
            "asker": page.asked_by,
            "digest": page.digest,
        }
        if stand is Stand.APPROVE:
            did = _("%(guest)s approved version %(version)s of %(symbol)s", **facts)
        else:
            did = _("%(guest)s objected to version %(version)s of %(symbol)s", **facts)
        return did, did + _(
            ", by the link that %(asker)s asked for.\n\nDigest of that version: %(digest)s"
            "\n\nIf it was not %(guest)s who did this, tell %(asker)s at once: a lead of the group can record"
            " that the approval is taken back, until the group has agreed.\n",
            **facts,
        )

    return notice

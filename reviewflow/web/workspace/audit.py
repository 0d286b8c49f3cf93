"""The history of a recommendation: who did what, when, on which text, and why."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from reviewflow.domain.ballots import Stand
from reviewflow.domain.follow_up import ASSESSMENT_RECORDED, RESPONSE_RECORDED
from reviewflow.domain.permissions import Permission
from reviewflow.domain.sign_offs import ASK_SIGN_OFF, WITHDRAW_SIGN_OFF
from reviewflow.domain.steps import HAND_BACK_OBJECTION, HAND_OVER_OBJECTION
from reviewflow.domain.workflow import Action
from reviewflow.queries import audit
from reviewflow.queries.audit import Recorded
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.naming import who_acted
from reviewflow.web.workspace.paging import page_number

blueprint = Blueprint("audit", __name__)
allowed(Permission.READ_ITEM)(blueprint)


@blueprint.get("/recommendations/<key>/history")
def history(key: str) -> ResponseReturnValue:
    """Every event that the reader may see, the oldest first, `audit.PAGE` on a page."""
    found = audit.history(current_actor(), key, page_number(request.args.get("page", "")))
    return render_template(
        "workspace/audit/history.html",
        history=found,
        first=(found.page - 1) * audit.PAGE + 1,
        events=[(event, event_words(event)) for event in found.events],
        who_acted=who_acted,
    )


def event_words(event: Recorded) -> str:
    """What was done, without by whom; the versions and reasons stand beside it."""
    stands = {
        Stand.APPROVE: _("Approved it in the ballot"),
        Stand.NO_OBJECTION: _("Had no objection"),
        Stand.OBJECT: _("Objected"),
        Stand.ABSTAIN: _("Abstained"),
        Stand.RECUSE: _("Left the ballot"),
        Stand.WITHDRAWN: _("Took the position back"),
    }
    if event.name == Action.RECORD_POSITION:
        return _("Recorded a member’s position")
    if event.name == Action.TAKE_POSITION and event.stand:
        return stands[event.stand]
    told = {
        Action.CREATE: _("Drafted it"),
        Action.REVISE: _("Saved a version"),
        Action.PROPOSE: _("Proposed it"),
        Action.SUGGEST: _("Suggested other words"),
        Action.AMEND: _("Settled open words"),
        Action.TAKE_POSITION: _("Took a position"),
        Action.RAISE_CONCERN: _("Raised a concern"),
        Action.END_CONCERN: _("Ended a concern"),
        Action.RECUSE: _("Left the drafting"),
        Action.REJOIN: _("Came back to the drafting"),
        Action.RECALL: _("Took it back for changes"),
        Action.PROPOSE_SILENCE: _("Proposed a silence procedure"),
        Action.ACCEPT_SILENCE: _("Accepted the silence procedure"),
        Action.REFUSE_SILENCE: _("Refused the silence procedure"),
        Action.EXTEND_SILENCE: _("Consented to a later end of silence"),
        "break_silence": _("Broke silence"),
        ASK_SIGN_OFF: _("Asked for a sign-off by link"),
        WITHDRAW_SIGN_OFF: _("Took a link for a sign-off back"),
        HAND_OVER_OBJECTION: _("Objection passed to the group’s lead, because its author lost the vote"),
        HAND_BACK_OBJECTION: _("Objection is its author’s again"),
        Action.EXPIRE_SILENCE: _("Recorded that silence is over"),
        Action.LAPSE_SILENCE: _("Let a proposed silence procedure lapse"),
        Action.REQUEST_CHANGES: _("Asked for changes"),
        Action.RESUBMIT: _("Resubmitted it"),
        Action.AGREE: _("Recorded the group’s agreement"),
        Action.DECLINE: _("Declined it"),
        Action.APPROVE: _("Approved it for dissemination"),
        Action.RETURN: _("Returned it for changes"),
        Action.SCHEDULE: _("Set the time of its publication"),
        Action.UNSCHEDULE: _("Took the time of its publication back"),
        Action.PUBLISH: _("Published it"),
        Action.WITHDRAW: _("Withdrew it"),
        Action.REOPEN: _("Reopened it as a draft"),
        Action.SUPERSEDE: _("Replaced it by a newer text"),
        Action.CORRECT: _("Corrected it by a corrigendum"),
        Action.RETRACT: _("Retracted it"),
        Action.TIE: _("Tied it into a package"),
        Action.UNTIE: _("Untied its package"),
        "package_consent": _("Agreed to its package for the group"),
        RESPONSE_RECORDED: _("Recorded a response"),
        ASSESSMENT_RECORDED: _("Recorded what was implemented"),
        Action.ATTACH_STATEMENT: _("Attached a statement"),
        Action.WITHDRAW_STATEMENT: _("Withdrew a statement"),
        "thread_opened": _("Opened a discussion"),
        "place_confirmed": _("Confirmed which words a discussion is about"),
        "place_rejected": _("Said that a discussion is about words that are gone"),
        "comment_added": _("Commented"),
        "thread_resolved": _("Resolved a discussion"),
        "thread_reopened": _("Reopened a discussion"),
        "suggestion_rejected": _("Rejected a suggestion"),
        "suggestion_withdrawn": _("Withdrew a suggestion"),
    }
    return told.get(event.name, _("Changed it"))

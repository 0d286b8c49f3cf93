"""The mail that something waits: symbols, what is wanted, and links; no words of a text, and no names."""

from __future__ import annotations

from flask import current_app

from reviewflow.domain.waiting import Task
from reviewflow.queries.notices import Notice
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext, reading


def written(notice: Notice) -> tuple[str, str]:
    """Subject and text, in the reader's language if there are translations to it."""
    with reading(notice.language):
        subject = ngettext(
            "%(num)d text newly waits for you", "%(num)d texts newly wait for you", notice.news
        )
        parts = []
        for seat, awaited in notice.awaited:
            lines = [seat.task_force]
            for each in awaited:
                named = each.symbol or _("a text without a symbol yet")
                lines += [
                    "",
                    _("new: ") * each.is_news
                    + _("in the name of whom you stand in for: ") * each.is_lent
                    + f"{named} – {_wanted(each.task)}",
                    _link("desk.recommendations.show", task_force=seat.slug, key=each.key),
                ]
            lines += ["", _("All of it:"), _link("desk.home.waiting", task_force=seat.slug)]
            parts.append("\n".join(lines))
        foot = _("When such mails come, or that none does, you choose here:\n%(link)s") % {
            "link": _link("profile.notices")
        }
        return subject, "\n\n\n".join((*parts, f"-- \n{foot}\n"))


def _link(endpoint: str, **values: str) -> str:
    """An absolute address; the worker has no request whose host could be taken."""
    path = current_app.url_map.bind("").build(endpoint, values)
    return f"{current_app.config['REVIEWFLOW_PUBLIC_URL']}{path}"


def _wanted(task: Task) -> str:
    """What a text wants of its reader."""
    return {
        Task.PROPOSE: _("propose it to the other side"),
        Task.ANSWER_CHANGES: _("answer what was asked for, and resubmit it"),
        Task.SETTLE: _("answer or settle what is open in it"),
        Task.TAKE_POSITION: _("state your position"),
        Task.RECONSIDER: _("it has changed: state your position anew"),
        Task.AGREE: _("agree to it, or say what is missing"),
        Task.AGREE_TOGETHER: _("see what its package still needs"),
        Task.COMPLETE_PACKAGE: _("see what its package still needs of your group"),
        Task.DECIDE: _("win your group over, ask for changes, or decline"),
        Task.CONSENT: _("say whether silence may decide on it"),
        Task.SPEAK_OR_BE_SILENT: _("silence runs: speak before it ends, if you can’t accept it"),
        Task.APPROVE: _("approve it for dissemination, or return it"),
        Task.PUBLISH: _("publish it"),
    }[task]

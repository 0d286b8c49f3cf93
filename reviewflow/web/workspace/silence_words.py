"""The words of acts on positions of others, on one's own part in the drafting, and on silence."""

from __future__ import annotations

from reviewflow.domain.silence import SilenceOutcome
from reviewflow.domain.workflow import Action, Event
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.web import times
from reviewflow.web.identity import current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.acting import ActWords, everybody, group_name, own_group


def silence_act_words(action: Action, page: RecommendationPage) -> ActWords:
    """Everything that is said of one of these acts on one item."""
    version, own = page.version, group_name(current_place().actor.group_id)
    until = times.capitals(page.silence.until) if page.silence else ""
    match action:
        case Action.RECORD_POSITION:
            return ActWords(
                _("Record a position that a member gave you"),
                _("It counts like one that the member entered, and it says that you recorded it, and how."),
                everybody(page),
                _(
                    "The member can change it at any time. An objection that the member entered is lifted by"
                    " the member alone; one that you recorded you can take back here, on the member’s word."
                ),
                _("Reason, in the member’s words (needed for an objection)"),
            )
        case Action.RECUSE:
            return ActWords(
                _("Recuse yourself from this text"),
                _(
                    "You take no part in drafting it, and no longer see what your group says of it among"
                    " itself."
                ),
                own_group(page),
                _("You can take part again at any time."),
                _("Reason (optional)"),
            )
        case Action.REJOIN:
            return ActWords(
                _("Take part in this text again"),
                _("You draft it with your group again, and see its internal discussion."),
                own_group(page),
                _("You can recuse yourself again."),
            )
        case Action.PROPOSE_SILENCE:
            return ActWords(
                _("Propose a silence procedure on version %(version)s", version=version),
                _(
                    "When the lead of every group has consented, the text is frozen. If nobody objects or"
                    " suggests other words before the instant that you choose, every group agrees to it then."
                ),
                everybody(page),
                _("Every lead can refuse it until it runs; from then on an objection breaks it."),
            )
        case Action.ACCEPT_SILENCE:
            return ActWords(
                _("Accept silence on version %(version)s for the %(own)s group", version=version, own=own),
                _(
                    "Once every lead has consented, the text is frozen until %(until)s. If nobody objects or"
                    " suggests other words before that instant, every group agrees to it then.",
                    until=until,
                ),
                everybody(page),
                _("No; but an objection before that instant breaks it."),
            )
        case Action.REFUSE_SILENCE:
            return ActWords(
                _("Refuse the silence procedure"),
                _("The text stays proposed, and positions are taken as before."),
                everybody(page),
                _("Silence can be proposed anew."),
                _("Reason (optional)"),
            )
        case _:
            return ActWords(
                _("Ask for a later end of silence"),
                _("Silence now ends %(until)s. A later end is in force once every lead has consented to it.",
                  until=until),
                everybody(page),
                _("No; an end to which not every lead has consented changes nothing."),
            )  # fmt: skip


def silence_done_sentence(event: Event) -> str:
    """What is said when one of these acts is done."""
    match event.action:
        case Action.RECORD_POSITION:
            return _("The position of %(name)s is recorded.", name=_name(event.member))
        case Action.RECUSE:
            return _("You take no part in this text any more.")
        case Action.REJOIN:
            return _("You take part in this text again.")
        case Action.PROPOSE_SILENCE:
            return _("Silence is proposed; the leads of the other groups are asked to consent.")
        case Action.ACCEPT_SILENCE:
            return _("Your group’s consent is recorded.")
        case Action.REFUSE_SILENCE:
            return _("The silence procedure is refused.")
        case _:
            return _("Your group’s consent to the later end is recorded.")


def broken_sentence(event: Event) -> str:
    """What is added to it when the act broke silence; empty otherwise."""
    return _("Silence is broken.") if event.ends_silence is SilenceOutcome.BROKEN else ""


def _name(person_id: int | None) -> str:
    return current_place().directory.name_of(person_id)

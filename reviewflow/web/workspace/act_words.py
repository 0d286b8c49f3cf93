"""What each act is called on its button, and what its page says before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reviewflow.domain.workflow import Action, Event
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.web import times
from reviewflow.web.identity import current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.acting import ActWords, counterpart_names, everybody, group_name, own_group
from reviewflow.web.workspace.silence_words import silence_act_words, silence_done_sentence


def act_words(action: Action, page: RecommendationPage, principal: int | None = None) -> ActWords:
    """Everything that is said of one act on one item, done in the name of `principal` if there is one."""
    if principal is None:
        return _words(action, page)
    name, said = current_place().directory.name_of(principal), _words(action, page)
    if action is Action.TAKE_POSITION:
        said = replace(said, button=_("State a position on version %(version)s", version=page.version))
    return replace(
        said,
        button=_("For %(name)s: %(act)s", name=name, act=said.button),
        does=_("You act in the name of %(name)s, and the record says that it was you.", name=name)
        + " "
        + said.does,
    )


def _words(action: Action, page: RecommendationPage) -> ActWords:
    version = page.version
    own = group_name(current_place().actor.group_id)
    proposer, others = group_name(page.group_id), counterpart_names(page)
    final = _("It can’t be undone, but it stays in the history with your name.")
    match action:
        case Action.PROPOSE:
            return ActWords(
                _("Propose version %(version)s to the %(others)s group", version=version, others=others),
                _(
                    "The text gets its symbol, and a ballot opens with the members that each counterpart has"
                    " today."
                ),
                everybody(page),
                _("Your lead can take it back for changes until the counterpart has agreed."),
            )
        case Action.RESUBMIT:
            return ActWords(
                _("Resubmit version %(version)s to the %(others)s group", version=version, others=others),
                _("A new ballot opens; positions have to be taken anew, and open objections stay open."),
                everybody(page),
                _("Your lead can take it back for changes until the counterpart has agreed."),
                _(
                    "Your answer to what was asked for (needed if the text is unchanged; it becomes public"
                    " with the text)"
                ),
            )
        case Action.RECALL:
            return ActWords(
                _("Take it back for changes"),
                _("The ballot ends. Your group can edit the text and resubmit it."),
                everybody(page),
                _("Resubmit it at any time."),
                _("Reason"),
            )
        case Action.TAKE_POSITION:
            return ActWords(
                _("Change your position on version %(version)s", version=version)
                if page.has_spoken
                else _("State your position on version %(version)s", version=version),
                _("It counts for version %(version)s only.", version=version),
                everybody(page),
                _("You can change it until your group has agreed."),
                _("Reason (needed for an objection)"),
            )
        case Action.REQUEST_CHANGES:
            return ActWords(
                _("Request changes from the %(proposer)s group", proposer=proposer),
                _(
                    "The text goes back to the %(proposer)s group with your reason; the ballot ends.",
                    proposer=proposer,
                ),
                everybody(page),
                final,
                _("What should change, and why (it becomes public with the text)"),
            )
        case Action.AGREE:
            return ActWords(
                _("Agree to version %(version)s for the %(own)s group", version=version, own=own),
                _("You record that your group agrees to exactly these words."),
                everybody(page),
                _("It can’t be taken back; the coordinator can still return the text."),
            )
        case Action.DECLINE:
            return ActWords(
                _("Decline version %(version)s for the %(own)s group", version=version, own=own),
                _(
                    "The procedure ends here, unless the lead of the %(proposer)s group reopens the text.",
                    proposer=proposer,
                ),
                everybody(page),
                final,
                _("Reason (it becomes public if the text is ever published)"),
            )
        case Action.APPROVE:
            return ActWords(
                _("Approve version %(version)s for dissemination", version=version),
                _(
                    "You approve exactly the words that every group agreed to. The text gets the symbol"
                    " under which it will be published."
                ),
                everybody(page),
                _("You can return it until it is published."),
            )
        case Action.RETURN:
            return ActWords(
                _("Return it to the %(proposer)s group", proposer=proposer),
                _(
                    "Agreements and approval are revoked and have to be given anew, even for an unchanged"
                    " text."
                ),
                everybody(page),
                final,
                _("Reason (it becomes public with the text)"),
            )
        case Action.PUBLISH:
            return ActWords(
                _("Publish version %(version)s", version=version),
                _("The text becomes public at once, at a permanent address."),
                _("It reaches everybody: the public, the feed, and every member."),
                _("It can’t be undone. A published text can be retracted with an explanation, or replaced."),
            )
        case Action.SCHEDULE:
            return ActWords(
                _("Set another time of publication") if page.publish_at else _("Set the time of publication"),
                _(
                    "At that time the text becomes public by itself, at a permanent address. Until then"
                    " nothing is attached to it or taken from it."
                ),
                _("Now every group sees the time; then it reaches the public, the feed, and every member."),
                _("You can take the time back, or set another, until it comes."),
            )
        case Action.UNSCHEDULE:
            return ActWords(
                _("Take the set time back"),
                _("The text stays approved, and waits for you to publish it."),
                everybody(page),
                _("You can set a time again."),
            )
        case Action.WITHDRAW:
            return ActWords(
                _("Withdraw it"),
                _("The procedure ends here."),
                everybody(page) if page.symbol else own_group(page),
                _("You can reopen it as a draft."),
                _("Reason"),
            )
        case Action.REOPEN:
            return ActWords(
                _("Reopen it as a draft"),
                _("Your group can edit the text and propose it again."),
                everybody(page) if page.symbol else own_group(page),
                _("You can withdraw it again."),
                _("Reason"),
            )
        case Action.RETRACT:
            return ActWords(
                _("Retract the publication"),
                _(
                    "The page stays at its address with the same words, marked as retracted with your"
                    " explanation."
                ),
                _("It reaches everybody: the public, and every member."),
                _("It can’t be undone."),
                _("Explanation for the public"),
            )
        case Action.AMEND:
            if page.open_brackets:
                return ActWords(_("Settle the open brackets"), "", "", "")
            return ActWords(_("Decide on the suggestions"), "", "", "")
        case Action.REVISE:
            return ActWords(_("Edit the text"), "", "", "")  # fmt: skip
        case _:
            return silence_act_words(action, page)


def done_sentence(event: Event, proposing_group: Callable[[], int]) -> str:
    """What is said when an act is done. Who proposed is asked for only where the sentence names them."""
    match event.action:
        case Action.PROPOSE:
            return _("Proposed: it now waits for the %(others)s group.", others=_other_groups())
        case Action.RESUBMIT:
            return _("Resubmitted: it now waits for the %(others)s group.", others=_other_groups())
        case Action.RECALL:
            return _("Taken back: your group can edit it now.")
        case Action.TAKE_POSITION:
            if event.actor.stand_in:
                name = current_place().directory.name_of(event.actor.person_id)
                return _(
                    "The position of %(name)s on version %(version)s is recorded.",
                    name=name,
                    version=event.version,
                )
            return _("Your position on version %(version)s is recorded.", version=event.version)
        case Action.REQUEST_CHANGES:
            return _(
                "Sent back: it now waits for the %(proposer)s group.", proposer=group_name(proposing_group())
            )
        case Action.AGREE:
            own = current_place().group
            return _(
                "Recorded: the %(own)s group agrees to version %(version)s.", own=own, version=event.version
            )
        case Action.DECLINE:
            return _("Declined.")
        case Action.APPROVE:
            return _("Approved: version %(version)s can be published.", version=event.version)
        case Action.RETURN:
            return _(
                "Returned: it now waits for the %(proposer)s group.", proposer=group_name(proposing_group())
            )
        case Action.PUBLISH:
            return _("Published.")
        case Action.SCHEDULE:
            until = times.capitals(event.until) if event.until else ""
            return _("Set: it is published on %(until)s.", until=until)
        case Action.UNSCHEDULE:
            return _("Taken back: it waits for you to publish it.")
        case Action.WITHDRAW:
            return _("Withdrawn.")
        case Action.REOPEN:
            return _("Reopened: it is a draft again.")
        case Action.RETRACT:
            return _("Retracted: the public page says so.")
        case _:
            return silence_done_sentence(event)


def _other_groups() -> str:
    """The short names of all groups but the reader's, who proposes."""
    place = current_place()
    return ", ".join(g.short_name for g in place.directory.groups.values() if g.id != place.actor.group_id)

"""Refusals about people, in words: at the door, of seats and accounts, of links, and of stand-ins."""

from __future__ import annotations

from dataclasses import dataclass

from reviewflow.domain.actors import Role
from reviewflow.domain.errors import Refusal
from reviewflow.domain.sign_offs import Life
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext


@dataclass(frozen=True, slots=True)
class Answer:
    """What happened, in a few words, and why, who can change it and what to do."""

    title: str
    message: str


def refusal_of_access(error: Refusal) -> Answer | None:
    """What happened and what to do; None for a refusal of the procedure, which is said elsewhere."""
    details = error.details
    match error.code:
        case "too_many_attempts":
            seconds = details["seconds"]
            assert isinstance(seconds, int)
            return Answer(
                _("Too many attempts"),
                ngettext(
                    "Wait %(num)d second, then try again. Nobody has changed your password.",
                    "Wait %(num)d seconds, then try again. Nobody has changed your password.",
                    seconds,
                ),
            )
        case "provider_refused":
            return Answer(
                _("You could not be signed in that way"),
                _(
                    "Either the other site does not know you, its answer came late or twice, or your account"
                    " there is not linked to one here. Nothing was changed. Sign in with your password; then"
                    " you can link the two in your account."
                ),
            )
        case "provider_silent":
            return Answer(
                _("The other site does not answer"),
                _("Nothing was changed. Sign in with your password or a passkey, or try again later."),
            )
        case "session_over":
            return Answer(
                _("You were signed out meanwhile"),
                _("Another browser signed this one out, or your password was changed. Nothing was changed."),
            )
        case "invalid_token":
            return Answer(
                _("This token is not accepted"),
                _("It is mistyped, has ended or was taken back. Make another one in your account."),
            )
        case "beyond_scope":
            return Answer(
                _("This token is for something else"),
                _("Tokens read the status table as CSV. For everything else, sign in with a browser."),
            )
        case "already_member":
            return Answer(
                _("This person has a seat already"),
                _("Nobody has two seats in a task force. Nothing was changed."),
            )
        case "of_another_side":
            return Answer(
                _("You had a seat on another side"),
                _(
                    "Nobody acts for two sides: who has sat in a group can come back to that group only."
                    " Nothing was changed."
                ),
            )
        case "seat_needed":
            lead = details.get("role") is Role.LEAD
            return Answer(
                _("This seat can't be empty"),
                _("A group always has a lead. Hand the lead over, or invite another lead, first.")
                if lead
                else _("A task force always has a coordinator. Invite another one first."),
            )
        case "dead_link":
            return Answer(
                _("This link leads nowhere"),
                _(
                    "It was used or taken back, its time is over, or part of it is missing. Nothing was"
                    " changed. Ask who sent it to you for a new one."
                ),
            )
        case "dead_sign_off":
            return Answer(_("This link can no longer be used"), _over(details.get("life")))
        case "needs_account":
            return Answer(
                _("A lead needs an account"),
                _(
                    "A lead speaks for the group after signing in, and this person has no account. Invite"
                    " them once more at the same address: by that link they can choose a password. Nothing"
                    " was changed."
                ),
            )
        case "stand_in_over":
            return Answer(
                _("You do not stand in for this member now"),
                _("The time is over, or it was ended. Nothing was changed; your words are kept here.")
                + " "
                + _("What can be done now, the member does, or you in your own name."),
            )
        case "stand_in_taken":
            return Answer(
                _("One of you has a stand-in, or is one, at that time"),
                _(
                    "At any time a person has one stand-in, or is one, at most. Nothing was"
                    " changed: choose other days or somebody else, or end the other one first."
                ),
            )
        case _:
            return None


def _over(life: object) -> str:
    """What became of a link by which a guest signs off; nothing was changed by opening it now."""
    told: dict[str, str] = {
        Life.USED: _("A position was taken by it already; it works once. Nothing was changed now."),
        Life.WITHDRAWN: _("It was taken back. Nothing was changed."),
        Life.REPLACED: _("A newer link about this text was sent to the same address. Use that one."),
        Life.DEPARTED: _("The person it was sent to has no vote in the group any more. Nothing was changed."),
        Life.EXPIRED: _("It could be used for seven days, and they are over. Nothing was changed."),
        Life.OTHER_TEXT: _(
            "The text has changed since, or its ballot was opened anew: there is another version to read, for"
            " which this link is not. Nothing was changed."
        ),
    }
    closed = _("The text is no longer before the group, or the group has agreed to it. Nothing was changed.")
    return told.get(str(life), closed)

"""Refusals and failures in words: what happened, why, who can change it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from reviewflow.domain.actors import Role
from reviewflow.domain.errors import Refusal
from reviewflow.domain.permissions import Permission
from reviewflow.domain.sign_offs import Life
from reviewflow.domain.workflow import RULES, Action
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext
from reviewflow.web.unacceptable import unacceptable
from reviewflow.web.words import field_label, reason_sentence, state_label


@dataclass(frozen=True, slots=True)
class Answer:
    """What happened, in a few words, and why, who can change it and what to do."""

    title: str
    message: str


def refusal(error: Refusal) -> Answer:
    """A refusal as a person can act on it: what happened, why, who can change it."""
    details = error.details
    match error.code:
        case "not_found":
            return http_answer(404)
        case "not_permitted":
            return Answer(
                _("This is not yours to do"),
                _("It can be done by: %(who)s. Nothing was changed.", who=_who_may(details.get("action"))),
            )
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
        case "stale_version":
            return Answer(
                _("There is a newer version"),
                _(
                    "You were about to act on version %(named)s, but the newest is version %(head)s."
                    " Nothing was changed: read what changed, then decide again.",
                    named=details.get("named") or "?",
                    head=details.get("head") or "?",
                ),
            )
        case "wrong_state":
            return Answer(
                _("This is no longer possible"),
                _(
                    "The text is now: %(state)s. Somebody moved it before you. Nothing was changed.",
                    state=state_label(str(details["state"])),
                ),
            )
        case "unmet":
            reasons = details["reasons"]
            assert isinstance(reasons, tuple)
            return Answer(_("Not yet"), " ".join(reason_sentence(r) for r in reasons))
        case "package_held":
            held = details.get("held", ())
            assert isinstance(held, tuple)
            told = " ".join(f"{name}: {refusal(why).message}" for name, why in held)
            return Answer(
                _("Something holds the package"), _("Nothing was changed. %(reasons)s", reasons=told)
            )
        case "stale_package":
            return Answer(
                _("A text of the package has changed"),
                _("Nothing was changed: read the texts as they stand now, then decide again."),
            )
        case "concurrent_change":
            return Answer(
                _("Somebody else acted at the same moment"),
                _("Their act was recorded, yours was not. Open the text again and decide."),
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
        case "suggestions_collide":
            return Answer(
                _("These suggestions collide"),
                _(
                    "They want different words for the same place, so they can't be accepted together."
                    " Nothing was changed: choose one of each pair."
                ),
            )
        case "words_gone":
            return Answer(
                _("The words are no longer there"),
                _(
                    "The text has changed where this was suggested. Nothing was changed: it can be made anew"
                    " on the present words, rejected or withdrawn."
                ),
            )
        case "reaches_beyond":
            return Answer(
                _("This would change other paragraphs too"),
                _(
                    "With these words, the paragraph would run into its neighbours, or could not be stored as"
                    " it is. Leave out marks such as ``` or # at the beginning, and blanks at the end."
                ),
            )
        case "unreadable_table":
            return Answer(
                _("This file can't be read as a table"),
                _("Save it as CSV or XLSX, with one header row and no password, and send it again."),
            )
        case "unacceptable_text":
            return Answer(_("This text can't be saved as it is"), unacceptable(error))
        case _:
            return Answer(_("This can't be saved as it is"), invalid(error))


def invalid(error: Refusal) -> str:
    """What is wrong with one field."""
    details = error.details
    field, limit = field_label(str(details.get("field", ""))), details.get("limit", "")
    problems = {
        "missing": _("%(field)s: please fill it in.", field=field),
        "not_wanted": _("%(field)s: leave it empty here.", field=field),
        "unknown_value": _("%(field)s: choose one of the values offered.", field=field),
        "several_values": _("%(field)s: choose one value only.", field=field),
        "taken": _("%(field)s: somebody else has it already. Choose another.", field=field),
        "known_address": _(
            "%(field)s: it is known here. Sign in to take the seat; who has no password yet enters the"
            " address under “Forgotten password”, and gets a link by mail.",
            field=field,
        ),
        "malformed": _(
            "%(field)s: it is not written as it should be. Look for a mistyped letter.", field=field
        ),
        "too_short": _("%(field)s: use at least %(limit)s characters.", field=field, limit=limit),
        "too_long": _("%(field)s: use at most %(limit)s characters.", field=field, limit=limit),
        "too_easy": _(
            "%(field)s: it is too easily guessed. Use several words that don’t belong together; the names of"
            " people, groups and places of your task force are tried first.",
            field=field,
        ),
        "wrong_code": _(
            "%(field)s: this one is wrong, or was used already. Wait for the next one, and look whether the"
            " telephone’s clock is right.",
            field=field,
        ),
        "wrong_passkey": _(
            "This passkey was not accepted, or has been added before. Reload the page and try again."
        ),
        "too_many_passkeys": _("You have %(limit)s passkeys. Remove one first.", limit=limit),
        "not_cyrillic": _(
            "%(field)s: write it in Cyrillic letters, with blanks, hyphens, points and apostrophes at most.",
            field=field,
        ),
        "too_many_tokens": _("You have %(limit)s tokens. Take one back first.", limit=limit),
        "too_few": _("Choose two texts or more."),
        "too_many": _("Choose at most %(limit)s texts.", limit=limit),
        "no_such_bracket": _("That bracket is no longer in the text."),
        "no_such_paragraph": _("That paragraph is not in this version."),
        "words_not_there": _(
            "These words are not there as you wrote them. Take them over from the text letter by letter, or"
            " leave the field empty."
        ),
        "words_several_times": _(
            "These words are there %(count)s times. Add the words beside them, so that it is clear which you"
            " mean.",
            count=details.get("count", ""),
        ),
        "no_bracket_there": _("Brackets around these words would not be seen as open ones. Choose others."),
        "decided": _("Somebody has decided on this suggestion already. Look at the list as it is now."),
        "internal": _(
            "The text is before the others, and they could not see this suggestion. Make it a shared one."
        ),
        "not_the_proposing_group": _(
            "Only the proposing group suggests words to itself. Comment within your group instead."
        ),
        "not_circulated": _(
            "The others have not seen this text yet. Suggest it within your group, or save a version."
        ),
        "no_such_instant": _(
            "Choose a time that is nearer: silence ends within 60 days, a publication is set within a year."
        ),
        "no_working_day": _("That leaves a capital no working day. Choose a later instant."),
        "not_an_addressee": _("%(field)s: choose one of those to whom the text is addressed.", field=field),
        "no_such_day": _("%(field)s: choose a day, as in 2010-03-01.", field=field),
        "not_of_own_group": _("%(field)s: choose a lead or an expert of your own group.", field=field),
        "signs_by_link": _(
            "%(field)s: who has no account can’t act in your name. Choose somebody who signs in.", field=field
        ),
        "period_over": _("%(field)s: choose a day that is not over, nor before the first.", field=field),
        "period_too_long": _(
            "%(field)s: choose a day at most %(limit)s days later.", field=field, limit=limit
        ),
        "in_future": _("%(field)s: that day has not come yet (in UTC). Choose an earlier one.", field=field),
        "before_publication": _(
            "%(field)s: the text was not published yet on that day. Choose a later one.", field=field
        ),
        "until_not_later": _("%(field)s: choose a day after the one of the response.", field=field),
        "no_address": _(
            "%(field)s: it must begin with https:// or http://, and lead to a page of the web.", field=field
        ),
        "nothing_to_correct": _(
            "Nothing was recorded here yet that could be corrected. Record it as a new entry."
        ),
        "not_published": _("Only a published text can have a successor or a corrigendum."),
        "original_superseded": _("That text has been superseded. Correct or replace the one in its place."),
        "original_retracted": _(
            "That text has been retracted. Nothing corrects or replaces it; draft a new one."
        ),
        "original_is_corrigendum": _(
            "That text is a corrigendum itself. Draft a corrigendum or successor of what it corrects."
        ),
        "original_of_another_group": _(
            "A group corrects its own words. Ask the group that proposed the text, or draft a successor."
        ),
        "nothing_corrected": _("Nothing is corrected yet: the words are those of the published text."),
        "unknown_field": _("A column is meant for a field that texts do not have."),
        "unknown_column": _("%(field)s: the table has no column of that name.", field=field),
        "no_column": _("The table has no column for the text. Say which one it is."),
        "ragged": _("A row has another number of cells than the header."),
        "cell_error": _("A cell holds an error of the spreadsheet, such as #REF!."),
    }
    return problems.get(str(details.get("problem")), _("%(field)s: not valid.", field=field))


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


def _who_may(action: object) -> str:
    acts = {
        Permission.DECIDE_SUGGESTIONS: Action.AMEND,
        Permission.DRAFT: Action.CREATE,
        Permission.TIE_TEXTS: Action.TIE,
    }
    who = {
        Permission.WITHDRAW_SUGGESTION: _("who made the suggestion"),
        Permission.RECORD_FOLLOW_UP: _("the coordinator"),
        Permission.MANAGE_SETTINGS: _("administrators"),
        Permission.MANAGE_PEOPLE: _("the lead of the group, for seats in it, and administrators"),
        Permission.END_SEAT: _("the lead of the group, for seats in it, and administrators"),
        Permission.LEND_VOICE: _("leads and experts of the working groups, each for themselves"),
        Permission.HAND_OVER_LEAD: _("the lead of the group, to one of its experts"),
    }
    if isinstance(action, Permission):
        if action in who:
            return who[action]
        action = acts.get(action, action)
    if not isinstance(action, Action):
        return _("leads and experts of the working groups")
    names = {
        ("proposer", "expert"): _("experts of the proposing group"),
        ("proposer", "lead"): _("the lead of the proposing group"),
        ("counterpart", "expert"): _("experts of the counterpart group"),
        ("counterpart", "lead"): _("the lead of the counterpart group"),
        ("coordinator", "coordinator"): _("the coordinator"),
    }
    return ", ".join(names[pair] for pair in sorted(RULES[action].by) if pair in names)


def http_answer(status: int) -> Answer:
    """A failure of the request itself."""
    answers = {
        400: (_("This request could not be read"), _("Go back, reload the page and try again.")),
        401: (_("Please sign in"), _("This page is for members of the task force.")),
        403: (_("This is not yours to do"), _("Nothing was changed.")),
        404: (
            _("There is no such page"),
            _("The address may be mistyped, or the text is not open to you. Nothing was changed."),
        ),
        405: (_("That can't be done here"), _("Go back and use the buttons of the page.")),
        413: (
            _("This is too much at once"),
            _("What you sent is larger than 4 MB, and nothing was saved. Go back: your text is still there."),
        ),
        415: (_("This can't be read"), _("The content is not what it says it is. Nothing was changed.")),
        429: (_("Too many tries"), _("Wait a minute, then try again.")),
    }
    title, message = answers.get(
        status,
        (
            _("Something went wrong on our side"),
            _("Nothing was changed. Go back, and try again in a minute."),
        ),
    )
    return Answer(title, message)

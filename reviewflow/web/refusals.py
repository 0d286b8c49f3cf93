"""Refusals and failures in words: what happened, why, who can change it, and what to do."""

from __future__ import annotations

from reviewflow.domain.errors import Refusal
from reviewflow.domain.permissions import Permission
from reviewflow.domain.workflow import RULES, Action
from reviewflow.web.access_refusals import Answer as Answer
from reviewflow.web.access_refusals import refusal_of_access
from reviewflow.web.language import gettext as _
from reviewflow.web.unacceptable import unacceptable
from reviewflow.web.words import field_label, reason_sentence, state_label


def _stale(named: object, head: object) -> Answer:
    """What a form is told that is not about version `head`; `named` may be no version at all."""
    if isinstance(named, int) and isinstance(head, int) and 0 < named < head:
        return Answer(
            _("There is a newer version"),
            _(
                "You were about to act on version %(named)s, but the newest is version %(head)s."
                " Nothing was changed: read what changed, then decide again.",
                named=named,
                head=head,
            ),
        )
    return Answer(
        _("This page does not fit the text"),
        _(
            "What it asked for is not in the newest version, which is version %(head)s."
            " Nothing was changed: read it as it stands, then decide again.",
            head=head,
        ),
    )


def refusal(error: Refusal) -> Answer:
    """A refusal as a person can act on it: what happened, why, who can change it."""
    details = error.details
    if said := refusal_of_access(error):
        return said
    match error.code:
        case "not_found":
            return http_answer(404)
        case "not_permitted":
            return Answer(
                _("This is not yours to do"),
                _("It can be done by: %(who)s. Nothing was changed.", who=_who_may(details.get("action"))),
            )
        case "stale_version":
            return _stale(details.get("named"), details.get("head"))
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
        "corrected_words_gone": _(
            "A correction that stands in this text has been retracted meanwhile. Copy what you want to keep,"
            " discard what you have typed, and open the editor again: it begins with the words in force."
        ),
        "nothing_corrected": _("Nothing is corrected yet: the words are those of the published text."),
        "unknown_field": _("A column is meant for a field that texts do not have."),
        "unknown_column": _("%(field)s: the table has no column of that name.", field=field),
        "no_column": _("The table has no column for the text. Say which one it is."),
        "ragged": _("A row has another number of cells than the header."),
        "cell_error": _("A cell holds an error of the spreadsheet, such as #REF!."),
    }
    return problems.get(str(details.get("problem")), _("%(field)s: not valid.", field=field))


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

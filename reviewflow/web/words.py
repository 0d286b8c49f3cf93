"""Every code of the domain in the reader's words: labels, buttons, reasons and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar

from flask import Flask, g

from reviewflow.domain.ballots import Outcome, Stand
from reviewflow.domain.errors import Refusal
from reviewflow.domain.items import State
from reviewflow.domain.waiting import COORDINATOR_PARTY
from reviewflow.domain.workflow import RULES, Action, Reason
from reviewflow.web.language import gettext as _
from reviewflow.web.language import language, ngettext


@dataclass(frozen=True, slots=True)
class Answer:
    """What happened, in a few words, and why, who can change it and what to do."""

    title: str
    message: str


T = TypeVar("T")


def once_a_language(make: Callable[[], T]) -> Callable[[], T]:
    """Make a set of words once for each language: a long list asks for them in every line."""
    kept: dict[str, T] = {}

    @wraps(make)
    def in_the_readers_language() -> T:
        readers = language()
        if readers not in kept:
            kept[readers] = make()
        return kept[readers]

    return in_the_readers_language


def register(app: Flask) -> None:
    """Make the labels known to templates."""
    for function in (
        state_label,
        stand_label,
        stand_sentence,
        stand_past,
        changed_since,
        dimension_label,
        addressee_label,
        commitment_label,
        field_label,
        reason_sentence,
        party_name,
        tally_sentence,
        dimensions,
        addressees,
        commitments,
    ):
        app.add_template_global(function)


def state_label(state: str) -> str:
    """A state as the stepper and the table name it."""
    return _states()[State(state)]


@once_a_language
def _states() -> dict[State, str]:
    return {
        State.DRAFT: _("Draft"),
        State.PROPOSED: _("Proposed"),
        State.CHANGES_REQUESTED: _("Changes requested"),
        State.AGREED: _("Agreed"),
        State.APPROVED: _("Approved"),
        State.PUBLISHED: _("Published"),
        State.SUPERSEDED: _("Superseded"),
        State.RETRACTED: _("Retracted"),
        State.WITHDRAWN: _("Withdrawn"),
        State.DECLINED: _("Declined"),
    }


def stand_label(stand: str) -> str:
    """A stand as one chooses it."""
    return {
        Stand.APPROVE: _("Approve"),
        Stand.NO_OBJECTION: _("No objection"),
        Stand.OBJECT: _("Object"),
        Stand.ABSTAIN: _("Abstain"),
        Stand.RECUSE: _("Recuse myself"),
    }[Stand(stand)]


def stand_sentence(stand: str, *, you: bool = False) -> str:
    """A stand as it follows a name: "objects"; after "You": "object"."""
    forms = {
        Stand.APPROVE: (_("approves"), _("approve")),
        Stand.NO_OBJECTION: (_("has no objection"), _("have no objection")),
        Stand.OBJECT: (_("objects"), _("object")),
        Stand.ABSTAIN: (_("abstains"), _("abstain")),
        Stand.RECUSE: (_("has recused themselves"), _("have recused yourself")),
    }
    return forms[Stand(stand)][you]


def stand_past(stand: str, version: int) -> str:
    """A stand that counts no longer, as it follows a name: "approved version 2"."""
    return {
        Stand.APPROVE: _("approved version %(version)d", version=version),
        Stand.NO_OBJECTION: _("had no objection to version %(version)d", version=version),
        Stand.OBJECT: _("objected to version %(version)d", version=version),
        Stand.ABSTAIN: _("abstained on version %(version)d", version=version),
        Stand.RECUSE: _("left the ballot on version %(version)d", version=version),
    }[Stand(stand)]


def changed_since(act: str) -> str:
    """What a comparison shows that begins at the reader's own stand or agreement."""
    told: dict[str, str] = {
        Stand.APPROVE: _("What changed since you approved"),
        Stand.NO_OBJECTION: _("What changed since you had no objection"),
        Stand.OBJECT: _("What changed since you objected"),
        Stand.ABSTAIN: _("What changed since you abstained"),
        Stand.RECUSE: _("What changed since you left the ballot"),
        Action.AGREE: _("What changed since you agreed for your group"),
    }
    return told[act]


@once_a_language
def dimensions() -> dict[str, str]:
    """The dimensions, by value."""
    return {
        "politico-military": _("Politico-military dimension"),
        "economic-environmental": _("Economic and environmental dimension"),
        "human": _("Human dimension"),
        "cross-dimensional": _("Cross-dimensional"),
    }


@once_a_language
def addressees() -> dict[str, str]:
    """The addressees, by value."""
    return {
        "kazakhstan": _("Government of Kazakhstan"),
        "united-states": _("Government of the United States"),
        "chairmanship": _("OSCE Chairmanship"),
        "participating-states": _("OSCE participating States"),
        "odihr": _("ODIHR"),
        "osce-institutions": _("OSCE institutions and field operations"),
    }


@once_a_language
def commitments() -> dict[str, str]:
    """The commitments, by value."""
    return {
        "madrid-media": _("Madrid pledge on the media law (2007)"),
        "madrid-elections": _("Madrid pledge on the election law (2007)"),
        "madrid-parties": _("Madrid pledge on political parties (2007)"),
        "madrid-odihr": _("Madrid pledge on ODIHR (2007)"),
        "helsinki-1975": _("Helsinki Final Act (1975)"),
        "copenhagen-1990": _("Copenhagen Document (1990)"),
        "moscow-1991": _("Moscow Document (1991)"),
        "istanbul-1999": _("Istanbul Document (1999)"),
    }


def dimension_label(value: str) -> str:
    """A dimension in words."""
    return dimensions().get(value, _("No dimension yet"))


def addressee_label(value: str) -> str:
    """An addressee in words."""
    return addressees().get(value, value)


def commitment_label(value: str) -> str:
    """A commitment in words."""
    return commitments().get(value, value)


def party_name(party: int) -> str:
    """Who is waited for: a group's short name, or the coordinator."""
    if party == COORDINATOR_PARTY:
        return _("the coordinator")
    return _("the %(group)s group", group=g.place.directory.groups[party].short_name)


def tally_sentence(outcome: Outcome) -> str:
    """`2 of 3 positions; 1 objection open`."""
    said = _("%(count)d of %(voters)d positions", count=outcome.positions, voters=outcome.voters)
    objections = len(outcome.objectors)
    if not objections:
        return said
    return said + "; " + ngettext("%(num)d objection open", "%(num)d objections open", objections)


def reason_sentence(reason: Reason) -> str:
    """Why an act is not possible yet, in one line."""
    place = g.get("place")
    people = ", ".join(place.directory.name_of(p) for p in reason.people) if place else ""
    fields = ", ".join(field_label(name).lower() for name in reason.fields)
    sentences = {
        "reason_missing": _("Say why, so that the others can answer it."),
        "text_unchanged": _("Nothing was changed, so there is no new version."),
        "incomplete": _("The text still lacks: %(fields)s.", fields=fields),
        "more_than_brackets_changed": _(
            "Only words in square brackets may change while the text is proposed."
        ),
        "no_bracket_open": _("No square bracket is open."),
        "group_has_agreed": _("A counterpart group has already agreed."),
        "own_group_has_agreed": _("Your group has agreed to this version."),
        "neither_newer_nor_answered": _("Save a new version first, or answer the reason in words."),
        "not_on_roster": _("You were not a voting member when this ballot opened."),
        "stand_missing": _("Choose a position."),
        "objection_needs_reason": _("An objection needs a reason that the other side can answer."),
        "no_counterpart": _("There is no other working group yet."),
        "no_ballot": _("No ballot is open in your group."),
        "no_voters": _("Every voting member of your group has recused themselves."),
        "positions_missing": ngettext(
            "%(count)d of %(num)d needed position.", "%(count)d of %(num)d needed positions.",
            reason.needed, count=reason.count,
        ),
        "no_approval": _("Nobody of your group approves yet."),
        "objection_open": ngettext(
            "%(num)d objection is open: %(people)s.", "%(num)d objections are open: %(people)s.",
            reason.count, people=people,
        ),
        "bracket_open": ngettext(
            "%(num)d square bracket is open.", "%(num)d square brackets are open.", reason.count
        ),
        "agreement_missing": _("Not every counterpart group has agreed to this text."),
        "approval_missing": _("The coordinator has not approved this text."),
        "text_not_intact": _("The stored text does not match its digest; tell the operator."),
        "instant_not_reached": _("The time set for publication has not come."),
        "successor_not_published": _("The text that replaces it is not published."),
    }  # fmt: skip
    return sentences.get(reason.code, reason.code)


def field_label(name: str) -> str:
    """A field of the editor."""
    return {
        "title": _("Title"),
        "text": _("Text"),
        "summary": _("Summary"),
        "rationale": _("Rationale"),
        "dimension": _("Dimension"),
        "addressees": _("Addressees"),
        "commitments": _("Commitments"),
        "note": _("Note"),
        "reason": _("Reason"),
        "email": _("E-mail"),
    }.get(name, name)


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
        case "concurrent_change":
            return Answer(
                _("Somebody else acted at the same moment"),
                _("Their act was recorded, yours was not. Open the text again and decide."),
            )
        case "unacceptable_text":
            return Answer(_("This text can't be saved as it is"), unacceptable(error))
        case _:
            return Answer(_("This can't be saved as it is"), invalid(error))


def invalid(error: Refusal) -> str:
    """What is wrong with one field."""
    field = field_label(str(error.details.get("field", "")))
    problems = {
        "missing": _("%(field)s: please fill it in.", field=field),
        "unknown_value": _("%(field)s: choose one of the values offered.", field=field),
        "no_such_bracket": _("That bracket is no longer in the text."),
        "no_such_paragraph": _("That paragraph is not in this version."),
        "not_published": _("Only a published text can be replaced by a successor."),
    }
    return problems.get(str(error.details.get("problem")), _("%(field)s: not valid.", field=field))


def unacceptable(error: Refusal) -> str:
    """Which character or length a text can't have, and where."""
    details = error.details
    where = _(
        "line %(line)s, column %(column)s", line=details.get("line", 1), column=details.get("column", 1)
    )
    sentences = {
        "control_character": _(
            "It holds an invisible control character (%(where)s). Delete it.", where=where
        ),
        "bidi_override": _(
            "It holds a character that reverses the direction of reading (%(where)s), so that readers"
            " would see other words than are stored. Delete it.",
            where=where,
        ),
        "lone_surrogate": _("It holds half of a character (%(where)s). Delete it.", where=where),
        "too_long": _("It is too long. Split it, or move part of it to an annex."),
        "too_many_blocks": _(
            "It has more than %(limit)s paragraphs. Split it, or move part of it to an annex.",
            limit=details.get("limit"),
        ),
        "block_too_long": _("One paragraph is too long (%(where)s). Split it.", where=where),
    }
    return sentences.get(str(details.get("reason")), _("It holds something that can't be stored."))


def _who_may(action: object) -> str:
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

"""Every code of the domain in the reader's words: labels, buttons, reasons and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, g

from reviewflow.domain.actors import Role
from reviewflow.domain.ballots import Outcome, Stand
from reviewflow.domain.items import State
from reviewflow.domain.waiting import COORDINATOR_PARTY
from reviewflow.domain.workflow import Action, Reason
from reviewflow.gateways import follow_up, subjects
from reviewflow.web.language import gettext as _
from reviewflow.web.language import language, ngettext

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
        role_label,
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
        statement_kinds,
        responses,
        implementations,
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


def role_label(role: Role) -> str:
    """A role in words."""
    return {
        Role.LEAD: _("Lead"),
        Role.EXPERT: _("Expert"),
        Role.OBSERVER: _("Observer"),
        Role.COORDINATOR: _("Coordinator"),
        Role.ADMINISTRATOR: _("Administrator"),
    }.get(role, "")


def stand_label(stand: str, *, own: bool = True) -> str:
    """A stand as one chooses it for oneself, or as it is said of another member."""
    if not own and stand in (Stand.RECUSE, Stand.WITHDRAWN):
        return _("Recused") if stand == Stand.RECUSE else _("Position taken back")
    return {
        Stand.APPROVE: _("Approve"),
        Stand.NO_OBJECTION: _("No objection"),
        Stand.OBJECT: _("Object"),
        Stand.ABSTAIN: _("Abstain"),
        Stand.RECUSE: _("Recuse myself"),
        Stand.WITHDRAWN: _("Take my position back"),
    }[Stand(stand)]


def stand_sentence(stand: str, *, you: bool = False) -> str:
    """A stand as it follows a name: "objects"; after "You": "object"."""
    forms = {
        Stand.APPROVE: (_("approves"), _("approve")),
        Stand.NO_OBJECTION: (_("has no objection"), _("have no objection")),
        Stand.OBJECT: (_("objects"), _("object")),
        Stand.ABSTAIN: (_("abstains"), _("abstain")),
        Stand.RECUSE: (_("has recused themselves"), _("have recused yourself")),
        Stand.WITHDRAWN: (_("has taken their position back"), _("have taken your position back")),
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
        Stand.WITHDRAWN: _("took their position back on version %(version)d", version=version),
    }[Stand(stand)]


def changed_since(act: str) -> str:
    """What a comparison shows that begins at the reader's own stand or agreement."""
    told: dict[str, str] = {
        Stand.APPROVE: _("What changed since you approved"),
        Stand.NO_OBJECTION: _("What changed since you had no objection"),
        Stand.OBJECT: _("What changed since you objected"),
        Stand.ABSTAIN: _("What changed since you abstained"),
        Stand.RECUSE: _("What changed since you left the ballot"),
        Stand.WITHDRAWN: _("What changed since you took your position back"),
        Action.AGREE: _("What changed since you agreed for your group"),
    }
    return told[act]


@once_a_language
def kinds() -> dict[str, str]:
    """Kinds of texts."""
    return _translated(subjects.KINDS)


@once_a_language
def dimensions() -> dict[str, str]:
    """The dimensions, by value."""
    return _translated(subjects.DIMENSIONS)


@once_a_language
def addressees() -> dict[str, str]:
    """The addressees, by value."""
    return _translated(subjects.ADDRESSEES)


@once_a_language
def commitments() -> dict[str, str]:
    """The commitments, by value."""
    return _translated(subjects.COMMITMENTS)


@once_a_language
def statement_kinds() -> dict[str, str]:
    """What each kind of statement is called, by value."""
    return _translated(subjects.STATEMENT_KINDS)


@once_a_language
def responses() -> dict[str, str]:
    """What each kind of response is called, by value."""
    return _translated(follow_up.RESPONSES)


@once_a_language
def implementations() -> dict[str, str]:
    """What each degree of implementation is called, by value."""
    return _translated(follow_up.IMPLEMENTATIONS)


def _translated(labels: Mapping[Any, str]) -> dict[str, str]:
    """Labels that the public pages have too, in the reader's language."""
    return {str(value): _(label) for value, label in labels.items()}


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
    if objections := len(outcome.objectors):
        said += "; " + ngettext("%(num)d objection open", "%(num)d objections open", objections)
    if concerns := len(outcome.concerns):
        said += "; " + ngettext("%(num)d concern open", "%(num)d concerns open", concerns)
    return said


def reason_sentence(reason: Reason) -> str:
    """Why an act is not possible yet, in one line."""
    place = g.get("place")
    people = ", ".join(place.directory.name_of(p) for p in reason.people) if place else ""
    fields = ", ".join(field_label(name).lower() for name in reason.fields)
    names = ", ".join(reason.fields)
    sentences = {
        "reason_missing": _("Say why, so that the others can answer it."),
        "text_unchanged": _("Nothing was changed, so there is no new version."),
        "same_words": _("These are the words that stand there already."),
        "incomplete": _("The text still lacks: %(fields)s.", fields=fields),
        "more_than_settled": _(
            "While the text is proposed, only words in square brackets may change, and words that somebody"
            " suggested to change."
        ),
        "nothing_to_settle": _("No square bracket is open, and nothing is suggested."),
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
        "concern_open": ngettext(
            "%(num)d concern is not answered yet: %(people)s.",
            "%(num)d concerns are not answered yet: %(people)s.",
            reason.count, people=people,
        ),
        "no_such_concern": _("This concern is not open any more."),
        "concern_of_another": _("Only %(people)s or the group’s lead can say that it is met.", people=people),
        "concern_end_missing": _("Say how the concern ends: resolved, answered or withdrawn."),
        "objection_open": ngettext(
            "%(num)d objection is open: %(people)s.", "%(num)d objections are open: %(people)s.",
            reason.count, people=people,
        ),
        "bracket_open": ngettext(
            "%(num)d square bracket is open.", "%(num)d square brackets are open.", reason.count
        ),
        "agreement_missing": _("Not every counterpart group has agreed to this text."),
        "tied": _("It is tied to other texts: agree to their package."),
        "package_consent_given": _("Your group has agreed to this package as it stands."),
        "tied_already": _("It is tied to other texts already."),
        "not_tied": _("It is not tied to other texts any more."),
        "tied_by_another_group": _("The group that tied it is the one to untie it."),
        "statement_missing": _("Write what the statement says."),
        "lead_speaks_for_group": _("Only its lead speaks for a group. Make it a statement of your own."),
        "statement_of_another": _("A statement is withdrawn by who made it, or by the lead of their group."),
        "approval_missing": _("The coordinator has not approved this text."),
        "part_unapproved": _("Included, but not approved: %(parts)s.", parts=names),
        "part_stale": _(
            "Changed since it was included: %(parts)s. Include the new text, or take it out.",
            parts=names,
        ),
        "part_superseded": _(
            "Included, but superseded: %(parts)s. Include its successor, or take it out.", parts=names
        ),
        "part_retracted": _("Included, but retracted: %(parts)s. Take it out.", parts=names),
        "text_not_intact": _("The stored text does not match its digest; tell the operator."),
        "instant_not_reached": _("The time set for publication has not come."),
        "publication_set": _(
            "A time is set for its publication, and nothing changes in it until then."
            " The coordinator can take that time back."
        ),
        "publication_not_set": _("No time is set for its publication."),
        "recused": _("You have recused yourself from this text."),
        "not_recused": _("You have not recused yourself."),
        "stand_in_recused": _("One of you is recused: who takes no part acts for nobody, nor is acted for."),
        "recusal_is_ones_own": _("Only the member can say that they take no part. Choose another position."),
        "member_not_on_roster": _("Choose a member of the ballot whose position it is."),
        "own_position": _("Your own position is yours to take, not to record."),
        "objection_is_its_authors": _(
            "An open objection is lifted by its author alone; one that you recorded you can take back on the"
            " member’s word."
        ),
        "means_missing": _("Say how the position was given: by telephone, by letter, in a meeting."),
        "no_position": _("There is no position to take back."),
        "suggestion_open": ngettext(
            "%(num)d suggestion is open.", "%(num)d suggestions are open.", reason.count
        ),
        "silence_running": _("Silence runs: the text is frozen until it ends or is broken."),
        "silence_over": _("The silence procedure is over; the server is recording its result."),
        "silence_open": _("A silence procedure is open already."),
        "no_silence": _("No silence procedure is open for that."),
        "silence_not_over": _("The instant has not come."),
        "already_consented": _("Your group has consented to this instant."),
        "instant_missing": _("Choose the time."),
        "instant_passed": _("That instant has passed. Choose a later one."),
        "another_instant": _("The instant has been changed meanwhile. Read the new one, then decide."),
        "instant_not_later": _("Silence is only made longer: choose a later instant."),
        "successor_not_published": _("The text that replaces it is not published."),
        "followed_up_by_original": _("What becomes of it is recorded for the text that it corrects."),
        "corrigendum_not_published": _("The text that corrects it is not published."),
        "original_superseded": _(
            "What it corrects has been superseded since. Withdraw this one, and correct the successor."
        ),
        "original_retracted": _("The text that it corrects has been retracted since. Withdraw this one."),
        "corrected_meanwhile": _(
            "Another corrigendum has been published since this one was drafted."
            " When its group writes the next version, the editor brings both together;"
            " once proposed, it goes back for that first."
        ),
    }  # fmt: skip
    return sentences.get(reason.code, reason.code)


def languages() -> dict[str, str]:
    """What people and groups may read and write in, by the codes that are stored."""
    return {"en": _("English"), "ru": _("Russian"), "kk": _("Kazakh")}


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
        "includes": _("Included texts"),
        "note": _("Note"),
        "reason": _("Reason"),
        "email": _("E-mail"),
        "name": _("Name"),
        "name_ru": _("Name in Russian"),
        "name_kk": _("Name in Kazakh"),
        "password": _("Password"),
        "code": _("Code"),
        "affiliation": _("Affiliation"),
        "time_zone": _("Time zone"),
        "days": _("It ends after"),
        "notices": _("When something waits for you"),
        "role": _("Role"),
        "description": _("Description"),
        "disclaimer": _("Disclaimer"),
        "notice": _("Notice"),
        "slug": _("Word in addresses"),
        "short_name": _("Short name"),
        "letter": _("Letter"),
        "city": _("City"),
        "language": _("Language"),
        "holiday_country": _("Country of its holidays"),
        "group": _("Group"),
        "stand_in": _("Stand-in"),
        "first_day": _("First day"),
        "last_day": _("Last day"),
        "until": _("End of silence"),
        "means": _("How it was given"),
        "member": _("Member"),
        "addressee": _("Addressee"),
        "response": _("Response"),
        "considered_until": _("Under consideration until"),
        "given_on": _("Given on"),
        "words": _("Words of the response"),
        "implementation": _("Implementation"),
        "as_of": _("As of"),
        "evidence": _("Evidence"),
        "source_title": _("Title of the source"),
        "source_url": _("Address of the source"),
        "is_correction": _("Correction"),
    }.get(name, name)

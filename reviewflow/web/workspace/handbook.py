"""The procedure in words for the help pages, read off the table of rules so that it can't drift."""

from __future__ import annotations

from dataclasses import dataclass

from reviewflow.domain.actors import Role, Standing
from reviewflow.domain.items import State
from reviewflow.domain.workflow import RULES, Action, Rule
from reviewflow.web import words
from reviewflow.web.language import gettext as _

#: For whom there is a page, in the order of their links.
AUDIENCES = (Role.EXPERT, Role.LEAD, Role.COORDINATOR, Role.OBSERVER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule in words; `yours` says whether the page's audience can do it."""

    act: str
    who: str
    before: str
    after: str
    yours: bool


def audience_for(asked: str, role: Role) -> Role:
    """The audience that an address names, or the reader's own role."""
    return next((audience for audience in AUDIENCES if audience == asked), role)


def rows(audience: Role) -> list[Row]:
    """Every rule, in the table's order."""
    return [
        Row(
            act=_acts()[rule.action],
            who=_who(rule),
            before=", ".join(words.state_label(state) for state in State if state in rule.source)
            or _("(nothing yet)"),
            after=words.state_label(rule.to) if rule.to else _("the same"),
            yours=any(role is audience for _standing, role in rule.by),
        )
        for rule in RULES.values()
    ]


def _who(rule: Rule) -> str:
    if rule.action is Action.SUPERSEDE:
        return _("nobody: it happens when the successor is published")
    if rule.action is Action.CORRECT:
        return _("nobody: it happens when the corrigendum is published")
    names = {
        (Standing.PROPOSER, Role.EXPERT): _("experts of the proposing group"),
        (Standing.PROPOSER, Role.LEAD): _("lead of the proposing group"),
        (Standing.COUNTERPART, Role.EXPERT): _("experts of a counterpart group"),
        (Standing.COUNTERPART, Role.LEAD): _("lead of a counterpart group"),
        (Standing.COORDINATOR, Role.COORDINATOR): _("coordinator"),
        (Standing.COORDINATOR, Role.CLOCK): _("the clock, at the time set"),
    }
    return ", ".join(name for pair, name in names.items() if pair in rule.by)


def _acts() -> dict[Action, str]:
    return {
        Action.CREATE: _("Draft a recommendation"),
        Action.REVISE: _("Save a new version"),
        Action.PROPOSE: _("Propose it to the other side"),
        Action.SUGGEST: _("Suggest other words"),
        Action.AMEND: _("Accept suggestions, clean brackets"),
        Action.TAKE_POSITION: _("Take a position"),
        Action.RAISE_CONCERN: _("Raise a concern"),
        Action.END_CONCERN: _("Say how a concern ends"),
        Action.RECORD_POSITION: _("Record a position given by telephone or letter"),
        Action.RECUSE: _("Recuse oneself from the drafting"),
        Action.REJOIN: _("Take part in the drafting again"),
        Action.RECALL: _("Take it back for changes"),
        Action.REQUEST_CHANGES: _("Ask for changes"),
        Action.RESUBMIT: _("Resubmit it"),
        Action.AGREE: _("Agree for the group"),
        Action.PROPOSE_SILENCE: _("Propose a silence procedure"),
        Action.ACCEPT_SILENCE: _("Accept it, so that silence runs when all have"),
        Action.REFUSE_SILENCE: _("Refuse it before it runs"),
        Action.EXTEND_SILENCE: _("Consent to a later end of silence"),
        Action.EXPIRE_SILENCE: _("Record that silence is over"),
        Action.LAPSE_SILENCE: _("Let it lapse, if a lead has not accepted it by its instant"),
        Action.DECLINE: _("Decline it"),
        Action.APPROVE: _("Approve for dissemination"),
        Action.RETURN: _("Return it for changes"),
        Action.SCHEDULE: _("Set the time of publication"),
        Action.UNSCHEDULE: _("Take the set time back"),
        Action.PUBLISH: _("Publish"),
        Action.WITHDRAW: _("Withdraw it"),
        Action.REOPEN: _("Reopen it as a draft"),
        Action.SUPERSEDE: _("Supersede it"),
        Action.CORRECT: _("Correct it"),
        Action.RETRACT: _("Retract it"),
        Action.TIE: _("Tie it to other texts, to be agreed together"),
        Action.UNTIE: _("Untie it from the others"),
        Action.ATTACH_STATEMENT: _("Attach a statement"),
        Action.WITHDRAW_STATEMENT: _("Withdraw a statement"),
    }

"""Who holds an item: the party that is waited for, and what each of its people can do now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reviewflow.domain.ballots import tally
from reviewflow.domain.items import FINISHED, Item, State

#: The coordinator as a party; groups are parties by their id.
COORDINATOR_PARTY = 0


class Task(StrEnum):
    """What one person is waited for with, the most useful one if there are several."""

    #: Finish the draft and propose it.
    PROPOSE = "propose"
    #: Answer what the counterpart or the coordinator asked for, and resubmit.
    ANSWER_CHANGES = "answer_changes"
    #: Settle brackets, decide suggestions, answer objections and concerns while the others have the text.
    SETTLE = "settle"
    #: State a first position.
    TAKE_POSITION = "take_position"
    #: The text changed after one's position: read the change and state it anew.
    RECONSIDER = "reconsider"
    #: The ballot carries: record the group's agreement.
    AGREE = "agree"
    #: The same for a text that is tied to others: agree to the package.
    AGREE_TOGETHER = "agree_together"
    #: Every other group agrees to its package: see what that still needs of one's own.
    COMPLETE_PACKAGE = "complete_package"
    #: Nobody else can move it: bring the group to a position, ask for changes, or decline.
    DECIDE = "decide"
    #: Consent to a silence procedure, or to a later end of it, or refuse it.
    CONSENT = "consent"
    #: Silence runs: whoever can't accept the text speaks before the instant.
    SPEAK_OR_BE_SILENT = "speak_or_be_silent"
    #: Approve for dissemination, or return.
    APPROVE = "approve"
    #: Publish.
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Members:
    """The people of a task force who can move something, by id."""

    leads: Mapping[int, frozenset[int]]
    coordinators: frozenset[int]


def holders(item: Item) -> tuple[int, ...]:
    """The parties that an item waits for: ids of groups, or `COORDINATOR_PARTY`; empty when finished.

    Always at least one while the item is not finished (rule 5). A group whose lead has agreed to the package
    that ties the item is not waited for, while nothing in its ballot has come up since. If that is every
    counterpart, the package lacks the group that proposes this text.
    """
    match item.state:
        case State.DRAFT | State.CHANGES_REQUESTED:
            return (item.proposing_group,)
        case State.PROPOSED:
            undecided = _undecided(item)
            if item.tied_by is None:
                return undecided
            owing = tuple(g for g in undecided if g not in item.consented or not _carries(item, g))
            return owing or (item.proposing_group,)
        case State.AGREED | State.APPROVED:
            return (COORDINATOR_PARTY,)
        case _:
            return ()


def tasks(item: Item, members: Members) -> dict[int, Task]:
    """What each person can move now, by person: what "Waiting for you" lists.

    The proposing group's part falls to its authors and lead, so that a draft does not wait for
    people who have nothing to do with it.
    """
    if item.state in FINISHED:
        return {}
    authors = (item.authors | members.leads.get(item.proposing_group, frozenset())) - item.recused
    match item.state:
        case State.DRAFT:
            return dict.fromkeys(authors, Task.PROPOSE)
        case State.CHANGES_REQUESTED:
            return dict.fromkeys(authors, Task.ANSWER_CHANGES)
        case State.AGREED:
            return dict.fromkeys(members.coordinators, Task.APPROVE)
        case State.APPROVED if item.publish_at:
            return {}  # The clock publishes it; the coordinator holds it, but need not do anything.
        case State.APPROVED:
            return dict.fromkeys(members.coordinators, Task.PUBLISH)
    if item.silence and item.silence.running:
        return _tasks_under_silence(item, members)
    found: dict[int, Task] = {}
    blocked = item.head.open_brackets > 0 or item.open_suggestions > 0
    for group in _undecided(item):
        leads = members.leads.get(group, frozenset())
        ballot = item.ballot_of(group)
        if ballot is None:  # The group joined after the ballots had opened.
            found |= dict.fromkeys(leads, Task.DECIDE)
            continue
        outcome = tally(ballot, item.head.digest)
        blocked = blocked or bool(outcome.objectors or outcome.concerns)
        silent, stale = set(outcome.silent) - ballot.left, set(outcome.stale) - ballot.left
        found |= dict.fromkeys(silent, Task.TAKE_POSITION)
        found |= dict.fromkeys(stale, Task.RECONSIDER)
        if _carries(item, group):
            if item.tied_by is None:
                found |= dict.fromkeys(leads, Task.AGREE)
            elif group not in item.consented:
                found |= dict.fromkeys(leads, Task.AGREE_TOGETHER)
        elif not silent and not stale:
            found |= dict.fromkeys(leads, Task.DECIDE)
    if item.tied_by is not None and holders(item) == (item.proposing_group,):
        found |= dict.fromkeys(members.leads.get(item.proposing_group, ()), Task.COMPLETE_PACKAGE)
    if blocked:
        found |= dict.fromkeys(authors, Task.SETTLE)
    if item.silence:
        asked = _leads(item.silence.lacking(item.groups), members)
        found |= {
            person: Task.CONSENT for person in asked if found.get(person) not in (Task.AGREE, Task.SETTLE)
        }
    return found


def _undecided(item: Item) -> tuple[int, ...]:
    return tuple(group for group in item.counterparts if not item.has_agreed(group))


def _carries(item: Item, group: int) -> bool:
    """Whether a group could agree to the text as it stands."""
    ballot = item.ballot_of(group)
    return ballot is not None and tally(ballot, item.head.digest).carried and not item.head.open_brackets


def _tasks_under_silence(item: Item, members: Members) -> dict[int, Task]:
    """While silence runs: each counterpart's lead, and its members who have not spoken on the text."""
    found: dict[int, Task] = dict.fromkeys(_leads(item.counterparts, members), Task.SPEAK_OR_BE_SILENT)
    for ballot in item.ballots:
        outcome = tally(ballot, item.head.digest)
        able = {*outcome.silent, *outcome.stale} - ballot.left
        found |= dict.fromkeys(able, Task.SPEAK_OR_BE_SILENT)
    assert item.silence
    return found | dict.fromkeys(_leads(item.silence.lacking(item.groups), members), Task.CONSENT)


def _leads(groups: tuple[int, ...], members: Members) -> tuple[int, ...]:
    return tuple(person for group in groups for person in members.leads.get(group, ()))

"""Why a pack of evidence does not hold: each fault with its code and its sentence."""

from __future__ import annotations

#: What each fault means; `%s` is the place where it was found.
SENTENCES = {
    "steps_malformed": "The steps are not written as steps are: %s.",
    "wrong_state": "An act was not possible from the state that the text was in: %s.",
    "wrong_actor": "An act belongs to somebody else: %s.",
    "two_sides": "Somebody acted for two sides: %s.",
    "stand_in_over": "An act in another's name came before or after its author stood in for them: %s.",
    "stand_in_too_long": "Somebody was to stand in for another for longer than ninety days: %s.",
    "stand_in_twice": "Somebody stood in for two, or had two stand-ins, at the same time: %s.",
    "stand_ins_differ": "What is told of the periods of stand-ins is not what the steps show.",
    "other_text": "An act is about another text than the one before the groups: %s.",
    "time_runs_backwards": "An act is older than the one before it: %s.",
    "round_differs": "The round or state that was recorded is not the one that the acts lead to: %s.",
    "roster_missing": "A ballot was opened without its roster, or for the proposing group: %s.",
    "not_on_roster": "A position is not of somebody on the frozen roster: %s.",
    "objection_not_its_authors": "An objection was lifted by another than its author: %s.",
    "objection_not_there": "An objection passed to the lead or back that was not there to pass: %s.",
    "link_not_good": "A position was taken by a link that no lead had asked for, or that was over: %s.",
    "position_after_agreement": "A position or a concern came after its group had agreed: %s.",
    "already_agreed": "An act came after a group had agreed, or a group agreed twice: %s.",
    "positions_missing": "A group agreed without enough positions on these words: %s.",
    "approval_of_members_missing": "A group agreed although nobody on its roster approved: %s.",
    "objection_open": "A group agreed while an objection was open: %s.",
    "concern_open": "A group agreed while a concern was open: %s.",
    "no_voters": "A group agreed without anybody who could vote: %s.",
    "agreed_alone": "A text that was tied to others was agreed to without them: %s.",
    "silence_unfounded": "Silence was used without the consent of every group's lead: %s.",
    "silence_not_over": "Silence ended in agreement before its instant: %s.",
    "silence_running": "The text was touched while silence ran: %s.",
    "agreement_missing": "The text was approved or published without the agreement of every group: %s.",
    "approval_missing": "The text was published without the coordinator's approval of these words: %s.",
    "published_too_early": "The text was published by the clock without or before a set instant: %s.",
    "not_published": "The steps do not end with the publication.",
    "acts_after_publication": "There are acts after the publication: %s.",
}


class Fault(Exception):
    """Why a pack does not hold: a stable code, and where it was found."""

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.where = where

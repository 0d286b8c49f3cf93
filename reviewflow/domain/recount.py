"""A ballot and the sides counted again from product.md alone, for the replay of an evidence pack.

Like that replay it imports nothing of the rules by which the site itself decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from reviewflow.domain.faults import Fault


class Ballot:
    """One counterpart group's ballot: its frozen roster, each seat's newest position, its open concerns.

    A position is (stand, round, text). Positions and concerns are carried from round to round.
    """

    def __init__(self, roster: list[str], round_: int, old: Ballot | None) -> None:
        self.roster = roster
        self.round = round_
        self.positions: dict[str, tuple[str, int, str]] = dict(old.positions) if old else {}
        self.concerns: set[str | None] = set(old.concerns) if old else set()
        #: Who recorded a position that its member did not enter, by the member's seat.
        self.recorders: dict[str, str] = dict(old.recorders) if old else {}
        #: Open links by which members take a position: when asked for, on which text, until when.
        self.links: dict[str, tuple[str, str, str]] = {}
        #: Objections of members who have left: the lead may withdraw them.
        self.handed: set[str] = old.handed - set(roster) if old else set()

    def objectors(self) -> list[str]:
        """Whose objection is open: it stays so over new words and rounds until its author speaks again."""
        return sorted(seat for seat, (stand, _, _) in self.positions.items() if stand == "object")

    def figures(self, text: str) -> dict[str, Any]:
        """Positions that count on `text` in this round, those needed, approvals, and who may vote.

        Who recuses leaves the denominator; floor(n/2)+1 of the others have to hold a position.
        """
        voters = [s for s in self.roster if self.positions.get(s, ("",))[0] != "recuse"]
        stands = [
            self.positions[seat][0]
            for seat in voters
            if seat in self.positions and self.positions[seat][1:] == (self.round, text)
        ]
        counting = [stand for stand in stands if stand in ("approve", "no_objection", "abstain")]
        return {
            "voters": len(voters),
            "needed": len(voters) // 2 + 1,
            "positions": len(counting),
            "approvals": counting.count("approve"),
        }

    def obstacle(self, text: str) -> str:
        """Why the group can't agree to `text`; empty if it can."""
        figures = self.figures(text)
        if not figures["voters"]:
            return "no_voters"
        if self.objectors():
            return "objection_open"
        if self.concerns:
            return "concern_open"
        if figures["positions"] < figures["needed"]:
            return "positions_missing"
        return "" if figures["approvals"] else "approval_of_members_missing"


#: What a stand-in does as the member who named them.
LENT = ("take_position", "record_position", "agree", "decline", "propose_silence", "accept_silence",
        "refuse_silence", "extend_silence", "recall", "withdraw", "reopen")  # fmt: skip


#: The longest that somebody stands in for another (an hour more where clocks are put back meanwhile), and
#: the longest that a link to take a position can be used.
LONGEST, LINK_LASTS = timedelta(days=90, hours=1), timedelta(days=7)


#: Where a pack tells when those stood in for others who did; only there if somebody did.
STAND_INS = "stand-ins.json"


def lasts(since: str, until: str) -> timedelta:
    """How long a period is, between instants as packs write them; nothing for what is none."""
    try:
        begin, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (since, until))
        return max(end - begin, timedelta(0))
    except (TypeError, ValueError):
        return timedelta(0)


class Sides:
    """On which side each seat has been seen: nobody acts for two, also not in another's name.

    `lent` holds for each seat the last period in which it acted for another or another for it, as (who acted,
    for whom, since, until), and when it was used last.
    """

    def __init__(self) -> None:
        self.groups: dict[str, str] = {}
        self.lent: dict[str, tuple[tuple[str, ...], str]] = {}

    def obstacle(self, step: dict[str, Any], ballot: Ballot | None) -> str:
        """Why who took a step can't have; empty if they can. `ballot` is their group's, if it has one."""
        seen = [(seat, group) for group, seats in step.get("rosters", {}).items() for seat in seats]
        lent = step.get("stand_in")
        if step["group"] is not None:
            seen += [(seat, step["group"]) for seat in (step.get("seat"), lent and lent.get("seat")) if seat]
        for seat, group in seen:
            if self.groups.setdefault(seat, group) != group:
                return "two_sides"
        if lent is None:
            return ""
        if set(lent) != {"seat", "since", "until"} or not all(isinstance(lent[name], str) for name in lent):
            return "steps_malformed"
        stands = step["event"] in LENT and step["group"] is not None and step.get("stand") != "recuse"
        both = (step["seat"], lent["seat"])
        if ballot and any(ballot.positions.get(seat, ("",))[0] == "recuse" for seat in both):
            stands = False
        # What a lead records of a member is neither the lead's own nor of who stands in for the lead.
        if not stands or lent["seat"] in (step["seat"], step.get("member")):
            return "wrong_actor"
        if not lent["since"] <= step["at"] < lent["until"]:
            return "stand_in_over"
        return self._period_obstacle(step, lent)

    def _period_obstacle(self, step: dict[str, Any], lent: dict[str, str]) -> str:
        """In one instant a person is in one pair at most, for ninety days at most.

        A period may have ended early, and another begun before its set end; but not before its last use.
        """
        length = lasts(lent["since"], lent["until"])
        if not timedelta(0) < length <= LONGEST:
            return "stand_in_too_long" if length else "steps_malformed"
        period = (lent["seat"], step["seat"], lent["since"], lent["until"])
        for seat in period[:2]:
            other, used = self.lent.get(seat, (period, ""))
            if other != period and lent["since"] < used:
                return "stand_in_twice"
            self.lent[seat] = (period, step["at"])
        return ""


def ask_ends(steps: list[dict[str, Any]], told: object) -> None:
    """Whether what a pack tells of the periods of its stand-ins agrees with its steps.

    `told` has for each period that was used who acted, for whom, since, until, and when it was ended early
    (empty: not before the publication). Raises Fault.
    """
    used = {
        (step["stand_in"]["seat"], step["seat"], step["stand_in"]["since"], step["stand_in"]["until"])
        for step in steps
        if "stand_in" in step
    }
    if not isinstance(told, list) or not all(
        isinstance(one, list) and len(one) == 5 and all(isinstance(said, str) for said in one) for one in told
    ):
        raise Fault("malformed", STAND_INS)
    if sorted(tuple(one[:4]) for one in told) != sorted(used):
        raise Fault("stand_ins_differ")
    ends = {tuple(one[:4]): one[4] for one in told}
    for step in steps:
        lent = step.get("stand_in")
        ended = lent and ends[lent["seat"], step["seat"], lent["since"], lent["until"]]
        if ended and ended <= step["at"]:
            raise Fault("stand_in_over", f"step {step['step']}, {step['event']}")

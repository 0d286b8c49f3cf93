"""A ballot counted again from product.md alone, for the replay of an evidence pack.

Like that replay it imports nothing of the rules by which the house itself decides.
"""

from __future__ import annotations

from typing import Any


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

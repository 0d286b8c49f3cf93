"""What the steps of an item come to, decided again from product.md alone: the rules of an evidence pack.

Written a second time on purpose, and without a look at the first: nothing here is imported from the rules
by which the site itself decides, so that an error there can't hide here. Tests compare the two.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from reviewflow.domain.faults import Fault
from reviewflow.domain.recount import LINK_LASTS, Ballot, Sides, lasts

#: The rules that this file knows; a pack names those it was decided by.
RULES = 1

#: From which states each act is possible, and to which it leads (None: it stays).
MOVES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "propose": (("draft",), "proposed"),
    "amend": (("proposed",), None),
    "take_position": (("proposed",), None),
    "record_position": (("proposed",), None),
    "ask_sign_off": (("proposed",), None),
    "withdraw_sign_off": (("proposed",), None),
    "raise_concern": (("proposed", "changes_requested"), None),
    "end_concern": (("proposed", "changes_requested"), None),
    "recall": (("proposed",), "changes_requested"),
    "request_changes": (("proposed",), "changes_requested"),
    "resubmit": (("changes_requested",), "proposed"),
    "tie": (("proposed",), None),
    "untie": (("draft", "proposed", "changes_requested", "withdrawn", "declined"), None),
    "agree": (("proposed",), None),
    "propose_silence": (("proposed",), None),
    "accept_silence": (("proposed",), None),
    "refuse_silence": (("proposed",), None),
    "extend_silence": (("proposed",), None),
    "break_silence": (("draft", "proposed", "changes_requested", "withdrawn", "declined"), None),
    "hand_over_objection": (("draft", "proposed", "changes_requested", "withdrawn", "declined"), None),
    "hand_back_objection": (("draft", "proposed", "changes_requested", "withdrawn", "declined"), None),
    "expire_silence": (("proposed",), None),
    "lapse_silence": (("proposed",), None),
    "decline": (("proposed",), "declined"),
    "approve": (("agreed",), "approved"),
    "return": (("agreed", "approved"), "changes_requested"),
    "schedule": (("approved",), None),
    "unschedule": (("approved",), None),
    "publish": (("approved",), "published"),
    "withdraw": (("draft", "proposed", "changes_requested", "agreed", "approved"), "withdrawn"),
    "reopen": (("withdrawn", "declined"), "draft"),
}
_OF_PROPOSERS = ("propose", "amend", "recall", "resubmit", "withdraw", "reopen")
_OF_COUNTERPARTS = ("take_position", "record_position", "raise_concern", "end_concern", "ask_sign_off",
                    "withdraw_sign_off", "request_changes", "agree", "decline")  # fmt: skip
_OF_LEADS = ("recall", "tie", "untie", "agree", "propose_silence", "accept_silence", "refuse_silence",
             "extend_silence", "decline", "withdraw", "reopen", "record_position", "ask_sign_off",
             "withdraw_sign_off")  # fmt: skip
_STANDS = ("approve", "no_objection", "object", "abstain", "recuse", "withdrawn")


class Replay:
    """The procedure played again, step after step; `take` raises Fault at the first that breaks a rule."""

    def __init__(self, proposing_group: str) -> None:
        self.proposer = proposing_group
        self.state = "draft"
        self.round = 0
        self.text = ""
        self.version = 0
        self.at = ""
        self.sides = Sides()
        self.ballots: dict[str, Ballot] = {}
        #: How each group agreed: (round, text, "ballot" | "silence" | "package", at).
        self.agreements: dict[str, tuple[int, str, str, str]] = {}
        self.approval = (0, "", "")
        self.symbol = self.publish_at = ""
        self.package = ""
        #: The open silence procedure: until, whether it runs, and {instant: groups that consented}.
        self.silence: dict[str, Any] | None = None

    def take(self, step: dict[str, Any]) -> None:
        """Play one step."""
        where = f"step {step['step']}, {step['event']}"
        event = step["event"]
        if event not in MOVES:
            raise Fault("steps_malformed", where)
        if self.state == "published":
            raise Fault("acts_after_publication", where)
        sources, to = MOVES[event]
        if self.state not in sources:
            raise Fault("wrong_state", where)
        if step["at"] < self.at:
            raise Fault("time_runs_backwards", where)
        if event != "break_silence":
            self._ask_actor(step, where)
        self._ask_text(step, where)
        self.at = step["at"]
        getattr(self, f"_{event}", self._nothing)(step, where)
        self.state = to or self.state
        if event in ("agree", "expire_silence") and all(map(self.has_agreed, self.ballots)):
            self.state = "agreed"
        if step.get("silence") or event == "break_silence":
            self.silence = None
        if self.state == "agreed":
            self.package = ""
        if self.state != "approved":
            self.publish_at = ""
        recorded = (step.get("round", self.round), step.get("state", self.state))
        if recorded != (self.round, self.state):
            raise Fault("round_differs", where)

    def has_agreed(self, group: str) -> bool:
        """Whether a group's agreement counts: given in this round, to these words."""
        return self.agreements.get(group, ())[:2] == (self.round, self.text)

    def _nothing(self, step: dict[str, Any], where: str) -> None:
        """What only moves the state."""

    def _ask_actor(self, step: dict[str, Any], where: str) -> None:
        event, role, group = step["event"], step["role"], step["group"]
        if event in ("expire_silence", "lapse_silence"):
            right = role == "clock" and group is None
        elif event in ("hand_over_objection", "hand_back_objection"):
            # Whoever may end and give seats; the administrator, who does, has no other part in this.
            right = role in (("administrator",) if group is None else ("lead", "expert", "observer"))
            if right and (group is None or group in self.ballots):
                return
            right = False
        elif event in ("approve", "return", "schedule", "unschedule", "publish"):
            right = group is None and (role == "coordinator" or (role == "clock" and event == "publish"))
        elif event in _OF_PROPOSERS:
            right = group == self.proposer
        else:
            right = group in self.ballots or (group == self.proposer and event not in _OF_COUNTERPARTS)
        if group is not None:
            right = right and role in (("lead",) if event in _OF_LEADS else ("lead", "expert"))
        obstacle = self.sides.obstacle(step, self.ballots.get(group)) if right else "wrong_actor"
        if obstacle:
            raise Fault(obstacle, where)

    def _ask_text(self, step: dict[str, Any], where: str) -> None:
        """An act names the text that it is about; only circulating brings another one before the groups."""
        event = step["event"]
        if event in ("propose", "resubmit", "amend"):
            if step["version"] < self.version or (event == "amend" and step["version"] == self.version):
                raise Fault("other_text", where)
            self.version, self.text = step["version"], step["text"]
        elif self.state not in ("proposed", "agreed", "approved"):
            return
        elif (step["version"], step["text"]) != (self.version, self.text):
            raise Fault("other_text", where)

    def _ask_silence(self, where: str) -> None:
        if self.silence and self.silence["runs"]:
            raise Fault("silence_running", where)

    def _ask_nobody_agreed(self, where: str) -> None:
        if any(map(self.has_agreed, self.ballots)):
            raise Fault("already_agreed", where)

    def _propose(self, step: dict[str, Any], where: str) -> None:
        rosters = step.get("rosters")
        if not rosters or self.proposer in rosters:
            raise Fault("roster_missing", where)
        self.round += 1
        self.ballots = {
            group: Ballot(rosters[group], self.round, self.ballots.get(group)) for group in rosters
        }

    _resubmit = _propose

    def _amend(self, step: dict[str, Any], where: str) -> None:
        self._ask_silence(where)

    def _recall(self, step: dict[str, Any], where: str) -> None:
        self._ask_silence(where)
        self._ask_nobody_agreed(where)

    def _position(self, step: dict[str, Any], seat: str, where: str) -> None:
        ballot = self.ballots[step["group"]]
        if seat not in ballot.roster and seat not in ballot.handed:
            raise Fault("not_on_roster", where)
        if self.has_agreed(step["group"]):
            raise Fault("position_after_agreement", where)
        if step.get("stand") not in _STANDS:
            raise Fault("steps_malformed", where)
        ballot.positions[seat] = (step["stand"], self.round, self.text)
        ballot.handed.discard(seat)

    def _take_position(self, step: dict[str, Any], where: str) -> None:
        ballot, seat = self.ballots[step["group"]], step["seat"]
        if "asked" in step:
            # Taken by a link: a lead had asked for it, on these words, and it is used this once.
            asked, text, until = ballot.links.pop(seat, ("", "", ""))
            right = (asked, text) == (step["asked"], self.text) and step["at"] < until
            # Who holds it is the guest, and nobody in the guest's name.
            if not right or step.get("stand") not in ("approve", "object") or "stand_in" in step:
                raise Fault("link_not_good", where)
        self._position(step, seat, where)
        ballot.recorders.pop(seat, None)

    def _ask_sign_off(self, step: dict[str, Any], where: str) -> None:
        member, ballot = step.get("member", ""), self.ballots[step["group"]]
        if member not in ballot.roster:
            raise Fault("not_on_roster", where)
        if member == step["seat"]:
            raise Fault("wrong_actor", where)
        if self.has_agreed(step["group"]):
            raise Fault("position_after_agreement", where)
        until = step.get("until", "")
        if not timedelta(0) < lasts(step["at"], until) <= LINK_LASTS:
            raise Fault("link_not_good", where)
        ballot.links[member] = (step["at"], self.text, until)

    def _withdraw_sign_off(self, step: dict[str, Any], where: str) -> None:
        if self.ballots[step["group"]].links.pop(step.get("member", ""), None) is None:
            raise Fault("link_not_good", where)

    def _record_position(self, step: dict[str, Any], where: str) -> None:
        member, ballot, stand = step.get("member", ""), self.ballots[step["group"]], step.get("stand")
        recorder = ballot.recorders.get(member)
        allowed = {"object"} if recorder else set()
        if member in ballot.handed:
            allowed = {"withdrawn"}
        elif recorder == step["seat"]:
            allowed.add("withdrawn")
        lifts = member in ballot.objectors() and stand not in allowed
        if lifts or member == step["seat"]:
            raise Fault("objection_not_its_authors" if lifts else "wrong_actor", where)
        self._position(step, member, where)
        ballot.recorders[member] = step["seat"]

    def _hand_over_objection(self, step: dict[str, Any], where: str) -> None:
        self._handed_to(step, where).handed.add(step["member"])

    def _hand_back_objection(self, step: dict[str, Any], where: str) -> None:
        handed = self._handed_to(step, where).handed
        if step["member"] not in handed:
            raise Fault("objection_not_there", where)
        handed.remove(step["member"])

    def _handed_to(self, step: dict[str, Any], where: str) -> Ballot:
        """The ballot with the objection that passes to its group's lead, or back to its author."""
        for group, ballot in self.ballots.items():
            if step.get("member") in ballot.objectors() and step["group"] in (None, group):
                return ballot
        raise Fault("objection_not_there", where)

    def _raise_concern(self, step: dict[str, Any], where: str) -> None:
        if self.has_agreed(step["group"]):
            raise Fault("position_after_agreement", where)
        self.ballots[step["group"]].concerns.add(step.get("thread"))

    def _end_concern(self, step: dict[str, Any], where: str) -> None:
        concerns = self.ballots[step["group"]].concerns
        if step.get("thread") not in concerns:
            raise Fault("steps_malformed", where)
        concerns.remove(step["thread"])

    def _tie(self, step: dict[str, Any], where: str) -> None:
        self._ask_nobody_agreed(where)
        self.package = step.get("package", "")

    def _untie(self, step: dict[str, Any], where: str) -> None:
        self.package = ""

    def _agree(self, step: dict[str, Any], where: str) -> None:
        group = step["group"]
        self._ask_silence(where)
        if self.has_agreed(group):
            raise Fault("already_agreed", where)
        if self.package != step.get("package", ""):
            raise Fault("agreed_alone", where)
        obstacle = self.ballots[group].obstacle(self.text)
        if obstacle:
            raise Fault(obstacle, where)
        by = "package" if self.package else "ballot"
        self.agreements[group] = (self.round, self.text, by, step["at"])

    def _propose_silence(self, step: dict[str, Any], where: str) -> None:
        self._ask_nobody_agreed(where)
        if self.silence or step.get("until", "") <= step["at"]:
            raise Fault("silence_unfounded", where)
        self.silence = {"until": step["until"], "runs": False, "consents": {}}
        self._consent(step)

    def _accept_silence(self, step: dict[str, Any], where: str) -> None:
        silence = self.silence
        if not silence or silence["runs"] or step.get("until") != silence["until"]:
            raise Fault("silence_unfounded", where)
        if silence["until"] <= step["at"]:
            raise Fault("silence_unfounded", where)
        self._consent(step)

    def _extend_silence(self, step: dict[str, Any], where: str) -> None:
        silence = self.silence
        if not silence or not silence["runs"] or step["at"] >= silence["until"]:
            raise Fault("silence_unfounded", where)
        if step.get("until", "") <= silence["until"]:
            raise Fault("silence_unfounded", where)
        self._consent(step)

    def _consent(self, step: dict[str, Any]) -> None:
        """An instant is in force once the leads of all groups have consented to it, the proposing one too."""
        assert self.silence
        groups = self.silence["consents"].setdefault(step["until"], set())
        groups.add(step["group"])
        if groups == {self.proposer, *self.ballots}:
            self.silence.update(until=step["until"], runs=True)

    def _expire_silence(self, step: dict[str, Any], where: str) -> None:
        if step.get("silence") != "adopted":
            return
        if not self.silence or not self.silence["runs"]:
            raise Fault("silence_unfounded", where)
        if step["at"] < self.silence["until"]:
            raise Fault("silence_not_over", where)
        for group, ballot in self.ballots.items():
            # Silence stands in for positions that nobody took, never for an objection that somebody did.
            obstacle = ballot.obstacle(self.text)
            if obstacle not in ("", "positions_missing", "approval_of_members_missing"):
                raise Fault(obstacle, where)
            self.agreements[group] = (self.round, self.text, "silence", step["at"])

    def _lapse_silence(self, step: dict[str, Any], where: str) -> None:
        if not self.silence or self.silence["runs"] or step["at"] < self.silence["until"]:
            raise Fault("silence_unfounded", where)

    def _approve(self, step: dict[str, Any], where: str) -> None:
        self._ask_agreements(where)
        self.approval = (self.round, self.text, step["at"])
        self.symbol = step.get("symbol") or self.symbol

    def _return(self, step: dict[str, Any], where: str) -> None:
        # A new round: what was agreed to and approved before counts no more.
        self.round += 1

    def _schedule(self, step: dict[str, Any], where: str) -> None:
        self.publish_at = step.get("until", "")

    _unschedule = _schedule

    def _publish(self, step: dict[str, Any], where: str) -> None:
        if step["role"] == "clock" and not "" < self.publish_at <= step["at"]:
            raise Fault("published_too_early", where)
        self._ask_agreements(where)
        if self.approval[:2] != (self.round, self.text):
            raise Fault("approval_missing", where)

    def _ask_agreements(self, where: str) -> None:
        if not self.ballots or not all(map(self.has_agreed, self.ballots)):
            raise Fault("agreement_missing", where)

    def decision(self) -> dict[str, Any]:
        """What it came to, as the pack tells it. Raises Fault where nothing was published."""
        if self.state != "published":
            raise Fault("not_published")
        return {
            "version": self.version,
            "round": self.round,
            "symbol": self.symbol,
            "proposed_by": self.proposer,
            "approved_at": self.approval[2],
            "published_at": self.at,
            "agreements": {
                group: {
                    "by": self.agreements[group][2],
                    "at": self.agreements[group][3],
                    "roster": ballot.roster,
                    # A stand on other words, or of an earlier round, is not part of this decision.
                    "stands": {
                        seat: ballot.positions[seat][0]
                        for seat in ballot.roster
                        if seat in ballot.positions
                        and (
                            ballot.positions[seat][1:] == (self.round, self.text)
                            or ballot.positions[seat][0] == "recuse"
                        )
                    },
                    **ballot.figures(self.text),
                }
                for group, ballot in sorted(self.ballots.items())
            },
        }

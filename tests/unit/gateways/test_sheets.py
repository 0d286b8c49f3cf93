"""The approval sheet: who acted on the published words, and how."""

from __future__ import annotations

from typing import Any

from reviewflow.gateways.sheets import SheetRow, approval_sheet
from tests.factories.papers import record


def _with(**changes: Any) -> list[SheetRow]:
    """The sheet of a record whose agreement is another."""
    told = record()
    told["sheet"][1] |= changes
    return list(approval_sheet(told))


def test_sheet_names_each_act_with_standing_decision_and_remark() -> None:
    group = "Washington working group"
    assert _with() == [
        SheetRow("1", "Washington Expert", group, "Proposed version 2", "2009-09-03T12:05:00.000000Z", ""),
        SheetRow(
            "2",
            "Astana Lead",
            "lead, Astana working group",
            "Agreed",
            "2009-09-20T03:00:00.000000Z",
            "2 of 3 positions, no objection; attachment 1",
        ),
        SheetRow(
            None,
            "Coordinator",
            "coordinator",
            "Approved for dissemination",
            "2009-09-21T09:00:00.000000Z",
            "",
        ),
    ]


def test_member_under_the_chatham_house_rule_has_no_name() -> None:
    row = _with(name="", role="")[1]
    assert (row.name, row.standing) == ("A member of the group", "Astana working group")


def test_group_that_agreed_by_silence_stands_for_itself() -> None:
    row = _with(name="", role="", silence=True, positions=0, voters=0)[1]
    said = (row.name, row.standing, row.decision, row.remark)
    assert said == ("The group", "Astana working group", "Agreed by silence", "Attachment 1")


def test_answer_of_a_resubmission_is_its_remark() -> None:
    told = record()
    told["sheet"][0] |= {"event": "resubmit", "reason": "as it was."}
    row = approval_sheet(told)[0]
    assert (row.decision, row.remark) == ("Resubmitted version 2", "As it was.")


def test_wording_settled_is_a_decision() -> None:
    told = record()
    told["sheet"][0] |= {"event": "amend"}
    assert approval_sheet(told)[0].decision == "Settled the wording of version 2"


def test_clock_that_published_is_named() -> None:
    told = record()
    told["sheet"][2] |= {"name": None, "role": None}
    row = approval_sheet(told)[2]
    assert (row.name, row.standing) == ("The set time of publication", "")

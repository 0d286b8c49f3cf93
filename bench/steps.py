"""The review cycle as a browser sends it: seven forms, from the draft to the public page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SLUG = "bench"
AUTHOR, EXPERT, LEAD, COORDINATOR = "washington-expert-1", "astana-expert-1", "astana-lead", "coordinator"
PEOPLE = (AUTHOR, EXPERT, LEAD, COORDINATOR)

_PARAGRAPH = (
    "The Task Force recommends that the Government publish, before the end of the year, a timetable of the"
    " steps that it promised in Madrid, and that it report on each of them to the Permanent Council."
)
#: About 2.5 KB of text, as long as a recommendation is.
TEXT = "\n\n".join(f"{number}. {_PARAGRAPH}" for number in range(1, 13))
WORDS: dict[str, Any] = {
    "title": "A timetable that everybody can read {number}",
    "summary": "A timetable that everybody can read.",
    "text": TEXT,
    "rationale": "Promises without dates are not kept.",
    "dimension": "human",
    "addressees": ["kazakhstan"],
    "commitments": ["madrid-elections"],
    "note": "",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One form; `act` ends the address of its page."""

    name: str
    who: str
    act: str
    form: dict[str, Any] = field(default_factory=dict)


STEPS = (
    Step("create", AUTHOR, "", WORDS),
    Step("propose", AUTHOR, "propose", {"version": "1"}),
    Step("position", EXPERT, "position", {"version": "1", "stand": "approve", "reason": ""}),
    Step("second position", LEAD, "position", {"version": "1", "stand": "no_objection", "reason": ""}),
    Step("agree", LEAD, "agree", {"version": "1"}),
    Step("approve", COORDINATOR, "approve", {"version": "1"}),
    Step("publish", COORDINATOR, "publish", {"version": "1"}),
)


def path_of(step: Step) -> str:
    """Where a step's form goes, with `{key}` for the item."""
    if not step.act:
        return f"/desk/{SLUG}/recommendations/new"
    return f"/desk/{SLUG}/recommendations/{{key}}/acts/{step.act}"

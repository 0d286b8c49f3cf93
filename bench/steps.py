"""The review cycle as a browser sends it: seven forms, from the draft to the public page.

A step whose page does not exist yet in the product goes to a route of the bench instead, which calls the
same service behind the same door (session, membership, token) and redirects as a page would. The
document says which ones these were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Stand
from reviewflow.services import deliberation, publication, recommendations
from reviewflow.web.identity import current_actor, current_member, enter

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


#: The route that all acts share.
_ACTS = "desk.acts.act"


@dataclass(frozen=True, slots=True)
class Step:
    """One form. `act` ends the address of the product's page; `service` is called where there is none."""

    name: str
    who: str
    act: str
    form: dict[str, Any] = field(default_factory=dict)
    service: Callable[[Actor, str], object] | None = None


STEPS = (
    Step("create", AUTHOR, "", WORDS),
    Step(
        "propose",
        AUTHOR,
        "propose",
        {"version": "1"},
        lambda actor, key: recommendations.propose(actor, key, 1),
    ),
    Step(
        "position",
        EXPERT,
        "position",
        {"version": "1", "stand": "approve", "reason": ""},
        lambda actor, key: deliberation.take_position(actor, key, 1, Stand.APPROVE),
    ),
    Step(
        "second position",
        LEAD,
        "position",
        {"version": "1", "stand": "no_objection", "reason": ""},
        lambda actor, key: deliberation.take_position(actor, key, 1, Stand.NO_OBJECTION),
    ),
    Step(
        "agree",
        LEAD,
        "agree",
        {"version": "1"},
        lambda actor, key: deliberation.agree_to_version(actor, key, 1),
    ),
    Step(
        "approve",
        COORDINATOR,
        "approve",
        {"version": "1"},
        lambda actor, key: publication.approve(actor, key, 1),
    ),
    Step(
        "publish",
        COORDINATOR,
        "publish",
        {"version": "1"},
        lambda actor, key: publication.publish(actor, key, 1),
    ),
)


def missing(app: Flask) -> list[Step]:
    """The steps that the product has no page for."""
    known = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    return [] if _ACTS in known else [step for step in STEPS if step.act]


def path_of(app: Flask, step: Step) -> str:
    """Where a step's form goes, with `{key}` for the item."""
    if not step.act:
        return f"/desk/{SLUG}/recommendations/new"
    if step in missing(app):
        return f"/desk/{SLUG}/bench/{{key}}/{STEPS.index(step)}"
    return f"/desk/{SLUG}/recommendations/{{key}}/acts/{step.act}"


def add_missing(app: Flask) -> None:
    """Give the application the routes of the steps that it lacks."""
    lacking = {STEPS.index(step): step for step in missing(app)}
    if not lacking:
        return

    def act(task_force: str, key: str, number: int) -> ResponseReturnValue:
        if current_member() is None:
            abort(401)
        enter(task_force)
        step = lacking[number]
        assert step.service is not None
        step.service(current_actor(), key)
        flash(f"{step.name}: done.")
        return redirect(url_for("desk.home.waiting", task_force=task_force))

    app.add_url_rule("/desk/<task_force>/bench/<key>/<int:number>", "bench_act", act, methods=["POST"])

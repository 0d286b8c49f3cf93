"""A long text in the midst of its negotiation: many threads and suggestions on one page."""

from __future__ import annotations

from bench import client, inside, population, steps
from bench.report import Line
from bench.run import DESK, Run, median, say
from reviewflow.persistence.db import db
from reviewflow.services import deliberation, recommendations, suggestions
from reviewflow.services.anchors import Aim
from tests.factories.task_forces import PASSWORD, Cast, content

_THREADS, _SUGGESTIONS = 60, 40
#: About thirty printed pages.
_PARAGRAPHS = 360


def page(run: Run) -> None:
    """The page of such a text, as a lead of the other group gets it.

    The first time nothing of this text has been read or rendered; the templates have been, by a short text.
    """
    say("a long text in negotiation")
    url = f"sqlite:///{run.folder / 'negotiated.db'}"
    cast = population.create(url)
    app = population.application(url)
    with app.app_context():
        key, size = _negotiated(cast)
        short = recommendations.create_recommendation(cast["astana-lead"], content())
        db.engine.dispose()
    path = f"{DESK}/recommendations/{key}"
    statements, kilobytes = inside.pages(url, cast, {"item": path}, steps.LEAD)["item"]
    server = run.product(url)
    cookie = client.sign_in(server.port, cast.emails[steps.LEAD], PASSWORD, f"{DESK}/help").cookie
    job = {"kind": "read", "port": server.port, "paths": [path], "connections": 1, "cookie": cookie}
    for _ in range(20):  # Both workers have had it then.
        client.run({**job, "paths": [f"{DESK}/recommendations/{short}"], "seconds": 1, "limit": 1})
    first = client.run({**job, "seconds": 60, "limit": 1})["p50"]
    later = median([client.run({**job, "seconds": 2, "limit": 1_000})["p50"] for _ in range(run.rounds)])
    run.lines.append(
        Line(
            f"page of a text of {_PARAGRAPHS} paragraphs ({size / 1000:.0f} KB) with {_THREADS} threads and"
            f" {_SUGGESTIONS} suggestions: first; later",
            f"{first:.0f} ms; {later:.0f} ms; {statements} SQL, {kilobytes:.0f} KB",
            goal="<= 300 ms",
            met=max(first, later) <= 300,
        )
    )


def _negotiated(cast: Cast) -> tuple[str, int]:
    """The key of the text and how many characters it has."""
    sentence = (
        "The Chairmanship should report on the measure numbered {0} to the Permanent Council each spring"
    )
    text = "\n\n".join(
        f"{number}. {sentence.format(number)}, and publish what {number} participating States replied to it"
        " within thirty days, so that civil society can follow."
        for number in range(1, _PARAGRAPHS + 1)
    )
    author, reviewer = cast["washington-expert-1"], cast["astana-expert-1"]
    key = recommendations.create_recommendation(author, content(text=text))
    recommendations.propose(author, key, 1)
    for number in range(_THREADS):
        aim = {"paragraph": 1 + number * 6, "words": f"measure numbered {1 + number * 6}"}
        thread = deliberation.open_thread(
            reviewer, key, "Which of the three pledges is meant?", internal=False, version=1, **aim
        )
        deliberation.reply(author, key, thread, "The second one; the others follow from it.")
    for number in range(_SUGGESTIONS):
        aim = Aim(paragraph=2 + number * 9, words="within thirty days")
        suggestions.suggest(reviewer, key, 1, aim, "within two months", reason="Ministries need the time.")
    return key, len(text)

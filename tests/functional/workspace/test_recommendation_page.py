"""The page of one recommendation through HTTP: who sees what of it, and how much it asks of the database."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from reviewflow.domain.ballots import Stand
from reviewflow.gateways import clock
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.accounts import Person
from reviewflow.persistence.models.recommendations import Version
from reviewflow.services import deliberation, recommendations
from tests.factories.task_forces import content, make_task_force
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.scenes import TYPED, act, event_count, item_page, part, plain
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]

#: Member, item with its text, everything of the item, positions, agreements, approvals, returns, threads,
#: suggestions, events, publication, statements attached, package, directory, badge.
STATEMENTS = 15


def digests(app: Flask) -> dict[int, str]:
    """The digests of all versions, by number."""
    with app.app_context():
        rows = db.session.execute(select(Version.number, Version.digest))
        return {row.number: row.digest for row in rows}


def test_page_shows_text_state_and_who_is_waited_for(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    page = item_page(visit("astana-expert-1"), key)
    words = plain(page)
    for said in (
        "W Washington working group proposes, A Astana working group considers",
        "Symbol USKZ.DR/1/09",
        "Distribution all groups, coordinator",
        "Original ENGLISH",
        "Dimension Human dimension",
        "Addressed to Government of Kazakhstan",
        "Waiting for the Astana group since",
        "0 of 3 positions",
        "Carries with 2 positions, one of them an approval, and no open objection.",
        "You have not spoken yet",
        "Promises without dates are not kept.",
        "State your position on version 1",
        digests(stage.app)[1],
    ):
        assert said in words, said
    assert 'aria-label="State: Proposed, step 2 of 5"' in page


@pytest.mark.parametrize("who", ["astana-lead", "astana-observer", "coordinator", "administrator"])
def test_draft_does_not_exist_for_others(stage: Stage, visit: Visit, who: str) -> None:
    key = scenes.drafted(stage)
    nothing_is_there(visit(who), key, stage.app)


def test_item_does_not_exist_for_an_administrator(stage: Stage, visit: Visit) -> None:
    nothing_is_there(visit("administrator"), scenes.published(stage), stage.app)


def test_item_does_not_exist_in_another_task_force(stage: Stage) -> None:
    key = scenes.published(stage)
    with stage.app.app_context():
        other = make_task_force("other")
    foreign = Stage.__new__(Stage)
    foreign.app, foreign.cast = stage.app, other
    for who in ("washington-lead", "coordinator"):
        nothing_is_there(Visitor(foreign.sign_in(who), "other"), key, stage.app)
        assert foreign.sign_in(who).get(f"/desk/uskz/recommendations/{key}").status_code == 404


def nothing_is_there(visitor: Visitor, key: str, app: Flask) -> None:
    """Every address of an item answers word for word as that of an unknown one, and writes nothing."""
    before = event_count(app)
    unknown = "0" * len(key)
    for path in (
        "",
        "/acts/agree",
        "/acts/position",
        "/edit",
        "/brackets",
        "/versions",
        "/history",
        "/compare",
    ):
        found = visitor.get(f"recommendations/{key}{path}")
        missing = visitor.get(f"recommendations/{unknown}{path}")
        assert (found.status_code, path) == (404, path)
        assert found.data.replace(key.encode(), unknown.encode()) == missing.data
    fields = {"version": "1", "text": TYPED, "reason": TYPED, "stand": "approve"}
    for path in (
        "acts/agree",
        "acts/withdraw",
        "acts/position",
        "threads",
        "threads/x/reply",
        "threads/x/resolve",
    ):
        found = visitor.post(f"recommendations/{key}/{path}", fields)
        missing = visitor.post(f"recommendations/{unknown}/{path}", fields)
        assert (found.status_code, path) == (404, path)
        assert found.data.replace(key.encode(), unknown.encode()) == missing.data
    assert event_count(app) == before


SECRET = "A month that nobody was told"


@pytest.mark.parametrize("who", ["astana-lead", "astana-observer", "coordinator"])
def test_text_saved_between_circulations_is_hidden(stage: Stage, visit: Visit, who: str) -> None:
    key = scenes.sent_back(stage)
    author = stage.cast["washington-expert-1"]
    # Pages say how long ago something was: what is compared is read at the same instant.
    instant = clock.now()
    with clock.set_to(instant):
        before = item_page(visit(who), key)
    for base, title in enumerate((SECRET, "Another secret"), start=1):
        words = content(title, text=f"1. {SECRET}.", summary=SECRET, rationale=SECRET)
        stage.at(3 + base, recommendations.save_version, author, key, base, words, SECRET)
    with clock.set_to(instant):
        page = item_page(visit(who), key)
    assert page.replace(_token(page), "") == before.replace(_token(before), "")
    assert (
        "The Washington group is preparing a new version. You see the last one that was circulated."
        in plain(page)
    )
    assert not re.search(r"secret|A month that|[Vv]ersion [23]", page)
    assert not any(digests(stage.app)[number] in page for number in (2, 3))
    stage.at(9, recommendations.withdraw, stage.cast["washington-lead"], key, 3, "Overtaken by events.")
    page = item_page(visit(who), key)
    assert "Overtaken by events." in page
    assert not re.search(r"secret|A month that|[Vv]ersion [23]", page)
    own = plain(item_page(visit("washington-observer"), key))
    assert "Version 3" in own
    assert "is preparing a new version" not in own


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_agreement_of_one_group_does_not_betray_a_hidden_text(app: Flask) -> None:
    stage = Stage(app, groups=3)
    key = scenes.agreed(stage)
    stage.at(5, deliberation.request_changes, stage.cast["vienna-lead"], key, 1, "Say by when.")
    others = [Visitor(stage.sign_in(who), "uskz") for who in ("astana-lead", "vienna-lead", "coordinator")]
    before = [part(item_page(visitor, key), "h-acts") for visitor in others]
    author = stage.cast["washington-expert-1"]
    stage.at(6, recommendations.save_version, author, key, 1, content(text="1. By May."))
    assert [part(item_page(visitor, key), "h-acts") for visitor in others] == before
    assert "does not count" not in before[0]
    own = Visitor(stage.sign_in("washington-lead"), "uskz")
    assert "on earlier words, does not count" in part(item_page(own, key), "h-acts")
    stage.at(7, recommendations.resubmit, author, key, 2)
    assert "on earlier words, does not count" in part(item_page(others[0], key), "h-acts")


def test_hidden_draft_after_reopening_is_said_to_be_in_preparation(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    lead = stage.cast["washington-lead"]
    stage.at(2, recommendations.withdraw, lead, key, 1, "Later.")
    stage.at(3, recommendations.reopen, lead, key, 1, "Now.")
    stage.at(4, recommendations.save_version, lead, key, 1, content(SECRET))
    page = item_page(visit("astana-lead"), key)
    assert SECRET not in page
    assert "The Washington group is preparing a new version." in page


def test_stale_position_is_shown_with_what_changed(stage: Stage, visit: Visit) -> None:
    key = scenes.sent_back(stage)
    author = stage.cast["washington-expert-1"]
    stage.at(4, recommendations.save_version, author, key, 1, content(text="1. By May."))
    stage.at(5, recommendations.save_version, author, key, 2, content(text="1. By 31 May."))
    stage.at(6, recommendations.resubmit, author, key, 3)
    visitor = visit("astana-expert-1")
    page = item_page(visitor, key)
    said = part(page, "h-pos-1")
    assert "0 of 3 positions" in said
    assert re.search(r"You approved version 1 .* does not count for version 3", said)
    link = re.search(r'href="([^"]+)">What changed since you approved</a>', page)
    assert link
    assert link[1] == f"/desk/uskz/recommendations/{key}/compare?from=1&amp;to=3"
    assert visitor.get(link[1].replace("&amp;", "&")).status_code == 200


def test_objection_stays_open_over_versions_and_blocks(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    reviewer, author = stage.cast["astana-expert-2"], stage.cast["washington-expert-1"]
    stage.at(2, deliberation.take_position, reviewer, key, 1, Stand.OBJECT, "By when?")
    stage.at(3, deliberation.request_changes, reviewer, key, 1, "Say by when.")
    stage.at(4, recommendations.save_version, author, key, 1, content(text="1. By May."))
    stage.at(5, recommendations.resubmit, author, key, 2)
    for name in ("astana-lead", "astana-expert-1"):
        stage.at(6, deliberation.take_position, stage.cast[name], key, 2, Stand.APPROVE)
    page = item_page(visit("astana-lead"), key)
    assert "2 of 3 positions; 1 objection open" in part(page, "h-pos-1")
    assert re.search(r"Astana Expert 2 objects .*, on version 1 By when\?", part(page, "h-pos-1"))
    assert "Not yet: 1 objection is open: Astana Expert 2." in part(page, "h-now")


def compares(page: str) -> bool:
    """Whether the page leads from the text to what changed in it."""
    return "Compare with the one before" in page


def test_one_visible_version_is_compared_with_nothing(stage: Stage, visit: Visit) -> None:
    key = scenes.drafted(stage)
    author, reader, own = (
        stage.cast["washington-expert-1"],
        visit("astana-lead"),
        visit("washington-observer"),
    )
    assert not compares(item_page(own, key))
    stage.at(1, recommendations.save_version, author, key, 1, content(text="1. By May."))
    assert compares(item_page(own, key))
    stage.at(2, recommendations.propose, author, key, 2)
    # The others see version 2, and never the one before it.
    assert not compares(item_page(reader, key))
    stage.at(3, deliberation.request_changes, stage.cast["astana-lead"], key, 2, "When?")
    stage.at(4, recommendations.save_version, author, key, 2, content(text="1. By 31 May."))
    assert not compares(item_page(reader, key))
    stage.at(5, recommendations.resubmit, author, key, 3)
    assert compares(item_page(reader, key))


def steps(page: str) -> list[str]:
    """The words of each step that is done."""
    return [plain(step) for step in re.findall(r'<li class="step step--done">(.*?)</li>', page)]


def test_done_steps_say_when_they_were_reached(stage: Stage, visit: Visit) -> None:
    key = scenes.sent_back(stage)
    author, reviewer = stage.cast["washington-expert-1"], stage.cast["astana-expert-1"]
    days = 24.0
    stage.at(3 * days, recommendations.resubmit, author, key, 1, "In May.")
    stage.at(4 * days, deliberation.take_position, reviewer, key, 1, Stand.APPROVE)
    stage.at(5 * days, deliberation.take_position, stage.cast["astana-lead"], key, 1, Stand.APPROVE)
    stage.at(6 * days, deliberation.agree_to_version, stage.cast["astana-lead"], key, 1)
    own, other = item_page(visit("washington-lead"), key), item_page(visit("astana-lead"), key)
    assert steps(own) == ["Draft , done 1 Oct 2009", "Proposed , done 4 Oct 2009"]
    # When a group began to write is its own affair.
    assert steps(other) == ["Draft , done", "Proposed , done 4 Oct 2009"]
    published = item_page(visit("astana-observer"), scenes.published(stage))
    assert [step.split(" , ")[0] for step in steps(published)] == ["Draft", "Proposed", "Agreed", "Approved"]


@pytest.mark.parametrize(
    ("scene", "who", "said"),
    [
        ("proposed", "astana-lead", "0 of 3 positions All you can do"),
        ("drafted", "washington-lead", "Draft All you can do"),
        ("agreed", "astana-observer", "Agreed Who agreed, and when"),
        ("published", "coordinator", "Published All you can do"),
        ("published", "astana-lead", "Published Who agreed, and when"),
    ],
)
def test_bottom_bar_says_what_is_useful_now(
    stage: Stage, visit: Visit, scene: str, who: str, said: str
) -> None:
    page = item_page(visit(who), getattr(scenes, scene)(stage))
    bar = re.search(r'<p class="dock__t">(.*?)</p>', page)
    assert bar
    assert plain(bar[1]) == said


TRICK = "<script>alert(1)</script><img src=x onerror=alert(1)> **bold** [a](javascript:x) %(who)s {{ 7*7 }}"


def test_script_in_any_word_stays_a_word(stage: Stage, visit: Visit) -> None:
    with stage.app.app_context():
        session = db.session()
        session.connection(execution_options={WRITES: True})
        session.execute(
            update(Person)
            .where(Person.id == stage.cast["astana-expert-1"].person_id)
            .values(name="<script>alert(2)</script> %s")
        )
        session.commit()
    lines = f"{TRICK}\n\n[note]: https://example.org\n\n<!-- gone -->\n\n[a]: javascript:alert(1)"
    trick = TRICK.replace("[a]", "a")
    key = scenes.proposed(stage, title=trick, text=lines.replace("[a]", "a"), rationale=trick, summary=trick)
    expert = visit("astana-expert-1")
    act(expert, key, "position", stand="object", reason=TRICK)
    for internal in ("", "1"):
        expert.post(
            f"recommendations/{key}/threads",
            {"version": "1", "paragraph": "1", "internal": internal, "text": TRICK},
        )
    act(expert, key, "request-changes", reason=TRICK)
    refused = act(expert, key, "request-changes", reason=TRICK)
    pages = [item_page(visit(who), key) for who in ("washington-lead", "astana-lead", "coordinator")]
    pages += [refused.text, visit("washington-lead").get(f"recommendations/{key}/acts/resubmit").text]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
    assert "&lt;script&gt;alert(2)&lt;/script&gt; %s" in pages[0]
    # A comment and a reason are shown as typed; the text is Markdown.
    assert pages[0].count("**bold**") >= 3
    assert "{{ 7*7 }}" in pages[0]


def _fill(stage: Stage, key: str, count: int) -> None:
    reviewers = ("astana-lead", "astana-expert-1", "astana-expert-2")
    for number, name in enumerate(reviewers[:count]):
        actor = stage.cast[name]
        thread = stage.at(
            20 + number, deliberation.open_thread, actor, key, "One.", internal=False, version=1, paragraph=2
        )
        stage.at(21, deliberation.reply, actor, key, thread, "Two.")
        if name != "astana-lead":
            stage.at(22, deliberation.take_position, actor, key, 1, Stand.APPROVE)


@pytest.mark.parametrize("who", ["washington-expert-1", "astana-lead", "coordinator"])
def test_page_asks_the_same_number_of_statements_for_one_thread_and_for_three(
    stage: Stage, visit: Visit, who: str
) -> None:
    keys = [scenes.proposed(stage), scenes.proposed(stage)]
    _fill(stage, keys[0], 1)
    _fill(stage, keys[1], 3)
    visitor = visit(who)
    for key in keys:
        with stage.counted() as statements:
            item_page(visitor, key)
        # Nothing is agreed to yet, and then it does not ask for agreements, approvals and returns.
        assert len(statements) == STATEMENTS - 3, statements


def test_page_of_a_published_text_asks_a_known_number_of_statements(stage: Stage, visit: Visit) -> None:
    key = scenes.published(stage)
    visitor = visit("washington-expert-1")
    with stage.counted() as statements:
        item_page(visitor, key)
    # What became of it is asked for only where there is a publication.
    assert len(statements) == STATEMENTS + 1, statements


def test_page_of_an_act_asks_no_more_than_the_item_s(stage: Stage, visit: Visit) -> None:
    key = scenes.agreed(stage)
    visitor = visit("coordinator")
    with stage.counted() as statements:
        assert visitor.get(f"recommendations/{key}/acts/approve").status_code == 200
    assert len(statements) == STATEMENTS, statements

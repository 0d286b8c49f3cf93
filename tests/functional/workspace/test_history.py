"""The history of a recommendation through HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from reviewflow.domain.ballots import Stand
from reviewflow.queries import audit
from reviewflow.services import deliberation, recommendations
from tests.factories.task_forces import content
from tests.support.desk import Stage
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]


def rows(page: str) -> list[list[str]]:
    """The cells of each row, as words."""
    body = page.split("<tbody>", 1)[1].split("</tbody>")[0]
    return [
        [
            unescape(" ".join(re.sub(r"<[^>]+>", "", cell).split()))
            for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def done(page: str) -> list[str]:
    """What each row says was done."""
    return [row[2] for row in rows(page)]


@pytest.fixture
def key(stage: Stage) -> str:
    """Proposed, objected to, sent back, revised and withdrawn, with talk on both sides."""
    author, reviewer = stage.cast["washington-expert-1"], stage.cast["astana-expert-1"]
    key: str = stage.at(0, recommendations.create_recommendation, author, content(), "First draft")
    stage.at(1, recommendations.propose, author, key, 1)
    stage.at(2, deliberation.take_position, reviewer, key, 1, Stand.OBJECT, "Too early.")
    stage.at(3, deliberation.open_thread, reviewer, key, "Among us.", internal=True, version=1)
    stage.at(4, deliberation.open_thread, reviewer, key, "To you.", internal=False, version=1)
    stage.at(5, deliberation.request_changes, reviewer, key, 1, "Say by when.")
    stage.at(6, recommendations.save_version, author, key, 1, content(text="By May."), "With a month")
    stage.at(7, recommendations.withdraw, stage.cast["washington-lead"], key, 2, "Overtaken by events.")
    return key


def test_history_tells_the_proposing_group_what_happened(visit: Visit, key: str) -> None:
    page = visit("washington-observer").get(f"recommendations/{key}/history").text
    digests = re.findall(r'<code class="hash" title="([0-9a-f]{64})">([0-9a-f]{12})</code>', page)
    assert all(full.startswith(short) for full, short in digests)
    first, second = digests[0][1], digests[-1][1]
    writer, lead, other = "W Washington Expert 1", "W Washington Lead", "A Astana Expert 1"
    inside = "only your group sees this"
    assert rows(page) == [
        ["1 Oct 2009, 04:00", writer, f"Drafted it {inside}", "Version 1", first, "First draft"],
        ["1 Oct 2009, 05:00", writer, "Proposed it, USKZ.DR/1/09", "Version 1", first, ""],
        ["1 Oct 2009, 06:00", other, "Objected", "Version 1", first, "Too early."],
        ["1 Oct 2009, 08:00", other, "Opened a discussion", "", "", ""],
        ["1 Oct 2009, 09:00", other, "Asked for changes", "Version 1", first, "Say by when."],
        ["1 Oct 2009, 10:00", writer, f"Saved a version {inside}", "Version 2", second, "With a month"],
        ["1 Oct 2009, 11:00", lead, "Withdrew it", "Version 2", second, "Overtaken by events."],
    ]
    assert "Times are yours (America/New York)." in page


@pytest.mark.parametrize(
    ("who", "internal"),
    [("astana-observer", ["Opened a discussion only your group sees this"]), ("coordinator", [])],
)
def test_history_of_others_has_no_trace_of_what_is_internal(
    visit: Visit, key: str, who: str, internal: list[str]
) -> None:
    page = visit(who).get(f"recommendations/{key}/history").text
    assert done(page) == [
        "Proposed it, USKZ.DR/1/09",
        "Objected",
        *internal,
        "Opened a discussion",
        "Asked for changes",
        "Withdrew it",
    ]
    # The text that was withdrawn was never circulated: neither its number nor its digest is told.
    assert rows(page)[-1][3:] == ["", "", "Overtaken by events."]
    assert "Version 2" not in page
    assert "With a month" not in page


def test_history_is_paged_and_a_page_too_far_is_empty(
    stage: Stage, visit: Visit, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert audit.PAGE == 200
    monkeypatch.setattr(audit, "PAGE", 3)
    reader = visit("astana-expert-1")
    first, second, third = (reader.get(f"recommendations/{key}/history?page={n}").text for n in (1, 2, 3))
    assert [len(rows(page)) for page in (first, second)] == [3, 3]
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second
    assert "There is no such page." in third
    assert rows(reader.get(f"recommendations/{key}/history?page=-1").text) == rows(first)


def test_statements_do_not_grow_with_the_events(stage: Stage, visit: Visit) -> None:
    author = stage.cast["washington-expert-1"]
    reader = visit("washington-lead")
    counted = []
    for events in (1, 3):
        key = stage.at(0, recommendations.create_recommendation, author, content(str(events)))
        for number in range(1, events):
            changed = content(str(events), text=f"Text {number}")
            stage.at(number, recommendations.save_version, author, key, number, changed)
        with stage.counted() as statements:
            assert len(rows(reader.get(f"recommendations/{key}/history").text)) == events
        counted.append(len(statements))
    assert counted == [5, 5]

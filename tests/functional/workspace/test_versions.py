"""The versions of a recommendation through HTTP: listed, read, and compared word by word."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from reviewflow.domain.ballots import Stand
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import content
from tests.support.desk import Stage
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]

TEXT = "The Government should:\n\n1. Publish a timetable.\n\n2. Report on it."
SECOND = "The Government should:\n\n1. Publish a full timetable.\n\n2. Report on it."
THIRD = "The Government should:\n\n1. Publish a full timetable soon.\n\n2. Report on it."
FOURTH = "The Government should:\n\n1. Publish a full timetable in May.\n\n2. Report on it."


def plain(page: str) -> str:
    """The words of the main part, without tags, white space folded."""
    main = re.sub(r"<(h1|p|td|th|li|option)\b", r" <\1", page.split("<main", 1)[1].split("</main>")[0])
    return unescape(" ".join(re.sub(r"<[^>]+>", "", main).split()))


def listed(page: str) -> list[str]:
    """The versions on the list, as their rows name them."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page)


def offered(page: str) -> list[tuple[str, str]]:
    """The values and words of the select "To"."""
    select = re.search(r'<select id="to".*?</select>', page, re.DOTALL)
    assert select
    return [(v, w) for v, w in re.findall(r'<option value="(\d+)"[^>]*>([^<]+)</option>', select[0])]


def picked(page: str) -> list[str]:
    """The chosen options of both selects."""
    return re.findall(r'<option value="(\d+)" selected', page)


@pytest.fixture
def key(stage: Stage) -> str:
    """Versions 1 and 4 are circulated, 2 and 3 were saved in between; Astana's expert approved version 1."""
    author, reviewer = stage.cast["washington-expert-1"], stage.cast["astana-expert-1"]
    key: str = stage.at(0, recommendations.create_recommendation, author, content(text=TEXT), "First draft")
    stage.at(1, recommendations.propose, author, key, 1)
    stage.at(2, deliberation.take_position, reviewer, key, 1, Stand.APPROVE)
    stage.at(3, deliberation.request_changes, reviewer, key, 1, "Say by when.")
    stage.at(4, recommendations.save_version, author, key, 1, content(text=SECOND), "Inner note")
    stage.at(5, recommendations.save_version, author, key, 2, content(text=THIRD))
    last = content(title="A timetable", text=FOURTH, addressees=("kazakhstan", "odihr"))
    stage.at(6, recommendations.save_version, author, key, 3, last, "With a month")
    stage.at(7, recommendations.resubmit, author, key, 4)
    return key


def test_versions_are_all_listed_for_their_own_group(visit: Visit, key: str) -> None:
    page = visit("washington-observer").get(f"recommendations/{key}/versions").text
    assert listed(page) == ["Version 4", "Version 3", "Version 2", "Version 1"]
    assert "Inner note" in page
    assert "USKZ.DR/1/09/Rev.1" in page
    assert "Washington Expert 1" in page
    digests = re.findall(r'<code class="hash">([0-9a-f]+)</code></details>', page)
    assert [len(digest) for digest in digests] == [64] * 4
    assert 'class="o o--w"' in page


@pytest.mark.parametrize("who", ["astana-lead", "astana-observer", "coordinator"])
def test_versions_between_circulations_do_not_exist_for_others(visit: Visit, key: str, who: str) -> None:
    reader = visit(who)
    page = reader.get(f"recommendations/{key}/versions").text
    assert listed(page) == ["Version 4", "Version 1"]
    assert "Inner note" not in page
    assert "version 1 with version 4" in plain(page)
    assert reader.get(f"recommendations/{key}/versions/4").status_code == 200
    unknown = reader.get(f"recommendations/{key}/versions/9")
    for hidden in (2, 3):
        answer = reader.get(f"recommendations/{key}/versions/{hidden}")
        assert (answer.status_code, plain(answer.text)) == (404, plain(unknown.text))
        for query in (f"from={hidden}&to=4", f"from=1&to={hidden}"):
            answer = reader.get(f"recommendations/{key}/compare?{query}")
            assert (answer.status_code, plain(answer.text)) == (404, plain(unknown.text))
    assert offered(reader.get(f"recommendations/{key}/compare").text) == [
        ("1", "Version 1, 1 Oct 2009"),
        ("4", "Version 4, 1 Oct 2009 (the newest)"),
    ]


def test_versions_saved_for_resubmission_stay_inside_the_group(stage: Stage, visit: Visit, key: str) -> None:
    author, lead = stage.cast["washington-expert-1"], stage.cast["astana-lead"]
    stage.at(8, deliberation.request_changes, lead, key, 4, "Not in May.")
    secret = content(title="A secret", text=TEXT)
    stage.at(9, recommendations.save_version, author, key, 4, secret)
    astana, washington = visit("astana-lead"), visit("washington-lead")
    for path in ("versions", "compare", "versions/1", "history"):
        answer = astana.get(f"recommendations/{key}/{path}")
        assert answer.status_code == 200
        assert "secret" not in answer.text.lower()
        assert "Version 5" not in answer.text
    assert listed(washington.get(f"recommendations/{key}/versions").text)[0] == "Version 5"
    assert "newest is version 4." in plain(astana.get(f"recommendations/{key}/versions/1").text)


@pytest.mark.parametrize("path", ["versions", "versions/1", "compare", "compare?from=1&to=1", "history"])
def test_foreign_and_unknown_items_are_told_apart_by_nothing(stage: Stage, visit: Visit, path: str) -> None:
    draft = stage.at(0, recommendations.create_recommendation, stage.cast["washington-lead"], content())
    circulated = stage.at(
        0, recommendations.create_recommendation, stage.cast["washington-lead"], content("Another")
    )
    stage.at(1, recommendations.propose, stage.cast["washington-lead"], circulated, 1)
    for who, key in (("astana-lead", draft), ("coordinator", draft), ("administrator", circulated)):
        reader = visit(who)
        hidden, unknown = (reader.get(f"recommendations/{name}/{path}") for name in (key, "nosuchkey000"))
        assert hidden.status_code == unknown.status_code == 404
        assert hidden.text.replace(key, "nosuchkey000") == unknown.text


def test_version_page_shows_its_own_text_and_says_that_it_is_old(visit: Visit, key: str) -> None:
    page = visit("washington-expert-2").get(f"recommendations/{key}/versions/2").text
    said = plain(page)
    assert "Version 2, not the newest;" in said
    assert "The newest is version 4." in said
    assert "Publish a full timetable." in said
    assert "Inner note" in said
    newest = plain(visit("astana-lead").get(f"recommendations/{key}/versions/4").text)
    assert "not the newest" not in newest
    assert "Publish a full timetable in May." in newest
    assert "Government of Kazakhstan, ODIHR" in newest


def test_compare_shows_the_last_two_versions_by_default(visit: Visit, key: str) -> None:
    reader = visit("washington-lead")
    for query in ("", "?from=&to=", "?from=one&to=-2", "?view=upside-down", "?from=approved"):
        page = reader.get(f"recommendations/{key}/compare{query}").text
        assert picked(page) == ["3", "4"], query
        assert "Version 3 and version 4 compared" in plain(page)
    assert picked(reader.get(f"recommendations/{key}/compare?to=2").text) == ["1", "2"]
    assert picked(reader.get(f"recommendations/{key}/compare?from=4&to=1").text) == ["1", "4"]
    assert reader.get(f"recommendations/{key}/compare?from=0").status_code == 404
    assert reader.get(f"recommendations/{key}/compare?from={'9' * 400}").status_code == 404


def test_compare_counts_marks_and_folds(visit: Visit, key: str) -> None:
    page = visit("washington-lead").get(f"recommendations/{key}/compare?from=3&to=4").text
    said = plain(page)
    assert "1 change in 1 of 3 paragraphs: 2 words inserted, 1 deleted." in said
    assert "Also changed: Title, Addressees." in said
    assert 'deleted: </span><del><span class="mk">soon</span></del>' in page
    assert 'inserted: </span><ins><span class="mk">in</span> May</ins>' in page
    assert page.count('<details class="folded">') == 3
    assert re.findall(r'id="(c\d)" data-change', page) == ["c1", "c2", "c3"]
    assert 'href="#c3" data-change-prev' in page
    assert 'data-change-count="{n} of {total}"' in page


def test_compare_side_by_side_has_each_text_on_its_side(visit: Visit, key: str) -> None:
    page = visit("washington-lead").get(f"recommendations/{key}/compare?from=3&to=4&view=side").text
    old = re.findall(r'<p class="para__p old">(.*?)</p>', page)
    new = re.findall(r'<p class="para__p new">(.*?)</p>', page)
    assert not any("<ins" in html for html in old)
    assert not any("<del" in html for html in new)
    assert re.findall(r'id="(c\d)" data-change', page) == ["c1", "c2", "c3"]
    assert 'href="/desk/uskz/recommendations' in page
    assert "view=side" in page
    assert 'name="view" value="side"' in page


def test_compare_tells_what_changed_since_the_readers_own_act(stage: Stage, visit: Visit, key: str) -> None:
    expert = visit("astana-expert-1")
    page = expert.get(f"recommendations/{key}/compare?from=approved").text
    assert "What changed since you approved" in plain(page)
    assert picked(page) == ["1", "4"]
    assert offered(page)[0] == ("1", "Version 1, 1 Oct 2009 (you approved it)")
    reviewer = stage.cast["astana-expert-1"]
    stage.at(8, deliberation.take_position, reviewer, key, 4, Stand.OBJECT, "May is too late.")
    page = expert.get(f"recommendations/{key}/compare?from=approved").text
    assert "What changed since you objected" in plain(page)
    assert "Nothing changed: you have spoken on the newest version." in plain(page)


def test_compare_tells_lead_and_coordinator_since_when_they_agreed(
    stage: Stage, visit: Visit, key: str
) -> None:
    lead, coordinator = stage.cast["astana-lead"], stage.cast["coordinator"]
    author = stage.cast["washington-expert-1"]
    for hours, name in ((8, "astana-expert-1"), (9, "astana-expert-2")):
        stage.at(hours, deliberation.take_position, stage.cast[name], key, 4, Stand.APPROVE)
    stage.at(10, deliberation.agree_to_version, lead, key, 4)
    stage.at(11, publication.approve, coordinator, key, 4)
    stage.at(12, publication.return_for_changes, coordinator, key, 4, "A name is misspelt.")
    stage.at(13, recommendations.save_version, author, key, 4, content(text=TEXT))
    stage.at(14, recommendations.resubmit, author, key, 5)
    for name, words in (
        ("astana-lead", "What changed since you agreed for your group"),
        ("coordinator", "What changed since you approved"),
    ):
        page = visit(name).get(f"recommendations/{key}/compare?from=approved").text
        assert words in plain(page)
        assert picked(page) == ["4", "5"]


def test_compare_of_a_single_version_says_so(stage: Stage, visit: Visit) -> None:
    key = stage.at(0, recommendations.create_recommendation, stage.cast["washington-lead"], content())
    said = plain(visit("washington-lead").get(f"recommendations/{key}/compare").text)
    assert "There is only one version so far." in said


def test_compare_escapes_what_people_wrote(stage: Stage, visit: Visit) -> None:
    author = stage.cast["washington-lead"]
    evil = "<script>alert(1)</script>"
    key = stage.at(0, recommendations.create_recommendation, author, content(title=evil, text=TEXT), evil)
    stage.at(
        1, recommendations.save_version, author, key, 1, content(title="<b>x</b>", text=f"{TEXT} {evil}")
    )
    for path in ("versions", "versions/1", "compare", "compare?view=side", "history"):
        page = visit("washington-lead").get(f"recommendations/{key}/{path}").text
        assert "<script>alert" not in page, path
        assert "<b>x" not in page, path


@pytest.mark.parametrize("path", ["versions", "versions/1", "compare", "compare?from=approved&view=side"])
def test_statements_do_not_grow_with_the_versions(stage: Stage, visit: Visit, path: str) -> None:
    expected = {"versions": 6, "versions/1": 6, "compare": 7, "compare?from=approved&view=side": 7}
    author = stage.cast["washington-expert-1"]
    counted = []
    for versions in (1, 3):
        key = stage.at(0, recommendations.create_recommendation, author, content(str(versions)))
        for number in range(1, versions):
            changed = content(str(versions), text=f"{TEXT}\n\n{number}")
            stage.at(number, recommendations.save_version, author, key, number, changed)
        reader = visit("washington-lead")
        with stage.counted() as statements:
            assert reader.get(f"recommendations/{key}/{path}").status_code == 200
        counted.append(len(statements))
    assert counted == [expected[path]] * 2

"""The status table, its export and the way from a symbol, over HTTP."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reviewflow.domain.ballots import Stand
from reviewflow.queries import status as tables
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import content
from tests.support.desk import Stage

TABLE = "/desk/uskz/recommendations"


@pytest.fixture
def stage(app: Flask) -> Stage:
    """A cast of two groups."""
    return Stage(app)


def rows(client: FlaskClient, query: str = "") -> list[list[str]]:
    """The cells of the table, row by row, as text."""
    answer = client.get(TABLE + query)
    assert answer.status_code == 200
    body = re.search(r"<tbody.*?</tbody>", answer.get_data(as_text=True), re.DOTALL)
    found = re.findall(r"<tr.*?</tr>", body[0], re.DOTALL) if body else []
    return [[plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in found]


def titles(client: FlaskClient, query: str = "") -> list[str]:
    """The second column."""
    return [row[1] for row in rows(client, query)]


def plain(html: str) -> str:
    """Text without tags, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def count(client: FlaskClient, query: str = "") -> str:
    """What the page says about how many items there are."""
    found = re.search(r'class="chips__n">(.*?)</span>', client.get(TABLE + query).get_data(as_text=True))
    assert found
    return found[1]


def export(client: FlaskClient, query: str = "") -> list[list[str]]:
    """The rows of the export, without its head and foot."""
    answer = client.get(f"{TABLE}.csv{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[0][0] == "Reference number"
    assert lines[-2:] == [[], ["This table does not imply the potential order of adoption."]]
    return lines[1:-2]


def draft(stage: Stage, title: str, who: str = "washington-expert-1", hours: float = 0, **fields: Any) -> str:
    """The key of a new draft."""
    author = stage.cast[who]
    key: str = stage.at(hours, recommendations.create_recommendation, author, content(title, **fields))
    return key


def propose(
    stage: Stage, title: str, who: str = "washington-expert-1", hours: float = 0, **fields: Any
) -> str:
    """The key of a new proposal."""
    key = draft(stage, title, who, hours, **fields)
    stage.at(hours + 1, recommendations.propose, stage.cast[who], key, 1)
    return key


def publish(stage: Stage, key: str, hours: float) -> None:
    """Take a Washington proposal to its publication."""
    for name in ("astana-lead", "astana-expert-1"):
        stage.at(hours, deliberation.take_position, stage.cast[name], key, 1, Stand.APPROVE)
    stage.at(hours + 1, deliberation.agree_to_version, stage.cast["astana-lead"], key, 1)
    stage.at(hours + 2, publication.approve, stage.cast["coordinator"], key, 1)
    stage.at(hours + 3, publication.publish, stage.cast["coordinator"], key, 1)


def test_table_shows_where_everything_stands(stage: Stage) -> None:
    propose(stage, "First")
    returned = propose(stage, "Second", "astana-expert-1", 2, dimension="economic-environmental")
    stage.at(4, deliberation.request_changes, stage.cast["washington-lead"], returned, 1, "More.")
    draft(stage, "Third", hours=5, dimension="")
    table = rows(stage.sign_in("washington-lead"))
    assert [[cell if n != 5 else cell.split(",")[0] for n, cell in enumerate(row)] for row in table] == [
        ["USKZ.DR/1/09", "First", "WWashington", "Human", "Proposed", "Astana", "", "1"],
        [
            "USKZ.DR/2/09",
            "Second",
            "AAstana",
            "Economic and environmental",
            "Changes requested",
            "Astana",
            "",
            "1",
        ],
        ["no symbol yet", "Third", "WWashington", "–", "Draft", "Washington", "", "1"],
    ]
    page = stage.sign_in("washington-lead").get(TABLE).get_data(as_text=True)
    assert "As of" in page
    assert "This table does not imply the potential order of adoption." in page
    assert 'aria-sort="ascending"' in page
    assert "Draft a recommendation" in page
    assert "Draft a recommendation" not in stage.sign_in("coordinator").get(TABLE).get_data(as_text=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("washington-lead", ["Shared, rewritten", "Secret"]),
        ("washington-observer", ["Shared, rewritten", "Secret"]),
        ("astana-lead", ["Shared"]),
        ("astana-observer", ["Shared"]),
        ("coordinator", ["Shared"]),
        ("administrator", []),
    ],
)
def test_table_shows_others_what_was_circulated(stage: Stage, name: str, expected: list[str]) -> None:
    key = propose(stage, "Shared", text="Circulated words.", dimension="human")
    stage.at(2, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "More.")
    new = content("Shared, rewritten", text="Rewritten words.", dimension="politico-military")
    stage.at(3, recommendations.save_version, stage.cast["washington-lead"], key, 1, new)
    draft(stage, "Secret", hours=4)
    client = stage.sign_in(name)
    assert titles(client) == expected
    assert titles(client, "?state=all&sort=title") == sorted(expected)
    assert [row[2] for row in export(client)] == expected
    assert count(client) == f"{len(expected)} item{'s' if len(expected) != 1 else ''}"
    own = name.startswith("washington")
    assert titles(client, "?q=Secret") == (["Secret"] if own else [])
    assert titles(client, "?q=rewritten") == (["Shared, rewritten"] if own else [])
    assert titles(client, "?q=circulated") == ([] if own or not expected else ["Shared"])
    assert titles(client, "?dimension=politico-military") == (["Shared, rewritten"] if own else [])
    assert "Secret" not in client.get(TABLE).get_data(as_text=True) or own


def test_table_is_filtered_by_everything_in_its_address(stage: Stage) -> None:
    media = propose(stage, "Media", addressees=("odihr",), commitments=("madrid-media",))
    propose(stage, "Water", "astana-expert-1", 2, dimension="economic-environmental", commitments=())
    draft(stage, "Mine", hours=3)
    publish(stage, media, 4)
    client = stage.sign_in("washington-lead")
    assert titles(client) == ["Water", "Mine"]
    assert titles(client, "?state=all") == ["Media", "Water", "Mine"]
    assert titles(client, "?state=finished") == ["Media"]
    assert titles(client, "?state=draft") == ["Mine"]
    assert titles(client, "?state=published") == ["Media"]
    assert titles(client, "?group=astana") == ["Water"]
    assert titles(client, "?group=washington") == ["Mine"]
    assert titles(client, "?dimension=economic-environmental") == ["Water"]
    assert titles(client, "?state=all&addressee=odihr") == ["Media"]
    assert titles(client, "?state=all&commitment=madrid-media") == ["Media"]
    assert titles(client, "?mine=1") == ["Water", "Mine"]
    assert titles(client, "?mine=1&group=washington&sort=-since") == ["Mine"]
    assert [row[1:3] for row in export(client, "?state=finished")] == [["USKZ.REC/1/09", "Media"]]
    assert "USKZ.REC/1/09, since" in rows(client, "?state=published")[0][5]


def test_search_folds_case_and_takes_wildcards_for_letters(stage: Stage) -> None:
    propose(stage, "Свобода СМИ", text="Ұлттық 100% of_media \\ law.")
    propose(stage, "Other", hours=2, text="Nothing of the kind, 1000 ofXmedia.")
    client = stage.sign_in("astana-lead")
    for words in ("свобода", "ҰЛТТЫҚ", "100%25", "of_media", "%5C", "свобода law", "DR/1"):
        assert titles(client, f"?q={words}") == ["Свобода СМИ"], words
    assert titles(client, "?q=%25%25") == []
    assert titles(client, "?q=свобода+kind") == []
    assert count(client, "?q=свобода") == "1 item"


def test_search_looks_at_finished_texts_too(stage: Stage) -> None:
    publish(stage, propose(stage, "Media"), 4)
    client = stage.sign_in("astana-lead")
    assert titles(client) == []
    assert titles(client, "?q=media") == ["Media"]
    assert titles(client, "?q=media&state=open") == []


def test_search_escapes_what_was_typed(stage: Stage) -> None:
    page = stage.sign_in("astana-lead").get(TABLE, query_string={"q": '"><script>x</script>'})
    assert "<script>x" not in page.get_data(as_text=True)
    assert "No recommendation fits these filters." in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("ref", ["b water", "A media", "Draft c"]),
        ("-ref", ["Draft c", "A media", "b water"]),
        ("title", ["A media", "b water", "Draft c"]),
        ("-title", ["Draft c", "b water", "A media"]),
        ("from", ["A media", "Draft c", "b water"]),
        ("-from", ["b water", "Draft c", "A media"]),
        ("dimension", ["b water", "A media", "Draft c"]),
        ("-dimension", ["Draft c", "A media", "b water"]),
        ("state", ["Draft c", "A media", "b water"]),
        ("-state", ["b water", "A media", "Draft c"]),
        ("since", ["Draft c", "A media", "b water"]),
        ("-since", ["b water", "A media", "Draft c"]),
        ("version", ["A media", "Draft c", "b water"]),
        ("-version", ["b water", "Draft c", "A media"]),
    ],
)
def test_table_sorts_by_every_column(stage: Stage, sort: str, expected: list[str]) -> None:
    water = propose(stage, "b water", "astana-expert-1", 2, dimension="economic-environmental")
    draft(stage, "Draft c", hours=1, dimension="politico-military")
    propose(stage, "A media", hours=4)
    stage.at(6, deliberation.request_changes, stage.cast["washington-lead"], water, 1, "More.")
    stage.at(
        7, recommendations.save_version, stage.cast["astana-lead"], water, 1, content("b water", text="New.")
    )
    stage.at(8, recommendations.resubmit, stage.cast["astana-lead"], water, 2)
    stage.at(9, deliberation.request_changes, stage.cast["washington-lead"], water, 2, "More.")
    client = stage.sign_in("washington-lead")
    if "dimension" in sort:
        stage.at(
            10,
            recommendations.save_version,
            stage.cast["astana-lead"],
            water,
            2,
            content("Unseen", dimension=""),
        )
    assert titles(client, f"?sort={sort}") == expected
    assert [row[2] for row in export(client, f"?sort={sort}")] == expected


def test_table_turns_pages(stage: Stage) -> None:
    numbers = [f"Text {number:03}" for number in range(tables.PAGE + 2)]
    for number, title in enumerate(numbers):
        draft(stage, title, hours=number / 10)
    client = stage.sign_in("washington-lead")
    assert titles(client) == numbers[: tables.PAGE]
    assert titles(client, "?page=2") == numbers[tables.PAGE :]
    assert titles(client, "?page=2&sort=-ref") == ["Text 001", "Text 000"]
    assert titles(client, "?page=2&sort=-title") == ["Text 001", "Text 000"]
    assert len(export(client)) == tables.PAGE + 2
    page = client.get(TABLE).get_data(as_text=True)
    assert "Page 1 of 2" in page
    assert count(client, "?page=2") == "52 items"
    assert "There is no such page." in client.get(f"{TABLE}?page=3").get_data(as_text=True)


def test_table_counts_no_further_than_it_says(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "COUNTED", 2)
    for number, title in enumerate(("One", "Two", "Three")):
        draft(stage, title, hours=number)
    client = stage.sign_in("washington-lead")
    assert count(client) == "more than 2 items"
    assert count(client, "?group=washington&state=draft") == "more than 2 items"
    assert count(client, "?q=three") == "1 item"


@pytest.mark.parametrize(
    "query",
    [
        "?state=nothing&dimension=x&addressee=x&commitment=x&group=x&sort=x&page=x&mine=x",
        "?state=DRAFT&sort=--ref&page=-1&page=2",
        "?page=99999999999999999999",
        "?sort=-&state=open'--",
        "?group=%F0%9F%98%80&group=astana",
        "?q=" + "x " * 400,
        "?q=%F0%28%8C%28",
        "?q=%E2%80%AE%07%1B",
    ],
)
def test_table_ignores_what_it_does_not_know(stage: Stage, query: str) -> None:
    propose(stage, "x")
    client = stage.sign_in("astana-lead")
    assert client.get(TABLE + query).status_code == 200
    assert client.get(f"{TABLE}.csv{query}").status_code == 200
    if "q=" not in query:
        assert titles(client, query) == ["x"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d"])
def test_export_holds_no_formula(stage: Stage, sign: str) -> None:
    propose(stage, f'{sign}HYPERLINK("https://example.org","x")')
    (row,) = export(stage.sign_in("astana-lead"))
    assert row[2] == f'\'{sign}HYPERLINK("https://example.org","x")'


def test_export_says_the_same_as_the_table(stage: Stage) -> None:
    propose(stage, 'A "public", timetable')
    (row,) = export(stage.sign_in("astana-lead"))
    assert row == [
        "USKZ.DR/1/09",
        "",
        'A "public", timetable',
        "Recommendation",
        "Washington",
        "Human dimension",
        "Proposed",
        "Astana",
        "1 Oct 2009, 15:00",
        "0",
        "1",
    ]
    answer = stage.sign_in("astana-lead").get(f"{TABLE}.csv")
    assert re.fullmatch(
        r'attachment; filename="uskz-status-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"]
    )


def test_symbol_leads_to_its_item(stage: Stage) -> None:
    key = propose(stage, "Media")
    stage.at(2, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "More.")
    stage.at(
        3, recommendations.save_version, stage.cast["washington-lead"], key, 1, content("Media", text="New.")
    )
    stage.at(4, recommendations.resubmit, stage.cast["washington-lead"], key, 2)
    client = stage.sign_in("astana-observer")
    for symbol in ("USKZ.DR/1/09", "uskz.dr/1/09", "USKZ.DR/1/09/Rev.1"):
        for address in (f"/desk/uskz/symbols/{symbol}", f"{TABLE}?q=%20{symbol}"):
            answer = client.get(address)
            assert (answer.status_code, answer.location) == (302, f"{TABLE}/{key}")
    for symbol in ("USKZ.DR/2/09", "USKZ.DR/1/09/Rev.2", "nonsense", "USKZ.DR/1/09/"):
        assert client.get(f"/desk/uskz/symbols/{symbol}").status_code == 404
    assert stage.sign_in("administrator").get("/desk/uskz/symbols/USKZ.DR/1/09").status_code == 404
    assert titles(client, "?q=USKZ.DR/2/09") == []


@pytest.mark.parametrize("items", [1, 3])
def test_table_needs_the_same_few_statements(stage: Stage, items: int) -> None:
    for number in range(items):
        propose(stage, f"Text {number}", hours=number * 2)
    client = stage.sign_in("astana-lead")
    for query in ("", "?state=all&q=text&dimension=human&addressee=kazakhstan&sort=-title&mine=1"):
        with stage.counted() as statements:
            assert len(rows(client, query)) == items
        # The person, the directory, the rows, their count, the badge.
        assert len(statements) == 5
    with stage.counted() as statements:
        assert len(export(client)) == items
    # The person, the directory, the rows.
    assert len(statements) == 3

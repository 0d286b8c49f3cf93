"""The front page of the desk and the help pages, over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from reviewflow.domain.ballots import Stand
from reviewflow.domain.workflow import RULES
from reviewflow.persistence.db import WRITES, db
from reviewflow.persistence.models.recommendations import Recommendation, Version, Wait
from reviewflow.queries import waiting as lists
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import content
from tests.support.desk import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """A cast of two groups."""
    return Stage(app)


def sections(client: FlaskClient, path: str = "/desk/uskz/") -> dict[str, str]:
    """The three lists as plain text, by the heading of each."""
    answer = client.get(path)
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    found = re.findall(r'aria-labelledby="h-(\w+)">(.*?)</section>', page, re.DOTALL)
    return {name: plain(html) for name, html in found}


def plain(html: str) -> str:
    """Text without tags, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def badge(client: FlaskClient) -> int:
    """The number in the header."""
    found = re.search(r"Waiting for you \((\d+)\)", client.get("/desk/uskz/help").get_data(as_text=True))
    assert found
    return int(found[1])


def listed(client: FlaskClient) -> int:
    """How many sentences wait for the reader on the first page."""
    page = client.get("/desk/uskz/").get_data(as_text=True)
    mine = re.search(r'aria-labelledby="h-mine">(.*?)</section>', page, re.DOTALL)
    assert mine
    return mine[1].count('class="says__s"')


def proposed(stage: Stage, title: str = "A public timetable", hours: float = 0, **changes: Any) -> str:
    """The key of a text that Washington has proposed."""
    author = stage.cast["washington-expert-1"]
    key: str = stage.at(hours, recommendations.create_recommendation, author, content(title, **changes))
    stage.at(hours + 1, recommendations.propose, author, key, 1)
    return key


def test_home_asks_who_is_a_stranger_to_sign_in(stage: Stage) -> None:
    answer = stage.app.test_client().get("/desk/uskz/")
    assert answer.status_code == 302
    assert answer.location == "/desk/sign-in?next=/desk/uskz/"


def test_home_of_another_task_force_does_not_exist(stage: Stage) -> None:
    assert stage.sign_in("astana-lead").get("/desk/other/").status_code == 404


def test_home_says_each_task_as_a_sentence(stage: Stage) -> None:
    washington, astana = stage.cast["washington-expert-1"], stage.cast["astana-expert-1"]
    key = proposed(stage, text="The Task Force [recommends / urges] to publish a timetable.")
    stage.at(2, deliberation.take_position, astana, key, 1, Stand.OBJECT, "Too early.")
    draft = stage.at(
        3, recommendations.create_recommendation, washington, content("Half a text", dimension="")
    )
    mine = sections(stage.sign_in("washington-expert-1"))["mine"]
    assert "1 objection and 1 bracket are open in USKZ.DR/1/09 – answer or settle it." in mine
    assert "The draft “Half a text” still lacks: dimension – finish it." in mine
    assert (
        "Washington proposes USKZ.DR/1/09 – state your position on version 1."
        in (sections(stage.sign_in("astana-lead"))["mine"])
    )
    page = stage.sign_in("washington-expert-1").get("/desk/uskz/").get_data(as_text=True)
    assert f"/desk/uskz/recommendations/{draft}/edit" in page
    assert f'class="act" href="/desk/uskz/recommendations/{key}' in page


def test_home_follows_a_text_to_its_publication(stage: Stage) -> None:
    key = proposed(stage)
    for hours, name in enumerate(("astana-lead", "astana-expert-1"), start=2):
        stage.at(hours, deliberation.take_position, stage.cast[name], key, 1, Stand.APPROVE)
    lead, coordinator = stage.sign_in("astana-lead"), stage.sign_in("coordinator")
    assert "agree to version 1" in sections(lead)["mine"]
    assert "2 of 3 positions" in sections(lead)["mine"]
    assert "Astana: take positions on version 1 of USKZ.DR/1/09, and agree." in sections(coordinator)["them"]
    stage.at(5, deliberation.agree_to_version, stage.cast["astana-lead"], key, 1)
    assert "approve version 1 for dissemination, or return it." in sections(coordinator)["mine"]
    assert "Coordinator, coordinator: approve USKZ.DR/1/09" in sections(lead)["them"]
    stage.at(6, publication.approve, stage.cast["coordinator"], key, 1)
    assert "USKZ.DR/1/09 is approved – publish version 1." in sections(coordinator)["mine"]
    stage.at(7, publication.publish, stage.cast["coordinator"], key, 1)
    assert "You published USKZ.DR/1/09." in sections(coordinator)["news"]
    assert "Coordinator published USKZ.DR/1/09." in sections(lead)["news"]


def test_home_tells_a_changed_text_from_a_written_answer(stage: Stage) -> None:
    author, reviewer = stage.cast["washington-expert-1"], stage.cast["astana-expert-1"]
    keys = [proposed(stage, "Answered"), proposed(stage, "Changed", hours=2)]
    for key in keys:
        stage.at(5, deliberation.take_position, reviewer, key, 1, Stand.APPROVE)
        stage.at(6, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "More detail.")
    assert "USKZ.DR/1/09 came back to your group" in sections(stage.sign_in("washington-expert-1"))["mine"]
    stage.at(7, recommendations.resubmit, author, keys[0], 1, "The detail stands in the annex.")
    stage.at(8, recommendations.save_version, author, keys[1], 1, content("Changed", text="Other words."))
    stage.at(9, recommendations.resubmit, author, keys[1], 2)
    mine = sections(stage.sign_in("astana-expert-1"))["mine"]
    assert "Washington answered in words on USKZ.DR/1/09 after you took your position" in mine
    changed = "Washington changed USKZ.DR/2/09/Rev.1 after you took your position – read the change and state"
    assert changed in mine
    client = stage.sign_in("astana-expert-1")
    address = f"/desk/uskz/recommendations/{keys[1]}/compare?from=approved"
    assert f'href="{address}"' in client.get("/desk/uskz/").get_data(as_text=True)
    assert client.get(address).status_code == 200


def test_home_asks_the_lead_to_decide_when_the_ballot_can_not_carry(stage: Stage) -> None:
    key = proposed(stage)
    for hours, name in enumerate(("astana-lead", "astana-expert-1", "astana-expert-2"), start=2):
        stage.at(hours, deliberation.take_position, stage.cast[name], key, 1, Stand.ABSTAIN)
    assert "Astana can’t agree to USKZ.DR/1/09 as it stands" in sections(stage.sign_in("astana-lead"))["mine"]


@pytest.mark.parametrize("name", ["astana-lead", "astana-observer", "coordinator", "administrator"])
def test_home_does_not_know_another_group_s_draft(stage: Stage, name: str) -> None:
    stage.at(0, recommendations.create_recommendation, stage.cast["washington-lead"], content("Secret draft"))
    client = stage.sign_in(name)
    assert "Secret" not in client.get("/desk/uskz/").get_data(as_text=True)
    assert badge(client) == 0
    assert "You drafted “Secret draft”." in sections(stage.sign_in("washington-lead"))["news"]


def test_news_keep_what_a_group_does_among_itself(stage: Stage) -> None:
    key = proposed(stage)
    lead = stage.cast["astana-lead"]
    stage.at(2, deliberation.open_thread, lead, key, "Between us.", internal=True, version=1)
    stage.at(3, deliberation.open_thread, lead, key, "To you all.", internal=False, version=1)
    stage.at(4, deliberation.request_changes, lead, key, 1, "More.")
    stage.at(5, recommendations.save_version, stage.cast["washington-lead"], key, 1, content("Renamed since"))
    stage.at(6, recommendations.withdraw, stage.cast["washington-lead"], key, 2, "Not now.")
    within = "opened a discussion within the group on USKZ.DR/1/09."
    assert within in sections(stage.sign_in("astana-observer"))["news"]
    for name in ("washington-lead", "coordinator"):
        news = sections(stage.sign_in(name))["news"]
        assert within not in news
        assert "Astana Lead opened a discussion on USKZ.DR/1/09." in news
    for name in ("astana-lead", "coordinator"):
        page = stage.sign_in(name).get("/desk/uskz/").get_data(as_text=True)
        assert "saved version" not in page
        assert "version 2" not in page
        assert "Renamed since" not in page
    assert "saved version 2 of USKZ.DR/1/09." in sections(stage.sign_in("washington-expert-2"))["news"]


def test_waiting_for_the_others_shows_the_circulated_title(stage: Stage) -> None:
    key = proposed(stage, "As circulated")
    stage.at(2, deliberation.request_changes, stage.cast["astana-lead"], key, 1, "More.")
    stage.at(3, recommendations.save_version, stage.cast["washington-lead"], key, 1, content("As it will be"))
    for name in ("astana-lead", "coordinator"):
        them = sections(stage.sign_in(name))["them"]
        assert "Washington: answer what was asked for in USKZ.DR/1/09, and resubmit it." in them
        assert "As circulated" in them
        assert "As it will be" not in them
    assert "As it will be" in sections(stage.sign_in("washington-lead"))["mine"]


def test_waiting_for_the_others_knows_reopened_drafts(stage: Stage) -> None:
    key = proposed(stage)
    stage.at(2, recommendations.withdraw, stage.cast["washington-lead"], key, 1, "Not now.")
    stage.at(3, recommendations.reopen, stage.cast["washington-lead"], key, 1, "Now.")
    assert "Washington: USKZ.DR/1/09 is being written anew." in sections(stage.sign_in("astana-lead"))["them"]


def test_home_explains_itself_to_who_has_nothing_to_do(stage: Stage) -> None:
    assert "Observers read and are not waited for" in sections(stage.sign_in("astana-observer"))["mine"]
    assert "When every group has agreed to a text" in sections(stage.sign_in("coordinator"))["mine"]
    assert "Nothing waits for you." in sections(stage.sign_in("astana-lead"))["mine"]
    administrator = sections(stage.sign_in("administrator"))
    assert list(administrator) == ["mine"]
    assert "no view of texts before they are published" in administrator["mine"]


def test_home_escapes_what_people_wrote(stage: Stage) -> None:
    title = "<script>alert(1)</script> %(who)s & “%s”"
    stage.at(0, recommendations.create_recommendation, stage.cast["astana-lead"], content(title))
    page = stage.sign_in("astana-lead").get("/desk/uskz/").get_data(as_text=True)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; %(who)s &amp; “%s”") == 2


@pytest.mark.parametrize("items", [1, 3])
def test_home_needs_the_same_few_statements(stage: Stage, items: int) -> None:
    for number in range(items):
        key = proposed(stage, f"Text {number}", hours=number * 10)
        stage.at(
            number * 10 + 2,
            deliberation.take_position,
            stage.cast["astana-expert-1"],
            key,
            1,
            Stand.OBJECT,
            "No.",
        )
        stage.at(
            number * 10 + 3, recommendations.create_recommendation, stage.cast["washington-lead"], content()
        )
    client = stage.sign_in("washington-lead")
    with stage.counted() as statements:
        page = client.get("/desk/uskz/")
    assert page.get_data(as_text=True).count('class="says__s"') == items * 2 + items + items * 4
    # The person, the directory, the three lists, the ballots, the badge.
    assert len(statements) == 7


def test_badge_is_the_length_of_the_list(stage: Stage) -> None:
    for number in range(3):
        proposed(stage, f"Text {number}", hours=number * 2)
    stage.at(9, recommendations.create_recommendation, stage.cast["astana-expert-1"], content())
    for name, expected in {
        "astana-lead": 4,
        "astana-expert-1": 4,
        "astana-expert-2": 3,
        "astana-observer": 0,
        "washington-lead": 0,
        "coordinator": 0,
        "administrator": 0,
    }.items():
        client = stage.sign_in(name)
        assert (badge(client), listed(client)) == (expected, expected), name


def many_waits(stage: Stage, number: int) -> None:
    """Drafts of Astana's lead, written straight into the tables."""
    key = stage.at(0, recommendations.create_recommendation, stage.cast["astana-lead"], content("Draft 0"))
    with stage.app.app_context():
        session = db.session()
        session.connection(execution_options={WRITES: True})
        first = session.query(Recommendation).filter_by(key=key).one()
        version = session.query(Version).filter_by(recommendation_id=first.id).one()
        columns = [c.key for c in Recommendation.__table__.columns if c.key not in ("id", "key")]
        session.execute(
            insert(Recommendation),
            [{"key": f"draft{i:07}", **{c: getattr(first, c) for c in columns}} for i in range(1, number)],
        )
        ids = dict(
            session.query(Recommendation.key, Recommendation.id).filter(Recommendation.key.like("draft%"))
        )
        copied = [
            c.key for c in Version.__table__.columns if c.key not in ("id", "recommendation_id", "title")
        ]
        session.execute(
            insert(Version),
            [
                {
                    "recommendation_id": id_,
                    "title": f"Draft {int(name[5:])}",
                    **{c: getattr(version, c) for c in copied},
                }
                for name, id_ in ids.items()
            ],
        )
        wait = session.query(Wait).filter_by(recommendation_id=first.id).one()
        session.execute(
            insert(Wait),
            [
                {
                    "recommendation_id": id_,
                    "person_id": wait.person_id,
                    "task_force_id": wait.task_force_id,
                    "task": wait.task,
                    "since": wait.since,
                }
                for id_ in ids.values()
            ],
        )
        session.commit()


def test_home_turns_the_pages_of_a_long_list(stage: Stage) -> None:
    many_waits(stage, lists.PAGE + 3)
    client = stage.sign_in("astana-lead")
    answer = client.get("/desk/uskz/")
    assert listed(client) == lists.PAGE
    assert badge(client) == lists.PAGE + 3
    assert len(answer.data) < 60_000
    assert "Page 1 of 2" in sections(client)["mine"]
    rest = sections(client, "/desk/uskz/?page=2")
    assert list(rest) == ["mine"]
    assert rest["mine"].count("is complete") == 3
    assert "There is no such page." in sections(client, "/desk/uskz/?page=3")["mine"]


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "9999999999999999999", "١", "1e3"])
def test_home_takes_a_wrong_page_for_the_first(stage: Stage, page: str) -> None:
    assert (
        "Nothing waits for you." in sections(stage.sign_in("astana-lead"), f"/desk/uskz/?page={page}")["mine"]
    )


@pytest.mark.parametrize(
    ("name", "query", "lead"),
    [
        ("astana-expert-1", "", "You draft with your group"),
        ("astana-observer", "", "You follow what your group works on"),
        ("administrator", "", "You manage the people of the task force"),
        ("astana-lead", "", "you speak for your group"),
        ("coordinator", "", "You approve for dissemination exactly the text"),
        ("astana-lead", "?for=coordinator", "You approve for dissemination exactly the text"),
        ("astana-lead", "?for=nobody", "you speak for your group"),
    ],
)
def test_help_speaks_to_its_audience(stage: Stage, name: str, query: str, lead: str) -> None:
    page = stage.sign_in(name).get(f"/desk/uskz/help{query}").get_data(as_text=True)
    assert lead in page
    assert "Seats and your account" in page
    rows = re.search(r"<tbody>(.*)</tbody>", page, re.DOTALL)
    assert rows
    assert rows[1].count("<tr>") == len(RULES)
    chip = re.search(r'class="chip chip--on"[^>]*>For ([a-z ]+)<', page)
    assert chip
    can_act = {"experts": True, "leads": True, "the coordinator": True}.get(chip[1], False)
    assert (">yours<" in rows[1]) is can_act


@pytest.mark.parametrize("name", ["astana-expert-1", "astana-observer", "coordinator", "administrator"])
def test_foot_offers_help_to_everybody(stage: Stage, name: str) -> None:
    page = stage.sign_in(name).get("/desk/uskz/").get_data(as_text=True)
    foot = plain(page.rpartition("<footer")[2])
    assert foot.endswith(" Help")


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("washington-expert-1", True),
        ("astana-lead", True),
        ("astana-observer", False),
        ("coordinator", False),
        ("administrator", False),
    ],
)
def test_home_offers_a_draft_to_who_may_write_one(stage: Stage, name: str, offered: bool) -> None:
    client = stage.sign_in(name)
    assert ("Draft a recommendation" in sections(client)["mine"]) is offered
    proposed(stage)
    stage.at(1, recommendations.create_recommendation, stage.cast["washington-expert-1"], content())
    # Something waits for the drafter and for the other side's lead; the offer stays, beside it.
    page = client.get("/desk/uskz/").get_data(as_text=True)
    assert page.count('href="/desk/uskz/recommendations/new"') == offered

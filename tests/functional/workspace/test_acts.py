"""The acts of the procedure through HTTP: done, refused in words, and never done twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.domain.relations import successor_of
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.deliberation import PositionRow
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation, Version
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.forms import editor_form
from tests.factories.task_forces import content
from tests.support import scenes
from tests.support.desk import Stage
from tests.support.scenes import TYPED, act, can_do, event_count, item_page, part, plain
from tests.support.visitors import Visitor, input_value

Visit = Callable[[str], Visitor]

#: Every act that has a page of its own, by the last part of its address.
ACTS = (
    *("propose", "resubmit", "recall", "withdraw", "reopen", "position", "request-changes", "agree"),
    *("decline", "approve", "return", "publish", "retract"),
)


@contextmanager
def nothing_written(app: Flask) -> Iterator[None]:
    """What happens inside leaves no event."""
    before = event_count(app)
    yield
    assert event_count(app) == before


def state_of(app: Flask, key: str) -> str:
    """The stored state."""
    with app.app_context():
        return db.session.scalars(select(Recommendation.state).where(Recommendation.key == key)).one()


def test_whole_procedure_ends_with_the_digest_that_was_agreed(app: Flask, visit: Visit) -> None:
    author, lead = visit("washington-expert-1"), visit("washington-lead")
    expert, reviewer, coordinator = visit("astana-expert-1"), visit("astana-lead"), visit("coordinator")
    once = input_value(author.get("recommendations/new").text, "once")
    key = author.post("recommendations/new", editor_form(once=once)).location.rsplit("/", 1)[1]
    done = [
        act(author, key, "propose"),
        act(expert, key, "position", stand="object", reason="By when?"),
        act(expert, key, "request-changes", reason="Name a date."),
        author.post(f"recommendations/{key}/edit", editor_form(1, text="1. Publish it by 31 January.")),
        act(author, key, "resubmit", 2),
        act(expert, key, "position", 2, stand="no_objection"),
        act(reviewer, key, "position", 2, stand="approve", reason="Now it is clear."),
        act(reviewer, key, "agree", 2),
        act(coordinator, key, "approve", 2),
        act(coordinator, key, "publish", 2),
    ]
    assert [(answer.status_code, answer.location) for answer in done] == [
        (302, f"/desk/uskz/recommendations/{key}")
    ] * len(done)
    page = item_page(lead, key)
    digest = re.findall(r'<code class="hash">([0-9a-f]{64})</code>', page)[0]
    with app.app_context():
        stored = db.session.scalars(select(Version.digest).where(Version.number == 2)).one()
    assert digest == stored
    public = re.search(r'href="(/publications/[^"]+)"', page)
    assert public
    shown = app.test_client().get(public[1])
    assert shown.status_code == 200
    assert " ".join(digest[i : i + 8] for i in range(0, 64, 8)) in shown.text
    assert "Publish it by 31 January." in shown.text


def test_act_is_confirmed_once_on_the_item_s_page(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage)
    lead = visit("astana-lead")
    act(lead, key, "agree")
    said = "Recorded: the Astana group agrees to version 1."
    assert said in item_page(lead, key)
    assert said not in item_page(lead, key)


def test_page_of_an_act_says_what_happens_and_whom_it_reaches(stage: Stage, visit: Visit) -> None:
    key = scenes.carrying(stage)
    page = plain(visit("astana-lead").get(f"recommendations/{key}/acts/agree").text)
    assert "Agree to version 1 for the Astana group" in page
    assert "What happens You record that your group agrees to exactly these words." in page
    assert (
        "It reaches the Astana group (4 people), the Washington group (4 people)"
        " and Coordinator, coordinator." in page
    )
    assert "Can it be undone?" in page


NO_REASON = "Say why, so that the others can answer it."


@pytest.mark.parametrize(
    ("scene", "who", "name", "fields", "said"),
    [
        ("proposed", "astana-expert-1", "request-changes", {}, NO_REASON),
        ("proposed", "astana-expert-1", "request-changes", {"reason": "  "}, NO_REASON),
        ("proposed", "astana-lead", "decline", {}, NO_REASON),
        ("proposed", "washington-lead", "recall", {}, NO_REASON),
        ("proposed", "washington-lead", "withdraw", {}, NO_REASON),
        ("agreed", "coordinator", "return", {}, NO_REASON),
        ("published", "coordinator", "retract", {}, NO_REASON),
        ("proposed", "astana-expert-1", "position", {"reason": TYPED}, "Choose a position."),
        ("proposed", "astana-expert-1", "position", {"stand": "veto", "reason": TYPED}, "Choose a position."),
        ("proposed", "astana-expert-1", "position", {"stand": "object"}, "An objection needs a reason"),
        ("sent_back", "washington-expert-1", "resubmit", {}, "Save a new version first, or answer"),
        ("proposed", "astana-lead", "agree", {}, "0 of 2 needed positions. Nobody of your group approves"),
    ],
)
def test_unmet_act_says_what_is_missing(
    stage: Stage, visit: Visit, scene: str, who: str, name: str, fields: dict[str, str], said: str
) -> None:
    key = getattr(scenes, scene)(stage)
    visitor = visit(who)
    with nothing_written(stage.app):
        answer = act(visitor, key, name, **fields)
    # What the form lacks is for its sender to change; how the ballot stands is not.
    status = 409 if name == "agree" else 422
    assert (answer.status_code, said in plain(answer.text)) == (status, True)
    if fields.get("reason", "").strip():
        assert fields["reason"] in answer.text


@pytest.mark.parametrize(
    ("scene", "who", "name", "said"),
    [
        ("drafted", "washington-lead", "recall", "The text is now: Draft."),
        ("agreed", "astana-expert-1", "request-changes", "The text is now: Agreed."),
        ("agreed", "astana-lead", "decline", "The text is now: Agreed."),
        ("published", "washington-lead", "withdraw", "The text is now: Published."),
        ("published", "coordinator", "return", "The text is now: Published."),
        ("proposed", "coordinator", "retract", "The text is now: Proposed."),
        ("agreed", "astana-expert-1", "position", "The text is now: Agreed."),
    ],
)
def test_act_that_comes_too_late_keeps_the_typed_words(
    stage: Stage, visit: Visit, scene: str, who: str, name: str, said: str
) -> None:
    key = getattr(scenes, scene)(stage)
    with nothing_written(stage.app):
        answer = act(visit(who), key, name, reason=TYPED, stand="object")
    assert answer.status_code == 409
    assert said in plain(answer.text)
    assert TYPED in answer.text


@pytest.mark.parametrize(
    ("scene", "who", "name", "by"),
    [
        ("drafted", "washington-expert-1", "withdraw", "the lead of the proposing group"),
        ("proposed", "washington-lead", "request-changes", "experts of the counterpart group"),
        ("proposed", "astana-expert-1", "decline", "the lead of the counterpart group"),
        ("carrying", "astana-expert-1", "agree", "the lead of the counterpart group"),
        ("carrying", "washington-lead", "agree", "the lead of the counterpart group"),
        ("proposed", "coordinator", "position", "experts of the counterpart group"),
        ("agreed", "washington-lead", "approve", "the coordinator"),
        ("agreed", "astana-lead", "return", "the coordinator"),
        ("published", "washington-lead", "retract", "the coordinator"),
    ],
)
def test_act_of_somebody_else_says_who_can_do_it(
    stage: Stage, visit: Visit, scene: str, who: str, name: str, by: str
) -> None:
    key = getattr(scenes, scene)(stage)
    visitor = visit(who)
    with nothing_written(stage.app):
        opened = visitor.get(f"recommendations/{key}/acts/{name}")
        answer = act(visitor, key, name, reason=TYPED, stand="approve")
    for told in (opened, answer):
        page = plain(told.text)
        assert told.status_code == 403
        assert "This is not yours to do" in page
        assert by in page
        assert "Nothing was changed." in page
        assert "for the  group" not in page
    assert TYPED in answer.text


@pytest.mark.parametrize(
    ("scene", "who", "name", "said"),
    [
        ("proposed", "astana-lead", "agree", "0 of 2 needed positions."),
        ("drafted", "washington-lead", "recall", "The text is: Draft."),
        ("published", "coordinator", "approve", "The text is: Published."),
    ],
)
def test_act_of_one_s_own_that_is_not_possible_yet_says_why(
    stage: Stage, visit: Visit, scene: str, who: str, name: str, said: str
) -> None:
    key = getattr(scenes, scene)(stage)
    answer = visit(who).get(f"recommendations/{key}/acts/{name}")
    assert (answer.status_code, said in plain(answer.text)) == (200, True)
    assert 'class="btn btn--go"' not in answer.text


@pytest.mark.parametrize("who", ["washington-observer", "astana-observer"])
def test_observer_reads_and_can_do_nothing(stage: Stage, visit: Visit, who: str) -> None:
    key = scenes.proposed(stage)
    visitor = visit(who)
    page = item_page(visitor, key)
    assert "Publish a timetable." in page
    assert "/acts/" not in page
    assert plain(can_do(page)) == "What you can do now Nothing: it waits for the Astana group."
    with nothing_written(stage.app):
        codes = {name: act(visitor, key, name, reason=TYPED, stand="approve").status_code for name in ACTS}
    assert codes == dict.fromkeys(ACTS, 403)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1", "There is a newer version"),
        *((junk, "This page does not fit the text") for junk in ("3", "0", "-1", "", "x", "²", "9" * 30)),
    ],
)
def test_act_on_another_version_is_refused_with_the_way_to_compare(
    stage: Stage, visit: Visit, version: str, said: str
) -> None:
    key = scenes.sent_back(stage)
    author = stage.cast["washington-expert-1"]
    stage.at(4, recommendations.save_version, author, key, 1, content(text="1. Say by May."))
    stage.at(5, recommendations.resubmit, author, key, 2)
    visitor = visit("astana-expert-1")
    with nothing_written(stage.app):
        answer = visitor.post(
            f"recommendations/{key}/acts/position",
            {"version": version, "stand": "object", "reason": TYPED},
        )
    assert answer.status_code == 409
    assert said in answer.text
    assert TYPED in answer.text
    assert re.search(r'value="object"[^>]* checked', answer.text)
    link = re.search(rf'href="(/desk/uskz/recommendations/{key}/compare[^"]*)"', answer.text)
    assert link
    compared = visitor.get(link[1].replace("&amp;", "&"))
    assert compared.status_code == 200
    assert "Say by May." in plain(compared.text)


def test_act_on_a_bracket_cleaned_meanwhile_is_stale(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage, text="1. The Government [shall/should] report.")
    lead = visit("astana-lead")
    lead.get(f"recommendations/{key}/acts/position")
    stage.at(2, recommendations.settle_bracket, stage.cast["washington-lead"], key, 1, 0, "should")
    with nothing_written(stage.app):
        answer = act(lead, key, "position", 1, stand="approve", reason=TYPED)
    assert answer.status_code == 409
    assert "You were about to act on version 1, but the newest is version 2." in plain(answer.text)
    assert TYPED in answer.text
    again = act(lead, key, "position", int(input_value(answer.text, "version") or 0), stand="approve")
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("scene", "who", "name", "fields"),
    [
        ("drafted", "washington-expert-1", "propose", {}),
        ("carrying", "astana-lead", "agree", {}),
        ("agreed", "coordinator", "approve", {}),
        ("approved", "coordinator", "publish", {}),
        ("published", "coordinator", "retract", {"reason": TYPED}),
        ("proposed", "astana-lead", "decline", {"reason": TYPED}),
        ("proposed", "astana-lead", "request-changes", {"reason": TYPED}),
        ("sent_back", "washington-lead", "resubmit", {"reason": TYPED}),
    ],
)
def test_double_click_acts_once(
    stage: Stage, visit: Visit, scene: str, who: str, name: str, fields: dict[str, str]
) -> None:
    key = getattr(scenes, scene)(stage)
    visitor = visit(who)
    before = event_count(stage.app)
    first = act(visitor, key, name, **fields)
    second = act(visitor, key, name, **fields)
    assert (first.status_code, second.status_code) == (302, 409)
    assert "This is no longer possible" in second.text
    assert event_count(stage.app) == before + 1
    assert all(words in second.text for words in fields.values())


def test_double_click_of_one_of_two_groups_agrees_once(app: Flask) -> None:
    stage = Stage(app, groups=3)
    key = scenes.carrying(stage)
    lead = Visitor(stage.sign_in("astana-lead"), stage.cast.slug)
    before = event_count(app)
    first, second = act(lead, key, "agree"), act(lead, key, "agree")
    assert (first.status_code, second.status_code) == (302, 409)
    assert "Your group has agreed to this version." in second.text
    assert (event_count(app), state_of(app, key)) == (before + 1, "proposed")


def test_publication_happens_once(stage: Stage, visit: Visit) -> None:
    key = scenes.approved(stage)
    one, other = visit("coordinator"), visit("coordinator")
    assert [act(v, key, "publish").status_code for v in (one, other, one)] == [302, 409, 409]
    with stage.app.app_context():
        assert len(db.session.scalars(select(Publication.id)).all()) == 1
        published = select(EventRow.id).where(EventRow.name == "publish")
        assert len(db.session.scalars(published).all()) == 1


def test_position_is_changed_and_the_old_one_kept(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    expert = visit("astana-expert-1")
    act(expert, key, "position", stand="object", reason="By when?")
    assert "You object" in part(item_page(expert, key), "h-pos-1")
    act(expert, key, "position", stand="approve")
    said = part(item_page(visit("washington-lead"), key), "h-pos-1")
    assert "Astana Expert 1 approves" in said
    assert "objects" not in said
    with stage.app.app_context():
        stands = db.session.scalars(select(PositionRow.stand).order_by(PositionRow.id)).all()
    assert stands == ["object", "approve"]


@pytest.mark.parametrize("name", ["supersede", "create", "revise", "amend", "nothing", "take_position"])
def test_act_without_a_page_is_not_found(stage: Stage, visit: Visit, name: str) -> None:
    key = scenes.proposed(stage)
    visitor = visit("coordinator")
    unknown = visitor.get("recommendations/nobody000000")
    for answer in (visitor.get(f"recommendations/{key}/acts/{name}"), act(visitor, key, name)):
        assert answer.status_code == 404
    assert visitor.get(f"recommendations/{key}/acts/{name}").data == unknown.data


def test_reason_that_can_not_be_stored_is_given_back(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    with nothing_written(stage.app):
        answer = act(visit("astana-lead"), key, "decline", reason=f"{TYPED} \u202egnihton")
    assert answer.status_code == 422
    assert "reverses the direction of reading" in answer.text
    assert TYPED in answer.text


def test_act_without_a_token_gives_the_words_back(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    visitor = visit("astana-lead")
    with nothing_written(stage.app):
        answer = act(visitor, key, "decline", reason=TYPED, csrf_token="forged")
    assert answer.status_code == 400
    assert TYPED in answer.text


def test_return_revokes_agreement_and_approval(stage: Stage, visit: Visit) -> None:
    key = scenes.approved(stage)
    act(visit("coordinator"), key, "return", reason="A wrong name.")
    act(visit("washington-lead"), key, "resubmit", reason="The name was right.")
    for who in ("washington-expert-1", "astana-expert-1", "coordinator"):
        page = item_page(visit(who), key)
        said = part(page, "h-acts")
        assert re.search(r"Astana Lead agreed to version 1 for the Astana group .*; revoked", said)
        assert re.search(r"Coordinator approved version 1 .*; revoked by a return, does not count", said)
        assert said.count("revoked by a return, does not count") == 2
        assert part(page, "h-sheet").count("revoked") == 2
        assert part(page, "h-pos-1").count("given before the new ballot; does not count") == 2
    refused = act(visit("astana-lead"), key, "agree")
    assert (refused.status_code, "0 of 2 needed positions." in refused.text) == (409, True)


SCENES = (
    *("drafted", "incomplete", "proposed", "bracketed", "objected", "carrying", "sent_back", "revised"),
    *("resubmitted", "agreed", "approved", "returned", "published", "withdrawn", "declined", "reopened"),
    *("retracted", "superseded", "withdrawn_draft"),
)
#: Whatever somebody may be offered: links to acts, to the editor and to the brackets.
_OFFER = re.compile(r'href="(/desk/uskz/recommendations/\w+/(?:acts/[\w-]+|follow-up/\w+|edit|brackets))"')


def play(stage: Stage, scene: str) -> str:
    """Bring a text into one of the situations that the demonstration has."""
    cast = stage.cast
    author, lead, reviewer = cast["washington-expert-1"], cast["washington-lead"], cast["astana-lead"]
    match scene:
        case "incomplete":
            return scenes.drafted(stage, text="", addressees=())
        case "bracketed":
            return scenes.carrying(stage, text="1. The Government [shall/should] report.")
        case "objected":
            key = scenes.carrying(stage)
            stage.at(9, deliberation.take_position, cast["astana-expert-2"], key, 1, Stand.OBJECT, "No.")
        case "revised" | "resubmitted":
            key = scenes.sent_back(stage)
            stage.at(9, recommendations.save_version, author, key, 1, content(text="1. By May."))
            if scene == "resubmitted":
                stage.at(10, recommendations.resubmit, author, key, 2)
        case "returned":
            key = scenes.approved(stage)
            stage.at(9, publication.return_for_changes, cast["coordinator"], key, 1, "A name.")
        case "withdrawn" | "reopened":
            key = scenes.proposed(stage)
            stage.at(9, recommendations.withdraw, lead, key, 1, "Later.")
            if scene == "reopened":
                stage.at(10, recommendations.reopen, lead, key, 1, "Now.")
        case "withdrawn_draft":
            key = scenes.drafted(stage)
            stage.at(9, recommendations.withdraw, lead, key, 1, "Later.")
        case "declined":
            key = scenes.proposed(stage)
            stage.at(9, deliberation.decline, reviewer, key, 1, "Not ours.")
        case "retracted":
            key = scenes.published(stage)
            stage.at(9, publication.retract, cast["coordinator"], key, 1, "Wrong figures.")
        case "superseded":
            key = scenes.published(stage)
            after = successor_of(key)
            new: str = stage.at(9, recommendations.create_recommendation, author, content("Two"), "", after)
            stage.at(10, recommendations.propose, author, new, 1)
            for name in ("astana-lead", "astana-expert-1"):
                stage.at(11, deliberation.take_position, cast[name], new, 1, Stand.APPROVE)
            stage.at(12, deliberation.agree_to_version, reviewer, new, 1)
            stage.at(13, publication.approve, cast["coordinator"], new, 1)
            stage.at(14, publication.publish, cast["coordinator"], new, 1)
        case _:
            key = str(getattr(scenes, scene)(stage))
    return key


@pytest.mark.parametrize("scene", SCENES)
def test_whatever_is_offered_opens_and_whatever_is_not_says_why(
    stage: Stage, visit: Visit, scene: str
) -> None:
    key = play(stage, scene)
    for who in stage.cast.actors.keys() - {"washington-expert-2", "washington-observer"}:
        visitor = visit(who)
        answer = visitor.get(f"recommendations/{key}")
        if answer.status_code == 404:
            continue
        offered = can_do(answer.text)
        for address in sorted(set(_OFFER.findall(answer.text))):
            opened = visitor.get(address)
            assert (opened.status_code, address) == (200, address)
            assert 'role="alert"' not in opened.text, address
            # Each has a button that does it.
            assert "<button" in opened.text.split("<main", 1)[1], address
        cannot = re.findall(r'aria-describedby="(why-\w+)"', offered)
        for why in cannot:
            said = re.search(rf'id="{why}">(.*?)</p>', offered)
            assert said
            assert len(plain(said[1])) > len("Not yet: x."), (who, why)
            assert "_" not in said[1], (who, why)
        assert bool(_OFFER.search(offered)) or bool(cannot) or "Nothing:" in offered, who


def test_impossible_act_opened_by_its_address_says_why(stage: Stage, visit: Visit) -> None:
    key = scenes.proposed(stage)
    lead = visit("astana-lead").get(f"recommendations/{key}/acts/agree")
    assert lead.status_code == 200
    assert "Not yet 0 of 2 needed positions." in plain(lead.text)
    assert "btn--go" not in lead.text
    late = visit("coordinator").get(f"recommendations/{key}/acts/approve")
    assert "This is not possible now The text is: Proposed." in plain(late.text)

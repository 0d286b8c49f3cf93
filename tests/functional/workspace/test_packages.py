"""Package deals: what is tied is agreed together or not at all, and the pages say what holds it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.persistence.db import db
from reviewflow.persistence.models.packages import PackageRow
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.queries import packages as read
from reviewflow.services import deliberation, packages, publication, recommendations
from tests.factories.task_forces import content
from tests.support.desk import Stage
from tests.support.scenes import act, carrying, event_count, item_page, part, plain, proposed
from tests.support.visitors import Visitor, input_value


def astanas(stage: Stage, title: str = "A law on media") -> str:
    """A text of the Astana group whose ballot in Washington carries; returns its key."""
    author = stage.cast["astana-expert-1"]
    key: str = stage.at(0, recommendations.create_recommendation, author, content(title))
    stage.at(1, recommendations.propose, author, key, 1)
    for hours, name in enumerate(("washington-expert-1", "washington-lead"), start=2):
        stage.at(hours, deliberation.take_position, stage.cast[name], key, 1, Stand.APPROVE)
    return key


def states(stage: Stage) -> set[str]:
    """The states of all items."""
    with stage.app.app_context():
        return set(db.session.scalars(select(Recommendation.state)))


def tied(stage: Stage, *keys: str, by: str = "astana-lead") -> str:
    """Tie texts; returns the package's key."""
    package: str = stage.at(5, packages.tie, stage.cast[by], "Media and elections", keys)
    return package


def agree(visitor: Visitor, package: str) -> int:
    """Agree to a package as its page stands; the status of the answer."""
    seal = input_value(visitor.get(f"packages/{package}").text, "seal") or ""
    return visitor.post(f"packages/{package}/agree", {"seal": seal}).status_code


def test_texts_of_both_sides_are_agreed_in_the_same_instant_or_not_at_all(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ours, theirs = carrying(stage), astanas(stage)
    package = tied(stage, ours, theirs)
    astana, washington = visit("astana-lead"), visit("washington-lead")
    assert act(astana, ours, "agree").status_code == 409
    page = item_page(astana, ours)
    assert "It is tied to other texts: agree to their package." in plain(page)
    assert "Nothing holds it; waiting for the lead of: Washington, Astana." in part(page, "h-package")
    assert (agree(astana, package), states(stage)) == (302, {"proposed"})
    assert "waiting for the lead of: Washington." in plain(astana.get(f"packages/{package}").text)
    assert (agree(washington, package), states(stage)) == (302, {"agreed"})
    said = part(item_page(visit("astana-observer"), theirs), "h-package")
    assert "Agreed together. Nothing is agreed until everything is agreed: Media and elections" in said
    history = plain(visit("coordinator").get(f"recommendations/{theirs}/history").text)
    assert "Washington Lead Recorded the group’s agreement" in history
    stage.at(9, publication.approve, stage.cast["coordinator"], ours, 1)


def test_texts_of_one_side_are_agreed_by_the_other_side_s_lead_alone(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    package = tied(stage, carrying(stage), carrying(stage, title="Another"), by="washington-lead")
    visitor = visit("washington-lead")
    assert "Agree to the package" not in visitor.get(f"packages/{package}").text
    assert visitor.post(f"packages/{package}/agree", {"seal": "x"}).status_code == 403
    assert (agree(visit("astana-lead"), package), states(stage)) == (302, {"agreed"})


def test_one_text_that_is_not_ready_holds_all_and_every_reason_is_told(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ready, bare = carrying(stage), proposed(stage, title="Bare", text="1. Publish [soon / now].")
    package, visitor = tied(stage, ready, bare), visit("astana-lead")
    before = event_count(stage.app)
    shown = plain(visitor.get(f"packages/{package}").text)
    assert "1 text holds it." in shown
    assert "1 square bracket is open. Astana: 0 of 3 positions." in shown
    page = visitor.get(f"packages/{package}").text
    assert ('aria-disabled="true"' in page, "your group agrees once its ballot" in page) == (True, True)
    assert input_value(page, "seal") is None
    with stage.app.app_context():
        seal = read.package(stage.cast["astana-lead"], package, ()).seal
    answer = visitor.post(f"packages/{package}/agree", {"seal": seal})
    assert answer.status_code == 409
    assert (
        "USKZ.DR/2/09: 0 of 2 needed positions. Nobody of your group approves yet. 1 square bracket is open."
        in plain(answer.text)
    )
    assert (states(stage), event_count(stage.app)) == ({"proposed"}, before)


def test_text_that_leaves_the_table_holds_the_package_and_no_consent_survives_it(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ours, theirs = carrying(stage), astanas(stage)
    package, astana, washington = tied(stage, ours, theirs), visit("astana-lead"), visit("washington-lead")
    assert agree(astana, package) == 302
    stage.at(6, deliberation.request_changes, stage.cast["washington-expert-1"], theirs, 1, "Say by when.")
    assert "It is not before the groups: Changes requested." in part(item_page(washington, ours), "h-package")
    with stage.app.app_context():
        seal = read.package(stage.cast["washington-lead"], package, ()).seal
    answer = washington.post(f"packages/{package}/agree", {"seal": seal})
    assert (answer.status_code, states(stage)) == (409, {"proposed", "changes_requested"})
    assert "USKZ.DR/2/09: The text is now: Changes requested." in plain(answer.text)
    stage.at(7, recommendations.resubmit, stage.cast["astana-expert-1"], theirs, 1, "By May, see 2.")
    for name in ("washington-expert-1", "washington-lead"):
        stage.at(8, deliberation.take_position, stage.cast[name], theirs, 1, Stand.APPROVE)
    assert (agree(washington, package), states(stage)) == (302, {"proposed"})
    assert "so it does not count" in astana.get(f"packages/{package}").text
    assert (agree(astana, package), states(stage)) == (302, {"agreed"})


def test_lead_who_agreed_to_the_package_waits_for_the_other_side_until_a_text_changes(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ours, theirs = carrying(stage, text="1. Amend [soon / now] the law."), astanas(stage)
    stage.at(4, recommendations.settle_bracket, stage.cast["washington-lead"], ours, 1, 0, "soon")
    for name in ("astana-lead", "astana-expert-1"):
        stage.at(5, deliberation.take_position, stage.cast[name], ours, 2, Stand.APPROVE)
    package, astana, washington = tied(stage, ours, theirs), visit("astana-lead"), visit("washington-lead")
    assert "see what their package still needs" in part(astana.get("").text, "h-mine")
    assert agree(astana, package) == 302
    home = astana.get("").text
    assert ("USKZ.DR/1/09" in part(home, "h-mine"), "Waiting for you (0)" in home) == (False, True)
    told = "Washington: agree to the package of USKZ.DR/1/09/Rev.1 , as the other groups do."
    assert told in part(home, "h-them")
    assert (
        "Every other group agrees to the package of USKZ.DR/1/09/Rev.1 – see what it still needs of yours ."
        in part(washington.get("").text, "h-mine")
    )
    stage.at(6, deliberation.request_changes, stage.cast["washington-expert-1"], theirs, 1, "Say by when.")
    stage.at(7, recommendations.resubmit, stage.cast["astana-expert-1"], theirs, 1, "By May, see 2.")
    home = astana.get("").text
    assert "see what their package still needs" in part(home, "h-mine")
    assert told not in part(home, "h-them")


def test_objection_raised_after_a_consent_holds_the_package(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ours, theirs = carrying(stage), astanas(stage)
    package = tied(stage, ours, theirs)
    assert agree(visit("astana-lead"), package) == 302
    stage.at(6, deliberation.take_position, stage.cast["astana-expert-2"], ours, 1, Stand.OBJECT, "No.")
    visitor = visit("washington-lead")
    seal = input_value(visitor.get(f"packages/{package}").text, "seal") or ""
    answer = visitor.post(f"packages/{package}/agree", {"seal": seal})
    assert (answer.status_code, states(stage)) == (409, {"proposed"})
    assert "USKZ.DR/1/09: 1 objection is open: Astana Expert 2." in plain(answer.text)


def test_agreeing_to_texts_that_have_changed_since_is_refused(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ready, bare = carrying(stage), proposed(stage, title="Bare", text="1. Publish [soon / now].")
    package, visitor = tied(stage, ready, bare), visit("astana-lead")
    seal = input_value(visitor.get(f"packages/{package}").text, "seal") or ""
    stage.at(6, recommendations.settle_bracket, stage.cast["washington-lead"], bare, 1, 0, "soon")
    answer = visitor.post(f"packages/{package}/agree", {"seal": seal})
    assert (answer.status_code, "A text of the package has changed" in answer.text) == (409, True)


def test_group_agrees_to_the_same_texts_once(stage: Stage, visit: Callable[[str], Visitor]) -> None:
    package, visitor = tied(stage, carrying(stage), astanas(stage)), visit("astana-lead")
    seal = input_value(visitor.get(f"packages/{package}").text, "seal") or ""
    assert visitor.post(f"packages/{package}/agree", {"seal": seal}).status_code == 302
    assert visitor.post(f"packages/{package}/agree", {"seal": seal}).status_code == 409


def test_group_that_tied_unties_and_each_text_goes_its_own_way(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ours, theirs = carrying(stage), astanas(stage)
    package = tied(stage, ours, theirs)
    assert visit("washington-lead").post(f"packages/{package}/untie").status_code == 409
    lead = visit("astana-lead")
    assert (
        lead.post(f"packages/{package}/untie").status_code,
        lead.post(f"packages/{package}/untie").status_code,
    ) == (
        302,
        409,
    )
    assert "Untied: each text went its own way." in plain(lead.get(f"packages/{package}").text)
    assert act(lead, ours, "agree").status_code == 302
    assert states(stage) == {"agreed", "proposed"}
    assert "Media and elections" not in item_page(lead, ours)


def test_texts_are_tied_on_a_form_that_offers_what_can_be_tied(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    ours, theirs, third = carrying(stage), astanas(stage), proposed(stage, title="Third")
    proposed(stage, title="Fourth")
    lead = visit("washington-lead")
    assert f"packages/new?with={ours}" in item_page(lead, ours)
    form = lead.get(f"packages/new?with={ours}")
    assert f'value="{ours}" checked' in form.text
    assert lead.post("packages/new", {"title": "Two", "texts": [ours, theirs]}).status_code == 302
    again = lead.get("packages/new").text
    assert (ours in again, theirs in again, third in again) == (False, False, True)
    answer = lead.post("packages/new", {"title": "Kept title", "texts": [ours, third]})
    assert (answer.status_code, "Kept title" in answer.text) == (409, True)
    assert "USKZ.DR/1/09: It is tied to other texts already." in plain(answer.text)


@pytest.mark.parametrize(
    ("title", "chosen", "status"),
    [("", 2, 422), (" ", 2, 422), ("T" * 401, 2, 422), ("T", 1, 422), ("T", 0, 422), ("T", 3, 404)],
)
def test_tie_that_lacks_something_ties_nothing(
    stage: Stage, visit: Callable[[str], Visitor], title: str, chosen: int, status: int
) -> None:
    texts = [carrying(stage), astanas(stage), "nothing"][:chosen]
    answer = visit("washington-lead").post("packages/new", {"title": title, "texts": texts})
    assert answer.status_code == status
    with stage.app.app_context():
        assert db.session.scalars(select(PackageRow)).all() == []


def test_more_texts_than_anybody_reads_together_are_not_tied(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    answer = visit("astana-lead").post("packages/new", {"title": "T", "texts": [f"k{n}" for n in range(21)]})
    assert (answer.status_code, "at most 20 texts" in answer.text) == (422, True)


@pytest.mark.parametrize("name", ["astana-expert-1", "astana-observer", "coordinator", "administrator"])
def test_only_leads_tie_agree_and_untie(stage: Stage, visit: Callable[[str], Visitor], name: str) -> None:
    ours, theirs = carrying(stage), astanas(stage)
    visitor = visit(name)
    assert visitor.get("packages/new").status_code == 403
    answer = visitor.post("packages/new", {"title": "T", "texts": [ours, theirs]})
    assert answer.status_code == 403
    package = tied(stage, ours, theirs)
    expected = 404 if name == "administrator" else 403
    assert visitor.post(f"packages/{package}/agree", {"seal": "x"}).status_code == expected
    assert visitor.post(f"packages/{package}/untie").status_code == expected
    assert visitor.get(f"packages/{package}").status_code == (404 if name == "administrator" else 200)


def test_package_of_another_task_force_does_not_exist(app: Flask, stage: Stage) -> None:
    package = tied(stage, carrying(stage), astanas(stage))
    visitor = Visitor(Stage(app, slug="other").sign_in("astana-lead"), "other")
    assert visitor.get(f"packages/{package}").status_code == 404
    assert visitor.post(f"packages/{package}/untie").status_code == 404


def test_pages_of_packages_ask_a_known_number_of_statements(
    stage: Stage, visit: Callable[[str], Visitor]
) -> None:
    keys = [carrying(stage, title=str(number)) for number in range(4)]
    two, visitor = tied(stage, *keys[:2]), visit("astana-lead")
    with stage.counted() as untied:
        assert visitor.get(f"recommendations/{keys[2]}").status_code == 200
    with stage.counted() as statements:
        assert visitor.get(f"packages/{two}").status_code == 200
    assert len(statements) == 6, statements
    stage.at(6, packages.untie, stage.cast["astana-lead"], two)
    four = tied(stage, *keys)
    with stage.counted() as statements:
        assert visitor.get(f"packages/{four}").status_code == 200
    assert len(statements) == 6, statements
    with stage.counted() as statements:
        assert visitor.get(f"recommendations/{keys[0]}").status_code == 200
    # Two more than of a text that is not tied: who has consented, and how the ballots of all stand.
    assert len(statements) == len(untied) + 2, statements

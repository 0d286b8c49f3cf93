"""Drafting a brief in the browser: its parts are chosen from a list, shown with it, and published with it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from reviewflow.domain.ballots import Stand
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import Publication
from reviewflow.persistence.models.recommendations import Recommendation, Version
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.forms import editor_form
from tests.support.desk import Stage
from tests.support.scenes import approved, item_page, plain
from tests.support.visitors import Visitor

Visit = Callable[[str], Visitor]


def _digest(stage: Stage, key: str) -> str:
    with stage.app.app_context():
        return db.session.scalars(
            select(Version.digest).join(Recommendation).where(Recommendation.key == key)
        ).one()


def _brief(stage: Stage, visit: Visit, digest: str, kind: str = "policy_brief") -> str:
    lead = visit("washington-lead")
    form = editor_form(title="A brief", includes=[digest])
    answer = lead.post(f"recommendations/new?kind={kind}", form)
    assert answer.status_code == 302, plain(answer.text)
    return answer.headers["Location"].rsplit("/", 1)[-1]


@pytest.mark.parametrize(
    ("kind", "heading"), [("policy_brief", "Write a policy brief"), ("policy_paper", "Write a policy paper")]
)
def test_parts_are_chosen_from_what_is_approved(stage: Stage, visit: Visit, kind: str, heading: str) -> None:
    lead = visit("washington-lead")
    assert f"new?kind={kind}" in lead.get("").text
    empty = plain(lead.get(f"recommendations/new?kind={kind}").text)
    assert heading in empty
    assert "There is none yet." in empty
    key = approved(stage)
    digest = _digest(stage, key)
    page = lead.get(f"recommendations/new?kind={kind}").text
    assert f'value="{digest}"' in page
    assert "USKZ.REC/1/09" in page
    assert digest not in lead.get("recommendations/new").text
    brief = _brief(stage, visit, digest, kind)
    shown = item_page(lead, brief)
    assert "USKZ.REC/1/09" in plain(shown)
    assert digest in shown
    editor = lead.get(f"recommendations/{brief}/edit").text
    (box,) = re.findall(rf'<input[^>]*value="{digest}"[^>]*>', editor)
    assert "checked" in box


def test_digest_that_the_list_does_not_offer_is_refused_and_the_text_kept(stage: Stage, visit: Visit) -> None:
    approved(stage)
    form = editor_form(title="My brief", includes=["0" * 64])
    answer = visit("washington-lead").post("recommendations/new?kind=policy_brief", form)
    assert answer.status_code == 422
    assert "My brief" in answer.text


def test_published_brief_shows_its_parts(stage: Stage, visit: Visit) -> None:
    key = approved(stage)
    digest = _digest(stage, key)
    brief = _brief(stage, visit, digest)
    cast = stage.cast
    with stage.app.app_context():
        recommendations.propose(cast["washington-lead"], brief, 1)
        for name in ("astana-lead", "astana-expert-1"):
            deliberation.take_position(cast[name], brief, 1, Stand.APPROVE)
        deliberation.agree_to_version(cast["astana-lead"], brief, 1)
        publication.approve(cast["coordinator"], brief, 1)
        publication.publish(cast["coordinator"], brief, 1)
        path = db.session.scalars(select(Publication.slug)).one()
    page = visit("washington-lead").client.get(f"/publications/{path}").text
    assert "Policy brief" in plain(page)
    assert "USKZ.REC/1/09" in plain(page)
    assert digest in page


def test_table_shows_and_narrows_by_kind_and_a_comparison_names_parts(stage: Stage, visit: Visit) -> None:
    digests = [_digest(stage, approved(stage, title=title)) for title in ("First part", "Second part")]
    brief = _brief(stage, visit, digests[0])
    lead = visit("washington-lead")
    table = plain(lead.get("recommendations?state=all").text)
    assert "A brief Policy brief" in " ".join(table.split())
    assert "First part" in table
    narrowed = plain(lead.get("recommendations?state=all&kind=policy_brief").text)
    assert "A brief" in narrowed
    assert "First part" not in narrowed
    assert "Policy brief" in lead.get("recommendations.csv?state=all").text
    form = editor_form(1, title="A brief", includes=[digests[1]])
    assert lead.post(f"recommendations/{brief}/edit", form).status_code == 302
    compared = plain(lead.get(f"recommendations/{brief}/compare").text)
    assert "USKZ .REC/1/09 First part" in compared
    assert "USKZ .REC/2/09 Second part" in compared
    assert digests[0] not in compared

"""Scenes for tests of the desk: texts brought somewhere in the procedure, and what a page shows of them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from reviewflow.domain.ballots import Stand
from reviewflow.persistence.db import db
from reviewflow.persistence.models.audit import EventRow
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import content
from tests.support.desk import Stage
from tests.support.visitors import Visitor

#: What somebody typed and must get back.
TYPED = "Words that took an hour to find."


def drafted(stage: Stage, **changes: Any) -> str:
    """A draft of Washington's first expert; returns its key."""
    key: str = stage.at(
        0, recommendations.create_recommendation, stage.cast["washington-expert-1"], content(**changes)
    )
    return key


def proposed(stage: Stage, **changes: Any) -> str:
    """The same, proposed an hour later."""
    key = drafted(stage, **changes)
    stage.at(1, recommendations.propose, stage.cast["washington-expert-1"], key, 1)
    return key


def carrying(stage: Stage, **changes: Any) -> str:
    """The same, with a ballot of Astana that carries."""
    key = proposed(stage, **changes)
    for hours, name in enumerate(("astana-expert-1", "astana-lead"), start=2):
        stage.at(hours, deliberation.take_position, stage.cast[name], key, 1, Stand.APPROVE)
    return key


def agreed(stage: Stage, **changes: Any) -> str:
    """The same, agreed to."""
    key = carrying(stage, **changes)
    stage.at(4, deliberation.agree_to_version, stage.cast["astana-lead"], key, 1)
    return key


def approved(stage: Stage, **changes: Any) -> str:
    """The same, approved for dissemination."""
    key = agreed(stage, **changes)
    stage.at(5, publication.approve, stage.cast["coordinator"], key, 1)
    return key


def published(stage: Stage, **changes: Any) -> str:
    """The same, published."""
    key = approved(stage, **changes)
    stage.at(6, publication.publish, stage.cast["coordinator"], key, 1)
    return key


def sent_back(stage: Stage, **changes: Any) -> str:
    """Proposed, approved of by Astana's expert, and sent back for changes."""
    key = proposed(stage, **changes)
    reviewer = stage.cast["astana-expert-1"]
    stage.at(2, deliberation.take_position, reviewer, key, 1, Stand.APPROVE)
    stage.at(3, deliberation.request_changes, reviewer, key, 1, "Say by when.")
    return key


def act(visitor: Visitor, key: str, name: str, version: int = 1, **fields: Any) -> TestResponse:
    """Send the form of an act."""
    return visitor.post(f"recommendations/{key}/acts/{name}", {"version": str(version), **fields})


def item_page(visitor: Visitor, key: str) -> str:
    """The page of an item, which must be there."""
    answer = visitor.get(f"recommendations/{key}")
    assert answer.status_code == 200, answer.text
    return answer.text


def event_count(app: Flask) -> int:
    """How many events all chains hold."""
    with app.app_context():
        return db.session.execute(select(func.count()).select_from(EventRow)).scalar_one()


def plain(html: str) -> str:
    """Words without tags, white space folded."""
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", html).split()))


def part(page: str, heading: str) -> str:
    """The words of the section under the heading with an id; empty if there is none."""
    found = re.search(rf'aria-labelledby="{heading}">(.*?)</section>', page, re.DOTALL)
    return plain(found[1]) if found else ""


def can_do(page: str) -> str:
    """The part "What you can do now" as it is written."""
    found = re.search(r'aria-labelledby="h-now">(.*?)</section>', page, re.DOTALL)
    assert found
    return found[1]

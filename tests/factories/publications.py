"""Published texts, taken there by the services: every step of the procedure, none left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reviewflow.domain.ballots import Stand
from reviewflow.domain.relations import corrigendum_to, successor_of
from reviewflow.gateways import clock
from reviewflow.services import deliberation, publication, recommendations
from tests.factories.task_forces import Cast, content

#: When the first text of a test is published; the steps before lie an hour apart.
PUBLISHED_AT = datetime(2009, 9, 24, 14, 0, tzinfo=UTC)


def agreed_text(cast: Cast, title: str = "A public timetable", **changes: object) -> str:
    """A text of the Washington group that Astana has agreed to; returns its key."""
    replaces, corrects = changes.pop("replaces", None), changes.pop("corrects", None)
    author, reviewer = cast["washington-expert-1"], cast["astana-expert-1"]
    follows = successor_of(str(replaces)) if replaces else corrigendum_to(str(corrects)) if corrects else None
    key = recommendations.create_recommendation(author, content(title, **changes), follows=follows)
    recommendations.propose(author, key, 1)
    deliberation.take_position(reviewer, key, 1, Stand.APPROVE)
    deliberation.take_position(cast["astana-lead"], key, 1, Stand.NO_OBJECTION)
    deliberation.agree_to_version(cast["astana-lead"], key, 1)
    return key


def published_text(
    cast: Cast, title: str = "A public timetable", *, at: datetime = PUBLISHED_AT, **changes: object
) -> str:
    """The same, approved and published at `at`; returns its key."""
    with clock.set_to(at - timedelta(hours=3)):
        key = agreed_text(cast, title, **changes)
    with clock.set_to(at - timedelta(hours=1)):
        publication.approve(cast["coordinator"], key, 1)
    with clock.set_to(at):
        publication.publish(cast["coordinator"], key, 1)
    return key

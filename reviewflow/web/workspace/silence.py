"""The instants of silence in forms: those to choose from, and the one that was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from reviewflow.domain.workflow import Action
from reviewflow.gateways import clock
from reviewflow.queries import silence
from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.web import times
from reviewflow.web.identity import current_actor
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext


@dataclass(frozen=True, slots=True)
class End:
    """One instant to choose: as a form sends it, as a reader reads it, and how it came about."""

    value: str
    shown: str
    remark: str


def ends_of_silence(action: Action, page: RecommendationPage) -> tuple[End, ...]:
    """The instants that an act on silence can name; none for other acts."""
    view = page.silence
    if action is Action.ACCEPT_SILENCE and view:
        return (_end(view.until, _("as proposed")),)
    if action is Action.PROPOSE_SILENCE and not view:
        return _counted(clock.now())
    if action is Action.EXTEND_SILENCE and view and view.running:
        asked = tuple(_end(until, _("asked for already")) for until in view.later)
        return asked + tuple(end for end in _counted(view.until) if end.value not in {e.value for e in asked})
    return ()


def _counted(start: datetime) -> tuple[End, ...]:
    return tuple(
        _end(
            until,
            ngettext("%(num)d working day in every capital", "%(num)d working days in every capital", days),
        )
        for days, until in silence.possible_ends(current_actor(), start)
    )


def _end(until: datetime, remark: str) -> End:
    return End(until.astimezone(UTC).isoformat(), times.capitals(until), remark)


def instant_of(written: str | None) -> datetime | None:
    """The instant that a form names; None for what is none, or has no zone."""
    try:
        at = datetime.fromisoformat(written or "")
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None

"""What the words of acts are made of: their form, the groups' names, and whom an act reaches."""

from __future__ import annotations

from dataclasses import dataclass

from reviewflow.queries.recommendations import RecommendationPage
from reviewflow.web.identity import current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.language import ngettext


@dataclass(frozen=True, slots=True)
class ActWords:
    """The words of an act: its button, what it does, whom it reaches, whether it can be undone."""

    button: str
    does: str
    reaches: str
    undone: str
    reason_label: str = ""


def group_name(group_id: int | None) -> str:
    """A group's short name; empty for nobody's."""
    group = current_place().directory.groups.get(group_id or 0)
    return group.short_name if group else ""


def counterpart_names(page: RecommendationPage) -> str:
    """The counterpart groups' short names."""
    return ", ".join(group_name(group) for group in page.counterparts)


def everybody(page: RecommendationPage) -> str:
    """Who sees the act: every group of the task force with its head count, and the coordinator."""
    groups = ", ".join(
        _("the %(group)s group (%(people)s)", group=group_name(group), people=_heads(group))
        for group in (*page.counterparts, page.group_id)
    )
    coordinators = current_place().directory.coordinators()
    return _("It reaches %(groups)s and %(name)s, coordinator.", groups=groups, name=coordinators)


def own_group(page: RecommendationPage) -> str:
    return _("It reaches your own group only (%(people)s).", people=_heads(page.group_id))


def _heads(group_id: int) -> str:
    count = sum(p.group_id == group_id for p in current_place().directory.members())
    return ngettext("%(num)d person", "%(num)d people", count)

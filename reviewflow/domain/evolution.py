"""What a decided event makes of an item: the one place where the value changes.

The database rows follow the value that `evolve` returns, and the model check explores with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reviewflow.domain.acts import CONSENTS, POSITIONS
from reviewflow.domain.ballots import Position
from reviewflow.domain.items import (
    Agreement,
    Approval,
    Item,
    State,
    Version,
    with_ballots,
    with_concern,
    with_position,
)
from reviewflow.domain.silence import Silence, SilenceOutcome
from reviewflow.domain.workflow import Action, Event


def evolve(
    item: Item,
    event: Event,
    *,
    rosters: Mapping[int, frozenset[int]] | None = None,
    version: Version | None = None,
) -> Item:
    """The item after `event`.

    `rosters` gives each counterpart group's voting members when a ballot opens; `version` is the new
    text of revise and amend. Raises ValueError when the event needs one of them and it is not there,
    or is not the one that was decided on.
    """
    suggestions = item.open_suggestions + event.suggestions
    new = replace(item, state=event.state, round=event.round, open_suggestions=suggestions)
    actor = event.actor
    if event.action in (Action.REVISE, Action.AMEND):
        if version is None:
            raise ValueError(f"{event.action} makes a version")
        if (version.number, version.digest) != (event.version, event.digest):
            raise ValueError(f"version {version.number} is not the one that was decided on")
        new = replace(new, head=version, authors=item.authors | {actor.person_id})
    if event.circulates:
        new = replace(new, circulated=new.head)
    if event.opens_ballots:
        if rosters is None or not rosters.keys() >= set(item.counterparts):
            raise ValueError(f"{event.action} opens a ballot in every counterpart group")
        new = with_ballots(new, dict(rosters))
    if event.action in POSITIONS and event.stand and actor.group_id:
        author = event.member or actor.person_id
        recorder = actor.person_id if event.action is Action.RECORD_POSITION else None
        position = Position(author, event.stand, new.round, new.head.number, new.head.digest, recorder)
        new = with_position(new, actor.group_id, position)
    if event.action is Action.TIE:
        new = replace(new, tied_by=actor.group_id)
    if event.action is Action.UNTIE or event.state is State.AGREED:
        new = replace(new, tied_by=None)
    if new.tied_by is None or event.circulates:
        new = replace(new, consented=frozenset())
    if event.action in (Action.RAISE_CONCERN, Action.END_CONCERN) and event.concern and actor.group_id:
        ended = event.action is Action.END_CONCERN
        new = with_concern(new, actor.group_id, event.concern, ended=ended)
    if event.action is Action.RECUSE:
        new = replace(new, recused=new.recused | {actor.person_id})
    if event.action is Action.REJOIN:
        new = replace(new, recused=new.recused - {actor.person_id})
    if event.action is Action.AGREE and actor.group_id:
        agreement = Agreement(actor.group_id, new.round, new.head.digest)
        new = replace(new, agreements=(*new.agreements, agreement))
    if event.ends_silence is SilenceOutcome.ADOPTED:
        adopted = tuple(Agreement(group, new.round, new.head.digest) for group in new.counterparts)
        new = replace(new, agreements=(*new.agreements, *adopted))
    if event.action is Action.APPROVE:
        new = replace(new, approvals=(*new.approvals, Approval(new.round, new.head.digest)))
    if event.action is Action.SCHEDULE:
        new = replace(new, publish_at=event.until)
    if event.action is Action.UNSCHEDULE or event.state is not State.APPROVED:
        new = replace(new, publish_at=None)
    return replace(new, silence=_silence_after(new, event))


def _silence_after(item: Item, event: Event) -> Silence | None:
    """The item's silence procedure after an event, which may have begun, prolonged or ended it."""
    if event.ends_silence:
        return None
    silence = item.silence
    if event.action is Action.PROPOSE_SILENCE and event.until:
        silence = Silence(event.until, frozenset())
    if silence and event.action in CONSENTS and event.until and event.actor.group_id:
        return silence.with_consent(event.actor.group_id, event.until, item.groups)
    return silence

"""One act of the procedure, from lock to chained event; every use-case of the table goes through here."""

from __future__ import annotations

from reviewflow.domain.actors import Actor
from reviewflow.domain.evolution import evolve
from reviewflow.domain.items import Item
from reviewflow.domain.items import Version as HeadVersion
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.workflow import Act, Action, Event, decide
from reviewflow.persistence import mapping
from reviewflow.persistence.repository import Loaded, lock_item
from reviewflow.services import anchors
from reviewflow.services.transaction import Entry, Work, transaction

#: Acts that save a text which the other groups see only once it is circulated.
_OWN_AFFAIR = frozenset({Action.CREATE, Action.REVISE})


def perform(actor: Actor, key: str, act: Act) -> Event:
    """Do one act that makes no new text.

    Raises what `domain.workflow.decide` raises, `NotFound` and `ConcurrentChange`; then nothing is
    written.
    """
    with transaction() as work:
        loaded = lock_item(work.session, actor.task_force_id, key)
        event = decide(actor, loaded.item, act)
        carry_out(work, loaded, event)
    return event


def carry_out(work: Work, loaded: Loaded, event: Event, *, internal: bool = False, **told: object) -> Item:
    """Write a decided event that makes no new text: act, ballots, symbol, item, waits and entry.

    `told` goes into the entry's data; an `internal` one is for the proposing group only.
    """
    after = evolve(loaded.item, event, rosters=loaded.party.voters)
    mapping.store_act(work.session, loaded, event, work.now)
    if event.opens_ballots:
        mapping.open_ballots(work.session, after, loaded.party, work.now)
    return _settle(work, loaded, event, after, internal=internal, **told)


def carry_out_text(
    work: Work, loaded: Loaded, event: Event, manifest: Manifest, note: str, **told: object
) -> Item:
    """Write a decided event that makes a new version: revise and amend; `told` as for `carry_out`."""
    row = mapping.add_version(
        work.session,
        loaded.item.id,
        event.version,
        manifest,
        author_id=event.actor.person_id,
        note=note,
        at=work.now,
    )
    anchors.carry_places(work, loaded, manifest, event.version)
    head = HeadVersion(row.number, row.digest, row.digest, row.open_brackets, tuple(row.missing))
    after = evolve(loaded.item, event, version=head)
    return _settle(work, loaded, event, after, internal=False, note=note, **told)


def _settle(
    work: Work, loaded: Loaded, event: Event, after: Item, *, internal: bool = False, **told: object
) -> Item:
    symbol = None
    if event.circulates:
        symbol = mapping.issue_draft_symbol(work.session, loaded, after, work.now)
    elif event.action is Action.APPROVE:
        symbol = mapping.issue_final_symbol(work.session, loaded, work.now)
    mapping.store_item(work.session, loaded, after, work.now)
    mapping.store_waits(work.session, loaded, after, work.now)
    work.record(entry_of(loaded, event, after, internal=internal, symbol=symbol, **told))
    return after


def entry_of(loaded: Loaded, event: Event, after: Item, *, internal: bool = False, **told: object) -> Entry:
    """The chained event of an act; empty values are left out of its data."""
    data: dict[str, object] = {
        "state": str(event.state),
        "round": event.round,
        "reason": event.reason,
        "stand": str(event.stand) if event.stand else "",
        **told,
    }
    hidden = internal or event.action in _OWN_AFFAIR or after.circulated is None
    return Entry(
        name=event.action,
        task_force_id=loaded.item.task_force_id,
        task_force=loaded.party.task_force_slug,
        actor_id=event.actor.person_id,
        item_id=loaded.item.id,
        item_key=loaded.row.key,
        version=event.version,
        digest=event.digest,
        data={name: value for name, value in data.items() if value not in ("", None)},
        internal_to=loaded.item.proposing_group if hidden else None,
    )

"""One act of the procedure, from lock to chained event; every use-case of the table goes through here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.audit import instant_text
from reviewflow.domain.errors import NotFound
from reviewflow.domain.evolution import evolve
from reviewflow.domain.items import Item
from reviewflow.domain.items import Version as HeadVersion
from reviewflow.domain.manifest import Manifest
from reviewflow.domain.memberships import Seat
from reviewflow.domain.silence import SilenceOutcome
from reviewflow.domain.steps import BREAK_SILENCE, STEPS, Step
from reviewflow.domain.workflow import Act, Action, Event, decide
from reviewflow.gateways import clock
from reviewflow.persistence import mapping
from reviewflow.persistence.repository import Loaded, lock_item, lock_items
from reviewflow.persistence.silence import store_silence
from reviewflow.queries.visible import sees_circulated, sees_own
from reviewflow.services import anchors, stand_ins
from reviewflow.services.transaction import Entry, Work, transaction

#: What the proposing group does within itself: a text that is not circulated yet, and who works on it.
_OWN_AFFAIR = frozenset({Action.CREATE, Action.REVISE, Action.RECUSE, Action.REJOIN})


def lock(work: Work, actor: Actor, key: str) -> Loaded:
    """Lock an item, and take the transaction's instant only then.

    Acts on an item are thereby in the order of their instants, and whether one came before silence
    expired is told by one clock, whoever waited for whom. Raises `NotFound`, also as `ask_seat` does, and
    `StandInOver`.
    """
    loaded = lock_item(
        work.session,
        actor.task_force_id,
        key,
        own_group=actor.group_id if sees_own(actor) else None,
        sees_circulated=sees_circulated(actor),
    )
    work.now = clock.now()
    if actor.stand_in:
        stand_ins.ask(work, actor, loaded)
    else:
        ask_seat(actor, loaded)
    return loaded


def ask_seat(actor: Actor, loaded: Loaded) -> None:
    """Whose seat has ended or changed while they waited for the lock finds nothing: raises `NotFound`."""
    seat = loaded.party.seats.get(actor.person_id)
    if actor.role is not Role.CLOCK and seat != Seat(actor.role, actor.group_id):
        raise NotFound()


def decided(work: Work, actor: Actor, loaded: Loaded, act: Act) -> Event:
    """What the rules make of an act on a locked item at the transaction's instant. Raises what they raise."""
    return decide(actor, loaded.item, replace(act, at=work.now))


def perform(actor: Actor, key: str, act: Act) -> Event:
    """Do one act that makes no new text.

    Raises what `domain.workflow.decide` raises, `NotFound` and `ConcurrentChange`; then nothing is
    written.
    """
    with transaction() as work:
        loaded = lock(work, actor, key)
        event = decided(work, actor, loaded, act)
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


def step_beside(loaded: Loaded, actor: Actor, name: str, person_id: int, told: Mapping[str, object]) -> Entry:
    """A step of a circulated text that is no act of the table and moves nothing; every group sees it.

    It is about a member of a group, `person_id`; `told` goes into the entry's data.
    """
    item = loaded.item
    assert item.circulated, "what is before a counterpart was circulated"
    return replace(
        beside(loaded, actor, name, **told, state=str(item.state), round=item.round),
        version=item.circulated.number,
        digest=item.circulated.digest,
        step=Step(actor.role, loaded.party.slugs[actor.group_id] if actor.group_id else None, person_id),
    )


def beside(loaded: Loaded, actor: Actor, name: str, /, **told: object) -> Entry:
    """An event about an item that is no act of the table: every group sees it, and it is about no version."""
    return Entry(
        name=name,
        task_force_id=loaded.item.task_force_id,
        task_force=loaded.party.task_force_slug,
        actor_id=actor.person_id,
        item_id=loaded.item.id,
        item_key=loaded.row.key,
        data=told,
    )


def _settle(
    work: Work, loaded: Loaded, event: Event, after: Item, *, internal: bool = False, **told: object
) -> Item:
    symbol = None
    if event.circulates:
        symbol = mapping.issue_draft_symbol(work.session, loaded, after, work.now)
    elif event.action is Action.APPROVE:
        symbol = mapping.issue_final_symbol(work.session, loaded, work.now)
    store_silence(work.session, loaded, event, after, work.now)
    mapping.store_item(work.session, loaded, after, work.now)
    mapping.store_waits(work.session, loaded, after, work.now)
    if loaded.item.consented and after.tied_by is not None and not after.consented:
        _ask_anew(work, loaded)
    entry = entry_of(loaded, event, after, internal=internal, symbol=symbol, **told)
    work.record(entry)
    if event.ends_silence is SilenceOutcome.BROKEN:
        # Also a suggestion breaks silence, which itself decides nothing.
        entry = replace(entry, step=_step(loaded, event))
        work.record(replace(entry, name=BREAK_SILENCE, data={"by": str(event.action)}))
    return after


def _ask_anew(work: Work, loaded: Loaded) -> None:
    """A text of a package has changed, so that no consent counts: say of the others who is waited for."""
    for companion in lock_items(work.session, sorted(loaded.companions)):
        mapping.store_item(work.session, companion, companion.item, work.now)
        mapping.store_waits(work.session, companion, companion.item, work.now)


def entry_of(loaded: Loaded, event: Event, after: Item, *, internal: bool = False, **told: object) -> Entry:
    """The chained event of an act; empty values are left out of its data.

    Its actor is who acted, and its data's `for` the member in whose name.
    """
    data: dict[str, object] = {
        "state": str(event.state),
        "round": event.round,
        "reason": event.reason,
        "stand": str(event.stand) if event.stand else "",
        "member": event.member,
        "means": event.means,
        "until": instant_text(event.until) if event.until else "",
        "silence": str(event.ends_silence or ""),
        "for": event.actor.person_id if event.actor.stand_in else None,
        **told,
    }
    hidden = internal or event.action in _OWN_AFFAIR or after.circulated is None
    decides = event.action in STEPS and not hidden
    return Entry(
        name=event.action,
        task_force_id=loaded.item.task_force_id,
        task_force=loaded.party.task_force_slug,
        actor_id=None if event.actor.role is Role.CLOCK else event.actor.by,
        item_id=loaded.item.id,
        item_key=loaded.row.key,
        version=event.version,
        digest=event.digest,
        data={name: value for name, value in data.items() if value not in ("", None)},
        internal_to=loaded.item.proposing_group if hidden else None,
        step=_step(loaded, event) if decides else None,
    )


def _step(loaded: Loaded, event: Event) -> Step:
    """Who took a step, as the evidence will tell it."""
    slugs, voters = loaded.party.slugs, loaded.party.voters
    opened = loaded.item.counterparts if event.opens_ballots else ()
    return Step(
        role=event.actor.role,
        group=slugs[event.actor.group_id] if event.actor.group_id else None,
        member=event.member,
        stand_in=event.actor.stand_in,
        rosters={slugs[group]: voters[group] for group in opened},
    )

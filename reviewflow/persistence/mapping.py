"""A decided event into rows: the item's row follows the evolved value, acts are added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.ballots import Stand
from reviewflow.domain.errors import ConcurrentChange
from reviewflow.domain.items import Item, Relation, RelationKind, State
from reviewflow.domain.manifest import Manifest, digest_of
from reviewflow.domain.symbols import FINAL, Series, Symbol, parse_symbol
from reviewflow.domain.waiting import Task, holders, tasks
from reviewflow.domain.workflow import Action, Event
from reviewflow.persistence.db import Instant, table_of
from reviewflow.persistence.models.deliberation import (
    AgreementRow,
    ApprovalRow,
    BallotRow,
    BallotVoter,
    PositionRow,
)
from reviewflow.persistence.models.recommendations import (
    IssuedSymbol,
    Recommendation,
    SymbolSeries,
    VersionPart,
    VersionSubject,
    Wait,
)
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.parties import Party
from reviewflow.persistence.repository import Loaded

_SUBJECT, _INCLUDED = insert(table_of(VersionSubject)), insert(table_of(VersionPart))


def add_version(
    session: Session,
    recommendation_id: int,
    number: int,
    manifest: Manifest,
    *,
    author_id: int,
    note: str,
    at: datetime,
) -> VersionRow:
    """Store an immutable version with the very bytes that its digest is taken of."""
    (row,) = add_versions(
        session, [(recommendation_id, manifest, note)], number=number, author_id=author_id, at=at
    )
    return row


def add_versions(
    session: Session,
    texts: Sequence[tuple[int, Manifest, str]],
    *,
    number: int,
    author_id: int,
    at: datetime,
) -> list[VersionRow]:
    """Store version `number` of several recommendations: (recommendation id, manifest, note) of each."""
    rows = [
        _version_row(manifest, recommendation_id=item, number=number, author_id=author_id, note=note, at=at)
        for item, manifest, note in texts
    ]
    session.add_all(rows)
    session.flush()
    subjects = [
        {"version_id": row.id, "facet": facet, "value": value}
        for row, (_, manifest, _) in zip(rows, texts, strict=True)
        for facet, values in (("addressee", manifest.addressees), ("commitment", manifest.commitments))
        for value in values
    ]
    if subjects:
        session.execute(_SUBJECT, subjects)
    included = [
        {"version_id": row.id, "ordinal": ordinal, "digest": digest}
        for row, (_, manifest, _) in zip(rows, texts, strict=True)
        for ordinal, digest in enumerate(manifest.includes, start=1)
    ]
    if included:
        session.execute(_INCLUDED, included)
    return rows


def _version_row(
    manifest: Manifest, *, recommendation_id: int, number: int, author_id: int, note: str, at: datetime
) -> VersionRow:
    wording = manifest.wording
    stored = manifest.canonical_bytes()
    bracketed, words = manifest.bracketed_share()
    return VersionRow(
        recommendation_id=recommendation_id,
        number=number,
        digest=digest_of(stored),
        manifest=stored,
        title=wording.title,
        dimension=manifest.dimension,
        open_brackets=manifest.open_brackets(),
        words=words,
        bracketed_words=bracketed,
        missing=list(manifest.missing()),
        folded="\n".join((wording.title, wording.summary, wording.text)).casefold(),
        author_id=author_id,
        note=note,
        created_at=at,
    )


_POSITION, _AGREEMENT, _APPROVAL = (insert(table_of(act)) for act in (PositionRow, AgreementRow, ApprovalRow))


def store_act(session: Session, loaded: Loaded, event: Event, at: datetime) -> None:
    """Add the position, agreement or approval that an event is about, on the head's digest."""
    actor, item = event.actor, loaded.item
    bound = {
        "recommendation_id": item.id,
        "person_id": actor.person_id,
        "round": event.round,
        "version_number": item.head.number,
        "digest": item.head.digest,
    }
    lent = {"stand_in_id": actor.stand_in.person if actor.stand_in else None}
    match event.action:
        case Action.TAKE_POSITION | Action.RECORD_POSITION | Action.RECUSE | Action.REJOIN:
            session.execute(_POSITION, {**bound, **lent, **_position(event), "taken_at": at})
        case Action.AGREE:
            session.execute(_AGREEMENT, {**bound, **lent, "group_id": actor.group_id, "agreed_at": at})
        case Action.APPROVE:
            session.execute(_APPROVAL, {**bound, "approved_at": at})


_BALLOT = insert(table_of(BallotRow)).returning(table_of(BallotRow).c.id)
_VOTER = insert(table_of(BallotVoter))


def _position(event: Event) -> dict[str, object]:
    """What a position's row says beside its text; recusals from the drafting are kept as positions too."""
    drafting = {Action.RECUSE: Stand.RECUSE, Action.REJOIN: Stand.WITHDRAWN}
    recorded = event.action is Action.RECORD_POSITION
    return {
        "person_id": event.member if recorded else event.actor.person_id,
        "group_id": event.actor.group_id,
        "stand": drafting.get(event.action, event.stand),
        "reason": event.reason,
        "recorded_by": event.actor.person_id if recorded else None,
        "means": event.means if recorded else "",
    }


def open_ballots(session: Session, item: Item, party: Party, at: datetime) -> None:
    """Open a ballot in every counterpart group, its roster frozen as the group is now."""
    for group_id in item.counterparts:
        ballot = {"recommendation_id": item.id, "group_id": group_id, "round": item.round, "opened_at": at}
        ballot_id = session.execute(_BALLOT, ballot).scalar_one()
        voters = [{"ballot_id": ballot_id, "person_id": person} for person in sorted(party.voters[group_id])]
        if voters:
            session.execute(_VOTER, voters)


_ITEMS = table_of(Recommendation)
_ITEM = update(_ITEMS).where(
    _ITEMS.c.id == bindparam("this"),
    _ITEMS.c.state == bindparam("state_before"),
    _ITEMS.c.round == bindparam("round_before"),
    _ITEMS.c.head_number == bindparam("head_before"),
)


def store_item(session: Session, loaded: Loaded, after: Item, at: datetime) -> None:
    """Bring the row to the evolved value, conditionally on what was locked.

    The condition repeats the lock on purpose: were the lock ever lost, no row would match, and the
    whole act is refused with `ConcurrentChange` instead of half of it being kept.
    """
    row, before = loaded.row, loaded.item
    parties = list(holders(after))
    moved = (before.state, before.round, list(row.holders)) != (after.state, after.round, parties)
    # The fields of `row` that issuing a symbol or publishing may have set are written by the same statement.
    changed = session.execute(
        _ITEM,
        {
            "this": row.id,
            "state_before": before.state,
            "round_before": before.round,
            "head_before": before.head.number,
            "state": after.state,
            "round": after.round,
            "head_number": after.head.number,
            "circulated_number": after.circulated.number if after.circulated else None,
            "symbol": row.symbol,
            "symbol_year": row.symbol_year,
            "symbol_number": row.symbol_number,
            "symbol_revision": row.symbol_revision,
            "final_symbol": row.final_symbol,
            "holders": parties,
            "first_holder": parties[0] if parties else None,
            "since": at if moved else row.since,
            "publish_at": after.publish_at,
            "documents_due": row.documents_due,
        },
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # CursorResult, as for every UPDATE
        raise ConcurrentChange()
    # The statement above wrote the row; the session must not write it a second time.
    session.expunge(row)


def store_waits(session: Session, loaded: Loaded, item: Item, at: datetime) -> None:
    """Recompute who can move the item; who waits for the same as before keeps their since-date."""
    before = loaded.waits
    now = {person: str(task) for person, task in tasks(item, loaded.party.members).items()}
    gone = [person for person in before if person not in now]
    if gone:
        session.execute(_NO_WAIT, {"item": item.id, "gone": gone})
    new = [
        {
            "recommendation_id": item.id,
            "person_id": person,
            "task_force_id": item.task_force_id,
            "task": task,
            "since": at,
        }
        for person, task in sorted(now.items())
        if before.get(person) != task
    ]
    if new:
        session.execute(_WAIT, new)


_WAITS = table_of(Wait)
_NO_WAIT = delete(_WAITS).where(
    _WAITS.c.recommendation_id == bindparam("item"),
    _WAITS.c.person_id.in_(bindparam("gone", expanding=True)),
)
#: Who waited for something else before gets the new task and a new since-date.
_WAIT = text(
    "INSERT INTO waits (recommendation_id, person_id, task_force_id, task, since)"
    " VALUES (:recommendation_id, :person_id, :task_force_id, :task, :since)"
    " ON CONFLICT (recommendation_id, person_id) DO UPDATE SET task = excluded.task, since = excluded.since"
).bindparams(bindparam("since", type_=Instant))


def issue_draft_symbol(session: Session, loaded: Loaded, after: Item, at: datetime) -> str | None:
    """The DR symbol of a newly circulated version; None if that version already has one."""
    row = loaded.row
    if after.circulated is None or row.circulated_number == after.circulated.number:
        return None
    current = parse_symbol(row.symbol) if row.symbol else None
    symbol = current.revised() if current else _next_symbol(session, loaded, "DR", at)
    row.symbol, row.symbol_revision = str(symbol), symbol.revision
    row.symbol_year, row.symbol_number = symbol.year, symbol.number
    _remember(session, loaded, symbol, after.head.number, at)
    return str(symbol)


def issue_final_symbol(session: Session, loaded: Loaded, at: datetime) -> str | None:
    """The symbol in its kind's series, given at the first approval and kept; None if it is there.

    A corrigendum has its original's, with the next number of its own.
    """
    if loaded.row.final_symbol is not None:
        return None
    if loaded.row.relation == RelationKind.CORRIGENDUM:
        symbol = _next_correction(session, loaded.row.original_id)
    else:
        symbol = _next_symbol(session, loaded, FINAL[loaded.row.kind], at)
    loaded.row.final_symbol = str(symbol)
    _remember(session, loaded, symbol, loaded.item.head.number, at)
    return str(symbol)


_SERIES = table_of(SymbolSeries)
_NEXT_NUMBER = (
    update(_SERIES)
    .where(
        _SERIES.c.task_force_id == bindparam("of_task_force"),
        _SERIES.c.series == bindparam("in_series"),
        _SERIES.c.year == bindparam("of_year"),
    )
    .values(last_number=_SERIES.c.last_number + 1)
    .returning(_SERIES.c.last_number)
)
_SYMBOL = insert(table_of(IssuedSymbol))


def _next_symbol(session: Session, loaded: Loaded, series: Series, at: datetime) -> Symbol:
    task_force_id = loaded.row.task_force_id
    asked = {"of_task_force": task_force_id, "in_series": series, "of_year": at.year}
    number = session.execute(_NEXT_NUMBER, asked).scalar_one_or_none()
    if number is None:
        number = 1
        first = {"task_force_id": task_force_id, "series": series, "year": at.year, "last_number": number}
        session.execute(insert(_SERIES), first)
    return Symbol(loaded.party.symbol_prefix, series, number, at.year)


def _next_correction(session: Session, original_id: int | None) -> Symbol:
    """The symbol of the next corrigendum; whoever approves it holds the lock of its original."""
    original = session.scalars(select(_ITEMS.c.final_symbol).where(_ITEMS.c.id == original_id)).one()
    given = session.scalars(
        select(func.count(_ITEMS.c.final_symbol)).where(
            _ITEMS.c.original_id == original_id, _ITEMS.c.relation == RelationKind.CORRIGENDUM
        )
    ).one()
    symbol = parse_symbol(original or "")
    assert symbol is not None, "what is corrected is published"
    return symbol.corrected(given + 1)


def _remember(session: Session, loaded: Loaded, symbol: Symbol, version: int, at: datetime) -> None:
    session.execute(
        _SYMBOL,
        {
            "task_force_id": loaded.row.task_force_id,
            "symbol": str(symbol),
            "recommendation_id": loaded.row.id,
            "version_number": version,
            "issued_at": at,
        },
    )


def add_recommendations(
    session: Session,
    actor: Actor,
    beginnings: Sequence[tuple[str, str, Relation | None, str | None]],
    *,
    at: datetime,
) -> list[Recommendation]:
    """New rows in `draft`, held by the actor's group: (key, kind, relation, imported from) of each."""
    rows = [
        Recommendation(
            key=key,
            task_force_id=actor.task_force_id,
            group_id=actor.group_id,
            kind=kind,
            state=State.DRAFT,
            round=0,
            head_number=1,
            circulated_number=None,
            symbol_revision=0,
            holders=[actor.group_id],
            first_holder=actor.group_id,
            since=at,
            created_at=at,
            relation=relation.kind if relation else None,
            original_id=relation.original if relation else None,
            imported_from=imported_from,
        )
        for key, kind, relation, imported_from in beginnings
    ]
    session.add_all(rows)
    session.flush()
    return rows


def add_first_waits(
    session: Session, rows: Sequence[Recommendation], people: frozenset[int], at: datetime
) -> None:
    """A new draft waits for its author and the group's leads (domain/waiting.py, in one statement)."""
    session.execute(
        insert(_WAITS),
        [
            {
                "recommendation_id": row.id,
                "person_id": person,
                "task_force_id": row.task_force_id,
                "task": Task.PROPOSE,
                "since": at,
            }
            for row in rows
            for person in sorted(people)
        ],
    )

"""The public snapshot of an approved text, taken once.

`record` of a publication holds what its page tells beside the text, as it was at that moment:

- task_force: name, disclaimer, notice
- groups: by id as text, each with name, short, letter, ordinal, city, time_zone
- proposing_group, addressees, commitments, language, created_at (an instant as text, like every `at`)
- symbols: every symbol that the item has had, the oldest first
- sheet: who circulated, agreed to and approved these words: as in the story, with role and name, and of
  an agreement the ballot's positions, voters and approvals (else 0); under the Chatham House Rule members of
  groups have neither, and nobody agreed in person by silence; who acted in another's name has that member's
  role, and their name as `principal`
- statements: the attachments in order, each with kind, group, for_group, name (empty for a group's own),
  text, version, at
- parts: the texts that a brief or paper includes, in order, each with symbol, digest and manifest: the very
  text of which the digest is taken
- corrects: of a corrigendum, the publication that it is to (symbol, path, title) and the words that it
  corrects, which an earlier corrigendum may have corrected before: their symbol, digest and manifest
- replaces: of a successor, the publication that it takes the place of (symbol, path, title, manifest)
- story: the circulation and discussion: event, at, group (null for the coordinator), version, reason
  and new symbol (empty where there is none). It names groups, not persons. Silence that was kept is an
  agreement of each counterpart group, with `silence` true.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.audit import instant_text
from reviewflow.domain.ballots import tally
from reviewflow.domain.manifest import Manifest, digest_of
from reviewflow.domain.silence import SilenceOutcome
from reviewflow.domain.symbols import parse_symbol, slug_of
from reviewflow.domain.workflow import Action
from reviewflow.gateways import paragraphs
from reviewflow.persistence import search
from reviewflow.persistence.db import table_of
from reviewflow.persistence.models.accounts import Membership, Person, TaskForce, WorkingGroup
from reviewflow.persistence.models.audit import EventRow
from reviewflow.persistence.models.publication import (
    Publication,
    PublicationAddressee,
    PublicationCommitment,
)
from reviewflow.persistence.models.statements import StatementRow
from reviewflow.persistence.repository import Loaded
from reviewflow.queries import parts
from reviewflow.services.transaction import Work

#: The events that an item's public story tells; what a group did among itself stays its own.
_STORY = (
    Action.PROPOSE,
    Action.RECALL,
    Action.REQUEST_CHANGES,
    Action.RESUBMIT,
    Action.AMEND,
    Action.AGREE,
    Action.EXPIRE_SILENCE,
    Action.DECLINE,
    Action.WITHDRAW,
    Action.REOPEN,
    Action.RETURN,
    Action.APPROVE,
)
#: Those whose reasons are said to the other side; why a group takes its own text back is its affair.
_SAID_TO_OTHERS = frozenset({Action.REQUEST_CHANGES, Action.RESUBMIT, Action.DECLINE, Action.RETURN})
_BY_PROPOSER = frozenset(
    {Action.PROPOSE, Action.RECALL, Action.RESUBMIT, Action.AMEND, Action.WITHDRAW, Action.REOPEN}
)
_BY_COORDINATOR = frozenset({Action.RETURN, Action.APPROVE})
#: The acts on the approval sheet, as far as they were about the published words.
_SHEET = frozenset({Action.PROPOSE, Action.RESUBMIT, Action.AMEND, Action.AGREE, Action.APPROVE})


_PUBLICATION = insert(table_of(Publication)).returning(table_of(Publication).c.id)
_ADDRESSEE = insert(table_of(PublicationAddressee))
_COMMITMENT = insert(table_of(PublicationCommitment))


def take(work: Work, loaded: Loaded, actor: Actor) -> Publication:
    """Store the snapshot of an item's approved head; the database's own barrier checks it again.

    What is returned is not in the session: nobody changes a publication.
    """
    manifest = Manifest.from_bytes(loaded.manifest)
    wording = manifest.wording
    symbol = parse_symbol(loaded.row.final_symbol or "")
    assert symbol is not None, "an approved item has its final symbol"
    corrects_id, told = _original(work.session, loaded, manifest)
    snapshot = {
        "task_force_id": loaded.item.task_force_id,
        "recommendation_id": loaded.item.id,
        "symbol": str(symbol),
        "slug": f"{symbol.slug()}-{slug_of(wording.title)}",
        "version_number": loaded.item.head.number,
        "digest": digest_of(loaded.manifest),
        "manifest": loaded.manifest,
        "title": wording.title,
        "summary": wording.summary,
        "dimension": manifest.dimension,
        "text_html": paragraphs.published_text(wording.text),
        "rationale_html": paragraphs.published_rationale(wording.rationale),
        "record": {**_record(work.session, loaded, manifest), **told},
        "corrects_id": corrects_id,
        "published_by": None if actor.role is Role.CLOCK else actor.person_id,
        "published_at": work.now,
    }
    publication = Publication(id=work.session.execute(_PUBLICATION, snapshot).scalar_one(), **snapshot)
    if manifest.addressees:
        work.session.execute(
            _ADDRESSEE,
            [{"addressee": a, "publication_id": publication.id} for a in manifest.addressees],
        )
    if manifest.commitments:
        work.session.execute(
            _COMMITMENT, [{"commitment": c, "publication_id": publication.id} for c in manifest.commitments]
        )
    search.put(work.session.connection(), publication.id, search.words_of(manifest))
    return publication


def _original(
    session: Session, loaded: Loaded, manifest: Manifest
) -> tuple[int | None, dict[str, dict[str, str]]]:
    """The publication that a corrigendum is to, and what a record says of the text that this one follows."""
    if loaded.item.relation is None:
        return None, {}
    original = session.scalars(
        select(Publication).where(Publication.recommendation_id == loaded.item.relation.original)
    ).one()
    told = {"symbol": original.symbol, "path": original.slug, "title": original.title}
    if not manifest.corrects:
        return None, {"replaces": told | {"manifest": original.manifest.decode()}}
    # A corrigendum that was retracted and published anew is there twice: the newest holds.
    words = session.execute(
        select(Publication.symbol, Publication.manifest)
        .where(or_(Publication.id == original.id, Publication.corrects_id == original.id))
        .where(Publication.digest == manifest.corrects)
        .order_by(Publication.id.desc())
        .limit(1)
    ).one()
    told |= {"words": words.symbol, "digest": manifest.corrects, "manifest": words.manifest.decode()}
    return original.id, {"corrects": told}


_GROUPS = (
    select(WorkingGroup, TaskForce.name, TaskForce.disclaimer, TaskForce.notice, TaskForce.chatham_house)
    .join(TaskForce, TaskForce.id == WorkingGroup.task_force_id)
    .where(TaskForce.id == bindparam("task_force"))
    .order_by(WorkingGroup.ordinal)
)


def _record(session: Session, loaded: Loaded, manifest: Manifest) -> dict[str, object]:
    """What the page tells beside the text, as plain JSON values (see the module's description)."""
    task_force_id = loaded.item.task_force_id
    groups = {}
    task_force = {}
    chatham_house = False
    for group, name, disclaimer, notice, rule in session.execute(_GROUPS, {"task_force": task_force_id}):
        task_force = {"name": name, "disclaimer": disclaimer, "notice": notice}
        chatham_house = rule
        groups[str(group.id)] = {
            "name": group.name,
            "short": group.short_name,
            "letter": group.letter,
            "ordinal": group.ordinal,
            "city": group.city,
            "time_zone": group.time_zone,
        }
    sheet, story = _acts(session, loaded, chatham_house)
    return {
        "task_force": task_force,
        "groups": groups,
        "proposing_group": loaded.item.proposing_group,
        "addressees": list(manifest.addressees),
        "commitments": list(manifest.commitments),
        "language": manifest.authentic_language,
        "created_at": instant_text(loaded.row.created_at),
        # Each was given by an act that the story tells.
        "symbols": [told["symbol"] for told in story if told["symbol"]],
        "sheet": sheet,
        "story": story,
        "statements": _statements(session, loaded, chatham_house),
        "parts": [
            {
                "symbol": text.part.symbol,
                "digest": text.part.digest,
                "path": text.path,
                "manifest": text.stored.decode(),
            }
            for text in parts.included(session, task_force_id, manifest.includes)
        ],
    }


_STATEMENTS = (
    select(StatementRow, Person.name)
    .join(Person, Person.id == StatementRow.person_id)
    .where(StatementRow.recommendation_id == bindparam("item"), StatementRow.withdrawn_at.is_(None))
    .order_by(StatementRow.id)
)


def _statements(session: Session, loaded: Loaded, chatham_house: bool) -> list[dict[str, Any]]:
    """The attachments in the order of their numbers; a group's own has no name of a person."""
    return [
        {
            "kind": made.kind,
            "group": made.group_id,
            "for_group": made.for_group,
            "name": "" if made.for_group or chatham_house else name,
            "text": made.text,
            "version": made.version_number,
            "at": instant_text(made.made_at),
        }
        for made, name in session.execute(_STATEMENTS, {"item": loaded.item.id})
    ]


_TOLD = (
    select(EventRow, Person.name, Membership.role, Membership.group_id)
    .join(Person, Person.id == EventRow.actor_id, isouter=True)
    .join(
        Membership,
        (Membership.person_id == EventRow.actor_id) & (Membership.task_force_id == EventRow.task_force_id),
        isouter=True,
    )
    .where(EventRow.recommendation_id == bindparam("item"), EventRow.name.in_(_STORY))
    .where(EventRow.internal_to.is_(None))
    .order_by(EventRow.sequence)
)


def _acts(
    session: Session, loaded: Loaded, chatham_house: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The approval sheet and the story, from the item's events that every group may see.

    Under the Chatham House Rule the sheet names groups and not their people: the other side reads it too.
    """
    story, sheet = [], []
    for event, name, role, group in session.execute(_TOLD, {"item": loaded.item.id}):
        action = Action(event.name)
        data = json.loads(event.data)
        sides: tuple[int | None, ...] = (_group_of(loaded, action, group),)
        silent = {}
        if action is Action.EXPIRE_SILENCE:
            # Silence that ended otherwise at its instant told nobody anything.
            kept = data.get("silence") == SilenceOutcome.ADOPTED
            action, sides, silent = Action.AGREE, loaded.item.counterparts if kept else (), {"silence": True}
        same_words = (data.get("round"), event.digest) == (loaded.item.round, loaded.item.head.digest)
        for side in sides:
            told: dict[str, Any] = {
                "event": str(action),
                "at": instant_text(event.at),
                "group": side,
                "version": event.version_number,
                "reason": data.get("reason", "") if action in _SAID_TO_OTHERS else "",
                "symbol": data.get("symbol", ""),
                **silent,
            }
            story.append(told)
            if action in _SHEET and same_words:
                hidden = silent or (chatham_house and action not in _BY_COORDINATOR)
                whose = {"name": "", "role": ""} if hidden else {"name": name, "role": role}
                if "for" in data and not hidden:
                    whose |= _principal(session, event.task_force_id, data["for"])
                counted = (
                    {"positions": 0, "voters": 0, "approvals": 0} if silent else _tally(loaded, action, side)
                )
                sheet.append({**told, **whose, **counted})
    return sheet, story


def _principal(session: Session, task_force_id: int, person_id: int) -> dict[str, str]:
    """The name and the role of the member in whose name an act was done."""
    seat = session.get_one(Membership, (task_force_id, person_id))
    return {"principal": session.get_one(Person, person_id).name, "role": seat.role}


def _group_of(loaded: Loaded, action: Action, group: int | None) -> int | None:
    """The group that acted, also where its member has left since: a side is for ever."""
    if action in _BY_COORDINATOR:
        return None
    return loaded.item.proposing_group if action in _BY_PROPOSER else group


def _tally(loaded: Loaded, action: Action, group: int | None) -> dict[str, int]:
    """How the ballot behind an agreement stood; nobody can change a position after it."""
    ballot = loaded.item.ballot_of(group or 0)
    if action is not Action.AGREE or ballot is None:
        return {"positions": 0, "voters": 0, "approvals": 0}
    outcome = tally(ballot, loaded.item.head.digest)
    return {"positions": outcome.positions, "voters": outcome.voters, "approvals": outcome.approvals}

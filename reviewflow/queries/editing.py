"""What the editor shows: the text to start from, the working text kept, and what somebody else saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from reviewflow.domain.actors import Actor
from reviewflow.domain.brackets import Bracket, find_brackets
from reviewflow.domain.errors import NotFound, WrongState
from reviewflow.domain.items import State
from reviewflow.domain.manifest import WORDED, Content, Manifest
from reviewflow.domain.relations import Follows
from reviewflow.domain.text import Block, split_blocks
from reviewflow.domain.workflow import Act, Action, decide, decide_creation
from reviewflow.gateways import clock
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import WorkingGroup
from reviewflow.persistence.models.recommendations import Recommendation, WorkingText
from reviewflow.persistence.models.recommendations import Version as VersionRow
from reviewflow.persistence.repository import Loaded, load_item
from reviewflow.queries.events import Happened, newest_events, stop
from reviewflow.queries.originals import Newer, newer_words, original_of
from reviewflow.queries.parts import Includable, includable, included
from reviewflow.queries.visible import visible_items


@dataclass(frozen=True, slots=True)
class Kept:
    """A working text: what its author had typed, the note, the version it began from (0: unknown), when.

    `corrects` is the digest of the published words that it corrects, if others than its version.
    """

    content: Content
    note: str
    base: int
    at: datetime
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """What a new text starts from; `follows` is the symbol of the published text, if it follows one."""

    content: Content
    language: str
    group_id: int
    kept: Kept | None = None
    follows: str = ""
    includable: tuple[Includable, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved version: its words, who saved it, when and with which note."""

    number: int
    content: Content
    author_id: int
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Editable:
    """A recommendation in the editor. `closed` says why its text can't be revised now, if it can't.

    `stopped_by` is why it came back, if it did; `newer` what a corrigendum has to take in.
    """

    key: str
    symbol: str | None
    state: State
    language: str
    group_id: int
    circulated: bool
    head: Saved
    kept: Kept | None
    closed: WrongState | None
    stopped_by: Happened | None
    includable: tuple[Includable, ...] = ()
    newer: Newer | None = None


@dataclass(frozen=True, slots=True)
class OpenBracket:
    """An open bracket of the head: the `index`-th of its field, within the paragraph `block`."""

    field: str
    index: int
    bracket: Bracket
    block: Block

    @property
    def options(self) -> tuple[str, ...]:
        """The wordings that it offers, each once; taking it out is offered beside them."""
        return tuple(dict.fromkeys(words for words in self.bracket.alternatives if words))

    @property
    def before(self) -> str:
        """The paragraph up to the bracket."""
        return self.block.text[: self.bracket.start - self.block.start]

    @property
    def after(self) -> str:
        """The paragraph from the bracket on."""
        return self.block.text[self.bracket.end - self.block.start :]


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A proposed text and what is still open in it."""

    key: str
    symbol: str | None
    title: str
    language: str
    version: int
    counterparts: tuple[int, ...]
    brackets: tuple[OpenBracket, ...]


_GROUP = select(WorkingGroup.language, WorkingGroup.id).where(WorkingGroup.id == bindparam("group"))


def blank(
    actor: Actor, slot: str | None, follows: Follows | None = None, kind: str = "recommendation"
) -> Blank:
    """What a new text of the actor's group starts from; one that `follows` a published text, from its words.

    `slot` is None where what was kept does not matter, because a form was sent. Raises `NotPermitted`, and
    for `follows` `NotFound` and `InvalidInput`.
    """
    decide_creation(actor, "")
    language, group_id = db.session.execute(_GROUP, {"group": actor.group_id}).one()
    original = original_of(db.session(), actor, follows) if follows else None
    content = original.manifest.content() if original else Content("", kind=kind)
    symbol = original.symbol if original else ""
    kept = _kept(actor, slot, content.kind) if slot else None
    return Blank(content, language, group_id, kept, symbol, _choice(actor, content))


def _choice(actor: Actor, content: Content, newer: Content | None = None) -> tuple[Includable, ...]:
    """What a brief or paper can include now, after what it includes already, or does in `newer` words."""
    if content.kind == "recommendation":
        return ()
    session = db.session()
    digests = tuple(dict.fromkeys((*content.includes, *(newer.includes if newer else ()))))
    known = {
        text.part.digest: Includable(text.part.digest, text.part.symbol, text.manifest.wording.title)
        for text in included(session, actor.task_force_id, digests)
    }
    return tuple((known | {text.digest: text for text in includable(session, actor)}).values())


def editable(actor: Actor, key: str) -> Editable:
    """A recommendation as the editor shows it to who may revise it.

    Raises `NotFound` and `NotPermitted` as the table does; a state in which nothing can be revised is
    told in `closed`, since whoever has typed already must see their words.
    """
    loaded = _load(actor, key)
    closed = None
    try:
        # The digest differs from the head's, so that the guards of the act itself are met.
        decide(actor, loaded.item, Act(Action.REVISE, loaded.item.head.number, digest=""))
    except WrongState as refusal:
        closed = refusal
    head = _saved(loaded.item.id, loaded.item.head.number)
    assert head is not None, "an item has its head"
    manifest = Manifest.from_bytes(loaded.manifest)
    newer = None if closed else newer_words(db.session(), loaded.item, manifest)
    return Editable(
        key=loaded.row.key,
        symbol=loaded.row.symbol,
        state=loaded.item.state,
        language=manifest.authentic_language,
        group_id=loaded.item.proposing_group,
        circulated=loaded.item.circulated is not None,
        head=head,
        kept=_kept(actor, key, head.content.kind),
        includable=_choice(actor, head.content, newer.content if newer else None),
        newer=newer,
        closed=closed,
        stopped_by=stop(newest_events(db.session(), actor, loaded.item.id), loaded.item.state),
    )


def saved_version(actor: Actor, key: str, number: int) -> Saved | None:
    """One version of an item that the actor's own group may revise; None if there is none of that number.

    Raises `NotFound` as for an item that does not exist.
    """
    item_id = db.session.scalars(
        select(Recommendation.id).where(
            Recommendation.key == key,
            Recommendation.task_force_id == actor.task_force_id,
            Recommendation.group_id == actor.group_id,
        )
    ).one_or_none()
    if item_id is None:
        raise NotFound()
    return _saved(item_id, number)


def bracketed(actor: Actor, key: str) -> Bracketed:
    """A proposed text with its open brackets. Raises what `decide` raises for amend."""
    loaded = _load(actor, key)
    head = loaded.item.version_for(actor)
    decide(
        actor,
        loaded.item,
        Act(
            Action.AMEND,
            head.number if head else None,
            digest="",
            only_brackets_cleaned=True,
            at=clock.now(),
        ),
    )
    manifest = Manifest.from_bytes(loaded.manifest)
    return Bracketed(
        key=loaded.row.key,
        symbol=loaded.row.symbol,
        title=manifest.wording.title,
        language=manifest.authentic_language,
        version=loaded.item.head.number,
        counterparts=loaded.item.counterparts,
        brackets=tuple(
            found for field in WORDED for found in open_brackets(field, getattr(manifest.wording, field))
        ),
    )


def open_count(actor: Actor, key: str) -> int:
    """How many brackets are open in the newest version that the actor's own group sees."""
    return db.session.scalars(
        select(VersionRow.open_brackets)
        .join(
            Recommendation,
            (VersionRow.recommendation_id == Recommendation.id)
            & (VersionRow.number == Recommendation.head_number),
        )
        .where(
            Recommendation.key == key,
            Recommendation.task_force_id == actor.task_force_id,
            Recommendation.group_id == actor.group_id,
        )
    ).one()


def open_brackets(field: str, text: str) -> list[OpenBracket]:
    """The open brackets of one field, each with the paragraph that it stands in."""
    blocks = split_blocks(text)
    return [
        OpenBracket(field, index, bracket, next(b for b in blocks if b.start <= bracket.start < b.end))
        for index, bracket in enumerate(find_brackets(text))
    ]


def _load(actor: Actor, key: str) -> Loaded:
    row = db.session.scalars(
        select(Recommendation).where(visible_items(actor), Recommendation.key == key)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return load_item(db.session(), row)


def _saved(item_id: int, number: int) -> Saved | None:
    row = db.session.execute(
        select(
            VersionRow.number,
            VersionRow.manifest,
            VersionRow.author_id,
            VersionRow.note,
            VersionRow.created_at,
        ).where(VersionRow.recommendation_id == item_id, VersionRow.number == number)
    ).one_or_none()
    if row is None:
        return None
    return Saved(
        row.number, Manifest.from_bytes(row.manifest).content(), row.author_id, row.note, row.created_at
    )


def _kept(actor: Actor, slot: str, kind: str) -> Kept | None:
    """The actor's own working text; whatever was stored is read as far as it fits the editor."""
    row = db.session.execute(
        select(WorkingText.fields, WorkingText.base_number, WorkingText.saved_at).where(
            WorkingText.person_id == actor.person_id,
            WorkingText.task_force_id == actor.task_force_id,
            WorkingText.slot == slot,
        )
    ).one_or_none()
    if row is None:
        return None

    def text(name: str) -> str:
        value = row.fields.get(name)
        return value if isinstance(value, str) else ""

    def values(name: str) -> tuple[str, ...]:
        found = row.fields.get(name)
        return tuple(v for v in found if isinstance(v, str)) if isinstance(found, list) else ()

    content = Content(
        title=text("title"),
        text=text("text"),
        summary=text("summary"),
        rationale=text("rationale"),
        dimension=text("dimension"),
        addressees=values("addressees"),
        commitments=values("commitments"),
        kind=kind,
        includes=values("includes"),
    )
    return Kept(content, text("note"), row.base_number, row.saved_at, text("corrected_words"))

"""Recommendations, their immutable versions, their symbols, and the working text of each writer."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant


class Recommendation(Base):
    """The item that travels the procedure. `key` names it in addresses; ids never leave the house.

    `holders` lists the parties waited for (see domain/waiting.py), `first_holder` is the first of them
    for the index, and `since` the instant from which.
    `publish_at` is when the clock publishes it. `original_id` is the published item that it follows from, as
    its `relation` says: its successor or corrigendum. The `symbol_*` columns are those of its DR symbol, for
    sorting; `symbol` is what a page shows.
    """

    __tablename__ = "recommendations"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'proposed', 'changes_requested', 'agreed', 'approved', 'published',"
            " 'superseded', 'retracted', 'withdrawn', 'declined')",
            name="state",
        ),
        Index("ix_recommendations_by_symbol", "task_force_id", "symbol_year", "symbol_number", "id"),
        Index("ix_recommendations_by_since", "task_force_id", "since", "id"),
        Index("ix_recommendations_by_state", "task_force_id", "state", "symbol_year", "symbol_number", "id"),
        # What is waited for, the oldest first; and a group's own, which may not have a symbol yet.
        Index("ix_recommendations_held", "task_force_id", "state", "first_holder", "since", "id"),
        Index(
            "ix_recommendations_own",
            "task_force_id",
            "group_id",
            "state",
            "symbol_year",
            "symbol_number",
            "id",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("working_groups.id"))
    kind: Mapped[str] = mapped_column(String(20), default="recommendation")
    state: Mapped[str] = mapped_column(String(20))
    round: Mapped[int] = mapped_column(default=0)
    head_number: Mapped[int] = mapped_column(default=1)
    circulated_number: Mapped[int | None]
    symbol: Mapped[str | None] = mapped_column(String(60))
    symbol_year: Mapped[int | None]
    symbol_number: Mapped[int | None]
    symbol_revision: Mapped[int] = mapped_column(default=0)
    final_symbol: Mapped[str | None] = mapped_column(String(60))
    holders: Mapped[list[int]] = mapped_column(JSON, default=list)
    first_holder: Mapped[int | None]
    since: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    relation: Mapped[str | None] = mapped_column(String(12))
    original_id: Mapped[int | None] = mapped_column(ForeignKey("recommendations.id"), index=True)
    imported_from: Mapped[str | None] = mapped_column(String(64), index=True)
    publish_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    #: Since when documents or evidence of what was published are to be made; None where nothing is left.
    documents_due: Mapped[datetime | None] = mapped_column(Instant, index=True)


class Version(Base):
    """An immutable, numbered text; `manifest` is the very bytes of which `digest` is the SHA-256.

    What follows `manifest` is read off it once, for lists and guards. `folded` is casefolded text,
    since SQLite's LIKE knows ASCII only. `bracketed_words` of `words` stand in open brackets; both are None
    where a version was stored before they were counted.
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("recommendation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    manifest: Mapped[bytes] = mapped_column(LargeBinary)
    title: Mapped[str] = mapped_column(String(400))
    dimension: Mapped[str] = mapped_column(String(40))
    open_brackets: Mapped[int]
    words: Mapped[int | None]
    bracketed_words: Mapped[int | None]
    missing: Mapped[list[str]] = mapped_column(JSON)
    folded: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)


class VersionSubject(Base):
    """An addressee or commitment of a version, for filters; `facet` is `addressee` or `commitment`."""

    __tablename__ = "version_subjects"
    __table_args__ = (Index("ix_version_subjects_value", "facet", "value", "version_id"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    facet: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(40), primary_key=True)


class VersionPart(Base):
    """A text that a version of a brief or paper includes: read off its manifest, in its order."""

    __tablename__ = "version_parts"

    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))


class IssuedSymbol(Base):
    """A symbol given to one version: never changed, never reused, and it resolves for ever."""

    __tablename__ = "symbols"

    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    symbol: Mapped[str] = mapped_column(String(60), primary_key=True)
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"), index=True)
    version_number: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(Instant)


class SymbolSeries(Base):
    """The last number given in a series of a year."""

    __tablename__ = "symbol_series"

    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(8), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int]


class WorkingText(Base):
    """What somebody is typing, saved on its own; `slot` is a recommendation's key, or `new`."""

    __tablename__ = "working_texts"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    slot: Mapped[str] = mapped_column(String(16), primary_key=True)
    base_number: Mapped[int]
    fields: Mapped[dict[str, object]] = mapped_column(JSON)
    saved_at: Mapped[datetime] = mapped_column(Instant)


class Wait(Base):
    """What one person can move now: "Waiting for you", recomputed with each event of the item."""

    __tablename__ = "waits"
    __table_args__ = (Index("ix_waits_person", "person_id", "task_force_id", "since", "recommendation_id"),)

    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"))
    task: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime] = mapped_column(Instant)

"""Publications: the immutable public snapshots, their documents, the notices outside them, the pages."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from reviewflow.persistence.db import Base, Instant, partial_index


class Publication(Base):
    """What was published, byte for byte. `record` says who agreed and when, and how it came about.

    `corrects_id` is the publication that this one is a corrigendum to.
    """

    __tablename__ = "publications"
    __table_args__ = (
        Index("ix_publications_recent", "task_force_id", "published_at", "id"),
        Index("ix_publications_dimension", "task_force_id", "dimension", "published_at", "id"),
        # What a search asks of each hit, so that it need not read past the text to find it.
        Index("ix_publications_found", "id", "task_force_id", "dimension", "published_at"),
        # Of corrigenda only: with all the others in it, SQLite reads every publication instead.
        partial_index("ix_publications_corrects_id", "corrects_id", where="corrects_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_force_id: Mapped[int] = mapped_column(ForeignKey("task_forces.id"))
    recommendation_id: Mapped[int] = mapped_column(ForeignKey("recommendations.id"), unique=True)
    symbol: Mapped[str] = mapped_column(String(60), unique=True)
    slug: Mapped[str] = mapped_column(String(140), unique=True)
    version_number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    manifest: Mapped[bytes] = mapped_column(LargeBinary)
    title: Mapped[str] = mapped_column(String(400))
    summary: Mapped[str] = mapped_column(Text)
    dimension: Mapped[str] = mapped_column(String(40))
    text_html: Mapped[str] = mapped_column(Text)
    rationale_html: Mapped[str] = mapped_column(Text)
    record: Mapped[dict[str, object]] = mapped_column(JSON)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    published_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    published_at: Mapped[datetime] = mapped_column(Instant)


class PublicationAddressee(Base):
    """An addressee of a publication, for the public lists."""

    __tablename__ = "publication_addressees"

    addressee: Mapped[str] = mapped_column(String(40), primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)


class PublicationCommitment(Base):
    """A commitment that a publication is about, for the public lists."""

    __tablename__ = "publication_commitments"

    commitment: Mapped[str] = mapped_column(String(40), primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)


class PublicationDocument(Base):
    """A publication in one format, as it was made once from the snapshot and is served since."""

    __tablename__ = "publication_documents"

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    format: Mapped[str] = mapped_column(String(20), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Instant)


class SigningKey(Base):
    """The public part of a key that signs evidence: in force until a later one is.

    The secret part is in no table; `public` has 64 hexadecimal digits.
    """

    __tablename__ = "signing_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[str] = mapped_column(String(64), unique=True)
    since: Mapped[datetime] = mapped_column(Instant)


class PublicationNotice(Base):
    """That a publication was superseded (by which) or retracted (with the public explanation)."""

    __tablename__ = "publication_notices"
    __table_args__ = (CheckConstraint("kind IN ('superseded', 'retracted')", name="kind"),)

    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    explanation: Mapped[str] = mapped_column(Text, default="")
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("publications.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class PublicPage(Base):
    """A publication's page as it is served: built when publishing, so that a read is one query."""

    __tablename__ = "public_pages"

    path: Mapped[str] = mapped_column(String(160), primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), index=True)
    etag: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)

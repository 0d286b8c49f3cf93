"""The documents of each publication, made once from its snapshot and then read as they are."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "publication_documents",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_publication_documents_publication_id")
        ),
        sa.PrimaryKeyConstraint("publication_id", "format", name=op.f("pk_publication_documents")),
    )
    _bar_changes()


def _bar_changes() -> None:
    """A document is what readers have downloaded and cite: it stays, also against SQL."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for change in ("UPDATE", "DELETE"):
        refusal = (
            "BEGIN SELECT RAISE(ABORT, 'publication_documents is append-only'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER publication_documents_no_{change.lower()}"
            f" BEFORE {change} ON publication_documents {refusal}"
        )
    if not sqlite:
        op.execute(
            "CREATE TRIGGER publication_documents_no_truncate BEFORE TRUNCATE ON publication_documents"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )

"""The commitments of each publication as rows, so that the public can browse by them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    commitments = op.create_table(
        "publication_commitments",
        sa.Column("commitment", sa.String(length=40), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_publication_commitments_publication_id")
        ),
        sa.PrimaryKeyConstraint("commitment", "publication_id", name=op.f("pk_publication_commitments")),
    )
    publications = sa.table("publications", sa.column("id", sa.Integer), sa.column("record", sa.JSON))
    rows = [
        {"commitment": commitment, "publication_id": row.id}
        for row in op.get_bind().execute(sa.select(publications.c.id, publications.c.record))
        for commitment in row.record["commitments"]
    ]
    op.bulk_insert(commitments, rows)
    _bar_changes()


def _bar_changes() -> None:
    """What is recorded of a publication stays, also against SQL (product.md, rule 6)."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for change in ("UPDATE", "DELETE"):
        refusal = (
            "BEGIN SELECT RAISE(ABORT, 'publication_commitments is append-only'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER publication_commitments_no_{change.lower()}"
            f" BEFORE {change} ON publication_commitments {refusal}"
        )
    if not sqlite:
        op.execute(
            "CREATE TRIGGER publication_commitments_no_truncate BEFORE TRUNCATE ON publication_commitments"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )

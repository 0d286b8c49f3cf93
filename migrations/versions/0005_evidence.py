"""What evidence needs: events with a half that may be shown, and the public parts of the keys that sign."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # What was recorded before keeps its form, which the absence of a salt tells (domain/audit.py).
    op.add_column("events", sa.Column("salt", sa.String(length=64), nullable=True))
    op.add_column("events", sa.Column("step", sa.Integer(), nullable=True))
    op.add_column("events", sa.Column("shown", sa.Text(), nullable=True))
    op.create_index("uq_events_step", "events", ["recommendation_id", "step"], unique=True)
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("public", name=op.f("uq_signing_keys_public")),
    )
    _bar_changes()


def _bar_changes() -> None:
    """A key that was announced stays announced, or what it signed could not be checked any more."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for change in ("UPDATE", "DELETE"):
        refusal = (
            "BEGIN SELECT RAISE(ABORT, 'signing_keys is append-only'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER signing_keys_no_{change.lower()} BEFORE {change} ON signing_keys {refusal}"
        )
    if not sqlite:
        op.execute(
            "CREATE TRIGGER signing_keys_no_truncate BEFORE TRUNCATE ON signing_keys"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )

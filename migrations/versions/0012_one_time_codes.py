"""One-time codes at the door, and recovery codes for who has lost the telephone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "one_time_keys",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_one_time_keys_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_one_time_keys")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("person_id", "digest", name=op.f("pk_recovery_codes")),
    )

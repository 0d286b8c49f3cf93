"""Mails tell what waits for somebody, as they choose, and nothing twice."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("people", sa.Column("notices", sa.String(8), nullable=False, server_default="daily"))
    op.add_column("people", sa.Column("notice_at", sa.DateTime(timezone=True)))
    op.create_table(
        "told_waits",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_told_waits_person_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_told_waits_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "recommendation_id", name=op.f("pk_told_waits")),
    )

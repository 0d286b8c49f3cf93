"""The instant at which the clock publishes an approved text."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Added without a batch, which on SQLite would build the table anew and lose its triggers.
    op.add_column("recommendations", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_recommendations_publish_at", "recommendations", ["publish_at"])

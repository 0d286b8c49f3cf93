"""What was published is marked until its documents and evidence are made."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Nothing is marked here: the worker takes stock when it starts.
    op.add_column("recommendations", sa.Column("documents_due", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_recommendations_documents_due", "recommendations", ["documents_due"])

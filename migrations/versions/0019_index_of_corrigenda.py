"""The index of what is corrected holds corrigenda only.

With every other publication in it, SQLite took it for useless and read all publications instead.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    corrigenda = sa.text("corrects_id IS NOT NULL")
    op.drop_index("ix_publications_corrects_id", "publications")
    op.create_index(
        "ix_publications_corrects_id",
        "publications",
        ["corrects_id"],
        sqlite_where=corrigenda,
        postgresql_where=corrigenda,
    )

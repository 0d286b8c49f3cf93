"""People's names have spellings in Russian and Kazakh."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for language in ("ru", "kk"):
        op.add_column(
            "people", sa.Column(f"name_{language}", sa.String(200), nullable=False, server_default="")
        )

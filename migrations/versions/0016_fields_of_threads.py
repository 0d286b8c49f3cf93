"""A thread's words may stand in the title, the summary or the rationale, and not in the text alone."""

from collections.abc import Sequence

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # In one statement that both databases know, so that the table is not built anew under its comments.
    op.execute(
        "ALTER TABLE threads ADD COLUMN field VARCHAR(12) DEFAULT 'text' NOT NULL"
        " CONSTRAINT ck_threads_field CHECK (field IN ('title', 'summary', 'text', 'rationale'))"
    )

"""Threads that are older than stored places stand where they were set."""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # In the version that they were set on nothing has to be looked for; from there they are carried on.
    op.execute(
        "INSERT INTO placements (thread_id, version_number, hold, paragraph, start_at, end_at)"
        " SELECT t.id, t.version_number, 'exact', t.paragraph, t.start_at, t.end_at FROM threads t"
        " WHERE t.paragraph IS NOT NULL AND NOT EXISTS (SELECT 1 FROM placements p"
        " WHERE p.thread_id = t.id AND p.version_number = t.version_number)"
    )

"""The words of each publication, by which readers find it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from reviewflow.domain.manifest import Manifest
from reviewflow.persistence import search

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    connection = op.get_bind()
    search.create(connection)
    op.create_index(
        "ix_publications_found", "publications", ["id", "task_force_id", "dimension", "published_at"]
    )
    publications = sa.table("publications", sa.column("id"), sa.column("manifest", sa.LargeBinary))
    ids = connection.scalars(sa.select(publications.c.id).order_by(publications.c.id)).all()
    for number in ids:
        stored = connection.scalar(sa.select(publications.c.manifest).where(publications.c.id == number))
        search.put(connection, number, search.words_of(Manifest.from_bytes(stored)))

"""How a text follows from a published one: as its successor or as a corrigendum to it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Written out, because on SQLite a batch would build the tables anew and lose their triggers.
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("ALTER TABLE recommendations RENAME COLUMN replaces_id TO original_id")
    op.execute("ALTER TABLE recommendations ADD COLUMN relation VARCHAR(12)")
    op.execute("UPDATE recommendations SET relation = 'successor' WHERE original_id IS NOT NULL")
    named = "" if sqlite else "CONSTRAINT fk_publications_corrects_id "
    op.execute(f"ALTER TABLE publications ADD COLUMN corrects_id INTEGER {named}REFERENCES publications (id)")
    if not sqlite:
        op.execute(
            "ALTER TABLE recommendations RENAME CONSTRAINT fk_recommendations_replaces_id"
            " TO fk_recommendations_original_id"
        )
    op.create_index("ix_recommendations_original_id", "recommendations", ["original_id"])
    op.create_index("ix_publications_corrects_id", "publications", ["corrects_id"])

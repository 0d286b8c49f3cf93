"""People sign in through another house, whose account is linked to theirs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "provider_links",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_provider_links_person_id")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_links")),
        sa.UniqueConstraint("issuer", "person_id", name=op.f("uq_provider_links_issuer_person_id")),
    )
    op.create_index("ix_provider_links_person_id", "provider_links", ["person_id"])

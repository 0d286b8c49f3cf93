"""What became of publications: responses of addressees, and assessments of implementation."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "follow_up_responses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("addressee", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("source_title", sa.String(length=300), nullable=False),
        sa.Column("source_url", sa.String(length=2000), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('supported', 'noted', 'already_under_way', 'under_consideration')",
            name=op.f("ck_follow_up_responses_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'under_consideration') = (until IS NOT NULL)", name=op.f("ck_follow_up_responses_until")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_follow_up_responses_publication_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["people.id"], name=op.f("fk_follow_up_responses_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_responses")),
    )
    op.create_index("ix_follow_up_responses_publication", "follow_up_responses", ["publication_id", "id"])
    op.create_table(
        "follow_up_assessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("implementation", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("source_title", sa.String(length=300), nullable=False),
        sa.Column("source_url", sa.String(length=2000), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "implementation IN ('fully', 'mostly', 'partially', 'not', 'not_assessed')",
            name=op.f("ck_follow_up_assessments_implementation"),
        ),
        sa.CheckConstraint("length(evidence) > 0", name=op.f("ck_follow_up_assessments_evidence")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_follow_up_assessments_publication_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["people.id"], name=op.f("fk_follow_up_assessments_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_assessments")),
    )
    op.create_index("ix_follow_up_assessments_publication", "follow_up_assessments", ["publication_id", "id"])
    for table in ("follow_up_responses", "follow_up_assessments"):
        _bar_changes(table)


def _bar_changes(table: str) -> None:
    """What was recorded stays as it was; whoever was wrong records a correction."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for change in ("UPDATE", "DELETE"):
        refusal = (
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {refusal}")
    if not sqlite:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )

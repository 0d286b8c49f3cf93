"""The parts of policy briefs and papers, and that a published one has only approved parts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: A part of the published version that no item of the task force has as its approved text.
UNAPPROVED_PART = """
    EXISTS (SELECT 1 FROM versions v JOIN version_parts p ON p.version_id = v.id
        WHERE v.recommendation_id = NEW.recommendation_id AND v.number = NEW.version_number
        AND NOT EXISTS (SELECT 1 FROM recommendations r
            JOIN versions w ON w.recommendation_id = r.id AND w.number = r.head_number
            JOIN approvals a ON a.recommendation_id = r.id AND a.round = r.round AND a.digest = w.digest
            WHERE w.digest = p.digest AND r.task_force_id = NEW.task_force_id
            AND r.state IN ('approved', 'published')))
"""
WORDS = "a part is not approved"


def upgrade() -> None:
    op.create_table(
        "version_parts",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_version_parts_version_id")),
        sa.PrimaryKeyConstraint("version_id", "ordinal", name=op.f("pk_version_parts")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    _bar_changes(sqlite)
    trigger = "CREATE TRIGGER publications_only_approved_parts BEFORE INSERT ON publications"
    if sqlite:
        op.execute(f"{trigger} WHEN {UNAPPROVED_PART} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END")
        return
    op.execute(
        "CREATE FUNCTION refuse_unapproved_part() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN IF {UNAPPROVED_PART} THEN RAISE EXCEPTION '{WORDS}'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"{trigger} FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_part()")


def _bar_changes(sqlite: bool) -> None:
    """A version is immutable, and so is what it includes (product.md, Words)."""
    for change in ("UPDATE", "DELETE"):
        refusal = (
            "BEGIN SELECT RAISE(ABORT, 'version_parts is append-only'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER version_parts_no_{change.lower()} BEFORE {change} ON version_parts {refusal}"
        )
    if not sqlite:
        op.execute(
            "CREATE TRIGGER version_parts_no_truncate BEFORE TRUNCATE ON version_parts"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )

"""Invitations, and seats that end: they stay, and their side is for ever."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Nobody changes sides, not even with SQL (product.md, rule 4).
_MOVED = (
    "OLD.task_force_id <> NEW.task_force_id OR OLD.person_id <> NEW.person_id"
    " OR OLD.group_id IS DISTINCT FROM NEW.group_id"
)
#: The same for SQLite before 3.39.
_MOVED_SQLITE = _MOVED.replace("IS DISTINCT FROM", "IS NOT")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("memberships", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id", "task_force_id"],
            ["working_groups.id", "working_groups.task_force_id"],
            name=op.f("fk_invitations_group_id_task_force_id"),
        ),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_invitations_task_force_id")
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["people.id"], name=op.f("fk_invitations_invited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitations_secret_hash")),
    )
    op.create_index(op.f("ix_invitations_task_force_id"), "invitations", ["task_force_id"])
    if sqlite:
        op.execute(
            f"CREATE TRIGGER memberships_keep_side BEFORE UPDATE ON memberships WHEN {_MOVED_SQLITE}"
            " BEGIN SELECT RAISE(ABORT, 'nobody changes sides'); END"
        )
        op.execute(
            "CREATE TRIGGER memberships_no_delete BEFORE DELETE ON memberships"
            " BEGIN SELECT RAISE(ABORT, 'memberships is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_changed_side() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {_MOVED} THEN RAISE EXCEPTION 'nobody changes sides'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER memberships_keep_side BEFORE UPDATE ON memberships"
        " FOR EACH ROW EXECUTE FUNCTION refuse_changed_side()"
    )
    op.execute(
        "CREATE TRIGGER memberships_no_delete BEFORE DELETE ON memberships"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )

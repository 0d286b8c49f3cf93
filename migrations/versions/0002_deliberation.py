"""Deliberation: anchors, concerns, suggestions, silence, statements, packages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Tables of this migration whose rows nobody may change or remove; `positions` is built anew on SQLite.
APPEND_ONLY = ("positions", "silence_consents", "package_consents")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column(
        "task_forces", sa.Column("chatham_house", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("versions", sa.Column("words", sa.Integer(), nullable=True))
    op.add_column("versions", sa.Column("bracketed_words", sa.Integer(), nullable=True))
    op.add_column("threads", sa.Column("kind", sa.String(12), server_default="comment", nullable=False))
    op.add_column("threads", sa.Column("language", sa.String(8), nullable=True))
    op.add_column("threads", sa.Column("start_at", sa.Integer(), nullable=True))
    op.add_column("threads", sa.Column("end_at", sa.Integer(), nullable=True))
    op.add_column("threads", sa.Column("outcome", sa.String(12), nullable=True))
    _create_tables()
    # Written out, since adding a column with a reference would build the whole table anew on SQLite.
    op.execute(
        "ALTER TABLE agreements ADD COLUMN silence_id INTEGER"
        " CONSTRAINT fk_agreements_silence_id REFERENCES silences (id)"
    )
    with op.batch_alter_table("positions") as positions:
        positions.add_column(sa.Column("recorded_by", sa.Integer(), nullable=True))
        positions.add_column(sa.Column("means", sa.String(200), server_default="", nullable=False))
        positions.create_foreign_key(op.f("fk_positions_recorded_by"), "people", ["recorded_by"], ["id"])
        positions.drop_constraint(op.f("ck_positions_stand"), type_="check")
        positions.create_check_constraint(
            op.f("ck_positions_stand"),
            "stand IN ('approve', 'no_objection', 'object', 'abstain', 'recuse', 'withdrawn')",
        )
        positions.create_check_constraint(
            op.f("ck_positions_recorded_means"), "(recorded_by IS NULL) = (length(means) = 0)"
        )
    for table in APPEND_ONLY:
        if sqlite:
            _bar_changes_on_sqlite(table)
        elif table != "positions":  # Only SQLite has lost its triggers.
            _bar_changes_on_postgresql(table)


def _bar_changes_on_sqlite(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _bar_changes_on_postgresql(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _create_tables() -> None:
    op.create_table(
        "packages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("tied_by", sa.Integer(), nullable=False),
        sa.Column("tied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.CheckConstraint("outcome IN ('agreed', 'untied')", name=op.f("ck_packages_outcome")),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_packages_ended")),
        sa.ForeignKeyConstraint(["group_id"], ["working_groups.id"], name=op.f("fk_packages_group_id")),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_packages_task_force_id")
        ),
        sa.ForeignKeyConstraint(["tied_by"], ["people.id"], name=op.f("fk_packages_tied_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
        sa.UniqueConstraint("key", name=op.f("uq_packages_key")),
    )
    with op.batch_alter_table("packages") as batch_op:
        batch_op.create_index(batch_op.f("ix_packages_task_force_id"), ["task_force_id"], unique=False)

    op.create_table(
        "package_items",
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_package_items_package_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_package_items_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("package_id", "recommendation_id", name=op.f("pk_package_items")),
    )
    with op.batch_alter_table("package_items") as batch_op:
        batch_op.create_index(
            "uq_package_items_tied",
            ["recommendation_id"],
            unique=True,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )

    op.create_table(
        "package_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_groups.id"], name=op.f("fk_package_consents_group_id")
        ),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_package_consents_package_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_package_consents_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_consents")),
        sa.UniqueConstraint(
            "package_id", "group_id", "seal", name=op.f("uq_package_consents_package_id_group_id_seal")
        ),
    )

    op.create_table(
        "silences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('adopted', 'broken', 'refused', 'withdrawn')", name=op.f("ck_silences_outcome")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_silences_ended")),
        sa.ForeignKeyConstraint(["ended_by"], ["people.id"], name=op.f("fk_silences_ended_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_silences_proposed_by")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_silences_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    with op.batch_alter_table("silences") as batch_op:
        batch_op.create_index(
            "ix_silences_due",
            ["until"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_silences_open",
            ["recommendation_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "statements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("for_group", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('interpretative', 'reservation', 'dissent')", name=op.f("ck_statements_kind")
        ),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_statements_text")),
        sa.ForeignKeyConstraint(["group_id"], ["working_groups.id"], name=op.f("fk_statements_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_statements_person_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_statements_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint("key", name=op.f("uq_statements_key")),
    )
    with op.batch_alter_table("statements") as batch_op:
        batch_op.create_index("ix_statements_recommendation", ["recommendation_id", "id"], unique=False)

    op.create_table(
        "placements",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("hold", sa.String(length=12), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=True),
        sa.Column("start_at", sa.Integer(), nullable=True),
        sa.Column("end_at", sa.Integer(), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name=op.f("fk_placements_confirmed_by")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_placements_thread_id")),
        sa.PrimaryKeyConstraint("thread_id", "version_number", name=op.f("pk_placements")),
    )
    op.create_table(
        "silence_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("silence_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_groups.id"], name=op.f("fk_silence_consents_group_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_silence_consents_person_id")),
        sa.ForeignKeyConstraint(["silence_id"], ["silences.id"], name=op.f("fk_silence_consents_silence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence_consents")),
        sa.UniqueConstraint(
            "silence_id", "group_id", "until", name=op.f("uq_silence_consents_silence_id_group_id_until")
        ),
    )
    op.create_table(
        "suggestions",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("result_version", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'rejected', 'withdrawn', 'superseded')",
            name=op.f("ck_suggestions_state"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_suggestions_decided_by")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_suggestions_thread_id")),
        sa.PrimaryKeyConstraint("thread_id", name=op.f("pk_suggestions")),
    )

"""The first schema."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Tables whose rows nobody may change or remove, as they stood when this migration was written.
APPEND_ONLY = (
    "versions",
    "version_subjects",
    "symbols",
    "ballots",
    "ballot_voters",
    "positions",
    "agreements",
    "approvals",
    "events",
    "publications",
    "publication_addressees",
    "publication_notices",
)

#: What it means that a row may not be set to `published` (product.md, rule 1).
NOT_APPROVED = """
    NOT EXISTS (
        SELECT 1 FROM approvals a
        JOIN versions v ON v.recommendation_id = NEW.id AND v.number = NEW.head_number
        WHERE a.recommendation_id = NEW.id AND a.round = NEW.round AND a.digest = v.digest)
    OR NOT EXISTS (
        SELECT 1 FROM publications p
        JOIN versions v ON v.recommendation_id = NEW.id AND v.number = NEW.head_number
        WHERE p.recommendation_id = NEW.id AND p.digest = v.digest AND p.manifest = v.manifest)
    OR NOT EXISTS (
        SELECT 1 FROM working_groups g
        WHERE g.task_force_id = NEW.task_force_id AND g.id <> NEW.group_id)
    OR EXISTS (
        SELECT 1 FROM working_groups g
        WHERE g.task_force_id = NEW.task_force_id AND g.id <> NEW.group_id AND NOT EXISTS (
            SELECT 1 FROM agreements a
            JOIN versions v ON v.recommendation_id = NEW.id AND v.number = NEW.head_number
            WHERE a.recommendation_id = NEW.id AND a.group_id = g.id
              AND a.round = NEW.round AND a.digest = v.digest))
"""
#: The same of a publication: exactly the approved bytes of the item's head.
NOT_PUBLISHABLE = """
    NOT EXISTS (
        SELECT 1 FROM recommendations r
        JOIN versions v ON v.recommendation_id = r.id AND v.number = r.head_number
        JOIN approvals a ON a.recommendation_id = r.id AND a.round = r.round AND a.digest = v.digest
        WHERE r.id = NEW.recommendation_id AND r.state = 'approved'
          AND r.task_force_id = NEW.task_force_id AND v.number = NEW.version_number
          AND v.digest = NEW.digest AND v.manifest = NEW.manifest)
    OR EXISTS (
        SELECT 1 FROM recommendations r
        JOIN working_groups g ON g.task_force_id = r.task_force_id AND g.id <> r.group_id
        WHERE r.id = NEW.recommendation_id AND NOT EXISTS (
            SELECT 1 FROM agreements a
            WHERE a.recommendation_id = r.id AND a.group_id = g.id
              AND a.round = r.round AND a.digest = NEW.digest))
"""
#: The public states, each only from the one before it.
PUBLIC_CHANGE = """
    (NEW.state = 'published' AND OLD.state NOT IN ('approved', 'published'))
    OR (NEW.state IN ('superseded', 'retracted') AND OLD.state NOT IN ('published', NEW.state))
    OR (OLD.state IN ('published', 'superseded', 'retracted')
        AND NEW.state NOT IN ('published', 'superseded', 'retracted'))
    OR (NEW.state IN ('published', 'superseded', 'retracted')
        AND OLD.state IN ('published', 'superseded', 'retracted')
        AND (NEW.head_number <> OLD.head_number OR NEW.round <> OLD.round
             OR NEW.group_id <> OLD.group_id OR NEW.task_force_id <> OLD.task_force_id))
"""


def _sqlite_barriers() -> list[str]:
    statements = []
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            statements.append(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    statements.append(
        "CREATE TRIGGER recommendations_start_as_draft BEFORE INSERT ON recommendations "
        "WHEN NEW.state <> 'draft' OR NEW.round <> 0 "
        "BEGIN SELECT RAISE(ABORT, 'a recommendation starts as a draft'); END"
    )
    statements.append(
        "CREATE TRIGGER recommendations_published_means_approved BEFORE UPDATE ON recommendations "
        f"WHEN (NEW.state = 'published' AND OLD.state <> 'published' AND ({NOT_APPROVED})) "
        f"OR ({PUBLIC_CHANGE}) "
        "BEGIN SELECT RAISE(ABORT, 'published means approved'); END"
    )
    statements.append(
        "CREATE TRIGGER publications_only_approved BEFORE INSERT ON publications "
        f"WHEN {NOT_PUBLISHABLE} BEGIN SELECT RAISE(ABORT, 'published means approved'); END"
    )
    return statements


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _refusal(name: str, condition: str, words: str) -> str:
    return _function(name, f"IF {condition} THEN RAISE EXCEPTION '{words}'; END IF; RETURN NEW;")


def _postgresql_barriers() -> list[str]:
    unapproved = f"(NEW.state = 'published' AND OLD.state <> 'published' AND ({NOT_APPROVED}))"
    statements = [
        _function("refuse_change", "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;"),
        _refusal(
            "refuse_start", "NEW.state <> 'draft' OR NEW.round <> 0", "a recommendation starts as a draft"
        ),
        _refusal("refuse_unapproved", f"{unapproved} OR ({PUBLIC_CHANGE})", "published means approved"),
        _refusal("refuse_unapproved_publication", NOT_PUBLISHABLE, "published means approved"),
    ]
    for table in APPEND_ONLY:
        for change in ("UPDATE", "DELETE"):
            statements.append(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
        statements.append(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    statements.append(
        "CREATE TRIGGER recommendations_start_as_draft BEFORE INSERT ON recommendations "
        "FOR EACH ROW EXECUTE FUNCTION refuse_start()"
    )
    statements.append(
        "CREATE TRIGGER recommendations_published_means_approved BEFORE UPDATE ON recommendations "
        "FOR EACH ROW EXECUTE FUNCTION refuse_unapproved()"
    )
    statements.append(
        "CREATE TRIGGER publications_only_approved BEFORE INSERT ON publications "
        "FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_publication()"
    )
    return statements


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("affiliation", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    op.create_table(
        "task_forces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("symbol_prefix", sa.String(length=16), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("disclaimer", sa.String(length=2000), nullable=False),
        sa.Column("notice", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_forces")),
        sa.UniqueConstraint("slug", name=op.f("uq_task_forces_slug")),
        sa.UniqueConstraint("symbol_prefix", name=op.f("uq_task_forces_symbol_prefix")),
    )
    op.create_table(
        "chain_heads",
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_chain_heads_task_force_id")
        ),
        sa.PrimaryKeyConstraint("task_force_id", name=op.f("pk_chain_heads")),
    )
    op.create_table(
        "symbol_series",
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=8), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_symbol_series_task_force_id")
        ),
        sa.PrimaryKeyConstraint("task_force_id", "series", "year", name=op.f("pk_symbol_series")),
    )
    op.create_table(
        "working_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column("letter", sa.String(length=2), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("holiday_country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_working_groups_task_force_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_groups")),
        sa.UniqueConstraint("id", "task_force_id", name=op.f("uq_working_groups_id_task_force_id")),
        sa.UniqueConstraint("task_force_id", "ordinal", name=op.f("uq_working_groups_task_force_id_ordinal")),
        sa.UniqueConstraint("task_force_id", "slug", name=op.f("uq_working_groups_task_force_id_slug")),
    )
    op.create_table(
        "working_texts",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(length=16), nullable=False),
        sa.Column("base_number", sa.Integer(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_working_texts_person_id")),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_working_texts_task_force_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "task_force_id", "slot", name=op.f("pk_working_texts")),
    )
    op.create_table(
        "memberships",
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(role IN ('lead', 'expert', 'observer')) = (group_id IS NOT NULL)",
            name=op.f("ck_memberships_one_side"),
        ),
        sa.CheckConstraint(
            "role IN ('lead', 'expert', 'observer', 'coordinator', 'administrator')",
            name=op.f("ck_memberships_role"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "task_force_id"],
            ["working_groups.id", "working_groups.task_force_id"],
            name=op.f("fk_memberships_group_id_task_force_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_memberships_person_id")),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_memberships_task_force_id")
        ),
        sa.PrimaryKeyConstraint("task_force_id", "person_id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_person_id"), ["person_id"], unique=False)

    op.create_table(
        "recommendations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("head_number", sa.Integer(), nullable=False),
        sa.Column("circulated_number", sa.Integer(), nullable=True),
        sa.Column("symbol", sa.String(length=60), nullable=True),
        sa.Column("symbol_year", sa.Integer(), nullable=True),
        sa.Column("symbol_number", sa.Integer(), nullable=True),
        sa.Column("symbol_revision", sa.Integer(), nullable=False),
        sa.Column("final_symbol", sa.String(length=60), nullable=True),
        sa.Column("holders", sa.JSON(), nullable=False),
        sa.Column("first_holder", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("imported_from", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'changes_requested', 'agreed', 'approved', 'published',"
            " 'superseded', 'retracted', 'withdrawn', 'declined')",
            name=op.f("ck_recommendations_state"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["working_groups.id"], name=op.f("fk_recommendations_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["recommendations.id"], name=op.f("fk_recommendations_replaces_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_recommendations_task_force_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendations")),
        sa.UniqueConstraint("key", name=op.f("uq_recommendations_key")),
    )
    with op.batch_alter_table("recommendations", schema=None) as batch_op:
        batch_op.create_index("ix_recommendations_by_since", ["task_force_id", "since", "id"], unique=False)
        batch_op.create_index(
            "ix_recommendations_by_state",
            ["task_force_id", "state", "symbol_year", "symbol_number", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_recommendations_by_symbol",
            ["task_force_id", "symbol_year", "symbol_number", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_recommendations_held",
            ["task_force_id", "state", "first_holder", "since", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_recommendations_own",
            ["task_force_id", "group_id", "state", "symbol_year", "symbol_number", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_recommendations_imported_from"), ["imported_from"], unique=False)

    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["working_groups.id"], name=op.f("fk_agreements_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_agreements_person_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_agreements_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint(
            "recommendation_id",
            "group_id",
            "round",
            "digest",
            name=op.f("uq_agreements_recommendation_id_group_id_round_digest"),
        ),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_approvals_person_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_approvals_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint(
            "recommendation_id", "round", "digest", name=op.f("uq_approvals_recommendation_id_round_digest")
        ),
    )
    op.create_table(
        "ballots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["working_groups.id"], name=op.f("fk_ballots_group_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_ballots_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballots")),
        sa.UniqueConstraint(
            "recommendation_id", "group_id", "round", name=op.f("uq_ballots_recommendation_id_group_id_round")
        ),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("internal_to", sa.Integer(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_events_actor_id")),
        sa.ForeignKeyConstraint(["internal_to"], ["working_groups.id"], name=op.f("fk_events_internal_to")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_events_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_events_task_force_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("task_force_id", "previous", name=op.f("uq_events_task_force_id_previous")),
        sa.UniqueConstraint("task_force_id", "sequence", name=op.f("uq_events_task_force_id_sequence")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_news", ["task_force_id", "internal_to", "sequence"], unique=False)
        batch_op.create_index("ix_events_recommendation", ["recommendation_id", "sequence"], unique=False)

    op.create_table(
        "positions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("stand", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stand <> 'object' OR length(reason) > 0", name=op.f("ck_positions_objection_reason")
        ),
        sa.CheckConstraint(
            "stand IN ('approve', 'no_objection', 'object', 'abstain', 'recuse')",
            name=op.f("ck_positions_stand"),
        ),
        sa.ForeignKeyConstraint(["group_id"], ["working_groups.id"], name=op.f("fk_positions_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_positions_person_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_positions_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_positions")),
    )
    with op.batch_alter_table("positions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_positions_recommendation", ["recommendation_id", "group_id", "person_id", "id"], unique=False
        )

    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("slug", sa.String(length=140), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.Column("rationale_html", sa.Text(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name=op.f("fk_publications_published_by")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_publications_recommendation_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_force_id"], ["task_forces.id"], name=op.f("fk_publications_task_force_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("recommendation_id", name=op.f("uq_publications_recommendation_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_publications_slug")),
        sa.UniqueConstraint("symbol", name=op.f("uq_publications_symbol")),
    )
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publications_digest"), ["digest"], unique=False)
        batch_op.create_index(
            "ix_publications_dimension", ["task_force_id", "dimension", "published_at", "id"], unique=False
        )
        batch_op.create_index("ix_publications_recent", ["task_force_id", "published_at", "id"], unique=False)

    op.create_table(
        "symbols",
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_symbols_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_symbols_task_force_id")),
        sa.PrimaryKeyConstraint("task_force_id", "symbol", name=op.f("pk_symbols")),
    )
    with op.batch_alter_table("symbols", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_symbols_recommendation_id"), ["recommendation_id"], unique=False)

    op.create_table(
        "threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("paragraph", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("NOT internal OR group_id IS NOT NULL", name=op.f("ck_threads_internal_group")),
        sa.ForeignKeyConstraint(["group_id"], ["working_groups.id"], name=op.f("fk_threads_group_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_threads_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["resolved_by"], ["people.id"], name=op.f("fk_threads_resolved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("key", name=op.f("uq_threads_key")),
    )
    with op.batch_alter_table("threads", schema=None) as batch_op:
        batch_op.create_index("ix_threads_recommendation", ["recommendation_id", "id"], unique=False)

    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("dimension", sa.String(length=40), nullable=False),
        sa.Column("open_brackets", sa.Integer(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_versions_author_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_versions_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("recommendation_id", "number", name=op.f("uq_versions_recommendation_id_number")),
    )
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_versions_digest"), ["digest"], unique=False)

    op.create_table(
        "waits",
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_waits_person_id")),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_waits_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["task_force_id"], ["task_forces.id"], name=op.f("fk_waits_task_force_id")),
        sa.PrimaryKeyConstraint("recommendation_id", "person_id", name=op.f("pk_waits")),
    )
    with op.batch_alter_table("waits", schema=None) as batch_op:
        batch_op.create_index(
            "ix_waits_person", ["person_id", "task_force_id", "since", "recommendation_id"], unique=False
        )

    op.create_table(
        "ballot_voters",
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_ballot_voters_ballot_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_ballot_voters_person_id")),
        sa.PrimaryKeyConstraint("ballot_id", "person_id", name=op.f("pk_ballot_voters")),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_comments_person_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_comments_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    with op.batch_alter_table("comments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comments_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "public_pages",
        sa.Column("path", sa.String(length=160), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_public_pages_publication_id")
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_public_pages")),
    )
    with op.batch_alter_table("public_pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_public_pages_publication_id"), ["publication_id"], unique=False)

    op.create_table(
        "publication_addressees",
        sa.Column("addressee", sa.String(length=40), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_publication_addressees_publication_id")
        ),
        sa.PrimaryKeyConstraint("addressee", "publication_id", name=op.f("pk_publication_addressees")),
    )
    op.create_table(
        "publication_notices",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('superseded', 'retracted')", name=op.f("ck_publication_notices_kind")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_publication_notices_publication_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["publications.id"], name=op.f("fk_publication_notices_successor_id")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publication_notices")),
    )
    op.create_table(
        "version_subjects",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("facet", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_version_subjects_version_id")),
        sa.PrimaryKeyConstraint("version_id", "facet", "value", name=op.f("pk_version_subjects")),
    )
    with op.batch_alter_table("version_subjects", schema=None) as batch_op:
        batch_op.create_index("ix_version_subjects_value", ["facet", "value", "version_id"], unique=False)

    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _postgresql_barriers() if postgresql else _sqlite_barriers():
        # exec_driver_sql: the statements hold percent signs and colons that are not parameters.
        op.get_bind().exec_driver_sql(statement.replace("%", "%%") if postgresql else statement)

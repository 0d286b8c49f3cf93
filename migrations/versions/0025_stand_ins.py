"""Members who act in another's name for a time; positions and agreements say who did."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_VOICE = "left_at IS NULL AND role IN ('lead', 'expert')"
#: Nobody acts for another side, not even with SQL (product.md, rule 4).
_OTHER_GROUP = (
    "(SELECT count(*) FROM memberships WHERE task_force_id = NEW.task_force_id"
    f" AND group_id = NEW.group_id AND person_id IN (NEW.principal_id, NEW.person_id) AND {_VOICE}) <> 2"
)
_TWICE = (
    "EXISTS (SELECT 1 FROM stand_ins WHERE task_force_id = NEW.task_force_id AND ended_at IS NULL"
    " AND since < NEW.until AND NEW.since < until"
    " AND (principal_id IN (NEW.principal_id, NEW.person_id)"
    " OR person_id IN (NEW.principal_id, NEW.person_id)))"
)
_KEPT = ("id", "task_force_id", "group_id", "principal_id", "person_id", "since", "until", "named_at")
_CHANGED = " OR ".join(
    ("OLD.ended_at IS NOT NULL", "NEW.ended_at IS NULL", *(f"OLD.{name} <> NEW.{name}" for name in _KEPT))
)


def _not_lent(principal: str, at: str) -> str:
    """Whether an act's row names somebody who did not stand in for who acts in it."""
    return (
        "NEW.stand_in_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stand_ins"
        f" WHERE principal_id = {principal} AND person_id = NEW.stand_in_id AND group_id = NEW.group_id"
        f" AND ended_at IS NULL AND since <= NEW.{at} AND NEW.{at} < until)"
    )


_NO_STAND_IN = "nobody acts in the name of who has not named them"
#: (name, table, event, condition under which it is refused, what is said)
_BARRIERS = (
    ("stand_ins_same_group", "stand_ins", "INSERT", _OTHER_GROUP, "a stand-in is of the same group"),
    ("stand_ins_one_at_a_time", "stand_ins", "INSERT", _TWICE, "nobody is in two stand-ins at once"),
    ("stand_ins_only_end", "stand_ins", "UPDATE", _CHANGED, "a stand-in is only ended"),
    ("stand_ins_no_delete", "stand_ins", "DELETE", "TRUE", "stand_ins is append-only"),
    (
        "positions_stand_in",
        "positions",
        "INSERT",
        _not_lent("COALESCE(NEW.recorded_by, NEW.person_id)", "taken_at"),
        _NO_STAND_IN,
    ),
    ("agreements_stand_in", "agreements", "INSERT", _not_lent("NEW.person_id", "agreed_at"), _NO_STAND_IN),
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "stand_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_force_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("principal_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["task_force_id", "principal_id"],
            ["memberships.task_force_id", "memberships.person_id"],
            name=op.f("fk_stand_ins_task_force_id_principal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["task_force_id", "person_id"],
            ["memberships.task_force_id", "memberships.person_id"],
            name=op.f("fk_stand_ins_task_force_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id", "task_force_id"],
            ["working_groups.id", "working_groups.task_force_id"],
            name=op.f("fk_stand_ins_group_id_task_force_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_ins")),
        sa.CheckConstraint("principal_id <> person_id", name=op.f("ck_stand_ins_two_people")),
        sa.CheckConstraint("since < until", name=op.f("ck_stand_ins_period")),
    )
    op.create_index("ix_stand_ins_person", "stand_ins", ["task_force_id", "person_id"])
    # Written out, because on SQLite a batch would build the tables anew and lose their triggers.
    for table in ("positions", "agreements"):
        named = "" if sqlite else f"CONSTRAINT fk_{table}_stand_in_id "
        op.execute(f"ALTER TABLE {table} ADD COLUMN stand_in_id INTEGER {named}REFERENCES people (id)")
    for name, table, event, refused, said in _BARRIERS:
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused}"
                f" BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION refuse_{name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {refused} THEN RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_{name}()"
        )

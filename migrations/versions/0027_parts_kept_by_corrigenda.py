"""A corrigendum may keep a superseded part that the words it corrects were published with."""

from collections.abc import Sequence

from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: A part of the published version that no item of the task force has as its approved text, or had when the
#: text, or a corrigendum to it, was published that this one corrects.
UNAPPROVED_PART = """
    EXISTS (SELECT 1 FROM versions v JOIN version_parts p ON p.version_id = v.id
        WHERE v.recommendation_id = NEW.recommendation_id AND v.number = NEW.version_number
        AND NOT EXISTS (SELECT 1 FROM recommendations r
            JOIN versions w ON w.recommendation_id = r.id AND w.number = r.head_number
            JOIN approvals a ON a.recommendation_id = r.id AND a.round = r.round AND a.digest = w.digest
            WHERE w.digest = p.digest AND r.task_force_id = NEW.task_force_id
            AND (r.state IN ('approved', 'published') OR r.state = 'superseded' AND EXISTS (
                SELECT 1 FROM publications o
                JOIN versions x ON x.recommendation_id = o.recommendation_id AND x.number = o.version_number
                JOIN version_parts y ON y.version_id = x.id
                WHERE NEW.corrects_id IN (o.id, o.corrects_id) AND y.digest = p.digest))))
"""
WORDS = "a part is not approved"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER publications_only_approved_parts")
        op.execute(
            "CREATE TRIGGER publications_only_approved_parts BEFORE INSERT ON publications"
            f" WHEN {UNAPPROVED_PART} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_unapproved_part() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN IF {UNAPPROVED_PART} THEN RAISE EXCEPTION '{WORDS}'; END IF; RETURN NEW; END $$"
    )

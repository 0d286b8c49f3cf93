"""Links by which guests sign off a text: each is used at most once, and never changed otherwise."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BOUND = (
    *("recommendation_id", "person_id", "round", "version_number", "digest", "secret_hash"),
    *("asked_by", "asked_at", "sent_to", "expires_at"),
)
#: A link that has ended, or a change of anything but its end.
_CHANGED = " OR ".join(("OLD.ended_at IS NOT NULL", *(f"OLD.{name} <> NEW.{name}" for name in _BOUND)))
#: A use that is not the position of that person on that text, taken while the link was of use.
_FOREIGN = (
    "NEW.position_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM positions p WHERE p.id = NEW.position_id"
    " AND p.person_id = NEW.person_id AND p.recommendation_id = NEW.recommendation_id"
    " AND p.round = NEW.round AND p.digest = NEW.digest AND p.taken_at < NEW.expires_at)"
)
_MESSAGES = {_CHANGED: "a link ends once and is never changed", _FOREIGN: "not what the link is about"}


def upgrade() -> None:
    op.create_table(
        "sign_offs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_to", sa.String(length=254), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=12), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ending IN ('used', 'withdrawn', 'replaced')", name=op.f("ck_sign_offs_ending")),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name=op.f("ck_sign_offs_ended")),
        sa.CheckConstraint(
            "(ending IS NOT NULL AND ending = 'used') = (position_id IS NOT NULL)",
            name=op.f("ck_sign_offs_used"),
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendations.id"], name=op.f("fk_sign_offs_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_offs_person_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_sign_offs_asked_by")),
        sa.ForeignKeyConstraint(["position_id"], ["positions.id"], name=op.f("fk_sign_offs_position_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_offs")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_sign_offs_secret_hash")),
        sa.UniqueConstraint("position_id", name=op.f("uq_sign_offs_position_id")),
    )
    op.create_index(op.f("ix_sign_offs_person_id"), "sign_offs", ["person_id"])
    op.create_index(
        "ix_sign_offs_open",
        "sign_offs",
        ["recommendation_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for event, refused in (("UPDATE", _CHANGED), ("UPDATE", _FOREIGN), ("INSERT", _FOREIGN)):
            name = "end_once" if refused == _CHANGED else f"use_on_{event.lower()}"
            op.execute(
                f"CREATE TRIGGER sign_offs_{name} BEFORE {event} ON sign_offs WHEN {refused}"
                f" BEGIN SELECT RAISE(ABORT, '{_MESSAGES[refused]}'); END"
            )
        op.execute(
            "CREATE TRIGGER sign_offs_no_delete BEFORE DELETE ON sign_offs"
            " BEGIN SELECT RAISE(ABORT, 'sign_offs is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_second_end() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {_CHANGED} THEN RAISE EXCEPTION '{_MESSAGES[_CHANGED]}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE FUNCTION refuse_foreign_use() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {_FOREIGN} THEN RAISE EXCEPTION '{_MESSAGES[_FOREIGN]}'; END IF; RETURN NEW; END $$"
    )
    for event, function, name in (
        ("UPDATE", "refuse_second_end", "end_once"),
        ("UPDATE", "refuse_foreign_use", "use_on_update"),
        ("INSERT", "refuse_foreign_use", "use_on_insert"),
        ("DELETE", "refuse_change", "no_delete"),
    ):
        op.execute(
            f"CREATE TRIGGER sign_offs_{name} BEFORE {event} ON sign_offs"
            f" FOR EACH ROW EXECUTE FUNCTION {function}()"
        )

"""Bringing a database to the current schema, and telling whether it is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from reviewflow.persistence import models, search
from reviewflow.persistence.db import WRITES, Base

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

#: Tables whose rows nobody may change or remove, not even with SQL (product.md, rules 3 and 6).
APPEND_ONLY = (
    "versions",
    "version_subjects",
    "version_parts",
    "symbols",
    "ballots",
    "ballot_voters",
    "positions",
    "agreements",
    "approvals",
    "events",
    "publications",
    "publication_addressees",
    "publication_commitments",
    "publication_documents",
    "publication_notices",
    "follow_up_responses",
    "follow_up_assessments",
    "signing_keys",
    "silence_consents",
    "package_consents",
)


# Alembic is imported where it is used: it is a third of what a server would load to answer its first
# visitor, and a server migrates nothing.


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration that is missing up to `revision`, in one transaction."""
    from alembic import command

    with engine.execution_options(**{WRITES: True}).connect() as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()


def differences(engine: Engine) -> list[str]:
    """How the database differs from the models, and which barriers it lacks; empty when all is well."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    assert models.__all__, "importing the models registers their tables"
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": _is_compared}
        )
        found = [str(difference) for difference in compare_metadata(context, Base.metadata)]
        if not inspect(connection).has_table(search.TABLE):
            found.append("the index of words is missing")
        return found + [f"barrier missing: {name}" for name in missing_barriers(connection)]


def _is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """All but the index of words, which SQLite spreads over tables of its own."""
    return kind != "table" or not (name or "").startswith(search.TABLE)


def missing_barriers(connection: Connection) -> list[str]:
    """Which of the triggers that repeat the invariants are not in the database."""
    catalogue = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    present = set(connection.execute(text(catalogue)).scalars())
    expected = {f"{table}_no_{change}" for table in APPEND_ONLY for change in ("update", "delete")}
    expected |= {
        "recommendations_start_as_draft",
        "recommendations_published_means_approved",
        "publications_only_approved",
        "publications_only_approved_parts",
        "memberships_keep_side",
        "memberships_no_delete",
        "sign_offs_end_once",
        "sign_offs_use_on_insert",
        "sign_offs_use_on_update",
        "sign_offs_no_delete",
        "stand_ins_same_group",
        "stand_ins_one_at_a_time",
        "stand_ins_only_end",
        "stand_ins_no_delete",
        "positions_stand_in",
        "agreements_stand_in",
    }
    return sorted(expected - present)

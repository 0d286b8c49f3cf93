"""Alembic's environment: the models are the truth, the caller hands in the connection."""

from alembic import context
from sqlalchemy import Connection

from reviewflow.persistence import models
from reviewflow.persistence.db import Base

assert models.__all__, "importing the models registers their tables"


def run(connection: Connection) -> None:
    """Upgrade over the connection that `reviewflow db upgrade` opened, in one transaction."""
    context.configure(
        connection=connection, target_metadata=Base.metadata, compare_type=True, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])

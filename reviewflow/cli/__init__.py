"""The `reviewflow` command: one module a group of commands.

What a command needs is imported when it runs, so that `reviewflow --help` needs click alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reviewflow.cli import (
    account,
    audit,
    database,
    demonstration,
    documents,
    evidence,
    imports,
    outbox,
    serving,
    site,
    task_force,
    workflow,
    working,
)

if TYPE_CHECKING:
    from flask import Flask


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands() -> None:
    """Two groups agree on one text, a coordinator approves it, and readers see exactly that text.

    Settings are read from the environment: REVIEWFLOW_DATABASE_URL, REVIEWFLOW_SECRET_KEY and others.
    """


for _command in (
    serving.serve,
    database.db,
    demonstration.demo,
    imports.import_file,
    task_force.task_force,
    account.account,
    outbox.outbox,
    audit.audit,
    workflow.workflow,
    site.site,
    site.export_site,
    documents.documents,
    working.worker,
    evidence.keys,
    evidence.verify,
):
    commands.add_command(_command)


def register(app: Flask) -> None:
    """Offer the same commands as `flask --app wsgi ...`, and to the tests' runner."""
    for command in commands.commands.values():
        app.cli.add_command(command)

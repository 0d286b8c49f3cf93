"""`reviewflow task-force`: the settings of one."""

from __future__ import annotations

import click

from reviewflow.cli.running import in_app


@click.group(name="task-force")
def task_force() -> None:
    """Change how a task force works."""


@task_force.command(name="chatham-house")
@click.argument("slug")
@in_app
def chatham_house(slug: str) -> None:
    """Adopt the Chatham House Rule: members see of another group the group, not the person.

    There is no way back, because what was said under the rule stays under it. Texts published before keep
    the names in their approval sheets.
    """
    from reviewflow.queries import accounts as read
    from reviewflow.services import accounts

    found = read.task_force_id(slug)
    if found is None:
        raise click.ClickException(f"There is no task force {slug!r}.")
    accounts.adopt_chatham_house(None, found)
    click.echo(f"{slug}: the Chatham House Rule applies.")

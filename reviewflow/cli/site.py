"""`reviewflow site`: the public pages."""

from __future__ import annotations

import click

from reviewflow.cli.running import in_app


@click.group()
def site() -> None:
    """Look after the public pages."""


@site.command()
@in_app
def rebuild() -> None:
    """Build every public page anew from its snapshot, after a change of templates.

    What was published stays as it is, byte for byte; only its dress is renewed.
    """
    from reviewflow.services import snapshots

    count = snapshots.rebuild_pages()
    click.echo(f"{count} public {'page' if count == 1 else 'pages'} built.")

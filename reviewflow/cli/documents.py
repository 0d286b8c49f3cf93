"""`reviewflow documents`: the publications as files to keep."""

from __future__ import annotations

import click

from reviewflow.cli.running import in_app


@click.group()
def documents() -> None:
    """Look after the documents of publications."""


@documents.command()
@in_app
def make() -> None:
    """Make the documents that publications lack, as the worker does while it runs.

    What has been made stays as it is, byte for byte.
    """
    from reviewflow.services import documents as making

    making.take_stock()
    count = making.make_missing()
    left = len(making.missing())
    click.echo(f"Documents made for {count} {'publication' if count == 1 else 'publications'}.")
    if left:
        raise click.ClickException(f"{left} could not be made; the log says why.")

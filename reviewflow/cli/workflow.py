"""`reviewflow workflow`: the procedure, shown."""

from __future__ import annotations

import click


@click.group()
def workflow() -> None:
    """Show the procedure that every recommendation goes through."""


@workflow.command()
@click.option("--svg", is_flag=True, help="Print a drawing instead of Mermaid source.")
def diagram(*, svg: bool) -> None:
    """Print the picture of the states and actions, made from the table of rules itself.

    \b
    Examples:
      reviewflow workflow diagram > procedure.mmd
      reviewflow workflow diagram --svg > procedure.svg
    """
    from reviewflow.domain import diagram as drawing

    click.echo(drawing.svg() if svg else drawing.mermaid(), nl=False)

"""`reviewflow demo`: the invented task force to try things on."""

from __future__ import annotations

import sys

import click

from reviewflow.cli.running import in_app


@click.group()
def demo() -> None:
    """Load the demonstration, and say how to sign in to it."""


@demo.command()
@click.option("--if-empty", is_flag=True, help="Do nothing if the database has a task force already.")
@in_app
def load(*, if_empty: bool) -> None:
    """Fill an empty database with an invented task force: people, texts, discussions of 2009.

    Not in production, since the password of its people is public.
    """
    from reviewflow.demonstration.loader import BrokenStory
    from reviewflow.demonstration.loader import load as play
    from reviewflow.demonstration.story import read_story
    from reviewflow.queries import accounts, integrity

    _refuse_production()
    story = read_story()
    if accounts.has_task_force():
        if 0 < integrity.count_events(story.task_force["slug"]) < story.events():
            raise click.ClickException(
                "The demonstration was interrupted while it was being loaded. "
                "Remove the database (instance/reviewflow.db if no other is set), and start again."
            )
        if if_empty:
            return
        raise click.ClickException(
            "The database has a task force already, and the demonstration needs an empty one."
        )
    try:
        with click.progressbar(
            length=len(story.acts),
            label="Loading the demonstration",
            file=sys.stderr,
            hidden=not sys.stderr.isatty(),
        ) as bar:
            items = play(story, bar.update)
    except BrokenStory as error:
        raise click.ClickException(f"The demonstration does not play: {error}") from error
    click.echo(f"The demonstration is loaded: {len(story.people)} people, {len(items)} texts.")


@demo.command(name="accounts")
@in_app
def show_accounts() -> None:
    """Print the addresses, and how to sign in as each kind of person."""
    from flask import current_app

    from reviewflow.demonstration.loader import PASSWORD
    from reviewflow.demonstration.story import read_story
    from reviewflow.queries import accounts

    _refuse_production()
    story = read_story()
    if accounts.credentials(story.people[0]["email"]) is None:
        raise click.ClickException("The demonstration is not loaded. Run: reviewflow demo load")
    address = current_app.config["REVIEWFLOW_PUBLIC_URL"]
    click.echo(f"\n  Public site    {address}/\n  Members        {address}/desk/sign-in\n")
    click.echo(f"  Everybody's password is: {PASSWORD}\n")
    groups = {group["key"]: group["short"] for group in story.groups}
    rows = [
        (f"{groups.get(person.get('group', ''), '')} {person['role']}".strip().capitalize(), person)
        for person in story.sample_people()
    ]
    width = max(len(kind) for kind, _ in rows)
    for kind, person in rows:
        click.echo(f"  {kind:<{width}}   {person['email']:<34} {person['name']}")
    click.echo()


def _refuse_production() -> None:
    from flask import current_app

    if current_app.config["REVIEWFLOW_ENV"] == "production":
        raise click.ClickException(
            "This installation is in production, and the demonstration's password is public. Refused."
        )

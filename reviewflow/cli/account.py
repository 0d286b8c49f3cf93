"""`reviewflow account`: what only the operator does for somebody."""

from __future__ import annotations

import click

from reviewflow.cli.running import in_app


@click.group()
def account() -> None:
    """Help somebody who can't get in, or whose name is wrong. Make sure that it is them who ask."""


@account.command(name="without-codes")
@click.argument("email")
@in_app
def without_codes(email: str) -> None:
    """Let a person sign in without one-time codes again; their recovery codes go too."""
    from reviewflow.services import one_time_codes

    one_time_codes.remove(_person(email))
    click.echo(f"{email} signs in without a code again.")


@account.command()
@click.argument("email")
@click.argument("name")
@in_app
def rename(email: str, name: str) -> None:
    """Correct a person's name. What is printed already keeps the old one."""
    from reviewflow.services import profile

    profile.rename_person(_person(email), name)
    click.echo(f"{email} is called {name} from now on.")


def _person(email: str) -> int:
    from reviewflow.queries import accounts

    found = accounts.credentials(email)
    if found is None:
        raise click.ClickException(f"Nobody has the address {email!r}.")
    return found[0]

"""`reviewflow account`: what the operator does for somebody who can't get in."""

from __future__ import annotations

import click

from reviewflow.cli.running import in_app


@click.group()
def account() -> None:
    """Let somebody in who has lost what they sign in with. Make sure that it is them who ask."""


@account.command(name="without-codes")
@click.argument("email")
@in_app
def without_codes(email: str) -> None:
    """Let a person sign in without one-time codes again; their recovery codes go too."""
    from reviewflow.queries import accounts
    from reviewflow.services import one_time_codes

    found = accounts.credentials(email)
    if found is None:
        raise click.ClickException(f"Nobody has the address {email!r}.")
    one_time_codes.remove(found[0])
    click.echo(f"{email} signs in without a code again.")

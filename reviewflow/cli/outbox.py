"""`reviewflow outbox`: mail that waits, for an installation without a mail server."""

from __future__ import annotations

import click

from reviewflow.cli.running import in_app


@click.command()
@in_app
def outbox() -> None:
    """Print the mails that wait to be sent, for you to pass on. Whoever reads a link can use it."""
    from reviewflow.services import outbox as service

    mails = service.waiting()
    for mail in mails:
        click.echo(f"To: {mail.recipient}\nSubject: {mail.subject}\n\n{mail.body}\n")
    click.echo(f"Waiting: {len(mails)}.")

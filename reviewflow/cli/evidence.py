"""`reviewflow verify` and `reviewflow keys`: checking evidence packs, and the keys that sign them."""

from __future__ import annotations

import sys

import click

from reviewflow.cli.running import in_app


@click.command()
@click.argument("pack")
@click.option("--key", help="The key to trust: 64 hexadecimal digits, or a saved reviewflow-keys.json.")
def verify(pack: str, key: str | None) -> None:
    """Decide again, from an evidence pack alone, whether a text was agreed to and approved.

    Needs neither database nor network. Ends with exit code 0, or with 1 and the reason.
    """
    from reviewflow.domain import verification

    code, lines = verification.report(pack, key)
    for line in lines:
        click.echo(line, err=bool(code))
    sys.exit(code)


@click.group()
def keys() -> None:
    """Look after the keys that sign evidence."""


@keys.command()
@in_app
def rotate() -> None:
    """Announce the key of REVIEWFLOW_SIGNING_KEY, in force from now on; it ends the one before it.

    What earlier keys signed stays signed. Start the worker anew with the same secret.
    """
    from flask import current_app

    from config import HOW_TO_MAKE_A_SIGNING_KEY
    from reviewflow.services import evidence

    secret = current_app.config["REVIEWFLOW_SIGNING_KEY"]
    if not secret:
        raise click.ClickException("REVIEWFLOW_SIGNING_KEY is not set. " + HOW_TO_MAKE_A_SIGNING_KEY)
    click.echo(f"In force: {evidence.rotate_key(secret)}")

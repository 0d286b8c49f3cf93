"""`reviewflow worker`: the process beside the server that does what no request does."""

from __future__ import annotations

import click

from reviewflow.cli.running import in_app


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@in_app
def worker(*, once: bool) -> None:
    """Record silence that is over, publish at set times, make documents and evidence, send mail.

    Runs beside the server until stopped. What fell due while it was stopped is done when it starts, and
    after an upgrade that changes them the public pages are built anew first.
    """
    from flask import current_app

    from reviewflow import worker as working
    from reviewflow.services import documents, public_pages

    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own way to its object
    working.ask_key(app)
    documents.take_stock()
    if renewed := public_pages.renew_pages():
        click.echo(f"Public pages built anew, as this version makes them: {renewed}.")
    if once:
        done = 0
        while now := working.look(app):
            done += now
        click.echo(f"Done: {done}.")
    else:
        working.run(app)

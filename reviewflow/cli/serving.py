"""`reviewflow serve`: the application behind the server that is installed with it."""

from __future__ import annotations

import click

from reviewflow.cli.running import load_app


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1), default=4, show_default=True, help="Threads in each.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the application.

    It is loaded before its workers begin, so that they share its memory and start at once.
    """
    import gc

    # What loading makes is kept: looking for garbage meanwhile finds none, and takes a seventh of the start.
    gc.disable()
    from granian import Granian
    from granian.constants import Interfaces

    from config import ConfigurationError

    try:
        app = load_app()
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from error
    # What lives as long as the process is never looked through for garbage, which would copy it.
    gc.freeze()
    gc.enable()
    server = Granian(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
    )
    server.serve(target_loader=lambda: app, wrap_loader=False)

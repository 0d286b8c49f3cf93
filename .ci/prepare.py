"""What `make run` does before it serves: three commands in one process, since starting Python is slow."""

import functools
import os
import sys

import click
from flask import Flask

from config import Config
from reviewflow.cli import commands

COMMANDS = ("db upgrade", "demo load --if-empty", "demo accounts")


class _OneApplication:
    """Gives the same application to each command."""

    @functools.cached_property
    def _app(self) -> Flask:
        from reviewflow.app import create_app

        return create_app(Config.from_environment(os.environ))

    def load_app(self) -> Flask:
        return self._app


def main() -> None:
    installation = _OneApplication()
    for command in COMMANDS:
        try:
            commands(command.split(), prog_name="reviewflow", obj=installation, standalone_mode=False)
        except click.ClickException as refusal:
            refusal.show()
            sys.exit(refusal.exit_code)


main()

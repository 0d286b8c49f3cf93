"""The console script `reviewflow`, for an installation described by the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reviewflow.cli import commands

if TYPE_CHECKING:
    from flask import Flask


class _FromEnvironment:
    """Builds the application when a command needs it, so that `--help` is immediate."""

    def load_app(self) -> Flask:
        """The application that the REVIEWFLOW_* variables describe. Raises `ConfigurationError`."""
        from config import Config
        from reviewflow.app import create_app

        return create_app(Config.from_environment(os.environ))


def main() -> None:
    """Run one command and exit."""
    commands(prog_name="reviewflow", obj=_FromEnvironment())


if __name__ == "__main__":
    main()

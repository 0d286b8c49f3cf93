"""How a command runs: within the application, and with every refusal in words instead of a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from flask import Flask

P = ParamSpec("P")
R = TypeVar("R")


def in_app(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command in an application context; what it refuses ends it with a sentence and exit code 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from flask import has_app_context
        from sqlalchemy.exc import ArgumentError, DBAPIError

        from config import ConfigurationError
        from reviewflow.cli import sentences
        from reviewflow.domain.errors import Refusal

        try:
            with nullcontext() if has_app_context() else load_app().app_context():
                return command(*args, **kwargs)
        except ConfigurationError as error:
            raise click.ClickException(str(error)) from error
        except Refusal as refusal:
            raise click.ClickException(sentences.of(refusal)) from refusal
        except (DBAPIError, ArgumentError) as error:
            raise click.ClickException(sentences.of_database(error)) from error

    return run


def load_app() -> Flask:
    """The application that the root of the commands was started with."""
    app: Flask = click.get_current_context().find_root().obj.load_app()
    return app

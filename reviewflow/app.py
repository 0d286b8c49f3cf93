"""`create_app(config)`: where all parts meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, request
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Config
from reviewflow import cli, web
from reviewflow.domain.permissions import Permission
from reviewflow.persistence import models, schema
from reviewflow.persistence.db import db
from reviewflow.web.doors import allowed

_ROOT = Path(__file__).resolve().parents[1]


class _Application(Flask):
    """Flask, whose log of what failed names the page and not its address, which may hold a link's secret."""

    def log_exception(self, exc_info: Any) -> None:
        self.logger.error("failed: %s %s", request.method, request.endpoint, exc_info=exc_info)


def create_app(config: Config) -> Flask:
    """A WSGI application for one installation; makes no request to the database."""
    assert models.__all__, "importing the models registers their tables"
    app = _Application(
        "reviewflow",
        instance_path=str(_ROOT / "instance"),
        template_folder=str(_ROOT / "templates"),
        static_folder=str(Path(__file__).parent / "web" / "static"),
    )
    app.config.from_mapping(config.for_flask())
    if config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way to put it before
            app.wsgi_app, x_for=config.proxies, x_proto=0, x_host=0
        )
    allowed(Permission.READ_PUBLIC)(app.view_functions["static"])
    db.init_app(app)
    web.register(app)
    cli.register(app)
    _register_health(app)
    return app


def _register_health(app: Flask) -> None:
    @app.get("/healthz")
    @allowed(Permission.READ_PUBLIC)
    def healthz() -> tuple[str, int]:
        """The process answers."""
        return "ok\n", 200

    @app.get("/readyz")
    @allowed(Permission.READ_PUBLIC)
    def readyz() -> tuple[str, int]:
        """The database answers, and its barriers stand."""
        try:
            with db.engine.connect() as connection:
                connection.execute(text("SELECT 1 FROM task_forces LIMIT 1"))
                missing = schema.missing_barriers(connection)
        except Exception:
            app.logger.exception("the database does not answer")
            return "the database does not answer\n", 503
        return (f"missing: {', '.join(missing)}\n", 503) if missing else ("ready\n", 200)

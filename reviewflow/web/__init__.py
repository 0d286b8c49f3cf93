"""HTTP in, plain values down, pages out."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from reviewflow.web import (
    bodies,
    compression,
    errors,
    hardening,
    identity,
    language,
    site,
    times,
    words,
    workspace,
)

csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Attach languages, forgery protection, identity, errors, headers, compression and the blueprints."""
    language.register(app)
    bodies.register(app)
    csrf.init_app(app)
    # It changes nothing, and public pages have no session that could hold a token.
    csrf.exempt("reviewflow.web.site.verify.verify_file")
    identity.register(app)
    errors.register(app)
    hardening.register(app)
    compression.register(app)
    times.register(app)
    words.register(app)
    app.register_blueprint(site.site)
    workspace.register(app)

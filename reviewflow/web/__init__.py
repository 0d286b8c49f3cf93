"""HTTP in, plain values down, pages out."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import Babel, get_locale
from flask_wtf import CSRFProtect

from reviewflow.web import bodies, errors, hardening, identity, site, times, words, workspace

babel = Babel()
csrf = CSRFProtect()


def register(app: Flask) -> None:
    """Attach languages, forgery protection, identity, errors, headers and the blueprints."""
    babel.init_app(app, locale_selector=_language)
    app.add_template_global(get_locale)
    bodies.register(app)
    csrf.init_app(app)
    identity.register(app)
    errors.register(app)
    hardening.register(app)
    times.register(app)
    words.register(app)
    app.register_blueprint(site.site)
    workspace.register(app)


def _language() -> str:
    """The reader's language; more than English comes with the translations."""
    return request.accept_languages.best_match(["en"]) or "en"

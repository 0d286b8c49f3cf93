"""What reviewflow is compared with.

- bare: a Flask view that returns the bytes that it is asked for, held in memory
- thin: the same with one row read from SQLite and one Jinja page around it

What they return is told by environment variables, because the server imports this module.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

from flask import Flask, Response, render_template

#: The page of the thin application; the stored row is most of what it sends.
_LAYOUT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><header><nav>{% for word in words %}<a href="/{{ word }}">{{ word }}</a> {% endfor %}</nav></header>
<main><h1>{{ title }}</h1>{{ body|safe }}</main></body></html>"""


def bare() -> Flask:
    """Flask and nothing else: `/page` and `/list` return the bytes of the two files."""
    app = Flask("bare")
    folder = Path(os.environ["BENCH_BYTES"])
    known = {path.stem: path.read_bytes() for path in folder.glob("*.html")}

    @app.get("/<name>")
    def page(name: str) -> Response:
        return Response(known[name], content_type="text/html; charset=utf-8")

    return app


def thin() -> Flask:
    """One row and one page."""
    app = Flask("thin")
    database = str(Path(os.environ["BENCH_BYTES"]) / "thin.db")
    local = threading.local()
    # render_template_string would compile the page anew for each visit.
    layout = app.jinja_env.from_string(_LAYOUT)

    @app.get("/<name>")
    def page(name: str) -> str:
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = sqlite3.connect(database)
        title, body = connection.execute("SELECT title, body FROM pages WHERE name = ?", (name,)).fetchone()
        words = ("texts", "groups", "people", "about")
        return render_template(layout, title=title, body=body, words=words)

    return app

"""The reader's language, and every string in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask, g, has_request_context, request
from werkzeug.local import LocalProxy

from reviewflow.gateways import translations

#: English stands in the sources; what else there is comes with its translations.
LANGUAGES = ("en",)


def register(app: Flask) -> None:
    """Let templates translate by `_` and `ngettext`, and tell them the language."""
    translations.install(app.jinja_env, lambda: translations.catalogue(language()))
    app.add_template_global(language, "reader_language")


def language() -> str:
    """The reader's language, as in `lang="en"`; found once a request, since a page asks for every string."""
    try:
        known: str = g.language
    except (AttributeError, RuntimeError):  # not yet found in this request, or in no request at all
        if not has_request_context():
            return LANGUAGES[0]
        known = g.language = request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    return known


def prefer(chosen: str) -> None:
    """From here on the reader's language is the one that they have chosen, if pages are translated to it."""
    if chosen in LANGUAGES:
        g.language = chosen


@contextmanager
def reading(chosen: str) -> Iterator[None]:
    """For what is written to somebody else: in this block the language is theirs, or that of the sources."""
    before = g.get("language")
    g.language = chosen if chosen in LANGUAGES else LANGUAGES[0]
    try:
        yield
    finally:
        g.language = before or LANGUAGES[0]


def gettext(message: str, **values: Any) -> str:
    """A string in the reader's language, with `%(name)s` replaced by values where there are any."""
    found = translations.catalogue(language()).gettext(message)
    return found % values if values else found


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """The same for a number, which the string may name as `%(num)d`."""
    return translations.catalogue(language()).ngettext(singular, plural, num) % {"num": num, **values}


def lazy_gettext(message: str) -> str:
    """A string that is translated when it is shown: for what is made before there is a reader."""
    return cast(str, LocalProxy(lambda: gettext(message)))

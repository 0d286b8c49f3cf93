"""The words of other languages for the strings of the sources, which are English; in templates too."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

#: What says a string of the sources in some language; `str` says it as it stands.
Say: TypeAlias = Callable[[str], str]
_KEPT = Path(__file__).resolve().parents[1] / "translations"


def marked(message: str) -> str:
    """A string as it stands: imported as `_`, it tells translators of what is said later, in any language."""
    return message


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language, an empty one where there is none; read as translators write it (.po)."""
    kept = _KEPT / f"{language}.po"
    if not kept.exists():
        return NullTranslations()
    # Only here: a server whose readers all read English needs none of it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with kept.open("rb") as file:
        write_mo(compiled, read_po(file, language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def install(environment: Environment, reader: Callable[[], NullTranslations]) -> None:
    """Let templates translate by `_`, `ngettext` and `trans`, with the catalogue of whoever reads.

    Values are put in by the template, escaped; a sentence is HTML where the template's other text is. A page
    asks for a hundred sentences, and asked in the extension's own way they are a tenth of its time.
    """

    @pass_eval_context
    def gettext(context: EvalContext, message: str, **values: object) -> str:
        found = _sentence(reader(), message, html=context.autoescape)
        return found % values if values or "%" in found else found

    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension's
        lambda message: reader().gettext(message),
        lambda singular, plural, num: reader().ngettext(singular, plural, num),
        newstyle=True,
    )
    environment.globals |= {"_": gettext, "gettext": gettext}


@lru_cache(maxsize=4096)
def _sentence(words: NullTranslations, message: str, *, html: bool) -> str:
    found = words.gettext(message)
    return Markup(found) if html else found  # noqa: S704 - sentences are ours

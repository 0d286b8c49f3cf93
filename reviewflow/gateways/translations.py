"""The words of other languages for the strings of the sources, which are English."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import TypeAlias

#: What says a string of the sources in some language; `str` says it as it stands.
Say: TypeAlias = Callable[[str], str]
_KEPT = Path(__file__).resolve().parents[1] / "translations"


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

"""Names of people: their spellings in other scripts, and which of them a reader is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.text import canonical_line

#: Beside the name as it was given, most often in Latin letters, it can be spelled in each of these languages.
SPELLED_IN = ("ru", "kk")
#: In characters.
LONGEST_NAME = 200
#: The letters of both languages are in one block; Latin ones among them would pass for them unseen.
_CYRILLIC = re.compile(r"[\u0400-\u0481\u048a-\u04ff][\u0400-\u0481\u048a-\u04ff .’'\-]*")


def spelling(raw: str, language: str) -> str:
    """A name in Russian or Kazakh as it is stored; nothing where there is none.

    Raises `UnacceptableText`, and `InvalidInput` for what is too long or has other letters.
    """
    field = f"name_{language}"
    line = canonical_line(raw, field=field)
    if len(line) > LONGEST_NAME:
        raise InvalidInput(field=field, problem="too_long", limit=LONGEST_NAME)
    if line and not _CYRILLIC.fullmatch(line):
        raise InvalidInput(field=field, problem="not_cyrillic")
    return line


def name_for(language: str, given: str, spellings: Mapping[str, str]) -> str:
    """The name as a reader of this language is shown it: as it was given, where it has no spelling of theirs.

    >>> name_for("kk", "Aliya", {"ru": "Алия", "kk": "Әлия"}), name_for("kk", "Aliya", {"ru": "Алия"})
    ('Әлия', 'Aliya')
    """
    return spellings.get(language) or given

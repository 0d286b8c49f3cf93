"""Page numbers in addresses."""

from __future__ import annotations

#: Nobody turns so many pages; a larger number is a mistake or a mischief.
_LAST = 100_000


def page_number(text: str) -> int:
    """The page that an address names, from 1; anything else is the first."""
    return (
        int(text)
        if text.isdecimal() and text.isascii() and 1 <= len(text) <= 6 and 1 <= int(text) <= _LAST
        else 1
    )

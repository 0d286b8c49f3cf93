"""The encoding of a text file, told by its marks, its validity, and how its words would read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

#: Byte order marks, the longest first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: How much is looked at where every byte need not be.
_SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and how its bytes were read.

    `encoding` is the name to ask for it again; `repaired` is true where the text had been misread
    and saved before it reached us; `assumed` where the bytes allow other readings.
    """

    text: str
    encoding: str
    assumed: bool = False
    repaired: bool = False


class Undecodable(Exception):
    """The bytes are not in the encoding that was asked for, or that name is none."""


def _misread(saved: str, read_as: str, original: str) -> Callable[[bytes], str]:
    """Undo that a text in `original` was opened as `read_as` and saved as `saved`."""
    return lambda raw: raw.decode(saved).encode(read_as).decode(original)


#: Readings by name. Those with `via` are repairs: what it was, what it was taken for, what it was saved as.
_DECODERS: dict[str, Callable[[bytes], str]] = {
    "utf-8": lambda raw: raw.decode("utf-8"),
    "cp1252": lambda raw: raw.decode("cp1252"),
    "mac_roman": lambda raw: raw.decode("mac_roman"),
    "cp1251": lambda raw: raw.decode("cp1251"),
    "mac_roman-via-cp1252-mac_roman": _misread("mac_roman", "cp1252", "mac_roman"),
    "mac_roman-via-cp1252-utf-8": _misread("utf-8", "cp1252", "mac_roman"),
    "utf-8-via-cp1252-utf-8": _misread("utf-8", "cp1252", "utf-8"),
    "utf-8-via-mac_roman-utf-8": _misread("utf-8", "mac_roman", "utf-8"),
}
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp1251", "mac_roman-via-cp1252-mac_roman")
_UTF8_REPAIRS = ("utf-8-via-cp1252-utf-8", "mac_roman-via-cp1252-utf-8", "utf-8-via-mac_roman-utf-8")


def read(raw: bytes, encoding: str | None = None) -> Reading:
    """Read the bytes of a text file, in `encoding` or in the one that they speak for.

    Valid UTF-8 is taken as it stands unless it reads far better as repaired. Other bytes are tried
    as each of the common encodings, and as a Mac text that a Windows program misread; the reading
    with the most plausible words wins. Raises `Undecodable`.
    """
    if encoding is not None:
        return Reading(_decode(raw, encoding), encoding, repaired="-via-" in encoding)
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return Reading(_decode(raw, "utf-8-sig" if name == "utf-8" else name), name)
    if wide := _wide(raw):
        return Reading(_decode(raw, wide), wide, assumed=True)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _most_plausible(raw)
    return _repaired(raw, text) or Reading(text, "utf-8")


def _decode(raw: bytes, encoding: str) -> str:
    try:
        decode = _DECODERS.get(encoding)
        return decode(raw) if decode else raw.decode(encoding)
    except (UnicodeError, LookupError, ValueError) as error:
        raise Undecodable(encoding) from error


def _wide(raw: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of mostly Latin or Cyrillic text is 0 or 4."""
    sample = raw[:_SAMPLE]
    if len(sample) < 4 or len(raw) % 2:
        return None
    small = [sum(byte in (0, 4) for byte in sample[start::2]) / len(sample[start::2]) for start in (0, 1)]
    if max(small) < 0.9 or min(small) > 0.2:
        return None
    return "utf-16-be" if small[0] > small[1] else "utf-16-le"


def _most_plausible(raw: bytes) -> Reading:
    readings = []
    for name in _SINGLE_BYTE:
        try:
            text = _decode(raw, name)
        except Undecodable:
            continue
        readings.append((_plausibility(text), name, text))
    if not readings:
        raise Undecodable("detected")
    # The first of equals wins, so that a plain reading comes before a repair.
    _, name, text = max(readings, key=lambda reading: reading[0])
    return Reading(text, name, assumed=True, repaired="-via-" in name)


def _repaired(raw: bytes, text: str) -> Reading | None:
    """The reading without the damage, if the text as it stands is implausible and the repair is not."""
    if text.isascii() or _plausibility(text) >= 0:
        return None
    for name in _UTF8_REPAIRS:
        try:
            candidate = _decode(raw, name)
        except Undecodable:
            continue
        if _plausibility(candidate) >= 0:
            return Reading(candidate, name, assumed=True, repaired=True)
    return None


_TYPOGRAPHY = "‘’“”„«»–—…•§°"
_SPECIAL = re.compile(r"[^\x00-\x7f]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")


def _plausibility(text: str) -> int:
    """How well the characters beyond ASCII fit where they stand: a point for each that does, or does not."""
    return sum(
        _fit(found.group(), text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1])
        for found in _SPECIAL.finditer(text)
    )


def _fit(character: str, before: str, after: str) -> int:
    if character in "\u00a0\u2011\ufeff":
        return 0
    if character in "’":
        return 1 if before.isalpha() else -1
    if character in "”»":
        return 1 if before and not before.isspace() else -1
    if character in "“„«‘":
        return 1 if after and not after.isspace() and not before.isalnum() else -1
    if character in _TYPOGRAPHY:
        return 0 if before.isalpha() and after.isalpha() and character not in "–—" else 1
    if not character.isalpha():
        return -1
    return _fit_letter(character, before, after)


def _fit_letter(character: str, before: str, after: str) -> int:
    """A letter stands among letters of its script, and a capital at a word's beginning or among capitals."""
    cyrillic = bool(_CYRILLIC.match(character))
    neighbours = [n for n in (before, after) if n.isalpha()]
    if any(bool(_CYRILLIC.match(n)) != cyrillic for n in neighbours):
        return -2
    if character.isupper() and before.islower():
        return -2
    if not cyrillic and any(not n.isascii() for n in neighbours):
        # Two accented letters side by side are rare in Latin words, and what Cyrillic becomes when misread.
        return -1
    # Alone among spaces a letter beyond ASCII is a word in Cyrillic only; "é" at a word's end is common.
    return 1 if neighbours or cyrillic else -1

"""Searching published texts: how a word is folded, what a reader asked for, and where it stands in a text.

A text is searched by its words as they are folded here, so that every database finds the same.
ADR 14 says which letters count as equal, and why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: The longest question that is answered, in characters.
MAX_QUESTION: Final = 300
#: Longer words count by their beginning; databases have limits of their own.
_LONGEST_WORD: Final = 60
#: How many characters of a text a snippet shows, and how many of them stand before the first hit.
_SNIPPET, _BEFORE = 240, 60

_WORD = re.compile(r"[^\W_]+")
# Quotation marks of English, Russian and Kazakh; one that is left open ends with the question.
_ASKED = re.compile(r'["“”„«»]([^"“”„«»]*)(?:["“”„«»]|$)|([^\s"“”„«»]+)')
# What stays of a letter's marks after NFC is no letter of these languages: stress in Russian, for one.
_LOOSE_MARKS = re.compile("[\u0300-\u036f]")
# Targets of links, signs at the beginning of a line, signs around words; what a link shows stays.
_MARKDOWN = re.compile(
    r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|^ {0,3}(?:#{1,6}|>|[-+*]) |[*`|\\\[\]]+"
    r"|(?<![^\W_])_+(?=\w)|(?<=\w)_+(?![^\W_])",
    re.MULTILINE,
)

#: Letters that look alike, Latin and Cyrillic, as they are typed: capitals and small letters differ.
_LATIN = "AaBCcEeHhIiJjKMOoPpSsTXxYy"
_CYRILLIC = "АаВСсЕеНһІіЈјКМОоРрЅѕТХхУу"
_TO_CYRILLIC: Final = str.maketrans(_LATIN + "Əə", _CYRILLIC + "Әә")
_TO_LATIN: Final = str.maketrans(_CYRILLIC, _LATIN)
#: Kazakh letters and the plain ones that are typed where a keyboard has no others.
_PLAIN: Final = str.maketrans("әғқңөұүһі", "агкноуухи")
_KAZAKH = re.compile("[әғқңөұүһі]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is compared. `exact` has its Kazakh letters; empty where it has none."""

    plain: str
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side; each reading is another way to understand letters that look alike.

    The last word of a term with `prefix` may go on.
    """

    readings: tuple[tuple[Word, ...], ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is kept of a text: folded words, divided by blanks; `words` are those of the title too."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a shown text, and whether it is what was looked for."""

    text: str
    hit: bool = False


def index(title: str, texts: list[str]) -> Indexed:
    """The words by which a title and the Markdown texts under it are found."""
    head = _folded(title)
    return Indexed(head, " ".join([head, *(_folded(plain_text(text)) for text in texts)]))


def ask(question: str) -> tuple[Term, ...]:
    """What somebody looks for: all of these terms. Empty when the question has no word.

    "Words in quotation marks" stand side by side, and so do those of one written word ("follow-up"). The
    last word may go on, unless quotation marks close it. Nothing else has a meaning.
    """
    found = list(_ASKED.finditer(_composed(question)))
    terms = []
    for asked in found:
        spelled = asked[1] if asked[2] is None else asked[2]
        words = _WORD.findall(spelled)
        if words:
            readings = dict.fromkeys(tuple(_word(w, cyrillic) for w in words) for cyrillic in (False, True))
            terms.append(Term(tuple(readings), prefix=asked[2] is not None and asked is found[-1]))
    return tuple(dict.fromkeys(terms))


def plain_text(markdown: str) -> str:
    """A Markdown text without its signs and the addresses of its links, for reading in one line."""
    return " ".join(_MARKDOWN.sub(lambda found: "" if found[0] != "|" else " ", markdown).split())


def by_weight(terms: tuple[Term, ...]) -> list[Term]:
    """The longest terms first: "the" stands everywhere and says little."""
    return sorted(terms, key=_length, reverse=True)


def snippet(text: str, term: Term, terms: tuple[Term, ...]) -> tuple[Piece, ...]:
    """The stretch of a plain text around the first hit of `term`, with the hits of all; empty without one."""
    first = _pattern((term,)).search(text)
    if first is None:
        return ()
    start = max(0, first.start() - _BEFORE)
    if start:
        start = text.find(" ", start, first.start()) + 1 or first.start()
    end = min(len(text), max(start + _SNIPPET, first.end()))
    if end < len(text):
        end = max(text.rfind(" ", first.end(), end), first.end())
    pieces = _pieces(text[start:end], _pattern(terms))
    return (*_omitted(start > 0, "… "), *pieces, *_omitted(end < len(text), " …"))


def marked(text: str, terms: tuple[Term, ...]) -> tuple[Piece, ...]:
    """A whole line with its hits."""
    return tuple(_pieces(text, _pattern(terms)))


def _length(term: Term) -> int:
    return sum(len(word.plain) for word in term.readings[0])


def _omitted(some: bool, sign: str) -> tuple[Piece, ...]:
    return (Piece(sign),) if some else ()


def _pieces(text: str, pattern: re.Pattern[str]) -> Iterator[Piece]:
    position = 0
    for found in pattern.finditer(text):
        if found.start() > position:
            yield Piece(text[position : found.start()])
        yield Piece(found[0], hit=True)
        position = found.end()
    if position < len(text):
        yield Piece(text[position:])


def _composed(text: str) -> str:
    return _LOOSE_MARKS.sub("", unicodedata.normalize("NFC", text))


def _folded(text: str) -> str:
    """The plain forms in their order, then the forms with Kazakh letters, which no plain form equals."""
    words = [_word(word) for word in _WORD.findall(_composed(text))]
    return " ".join([*(word.plain for word in words), *(word.exact for word in words if word.exact)])


@lru_cache(maxsize=20_000)
def _word(spelled: str, cyrillic: bool | None = None) -> Word:
    """A word as it is compared.

    One whose letters all look the same in both alphabets is read as Cyrillic or not, as is asked for; else
    as most of its letters are.
    """
    folded = unicodedata.normalize("NFC", _one_script(spelled, cyrillic).casefold())
    folded = folded.replace("ё", "е")[:_LONGEST_WORD]
    if not _KAZAKH.search(folded):
        return Word(folded)
    return Word(folded.translate(_PLAIN), folded)


def _one_script(word: str, cyrillic: bool | None) -> str:
    """The word with all its letters from the alphabet that it is written in."""
    if word.isascii() and cyrillic is None:
        return word
    both, only_latin, only_cyrillic = 0, 0, 0
    for letter in word:
        if letter in _LATIN or letter in _CYRILLIC:
            both += -1 if letter in _LATIN else 1
        elif "\u0400" <= letter <= "\u052f":
            only_cyrillic += 1
        elif letter.isalpha() and letter not in "Əə":
            only_latin += 1
    if only_latin and only_cyrillic:
        return word
    if not only_latin and not only_cyrillic:
        cyrillic = both >= 0 if cyrillic is None else cyrillic
    else:
        cyrillic = only_cyrillic > 0
    return word.translate(_TO_CYRILLIC if cyrillic else _TO_LATIN)


@lru_cache(maxsize=64)
def _pattern(terms: tuple[Term, ...]) -> re.Pattern[str]:
    """Finds the words of terms in a text as it is written; the longest first, so that it is marked whole."""
    spelled = [
        (_length(term), _BETWEEN.join(_spelled(word) for word in reading), term.prefix)
        for term in terms
        for reading in term.readings
    ]
    spelled.sort(key=lambda found: -found[0])
    one_of = "|".join(form + (_GOES_ON if prefix else "") for _, form, prefix in spelled)
    return re.compile(rf"(?<![^\W_])(?:{one_of})(?![^\W_])", re.IGNORECASE)


def _spelled(word: Word) -> str:
    form = word.exact or word.plain
    letters = (_SPELLINGS.get(letter, re.escape(letter)) + _MARKS for letter in form)
    return "".join(letters) + (_GOES_ON if len(form) == _LONGEST_WORD else "")


_BETWEEN, _GOES_ON = r"[\W_]+", r"[^\W_]*"
_MARKS = "[\u0300-\u036f]*"


def _spellings() -> dict[str, str]:
    """By each folded letter, the class of letters that may stand for it in a text."""
    found: dict[str, set[str]] = {"е": {"е", "ё"}, "ё": {"е", "ё"}}
    for latin, cyrillic in zip(_LATIN, _CYRILLIC, strict=True):
        for letter, other in ((latin, cyrillic), (cyrillic, latin)):
            found.setdefault(letter.casefold(), {letter.casefold()}).add(other)
    for kazakh, plain in _PLAIN.items():
        found.setdefault(chr(plain), {chr(plain)}).add(chr(kazakh))
    return {letter: f"[{''.join(sorted(others))}]" for letter, others in found.items()}


_SPELLINGS: Final = _spellings()

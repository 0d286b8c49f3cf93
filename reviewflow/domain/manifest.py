"""The manifest of a version, its canonical bytes (RFC 8785) and its digest.

The shape holds several languages from the first day: an approval covers all of them at once.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from reviewflow.domain.brackets import bracketed_share, count_open
from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.text import canonical_line, canonical_text

#: What a text can be. Briefs and papers are written around recommendations, which they include as parts.
KINDS = ("recommendation", "policy_brief", "policy_paper")
#: The three dimensions of the OSCE, and texts that cut across them.
DIMENSIONS = ("politico-military", "economic-environmental", "human", "cross-dimensional")
#: To whom a recommendation may be addressed.
ADDRESSEES = (
    "kazakhstan",
    "united-states",
    "chairmanship",
    "participating-states",
    "odihr",
    "osce-institutions",
)
#: Commitments that a recommendation may rest on: Madrid's four pledges (2007) and OSCE documents.
COMMITMENTS = (
    "madrid-media",
    "madrid-elections",
    "madrid-parties",
    "madrid-odihr",
    "helsinki-1975",
    "copenhagen-1990",
    "moscow-1991",
    "istanbul-1999",
)
#: The languages in which a text may stand.
LANGUAGES = ("en", "ru", "kk")
#: The fields of a wording, in the order of the editor.
WORDED = ("title", "summary", "text", "rationale")
#: Those that are Markdown; the others are shown as they were typed.
MARKDOWN = frozenset({"text", "rationale"})


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in one language; `text` and `rationale` are Markdown."""

    title: str
    summary: str
    text: str
    rationale: str

    @classmethod
    def of(cls, title: str, summary: str, text: str, rationale: str) -> Wording:
        """The canonical wording (NFC, LF, no trailing spaces) of what somebody typed.

        Raises `UnacceptableText` for characters that cannot be shown honestly.
        """
        return cls(
            canonical_line(title), canonical_text(summary), canonical_text(text), canonical_text(rationale)
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that an agreement covers, and nothing else (product.md, Manifest of a version).

    `includes` are the digests of the parts of a brief or paper, in their order; a recommendation has none,
    and its canonical form does not name them. `corrects` is the digest of the words that a corrigendum
    corrects, and named by no other text.
    """

    kind: str
    proposing_group: str
    dimension: str
    addressees: tuple[str, ...]
    commitments: tuple[str, ...]
    authentic_language: str
    wordings: Mapping[str, Wording]
    attachments: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    corrects: str = ""

    @property
    def wording(self) -> Wording:
        """The wording in the authentic language."""
        return self.wordings[self.authentic_language]

    def canonical_bytes(self) -> bytes:
        """The RFC 8785 bytes, which are stored and of which the digest is taken."""
        parts = {} if self.kind == "recommendation" else {"includes": self.includes}
        corrected = {"corrects": self.corrects} if self.corrects else {}
        return canonical_json(
            {
                **parts,
                **corrected,
                "kind": self.kind,
                "proposing_group": self.proposing_group,
                "dimension": self.dimension,
                "addressees": sorted(self.addressees),
                "commitments": sorted(self.commitments),
                "authentic_language": self.authentic_language,
                "languages": {
                    language: {
                        "title": w.title,
                        "summary": w.summary,
                        "text": w.text,
                        "rationale": w.rationale,
                    }
                    for language, w in self.wordings.items()
                },
                "attachments": sorted(self.attachments),
            }
        )

    def content(self) -> Content:
        """The words as an editor shows them, in the authentic language."""
        w = self.wording
        return Content(
            title=w.title,
            text=w.text,
            summary=w.summary,
            rationale=w.rationale,
            dimension=self.dimension,
            addressees=self.addressees,
            commitments=self.commitments,
            kind=self.kind,
            includes=self.includes,
        )

    @classmethod
    def from_bytes(cls, stored: bytes) -> Manifest:
        """Read stored canonical bytes back; `from_bytes(m.canonical_bytes()).canonical_bytes()` is equal."""
        raw = json.loads(stored)
        return cls(
            kind=raw["kind"],
            proposing_group=raw["proposing_group"],
            dimension=raw["dimension"],
            addressees=tuple(raw["addressees"]),
            commitments=tuple(raw["commitments"]),
            authentic_language=raw["authentic_language"],
            wordings={language: Wording(**fields) for language, fields in raw["languages"].items()},
            attachments=tuple(raw["attachments"]),
            includes=tuple(raw.get("includes", ())),
            corrects=raw.get("corrects", ""),
        )

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, 64 hexadecimal digits."""
        return digest_of(self.canonical_bytes())

    def open_brackets(self) -> int:
        """How many square brackets are open, over every language and field."""
        return sum(
            count_open(field)
            for w in self.wordings.values()
            for field in (w.title, w.summary, w.text, w.rationale)
        )

    def bracketed_share(self) -> tuple[int, int]:
        """Words in open brackets (all alternatives), and all words, over every language and field."""
        shares = [
            bracketed_share(field)
            for w in self.wordings.values()
            for field in (w.title, w.summary, w.text, w.rationale)
        ]
        return sum(inside for inside, _ in shares), sum(words for _, words in shares)

    def missing(self) -> tuple[str, ...]:
        """Which fields a proposal still lacks: title, text, dimension, at least one addressee.

        A brief or paper lacks parts too, as long as it includes none.

        Title and text are asked of every language, the authentic one among them.
        """
        worded = self.authentic_language in self.wordings
        present = {
            "title": worded and all(w.title for w in self.wordings.values()),
            "text": worded and all(w.text for w in self.wordings.values()),
            "dimension": self.dimension in DIMENSIONS,
            "addressees": bool(self.addressees),
            "includes": self.kind == "recommendation" or bool(self.includes),
        }
        return tuple(field for field, is_there in present.items() if not is_there)


@dataclass(frozen=True, slots=True)
class Content:
    """What somebody typed into the editor, in one language, not yet canonical.

    `includes` are digests of parts, in the order in which they are to stand.
    """

    title: str
    text: str = ""
    summary: str = ""
    rationale: str = ""
    dimension: str = ""
    addressees: tuple[str, ...] = ()
    commitments: tuple[str, ...] = ()
    kind: str = "recommendation"
    includes: tuple[str, ...] = ()

    def canonical(self) -> Content:
        """The same words as a version would store them; raises `UnacceptableText`."""
        wording = Wording.of(self.title, self.summary, self.text, self.rationale)
        return Content(
            title=wording.title,
            text=wording.text,
            summary=wording.summary,
            rationale=wording.rationale,
            dimension=self.dimension,
            addressees=tuple(sorted(set(self.addressees))),
            commitments=tuple(sorted(set(self.commitments))),
            kind=self.kind,
            includes=tuple(dict.fromkeys(self.includes)),
        )

    def first_manifest(self, group: str, default_language: str) -> Manifest:
        """The manifest of a new text, whose language its letters tell. Raises as `manifest` does."""
        return self.manifest(group, language_of(f"{self.title} {self.text}", default_language))

    def manifest(self, group: str, language: str = "en") -> Manifest:
        """The manifest of these words, proposed by the group with slug `group`.

        Raises `InvalidInput` for a value outside the lists (dimension may be empty in a draft) or a
        missing title, and `UnacceptableText` for characters that cannot be shown honestly.
        """
        wording = Wording.of(self.title, self.summary, self.text, self.rationale)
        if not wording.title:
            raise InvalidInput(field="title", problem="missing")
        for field, values, known in (
            ("dimension", (self.dimension,) if self.dimension else (), DIMENSIONS),
            ("addressees", self.addressees, ADDRESSEES),
            ("commitments", self.commitments, COMMITMENTS),
            ("kind", (self.kind,), KINDS),
            ("includes", self.includes, () if self.kind == "recommendation" else _digests(self.includes)),
        ):
            if unknown := sorted(set(values) - set(known)):
                raise InvalidInput(field=field, problem="unknown_value", value=unknown[0])
        return Manifest(
            kind=self.kind,
            proposing_group=group,
            dimension=self.dimension,
            addressees=tuple(sorted(set(self.addressees))),
            commitments=tuple(sorted(set(self.commitments))),
            authentic_language=language,
            wordings={language: wording},
            includes=tuple(dict.fromkeys(self.includes)),
        )


def _digests(values: tuple[str, ...]) -> tuple[str, ...]:
    """Those that have the form of a digest."""
    return tuple(value for value in values if re.fullmatch("[0-9a-f]{64}", value))


#: Letters that Kazakh has and Russian has not.
_KAZAKH = frozenset("әғқңөұүһі")


def language_of(text: str, default: str) -> str:
    """The language a new text is written in, told by its letters: English, Russian or Kazakh.

    A text without letters is in `default`, the language of its group.
    """
    letters = [letter for letter in text.lower() if letter.isalpha()]
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in letters)
    if not letters:
        return default
    if 2 * cyrillic <= len(letters):
        return "en"
    return "kk" if _KAZAKH & set(letters) else "ru"


def digest_of(stored: bytes) -> str:
    """SHA-256 of stored bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(stored).hexdigest()


def canonical_json(value: object) -> bytes:
    """RFC 8785 bytes of a value made of dicts, lists, strings, integers, booleans and None.

    Strings are normalised to NFC first, keys sorted by UTF-16 code units. Floats are refused with
    TypeError (nothing that we sign has one); integers beyond 2**53 - 1 and two keys that are the same
    in NFC are refused with ValueError.
    """
    return json.dumps(_canonical(value), ensure_ascii=False, separators=(",", ":")).encode()


def _canonical(value: object) -> object:
    """The value with its strings in NFC and its keys in their order, which is how JSON will spell it."""
    match value:
        case None | bool():
            return value
        case str():
            return unicodedata.normalize("NFC", value)
        case int():
            if abs(value) > 2**53 - 1:
                raise ValueError(f"{value} has no exact JSON number")
            return value
        case list() | tuple():
            return [_canonical(item) for item in value]
        case Mapping():
            fields = {unicodedata.normalize("NFC", key): field for key, field in value.items()}
            if len(fields) < len(value):
                raise ValueError("two keys are the same in NFC")
            return {key: _canonical(fields[key]) for key in sorted(fields, key=_utf_16)}
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _utf_16(key: str) -> bytes:
    return key.encode("utf-16-be")

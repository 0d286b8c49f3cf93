"""What kind of text a publication is, and the texts that it includes, as its page and documents show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reviewflow.domain.manifest import Manifest
from reviewflow.domain.symbols import parse_symbol
from reviewflow.gateways import paragraphs
from reviewflow.gateways.subjects import KINDS
from reviewflow.gateways.translations import marked as _

CORRIGENDUM = _("Corrigendum")


@dataclass(frozen=True, slots=True)
class IncludedPart:
    """A text that a brief or paper includes, from the very bytes of its digest; `text` is Markdown.

    `path` leads to its own publication, if it had one when this was published.
    """

    symbol: str
    digest: str
    path: str
    title: str
    language: str
    text: str
    addressees: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Its id on a page with several texts."""
        return self.symbol.lower().replace("/", "-").replace(".", "-")

    @property
    def html(self) -> str:
        """The text as a page shows it, with ids that no other text on the page has."""
        return paragraphs.apart(paragraphs.published_rationale(self.text), self.anchor)


def kind_of(symbol: str) -> str:
    """The kind of a published text, which its symbol tells, in words."""
    parsed = parse_symbol(symbol)
    if parsed and parsed.correction:
        return CORRIGENDUM
    return KINDS[parsed.kind if parsed else "recommendation"]


def is_paper(symbol: str) -> bool:
    """Whether a published text is a policy paper (or corrects one), which is set as a book is."""
    parsed = parse_symbol(symbol)
    return parsed is not None and parsed.kind == "policy_paper"


def parts_of(record: Mapping[str, Any]) -> list[IncludedPart]:
    """The parts that the record of a publication holds, in their order."""
    found = []
    for part in record.get("parts", ()):
        manifest = Manifest.from_bytes(part["manifest"].encode())
        wording, language = manifest.wording, manifest.authentic_language
        found.append(
            IncludedPart(
                symbol=part["symbol"],
                digest=part["digest"],
                path=part.get("path", ""),
                title=wording.title,
                language=language,
                text=wording.text,
                addressees=manifest.addressees,
            )
        )
    return found


#: To whom the recommendations of a paper are addressed, in the order of its groups.
_GROUPS = (
    (_("To both governments"), {"kazakhstan", "united-states"}),
    (_("To the Government of the United States"), {"united-states"}),
    (_("To the Government of Kazakhstan"), {"kazakhstan"}),
    (_("To the OSCE, its Chairmanship and its institutions"), set[str]()),
)


def by_addressee(parts: Iterable[IncludedPart]) -> list[tuple[str, list[IncludedPart]]]:
    """The parts of a paper, grouped by the governments that they are addressed to; each stands once."""
    groups: dict[str, list[IncludedPart]] = {}
    for part in parts:
        heading = next(name for name, asked in _GROUPS if asked <= set(part.addressees))
        groups.setdefault(heading, []).append(part)
    return [(name, groups[name]) for name, _asked in _GROUPS if name in groups]

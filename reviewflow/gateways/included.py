"""What kind of text a publication is, and the texts that it includes, as its page and documents show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewflow.domain.manifest import Manifest
from reviewflow.domain.symbols import FINAL, parse_symbol
from reviewflow.gateways import paragraphs


def _(message: str) -> str:
    """Marks a message for translation."""
    return message


#: Kinds of texts in words.
KINDS = {
    "recommendation": _("Recommendation"),
    "policy_brief": _("Policy brief"),
    "policy_paper": _("Policy paper"),
}
CORRIGENDUM = _("Corrigendum")


@dataclass(frozen=True, slots=True)
class IncludedPart:
    """A text that a brief or paper includes, from the very bytes of its digest; `text` is Markdown."""

    symbol: str
    digest: str
    title: str
    language: str
    text: str

    @property
    def html(self) -> str:
        """The text as a page shows it."""
        return paragraphs.published_rationale(self.text)


def kind_of(symbol: str) -> str:
    """The kind of a published text, which its symbol tells, in words."""
    parsed = parse_symbol(symbol)
    if parsed and parsed.correction:
        return CORRIGENDUM
    kinds = {series: kind for kind, series in FINAL.items()}
    return KINDS[kinds.get(parsed.series, "recommendation") if parsed else "recommendation"]


def parts_of(record: Mapping[str, Any]) -> list[IncludedPart]:
    """The parts that the record of a publication holds, in their order."""
    found = []
    for part in record.get("parts", ()):
        manifest = Manifest.from_bytes(part["manifest"].encode())
        wording, language = manifest.wording, manifest.authentic_language
        found.append(IncludedPart(part["symbol"], part["digest"], wording.title, language, wording.text))
    return found

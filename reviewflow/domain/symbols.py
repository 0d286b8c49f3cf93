"""Symbols: `USKZ.DR/3/09` at first circulation, `/Rev.n` when re-issued, `USKZ.REC/5/09` on approval.

A policy brief becomes `USKZ.PB/1/09`, a policy paper `USKZ.PP/1/09`. A corrigendum has the symbol of the text
that it corrects, with `/Corr.n`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, get_args

#: Drafts under discussion, and approved texts of each kind, are numbered in a series each.
Series = Literal["DR", "REC", "PB", "PP"]
_SERIES: dict[str, Series] = {series: series for series in get_args(Series)}
#: The series in which a text of each kind gets its symbol on approval.
FINAL: dict[str, Series] = {"recommendation": "REC", "policy_brief": "PB", "policy_paper": "PP"}
_KINDS = {series: kind for kind, series in FINAL.items()}

_PATTERN = re.compile(
    r"(?P<prefix>[A-Z][A-Z0-9-]{0,15})\.(?P<series>DR|REC|PB|PP)/(?P<number>[1-9][0-9]{0,5})"
    r"/(?P<year>[0-9]{2})"
    r"(?:/Rev\.(?P<revision>[1-9][0-9]{0,3})|/Corr\.(?P<correction>[1-9][0-9]{0,3}))?"
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol, given once, never changed or reused; `year` is the full year.

    `revision` and `correction` are 0 for none.
    """

    prefix: str
    series: Series
    number: int
    year: int
    revision: int = 0
    correction: int = 0

    def __str__(self) -> str:
        text = f"{self.prefix}.{self.series}/{self.number}/{self.year % 100:02d}"
        if self.revision:
            return f"{text}/Rev.{self.revision}"
        return f"{text}/Corr.{self.correction}" if self.correction else text

    @property
    def kind(self) -> str:
        """What a published text with this symbol is; what a draft is, its symbol does not tell."""
        return _KINDS.get(self.series, "recommendation")

    def revised(self) -> Symbol:
        """The symbol re-issued for a newer text: `/Rev.1`, then `/Rev.2`."""
        return replace(self, revision=self.revision + 1)

    def corrected(self, number: int) -> Symbol:
        """The symbol of the `number`-th corrigendum of the text with this one."""
        return replace(self, correction=number)

    def slug(self) -> str:
        """The symbol as it stands in an address: `uskz-rec-5-09`."""
        return re.sub(r"[^a-z0-9]+", "-", str(self).lower())


def parse_symbol(text: str) -> Symbol | None:
    """The symbol that `text` spells, or None; letters in any case, the century is this one."""
    match = _PATTERN.fullmatch(text.strip().upper().replace("/REV.", "/Rev.").replace("/CORR.", "/Corr."))
    if match is None or (match["series"] == "DR" and match["correction"]):
        # Only what is published is corrected.
        return None
    return Symbol(
        prefix=match["prefix"],
        series=_SERIES[match["series"]],
        number=int(match["number"]),
        year=2000 + int(match["year"]),
        revision=int(match["revision"] or 0),
        correction=int(match["correction"] or 0),
    )


def slug_of(title: str) -> str:
    """The words of a title for an address: ASCII where it can be, at most 60 characters, whole words."""
    words = re.findall(r"\w+", re.sub(r"['’]", "", title.lower()))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > 60:
            break
        slug = longer
    return slug or "text"

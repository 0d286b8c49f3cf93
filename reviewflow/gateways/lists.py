"""What public lists and searches show, what they are narrowed to, and their addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from reviewflow.domain.manifest import ADDRESSEES, COMMITMENTS, DIMENSIONS, KINDS
from reviewflow.domain.searching import Piece
from reviewflow.domain.symbols import parse_symbol
from reviewflow.gateways import subjects


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a public list; `notice` is empty, `superseded`, `retracted` or `corrected`."""

    path: str
    symbol: str
    title: str
    summary: str
    dimension: str
    addressees: tuple[str, ...]
    commitments: tuple[str, ...]
    published_at: datetime
    changed_at: datetime
    notice: str

    def values(self, facet: str) -> tuple[str, ...]:
        """What lists are narrowed to that this text stands in, by the name of a facet of `Filter`."""
        match facet:
            case "addressee":
                return self.addressees
            case "commitment":
                return self.commitments
            case "year":
                return (str(self.published_at.astimezone(UTC).year),)
            case "kind":
                symbol = parse_symbol(self.symbol)
                return (symbol.kind,) if symbol else ()
            case _:
                return (self.dimension,)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty is everything (the first task force). `page` counts from 1."""

    task_force: str = ""
    kind: str = ""
    dimension: str = ""
    addressee: str = ""
    commitment: str = ""
    year: str = ""
    page: int = 1


#: The parts of a filter, in the order of addresses.
_FACETS = tuple(part.name for part in fields(Filter))
#: The ways to narrow a list, beside the year: the words for each value.
_LABELS = {
    "kind": subjects.KINDS,
    "dimension": subjects.DIMENSIONS,
    "addressee": subjects.ADDRESSEES,
    "commitment": subjects.COMMITMENTS,
}
#: The values that texts can have; a task force is looked up, and a year has four digits.
_KNOWN = {"kind": KINDS, "dimension": DIMENSIONS, "addressee": ADDRESSEES, "commitment": COMMITMENTS}
_YEAR = re.compile(r"[12][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Issue:
    """A page of the list, and whether another follows."""

    items: tuple[Listed, ...]
    has_next: bool

    @property
    def texts(self) -> tuple[Listed, ...] | None:
        """All that the list has, if the first page of it is this one and the last."""
        return None if self.has_next else self.items


@dataclass(frozen=True, slots=True)
class Hit:
    """A publication that was searched for. `where` names the field that `snippet` is from.

    It is `summary`, `text` or `rationale`; empty, with no snippet, when the words stand in the title only.
    """

    listed: Listed
    title: tuple[Piece, ...]
    where: str
    language: str
    snippet: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of what was found, and how many texts were found in all."""

    items: tuple[Hit, ...] = ()
    total: int = 0


class SiteTaskForce(NamedTuple):
    """A task force as the public site names it. `stamp` changes with every change of its public pages."""

    id: int
    slug: str
    name: str
    description: str
    disclaimer: str
    notice: str
    stamp: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """How many texts there are, by each way to narrow a list; years are in order."""

    total: int
    kinds: dict[str, int] = field(default_factory=dict)
    dimensions: dict[str, int] = field(default_factory=dict)
    addressees: dict[str, int] = field(default_factory=dict)
    commitments: dict[str, int] = field(default_factory=dict)
    years: dict[str, int] = field(default_factory=dict)


def publication_address(path: str) -> str:
    """The permanent address of a publication, from the site's root."""
    return "/publications/" + quote(path)


def list_address(narrowed: Filter) -> str:
    """The address of a list, from the site's root, as `/browse/dimension/human/year/2009/page/2`.

    A path and no query, so that any server of files can answer it. What is not narrowed is left out.
    """
    path = "".join(f"/{name}/{quote(value, safe='')}" for name, value in _chosen(narrowed).items())
    return f"/browse{path}" if path else "/publications"


def narrowed_by(path: str) -> Filter | None:
    """What a list is narrowed to whose address ends with `path`, as `dimension/human`; None if none is so."""
    names, values = path.split("/")[::2], path.split("/")[1::2]
    given = dict(zip(names, values, strict=False))
    found = filter_of(given) if len(given) == len(values) and given.keys() <= set(_FACETS) else None
    return found if found and list_address(found) == f"/browse/{quote(path)}" else None


def filter_of(given: Mapping[str, str]) -> Filter | None:
    """What names and values narrow a list to, other names aside; None for values that no text can have."""
    asked = {name: given.get(name, "") for name in _FACETS}
    page = asked.pop("page") or "1"
    if any(value not in ("", *known) for name, known in _KNOWN.items() for value in [asked[name]]):
        return None
    if asked["year"] and not _YEAR.fullmatch(asked["year"]):
        return None
    if not (page.isascii() and page.isdecimal() and len(page) <= 5 and int(page) >= 1):
        return None
    return Filter(**asked, page=int(page))


def _chosen(narrowed: Filter) -> dict[str, str]:
    """The narrowed facets and the page, in the order of an address."""
    chosen = {name: str(getattr(narrowed, name)) for name in _FACETS}
    return {name: value for name, value in chosen.items() if value and (name, value) != ("page", "1")}


def feed_address(narrowed: Filter) -> str:
    """The feed that goes with a list."""
    return _beside(replace(narrowed, page=1), "feed.atom")


def json_feed_address(narrowed: Filter) -> str:
    """The same as JSON."""
    return _beside(replace(narrowed, page=1), "feed.json")


def _beside(narrowed: Filter, name: str) -> str:
    return f"{list_address(narrowed)}/{name}" if _chosen(narrowed) else f"/{name}"


def commitments_address(task_force: str) -> str:
    """The commitments and what follows from them; of the first task force where none is named."""
    return f"/commitments/{quote(task_force, safe='')}" if task_force else "/commitments"


def search_address(narrowed: Filter, question: str) -> str:
    """The address of a search, narrowed as a list is."""
    return "/search?" + urlencode({"q": question, **_chosen(narrowed)})


def list_of(**chosen: str) -> str:
    """The list that is narrowed to one value."""
    return list_address(Filter(**chosen))  # type: ignore[arg-type]  # its page is no facet


def narrowing(
    narrowed: Filter,
    years: Iterable[str],
    address: Callable[[Filter], str],
    texts: Collection[Listed] | None,
) -> dict[str, Any]:
    """What a list is narrowed to, with the way back, and the ways to narrow it further.

    Where all its `texts` are known, none of these leads to an empty list.
    """
    facets = {**_LABELS, "year": {year: year for year in years}}

    def changed(facet: str, value: str) -> str:
        return address(replace(narrowed, page=1, **{facet: value}))

    def leads_on(facet: str, value: str) -> bool:
        return texts is None or any(value in text.values(facet) for text in texts)

    return {
        "chosen": [
            (changed(facet, ""), labels.get(value, value))
            for facet, labels in facets.items()
            if (value := getattr(narrowed, facet))
        ],
        "choices": {
            facet: [
                (changed(facet, value), label, value == getattr(narrowed, facet))
                for value, label in labels.items()
                if leads_on(facet, value)
            ]
            for facet, labels in facets.items()
        },
    }


def choices(overview: Overview) -> dict[str, list[tuple[str, str, int]]]:
    """The ways to browse: address, label and number of texts, by facet."""
    counts = {
        "kind": overview.kinds,
        "dimension": overview.dimensions,
        "addressee": overview.addressees,
        "commitment": overview.commitments,
        "year": overview.years,
    }
    facets = {**_LABELS, "year": {year: year for year in overview.years}}
    return {
        facet: [
            (list_of(**{facet: value}), label, counts[facet].get(value, 0)) for value, label in labels.items()
        ]
        for facet, labels in facets.items()
    }

"""What public lists and searches show, what they are narrowed to, and their addresses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from reviewflow.domain.searching import Piece


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a public list; `notice` is empty, `superseded` or `retracted`."""

    path: str
    symbol: str
    title: str
    summary: str
    dimension: str
    addressees: tuple[str, ...]
    published_at: datetime
    changed_at: datetime
    notice: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty is everything (the first task force). `page` counts from 1."""

    task_force: str = ""
    dimension: str = ""
    addressee: str = ""
    commitment: str = ""
    year: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Issue:
    """A page of the list, and whether another follows."""

    items: tuple[Listed, ...]
    has_next: bool


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
    dimensions: dict[str, int] = field(default_factory=dict)
    addressees: dict[str, int] = field(default_factory=dict)
    commitments: dict[str, int] = field(default_factory=dict)
    years: dict[str, int] = field(default_factory=dict)


def publication_address(path: str) -> str:
    """The permanent address of a publication, from the site's root."""
    return "/publications/" + quote(path)


def list_address(narrowed: Filter, root: str = "/publications", **more: str) -> str:
    """The address of a list, from the site's root; what is not narrowed is left out."""
    asked = {
        **more,
        "task_force": narrowed.task_force,
        "dimension": narrowed.dimension,
        "addressee": narrowed.addressee,
        "commitment": narrowed.commitment,
        "year": narrowed.year,
        "page": str(narrowed.page) if narrowed.page > 1 else "",
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return root + (f"?{query}" if query else "")


def feed_address(narrowed: Filter) -> str:
    """The feed that goes with a list."""
    return list_address(replace(narrowed, page=1), "/feed.atom")


def json_feed_address(narrowed: Filter) -> str:
    """The same as JSON."""
    return list_address(replace(narrowed, page=1), "/feed.json")


def search_address(narrowed: Filter, question: str) -> str:
    """The address of a search, narrowed as a list is."""
    return list_address(narrowed, "/search", q=question)


def list_of(**chosen: str) -> str:
    """The list that is narrowed to one value."""
    return list_address(Filter(**chosen))  # type: ignore[arg-type]  # its page is no facet

"""The public site's pages as bytes: rendered here when publishing, and where a list is made.

An own Jinja environment: it knows no request, no session and no person, so a page can show none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reviewflow.domain.follow_up import FollowUp
from reviewflow.domain.searching import MAX_QUESTION
from reviewflow.gateways import follow_up, included, sheets, translations
from reviewflow.gateways.citations import ROOT, Cited
from reviewflow.gateways.corrections import FIELDS, Corrected
from reviewflow.gateways.lists import (
    Filter,
    Issue,
    Overview,
    Results,
    SiteTaskForce,
    choices,
    commitments_address,
    feed_address,
    list_address,
    list_of,
    narrowing,
    publication_address,
    search_address,
)
from reviewflow.gateways.paragraphs import chapters, headings, with_numbers, with_permalinks, with_scrolling
from reviewflow.gateways.subjects import ADDRESSEES, COMMITMENTS, DIMENSIONS, STATEMENT_KINDS
from reviewflow.gateways.translations import marked as _

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


#: The documents of a publication by the ending of their names, in the order in which they are offered.
FORMATS = {
    "pdf": "PDF",
    "docx": _("Word (DOCX)"),
    "epub": "EPUB",
    "html": _("HTML, one file"),
    "md": "Markdown",
    "json": _("JSON, with the manifest"),
}
LANGUAGES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}


@dataclass(frozen=True, slots=True)
class Notice:
    """That a publication was superseded (then with its successor) or retracted (with the explanation)."""

    kind: str
    at: datetime
    explanation: str = ""
    successor_path: str = ""
    successor_symbol: str = ""
    successor_title: str = ""


@dataclass(frozen=True, slots=True)
class Corrigendum:
    """A corrigendum that holds, as the page of what it corrects names it."""

    path: str
    symbol: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Offered:
    """A document that a page offers; `size` in bytes."""

    format: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PublicationView:
    """One publication as its page shows it; `record` is the snapshot's own, see services/snapshots.py.

    `corrigenda` are those to it; to the page of a corrigendum, later ones to the same text. `original_notice`
    is what has become of the text that a corrigendum corrects: empty, `superseded` or `retracted`.
    """

    id: int
    task_force: str
    path: str
    symbol: str
    title: str
    summary: str
    dimension: str
    version_number: int
    digest: str
    text_html: str
    rationale_html: str
    languages: tuple[str, ...]
    record: dict[str, Any]
    published_at: datetime
    documents: tuple[Offered, ...]
    has_evidence: bool
    #: Whether there is a picture of it for other sites.
    has_card: bool
    notice: Notice | None
    corrigenda: tuple[Corrigendum, ...]
    original_notice: str
    corrections: tuple[Corrected, ...]
    changes: tuple[Corrected, ...]
    follow_up: FollowUp


def cited(view: PublicationView) -> Cited:
    """What a citation of a publication says."""
    corrects = view.record.get("corrects")
    return Cited(
        author=view.record["task_force"]["name"],
        title=view.title,
        symbol=view.symbol,
        language=view.record["language"],
        abstract=view.summary,
        address=publication_address(view.path),
        published_at=view.published_at,
        notice=view.notice.kind if view.notice else "corrected" if view.corrigenda and not corrects else "",
        kind=included.kind_of(view.symbol),
        corrects=publication_address(corrects["path"]) if corrects else "",
        corrections=tuple(publication_address(one.path) for one in view.corrigenda),
    )


def publication_page(view: PublicationView) -> bytes:
    """The page of one publication, with what has become of it since."""
    record = view.record
    groups = record["groups"]
    is_paper, found = included.is_paper(view.symbol), included.parts_of(record)
    # A brief or paper has parts, and its headings are numbered as in its documents.
    text_html = with_numbers(view.text_html) if found else view.text_html
    parts = included.by_addressee(found) if is_paper else [("", found)] if found else []
    return render(
        "publication.html",
        view=view,
        cited=cited(view),
        kind=included.kind_of(view.symbol),
        parts=parts,
        is_paper=is_paper,
        text_html=text_html,
        headings=headings(text_html),
        chapters=chapters(view.text_html) if found else 0,
        subjects=[
            DIMENSIONS.get(view.dimension, view.dimension),
            *(ADDRESSEES.get(value, value) for value in record["addressees"]),
            *(COMMITMENTS.get(value, value) for value in record["commitments"]),
        ],
        searched_in=view.task_force,
        record=record,
        task_force=record["task_force"],
        groups=groups,
        proposer=groups[str(record["proposing_group"])],
        agreements=[act for act in record["sheet"] if act["event"] == "agree"],
        sheet=sheets.approval_sheet(record),
        sheet_names=sheets.NAMES,
        approval=next((act for act in record["sheet"] if act["event"] == "approve"), None),
        zones=sorted(groups.values(), key=lambda group: group["ordinal"]),
        digest=" ".join(view.digest[start : start + 8] for start in range(0, 64, 8)),
    )


def verify_page(
    task_force: SiteTaskForce,
    asked: str,
    found: Iterable[object],
    problem: str,
    keys: Iterable[object],
) -> bytes:
    """The page to check a file or digest: `found` are publications with the digest `asked`.

    `problem` is empty, or what could not be used: `file`, its `size`, `digest`. `keys` are those announced.
    """
    return render(
        "verify.html",
        task_force=task_force,
        asked=asked,
        found=tuple(found),
        problem=problem,
        keys=tuple(keys)[::-1],
    )


def front_page(
    task_force: SiteTaskForce, others: Iterable[SiteTaskForce], newest: Issue, overview: Overview
) -> bytes:
    """The front page of a task force; `others` are the task forces that share this site."""
    return render(
        "front.html",
        task_force=task_force,
        others=tuple(others),
        items_=newest.items,
        more=newest.has_next,
        overview=overview,
        choices=choices(overview),
    )


def list_page(task_force: SiteTaskForce, narrowed: Filter, issue: Issue, years: Iterable[str]) -> bytes:
    """One page of the list of publications; `years` are those in which something was published."""
    return render(
        "list.html",
        task_force=task_force,
        narrowed=narrowed,
        searched_in=narrowed.task_force,
        items_=issue.items,
        feed=feed_address(narrowed),
        newer=list_address(replace(narrowed, page=narrowed.page - 1)) if narrowed.page > 1 else "",
        older=list_address(replace(narrowed, page=narrowed.page + 1)) if issue.has_next else "",
        **narrowing(narrowed, years, list_address, issue.texts if narrowed.page == 1 else None),
    )


def search_page(
    task_force: SiteTaskForce,
    narrowed: Filter,
    question: str,
    results: Results | None,
    years: Iterable[str],
    size: int,
) -> bytes:
    """One page of what was found, `size` texts a page; no results at all where the question has no words."""

    def address(of: Filter) -> str:
        return search_address(of, question)

    pages = -(-results.total // size) if results else 0
    found = [hit.listed for hit in results.items] if results and pages == 1 else None
    return render(
        "search.html",
        task_force=task_force,
        narrowed=narrowed,
        searched_in=narrowed.task_force,
        question=question,
        limit=MAX_QUESTION,
        results=results,
        feed=feed_address(narrowed),
        everything=address(Filter(narrowed.task_force)),
        pages=pages,
        newer=address(replace(narrowed, page=narrowed.page - 1)) if narrowed.page > 1 else "",
        older=address(replace(narrowed, page=narrowed.page + 1)) if narrowed.page < pages else "",
        **narrowing(narrowed, years, address, found),
    )


def missing_page(task_force: SiteTaskForce, title: str, message: str) -> bytes:
    """What is answered in public where there is no page."""
    return render("missing.html", task_force=task_force, said={"title": title, "message": message})


def document_address(path: str, format_name: str) -> str:
    """The permanent address of a publication's document, from the site's root."""
    return f"{publication_address(path)}.{format_name}"


def render(name: str, **values: Any) -> bytes:
    values = {"lang": "en", "searched_in": "", **values}
    return _environment().get_template(f"site/{name}").render(values).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translations.install(environment, lambda: translations.catalogue("en"))
    environment.filters |= {
        "day": day,
        "date": iso_day,
        "exact": exact,
        "capitals": capitals,
        "address": publication_address,
        "document": document_address,
        "size": size,
        "plain_day": follow_up.plain_day,
        "safe_html": Markup,
        "permalinked": lambda html, label: Markup(with_permalinks(html, label)),  # noqa: S704 - stored as safe
        "scrolling": lambda html, label: Markup(with_scrolling(str(html), label)),  # noqa: S704 - as above
        # A group has a shape and a hue: the first is square, the second round.
        "mark": lambda group: {1: "w", 2: "a"}.get(group["ordinal"], "n"),
        "kind": included.kind_of,
    }
    environment.globals |= {
        "DIMENSIONS": DIMENSIONS,
        "ADDRESSEES": ADDRESSEES,
        "COMMITMENTS": COMMITMENTS,
        "STATEMENT_KINDS": STATEMENT_KINDS,
        "FIELDS": FIELDS,
        "LANGUAGES": LANGUAGES,
        "FORMATS": FORMATS,
        "ROOT": ROOT,
        "list_of": list_of,
        "commitments_of": commitments_address,
        **follow_up.NAMES,
    }
    return environment


def _instant(at: datetime | str) -> datetime:
    """An instant, also as the text in which a record keeps it."""
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def day(at: datetime | str, language: str = "en") -> str:
    """`24 September 2009`, in UTC: a date that stands alone must not depend on a capital."""
    return _day(_instant(at).astimezone(UTC).date(), language)


@lru_cache(1024)
def _day(day: date, language: str) -> str:
    return format_date(day, "d MMMM y" if language == "en" else "long", locale=language)


def iso_day(at: datetime | str) -> str:
    """`2009-09-24`, in UTC."""
    return _instant(at).astimezone(UTC).date().isoformat()


def exact(at: datetime | str) -> str:
    """`2009-09-24T14:00:00Z`, for programs."""
    return _instant(at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size(count: int) -> str:
    """A number of bytes for people: `96 kB`, never less than one."""
    return f"{max(1, round(count / 1000)):,} kB"


def capitals(at: datetime | str, zones: Iterable[Mapping[str, Any]], language: str = "en") -> list[str]:
    """`3 Sep 2009, 08:05 Washington`, `18:05 Astana`: a line a city, the date where it is another one."""
    lines, shown = [], None
    for zone in zones:
        local = _instant(at).astimezone(ZoneInfo(zone["time_zone"]))
        pattern = "HH:mm" if local.date() == shown else "d MMM, HH:mm" if shown else "d MMM y, HH:mm"
        # Babel shifts aware values to its own zone; the wall clock is already the right one.
        wall = format_datetime(local.replace(tzinfo=None), pattern, locale=language)
        lines.append(f"{wall} {zone['city']}")
        shown = local.date()
    return lines

"""The commitments with their recommendations, responses and implementation: a public page, and a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reviewflow.domain.follow_up import Assessment, FollowUp, Implementation, Response, Source
from reviewflow.gateways import pages, subjects
from reviewflow.gateways.follow_up import IMPLEMENTATIONS, RESPONSES
from reviewflow.gateways.lists import SiteTaskForce
from reviewflow.gateways.tables import harmless


@dataclass(frozen=True, slots=True)
class FollowedText:
    """A publication and what was recorded about it since; `notice` is empty or `superseded`."""

    path: str
    symbol: str
    title: str
    addressees: tuple[str, ...]
    commitments: tuple[str, ...]
    published_at: datetime
    notice: str
    follow_up: FollowUp


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar: `count` texts, from `start` on and `width` wide, in hundredths of the longest bar."""

    implementation: Implementation
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A commitment (its value; empty for none) with its texts, and its bar. `total` texts are in force."""

    commitment: str
    texts: tuple[FollowedText, ...]
    total: int
    segments: tuple[Segment, ...]


def matrix(texts: Iterable[FollowedText]) -> tuple[Line, ...]:
    """The texts by commitment, in the order of the commitments; at the end those that rest on none.

    The bars count texts in force: what was superseded is listed, and its successor counts in its place.
    """
    known = tuple(texts)
    chosen = {
        value: tuple(text for text in known if value in text.commitments) for value in subjects.COMMITMENTS
    }
    chosen[""] = tuple(text for text in known if not text.commitments)
    longest = max((len(_in_force(found)) for found in chosen.values()), default=0)
    return tuple(_line(value, found, longest) for value, found in chosen.items() if found)


def _in_force(texts: Iterable[FollowedText]) -> list[FollowedText]:
    return [text for text in texts if not text.notice]


def _line(commitment: str, texts: tuple[FollowedText, ...], longest: int) -> Line:
    counted = [text.follow_up.implementation for text in _in_force(texts)]
    segments, start = [], 0
    for implementation in IMPLEMENTATIONS:
        count = counted.count(implementation)
        share = 100 / longest if longest else 0
        segments.append(Segment(implementation, count, round(start * share, 2), round(count * share, 2)))
        start += count
    return Line(commitment, texts, len(counted), tuple(segments))


def commitments_page(task_force: SiteTaskForce, texts: Iterable[FollowedText], table: str) -> bytes:
    """The page; `table` is the address of the same as CSV."""
    return pages.render(
        "commitments.html",
        task_force=task_force,
        searched_in=task_force.slug,
        lines=matrix(texts),
        table=table,
    )


_HEADINGS = (
    *("Commitment", "Reference number", "Title", "Published on", "Superseded", "Addressee"),
    *("Response", "Under consideration until", "Given on", "Words of the response"),
    *("Source of the response", "Its address"),
    *("Implementation", "As of", "Evidence", "Source of the evidence", "Its address"),
)


def commitments_table(texts: Iterable[FollowedText]) -> bytes:
    """The entries that count as CSV (UTF-8 with the mark by which Excel knows it).

    A row for each commitment, text and addressee.
    """
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer)
    writer.writerow(_HEADINGS)
    for line in matrix(texts):
        for text in line.texts:
            for addressee in text.addressees:
                writer.writerow([harmless(cell) for cell in _row(line, text, addressee)])
    return buffer.getvalue().encode()


def _row(line: Line, text: FollowedText, addressee: str) -> Iterator[str]:
    yield subjects.COMMITMENTS.get(line.commitment, "")
    yield from (text.symbol, text.title, pages.iso_day(text.published_at))
    yield "yes" if text.notice else ""
    yield subjects.ADDRESSEES.get(addressee, addressee)
    yield from _response(text.follow_up.response_of(addressee))
    yield from _assessment(text.follow_up.assessment)


def _response(response: Response | None) -> tuple[str, ...]:
    if response is None:
        return ("",) * 6
    until = response.until.isoformat() if response.until else ""
    kind = RESPONSES[response.kind]
    return (kind, until, response.day.isoformat(), response.words, *_source(response.source))


def _assessment(assessment: Assessment | None) -> tuple[str, ...]:
    if assessment is None:
        return (IMPLEMENTATIONS[Implementation.NOT_ASSESSED], *("",) * 4)
    return (
        IMPLEMENTATIONS[assessment.implementation],
        assessment.day.isoformat(),
        assessment.evidence,
        *_source(assessment.source),
    )


def _source(source: Source) -> tuple[str, str]:
    return source.title, source.url

"""What became of a published text: how its addressees responded, and how far it was implemented.

The words are those of the United Nations' Universal Periodic Review (responses) and of ODIHR's reports on
follow-up (implementation). Nothing here touches a publication: entries stand outside of it, as notices do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from reviewflow.domain.actors import Actor
from reviewflow.domain.acts import Reason
from reviewflow.domain.errors import InvalidInput, Unmet, WrongState
from reviewflow.domain.items import Item, RelationKind, State
from reviewflow.domain.permissions import Permission, about_item, allows, demand
from reviewflow.domain.text import canonical_line, canonical_text

#: The longest address of a source, in characters; more does not fit into every browser.
MAX_ADDRESS = 2_000
#: The names of the two events.
RESPONSE_RECORDED, ASSESSMENT_RECORDED = "record_response", "record_assessment"
#: Follow-up is recorded for what is public and still supported, or was until another text replaced it.
_FOLLOWED = (State.PUBLISHED, State.SUPERSEDED)
_ADDRESS = re.compile(r"https?://[^\s<>\"\\]+", re.IGNORECASE)


class ResponseKind(StrEnum):
    """How an addressee responds to a recommendation (Universal Periodic Review, Human Rights Council 5/1)."""

    #: It will be carried out.
    SUPPORTED = "supported"
    #: It is taken note of, without support.
    NOTED = "noted"
    #: It is carried out already.
    ALREADY_UNDER_WAY = "already_under_way"
    #: The answer comes until a date that is named.
    UNDER_CONSIDERATION = "under_consideration"


class Implementation(StrEnum):
    """How far a recommendation is implemented, in the words of ODIHR."""

    FULLY = "fully"
    MOSTLY = "mostly"
    PARTIALLY = "partially"
    NOT = "not"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True)
class Source:
    """Where something can be read: a title, and a web address. Both are empty where there is none."""

    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What an addressee answered on a day. `until` is the day by which a later answer is promised."""

    addressee: str
    kind: ResponseKind
    until: date | None
    day: date
    words: str
    source: Source
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """How far a text was implemented as of a day, and the evidence for it."""

    implementation: Implementation
    day: date
    evidence: str
    source: Source
    is_correction: bool = False


class _Entry(Protocol):
    @property
    def day(self) -> date: ...
    @property
    def is_correction(self) -> bool: ...


_E = TypeVar("_E", bound=_Entry)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Everything that was recorded for one text, in the order in which it was recorded."""

    responses: tuple[Response, ...] = ()
    assessments: tuple[Assessment, ...] = ()

    def response_of(self, addressee: str) -> Response | None:
        """The response of an addressee that counts."""
        return _counting(self._responses_of(addressee))

    def earlier_responses_of(self, addressee: str) -> tuple[Response, ...]:
        """The others, the newest first."""
        return _others(self._responses_of(addressee))

    def _responses_of(self, addressee: str) -> tuple[Response, ...]:
        return tuple(response for response in self.responses if response.addressee == addressee)

    @property
    def assessment(self) -> Assessment | None:
        """The assessment that counts."""
        return _counting(self.assessments)

    @property
    def earlier_assessments(self) -> tuple[Assessment, ...]:
        """The others, the newest first."""
        return _others(self.assessments)

    @property
    def implementation(self) -> Implementation:
        """How far the text is implemented; what nobody has assessed is not assessed."""
        counting = self.assessment
        return counting.implementation if counting else Implementation.NOT_ASSESSED


def _counting(entries: Sequence[_E]) -> _E | None:
    """The entry of the latest day; a correction takes the place of the one that counted, whatever its day."""
    counting: _E | None = None
    for entry in entries:
        if counting is None or entry.is_correction or entry.day >= counting.day:
            counting = entry
    return counting


def _others(entries: Sequence[_E]) -> tuple[_E, ...]:
    counting = _counting(entries)
    others = [entry for entry in reversed(entries) if entry is not counting]
    return tuple(sorted(others, key=lambda entry: entry.day, reverse=True))


@dataclass(frozen=True, slots=True)
class FollowedText:
    """A text as these rules see it; `published_on` is None as long as it is not public. Days are in UTC."""

    item: Item
    addressees: tuple[str, ...] = ()
    published_on: date | None = None
    recorded: FollowUp = FollowUp()


def may_record(actor: Actor, item: Item) -> bool:
    """Whether the actor may record follow-up now: the coordinator, for what is public and not retracted."""
    return (
        allows(Permission.RECORD_FOLLOW_UP, actor, about_item(actor, item))
        and item.state in _FOLLOWED
        and not _is_corrigendum(item)
    )


def _is_corrigendum(item: Item) -> bool:
    """Whether follow-up is recorded for another text: the one that this one corrects."""
    return item.relation is not None and item.relation.kind is RelationKind.CORRIGENDUM


def _permit(actor: Actor, text: FollowedText) -> date:
    """The day of publication. Raises `NotFound`, `NotPermitted`, `WrongState` and `Unmet`, in this order."""
    demand(Permission.RECORD_FOLLOW_UP, actor, about_item(actor, text.item))
    if text.item.state not in _FOLLOWED or text.published_on is None:
        raise WrongState(state=text.item.state, possible_from=_FOLLOWED)
    if _is_corrigendum(text.item):
        raise Unmet(action=Permission.RECORD_FOLLOW_UP, reasons=(Reason("followed_up_by_original"),))
    return text.published_on


def decide_response(
    actor: Actor,
    text: FollowedText,
    today: date,
    *,
    addressee: str,
    kind: ResponseKind | None,
    until: date | None,
    day: date | None,
    words: str,
    source: Source,
    is_correction: bool = False,
) -> Response:
    """The response as it is recorded.

    Raises `NotFound`, `NotPermitted`, `WrongState`, `Unmet`, `UnacceptableText` and `InvalidInput`
    (not_an_addressee, missing, no_such_day, not_wanted, until_not_later, in_future, before_publication,
    no_address, nothing_to_correct).
    """
    published_on = _permit(actor, text)
    if addressee not in text.addressees:
        raise InvalidInput(field="addressee", problem="not_an_addressee")
    if kind is None:
        raise InvalidInput(field="response", problem="missing")
    given = _day("given_on", day, published_on, today)
    if kind is ResponseKind.UNDER_CONSIDERATION:
        if until is None:
            raise InvalidInput(field="considered_until", problem="no_such_day")
        if until <= given:
            raise InvalidInput(field="considered_until", problem="until_not_later")
    elif until is not None:
        raise InvalidInput(field="considered_until", problem="not_wanted")
    if is_correction and text.recorded.response_of(addressee) is None:
        raise InvalidInput(field="is_correction", problem="nothing_to_correct")
    return Response(
        addressee,
        kind,
        until,
        given,
        canonical_text(words, field="words"),
        _source(source),
        is_correction,
    )


def decide_assessment(
    actor: Actor,
    text: FollowedText,
    today: date,
    *,
    implementation: Implementation | None,
    day: date | None,
    evidence: str,
    source: Source,
    is_correction: bool = False,
) -> Assessment:
    """The assessment as it is recorded. That something is not assessed needs words, but no source.

    Raises what `decide_response` raises, except for what is about addressees and answers.
    """
    published_on = _permit(actor, text)
    if implementation is None:
        raise InvalidInput(field="implementation", problem="missing")
    as_of = _day("as_of", day, published_on, today)
    if is_correction and text.recorded.assessment is None:
        raise InvalidInput(field="is_correction", problem="nothing_to_correct")
    told = canonical_text(evidence, field="evidence")
    if not told.strip():
        raise InvalidInput(field="evidence", problem="missing")
    needs_none = implementation is Implementation.NOT_ASSESSED and not (source.title + source.url).strip()
    return Assessment(implementation, as_of, told, Source() if needs_none else _source(source), is_correction)


def _day(field: str, day: date | None, published_on: date, today: date) -> date:
    """A day from the publication until today."""
    if day is None:
        raise InvalidInput(field=field, problem="no_such_day")
    if day > today:
        raise InvalidInput(field=field, problem="in_future")
    if day < published_on:
        raise InvalidInput(field=field, problem="before_publication")
    return day


def _source(source: Source) -> Source:
    """A source in canonical form, whose address leads to a page of the web."""
    title = canonical_line(source.title, field="source_title")
    if not title:
        raise InvalidInput(field="source_title", problem="missing")
    url = source.url.strip()
    if not _leads_somewhere(url):
        raise InvalidInput(field="source_url", problem="no_address")
    return Source(title, url)


def _leads_somewhere(url: str) -> bool:
    """Whether it is an http(s) address with a host, and without a name before it that could deceive."""
    if len(url) > MAX_ADDRESS or not url.isprintable() or not _ADDRESS.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False

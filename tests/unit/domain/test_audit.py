"""The chain of events shows where it was tampered with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewflow.domain.audit import GENESIS, Link, first_break, instant_text

START = datetime(2009, 10, 14, 9, 5, tzinfo=UTC)
Chain = list[tuple[Link, str]]


def chain(length: int) -> Chain:
    """A sound chain of events."""
    links: Chain = []
    previous = GENESIS
    for sequence in range(1, length + 1):
        link = Link(
            sequence=sequence,
            task_force="uskz",
            item=None if sequence == 1 else "7",
            event="revise",
            actor_id=11,
            at=START + timedelta(minutes=sequence),
            version=sequence,
            digest="d" * 64,
            data={"reason": "Пояснение", "people": [1, 2]},
            previous=previous,
        )
        previous = link.hash()
        links.append((link, previous))
    return links


@pytest.mark.parametrize("length", [0, 1, 5])
def test_sound_chain_has_no_break(length: int) -> None:
    assert first_break(chain(length)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 9},
        {"task_force": "other"},
        {"item": "8"},
        {"event": "agree"},
        {"actor_id": 12},
        {"actor_id": None},
        {"at": START},
        {"version": 9},
        {"digest": "e" * 64},
        {"digest": None},
        {"data": {}},
        {"previous": GENESIS},
    ],
    ids=str,
)
def test_changed_event_is_where_the_chain_breaks(change: dict[str, object]) -> None:
    links = chain(5)
    links[2] = (replace(links[2][0], **change), links[2][1])
    assert first_break(links) == 3


def test_changed_event_with_a_new_hash_breaks_the_next_one() -> None:
    links = chain(5)
    forged = replace(links[2][0], actor_id=99)
    links[2] = (forged, forged.hash())
    assert first_break(links) == 4


@given(st.integers(0, 5), st.data())
def test_missing_or_swapped_event_breaks_the_chain_there(place: int, data: st.DataObject) -> None:
    links = chain(7)
    other = data.draw(st.integers(place + 1, 6))
    swapped = list(links)
    swapped[place], swapped[other] = swapped[other], swapped[place]
    assert first_break(swapped) == place + 1
    assert first_break(links[:place] + links[place + 1 :]) == place + 1


def test_repeated_event_breaks_the_chain() -> None:
    links = chain(3)
    assert first_break([*links, links[-1]]) == 4


def test_hash_depends_on_the_instant_and_not_on_its_zone() -> None:
    link = chain(1)[0][0]
    elsewhere = replace(link, at=link.at.astimezone(timezone(timedelta(hours=6))))
    assert (
        elsewhere.hash(),
        replace(link, at=link.at + timedelta(microseconds=1)).hash() == link.hash(),
    ) == (
        link.hash(),
        False,
    )


def test_instant_is_written_in_utc_with_microseconds() -> None:
    astana = datetime(2009, 10, 14, 15, 5, tzinfo=timezone(timedelta(hours=6)))
    assert instant_text(astana) == "2009-10-14T09:05:00.000000Z"

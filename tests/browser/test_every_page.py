"""Every kind of page of the demonstration is looked at, at a desk in the light and on a phone in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from reviewflow.demonstration import loader
from reviewflow.demonstration.story import read_story
from tests.browser.conftest import House
from tests.browser.people import Member, Reader

#: What differs between pages of one kind: keys, symbols, numbers of versions and pages, names of files,
#: what a list is narrowed by.
_NAMES = re.compile(
    r"(?<=/recommendations/)(?!new\b)[^/?]+|(?<=/packages/)(?!new\b)[^/?]+|(?<=/symbols/).+"
    r"|(?<=/publications/)[^?]+|(?<=/browse/)[^?]+|(?<=/versions/)\d+|(?<=/people/)\d+|(?<=\?).*"
)
#: Downloads and streams are no pages.
_NO_PAGE = re.compile(
    r"\.(csv|atom|json|xml|txt|zip|pdf|docx|epub|md|evidence|bib|ris|csl|png|html)\b|format=csv"
)


def kind_of(path: str) -> str:
    """The address with a star for whatever names one thing among many."""
    return _NAMES.sub("*", path)


def walk(reader: Reader, start: str, inside: str) -> set[str]:
    """Look at one page of each kind that links lead to from `start`; the kinds."""
    seen: set[str] = set()
    opened: set[str] = set()
    queue = [start]
    while queue:
        path = queue.pop(0)
        kind = kind_of(path)
        # Each text is opened, since what can be done with it depends on its state.
        if path in opened or (kind in seen and not kind.endswith(("/recommendations/*", "/publications/*"))):
            continue
        reader.go(path)
        opened.add(path)
        if kind not in seen:
            reader.look(phone=True)
        seen.add(kind)
        found = reader.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        for address in map(str, found):
            parts = urlsplit(address)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if address.startswith(reader.address + inside) and not _NO_PAGE.search(target):
                queue.append(target)
    return seen


@pytest.fixture
def demonstration(house: House) -> Callable[[str], Member]:
    """Signs somebody of the demonstration in, by their address."""
    story = read_story()
    # The house has its own small task force under the other name.
    story.task_force.update(slug="demo", symbol_prefix="DEMO")
    with house.stage.app.app_context():
        loader.load(story)

    def sign_in(email: str) -> Member:
        return house.somebody("demo", email, loader.PASSWORD)

    return sign_in


@pytest.mark.slow
@pytest.mark.parametrize(
    ("email", "kinds"),
    [
        ("aliya.nurgazina@example.org", 30),
        ("margaret.hollis@example.org", 30),
        ("elena.marsh@example.org", 15),
    ],
)
def test_every_kind_of_desk_page_is_sound(
    demonstration: Callable[[str], Member], email: str, kinds: int
) -> None:
    member = demonstration(email)
    member.sign_in()
    assert len(walk(member, member.desk + "/", member.desk)) >= kinds


@pytest.mark.slow
def test_every_kind_of_public_page_is_sound(house: House, demonstration: Callable[[str], Member]) -> None:
    reader = house.reader()
    kinds = walk(reader, "/browse/task_force/demo", "/")
    assert kinds >= {"/", "/browse/*", "/commitments/demo", "/publications", "/publications/*", "/verify"}
    assert walk(reader, "/search?q=elections&task_force=demo", "/search?") == {"/search?*"}

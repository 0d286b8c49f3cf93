"""What exists for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewflow.domain.actors import Actor, Role
from reviewflow.domain.items import Item, State, Version
from reviewflow.domain.visibility import may_comment, may_see, may_see_thread

TEXT = Version(1, "text", "text")
DRAFT = Item(7, 1, 10, (20,), State.DRAFT, 0, TEXT)
CIRCULATED = replace(DRAFT, circulated=TEXT)

#: Actor: sees a draft, sees it circulated; may comment internally and shared, on the draft and circulated.
EXPECTED = {
    Actor(11, 1, Role.LEAD, 10): (True, True, True, False, True, True),
    Actor(12, 1, Role.EXPERT, 10): (True, True, True, False, True, True),
    Actor(13, 1, Role.OBSERVER, 10): (True, True, False, False, False, False),
    Actor(21, 1, Role.LEAD, 20): (False, True, False, False, True, True),
    Actor(22, 1, Role.EXPERT, 20): (False, True, False, False, True, True),
    Actor(23, 1, Role.OBSERVER, 20): (False, True, False, False, False, False),
    Actor(1, 1, Role.COORDINATOR): (False, True, False, False, False, True),
    Actor(2, 1, Role.CLOCK): (False, True, False, False, False, False),
    Actor(3, 1, Role.ADMINISTRATOR): (False, False, False, False, False, False),
    Actor(11, 2, Role.LEAD, 10): (False, False, False, False, False, False),
    Actor(1, 2, Role.COORDINATOR): (False, False, False, False, False, False),
}


@pytest.mark.parametrize("actor", EXPECTED, ids=lambda actor: f"{actor.role} {actor.person_id}")
def test_item_exists_and_may_be_discussed_as_expected(actor: Actor) -> None:
    assert (
        may_see(actor, DRAFT),
        may_see(actor, CIRCULATED),
        may_comment(actor, DRAFT, internal=True),
        may_comment(actor, DRAFT, internal=False),
        may_comment(actor, CIRCULATED, internal=True),
        may_comment(actor, CIRCULATED, internal=False),
    ) == EXPECTED[actor]


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (Actor(13, 1, Role.OBSERVER, 10), (True, True, False)),
        (Actor(21, 1, Role.LEAD, 20), (True, False, True)),
        (Actor(31, 1, Role.LEAD, 30), (True, False, False)),
        (Actor(1, 1, Role.COORDINATOR), (True, False, False)),
        (Actor(3, 1, Role.ADMINISTRATOR), (False, False, False)),
        (Actor(11, 2, Role.LEAD, 10), (False, False, False)),
    ],
)
def test_thread_exists_for_its_own_group_or_for_all(actor: Actor, expected: tuple[bool, ...]) -> None:
    """A shared thread, one internal to the proposing group, and one internal to the counterpart."""
    found = tuple(may_see_thread(actor, CIRCULATED, internal_to=group) for group in (None, 10, 20))
    assert found == expected


def test_thread_on_a_draft_exists_for_no_other_group() -> None:
    reviewer = Actor(21, 1, Role.LEAD, 20)
    assert [may_see_thread(reviewer, DRAFT, internal_to=group) for group in (None, 10, 20)] == [False] * 3

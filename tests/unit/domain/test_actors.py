"""Who acts, and how they stand to a recommendation."""

from __future__ import annotations

import pytest

from reviewflow.domain.actors import Actor, Role, Standing, standing


@pytest.mark.parametrize("role", [Role.LEAD, Role.EXPERT, Role.OBSERVER])
def test_member_without_a_group_is_refused(role: Role) -> None:
    with pytest.raises(ValueError):
        Actor(1, 1, role)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR, Role.CLOCK])
def test_outsider_with_a_group_is_refused(role: Role) -> None:
    with pytest.raises(ValueError):
        Actor(1, 1, role, 10)


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (Actor(1, 1, Role.LEAD, 10), Standing.PROPOSER),
        (Actor(1, 1, Role.OBSERVER, 10), Standing.PROPOSER),
        (Actor(1, 1, Role.EXPERT, 20), Standing.COUNTERPART),
        (Actor(1, 1, Role.COORDINATOR), Standing.COORDINATOR),
        (Actor(1, 1, Role.CLOCK), Standing.COORDINATOR),
        (Actor(1, 1, Role.ADMINISTRATOR), Standing.NONE),
        (Actor(1, 2, Role.LEAD, 10), Standing.NONE),
        (Actor(1, 2, Role.COORDINATOR), Standing.NONE),
    ],
)
def test_standing_follows_task_force_role_and_group(actor: Actor, expected: Standing) -> None:
    assert standing(actor, task_force_id=1, proposing_group=10) is expected

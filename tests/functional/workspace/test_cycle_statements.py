"""How many statements the whole procedure takes, form by form, with who is signed in."""

from __future__ import annotations

from bench import inside, population


def test_the_whole_procedure_takes_eighty_statements(database_url: str) -> None:
    counts = inside.cycle_statements(database_url, population.create(database_url))
    assert counts == {
        "create": 11,
        "propose": 14,
        "position": 9,
        "second position": 9,
        "agree": 10,
        "approve": 11,
        "publish": 16,
    }

"""The demonstration as its files tell it; every person and every text in them is invented.

`content/people.toml` has `[task_force]`, `[[groups]]` and `[[people]]`, each with a `key` that the
other files use; `[[guests]]`, whom the lead `by` invites and who take their seat `at` an instant; and
`[[stand_ins]]`, whom `by` names `at` an instant to act in their name from `since` until `until`.

Each file in `content/recommendations/` is one item: its first text at the top, then `[[acts]]` with `at` (an
instant), `by` (a person's key) and `act`, and what that act needs:

- `comment`: `thread` (a name within the file; its first comment opens it), `text`, and where it opens
  a thread `visibility` and perhaps `paragraph` (from 1) and `words` of it, as they are seen;
- `raise_concern`: as the first `comment` of a thread, always shared; `end_concern`: `thread`, `end`, `text`;
- `resolve`: `thread`; `take_position`: `position`, perhaps `reason`; `amend`: `bracket` (from 0), `wording`;
- `revise`: `note` and the fields that change; `resubmit`: perhaps `answer`;
- `attach_statement`: `kind`, `text`, perhaps `for_group`; `tie`: `with` (keys of other items), `title`;
- `suggest` and `ask_bracket`: the name of their `thread`, `paragraph`, `words`, what stands instead (`after`,
  or `others` beside the words), `reason`; `accept` and `reject` with `threads`, to reject with `words`;
- `ask_sign_off`: `guest`, who takes the position by the link with `sign` and a `position`;
- an act that a stand-in does has the `principal` in whose name it is;
- `propose_silence` and `accept_silence`: `until`; `expire_silence` is the clock's, whoever `by` names;
- `record_response`: `addressee`, `response`, `day`, perhaps `until` and `words`; `record_assessment`:
  `implementation`, `day`, `evidence`; both with `source`, `source_url` and perhaps `is_correction`;
- every other act is one of the procedure's, with `reason` where it needs one.

`kind` is what it is (a recommendation if it says nothing), `includes` names the items that a brief or paper
includes, `replaces` and `corrects` the item that this one supersedes or corrects, `expected_state` where the
acts leave it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody does; `details` is what the file says beside who, when and what.

    `item` is empty for what is about people.
    """

    item: str
    at: datetime
    by: str
    act: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """Everything that the files tell."""

    task_force: Mapping[str, str]
    groups: tuple[Mapping[str, str], ...]
    people: tuple[Mapping[str, str], ...]
    seats: tuple[Act, ...]
    items: Mapping[str, Mapping[str, Any]]

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        """The acts of all files in the order in which they happened, each item's creation first."""
        found = [*self.seats]
        for key, item in self.items.items():
            found.append(Act(key, item["created"], item["author"], "create", item))
            for entry in item.get("acts", ()):
                found.append(_act(key, entry["act"], entry))
        return tuple(sorted(found, key=lambda act: act.at))

    def events(self) -> int:
        """How many events the story leaves at the least: one an act, and those of setting it up."""
        return 1 + len(self.groups) + len(self.people) + len(self.acts)

    def sample_people(self) -> tuple[Mapping[str, str], ...]:
        """One person of each kind: of each group and role the first."""
        kinds: dict[tuple[str, str], Mapping[str, str]] = {}
        for person in self.people:
            kinds.setdefault((person.get("group", ""), person["role"]), person)
        return tuple(kinds.values())


def read_story(folder: Path = CONTENT) -> Story:
    """Read the files."""
    people = _read(folder / "people.toml")
    items = [_read(path) for path in sorted((folder / "recommendations").glob("*.toml"))]
    return Story(
        task_force=people["task_force"],
        groups=tuple(people["groups"]),
        people=tuple(people["people"]),
        seats=(
            *(_act("", "seat_guest", guest) for guest in people["guests"]),
            *(_act("", "name_stand_in", named) for named in people["stand_ins"]),
        ),
        items={item["key"]: item for item in items},
    )


def _act(item: str, act: str, entry: Mapping[str, Any]) -> Act:
    details = {name: value for name, value in entry.items() if name not in ("at", "by", "act")}
    return Act(item, entry["at"], entry["by"], act, details)


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)

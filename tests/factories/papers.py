"""Papers with everything in them that a document can have to show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reviewflow.domain.manifest import Manifest, Wording
from reviewflow.gateways.documents.paper import Paper, paper_of

PUBLISHED_AT = datetime(2009, 9, 24, 14, 0, tzinfo=UTC)
#: Headings that skip a level, numbered and nested paragraphs, notes out of order, a table, and code.
TEXT = """The Task Force recommends:

# Timetable

1. Publish a **timetable**[^law] with *dates*, see [the site](https://example.org/a?b=1&c=2).

   A second paragraph of it.

   - nested one
   - nested two[^note]

2. Report on it[^note], ~~never~~ `always`. Қазақша: ә ғ қ ң ө ұ ү һ і; русский: ё ъ ы.

### Details

> Quoted words.

- a bullet

| Item | Count |
|:-----|------:|
| One <b> | 1 |

```
if a < b:
    pass
```

---

[^note]: A note with [a link](https://note.example/).

[^law]: The law."""
RATIONALE = "Promises without dates are *not* kept[^1].\n\n[^1]: Indeed."
STATEMENT = "Первый абзац.\nВторая строка.\n\nВторой абзац."


def paper(text: str = TEXT, *, language: str = "en", **changes: Any) -> Paper:
    """The paper of a publication, made from the same plain values as the stored ones."""
    wording = {
        "title": "A public <timetable> & more",
        "summary": "A timetable that everybody can read.",
        "text": text,
        "rationale": RATIONALE,
        **changes,
    }
    manifest = Manifest(
        kind="recommendation",
        proposing_group="washington",
        dimension="human",
        addressees=("kazakhstan", "odihr"),
        commitments=("madrid-media",),
        authentic_language=language,
        wordings={language: Wording(**wording)},
    )
    return paper_of(
        symbol="USKZ.REC/5/09",
        version=2,
        manifest=manifest.canonical_bytes(),
        record=record(language),
        published_at=PUBLISHED_AT,
    )


def record(language: str = "en") -> dict[str, Any]:
    """What a snapshot keeps beside the text, see services/snapshots.py."""
    return {
        "task_force": {
            "name": "Task force uskz",
            "disclaimer": "Views of the groups.",
            "notice": "Invented.",
        },
        "groups": {"1": _group("Washington", 1, "America/New_York"), "2": _group("Astana", 2, "Asia/Almaty")},
        "proposing_group": 1,
        "addressees": ["kazakhstan", "odihr"],
        "commitments": ["madrid-media"],
        "language": language,
        "created_at": "2009-09-01T00:00:00.000000Z",
        "symbols": ["USKZ.DR/5/09", "USKZ.REC/5/09"],
        "sheet": [
            _act("propose", 1, "Washington Expert", "expert", "2009-09-03T12:05:00.000000Z"),
            _act("agree", 2, "Astana Lead", "lead", "2009-09-20T03:00:00.000000Z", positions=2, voters=3),
            _act("approve", None, "Coordinator", "coordinator", "2009-09-21T09:00:00.000000Z"),
        ],
        "story": [],
        "statements": [
            {
                "kind": "reservation",
                "group": 2,
                "for_group": True,
                "name": "",
                "text": STATEMENT,
                "version": 1,
                "at": "2009-09-19T09:00:00.000000Z",
            }
        ],
    }


def _group(city: str, ordinal: int, zone: str) -> Mapping[str, Any]:
    return {
        "name": f"{city} working group",
        "short": city,
        "letter": city[0],
        "ordinal": ordinal,
        "city": city,
        "time_zone": zone,
    }


def _act(event: str, group: int | None, name: str, role: str, at: str, **counted: int) -> dict[str, Any]:
    told = {"event": event, "group": group, "name": name, "role": role, "at": at, "version": 2}
    return {**told, "reason": "", "symbol": "", "positions": 0, "voters": 0, "approvals": 0, **counted}

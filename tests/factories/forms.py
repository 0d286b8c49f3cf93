"""Forms as the editor's page sends them."""

from __future__ import annotations

from typing import Any

from tests.factories.task_forces import content


def editor_form(base: int | None = None, **changes: Any) -> dict[str, Any]:
    """The fields of a complete text (`task_forces.content`); `base` is the version it grows from."""
    text = content()
    fields: dict[str, Any] = {
        "title": text.title,
        "summary": text.summary,
        "text": text.text.replace("\n", "\r\n"),
        "rationale": text.rationale,
        "dimension": text.dimension,
        "addressees": list(text.addressees),
        "commitments": list(text.commitments),
        "note": "",
        "base_version": "" if base is None else str(base),
    }
    return fields | changes

"""How an item follows from a published one, as it stands while both are locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewflow.domain.items import Relation, RelationKind, State
from reviewflow.domain.manifest import Manifest
from reviewflow.persistence.models.recommendations import Recommendation


def relation_of(row: Recommendation, family: list[Sequence[Any]], manifest: bytes) -> Relation | None:
    """The relation of a row; `family` are the publications of its original and of all corrigenda to that.

    The newest of them that holds has the words in force: each corrigendum was published on the newest.
    One that includes other texts stands there once for each.
    """
    if row.original_id is None or row.relation is None:
        return None
    published = {values[0]: (values[5], State(values[6])) for values in sorted(family, key=lambda of: of[0])}
    words = tuple(digest for digest, state in published.values() if state is State.PUBLISHED)
    kind = RelationKind(row.relation)
    return Relation(
        kind,
        row.original_id,
        # The original was there before all that corrects it.
        next(state for _, state in published.values()),
        corrected_meanwhile=kind is RelationKind.CORRIGENDUM
        and words[-1:] != (Manifest.from_bytes(manifest).corrects,),
        words=words,
    )


def corrected_parts(family: list[Sequence[Any]], manifest: bytes) -> frozenset[str]:
    """The digests of the parts that words have which a corrigendum corrects."""
    corrects = Manifest.from_bytes(manifest).corrects if family else ""
    return frozenset(part for *_, digest, _, part, _, _ in family if part and digest == corrects)

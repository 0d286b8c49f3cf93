"""Texts that follow from published ones: of which one can be drafted, how, and by whom."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reviewflow.domain.errors import InvalidInput
from reviewflow.domain.items import Relation, RelationKind, State
from reviewflow.domain.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Follows:
    """What somebody asks for: a text that follows the one with `key` in this way."""

    kind: RelationKind
    key: str


def successor_of(key: str) -> Follows:
    """A text that is to replace the one with `key`."""
    return Follows(RelationKind.SUCCESSOR, key)


def corrigendum_to(key: str) -> Follows:
    """A text that is to correct the one with `key`."""
    return Follows(RelationKind.CORRIGENDUM, key)


def follow_problem(kind: RelationKind, state: State, *, own_group: bool, is_corrigendum: bool) -> str | None:
    """Why no text can follow, in this way, an item in this state; None if one can.

    Corrigenda and successors are drafted of texts in force, and not of corrigenda: what was wrong in one of
    these is corrected by the next, of the same original. A group corrects its own words (an erratum is only
    what was wrong at publication); what another group wants said otherwise is a successor.
    """
    if state is not State.PUBLISHED:
        gone = state in (State.SUPERSEDED, State.RETRACTED)
        return f"original_{state}" if gone else "not_published"
    if is_corrigendum:
        return "original_is_corrigendum"
    if kind is RelationKind.CORRIGENDUM and not own_group:
        return "original_of_another_group"
    return None


def words_to_correct(relation: Relation | None, before: str, asked: str) -> str:
    """The digest of the words that a text corrects from now on: `before`, unless others are `asked` for.

    Those have to be of its original, published and in force: raises `InvalidInput` for anything else, as for
    a corrigendum that was retracted while somebody wrote on its words.
    """
    if asked in ("", before):
        return before
    if relation is None or relation.kind is not RelationKind.CORRIGENDUM or asked not in relation.words:
        raise InvalidInput(field="text", problem="corrected_words_gone")
    return asked


def corrects_nothing(new: Manifest, old: Manifest) -> bool:
    """Whether a corrigendum says the same as the text that it is to correct."""
    return replace(new, corrects=old.corrects) == old

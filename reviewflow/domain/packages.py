"""Package deals: nothing is agreed until everything is agreed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from reviewflow.domain.errors import Refusal
from reviewflow.domain.items import Item

#: How many texts can be tied: fewer is no package, and more than these nobody reads together.
FEWEST, MOST = 2, 20


class PackageHeld(Refusal):
    """Something keeps a package from being tied or agreed to: `held` says what, item by item.

    It is a tuple of the item's name and the refusal that the rules give for it.
    """

    code = "package_held"


class StalePackage(Refusal):
    """A text of the package has changed or moved since the actor read it."""

    code = "stale_package"


def seal_of(texts: Mapping[int, tuple[int, str]]) -> str:
    """What a consent to a package is bound to: SHA-256 over round and circulated digest of each item, by id.

    A new version, or a new round of any of them, gives another seal, and earlier consents no longer count.
    """
    lines = (f"{item} {round_} {digest}\n" for item, (round_, digest) in sorted(texts.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def seal_of_items(items: Iterable[Item]) -> str:
    """The seal of items as they stand."""
    return seal_of({item.id: (item.round, item.circulated.digest) for item in items if item.circulated})


def groups_asked(counterparts: Iterable[Iterable[int]]) -> frozenset[int]:
    """The groups whose leads agree to a package: the counterparts of any of its items."""
    return frozenset(group for groups in counterparts for group in groups)

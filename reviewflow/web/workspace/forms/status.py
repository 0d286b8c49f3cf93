"""The status table's address: its parameters as a view, and a view as parameters."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from reviewflow.domain.items import FINISHED, State
from reviewflow.queries.accounts import Directory
from reviewflow.queries.status import SORTS, View
from reviewflow.web import words
from reviewflow.web.workspace.paging import page_number

#: What `state` may say beside the name of a state.
OPEN, FINAL, ALL = "open", "finished", "all"
#: Longer searches are cut: no text is found by more words than this.
_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Address:
    """The parameters of the page, checked; what is unknown is as if it were not there.

    `state` is empty where the address does not name one: then texts that are not finished are
    shown, but a search looks everywhere.
    """

    state: str = ""
    kind: str = ""
    dimension: str = ""
    addressee: str = ""
    commitment: str = ""
    group: str = ""
    q: str = ""
    mine: bool = False
    sort: str = "ref"
    page: int = 1

    @property
    def meant_state(self) -> str:
        """`state`, or what is meant when it is empty."""
        return self.state or (ALL if self.q else OPEN)

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """The address with some parameters changed, from the first page; defaults are left out."""
        new = replace(self, **{"page": 1, **changes})
        given: dict[str, Any] = {
            "q": new.q,
            "state": new.state if new.state != (ALL if new.q else OPEN) else "",
            "group": new.group,
            "kind": new.kind,
            "dimension": new.dimension,
            "addressee": new.addressee,
            "commitment": new.commitment,
            "mine": "1" if new.mine else "",
            "sort": new.sort if new.sort != "ref" else "",
            "page": new.page if new.page > 1 else "",
        }
        return {name: value for name, value in given.items() if value}

    def view(self, directory: Directory) -> View:
        """The same for the read model."""
        group = next((g.id for g in directory.groups.values() if g.slug == self.group), None)
        return View(
            states=states_of(self.meant_state),
            kind=self.kind or None,
            dimension=self.dimension or None,
            addressee=self.addressee or None,
            commitment=self.commitment or None,
            group_id=group,
            text=self.q,
            mine=self.mine,
            sort=self.sort.removeprefix("-"),
            descending=self.sort.startswith("-"),
            page=self.page,
        )


def read_address(args: MultiDict[str, str], directory: Directory) -> Address:
    """The parameters of a request; unknown values are ignored."""
    slugs = {group.slug for group in directory.groups.values()}
    sorts = {*SORTS, *(f"-{name}" for name in SORTS)}
    return Address(
        state=_one_of(args, "state", {OPEN, FINAL, ALL, *State}),
        kind=_one_of(args, "kind", set(words.kinds())),
        dimension=_one_of(args, "dimension", set(words.dimensions())),
        addressee=_one_of(args, "addressee", set(words.addressees())),
        commitment=_one_of(args, "commitment", set(words.commitments())),
        group=_one_of(args, "group", slugs),
        q=_search(args.get("q", "")),
        mine=args.get("mine") == "1",
        sort=_one_of(args, "sort", sorts) or "ref",
        page=page_number(args.get("page", "")),
    )


def states_of(named: str) -> tuple[State, ...]:
    """The states that `open`, `finished`, `all` or one state's name stands for."""
    match named:
        case "open":
            return tuple(state for state in State if state not in FINISHED)
        case "finished":
            return tuple(state for state in State if state in FINISHED)
        case "all":
            return tuple(State)
        case _:
            return (State(named),)


def _one_of(args: MultiDict[str, str], name: str, known: set[str]) -> str:
    value = args.get(name, "")
    return str(value) if value in known else ""


def _search(text: str) -> str:
    """Words to look for: no control characters, single spaces, not too many."""
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text[: 2 * _SEARCH])
    return " ".join(plain.split())[:_SEARCH]

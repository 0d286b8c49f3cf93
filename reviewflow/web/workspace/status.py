"""The status table, its export, and the way from a symbol to its item."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from reviewflow.domain.errors import NotFound
from reviewflow.domain.items import State
from reviewflow.domain.permissions import Permission
from reviewflow.domain.symbols import parse_symbol
from reviewflow.domain.waiting import COORDINATOR_PARTY
from reviewflow.domain.workflow import may_create
from reviewflow.gateways import clock
from reviewflow.gateways.tables import harmless
from reviewflow.queries import status as tables
from reviewflow.web import times, words
from reviewflow.web.doors import allowed
from reviewflow.web.identity import current_actor, current_place
from reviewflow.web.language import gettext as _
from reviewflow.web.workspace.forms.status import ALL, FINAL, OPEN, Address, read_address

blueprint = Blueprint("status", __name__)

#: How far along the five steps a state is; 0 is off the way.
_STEPS = {
    State.DRAFT: 1,
    State.PROPOSED: 2,
    State.CHANGES_REQUESTED: 2,
    State.AGREED: 3,
    State.APPROVED: 4,
    State.PUBLISHED: 5,
    State.SUPERSEDED: 5,
    State.RETRACTED: 5,
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as a link: its words, where it leads, whether it is on, and the group's mark if it has one."""

    label: str
    address: str
    on: bool = False
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head: its words, the address that sorts by it, how it is sorted now, and its class."""

    label: str
    address: str
    sorted: str = ""
    css: str = ""


@blueprint.get("/recommendations")
@allowed(Permission.ENTER)
def table() -> ResponseReturnValue:
    """The table as the address says; a symbol in the search leads straight to its item."""
    place = current_place()
    address = read_address(request.args, place.directory)
    symbol = parse_symbol(address.q) if address.q else None
    if symbol is not None:
        try:
            key = tables.key_of_symbol(place.actor, symbol)
        except NotFound:
            pass  # the table below says in words that there is nothing
        else:
            return redirect(url_for("desk.recommendations.show", key=key))
    found = tables.table(place.actor, address.view(place.directory))
    return render_template(
        "workspace/status/table.html",
        address=address,
        found=found,
        counted=tables.COUNTED,
        pages=-(-min(found.count, tables.COUNTED) // tables.PAGE),
        more=found.count > address.page * tables.PAGE
        or (found.count > tables.COUNTED and len(found.rows) == tables.PAGE),
        chips=_chips(address),
        headings=_headings(address),
        states=_state_choices(),
        steps=_STEPS,
        waits_for=waits_for,
        link=_link,
        kinds=words.kinds(),
        dimension_short=_dimension_short,
        may_draft=may_create(place.actor),
    )


@blueprint.get("/recommendations.csv")
@allowed(Permission.ENTER)
def csv_file() -> ResponseReturnValue:
    """The whole of a filtered table for a spreadsheet, written as it is read."""
    place = current_place()
    address = read_address(request.args, place.directory)
    rows = tables.every_row(place.actor, address.view(place.directory))
    name = f"{place.directory.slug}-status-{clock.now():%Y-%m-%d}.csv"
    return Response(
        stream_with_context(_csv(rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/symbols/<path:symbol>")
@allowed(Permission.READ_ITEM)
def by_symbol(symbol: str) -> ResponseReturnValue:
    """The item that ever had a symbol, for who may see it."""
    parsed = parse_symbol(symbol)
    if parsed is None:
        raise NotFound()
    return redirect(url_for("desk.recommendations.show", key=tables.key_of_symbol(current_actor(), parsed)))


def waits_for(row: tables.Row) -> str:
    """Who is waited for, as the table names them: `Astana`, `Coordinator`; empty when finished."""
    groups = current_place().directory.groups
    return ", ".join(
        _("Coordinator") if party == COORDINATOR_PARTY else groups[party].short_name for party in row.holders
    )


def _dimension_short(value: str) -> str:
    """A dimension as it fits into a column of that name."""
    return _dimensions().get(value, "–")


@words.once_a_language
def _dimensions() -> dict[str, str]:
    return {
        "politico-military": _("Politico-military"),
        "economic-environmental": _("Economic and environmental"),
        "human": _("Human"),
        "cross-dimensional": _("Cross-dimensional"),
    }


def _link(address: Address, **changes: Any) -> str:
    return url_for("desk.status.table", **address.parameters(**changes))


def _state_choices() -> dict[str, str]:
    return {
        OPEN: _("Not finished"),
        ALL: _("All"),
        FINAL: _("Finished"),
        **{str(state): words.state_label(state) for state in State},
    }


def _chips(address: Address) -> list[Chip]:
    """The filters that are on, each with the way to remove it, and the most used ones that are not."""
    chips = []
    state = address.meant_state
    if state == ALL:
        chips.append(Chip(_("Not finished"), _link(address, state=OPEN)))
    else:
        chips.append(Chip(_state_choices()[state], _link(address, state=ALL), on=True))
    chips.append(Chip(_("Waiting for you"), _link(address, mine=not address.mine), on=address.mine))
    for group in current_place().directory.groups.values():
        on = address.group == group.slug
        said = _("From %(group)s", group=group.short_name)
        chips.append(Chip(said, _link(address, group="" if on else group.slug), on, group.id))
    for name, value, label in (
        ("kind", address.kind, words.kinds().__getitem__),
        ("dimension", address.dimension, words.dimension_label),
        ("addressee", address.addressee, words.addressee_label),
        ("commitment", address.commitment, words.commitment_label),
    ):
        if value:
            chips.append(Chip(label(value), _link(address, **{name: ""}), on=True))
    if address.q:
        chips.append(Chip(_("“%(words)s”", words=address.q), _link(address, q=""), on=True))
    return chips


def _headings(address: Address) -> list[Heading]:
    columns = (
        ("ref", _("Reference number"), ""),
        ("title", _("Title"), ""),
        ("from", _("From"), "c-from"),
        ("dimension", _("Dimension"), "c-dim"),
        ("state", _("Status"), ""),
        ("since", _("Waiting for"), ""),
        ("bracketed", _("In brackets"), "num c-brk"),
        ("version", _("Version"), "num c-ver"),
    )
    headings = []
    for name, label, css in columns:
        ascending, descending = address.sort == name, address.sort == f"-{name}"
        headings.append(
            Heading(
                label,
                _link(address, sort=f"-{name}" if ascending else name),
                "ascending" if ascending else "descending" if descending else "",
                css,
            )
        )
    return headings


def _csv(rows: Iterator[tables.Row]) -> Iterator[str]:
    """The lines of the export, some at a time; begins with the mark by which Excel knows UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(
        [
            _("Reference number"),
            _("Published as"),
            _("Title"),
            _("Kind"),
            _("From"),
            _("Dimension"),
            _("Status"),
            _("Waiting for"),
            _("Since"),
            _("In brackets, per cent of the words"),
            _("Version"),
        ]
    )
    groups = current_place().directory.groups
    for row in rows:
        cells = [
            row.symbol or "",
            row.final_symbol or "",
            row.title,
            words.kinds()[row.kind],
            groups[row.group_id].short_name,
            words.dimension_label(row.dimension),
            words.state_label(row.state),
            waits_for(row),
            times.moment(row.since),
            "" if row.bracketed is None else row.bracketed,
            row.version,
        ]
        writer.writerow([harmless(cell) for cell in cells])
        if buffer.tell() > 16_000:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    writer.writerow([])
    writer.writerow([_("This table does not imply the potential order of adoption.")])
    yield buffer.getvalue()

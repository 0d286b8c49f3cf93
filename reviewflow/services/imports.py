"""Recommendations out of a table that somebody brings: all of it in one transaction, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from reviewflow.domain.actors import Actor
from reviewflow.domain.errors import InvalidInput, Refusal
from reviewflow.domain.manifest import ADDRESSEES, COMMITMENTS, DIMENSIONS, Content
from reviewflow.domain.text import canonical_line, canonical_text
from reviewflow.gateways.tables import Row, Table
from reviewflow.persistence.db import db
from reviewflow.persistence.models.accounts import WorkingGroup
from reviewflow.persistence.models.recommendations import Recommendation
from reviewflow.services.recommendations import Draft, Home, create_all, home_of
from reviewflow.services.transaction import transaction

#: What a column may be; `note` goes to the version, the others into the text.
FIELDS = ("title", "text", "summary", "rationale", "dimension", "addressees", "commitments", "note")
_FACETS = {"dimension": DIMENSIONS, "addressees": ADDRESSEES, "commitments": COMMITMENTS}
_SEVERAL = ("addressees", "commitments")
#: Any value that is not listed; of use only in a translation of values.
ANY = "*"
#: The longest title that is made of a text's first words.
MADE_TITLE = 80
_CHUNK = 500

_NUMBER = re.compile(r"(?:\d{1,4}(?:\.\d{1,4})*[.)]?|[-*+>#]+|\([a-z0-9]{1,3}\))\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which column is which field, and how values are translated.

    `columns` maps fields to names of the header; `constants` fill what the columns leave empty;
    `values` translates, by field, what stands in a cell (letters in any case, `*` for any other)
    into the domain's values. Fields that hold several are divided by `separator`.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    separator: str = ";"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row can't be imported: the line, a refusal, and what stood in the cell."""

    line: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or on a dry run would do.

    `present` rows were imported before, `repeated` ones stand earlier in the same file (line, first
    line). `written` is false for a dry run and where problems kept everything out.
    """

    columns: Mapping[str, str]
    rows: int
    imported: int
    present: int
    repeated: tuple[tuple[int, int], ...]
    problems: tuple[RowProblem, ...]
    written: bool


def import_recommendations(
    actor: Actor,
    table: Table,
    plan: Plan,
    *,
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda count: None,
) -> Report:
    """Create a draft of each row for the actor's group, unless a row is bad and `skip_bad` is false.

    A row is recognised by the digest of what it becomes, so that a second run imports nothing
    twice. `progress` is told how many rows have been dealt with since it was last told; each row
    counts twice, once read and once written. Raises `NotPermitted`, and `InvalidInput` for a plan that
    does not fit the table.
    """
    home = home_of(db.session(), actor)
    columns = resolve_columns(table.header, plan)
    reader = _Reader(table.header, columns, plan, home)
    drafts, repeated, problems = _read(reader, table.rows, progress)
    wanted = not dry_run and (skip_bad or not problems)
    if wanted:
        imported = _write(actor, home, drafts, progress)
    else:
        present = [_present(db.session(), actor, chunk) for chunk in _chunks(list(drafts))]
        imported = len(drafts) - sum(map(len, present))
    return Report(
        columns=columns,
        rows=len(table.rows),
        imported=imported,
        present=len(drafts) - imported,
        repeated=tuple(repeated),
        problems=tuple(problems),
        written=wanted,
    )


def resolve_columns(header: Sequence[str], plan: Plan) -> dict[str, str]:
    """The column of each field: those of the plan, and those whose names are the fields' own.

    Raises `InvalidInput`: an unknown field or column, a bad constant, no column for the text.
    """
    named = {name.casefold(): name for name in header if name}
    known = tuple(name for name in header if name)
    for chosen in (*plan.columns, *plan.constants, *plan.values):
        if chosen not in FIELDS:
            raise InvalidInput(field="column", problem="unknown_field", value=chosen, known=FIELDS)
    columns = {}
    for name in FIELDS:
        asked = plan.columns.get(name)
        if asked is not None and asked.casefold() not in named:
            raise InvalidInput(field=name, problem="unknown_column", value=asked, known=known)
        found = named.get((asked or name).casefold())
        # The one addressee's column is rather called "addressee".
        if found is None and name in _SEVERAL:
            found = named.get(name.removesuffix("s"))
        if found is not None:
            columns[name] = found
    if "text" not in columns:
        raise InvalidInput(field="text", problem="no_column", known=known)
    for name, value in plan.constants.items():
        if name in _FACETS:
            _translate(name, value, {}, plan.separator)
    for name, translations in plan.values.items():
        for value in (v for values in translations.values() for v in values):
            if value not in _FACETS.get(name, ()):
                raise InvalidInput(
                    field=name, problem="unknown_value", value=value, known=_FACETS.get(name, ())
                )
    return columns


class _Reader:
    """Makes drafts of rows; built once for a table."""

    def __init__(self, header: Sequence[str], columns: Mapping[str, str], plan: Plan, home: Home) -> None:
        positions = {name: index for index, name in enumerate(header)}
        self._positions = {name: positions[column] for name, column in columns.items()}
        self._plan, self._home = plan, home
        self._values = {
            name: {_folded(key): tuple(values) for key, values in translations.items()}
            for name, translations in plan.values.items()
        }

    def draft(self, row: Row) -> Draft:
        """The draft that a row becomes. Raises `InvalidInput` or `UnacceptableText` with its field."""
        if row.problem is not None:
            raise InvalidInput(field="row", problem=row.problem)
        text = canonical_text(self._cell(row, "text"), field="text")
        if not text:
            raise InvalidInput(field="text", problem="missing")
        title = canonical_line(self._cell(row, "title"), field="title") or title_of(text)
        content = Content(
            title=title,
            text=text,
            summary=canonical_text(self._cell(row, "summary"), field="summary"),
            rationale=canonical_text(self._cell(row, "rationale"), field="rationale"),
            dimension="".join(self._facet(row, "dimension")),
            addressees=self._facet(row, "addressees"),
            commitments=self._facet(row, "commitments"),
        )
        note = canonical_line(self._cell(row, "note"), field="note")
        manifest = content.first_manifest(self._home.group, self._home.language)
        return Draft(manifest, note, imported_from=manifest.digest())

    def _cell(self, row: Row, name: str) -> str:
        index = self._positions.get(name)
        cell = row.cells[index].strip() if index is not None else ""
        return cell or self._plan.constants.get(name, "")

    def _facet(self, row: Row, name: str) -> tuple[str, ...]:
        return _translate(name, self._cell(row, name), self._values.get(name, {}), self._plan.separator)


def _translate(
    name: str, cell: str, translations: Mapping[str, Sequence[str]], separator: str
) -> tuple[str, ...]:
    """The domain's values of what stands in a cell; "United States" is `united-states` untranslated."""
    parts = cell.split(separator) if name in _SEVERAL else [cell]
    found: list[str] = []
    for part in (p.strip() for p in parts):
        if not part:
            continue
        value = "-".join(part.casefold().split())
        if (translated := translations.get(_folded(part))) is not None:
            found.extend(translated)
        elif value in _FACETS[name]:
            found.append(value)
        elif (anything := translations.get(ANY)) is not None:
            found.extend(anything)
        else:
            raise InvalidInput(field=name, problem="unknown_value", value=part, known=_FACETS[name])
    if name not in _SEVERAL and len(set(found)) > 1:
        raise InvalidInput(field=name, problem="several_values", value=cell)
    return tuple(dict.fromkeys(found))


def _folded(value: str) -> str:
    return " ".join(value.casefold().split())


def title_of(text: str) -> str:
    """A title for a text that has none: its first words, without number or mark, at most 80 characters."""
    first = next((line for line in text.split("\n") if line.strip()), "").strip()
    while found := _NUMBER.match(first):
        first = first[found.end() :]
    # A bracket in a title would be open text a second time.
    words = re.sub(r"[\[\]*_`\\]", "", first).split()
    title = " ".join(words).rstrip(" ;,:")
    if len(title) > MADE_TITLE:
        cut = title[:MADE_TITLE].rpartition(" ")[0] or title[: MADE_TITLE - 1]
        title = cut.rstrip(" ;,:.–—-(") + "…"
    return (title[:1].upper() + title[1:]) or "…"


def _read(
    reader: _Reader, rows: Sequence[Row], progress: Callable[[int], None]
) -> tuple[dict[str, Draft], list[tuple[int, int]], list[RowProblem]]:
    """The drafts by what they are recognised by, the repetitions, and every row's problem."""
    drafts: dict[str, Draft] = {}
    first_line: dict[str, int] = {}
    repeated, problems = [], []
    for row in rows:
        try:
            draft = reader.draft(row)
        except Refusal as refusal:
            problems.append(RowProblem(row.line, refusal))
        else:
            identity = draft.imported_from or ""
            if identity in drafts:
                repeated.append((row.line, first_line[identity]))
            else:
                drafts[identity], first_line[identity] = draft, row.line
        progress(1)
    return drafts, repeated, problems


def _write(actor: Actor, home: Home, drafts: Mapping[str, Draft], progress: Callable[[int], None]) -> int:
    with transaction() as work:
        # Two imports for one group follow each other, so that the second sees what the first wrote.
        work.session.execute(
            select(WorkingGroup.id).where(WorkingGroup.id == actor.group_id).with_for_update(key_share=True)
        )
        imported = 0
        for chunk in _chunks(list(drafts)):
            present = _present(work.session, actor, chunk)
            new = [drafts[identity] for identity in chunk if identity not in present]
            if new:
                create_all(work, actor, home, new)
            work.session.expunge_all()
            imported += len(new)
            progress(len(chunk))
    return imported


def _present(session: Session, actor: Actor, identities: list[str]) -> set[str]:
    """Which of these the actor's group has imported before."""
    found = session.scalars(
        select(Recommendation.imported_from).where(
            Recommendation.group_id == actor.group_id, Recommendation.imported_from.in_(identities)
        )
    )
    return {identity for identity in found if identity is not None}


def _chunks(identities: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(identities), _CHUNK):
        yield identities[start : start + _CHUNK]

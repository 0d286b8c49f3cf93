"""`reviewflow import`: recommendations out of a table that somebody brings."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewflow.cli.running import in_app

if TYPE_CHECKING:
    from reviewflow.domain.actors import Actor
    from reviewflow.gateways.tables import Layout
    from reviewflow.services.imports import Plan, Report

#: More kinds of problems than these are counted, not listed, unless --all-problems is given.
_LISTED = 20
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--task-force", "task_force", required=True, metavar="SLUG", help="The task force, such as uskz."
)
@click.option("--as-group", "group", required=True, metavar="SLUG", help="The group that proposes.")
@click.option(
    "--author", required=True, metavar="EMAIL", help="The lead or expert of that group in whose name."
)
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=NAME",
    help="Which column is which field: --column text=Wording. Columns named like a field are found alone.",
)  # fmt: skip
@click.option(
    "--constant", "constants", multiple=True, metavar="FIELD=VALUE",
    help="What a field is where its column is empty or absent: --constant dimension=human.",
)  # fmt: skip
@click.option(
    "--mapping", type=click.Path(path_type=Path), metavar="FILE.toml",
    help="Columns, constants and translations of values in a file; see below.",
)  # fmt: skip
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook; the first if not given.")
@click.option("--encoding", metavar="NAME", help="The encoding of a CSV file; detected if not given.")
@click.option("--delimiter", metavar="CHAR", help="What divides the cells; detected. `tab` for a tab.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows although others are bad.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--all-problems", is_flag=True, help=f"List every problem, not only the first {_LISTED} kinds.")
@in_app
def import_file(
    file: Path,
    task_force: str,
    group: str,
    author: str,
    columns: tuple[str, ...],
    constants: tuple[str, ...],
    mapping: Path | None,
    sheet: str | None,
    encoding: str | None,
    delimiter: str | None,
    *,
    skip_bad: bool,
    dry_run: bool,
    all_problems: bool,
) -> None:
    """Import recommendations from FILE (CSV or XLSX) as drafts of a group.

    The first row names the columns. Fields: text (needed), title (made of the first words of the text
    if there is none), summary, rationale, dimension, addressees, commitments, note. Several addressees
    or commitments in a cell are divided by semicolons.

    Every row's problem is reported with its line, and nothing is imported unless all rows are good or
    --skip-bad is given. Running it again imports nothing twice.

    \b
    A mapping file:
      separator = ";"
      [columns]
      text = "Recommendation"
      addressees = "To"
      [constants]
      dimension = "human"
      [values.addressees]
      "Republic of Kazakhstan" = "kazakhstan"
      "Both governments" = ["kazakhstan", "united-states"]
      "*" = "participating-states"        # any other; [] leaves it out
    """
    from reviewflow.gateways.tables import read_table
    from reviewflow.services.imports import import_recommendations

    plan = _plan(mapping, columns, constants)
    actor = _actor(task_force, group, author)
    table = read_table(file, sheet=sheet, encoding=encoding, delimiter=_delimiter(delimiter))
    click.echo(f"{file.name}: {len(table.rows):,} rows, {_described(table.layout)}")
    with click.progressbar(
        length=len(table.rows) * (1 if dry_run else 2),
        label="Checking" if dry_run else "Importing",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        report = import_recommendations(
            actor, table, plan, skip_bad=skip_bad, dry_run=dry_run, progress=bar.update
        )
    _tell(report, listed=None if all_problems else _LISTED, dry_run=dry_run)
    if report.problems and not (skip_bad and report.imported + report.present):
        sys.exit(1)


def _plan(mapping: Path | None, columns: tuple[str, ...], constants: tuple[str, ...]) -> Plan:
    """The mapping file's plan, overridden by what the command line says."""
    from reviewflow.services.imports import Plan

    content = _mapping(mapping) if mapping else {}
    values = {
        name: {key: (value,) if isinstance(value, str) else tuple(value) for key, value in pairs.items()}
        for name, pairs in _texts(content, "values", dict).items()
    }
    for name, pairs in values.items():
        for key, found in pairs.items():
            if found == ("",):
                values[name][key] = ()
    return Plan(
        columns=_texts(content, "columns", str) | dict(_pair(pair, "--column") for pair in columns),
        constants=_texts(content, "constants", str) | dict(_pair(pair, "--constant") for pair in constants),
        values=values,
        separator=str(content.get("separator", ";")) or ";",
    )


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise click.ClickException(f"The mapping file can't be opened: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"The mapping file is not valid TOML: {error}.") from error
    unknown = sorted(set(content) - {"columns", "constants", "values", "separator"})
    if unknown:
        raise click.ClickException(f"The mapping file has a part that means nothing: {unknown[0]}.")
    return content


def _texts(content: dict[str, Any], part: str, kind: type) -> dict[str, Any]:
    """A part of the mapping file, with values of one kind. Raises `ClickException`."""
    found = content.get(part, {})
    sound = isinstance(found, dict) and all(isinstance(value, kind) for value in found.values())
    if sound and kind is dict:
        sound = all(
            isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))
            for pairs in found.values()
            for value in pairs.values()
        )
    if not sound:
        raise click.ClickException(f"[{part}] of the mapping file is not as `--help` shows it.")
    return dict(found)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise click.UsageError(f"{option} needs FIELD=VALUE, not {text!r}.")
    return name.strip(), value.strip()


def _delimiter(given: str | None) -> str | None:
    if given is None:
        return None
    found = "\t" if given.lower() in ("tab", "\\t") else given
    if len(found) != 1 or found in '"\r\n':
        raise click.UsageError(f"--delimiter needs one character or `tab`, not {given!r}.")
    return found


def _actor(task_force: str, group: str, author: str) -> Actor:
    """The author as an actor. Raises `ClickException` saying which of the three does not fit."""
    from reviewflow.queries import accounts

    known = accounts.credentials(author)
    member = accounts.member(known[0]) if known else None
    if member is None:
        raise click.ClickException(f"Nobody has the address {author}.")
    actor = member.actor_in(task_force)
    if actor is None:
        raise click.ClickException(f"{member.name} has no seat in a task force {task_force!r}.")
    groups = accounts.directory(actor.task_force_id).groups
    if group not in {g.slug for g in groups.values()}:
        names = ", ".join(g.slug for g in groups.values())
        raise click.ClickException(f"There is no group {group!r}. The groups are: {names}.")
    if actor.group_id is None or groups[actor.group_id].slug != group:
        raise click.ClickException(f"{member.name} is not a member of the group {group!r}.")
    return actor


def _described(layout: Layout) -> str:
    """How the file was read, with what was assumed said as such."""
    if layout.sheet is not None:
        return f'sheet "{layout.sheet}"'
    said = f"divided by {_DELIMITERS.get(layout.delimiter or '', repr(layout.delimiter))}, "
    said += f"line ends {layout.line_ends}, encoding {layout.encoding}"
    if layout.repaired:
        original, _, way = (layout.encoding or "").partition("-via-")
        misread, _, saved = way.partition("-")
        said += (
            f"\n  Repaired: the text was {original}, had been opened as {misread} and saved as {saved}."
            "\n  Look at accents and quotation marks; --encoding NAME reads it as it stands."
        )
    elif layout.assumed:
        said += " (assumed: look at accents and quotation marks, or say --encoding NAME)"
    return said


def _tell(report: Report, *, listed: int | None, dry_run: bool) -> None:
    from reviewflow.cli import sentences

    for name, column in report.columns.items():
        click.echo(f'  {name} from column "{column}"')
    if "title" not in report.columns:
        click.echo("  title from the first words of the text")
    found: dict[str, list[int]] = {}
    for problem in report.problems:
        found.setdefault(sentences.of(problem.refusal), []).append(problem.line)
    for sentence, lines in list(found.items())[:listed]:
        click.echo(f"{_lines(lines)}: {sentence}", err=True)
    more = sum(len(lines) for lines in list(found.values())[listed:]) if listed is not None else 0
    if more:
        click.echo(f"... and {more:,} more rows with problems (--all-problems lists them)", err=True)
    said = [f"{report.imported:,} {'would be imported' if not report.written else 'imported'}"]
    if report.present:
        said.append(f"{report.present:,} imported before")
    if report.repeated:
        first = ", ".join(f"line {line} repeats {before}" for line, before in report.repeated[:3])
        etc = ", ..." if len(report.repeated) > 3 else ""
        said.append(f"{len(report.repeated):,} repeat an earlier row ({first}{etc})")
    if report.problems:
        said.append(f"{len(report.problems):,} with problems")
    click.echo("; ".join(said) + ".")
    if not report.written and not dry_run:
        click.echo("Nothing was imported. Mend these rows, or say --skip-bad to leave them out.", err=True)


def _lines(numbers: list[int]) -> str:
    """`line 7`, or `lines 2-5, 9`: neighbours joined, since one cause often spoils many rows."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    said = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return f"line {said}" if len(numbers) == 1 else f"lines {said}"

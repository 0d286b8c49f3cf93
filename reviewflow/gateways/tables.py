"""Tables that people bring (CSV in any dress, Excel workbooks), and what a table for them must not hold."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from reviewflow.domain.errors import Refusal
from reviewflow.gateways import encodings

#: The largest file that is read, and the largest that a workbook may become when unpacked, in bytes.
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 500
#: Longer than any text that the domain accepts, so that the row is refused in its words.
_MAX_CELL = 4 * 1024 * 1024
_DELIMITERS = ",;\t|"
_SNIFFED_ROWS = 100
#: The beginnings of a zip archive, and of the Office files before 2007 (also of encrypted ones).
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: A cell that begins like this is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class UnreadableTable(Refusal):
    """The file cannot be read as a table; `reason` says why, the other details what a sentence needs."""

    code = "unreadable_table"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line` is where a person finds it in the file; `problem` is what keeps it from being read.

    Problems: `ragged` (another number of cells than the header has), `cell_error` (`#REF!` and the like).
    """

    line: int
    cells: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file was read: its encoding and delimiter, or its sheet."""

    encoding: str | None = None
    assumed: bool = False
    repaired: bool = False
    delimiter: str | None = None
    line_ends: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows under it that hold anything; cells beyond a row's end are empty."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    layout: Layout


def read_table(
    path: Path, *, sheet: str | None = None, encoding: str | None = None, delimiter: str | None = None
) -> Table:
    """Read the file at `path` by what it is, whatever its name says.

    Raises `UnreadableTable`: missing, empty, too_large, old_excel, not_a_workbook, wrong_sheet,
    wrong_encoding, unclosed_quote, too_many_rows, too_many_columns, no_header, repeated_header.
    """
    raw = _bytes_of(path)
    if raw.startswith(_OLE):
        raise UnreadableTable(reason="old_excel")
    if raw.startswith(_ZIP):
        return _read_workbook(raw, sheet)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise UnreadableTable(reason="not_a_workbook")
    return _read_csv(raw, encoding, delimiter)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableTable(reason="missing", problem=error.strerror or "") from error
    if not raw:
        raise UnreadableTable(reason="empty")
    if len(raw) > MAX_FILE_BYTES:
        raise UnreadableTable(reason="too_large", limit=MAX_FILE_BYTES)
    return raw


def _read_csv(raw: bytes, encoding: str | None, delimiter: str | None) -> Table:
    try:
        reading = encodings.read(raw, encoding)
    except encodings.Undecodable as error:
        raise UnreadableTable(reason="wrong_encoding", encoding=encoding or "") from error
    text = reading.text.removeprefix("\ufeff")
    chosen = delimiter or _sniff_delimiter(text)
    layout = Layout(reading.encoding, reading.assumed, reading.repaired, chosen, _line_ends(text))
    return _assemble(_csv_rows(text, chosen), layout)


def _line_ends(text: str) -> str:
    """The most frequent line end, by its name."""
    windows = text.count("\r\n")
    counts = {"LF": text.count("\n") - windows, "CRLF": windows, "CR": text.count("\r") - windows}
    return max(counts, key=lambda name: counts[name])


def _sniff_delimiter(text: str) -> str:
    """The delimiter under which most of the first rows have as many cells as the header."""

    def regularity(delimiter: str) -> tuple[float, int]:
        widths = []
        for _, cells in _parse(text[: 64 * 1024], delimiter):
            widths.append(len(cells))
            if len(widths) == _SNIFFED_ROWS:
                break
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(_DELIMITERS, key=regularity)


def _parse(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line that each begins on. `newline=""` keeps CR alone a line end for csv."""
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableTable(reason="broken_row", line=line, problem=str(error)) from error
        yield line, cells


#: Comes back as a row of its own unless a quotation mark was left open before it.
_SENTINEL = "\x00end\x00"


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    end = "" if text.endswith(("\n", "\r")) else "\n"
    for line, cells in _parse(text + end + _SENTINEL, delimiter):
        if cells and cells[-1].endswith(_SENTINEL):
            if cells != [_SENTINEL]:
                raise UnreadableTable(reason="unclosed_quote", line=line)
            return
        yield line, cells


def _read_workbook(raw: bytes, sheet: str | None) -> Table:
    # Only here: openpyxl takes a fifth of a second to import, and most files are CSV.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnreadableTable(reason="too_large", limit=MAX_UNPACKED_BYTES)
        # data_only: of a formula, the value that Excel stored with it.
        workbook = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
        names = [page.title for page in workbook.worksheets]
        if not names or (sheet is not None and sheet not in names):
            raise UnreadableTable(reason="wrong_sheet", sheet=sheet or "", sheets=tuple(names))
        page: Any = workbook[sheet] if sheet is not None else workbook.worksheets[0]
        # A sheet may claim a million columns that it does not have.
        page.reset_dimensions()
        return _assemble(_workbook_rows(page), Layout(sheet=page.title))
    except (
        zipfile.BadZipFile, zipfile.LargeZipFile, InvalidFileException, ParseError,
        KeyError, ValueError, TypeError, IndexError, AttributeError, EOFError, NotImplementedError, OSError,
    ) as error:  # fmt: skip
        # What openpyxl raises for a broken part is whatever that part made it stumble over.
        raise UnreadableTable(reason="not_a_workbook") from error


def _workbook_rows(page: Any) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(page.iter_rows(values_only=True), start=1):
        yield line, [_cell_text(value) for value in cells]


def _cell_text(value: object) -> str:
    """A cell's value as a person would type it: whole numbers without a point, dates as ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float():
            return repr(value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
        case date() | time():
            return value.isoformat()
        case _:
            # openpyxl leaves Excel's escapes for control characters as they are in the file.
            return str(value).replace("_x000D_", "")


_CELL_ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)


def _assemble(found: Iterable[tuple[int, list[str]]], layout: Layout) -> Table:
    """Take the first row that holds anything as the header, and every such row after it."""
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    for line, cells in found:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
            raise UnreadableTable(reason="too_many_columns", limit=MAX_COLUMNS, line=line)
        if not header:
            header = _header(cells)
            continue
        if len(rows) == MAX_ROWS:
            raise UnreadableTable(reason="too_many_rows", limit=MAX_ROWS)
        rows.append(_row(line, cells, len(header), padded=layout.sheet is not None))
    if not header:
        raise UnreadableTable(reason="no_header")
    return Table(header, tuple(rows), layout)


def _header(cells: list[str]) -> tuple[str, ...]:
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    repeated = [name for name, count in Counter(names).items() if name and count > 1]
    if repeated:
        raise UnreadableTable(reason="repeated_header", column=repeated[0])
    return tuple(names)


def _row(line: int, cells: list[str], width: int, *, padded: bool) -> Row:
    """`padded`: a sheet's rows end with their last cell, so that a short one is not ragged."""
    ragged = any(cell.strip() for cell in cells[width:]) or (len(cells) < width and not padded)
    problem = "ragged" if ragged else None
    if padded and any(cell in _CELL_ERRORS for cell in cells[:width]):
        problem = "cell_error"
    kept = cells[:width] + [""] * (width - len(cells))
    return Row(line, tuple(kept), problem)


def harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell

"""Refusals in the words of somebody at a terminal: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import ArgumentError, DBAPIError

from reviewflow.domain.errors import Refusal

#: The longest part of a cell that is quoted back.
_QUOTED = 60


def of(refusal: Refusal) -> str:
    """One sentence, or a few, for a refusal."""
    details = refusal.details
    match refusal.code:
        case "unreadable_table":
            return _unreadable(details)
        case "invalid_input":
            return _invalid(details)
        case "unacceptable_text":
            return _unacceptable(details)
        case "not_permitted":
            return "This person may not do that: only leads and experts draft for their group."
        case "not_found":
            return "There is no such thing in this task force."
        case "concurrent_change":
            return "Somebody else changed the same things in the same moment; nothing was written. Try again."
        case "already_member":
            return f"This person is already {details['role']} in the task force, and nobody has two seats."
        case _:
            listed = ", ".join(f"{name}: {value}" for name, value in details.items())
            return f"Refused ({refusal.code}). {listed}"


def of_database(error: DBAPIError | ArgumentError) -> str:
    """What a failing database means to the person who started the command."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "no such table" in said or "does not exist" in said:
        return f"The database is not ready ({said}). Run: reviewflow db upgrade"
    return f"The database does not answer as it should: {said}"


def quoted(value: object) -> str:
    """A value of somebody's file, shortened, with what is invisible made visible."""
    text = str(value)
    shown = text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
    return '"' + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown) + '"'


def listing(values: object) -> str:
    """Values as a list in a sentence."""
    return ", ".join(str(v) for v in values) if isinstance(values, tuple) else str(values)


def _megabytes(value: object) -> str:
    return f"{int(str(value)) // (1024 * 1024)} MB"


def _unreadable(details: Mapping[str, object]) -> str:
    line = details.get("line")
    limit = details.get("limit", 0)
    match details.get("reason"):
        case "missing":
            return f"The file can't be opened: {details.get('problem')}."
        case "empty":
            return "The file is empty."
        case "no_header":
            return "The file holds no table: no row has anything in it."
        case "too_large":
            return f"The file is larger than {_megabytes(limit)} (a workbook: when unpacked). Split it."
        case "old_excel":
            return (
                "This is a workbook of Excel 97-2003, or one with a password. "
                "Save it as .xlsx without a password, or as CSV."
            )
        case "not_a_workbook":
            return "This is not an Excel workbook, or a damaged one. Open it in Excel and save it again."
        case "wrong_sheet":
            return (
                f"There is no sheet {quoted(details.get('sheet'))}. "
                f"The workbook has: {listing(details.get('sheets'))}."
            )
        case "wrong_encoding":
            return (
                f"The file is not readable as {details.get('encoding') or 'any known encoding'}. "
                "Leave --encoding out to have it detected, or name another, such as utf-8 or cp1251."
            )
        case "unclosed_quote":
            return (
                f'Line {line} opens a quotation mark (") that is never closed, so that the rest of the file '
                "would be one cell. Close it there, or write it twice if it belongs to the text."
            )
        case "too_many_rows":
            return f"The file has more than {limit:,} rows. Split it."
        case "too_many_columns":
            return f"Line {line} has more than {limit} cells. Is the delimiter right? See --delimiter."
        case "repeated_header":
            return f"Two columns are called {quoted(details.get('column'))}. Rename one of them."
        case _:
            return f"Line {line} can't be read: {details.get('problem')}."


def _invalid(details: Mapping[str, object]) -> str:
    name, value, known = details.get("field"), details.get("value", ""), details.get("known", ())
    match details.get("problem"):
        case "ragged":
            return "it has another number of cells than the header."
        case "cell_error":
            return "a cell holds an error of the spreadsheet, such as #REF!."
        case "missing":
            return f"{name} is empty."
        case "unknown_value":
            return f"{name}: {quoted(value)} is not one of {listing(known)}. A mapping file can translate it."
        case "several_values":
            return f"{name}: {quoted(value)} means more than one value, and only one is possible."
        case "unknown_field":
            return f"There is no field {quoted(value)}. The fields are: {listing(known)}."
        case "unknown_column":
            return f"There is no column {quoted(value)} for {name}. The file has: {listing(known)}."
        case "no_column":
            return (
                "Which column holds the text? Say --column text=NAME, where NAME is one of: "
                f"{listing(known)}."
            )
        case "too_long":
            return f"{name} is longer than {details.get('limit')} characters."
        case "too_short":
            return f"{name} is shorter than {details.get('limit')} characters."
        case "taken":
            return f"{name} is already in use."
        case problem:
            return f"{name} is not valid ({problem})."


def _unacceptable(details: Mapping[str, object]) -> str:
    name = details.get("field") or "text"
    where = f"line {details.get('line')}, character {details.get('column')} of the cell"
    match details.get("reason"):
        case "too_long":
            limit = int(str(details.get("limit")))
            unit = "characters" if limit < 1000 else "bytes"
            return f"{name} is longer than {limit:,} {unit}."
        case "too_many_blocks":
            return f"{name} has more than {details.get('limit'):,} paragraphs."
        case "block_too_long":
            return f"{name} has a paragraph longer than {details.get('limit'):,} bytes."
        case "control_character":
            return f"{name} holds an invisible control character, {details.get('codepoint')} ({where})."
        case "bidi_override":
            return (
                f"{name} holds {details.get('codepoint')}, which reverses the direction of reading ({where})."
            )
        case _:
            return f"{name} holds {details.get('codepoint')}, half of a character ({where})."

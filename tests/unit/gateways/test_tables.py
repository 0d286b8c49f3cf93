"""Reading the tables that people really bring: encodings, line ends, delimiters, workbooks, damage."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from reviewflow.gateways import tables
from reviewflow.gateways.tables import Row, UnreadableTable, read_table

ENGLISH = "The Government’s “media law” — a draft for Côte d’Ivoire, and no café"
RUSSIAN = "Правительству Казахстана — «закон о СМИ», и без отлагательства"


def write(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(folder: Path, rows: list[list[object]], title: str = "Texts") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    book.create_sheet("Other").append(["text"])
    path = folder / "table.xlsx"
    book.save(path)
    return path


def refusal(path: Path, **options: str) -> dict[str, object]:
    with pytest.raises(UnreadableTable) as caught:
        read_table(path, **options)
    return dict(caught.value.details)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (ENGLISH, "utf-8", "utf-8"),
        (ENGLISH, "utf-8-sig", "utf-8"),
        (ENGLISH, "utf-16", "utf-16"),
        (ENGLISH, "utf-16-le", "utf-16-le"),
        (ENGLISH, "utf-16-be", "utf-16-be"),
        (ENGLISH, "utf-32", "utf-32"),
        (ENGLISH, "cp1252", "cp1252"),
        (ENGLISH, "mac_roman", "mac_roman"),
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN, "utf-8", "utf-8"),
        (RUSSIAN, "utf-16-le", "utf-16-le"),
        ("plain words", "ascii", "utf-8"),
    ],
)
def test_read_table_detects_the_encoding(tmp_path: Path, text: str, encoding: str, expected: str):
    table = read_table(write(tmp_path, f"text;note\n{text};x\n".encode(encoding)))
    assert (table.layout.encoding, table.layout.repaired) == (expected, False)
    assert table.rows == (Row(2, (text, "x")),)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        # What a Mac program wrote, a Windows program misread, and a Mac program saved again.
        (
            ENGLISH.encode("mac_roman").decode("cp1252", "ignore").encode("mac_roman", "ignore"),
            "mac_roman-via-cp1252-mac_roman",
        ),
        ("women’s rights".encode("mac_roman").decode("cp1252").encode(), "mac_roman-via-cp1252-utf-8"),
        ("women’s café".encode().decode("cp1252").encode(), "utf-8-via-cp1252-utf-8"),
        ("women’s café".encode().decode("mac_roman").encode(), "utf-8-via-mac_roman-utf-8"),
    ],
)
def test_read_table_repairs_a_misread_text(tmp_path: Path, raw: bytes, name: str):
    table = read_table(write(tmp_path, b"text\r" + raw + b"\r"))
    assert (table.layout.encoding, table.layout.repaired, table.layout.assumed) == (name, True, True)
    assert "’" in table.rows[0].cells[0]
    assert "Õ" not in table.rows[0].cells[0]


def test_read_table_takes_the_encoding_that_is_asked_for(tmp_path: Path):
    path = write(tmp_path, "text\nwomen’s\n".encode("cp1252"))
    assert read_table(path, encoding="mac_roman").rows[0].cells == ("womenís",)
    assert refusal(path, encoding="utf-8") == {"reason": "wrong_encoding", "encoding": "utf-8"}
    assert refusal(path, encoding="klingon") == {"reason": "wrong_encoding", "encoding": "klingon"}


@pytest.mark.parametrize(("end", "name"), [("\n", "LF"), ("\r\n", "CRLF"), ("\r", "CR")])
def test_read_table_knows_every_line_end(tmp_path: Path, end: str, name: str):
    table = read_table(write(tmp_path, end.join(["text,to", "one,a", "", '"two', 'more",b', "three,c"])))
    assert table.layout.line_ends == name
    assert table.rows == (
        Row(2, ("one", "a")),
        Row(4, (f"two{end}more", "b")),
        Row(6, ("three", "c")),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_read_table_sniffs_the_delimiter(tmp_path: Path, delimiter: str):
    rows = [["text", "to"], ["one, two; three", "Astana"], ["four; five, six", "Washington"]]
    lines = [delimiter.join(f'"{cell}"' for cell in row) for row in rows]
    table = read_table(write(tmp_path, "\n".join(lines)))
    assert (table.layout.delimiter, table.header) == (delimiter, ("text", "to"))
    assert [row.cells for row in table.rows] == [tuple(row) for row in rows[1:]]


def test_read_table_reads_a_single_column(tmp_path: Path):
    table = read_table(write(tmp_path, "text\nPublish the draft law\n"))
    assert (table.header, table.rows) == (("text",), (Row(2, ("Publish the draft law",)),))


def test_read_table_marks_ragged_rows(tmp_path: Path):
    table = read_table(write(tmp_path, "text,to,year\none,a,1\ntwo,b\nthree,c,3,4\nfour,d,5,,\n"))
    assert [(row.line, row.problem) for row in table.rows] == [
        (2, None), (3, "ragged"), (4, "ragged"), (5, None),
    ]  # fmt: skip


def test_read_table_keeps_nul_for_the_domain_to_refuse(tmp_path: Path):
    assert read_table(write(tmp_path, "text,to\na\x00b,c\n")).rows == (Row(2, ("a\x00b", "c")),)


def test_read_table_names_the_line_of_an_open_quotation_mark(tmp_path: Path):
    path = write(tmp_path, 'text,to\none,a\n"two,b\nthree,c\n')
    assert refusal(path) == {"reason": "unclosed_quote", "line": 3}


@pytest.mark.parametrize(
    ("content", "details"),
    [
        (b"", {"reason": "empty"}),
        (b"\n \n,,\n", {"reason": "no_header"}),
        (b"text,to,text\n", {"reason": "repeated_header", "column": "text"}),
        (b"\xd0\xcf\x11\xe0" + bytes(600), {"reason": "old_excel"}),
        (b"PK\x03\x04 and no more", {"reason": "not_a_workbook"}),
    ],
)
def test_read_table_refuses_what_is_no_table(tmp_path: Path, content: bytes, details: dict[str, object]):
    assert refusal(write(tmp_path, content)) == details


def test_read_table_refuses_a_missing_file_and_a_folder(tmp_path: Path):
    assert refusal(tmp_path / "none.csv")["reason"] == "missing"
    assert refusal(tmp_path)["reason"] == "missing"


def test_read_table_refuses_more_than_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write(tmp_path, "text\none\ntwo\nthree\n")
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    assert refusal(path) == {"reason": "too_many_rows", "limit": 2}
    monkeypatch.setattr(tables, "MAX_FILE_BYTES", 10)
    assert refusal(path) == {"reason": "too_large", "limit": 10}
    monkeypatch.undo()
    monkeypatch.setattr(tables, "MAX_COLUMNS", 1)
    wide = write(tmp_path, "text,to\none,two\n")
    assert refusal(wide) == {"reason": "too_many_columns", "limit": 1, "line": 1}


def test_read_table_refuses_a_cell_beyond_every_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "_MAX_CELL", 100)
    details = refusal(write(tmp_path, f"text\n{'a' * 200}\n"))
    assert (details["reason"], details["line"]) == ("broken_row", 2)


def test_read_table_reads_a_workbook(tmp_path: Path):
    path = workbook(
        tmp_path,
        [
            [None, None],
            ["text", "number", "at", "flag", "note"],
            ["one", 3.0, datetime(2009, 10, 14), True, None],  # noqa: DTZ001 - workbooks know no zones
            ["two", 69.1, datetime(2009, 10, 14, 9, 5), False],  # noqa: DTZ001 - the same
            [],
            ["three", 7, date(2009, 1, 2), None, "x"],
            ["four", "#REF!"],
            ["five", 1, None, None, None, "beyond"],
        ],
    )
    table = read_table(path)
    assert (table.layout.sheet, table.header) == ("Texts", ("text", "number", "at", "flag", "note"))
    assert table.rows == (
        Row(3, ("one", "3", "2009-10-14", "TRUE", "")),
        Row(4, ("two", "69.1", "2009-10-14 09:05", "FALSE", "")),
        Row(6, ("three", "7", "2009-01-02", "", "x")),
        Row(7, ("four", "#REF!", "", "", ""), "cell_error"),
        Row(8, ("five", "1", "", "", ""), "ragged"),
    )


def test_read_table_never_computes_a_formula(tmp_path: Path):
    path = workbook(tmp_path, [["text", "note"], ["one", '=HYPERLINK("http://example.org")']])
    assert read_table(path).rows == (Row(2, ("one", "")),)


def test_read_table_names_the_sheets_of_a_workbook(tmp_path: Path):
    path = workbook(tmp_path, [["text"], ["one"]])
    assert read_table(path, sheet="Other").header == ("text",)
    assert refusal(path, sheet="Third") == {
        "reason": "wrong_sheet", "sheet": "Third", "sheets": ("Texts", "Other"),
    }  # fmt: skip


def test_read_table_refuses_what_is_only_called_a_workbook(tmp_path: Path):
    assert refusal(write(tmp_path, "text\none\n", "table.xlsx")) == {"reason": "not_a_workbook"}


def test_read_table_refuses_a_zip_that_is_no_workbook(tmp_path: Path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert refusal(write(tmp_path, packed.getvalue())) == {"reason": "not_a_workbook"}


def test_read_table_refuses_a_bomb_before_unpacking_it(tmp_path: Path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(100 * 1024 * 1024))
    assert len(packed.getvalue()) < 1024 * 1024
    assert refusal(write(tmp_path, packed.getvalue(), "bomb.xlsx")) == {
        "reason": "too_large", "limit": tables.MAX_UNPACKED_BYTES,
    }  # fmt: skip

"""Small things that want to become large: texts, files, words in an address."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.support.desk import Stage
from tests.support.visitors import Visitor

#: Far more than any honest text of the same size takes, and too little for what grows with its square.
_CPU_SECONDS = 60
_MEMORY = 2 * 1024**3

_LIMITED = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({_CPU_SECONDS}, {_CPU_SECONDS}))
resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
from reviewflow.domain.brackets import find_brackets
from reviewflow.domain.differences import compare_texts
from reviewflow.domain.errors import Refusal
from reviewflow.domain.text import canonical_text, split_blocks
from reviewflow.gateways.rendering import render_markdown
text = sys.stdin.read()
try:
    text = canonical_text(text)
    render_markdown(text)
    find_brackets(text)
    split_blocks(text)
    compare_texts(text, text[::-1])
    print("done")
except Refusal as refusal:
    print("refused", refusal.code)
"""

_SIZE = 150_000


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "]",
        "](",
        "[a](",
        "*a ",
        "**",
        "_a __b ",
        "`",
        "`a``b",
        "~~",
        "<",
        "<a ",
        "<!--",
        "&",
        "&#",
        "\\",
        "> ",
        "- ",
        "1. ",
        "#",
        "|",
        "|a",
        "[^a]",
        "[^a]:\n",
        "[a]: b\n",
        "a@",
        "http://a.",
        "www.",
        "\n",
        " \n",
        "\t",
        "a\u0301",
        "\u200d😀",
        "[[a/b]/",
        "x" * 200,
    ],
    ids=lambda piece: piece[:8].encode("ascii", "backslashreplace").decode(),
)
def test_no_repetition_of_markdown_takes_for_ever(piece: str) -> None:
    text = piece * (_SIZE // len(piece))
    ran = subprocess.run(
        [sys.executable, "-c", _LIMITED],
        input=text.encode(),
        capture_output=True,
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()[-500:]
    assert ran.stdout.decode().split()[0] in ("done", "refused")


def _workbook(sheet: bytes, shared: bytes = b"") -> bytes:
    """An XLSX with one sheet of such XML."""
    kinds = (
        b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        b'<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument'
        b'.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    )
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = b"http://schemas.openxmlformats.org/package/2006/relationships"
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    leads = b'<Relationships xmlns="%s"><Relationship Id="rId1" Type="%s/%s" Target="%s"/></Relationships>'
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", kinds)
        archive.writestr("_rels/.rels", leads % (package, office, b"officeDocument", b"xl/workbook.xml"))
        archive.writestr(
            "xl/_rels/workbook.xml.rels", leads % (package, office, b"worksheet", b"worksheets/sheet1.xml")
        )
        archive.writestr(
            "xl/workbook.xml",
            b'<workbook xmlns="%s" xmlns:r="%s"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets>'
            b"</workbook>" % (main, office),
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if shared:
            archive.writestr("xl/sharedStrings.xml", shared)
    return made.getvalue()


_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_CELL = b'<c r="A1" t="inlineStr"><is><t>%s</t></is></c>'


def _laughs() -> bytes:
    """A hundred million words in a kilobyte."""
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(9)
    )
    cell = _CELL % b"&l8;"
    return (
        b"<?xml version='1.0'?><!DOCTYPE worksheet [%s]><worksheet %s><sheetData><row r='1'>%s</row>"
        b"</sheetData></worksheet>" % (entities, _MAIN, cell)
    )


def _outside() -> bytes:
    return (
        b"<?xml version='1.0'?><!DOCTYPE worksheet [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
        b"<worksheet %s><sheetData><row r='1'>%s</row></sheetData></worksheet>" % (_MAIN, _CELL % b"&x;")
    )


def _with_a_gigabyte(workbook: bytes) -> bytes:
    """The same with a gigabyte of blanks in a megabyte."""
    made = io.BytesIO(workbook)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/big.xml", "w") as part:
        for _ in range(1024):
            part.write(b" " * 1024 * 1024)
    return made.getvalue()


_BOMBS: dict[str, Callable[[], bytes]] = {
    "laughs.xlsx": lambda: _workbook(_laughs()),
    "outside.xlsx": lambda: _workbook(_outside()),
    "zeros.xlsx": lambda: _with_a_gigabyte(_workbook(b"<worksheet %s></worksheet>" % _MAIN)),
    "far.xlsx": lambda: _workbook(
        b'<worksheet %s><sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is>'
        b"</c></row></sheetData></worksheet>" % _MAIN
    ),
    "nested.xlsx": lambda: _workbook(b"<a>" * 2_000_000),
    "zeros.csv": lambda: b"\0" * 50_000_000,
    "quotes.csv": lambda: b'text\n"' + b'""' * 10_000_000,
}


@pytest.mark.parametrize("name", list(_BOMBS))
def test_file_that_grows_is_refused_in_words(app: Flask, tmp_path: Path, name: str) -> None:
    stage = Stage(app)
    file = tmp_path / name
    file.write_bytes(_BOMBS[name]())
    code = (
        "import resource, sys;"
        f" resource.setrlimit(resource.RLIMIT_CPU, ({_CPU_SECONDS}, {_CPU_SECONDS}));"
        f" resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}));"
        " from reviewflow.__main__ import main; main()"
    )
    group, author = "washington", stage.cast.emails["washington-expert-1"]
    arguments = ["import", str(file), "--task-force", "uskz", "--as-group", group, "--author", author]
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={"PATH": "/usr/bin:/bin", "REVIEWFLOW_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"]},
        check=False,
    )
    assert ran.returncode == 1, (ran.returncode, ran.stdout[-300:], ran.stderr[-500:])
    assert ran.stderr.startswith("Error: "), ran.stderr[:300]
    assert "root:" not in ran.stdout + ran.stderr
    assert len(ran.stderr) < 3_000


def test_long_words_in_an_address_are_answered(app: Flask) -> None:
    stage = Stage(app)
    visitor = Visitor(stage.sign_in("astana-lead"), stage.cast.slug)
    for words in ("a" * 60_000, "(" * 30_000, "a " * 30_000, "%" * 20_000, "\u0301" * 10_000, '"' * 30_001):
        for path in ("/search", "recommendations"):
            assert visitor.get(path, query_string={"q": words}).status_code in (200, 404, 414, 422)

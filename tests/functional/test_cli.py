"""The `reviewflow` command as a person at a terminal meets it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from xml.etree import ElementTree

import click
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from config import Config
from reviewflow.app import create_app
from reviewflow.cli import commands
from reviewflow.domain import diagram
from reviewflow.domain.workflow import RULES
from reviewflow.persistence.db import db
from tests.factories.task_forces import make_task_force

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    runner = app.test_cli_runner()
    return lambda *args: runner.invoke(args=[str(arg) for arg in args])


@pytest.fixture
def installed(app: Flask) -> Flask:
    with app.app_context():
        make_task_force()
    return app


@pytest.fixture
def import_(run: Run, installed: Flask) -> Run:
    who = ("--task-force", "uskz", "--as-group", "washington")
    return lambda file, *args: run(
        "import", file, *who, "--author", "washington-lead@uskz.example.org", *args
    )


def write(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def count(app: Flask, table: str) -> int:
    with app.app_context():
        return db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def _every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for name, command in group.commands.items():
        deeper = (*path, name)
        found += _every_command(command, deeper) if isinstance(command, click.Group) else [deeper]
    return found


@pytest.mark.parametrize("path", _every_command(commands), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]):
    from click.testing import CliRunner

    result = CliRunner().invoke(commands, [*path, "--help"])
    assert result.exit_code == 0
    assert len(result.output.split("\n\n")[1]) > 20, "a sentence on what it is for"


def test_help_needs_no_application():
    script = "import sys; from reviewflow.cli import commands; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"flask", "sqlalchemy", "openpyxl", "argon2"} & set(loaded)


def _shell(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reviewflow", *args],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environ},
    )  # fmt: skip


def _assert_serves(environ: dict[str, str]) -> None:
    """The server answers as soon as it listens, and ends in order when it is told to."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "reviewflow", "serve", "--port", port, "--workers", "1"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environ},
    )  # fmt: skip
    try:
        answered = b""
        while not answered:
            assert server.poll() is None, "it ended before it answered"
            with suppress(URLError), urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
                answered = answer.read()
        assert answered == b"ready\n"
    finally:
        server.terminate()
        server.wait()
    assert server.returncode == 0


def test_a_new_installation_from_nothing_to_verified(tmp_path: Path):
    environ = {"REVIEWFLOW_DATABASE_URL": f"sqlite:///{tmp_path / 'new' / 'reviewflow.db'}"}
    early = _shell("demo", "load", **environ)
    assert (early.returncode, early.stderr.count("\n")) == (1, 1)
    assert "Error: " in early.stderr
    assert _shell("db", "upgrade", **environ).returncode == 0
    assert _shell("db", "upgrade", **environ).returncode == 0
    _assert_serves(environ)
    checked = _shell("db", "check", **environ)
    assert (checked.returncode, checked.stdout.count("agree")) == (0, 2)
    missing = _shell("demo", "accounts", **environ)
    assert (missing.returncode, missing.stderr) == (
        1, "Error: The demonstration is not loaded. Run: reviewflow demo load\n",
    )  # fmt: skip
    loaded = _shell("demo", "load", "--if-empty", **environ)
    assert loaded.stdout == "The demonstration is loaded: 16 people, 36 texts.\n"
    assert (
        _shell("demo", "load", "--if-empty", **environ).returncode,
        _shell("demo", "load", **environ).returncode,
    ) == (0, 1)
    shown = _shell("demo", "accounts", **environ).stdout
    for words in (
        "Washington lead",
        "Astana observer",
        "Coordinator",
        "Administrator",
        "@example.org",
        "/desk/sign-in",
    ):
        assert words in shown
    verified = _shell("audit", "verify", **environ)
    assert verified.returncode == 0
    assert "chain intact" in verified.stdout
    assert _shell("site", "rebuild", **environ).stdout == "15 public pages built.\n"


def test_a_wrong_setting_is_told_in_words():
    for command in (("db", "upgrade"), ("serve",)):
        result = _shell(*command, REVIEWFLOW_DATABASE_URL="mysql://nowhere")
        assert (result.returncode, result.stderr) == (
            1, "Error: REVIEWFLOW_DATABASE_URL must begin with sqlite:// or postgresql://.\n",
        )  # fmt: skip


def test_demo_is_refused_in_production(tmp_path: Path):
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'x.db'}",
        secret_key="a long enough secret key for this test 0123456789",
        environment="production",
    )
    runner = create_app(config).test_cli_runner()
    for command in ("load", "accounts"):
        result = runner.invoke(args=["demo", command])
        assert result.exit_code == 1
        assert "in production" in result.output


def test_demo_load_notices_that_it_was_interrupted(run: Run, app: Flask):
    with app.app_context():
        make_task_force()
        db.session.execute(
            text("INSERT INTO chain_heads (task_force_id, sequence, hash) VALUES (1, 5, :h)"), {"h": "0" * 64}
        )
        db.session.commit()
    result = run("demo", "load", "--if-empty")
    assert result.exit_code == 1
    assert "was interrupted" in result.output


def test_db_check_names_what_differs(run: Run, app: Flask):
    assert run("db", "check").exit_code == 0
    with app.app_context():
        drop = "DROP TRIGGER events_no_update" + ("" if db.engine.dialect.name == "sqlite" else " ON events")
        with db.engine.begin() as connection:
            connection.execute(text(drop))
    result = run("db", "check")
    assert result.exit_code == 1
    assert "The configured database differs:\n  barrier missing: events_no_update" in result.output


def test_audit_verify_names_what_was_changed(import_: Run, run: Run, app: Flask, tmp_path: Path):
    assert import_(write(tmp_path, "text\none\ntwo\nthree\n")).exit_code == 0
    with app.app_context(), db.engine.begin() as connection:
        on = "" if db.engine.dialect.name == "sqlite" else " ON {}"
        for table in ("events", "versions"):
            connection.execute(text(f"DROP TRIGGER {table}_no_update" + on.format(table)))
        connection.execute(text("UPDATE events SET name = 'approve' WHERE sequence = 2"))
        connection.execute(text("UPDATE versions SET digest = :d WHERE id = 3"), {"d": "0" * 64})
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert "uskz: the chain of events breaks at event 2" in result.output
    assert "version 1: the digest is" in result.output


def test_audit_verify_sees_a_chain_that_was_cut(import_: Run, run: Run, app: Flask, tmp_path: Path):
    import_(write(tmp_path, "text\none\ntwo\n"))
    with app.app_context(), db.engine.begin() as connection:
        on = "" if db.engine.dialect.name == "sqlite" else " ON events"
        connection.execute(text("DROP TRIGGER events_no_delete" + on))
        connection.execute(text("DELETE FROM events WHERE sequence = 2"))
    assert "breaks at event 2" in run("audit", "verify").output


def test_import_says_what_it_did(import_: Run, app: Flask, tmp_path: Path):
    file = write(tmp_path, "text;To\nPublish the law;Kazakhstan\nInvite observers;Kazakhstan\n")
    args = (file, "--column", "addressees=to", "--constant", "dimension=human")
    dry = import_(*args, "--dry-run")
    assert (dry.exit_code, count(app, "recommendations")) == (0, 0)
    assert "2 would be imported." in dry.output
    result = import_(*args)
    assert result.output.splitlines() == [
        "table.csv: 2 rows, divided by semicolons, line ends LF, encoding utf-8",
        '  text from column "text"',
        '  addressees from column "To"',
        "  title from the first words of the text",
        "2 imported.",
    ]
    again = import_(*args)
    assert again.output.splitlines()[-1] == "0 imported; 2 imported before."
    assert (again.exit_code, count(app, "recommendations")) == (0, 2)


def test_import_reports_problems_by_line_and_imports_nothing(import_: Run, app: Flask, tmp_path: Path):
    file = write(
        tmp_path, "text,addressee\none,Chad\n,odihr\ntwo,Chad\nthree,Chad\nfour,odihr\na\x00b,odihr\n"
    )
    result = import_(file)
    assert (result.exit_code, count(app, "recommendations")) == (1, 0)
    assert 'lines 2, 4-5: addressees: "Chad" is not one of kazakhstan,' in result.output
    assert "line 3: text is empty." in result.output
    assert "line 7: text holds an invisible control character, U+0000 (line 1, character 2" in result.output
    assert "Nothing was imported." in result.output
    skipped = import_(file, "--skip-bad")
    assert (skipped.exit_code, count(app, "recommendations")) == (0, 1)


def test_import_repairs_a_misread_file_and_says_so(import_: Run, app: Flask, tmp_path: Path):
    raw = "text\rProtect women’s rights in Côte d’Ivoire\r".encode("mac_roman")
    result = import_(write(tmp_path, raw.decode("cp1252").encode("mac_roman")))
    assert result.exit_code == 0
    assert "line ends CR" in result.output
    assert "Repaired: the text was mac_roman, had been opened as cp1252" in result.output
    with app.app_context():
        titles = db.session.execute(text("SELECT title FROM versions")).scalars().all()
    assert titles == ["Protect women’s rights in Côte d’Ivoire"]


def test_import_takes_a_mapping_file(import_: Run, app: Flask, tmp_path: Path):
    mapping = write(
        tmp_path,
        'separator = "/"\n[columns]\ntext = "Body"\naddressees = "To"\n[constants]\ndimension = "human"\n'
        '[values.addressees]\nBoth = ["kazakhstan", "united-states"]\nnone = ""\n"*" = "odihr"\n',
        "mapping.toml",
    )
    file = write(tmp_path, "Body,To\none,Both\ntwo,none\nthree,Chad/Kazakhstan\n")
    assert import_(file, "--mapping", mapping).exit_code == 0
    assert count(app, "version_subjects") == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[columns", "not valid TOML"),
        ("[colums]\n", "a part that means nothing: colums"),
        ('columns = "text"\n', "[columns] of the mapping file"),
        ("[values]\naddressees = 3\n", "[values] of the mapping file"),
        ("[values.addressees]\nx = 3\n", "[values] of the mapping file"),
        ('[values.addressees]\nx = "mars"\n', '"mars" is not one of'),
    ],
)
def test_import_refuses_a_wrong_mapping_file(import_: Run, tmp_path: Path, content: str, said: str):
    result = import_(write(tmp_path, "text\none\n"), "--mapping", write(tmp_path, content, "m.toml"))
    assert result.exit_code == 1
    assert said in result.output


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--column", "text"], 2, "--column needs FIELD=VALUE"),
        (["--column", "text=Nowhere"], 1, 'There is no column "Nowhere" for text. The file has: text'),
        (["--column", "body=text"], 1, 'There is no field "body"'),
        (["--constant", "dimension=fifth"], 1, 'dimension: "fifth" is not one of'),
        (["--delimiter", "ab"], 2, "--delimiter needs one character"),
        (["--encoding", "klingon"], 1, "not readable as klingon"),
        (["--mapping", "nowhere.toml"], 1, "The mapping file can't be opened"),
        (["--author", "nobody@example.org"], 1, "Nobody has the address nobody@example.org"),
        (["--author", "astana-lead@uskz.example.org"], 1, "is not a member of the group 'washington'"),
        (["--author", "washington-observer@uskz.example.org"], 1, "only leads and experts"),
        (["--author", "coordinator@uskz.example.org"], 1, "is not a member of the group"),
        (["--task-force", "mars"], 1, "has no seat in a task force 'mars'"),
        (["--as-group", "mars"], 1, "The groups are: washington, astana"),
    ],
)
def test_import_says_what_is_wrong_with_the_call(
    import_: Run, app: Flask, tmp_path: Path, args: list[str], code: int, said: str
):
    result = import_(write(tmp_path, "text\none\n"), *args)
    assert (result.exit_code, count(app, "recommendations")) == (code, 0)
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty."),
        ('text\n"one\n', "Line 2 opens a quotation mark"),
        (b"\xd0\xcf\x11\xe0" + bytes(99), "Excel 97-2003"),
        (b"PK\x03\x04", "not an Excel workbook"),
        ("text,text\n", 'Two columns are called "text"'),
        ("Body\none\n", "Which column holds the text?"),
    ],
)
def test_import_says_what_is_wrong_with_the_file(
    import_: Run, tmp_path: Path, content: str | bytes, said: str
):
    result = import_(write(tmp_path, content))
    assert result.exit_code == 1
    assert said in result.output


def test_workflow_diagram_prints_the_table():
    from click.testing import CliRunner

    mermaid = CliRunner().invoke(commands, ["workflow", "diagram"]).output
    assert mermaid == diagram.mermaid()
    drawing = CliRunner().invoke(commands, ["workflow", "diagram", "--svg"]).output
    root = ElementTree.fromstring(drawing)  # noqa: S314 - our own drawing
    shown = {action for g in root.iter() for action in g.get("data-actions", "").split()}
    assert shown == set(RULES) - diagram.BESIDE_THE_TEXT
    assert "style=" not in drawing
    assert set(diagram.arrows()) == set(diagram._WAYS), "every arrow has a way of its own"

"""House rules that a machine can check."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_MODULES = sorted((_ROOT / "reviewflow").rglob("*.py"))


def test_imports_point_downward_only() -> None:
    # In a process of its own: it silences every logger of the one that it is called in.
    linter = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=_ROOT, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_modules_are_short_and_say_what_lives_in_them() -> None:
    too_long = [str(m.relative_to(_ROOT)) for m in _MODULES if len(m.read_text().splitlines()) > 400]
    silent = [str(m.relative_to(_ROOT)) for m in _MODULES if not ast.get_docstring(ast.parse(m.read_text()))]
    assert (too_long, silent) == ([], [])


def test_no_module_is_called_after_nothing() -> None:
    empty_words = {"utils", "helpers", "common", "base", "manager", "misc"}
    assert [m.name for m in _MODULES if m.stem in empty_words] == []


def test_only_the_transaction_commits() -> None:
    committing = {
        str(module.relative_to(_ROOT))
        for module in _MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    # That of db.py ends what was only read.
    places = ("persistence/db.py", "persistence/schema.py", "services/transaction.py")
    assert committing == {f"reviewflow/{place}" for place in places}


def test_templates_hold_no_inline_script_or_style() -> None:
    for template in (_ROOT / "templates").rglob("*.html"):
        markup = template.read_text()
        for forbidden in ("<style", " style=", "<script>", " onclick=", " onsubmit=", "javascript:"):
            assert forbidden not in markup, (template.name, forbidden)

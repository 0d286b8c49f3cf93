"""The public site as files: every link has its file, with the bytes that the application answers with."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import update

from reviewflow.gateways.lists import publication_address
from reviewflow.persistence.db import db
from reviewflow.persistence.models.publication import PublicPage
from reviewflow.services import documents
from tests.factories.publications import published_text
from tests.factories.task_forces import Cast, make_task_force


@pytest.fixture
def cast(app: Flask) -> Cast:
    with app.app_context():
        cast = make_task_force()
        for number in (1, 2, 3):
            published_text(cast, f"Text {number}, Қазақстан")
        documents.make_missing(1)
    return cast


@pytest.fixture
def export(app: Flask, tmp_path: Path) -> Callable[..., Any]:
    runner = app.test_cli_runner()
    return lambda folder="site": runner.invoke(args=["export-site", str(tmp_path / folder)])


def _files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def _file_of(address: str) -> tuple[str, str]:
    """Where a server of files looks for an address."""
    name = unquote(address.split("#")[0]).strip("/")
    return name, f"{name}/index.html".lstrip("/")


def test_every_link_has_its_file_with_the_same_bytes(
    app: Flask, cast: Cast, export: Callable[..., Any], tmp_path: Path
) -> None:
    with app.app_context():
        for number in range(4, 23):
            published_text(cast, f"Text {number}")
    result = export()
    assert result.exit_code == 0, result.output
    files = _files(tmp_path / "site")
    client = app.test_client()
    compared = 0
    for name, content in files.items():
        if not name.endswith("index.html") or name.startswith("symbols/"):
            continue
        for address in re.findall(r'(?:href|src)="(/[^"]*)"', content.decode()):
            found = [place for place in _file_of(address) if place in files]
            assert found, f"{name} leads to {address}, which has no file"
            if not address.startswith(("/desk", "/search", "/verify", "/static")):
                answer = client.get(address)
                assert answer.status_code in (200, 301)
                if answer.status_code == 200:
                    assert files[found[0]] == answer.data
                    compared += 1
    assert compared > 100
    for name in ("feed.atom", "browse/dimension/human/feed.json", "sitemap.xml", "404.html"):
        assert name in files
    assert "browse/page/2/index.html" in files
    path = "uskz-rec-1-09-text-1-қазақстан"
    assert files[f"publications/{path}.pdf"].startswith(b"%PDF")
    assert files[f"publications/{path}.png"].startswith(b"\x89PNG")
    for symbol in ("symbols/USKZ.DR/1/09", "symbols/USKZ.REC/1/09", "publications/uskz-rec-1-09"):
        assert f'url={publication_address(path)}"' in files[f"{symbol}/index.html"].decode()
    assert '<a href="http://127.0.0.1:8000/search">' in files["search/index.html"].decode()


def test_inventory_lists_every_file(cast: Cast, export: Callable[..., Any], tmp_path: Path) -> None:
    export()
    files = _files(tmp_path / "site")
    listed = dict(reversed(line.split("  ", 1)) for line in files.pop("files.sha256").decode().splitlines())
    assert listed == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def test_only_what_changed_is_written_again(
    app: Flask, cast: Cast, export: Callable[..., Any], tmp_path: Path
) -> None:
    export()
    folder = tmp_path / "site"
    unchanged = next(folder.glob("publications/uskz-rec-3-09-*/index.html")).stat().st_ino
    assert "0 of them new or changed, 0 removed" in export().output
    (folder / "robots.txt").unlink()
    assert ", 1 of them new or changed" in export().output
    with app.app_context():
        published_text(cast, "One more")
    front = (folder / "index.html").read_bytes()
    assert export().exit_code == 0
    assert (folder / "index.html").read_bytes() != front
    assert next(folder.glob("publications/uskz-rec-3-09-*/index.html")).stat().st_ino == unchanged


def test_file_that_is_no_more_is_removed(cast: Cast, export: Callable[..., Any], tmp_path: Path) -> None:
    export()
    folder = tmp_path / "site"
    (folder / "old.html").write_text("old")
    with (folder / "files.sha256").open("a") as inventory:
        inventory.write(f"{'0' * 64}  old.html\n")
    (folder / "mine.txt").write_text("not of the export")
    assert "1 removed" in export().output
    assert not (folder / "old.html").exists()
    assert (folder / "mine.txt").exists()


def test_folder_of_others_is_refused(cast: Cast, export: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("years of work")
    result = export()
    assert result.exit_code == 1
    assert "holds other files, and nothing was written" in result.output
    assert _files(tmp_path / "site") == {"thesis.txt": b"years of work"}


def test_nothing_is_written_where_an_address_does_not_answer(
    app: Flask, cast: Cast, export: Callable[..., Any], tmp_path: Path
) -> None:
    export()
    before = _files(tmp_path / "site")
    with app.app_context():
        page = update(PublicPage).where(PublicPage.path.like("uskz-rec-3-09-%"), PublicPage.body.is_not(None))
        db.session.execute(page.values(body=b'<a href="/publications/nowhere">x</a>'))
        db.session.commit()
    result = export()
    assert result.exit_code == 1
    assert "does not answer at: /publications/nowhere" in result.output
    assert _files(tmp_path / "site") == before


def test_addresses_that_authors_wrote_stop_nothing(
    app: Flask, cast: Cast, export: Callable[..., Any], tmp_path: Path
) -> None:
    root = app.config["REVIEWFLOW_PUBLIC_URL"]
    with app.app_context():
        published_text(cast, text=f"See [one]({root}/nowhere) and [two]({root}/symbols/USKZ.REC/1/09).")
    result = export()
    assert result.exit_code == 0, result.output
    assert any(f'href="{root}/nowhere"'.encode() in page for page in _files(tmp_path / "site").values())


def test_site_without_a_task_force_is_none(app: Flask, export: Callable[..., Any], tmp_path: Path) -> None:
    result = export()
    assert result.exit_code == 1
    assert "does not answer at: /, " in result.output
    assert _files(tmp_path / "site") == {}

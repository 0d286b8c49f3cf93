"""The whole public site as files, for any server of files: the bytes that the application answers with."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from flask import current_app
from markupsafe import Markup, escape

from reviewflow.gateways import pages
from reviewflow.gateways.lists import SiteTaskForce, publication_address
from reviewflow.queries import public
from reviewflow.web.language import gettext as _
from reviewflow.web.site.answers import reader

#: Lists the exported files with their SHA-256, as `sha256sum --check` reads it, and marks a folder as ours.
INVENTORY = "files.sha256"
#: Nothing leads to these, or not by a link.
_KNOWN = (
    "/",
    "/publications",
    "/commitments",
    "/robots.txt",
    "/sitemap.xml",
    "/.well-known/reviewflow-keys.json",
)
#: What only the application can answer: a page says so instead, and the web server may pass them on to it.
_LIVE = ("/desk", "/search", "/verify")
#: How often it is begun anew because something was published meanwhile.
_TRIES = 5


class NotOurs(Exception):
    """The folder holds something else, so nothing was written into it."""


class Incomplete(Exception):
    """Some addresses could not be exported, named in `addresses`; the folder is as it was."""

    def __init__(self, addresses: list[str]) -> None:
        super().__init__(", ".join(addresses))
        self.addresses = addresses


class Unquiet(Exception):
    """Something was published each time that it was tried; the folder is as it was."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many files there are now, and how many of them are new or changed, or are gone."""

    files: int
    written: int
    removed: int


def export(folder: Path) -> Exported:
    """Write the public site into a folder that is new, empty, or an earlier export.

    Files that are the same already are left alone, so that what copies the folder onward copies what changed.

    Raises:
        NotOurs, Incomplete, Unquiet: nothing was changed.
    """
    before = _inventory(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for _attempt in range(_TRIES):
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as made_in:
            made = _Made(Path(made_in), public.leads())
            began_with = reader().task_forces()
            made.everything()
            if made.missing:
                raise Incomplete(sorted(made.missing))
            if reader().task_forces() == began_with:
                return _replace(folder, Path(made_in), before, made.digests)
    raise Unquiet()


def _inventory(folder: Path) -> dict[str, str]:
    """Digests of the files of an earlier export, by name. Raises `NotOurs`."""
    if not folder.exists():
        return {}
    if (folder / INVENTORY).is_file():
        lines = (folder / INVENTORY).read_text("utf-8").splitlines()
        return {name: digest for digest, _space, name in (line.partition("  ") for line in lines)}
    if not folder.is_dir() or any(folder.iterdir()):
        raise NotOurs()
    return {}


def _replace(folder: Path, made_in: Path, before: dict[str, str], digests: dict[str, str]) -> Exported:
    """Put what was made into its place, each file at once or not at all."""
    written = 0
    for name, digest in digests.items():
        place = folder / name
        if before.get(name) == digest and place.is_file():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        (made_in / name).replace(place)
        written += 1
    gone = before.keys() - digests.keys()
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    new = made_in / INVENTORY
    new.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())), "utf-8")
    new.replace(folder / INVENTORY)
    return Exported(len(digests), written, len(gone))


@dataclass(slots=True)
class _Made:
    """What has been made so far, in a folder of its own."""

    folder: Path
    #: From symbols to paths.
    leads: tuple[tuple[str, str], ...]
    #: SHA-256 by the name of the file.
    digests: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def everything(self) -> None:
        """Every page that is known or that a page leads to, and what stands for the rest."""
        static = Path(str(current_app.static_folder))
        for file in sorted(static.rglob("*")):
            if file.is_file():
                self._keep(f"static/{file.relative_to(static).as_posix()}", file.read_bytes())
        waiting = [*_KNOWN]
        seen = {*waiting}
        while waiting:
            for address in self._visit(waiting.pop()):
                if address not in seen:
                    seen.add(address)
                    waiting.append(address)
        if self.missing:
            return
        for symbol, path in self.leads:
            # A file has no status 301, so the page itself leads on.
            where = "symbols" if "/" in symbol else "publications"
            self._keep(f"{where}/{symbol}/index.html", _lead(publication_address(path)))
        first, *_others = reader().task_forces()
        root = str(current_app.config["REVIEWFLOW_PUBLIC_URL"])
        for address in _LIVE:
            self._keep(f"{address[1:]}/index.html", _elsewhere(first, root + address))
        self._keep("404.html", _unknown(first))

    def _visit(self, address: str) -> Iterator[str]:
        """Keep the answer to an address, and yield where it leads within the public site."""
        answer = current_app.test_client().get(address, base_url=current_app.config["REVIEWFLOW_PUBLIC_URL"])
        if answer.status_code != 200:
            self.missing.add(address)
            return
        name = unquote(address)[1:]
        is_page = answer.mimetype == "text/html" and not name.endswith(".html")
        self._keep(f"{name}/index.html".lstrip("/") if is_page else name, answer.data)
        if is_page:
            yield from _links(answer.get_data(as_text=True), current_app.config["REVIEWFLOW_PUBLIC_URL"])
        elif address.startswith("/sitemap"):
            for found in ElementTree.fromstring(answer.data).iter():  # noqa: S314 - our own
                if found.tag.endswith("}loc"):
                    yield urlsplit(found.text or "").path

    def _keep(self, name: str, content: bytes) -> None:
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        self.digests[name] = hashlib.sha256(content).hexdigest()


def _links(page: str, root: str) -> Iterator[str]:
    """The addresses of the public site that a page leads to, without the places on their pages."""
    parser = _Links()
    parser.feed(page)
    for found in parser.found:
        parts = urlsplit(found.removeprefix(root))
        path = parts.path
        within = path.startswith("/") and not parts.netloc and not parts.query
        if within and not path.startswith(("/static/", *_LIVE)):
            yield path


class _Links(HTMLParser):
    """Collects `href` of whatever has one, and the address of a picture for other sites.

    What authors and sources link to is left out: it leads where they meant, also if nothing is there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        address = told.get("content") if told.get("property") == "og:image" else told.get("href")
        if address and "nofollow" not in (told.get("rel") or ""):
            self.found.append(address)


def _lead(address: str) -> bytes:
    """A page that is only a way to another."""
    there = escape(address)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{there}</title>\n'
        f'<meta http-equiv="refresh" content="0; url={there}">\n<link rel="canonical" href="{there}">\n'
        f'<p><a href="{there}">{there}</a></p>\n</html>\n'
    ).encode()


def _elsewhere(task_force: SiteTaskForce, address: str) -> bytes:
    """What a copy says where only the application can answer."""
    said = _(
        "This is a copy of the published texts, as files. What you asked for needs the site itself: "
        "%(address)s"
    )
    there = Markup('<a href="{0}">{0}</a>').format(address)
    return pages.missing_page(task_force, _("This is not in the copy"), escape(said) % {"address": there})


def _unknown(task_force: SiteTaskForce) -> bytes:
    """For servers that show it where they find no file."""
    return pages.missing_page(
        task_force,
        _("There is no such page"),
        _("The address may be misspelt, or belong to a text that has not been published."),
    )

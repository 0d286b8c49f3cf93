"""`reviewflow site`: the public pages."""

from __future__ import annotations

from pathlib import Path

import click

from reviewflow.cli.running import in_app


@click.group()
def site() -> None:
    """Look after the public pages."""


@site.command()
@in_app
def rebuild() -> None:
    """Build every public page anew from its snapshot, after a change of templates.

    What was published stays as it is, byte for byte; only its dress is renewed.
    """
    from reviewflow.services import public_pages

    count = public_pages.rebuild_pages()
    click.echo(f"{count} public {'page' if count == 1 else 'pages'} built.")


@click.command("export-site")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@in_app
def export_site(folder: Path) -> None:
    """Write the whole public site into FOLDER, as files for any web server.

    FOLDER is new, empty, or an earlier export, of which only what changed is written again. Its file
    files.sha256 lists them all; `sha256sum --check` compares.
    """
    from reviewflow.web.site import export

    try:
        done = export.export(folder)
    except export.NotOurs:
        raise click.ClickException(
            f"{folder} holds other files, and nothing was written. Name a new or an empty folder."
        ) from None
    except export.Incomplete as missing:
        raise click.ClickException(
            "Nothing was written, because the site does not answer at: " + ", ".join(missing.addresses)
        ) from None
    except export.Unquiet:
        raise click.ClickException(
            "Nothing was written, because something was published each time that it was tried. Try again."
        ) from None
    click.echo(f"{done.files} files, {done.written} of them new or changed, {done.removed} removed.")

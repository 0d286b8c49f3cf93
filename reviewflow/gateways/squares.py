"""Squares that a telephone reads (QR codes), as SVG."""

from __future__ import annotations

import io


def square(text: str) -> bytes:
    """The text as an SVG of black modules on white, with the quiet border that cameras need."""
    # Loaded when somebody sets up one-time codes, and by nobody else.
    import segno

    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        file, kind="svg", scale=6, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return file.getvalue()

"""What the formats made of XML in a ZIP file share: escaping, and archives that do not tell the hour."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

#: Characters that no XML document may hold, escaped or not (XML 1.0, 2.2).
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def words(text: str) -> str:
    """Text as it stands between tags."""
    return escape(_ILLEGAL.sub("\ufffd", text))


def element(tag: str, *children: str, **attributes: str) -> str:
    """An element around XML that is there already; `_` in the name of an attribute stands for a colon."""
    written = "".join(
        f" {name.replace('_', ':')}={quoteattr(_ILLEGAL.sub(chr(0xFFFD), value))}"
        for name, value in attributes.items()
    )
    inside = "".join(children)
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def packed(members: Iterable[tuple[str, str | bytes]], at: datetime) -> bytes:
    """A ZIP file of members in their order, all of the instant `at`; `mimetype` is stored as it is."""
    buffer = io.BytesIO()
    # The format's clock begins in 1980 and counts in steps of two seconds.
    moment = max(at.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in members:
            member = zipfile.ZipInfo(name, moment)
            # The maker's system is part of the format: always Unix, so that all make the same bytes.
            member.create_system = 3
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(member, body, compresslevel=9)
    return buffer.getvalue()

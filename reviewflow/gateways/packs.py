"""Evidence packs as bytes: the same files always give the same ZIP."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from reviewflow.domain import verification

#: What a verifier is joined of, in this order.
_MODULES = ("ed25519.py", "faults.py", "recount.py", "replay.py", "verification.py")
_FUTURE = "from __future__ import annotations\n"

README = """EVIDENCE PACK

This file proves what was published, and how it was agreed to. To check it, you need Python 3.9 or newer
and no network:

    unzip PACK.zip verify.py
    python3 verify.py PACK.zip --key KEY

KEY is the site's public key, 64 digits, from the address /.well-known/reviewflow-keys.json of the site
that published the text (or the saved file itself). Get verify.py from somebody that you trust, or read it:
a forged pack could hold a forged verifier.

manifest.json   the text in all its languages; its SHA-256 is the digest that everybody agreed to
texts/          the same words, to be read
parts/          of a policy brief or paper: each text that it includes, named by its digest; of a corrigendum:
                the text that it corrects
events.json     every step that decided it, in order; each names the hash of the one before it. People are
                seats: a seat is one person throughout, and the pack does not tell whose it is
stand-ins.json  where somebody acted in another's name: who, for whom, from when until when, and when that was
                ended early, if it was
decision.json   what the steps come to: rosters, positions, agreements, approval
documents/      the documents of the publication as they were made
index.json      the SHA-256 of each of these files
head.json       what is signed: the publication, its last event, and the SHA-256 of index.json
head.sig        the Ed25519 signature of head.json
"""


def pack(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of files by name, in the order of their names and all of the same time."""
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            made.writestr(member, files[name])
    return stored.getvalue()


def check(body: bytes, trusted: verification.Keys | None = None) -> None:
    """Let the verifier read a pack as everybody will. Raises `replay.Fault`."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(body)
        file.flush()
        verification.verify(file.name, trusted)


@cache
def verifier() -> bytes:
    """verify.py: the modules of the verifier, joined without the lines by which they import each other."""
    folder = Path(verification.__file__).parent
    joined = _FUTURE + "\n".join(
        re.sub(r"^from reviewflow\..*\n", "", (folder / name).read_text().replace(_FUTURE, ""), flags=re.M)
        for name in _MODULES
    )
    return joined.encode()

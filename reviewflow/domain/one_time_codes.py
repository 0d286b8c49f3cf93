"""One-time codes (RFC 6238) and recovery codes: which code is right at an instant, and no code twice."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

#: What every authenticator takes for granted: six digits, SHA-1, a new code each half minute.
DIGITS, STEP_SECONDS = 6, 30
#: RFC 4226 asks for 128 bits at least and recommends 160.
SECRET_BYTES = 20
#: Clocks differ and people type slowly: the code before and the one after count too (RFC 6238, 5.2).
TOLERATED_STEPS = 1
RECOVERY_CODES = 10
#: 80 random bits in base 32, which nobody guesses from a fast hash either.
RECOVERY_BYTES = 10


def step_at(at: datetime) -> int:
    """The number of the half minute since 1970."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: bytes, step: int) -> str:
    """The six digits of one half minute (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, struct.pack(">Q", step), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: bytes, typed: str, at: datetime, last: int) -> int | None:
    """The half minute that a code belongs to; None if it is wrong, or not after `last`, the one used last."""
    code = re.sub(r"[\s-]", "", typed)
    matching: Iterator[int] = (
        step
        for step in range(step_at(at) - TOLERATED_STEPS, step_at(at) + TOLERATED_STEPS + 1)
        if step > last
        and hmac.compare_digest(code_of(secret, step).encode(), code.encode("utf-8", "replace"))
    )
    return next(matching, None)


def written_secret(secret: bytes) -> str:
    """A secret as authenticators take it when it is typed: base 32."""
    return base64.b32encode(secret).decode()


def enrolment_address(secret: bytes, account: str) -> str:
    """What the square says that an authenticator reads: the `otpauth` address of the key."""
    return (
        f"otpauth://totp/reviewflow:{quote(account)}?secret={written_secret(secret)}&issuer=reviewflow"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )


def recovery_code(random: bytes) -> str:
    """A recovery code as it is shown: `ABCD-EFGH-IJKL-MNOP`."""
    letters = base64.b32encode(random).decode()
    return "-".join(re.findall("....", letters))


def recovery_digest(person_id: int, typed: str) -> str:
    """What is stored of a recovery code, however it was typed; no two people's are alike."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    return hashlib.sha256(f"{person_id}\n{letters}".encode("utf-8", "surrogatepass")).hexdigest()

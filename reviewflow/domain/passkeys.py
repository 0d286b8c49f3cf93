"""Passkeys (WebAuthn level 3): what a browser is asked for, and what is known of each key."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

#: So long a browser may take to answer; the specification recommends up to ten minutes.
CHALLENGE_LASTS = timedelta(minutes=10)
CHALLENGE_BYTES = HANDLE_BYTES = 32
#: Nobody needs more, and each is offered to the browser when another is made.
MOST_PASSKEYS = 20
#: EdDSA, ES256 and RS256: what every authenticator has one of.
_ALGORITHMS = (-8, -7, -257)


@dataclass(frozen=True, slots=True)
class Passkey:
    """One key of a person; `name` is what they call it."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser was asked, and by whom: its answer must fit all of it."""

    challenge: bytes
    #: The host name, without port.
    host: str
    #: Scheme, host and port, as the browser names it.
    origin: str


def can_have_passkeys(host: str) -> bool:
    """Whether browsers make passkeys for a host: for names only, never for an address of numbers."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return bool(host)
    return False


def written(value: bytes) -> str:
    """Bytes as browsers exchange them: base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def request_options(asked: Asked) -> dict[str, object]:
    """Ask for any key of this host; the browser lets the person choose whose, so no address is typed.

    It has to make sure that it is them (by finger, face or PIN): a passkey then stands for two factors.
    """
    return {"challenge": written(asked.challenge), "rpId": asked.host, "userVerification": "required"}


def creation_options(
    asked: Asked, handle: bytes, account: str, name: str, known: Iterable[bytes]
) -> dict[str, object]:
    """Ask for a new key, on this device or on another: nothing is said of which kind.

    `handle` is what the key calls its owner, random and without meaning; `known` are the keys there are.
    """
    return {
        "challenge": written(asked.challenge),
        "rp": {"id": asked.host, "name": "reviewflow"},
        "user": {"id": written(handle), "name": account, "displayName": name},
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in _ALGORITHMS],
        "excludeCredentials": [{"type": "public-key", "id": written(key)} for key in known],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }

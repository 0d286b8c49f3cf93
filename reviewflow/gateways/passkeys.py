"""What browsers answer about passkeys, verified."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from reviewflow.domain.passkeys import Asked

#: A longer answer is none: keys and signatures are a few kilobytes.
_LONGEST = 20_000

# The library is loaded when a passkey is used: 12 MB that most requests don't need.


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that a browser has just made."""

    credential: bytes
    public_key: bytes
    sign_count: int


def new_key(answer: str, asked: Asked) -> NewKey | None:
    """The key of an answer; None if it does not fit what was asked, or makes no sense."""
    from webauthn import verify_registration_response

    try:
        made = verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=asked.challenge,
            expected_rp_id=asked.host,
            expected_origin=asked.origin,
            require_user_verification=True,
        )
    except Exception:  # its parsers raise whatever a mangled answer makes them stumble over
        return None
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def named_by(answer: str) -> tuple[bytes, bytes] | None:
    """The key that an answer says it is signed with, and its owner's handle; None if it names none."""
    from webauthn.helpers import base64url_to_bytes

    try:
        found = _parsed(answer)
        return base64url_to_bytes(found["rawId"]), base64url_to_bytes(found["response"]["userHandle"])
    except (ValueError, TypeError, KeyError):
        return None


def signed_count(answer: str, asked: Asked, public_key: bytes, sign_count: int) -> int | None:
    """How often the key has signed by now; None if the answer is not signed with it, or not for this."""
    from webauthn import verify_authentication_response

    try:
        verified = verify_authentication_response(
            credential=_parsed(answer),
            expected_challenge=asked.challenge,
            expected_rp_id=asked.host,
            expected_origin=asked.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception:  # as above
        return None
    return verified.new_sign_count


def _parsed(answer: str) -> dict[str, Any]:
    found = json.loads(answer[:_LONGEST])
    if not isinstance(found, dict):
        raise TypeError("an answer is an object")
    return found

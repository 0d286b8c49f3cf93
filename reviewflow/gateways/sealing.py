"""Secrets that have to be read again, sealed so that the database alone does not give them away."""

from __future__ import annotations

import base64


def seal(secret: bytes, key: str) -> str:
    """The secret, encrypted and authenticated (Fernet) under what is derived from `key`."""
    from cryptography.fernet import Fernet

    return Fernet(_derived(key)).encrypt(secret).decode()


def unseal(sealed: str, key: str) -> bytes | None:
    """The secret; None if it was sealed under another key."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(_derived(key)).decrypt(sealed.encode())
    except InvalidToken:
        return None


def _derived(key: str) -> bytes:
    """A key for this use only, so that what is signed with `key` elsewhere says nothing of it."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, salt=None, info=b"reviewflow: secrets of one-time codes").derive(
        key.encode()
    )
    return base64.urlsafe_b64encode(derived)

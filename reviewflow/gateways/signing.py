"""Ed25519 signatures by the house's key, which is a secret of 64 hexadecimal digits (RFC 8032's seed)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def public_part(secret: str) -> str:
    """The public key of a secret, 64 hexadecimal digits."""
    return _key(secret).public_key().public_bytes_raw().hex()


def sign(secret: str, message: bytes) -> str:
    """The signature of a message, 128 hexadecimal digits; the same whenever it is made."""
    return _key(secret).sign(message).hex()


def _key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))

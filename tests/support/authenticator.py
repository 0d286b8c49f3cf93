"""An authenticator in software: makes passkeys and signs with them, also wrongly, as tests want it."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _HAS_KEY = 0x01, 0x04, 0x40


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "==")


@dataclass
class Authenticator:
    """One device with one key. `verified` is whether it made sure that it is its owner."""

    origin: str = "http://localhost"
    host: str = "localhost"
    verified: bool = True
    count: int = 0
    handle: str = ""
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> str:
        """Answer a page that asks for a new key."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        held = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + cbor2.dumps(public)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(_HAS_KEY) + held}
        said = self._said("webauthn.create", options["challenge"])
        return self._answer(
            {"clientDataJSON": _text(said), "attestationObject": _text(cbor2.dumps(statement))}
        )

    def sign(self, options: dict[str, Any]) -> str:
        """Answer a page that asks for a key."""
        self.count += 1
        said, data = self._said("webauthn.get", options["challenge"]), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": _text(said),
                "authenticatorData": _text(data),
                "signature": _text(signature),
                "userHandle": self.handle,
            }
        )

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verified else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _answer(self, response: dict[str, str]) -> str:
        name = _text(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

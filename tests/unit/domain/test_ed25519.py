"""Our own verification of signatures says what RFC 8032 and a library of cryptography say."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewflow.domain.ed25519 import is_signed

#: RFC 8032, 7.1, tests 1, 2, 3 and "SHA(abc)": public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]
ORDER = 2**252 + 27742317777372353535851937790883648493


def by_library(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("vector", VECTORS)
def test_vectors_of_the_rfc_are_signed_and_nothing_near_them_is(vector: tuple[str, str, str]) -> None:
    key, message, signature = (bytes.fromhex(part) for part in vector)
    assert is_signed(key, message, signature)
    assert not is_signed(key, message + b"\0", signature)
    for place in range(64):
        bent = bytearray(signature)
        bent[place] ^= 1
        assert not is_signed(key, message, bytes(bent)), place
    for place in range(32):
        bent = bytearray(key)
        bent[place] ^= 1
        assert not is_signed(bytes(bent), message, signature), place


def test_signature_has_one_form_only() -> None:
    """s + L gives the same point, and is refused: nobody makes a second signature out of a first one."""
    key, message, signature = (bytes.fromhex(part) for part in VECTORS[1])
    larger = int.from_bytes(signature[32:], "little") + ORDER
    assert not is_signed(key, message, signature[:32] + larger.to_bytes(32, "little"))


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (b"", b""),
        (b"k" * 31, b"s" * 64),
        (b"k" * 33, b"s" * 64),
        (b"\xff" * 32, b"s" * 64),
        (b"k" * 32, b"s" * 63),
    ],
)
def test_malformed_is_not_signed_and_raises_nothing(key: bytes, signature: bytes) -> None:
    assert not is_signed(key, b"", signature)


def test_key_out_of_canonical_form_is_none() -> None:
    """y = p + 1 would be the neutral point, under which a chosen signature fits every message."""
    neutral = (1).to_bytes(32, "little")
    written_otherwise = (2**255 - 19 + 1).to_bytes(32, "little")
    assert is_signed(neutral, b"m", neutral + bytes(32))
    assert not is_signed(written_otherwise, b"m", neutral + bytes(32))


@settings(max_examples=40)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_the_library_signs_is_signed(seed: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert is_signed(key.public_key().public_bytes_raw(), message, key.sign(message))


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.data())
def test_bent_inputs_are_judged_as_the_library_judges_them(seed: bytes, data: st.DataObject) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    whole = key.public_key().public_bytes_raw() + key.sign(b"message")
    place = data.draw(st.integers(0, 95))
    bent = whole[:place] + data.draw(st.binary(min_size=1, max_size=96 - place)) + whole[96:]
    bent += whole[len(bent) :]
    public, signature = bent[:32], bent[32:]
    assert is_signed(public, b"message", signature) == by_library(public, b"message", signature)

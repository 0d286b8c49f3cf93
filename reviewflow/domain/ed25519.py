"""Verifying an Ed25519 signature with nothing but whole numbers, as RFC 8032 describes it."""

from __future__ import annotations

import hashlib

# RFC 8032, 5.1: the field's prime, the order of the base point, and the curve's constant.
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)

#: A point in extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, xy = T/Z.
Point = tuple[int, int, int, int]


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) is the one that the owner of `public_key` (32 bytes) made of `message`.

    Strict, so that a signature has one form only: both points in their canonical encoding, and the number
    s below the group's order (RFC 8032, 5.1.7). Whatever is malformed is not signed; nothing is raised.
    """
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key = _decoded(public_key)
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % _L
    x, y, z, t = key
    # R = sB - hA, compared as it is written down: a point that is not in canonical form equals none.
    return _encoded(_added(_times(s, _BASE), _times(h, (_P - x, y, z, _P - t)))) == signature[:32]


def _decoded(encoded: bytes) -> Point | None:
    """The point of 32 bytes: y, and in the highest bit whether x is odd. None if there is no such point."""
    number = int.from_bytes(encoded, "little")
    y, odd = number & ((1 << 255) - 1), number >> 255
    if y >= _P:
        return None
    x_squared = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(x_squared, (_P + 3) // 8, _P)
    if (x * x - x_squared) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - x_squared) % _P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = _P - x
    return (x, y, 1, x * y % _P)


def _encoded(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, _P - 2, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _added(one: Point, other: Point) -> Point:
    """The sum of two points (RFC 8032, 5.1.4); right for equal ones too."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number: int, point: Point) -> Point:
    """A point added to itself `number` times; the time it takes tells the number, which is no secret here."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _added(total, point)
        point = _added(point, point)
        number >>= 1
    return total


#: The base point: y = 4/5, x even.
_BASE = _decoded((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)

"""Ed25519 verification in plain Python, and the acceptance rule that all must share.

Slow (some milliseconds a signature) and meant for a bare Python only. It handles public data,
so it need not run in constant time. Source: RFC 8032 section 5.1; small-order rule of the
specification (identity).
"""

from __future__ import annotations

from hashlib import sha512

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_1 = pow(2, (_P - 1) // 4, _P)

_Point = tuple[int, int, int, int]
_NEUTRAL: _Point = (0, 1, 1, 0)


def _square_root(square: int) -> int | None:
    root = pow(square, (_P + 3) // 8, _P)
    for candidate in (root, root * _ROOT_OF_MINUS_1 % _P):
        if candidate * candidate % _P == square % _P:
            return candidate
    return None


def _small_order_encodings() -> frozenset[bytes]:
    """Return the 14 encodings of points whose order divides 8.

    Order 1 and 2: y = 1 and -1; order 4: y = 0; order 8: twice the point has y = 0, which gives
    d y^4 + 2 y^2 - 1 = 0. The sign bit makes two of each, and y of 0 and 1 can also be written
    with p added.
    """
    heights = [0, 1, _P - 1, _P, _P + 1]
    root = _square_root(1 + _D)
    assert root is not None
    for signed in (root, -root):
        height = _square_root((signed - 1) * pow(_D, -1, _P) % _P)
        if height is not None:
            heights += [height, _P - height]
    return frozenset((y | s << 255).to_bytes(32, "little") for y in heights for s in (0, 1))


SMALL_ORDER = _small_order_encodings()
assert len(SMALL_ORDER) == 14


def is_acceptable_key(key: bytes) -> bool:
    """Say whether 32 bytes may be a public key: y below p, and not of small order."""
    y = int.from_bytes(key, "little") & (1 << 255) - 1
    return len(key) == 32 and y < _P and key not in SMALL_ORDER


def is_acceptable(key: bytes, signature: bytes) -> bool:
    """Say whether key and signature have the form that every implementation must accept."""
    return (
        is_acceptable_key(key)
        and len(signature) == 64
        and signature[:32] not in SMALL_ORDER
        and int.from_bytes(signature[32:], "little") < _ORDER
    )


def _decompress(packed: bytes) -> _Point | None:
    number = int.from_bytes(packed, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = _square_root(square)
    if x is None or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _compress(point: _Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, _P)
    return (y * inverse % _P | (x * inverse % _P & 1) << 255).to_bytes(32, "little")


def _add(p: _Point, q: _Point) -> _Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


_BASE = _decompress((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))


def verify_plainly(key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the signature verifies, by the cofactorless equation S B = R + k A."""
    if not is_acceptable(key, signature):
        return False
    public = _decompress(key)
    if public is None or _BASE is None:
        return False
    digest = sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % _ORDER
    s = int.from_bytes(signature[32:], "little")
    minus = (_P - public[0], public[1], 1, _P - public[3])
    table = (_NEUTRAL, _BASE, minus, _add(_BASE, minus))
    total = _NEUTRAL
    for bit in reversed(range(253)):
        total = _add(total, total)
        choice = s >> bit & 1 | (k >> bit & 1) << 1
        if choice:
            total = _add(total, table[choice])
    # R is compared as bytes: an encoding that is not canonical never matches.
    return _compress(total) == signature[:32]

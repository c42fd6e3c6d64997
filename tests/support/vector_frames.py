"""Published frames: from the secret of an epoch to sealed bytes."""

from __future__ import annotations

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from support import bundle_forge as forge
from support.bundle_forge import T0, cbor, ed, ed_public, h


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    return hmac.new(key, info + b"\1", hashlib.sha256).digest()[:length]


def frames() -> dict:
    """RFC 5869 by hand; only the AEAD comes from the library."""
    alfa, bravo = forge.Party("ALFA"), forge.Party("BRAVO")
    secret, node, epoch, prekey = h(b"s"), 0, T0, 7
    info = b"parley1 key\0" + alfa.fp + bravo.fp + struct.pack(">IQI", node, epoch, prekey)
    extracted = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    k0 = hkdf_expand(extracted, info, 32)
    sealed = h(b"in place of an HPKE message") * 37
    six = [alfa.pid, bravo.pid, node, epoch, prekey, sealed[:1168]]
    message = b"parley1 keying\0" + h(cbor(six))
    keying = cbor([*six, 1, ed("ALFA k1").sign(message)])
    k1 = hkdf_expand(k0, b"parley1 next", 32)
    hint = hkdf_expand(k0, b"parley1 hint", 2)
    published = h(b"epoch secret")
    rows = [
        {"name": "first frame", **_frame(k0, hint, (0, 0), [[5, 1]])},
        {"name": "next generation", **_frame(k1, hint, (1, 0), [[6, 1], [0, bytes(9)]])},
        {"name": "last counter", **_frame(k1, hint, (1, 2**24 - 1), [[3, 7, [4, 2]]])},
    ]
    hint = hkdf_expand(published, b"parley1 hint", 2)
    last = _frame(published, hint, (0, 5), [[5, 4_000_000_000]])
    rows.append({"name": "another epoch", "k0": published.hex(), **last})
    return {
        "about": "From the secret of an epoch to frames. `sealed` stands for any HPKE message.",
        "info": info.hex(),
        "secret": secret.hex(),
        "k0": k0.hex(),
        "keying_frame": (b"\x50" + bytes(5) + keying).hex(),
        "station_key": ed_public("ALFA k1").hex(),
        "keying_signed": message.hex(),
        "frames": rows,
        "pieces": _pieces(alfa.fp, bravo.fp, keying),
    }


def _pieces(sender: bytes, receiver: bytes, body: bytes) -> dict:
    """The key exchange above, cut for frames of 64 bytes: its own symbols, padded with zeros."""
    count = -(-len(body) // 48)
    padded = body.ljust(48 * count, b"\0")
    made = [
        _piece(sender, receiver, body, esi, padded[48 * esi : 48 * (esi + 1)])
        for esi in range(count)
    ]
    good = made[0]
    return {
        "sender": sender.hex(),
        "receiver": receiver.hex(),
        "frames": [raw.hex() for raw in made],
        "not_this_sender": [
            {
                "name": "the other direction",
                "hex": _piece(receiver, sender, body, 0, padded[:48]).hex(),
            },
            {"name": "one bit of the symbol", "hex": (good[:-1] + bytes([good[-1] ^ 1])).hex()},
            {"name": "another symbol id", "hex": (good[:5] + b"\x01" + good[6:]).hex()},
            {"name": "another size", "hex": (good[:7] + b"\x01" + good[8:]).hex()},
        ],
        "refuse": [
            {"name": "no symbol", "hex": good[:16].hex()},
            {"name": "symbol of 47 bytes", "hex": good[:-1].hex()},
            {"name": "generation in the first byte", "hex": (b"\x61" + good[1:]).hex()},
            {"name": "size 0", "hex": (good[:6] + bytes(2) + good[8:]).hex()},
            {"name": "size 2,561", "hex": (good[:6] + b"\x0a\x01" + good[8:]).hex()},
        ],
    }


def _piece(sender: bytes, receiver: bytes, body: bytes, esi: int, symbol: bytes) -> bytes:
    head = b"\x60" + h(body)[:2] + esi.to_bytes(3, "big") + len(body).to_bytes(2, "big")
    said = b"parley1 piece\0" + head + symbol
    return head + hmac.new(sender + receiver, said, hashlib.sha256).digest()[:8] + symbol


def _frame(chain: bytes, hint: bytes, place: tuple[int, int], items: list) -> dict:
    generation, counter = place
    header = bytes([0x40 | generation & 15]) + hint + counter.to_bytes(3, "big")
    key = hkdf_expand(chain, b"parley1 frame", 32)
    plain = b"".join(map(cbor, items))
    sealed = AESGCMSIV(key).encrypt(bytes(9) + counter.to_bytes(3, "big"), plain, header)
    return {
        "chain_key": chain.hex(),
        "frame_key": key.hex(),
        "generation": generation,
        "counter": counter,
        "plain": plain.hex(),
        "frame": (header + sealed).hex(),
    }

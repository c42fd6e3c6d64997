"""A key exchange in pieces: what is taken for a piece, and what brings the exchange back."""

import random

import pytest

from parley.core import frame, pieces
from parley.core.pieces import Piece
from parley.core.symbols import Decoder, Stream
from parley.errors import MalformedError, UsageError

ALFA, BRAVO = bytes(range(32)), bytes(range(32, 64))
BODY = random.Random(5).randbytes(1_280)


def sealed(esi=3, data=b"\x07" * 48, size=1_280):
    piece = Piece(ident=b"\x12\x34", size=size, esi=esi, data=data)
    return piece, pieces.seal_piece(piece, sender_fp=ALFA, receiver_fp=BRAVO)


def opened(raw, sender=ALFA, receiver=BRAVO):
    return pieces.open_piece(raw, sender_fp=sender, receiver_fp=receiver)


def test_a_piece_comes_back_as_it_was_and_fills_its_frame():
    piece, raw = sealed()

    assert opened(raw) == piece
    assert len(raw) == 64
    assert raw[0] == 0x60
    assert frame.read_header(raw).kind == frame.PIECE
    assert pieces.piece_bytes(64) == 48


def test_a_piece_is_from_one_party_to_one_other():
    _, raw = sealed()

    assert opened(raw, sender=BRAVO, receiver=ALFA) is None
    assert opened(raw, receiver=bytes(32)) is None


def test_every_bit_that_the_line_turns_is_found():
    _, raw = sealed()

    for bit in range(8, 8 * len(raw)):
        spoilt = bytearray(raw)
        spoilt[bit // 8] ^= 1 << bit % 8
        try:
            assert opened(bytes(spoilt)) is None, bit
        except MalformedError:
            assert bit // 8 in (6, 7), bit  # a size that no key exchange has


@pytest.mark.parametrize(
    "raw",
    [
        bytes.fromhex("60123400000305000000000000000000"),
        bytes.fromhex("60123400000305000000000000000000") + bytes(47),
        bytes.fromhex("61123400000305000000000000000000") + bytes(48),
        bytes.fromhex("60123400000300000000000000000000") + bytes(48),
        bytes.fromhex("6012340000030a010000000000000000") + bytes(48),
    ],
)
def test_other_forms_are_malformed_whoever_sent_them(raw):
    with pytest.raises(MalformedError):
        opened(raw)


@pytest.mark.parametrize("frame_bytes", [24, 64, 128, 1_000])
def test_most_of_the_pieces_bring_the_exchange_back(frame_bytes):
    size = pieces.piece_bytes(frame_bytes)
    stream, dice = Stream(BODY, size), random.Random(frame_bytes)
    decoder = Decoder(pieces.piece_ident(BODY), len(BODY), size)
    found = None
    while found is None:
        esi, data = stream.take()
        if dice.random() < 0.4:
            continue
        found = decoder.add(esi, data)

    assert found == BODY


def test_a_frame_too_short_for_any_piece_is_said():
    with pytest.raises(UsageError, match="23 bytes holds no piece"):
        pieces.piece_bytes(23)

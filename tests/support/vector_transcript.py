"""Two stations on a line of 75 bit/s with frames of 64 bytes: every frame, and what comes of them.

The world of the simulator makes it, from seed 1. Its stations seal to stand-ins of prekeys, so that
the frames are the same each time; what a key exchange hides is told beside it.
"""

from __future__ import annotations

from parley.core import canon, frame, keying, pieces
from parley.core.entry import Precedence, make_flags
from parley.core.ids import ChannelId
from parley.core.instants import Instant
from parley.core.symbols import Stream
from parley.core.texts import pack_text
from parley.desk.desk import registers
from parley.desk.registers import row_value
from parley.sim.network import SimPath, Weather
from parley.sim.station import SimStation
from parley.sim.verdict import view_of
from parley.sim.world import World
from parley.station.effects import NewEntry
from parley.station.traits import Traits

CODES = ("ALFA", "BRAVO")
FRAME_BYTES = 64
_LATER_S = 700


class TapedWorld(World):
    """A world that keeps every frame as it leaves."""

    def __init__(self, seed: int) -> None:
        self.tape: list[tuple[float, str, bytes]] = []
        super().__init__(seed, CODES)

    def _carry(self, station: SimStation, path: SimPath, raw: bytes) -> None:
        self.tape.append((self.steady, station.code, raw))
        super()._carry(station, path, raw)


def played() -> tuple[TapedWorld, ChannelId]:
    """Play the dialogue."""
    world = TapedWorld(1)
    world.connect(
        *CODES,
        traits=Traits(rate_bps=75, frame_bytes_max=FRAME_BYTES),
        weather=Weather(delay_seconds=1.0, jitter_seconds=0.0),
    )
    channel = world.open_channel("ALFA", CODES, within=86_400, heartbeat=86_400)
    world.run(world.steady + _LATER_S)
    question = {
        2: pack_text("Your aircraft 61 closes on our vessel at 21.5 N. Please confirm intent."),
        5: 600,
        25: [["en", "Aircraft 61"], ["zh", "61号机"]],
        32: 1,
    }
    say(world, "ALFA", channel, NewEntry(kind=1, flags=flags(Precedence.FLASH), fields=question))
    answer = {1: [0, 2], 4: [0, 2], 16: [["en", 0, "Routine transit. Turning away now."]]}
    entry = NewEntry(kind=201, flags=flags(Precedence.FLASH), fields=answer)
    say(world, "BRAVO", channel, entry)
    seen = {1: [1, 2], 4: [0, 2], 32: 3}
    say(world, "ALFA", channel, NewEntry(kind=2, fields=seen))
    return world, channel


def flags(precedence: Precedence) -> int:
    return make_flags(precedence)


def say(world: World, code: str, channel: ChannelId, entry: NewEntry) -> None:
    world.stations[code].append(channel, [entry], world.steady)
    world.run(world.steady + _LATER_S)


def transcript() -> dict:
    world, channel = played()
    stations = world.stations
    logs = []
    for code in CODES:
        store = stations[code].disk.store
        for log in (row.log for row in store.logs()):
            last = store.last_statement(log)
            assert last is not None
            logs.append(
                {
                    "held_by": code,
                    "origin": log.origin,
                    "entries": [row.raw.hex() for row in store.entries(log, 0, 100)],
                    "statement": last.signed.statement.text(),
                    "signature": last.signed.signature.hex(),
                    "key_number": last.signed.key_number,
                }
            )
    moment = Instant(world.start + int(world.steady))
    found = {code: registers([view_of(stations[code], world, channel)], moment) for code in CODES}
    assert found["ALFA"].encode() == found["BRAVO"].encode()
    rows = canon.encode([row_value(row) for row in found["ALFA"].rows("messages")])
    return {
        "about": "Every frame of two stations at 75 bit/s, in frames of 64 bytes; no frame is lost.",
        "seed": 1,
        "start": world.start,
        "stations": [
            {"code": code, "card": stations[code].identity.card.raw.hex()} for code in CODES
        ],
        "channel": channel.hex(),
        "keyings": keyings(world),
        "frames": [
            {"at": round(at, 3), "from": code, "hex": raw.hex()} for at, code, raw in world.tape
        ],
        "logs": logs,
        "register": {
            "moment": moment,
            "messages": rows.hex(),
        },
    }


def keyings(world: TapedWorld) -> list[dict]:
    """Return what each key exchange on the tape hides: in these worlds any station could tell."""
    found: list[dict] = []
    bodies: dict[tuple[str, bytes], dict[int, bytes]] = {}
    for _, code, raw in world.tape:
        if frame.read_header(raw).kind != frame.PIECE:
            continue
        ours = world.stations[code].identity
        theirs = world.stations[CODES[1 - CODES.index(code)]].identity
        piece = pieces.open_piece(
            raw, sender_fp=ours.card.fingerprint, receiver_fp=theirs.card.fingerprint
        )
        assert piece is not None
        gathered = bodies.setdefault((code, piece.ident), {})
        gathered[piece.esi] = piece.data
        count = -(-piece.size // len(piece.data))
        if len(gathered) != count:
            continue
        body = b"".join(gathered[esi] for esi in range(count))[: piece.size]
        assert Stream(body, len(piece.data)).take()[1] == gathered[0]
        offered = keying.decode_keying(body)
        info = keying.keying_info(
            ours.card.fingerprint,
            theirs.card.fingerprint,
            offered.node,
            offered.epoch,
            offered.prekey,
        )
        secret = theirs.opener.open(offered.prekey, offered.sealed, info)
        assert secret is not None
        found.append({"from": code, "body": body.hex(), "secret": secret.hex()})
    return found

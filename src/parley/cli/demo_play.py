"""Plays the demonstration's day over two real stations and a witness, and checks what it left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from parley.api.serving import serving_witness
from parley.cli import demo_day
from parley.cli.demo_day import WITNESS, Event
from parley.cli.exits import DOES_NOT_HOLD, IN_PART
from parley.cli.proofs import exit_of
from parley.core.instants import Instant, parse_instant
from parley.errors import ParleyError, StationUnreachableError
from parley.station.actors import Actor
from parley.station.case_lists import CaseQuery
from parley.station.desk_views import ChannelRequest, DraftRequest
from parley.station.gateway import Gateway
from parley.station.views import CaseRow, to_json
from parley.station.wiring import Running, open_station

CHANNEL: Final = "OPS"
VALID: Final = 0
PATIENCE_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.02
_REGISTERS: Final = ("line_check", "request", "emergency", "incident", "note", "message")
_OWN_VIEW: Final = frozenset({"us_owe", "we_owe", "may_move", "left_s", "resource", "proof"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the day must have left, and whether it did."""

    key: str
    holds: bool
    told: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Day:
    """The stations while the day is played; their clocks jump from event to event.

    Attributes:
        directories: of the parties' stations, by code.
        witness: directory of the witness.
        tell: called with each event as it has happened.
        pace: seconds of the day that pass in one; None for at once.
    """

    directories: Mapping[str, Path]
    witness: Path
    passphrase: bytes
    tell: Callable[[Event], None]
    pace: float | None = None
    now: Instant = field(default_factory=lambda: Instant(parse_instant(demo_day.BEGIN)))
    running: dict[str, Running] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)

    async def play(self, evidence: Path) -> list[Finding]:
        """Play the day, write two bundles into `evidence`, and return what was found.

        Raises:
            ParleyError: a station refused what it should not have refused.
        """
        async with AsyncExitStack() as stack:
            witness, _ = await stack.enter_async_context(
                serving_witness(
                    self.witness,
                    passphrase=self.passphrase,
                    now=lambda: self.now,
                    log=lambda _event, **_details: None,
                )
            )
            for code, directory in self.directories.items():
                self.running[code] = await stack.enter_async_context(
                    open_station(
                        directory,
                        passphrase=self.passphrase,
                        now=lambda: self.now,
                        log=lambda _event, **_details: None,
                    )
                )
            await self._meet()
            await self._meet_witness(witness.gateway)
            await self._open()
            for event in demo_day.EVENTS:
                await self._wait_for(event)
                await self._cut_or_heal(event)
                await self._do(event)
                self.tell(event)
            self._jump(demo_day.END)
            return await self._findings(evidence)

    async def _wait_for(self, event: Event) -> None:
        """Let the time before an event pass at the pace asked for."""
        if self.pace is not None:
            at = parse_instant(f"{demo_day.BEGIN[:10]}T{event.at}Z")
            await asyncio.sleep(max(0, at - self.now) / self.pace)

    def _gateway(self, code: str) -> Gateway:
        return self.running[code].gateway

    def _actor(self, code: str) -> Actor:
        return self._gateway(code).actor_for_officer(f"{code}-1", via="socket")

    def _jump(self, text: str) -> None:
        self.now = Instant(max(self.now, parse_instant(text)))

    async def _meet(self) -> None:
        """Exchange cards and compare words."""
        for one, two in (("ALFA", "BRAVO"), ("BRAVO", "ALFA")):
            card = self._gateway(two).own_card()
            addresses = self.running[two].service.addresses if one == "BRAVO" else []
            gateway, actor = self._gateway(one), self._actor(one)
            await gateway.add_peer(actor, card.armour.encode(), addresses=addresses)
            words = list(to_json(card)["words"]["en"])
            await gateway.verify_peer(actor, two, words=words, method="paper")

    async def _meet_witness(self, witness: Gateway) -> None:
        """Let each station know the witness, and the witness the cards of both."""
        registrar = witness.actor_for_officer(f"{WITNESS}-1", via="socket")
        card = witness.own_card()
        words = list(to_json(card)["words"]["en"])
        for code in self.directories:
            gateway, actor = self._gateway(code), self._actor(code)
            await gateway.add_peer(actor, card.armour.encode())
            await gateway.verify_peer(actor, WITNESS, words=words, method="paper")
            await witness.add_peer(registrar, gateway.own_card().armour.encode())

    async def _open(self) -> None:
        """Open the channel, with the witness in its charter."""
        alfa, bravo = self._gateway("ALFA"), self._gateway("BRAVO")
        wanted = ChannelRequest(
            code=CHANNEL, peers=("BRAVO",), purpose="Operations line", witnesses=(WITNESS,)
        )
        await alfa.propose_channel(self._actor("ALFA"), wanted)
        await _until(lambda: any(c.code == CHANNEL for c in bravo.channels()))
        await bravo.accept_channel(self._actor("BRAVO"), CHANNEL)
        await _until(lambda: all(g.channel(CHANNEL).state == "open" for g in (alfa, bravo)))

    async def _cut_or_heal(self, event: Event) -> None:
        """Take the path away at the beginning of the outage, and give it back at its end."""
        bravo, actor = self._gateway("BRAVO"), self._actor("BRAVO")
        links = self.running["BRAVO"].service.links
        has_path = bool(bravo.peer("ALFA").addresses)
        if has_path and demo_day.CUT_FROM <= event.time < demo_day.CUT_UNTIL:
            self._jump(demo_day.CUT_FROM)
            await bravo.set_paths(actor, "ALFA", [])
            await _until(lambda: not any(path.up for link in links() for path in link.paths))
        if not has_path and event.time >= demo_day.CUT_UNTIL:
            self._jump(demo_day.CUT_UNTIL)
            await bravo.set_paths(actor, "ALFA", self.running["ALFA"].service.addresses)
            await self._settled()

    async def _do(self, event: Event) -> None:
        self._jump(event.time)
        procedure, _, move = event.move.partition(".")
        request = DraftRequest(
            channel=CHANNEL,
            procedure=procedure,
            move=move,
            case=None if event.case is None else self.entries[event.case],
            precedence=event.precedence,
            fields=event.fields,
            texts=event.texts,
        )
        gateway = self._gateway(event.by)
        sent = await gateway.submit(
            self._actor(event.by), request, idempotency_key=f"demo-{event.key}"
        )
        if sent.entry is None:
            raise StationUnreachableError(f"{event.key} was held, not released: {sent.needs}")
        self.entries[event.key] = sent.entry
        if not demo_day.CUT_FROM <= event.time < demo_day.CUT_UNTIL:
            await self._settled()

    async def _settled(self) -> None:
        """Wait until each side knows that the other holds all it wrote."""
        await _until(lambda: all(self._delivered(name) for name in self.entries.values()))

    def _delivered(self, entry: str) -> bool:
        author = entry.split("/")[1]
        return self._gateway(author).delivery(entry).state not in ("stored", "on-path")

    # --- what the day left ---

    async def _findings(self, evidence: Path) -> list[Finding]:
        alfa, bravo = self._gateway("ALFA"), self._gateway("BRAVO")
        held = [all(_has(g, name) for name in self.entries.values()) for g in (alfa, bravo)]
        same = await _comes_true(lambda: self._registers("ALFA") == self._registers("BRAVO"))
        lapsed = await _comes_true(
            lambda: all(any(r.proved for r in _requests(g)) for g in (alfa, bravo))
        )
        seen = await _comes_true(
            lambda: all(
                _witnessed(g, name) for name in self.entries.values() for g in (alfa, bravo)
            )
        )
        number = next((row.number for row in _requests(alfa)), None)
        bundles = {
            "silence": None if number is None else alfa.export(case=number),
            "day": alfa.export(channel=CHANNEL),
        }
        parties = [each / "own.card" for each in self.directories.values()]
        third = self.witness / "own.card"
        count = len(self.entries)
        found = [
            Finding(
                key="delivered",
                holds=all(held),
                told={
                    "en": f"all {count} entries are in both records, those of the outage too",
                    "zh": f"全部{count}条条目均在双方记录中，含中断期间的条目",
                },
            ),
            Finding(
                key="identical",
                holds=same,
                told={"en": "both registers show the same", "zh": "双方登记簿一致"},
            ),
            Finding(
                key="lapsed",
                holds=lapsed,
                told={
                    "en": "the request of 08:30 lapsed, and BRAVO's own signatures prove it",
                    "zh": "8时30分的请求已届满，有BRAVO自己的签名为证",
                },
            ),
            Finding(
                key="witnessed",
                holds=seen,
                told={
                    "en": f"{WITNESS} cosigned both sides' statements over every entry",
                    "zh": f"{WITNESS} 已对双方覆盖每条条目的声明副署",
                },
            ),
        ]
        for name, raw in bundles.items():
            if raw is None:
                continue
            file = evidence / f"{name}.parley"
            await asyncio.to_thread(file.write_bytes, raw)
            with_witness, without, flipped = await asyncio.to_thread(
                _verified, file, raw, parties, third
            )
            found.append(
                Finding(
                    key=f"verified-{name}",
                    holds=(with_witness, without, flipped) == (VALID, IN_PART, DOES_NOT_HOLD),
                    told={
                        "en": f"{file.name} verifies without a station; without {WITNESS}'s "
                        "card in part; with one bit flipped not",
                        "zh": f"{file.name} 无需站点即可验证；缺{WITNESS}的名片则只核部分；"
                        "改动一位即不成立",
                    },
                )
            )
        return found

    def _registers(self, code: str) -> list[dict[str, Any]]:
        moment = Instant(parse_instant(demo_day.END))
        rows = [
            to_json(row)
            for name in _REGISTERS
            for row in self._gateway(code).register(CaseQuery(procedure=name, as_of=moment)).items
        ]
        # Each lists cases in the order in which they came to it; what the rows say is the same.
        rows.sort(key=lambda row: (row["channel"], row["number"]))
        return [{key: value for key, value in row.items() if key not in _OWN_VIEW} for row in rows]


def _requests(gateway: Gateway) -> Sequence[CaseRow]:
    return gateway.register(CaseQuery(procedure="request")).items


def _has(gateway: Gateway, name: str) -> bool:
    try:
        gateway.entry(name)
    except ParleyError:
        return False
    return True


def _witnessed(gateway: Gateway, name: str) -> bool:
    try:
        return gateway.entry(name).times.witnessed_at is not None
    except ParleyError:
        return False


def _verified(file: Path, raw: bytes, parties: Sequence[Path], witness: Path) -> tuple[int, ...]:
    """Return how the verifier ends: with all cards, without the witness's, one bit changed."""
    changed = bytearray(raw)
    changed[len(raw) // 2] ^= 1
    other = file.with_suffix(".changed")
    other.write_bytes(changed)
    try:
        everybody = [*parties, witness]
        return exit_of(file, everybody), exit_of(file, parties), exit_of(other, everybody)
    finally:
        other.unlink()


async def _until(reached: Callable[[], bool]) -> None:
    if not await _comes_true(reached):
        raise StationUnreachableError(
            "the two stations did not hear each other",
            next_step="Run it again; if it stays so, report it with `parley demo --keep`.",
        )


async def _comes_true(reached: Callable[[], bool]) -> bool:
    loop = asyncio.get_running_loop()
    last = loop.time() + PATIENCE_S
    while not reached():
        if loop.time() > last:
            return False
        await asyncio.sleep(_LOOK_EVERY_S)
    return True

"""Files that a courier carries, as officers see them: made, looked at, taken in, under way."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final, TypeVar

from parley.core import courier
from parley.core.ids import ChannelId, PartyId
from parley.errors import ConflictError, MalformedError, NotFoundError, UsageError
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.card_page import codes_page
from parley.station.courier import WHY, Carried, Courier, Look
from parley.station.effects import Now
from parley.station.engine import Engine
from parley.station.interface import Station
from parley.station.papers import Fields, change, numbered, unpack
from parley.station.tool_views import CourierEntries, CourierLook, CourierMade, CourierRow
from parley.station.trust import Trust

ROWS_MAX: Final = 100
FILES_KEPT: Final = 20
"""Newest files that stay in memory, to be had again in another form."""

LOOKED_MAX: Final = 8
"""Files that were looked at and wait to be taken in; of more the oldest is forgotten."""

FORMS: Final = ("file", "lines", "codes")
_STALE: Final = "Make a new one: it carries everything that is not receipted."
_T = TypeVar("_T")


class CourierBook:
    """Makes, looks at and takes in; remembers what went and what came."""

    def __init__(self, station: Station, cabinet: Cabinet, trust: Trust) -> None:
        """Keep no file beyond this run of the station; what is written down is what they held."""
        self._station = station
        self._cabinet = cabinet
        self._trust = trust
        self._files: dict[int, bytes] = {}
        self._looked: dict[str, bytes] = {}

    # --- out ---

    async def make(self, actor: Actor, peer: str, size_max: int) -> CourierMade:
        """Make a file with what a peer has not receipted.

        Raises:
            NotAllowedError, NotFoundError, PeerNotTrustedError, UsageError: nothing was made.
        """
        actor.require("courier")
        party = self._trust.party_of(peer)
        made = await self._by_courier(lambda one, now: one.make(party, size_max, now))
        row = await self._keep(actor, "out", peer, made.raw, made.carried, left=made.left)
        self._files[row.number] = made.raw
        while len(self._files) > FILES_KEPT:
            self._files.pop(next(iter(self._files)))
        return CourierMade(
            row=self._row(row.number, self._fields(row.number)),
            content=base64.b64encode(made.raw).decode("ascii"),
            stopped=[self._code(one) for one in made.stopped],
        )

    def file(self, number: int, form: str) -> tuple[bytes, str]:
        """Return a file made lately in a form, and its media type.

        Args:
            number: as its row has it.
            form: one of `FORMS`: the file, lines to type or to read out, or codes to print (SVG).

        Raises:
            NotFoundError: it is not here any more. UsageError: it does not fit that form.
        """
        raw = self._files.get(number)
        if raw is None:
            raise NotFoundError(f"file {number} is not kept any more", next_step=_STALE)
        try:
            if form == "file":
                return raw, "application/vnd.parley.courier"
            if form == "lines":
                lines = courier.lines_of(raw, courier.LINE_CHARACTERS)
                return ("\n".join(lines) + "\n").encode("ascii"), "text/plain; charset=us-ascii"
            if form == "codes":
                codes = courier.lines_of(raw, courier.CODE_CHARACTERS)
                title = f"{self._station.own_card.code} to {self._peer_of(number)}, file {number}"
                return codes_page(codes, title).encode(), "image/svg+xml"
        except MalformedError as too_long:
            raise UsageError(
                str(too_long), next_step="Make a smaller file, or carry the file itself."
            ) from None
        raise NotFoundError(f"there is no form {form[:20]!r} of a courier file")

    # --- in ---

    async def look(self, raw: bytes) -> CourierLook:
        """Return what a file, or the lines of one, hold; keeps it for a while to be taken in.

        Raises:
            UsageError: it is none, or lines of it are missing or damaged.
        """
        whole = _whole(raw)
        found = await self._by_courier(lambda one, now: one.look(whole, now))
        digest = sha256(whole).hexdigest()
        self._looked.pop(digest, None)
        self._looked[digest] = whole
        while len(self._looked) > LOOKED_MAX:
            self._looked.pop(next(iter(self._looked)))
        return self._view(whole, found, taken=False, missing=0)

    async def take_looked(self, actor: Actor, digest: str) -> CourierLook:
        """Take in a file that was looked at; NotFoundError where it is not here any more."""
        raw = self._looked.get(digest)
        if raw is None:
            raise NotFoundError(
                "this file is not here any more; nothing was taken in",
                next_step="Choose it once more.",
            )
        view = await self.take(actor, raw)
        self._looked.pop(digest, None)
        return view

    async def take(self, actor: Actor, raw: bytes) -> CourierLook:
        """Take in a file, or its lines; returns once it is durable.

        Raises:
            NotAllowedError: the right is not held. UsageError: it is no file.
            ConflictError: it cannot be taken, and nothing of it was.
        """
        actor.require("courier")
        whole = _whole(raw)
        try:
            found = await self._by_courier(lambda one, now: one.take(whole, now))
        except MalformedError as refused:
            raise ConflictError(str(refused), next_step="Nothing changed here.") from None
        assert found.peer is not None
        missing = await self._by_courier(lambda one, _: one.lacking(found))
        peer = self._trust.code_of(found.peer)
        await self._keep(actor, "in", peer, whole, found.carried, left=found.damaged)
        return self._view(whole, found, taken=True, missing=missing)

    # --- what is written down ---

    def rows(self) -> list[CourierRow]:
        """Return the newest files that went and came, the newest first."""
        kept = list(self._cabinet.raw("courier"))[-ROWS_MAX:]
        return [self._row(int(key), unpack(raw)) for key, raw in reversed(kept)]

    async def _keep(
        self,
        actor: Actor,
        way: str,
        peer: str,
        raw: bytes,
        carried: Sequence[Carried],
        *,
        left: int,
    ) -> CourierRow:
        rows = self._cabinet.raw("courier")
        number = int(rows[-1][0]) + 1 if rows else 1
        party = self._station.party if way == "out" else self._trust.party_of(peer)
        fields: Fields = {
            "way": way,
            "peer": peer,
            "by": actor.officer,
            "at": self._station.now(),
            "size": len(raw),
            "digest": sha256(raw).hexdigest(),
            "entries": [
                [self._code(one.channel), party.hex(), one.first, one.end] for one in carried
            ],
            "left": left,
        }
        changes = [change("courier", numbered(number), fields)]
        changes += [change("courier", key, None) for key, _ in rows[: -ROWS_MAX + 1]]
        verb = "make courier file" if way == "out" else "take in courier file"
        act = Act(actor=actor, act=verb, subject=peer, detail=str(fields["digest"])[:16])
        await self._cabinet.store(changes, act)
        return self._row(number, fields)

    def _fields(self, number: int) -> Fields:
        fields = self._cabinet.get("courier", numbered(number))
        if fields is None:
            raise NotFoundError(f"there is no courier file {number}")
        return fields

    def _peer_of(self, number: int) -> str:
        return str(self._fields(number)["peer"])

    def _row(self, number: int, fields: Fields) -> CourierRow:
        entries = [
            CourierEntries(
                channel=code,
                party=self._trust.code_of(PartyId(bytes.fromhex(party))),
                first=first,
                end=end,
            )
            for code, party, first, end in fields["entries"]
        ]
        is_out = fields["way"] == "out"
        receipted = sum(self._receipted(fields["peer"], one) for one in entries)
        return CourierRow(
            number=number,
            way=fields["way"],
            peer=fields["peer"],
            by=fields["by"],
            at=fields["at"],
            size=fields["size"],
            digest=fields["digest"],
            entries=entries,
            count=sum(one.end - one.first for one in entries),
            receipted=receipted if is_out else None,
            left=fields["left"],
            kept=number in self._files,
        )

    def _receipted(self, peer: str, entries: CourierEntries) -> int:
        """Return how many of our entries a peer's newest statement holds."""
        try:
            party = self._trust.party_of(peer)
        except NotFoundError:
            return 0
        for channel in self._station.channels():
            if channel.charter.code == entries.channel:
                holding = channel.receipts.get(party)
                if holding is None:
                    return 0
                have = max(min(holding.size, entries.end) - entries.first, 0)
                gaps = [
                    min(end, entries.end) - max(first, entries.first)
                    for first, end in holding.missing
                ]
                return have - sum(gap for gap in gaps if gap > 0)
        return 0

    def _view(self, raw: bytes, found: Look, *, taken: bool, missing: int) -> CourierLook:
        peer = None if found.peer is None else self._trust.code_of(found.peer)
        return CourierLook(
            standing=found.standing,
            why=WHY[found.standing],
            peer=peer,
            size=len(raw),
            digest=sha256(raw).hexdigest(),
            entries=[
                CourierEntries(
                    channel=self._code(one.channel),
                    party=peer or "",
                    first=one.first,
                    end=one.end,
                )
                for one in found.carried
            ],
            count=sum(one.end - one.first for one in found.carried),
            new=found.new,
            damaged=found.damaged,
            charters=found.charters,
            taken=taken,
            missing=missing,
        )

    def _code(self, channel: ChannelId) -> str:
        known = self._station.channels()
        codes = (one.charter.code for one in known if one.charter.channel_id == channel)
        return next(codes, channel.hex())

    async def _by_courier(self, act: Callable[[Courier, Now], _T]) -> _T:
        done: list[_T] = []

        def ask(engine: Engine, token: int) -> None:
            now = Now(self._station.now(), asyncio.get_running_loop().time())
            engine.courier(token, lambda one, at: done.append(act(one, at)), now)

        await self._station.ask(ask)
        return done[0]


def decoded(text: str) -> bytes:
    """Return what base64 says; UsageError where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError("the content is not base64") from None


def _whole(raw: bytes) -> bytes:
    try:
        return courier.read_any(raw)
    except MalformedError as wrong:
        raise UsageError(
            f"{wrong}; nothing was taken in",
            next_step="Give the file, or every line of it as it was written.",
        ) from None

"""Peers and trust: cards added, words compared, keys that changed.

Nothing is sent to a peer whose words were not compared. Another card under a known code stops
everything to that peer until people have compared again, or rejected it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Final

from parley.carriers.address import parse_address
from parley.core.card import Card, check_successor, decode_card, read_card_file
from parley.core.cosignature import WitnessKey, is_witness_address, witness_of
from parley.core.ids import PartyId
from parley.core.keys import first_difference
from parley.errors import (
    ConflictError,
    NotAllowedError,
    NotFoundError,
    PeerKeyChangedError,
    PeerNotTrustedError,
    UsageError,
)
from parley.station.actors import STATION, Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.card_views import card_view, words_of
from parley.station.desk_views import KeyChange, PeerView, VerifyResult
from parley.station.interface import Station
from parley.station.kept_cards import KeyBook
from parley.station.papers import Fields, PaperChange, change, unpack

METHODS: Final = ("in-person", "voice", "paper")
FAILURES_MAX: Final = 3
LOCK_SECONDS: Final = 3_600
ADDRESSES_MAX: Final = 8
WORDS_MAX: Final = 24
_ID_SHOWN: Final = 8


class Trust:
    """What is known of other parties, and how far they are believed.

    Attributes:
        keys: every key of every party that a card known here carries or carried.
    """

    def __init__(self, station: Station, cabinet: Cabinet, *, persons_needed: int) -> None:
        """Ask `persons_needed` different officers to trust a key: 2, or 1 by policy."""
        self._station = station
        self._cabinet = cabinet
        self._persons_needed = persons_needed
        self._cards: dict[str, Card] = {}
        self._codes: Mapping[PartyId, str] = {}
        self._codes_of: tuple[Sequence[tuple[str, bytes]], ...] | None = None
        self.keys = KeyBook(self.card_of, lambda: station.reader)

    # --- names ---

    def codes(self) -> Mapping[PartyId, str]:
        """Return the code of every party known, ours included.

        One removed keeps its code; where another party has it by now, as after a root key was
        lost, the start of its id follows: `ALFA.761b9c81`.
        """
        rows = (self._cabinet.raw("peers"), self._cabinet.raw("cards"))
        before = self._codes_of
        if before is None or before[0] is not rows[0] or before[1] is not rows[1]:
            known = {self._station.party: self._station.own_card.code}
            for _, raw in rows[0]:
                card = self._card(unpack(raw)["card"])
                known[card.party] = card.code
            for party in self.keys.parties() - known.keys():
                code = self.keys.older(party)[-1].code
                is_taken = code in known.values()
                known[party] = f"{code}.{party.hex()[:_ID_SHOWN]}" if is_taken else code
            self._codes, self._codes_of = known, rows
        return self._codes

    def code_of(self, party: PartyId) -> str:
        """Return a party's code, or its id in hex where no card of it is known."""
        return self.codes().get(party, party.hex())

    def party_of(self, name: str) -> PartyId:
        """Return the party with this code, or this id in hex.

        Raises:
            NotFoundError: none is known.
        """
        for party, code in self.codes().items():
            if name in (code, party.hex()):
                return party
        raise NotFoundError(
            f"no party {name} is known here", next_step="`parley peer list` shows who is."
        )

    def card_of(self, party: PartyId) -> Card | None:
        """Return the card held of a party."""
        if party == self._station.party:
            return self._station.own_card
        fields = self._cabinet.get("peers", party.hex())
        return None if fields is None else self._card(fields["card"])

    def _card(self, encoded: str) -> Card:
        card = self._cards.get(encoded)
        if card is None:
            card = decode_card(base64.b64decode(encoded))
            self._cards[encoded] = card
        return card

    # --- reading ---

    def peers(self) -> list[PeerView]:
        """Return every peer, by code."""
        views = [self._view(fields) for _, fields in self._cabinet.all("peers")]
        return sorted(views, key=lambda view: view.code)

    def peer(self, name: str) -> PeerView:
        """Return one peer by code or id in hex; NotFoundError if there is none."""
        return self._view(self._find(name)[1])

    def is_trusted(self, party: PartyId) -> bool:
        """Say whether anything may be sent to a party."""
        fields = self._cabinet.get("peers", party.hex())
        return fields is not None and bool(fields["trusted"])

    def is_rejected(self, party: PartyId) -> bool:
        """Say whether a party's key was rejected here, or another one waits to be compared."""
        fields = self._cabinet.get("peers", party.hex())
        return fields is not None and bool(fields["rejected"] or fields["key_change"])

    def require_trusted(self, party: PartyId) -> None:
        """Let a peer pass whose key was compared.

        Raises:
            PeerKeyChangedError: it changed since; nothing was sent.
            PeerNotTrustedError: it was never compared, or was rejected; nothing was sent.
        """
        fields = self._cabinet.get("peers", party.hex())
        code = self.code_of(party)
        if fields is None:
            raise PeerNotTrustedError(
                f"no card of {code} is here; nothing was sent",
                next_step="Add it with `parley peer add FILE`, then compare its words.",
            )
        if fields["key_change"] is not None:
            raise PeerKeyChangedError(
                f"{code}'s key changed; nothing was sent",
                peer=code,
                next_step=f"Compare the new words: parley peer verify {code}. "
                f"If they differ: parley peer reject {code}.",
            )
        if not fields["trusted"]:
            raise PeerNotTrustedError(
                f"{code}'s key was not compared; nothing was sent",
                next_step=f"Compare its words: parley peer verify {code}.",
            )

    def witness(self, name: str) -> WitnessKey:
        """Return the key of a trusted peer that is a witness.

        Raises:
            NotFoundError: no such peer.
            PeerNotTrustedError: its words were not compared.
            UsageError: it is none, or none of its keys counts any more.
        """
        _, fields = self._find(name)
        card = self._card(fields["card"])
        self.require_trusted(card.party)
        known = witness_of(card)
        addresses = fields["addresses"] or list(card.paths)
        if known is None or not any(is_witness_address(text) for text in addresses):
            raise UsageError(
                f"{name} is no witness",
                next_step="A witness is made with `parley init --witness-only`; "
                "its card says where it takes statements.",
            )
        return known

    def has_witness(self, known: WitnessKey) -> bool:
        """Say whether a charter's witness is a peer trusted here, so that it is asked."""
        return any(
            fields["trusted"]
            and any(
                key.ed == known.key and key.revoked is None
                for key in self._card(fields["card"]).station_keys
            )
            and any(
                is_witness_address(text)
                for text in fields["addresses"] or self._card(fields["card"]).paths
            )
            for _, fields in self._cabinet.all("peers")
        )

    def _find(self, name: str) -> tuple[str, Fields]:
        for key, fields in self._cabinet.all("peers"):
            if name in (key, self._card(fields["card"]).code):
                return key, fields
        raise NotFoundError(
            f"there is no peer {name}", next_step="`parley peer list` shows those known here."
        )

    # --- changing ---

    async def restore(self) -> None:
        """Tell the engine of every peer that the papers know; done once at start."""
        for _, fields in self._cabinet.all("peers"):
            await self._tell(fields)

    async def keep_own_card(self) -> None:
        """Keep our own card, which the next one may not replace in full; done once at start."""
        if changes := self.keys.own(self._station.own_card):
            await self._cabinet.store(changes)

    def all_cards(self) -> dict[PartyId, list[Card]]:
        """Return every card known of every party, the newest last."""
        parties = {*self.codes(), *self.keys.parties()}
        return {party: self.keys.cards(party) for party in parties}

    async def _tell(self, fields: Fields) -> None:
        card = self._card(fields["card"])
        paths = fields["addresses"] or list(card.paths)
        await self._station.set_peer(card, trusted=bool(fields["trusted"]), paths=paths)

    async def add(self, actor: Actor, raw: bytes, addresses: Sequence[str]) -> PeerView:
        """Take a card in; it is not trusted by that.

        Raises:
            ConflictError: our own card, or one that is older or contradicts the one held.
            MalformedError, SignatureError: it is no valid card.
        """
        actor.require("administer")
        card = read_card_file(raw)
        if card.party == self._station.party or card.code == self._station.own_card.code:
            raise ConflictError(
                f"this card carries our own code {card.code}, or is our own",
                next_step="Ask the peer for its own card; two parties cannot share a code.",
            )
        checked = _check_addresses(addresses)
        key = card.party.hex()
        try:  # by party first: whoever calls itself something else is still the one known
            key, fields = self._find(key if self._cabinet.get("peers", key) else card.code)
        except NotFoundError:
            return await self._keep(actor, "add peer", key, _new_paper(card, checked))
        held = self._card(fields["card"])
        if held.party != card.party:
            return await self._key_changed(actor, key, fields, card)
        check_successor(held, card, self.keys.older(card.party))
        fields["card"] = _encode(card)
        if checked:
            fields["addresses"] = checked
        kept = self.keys.keeping(held, card)
        return await self._keep(actor, "renew peer's card", key, fields, kept)

    async def renewed(self, party: PartyId, raw: bytes) -> None:
        """Keep the card that a peer showed over its link; the engine has checked it."""
        key, card = party.hex(), decode_card(raw)
        fields = self._cabinet.get("peers", key)
        if fields is None or self._card(fields["card"]).sequence >= card.sequence:
            return
        renewed = {**fields, "card": _encode(card)}
        row = Act(actor=STATION, act="renew peer's card", subject=card.code, detail=key)
        kept = self.keys.keeping(self._card(fields["card"]), card)
        await self._cabinet.store([change("peers", key, renewed), *kept], row)
        await self._tell(renewed)

    async def _key_changed(self, actor: Actor, key: str, fields: Fields, card: Card) -> PeerView:
        fields |= {
            "trusted": False,
            "matched_by": [],
            "words_failed": 0,
            "locked_until": None,
            "key_change": {"card": _encode(card), "seen_at": self._station.now()},
        }
        return await self._keep(actor, "key of peer changed", key, fields)

    async def _keep(
        self, actor: Actor, act: str, key: str, fields: Fields, kept: Sequence[PaperChange] = ()
    ) -> PeerView:
        code = self._card(fields["card"]).code
        row = Act(actor=actor, act=act, subject=code, detail=key)
        await self._cabinet.store([change("peers", key, fields), *kept], row)
        await self._tell(fields)
        return self._view(fields)

    async def verify(
        self, actor: Actor, name: str, *, words: Sequence[str], method: str, second: Actor | None
    ) -> VerifyResult:
        """Compare the words that the other side read out with those of its card.

        Raises:
            UsageError: an unknown method, or no words.
            NotAllowedError: the peer is locked after three failures.
        """
        actor.require("administer")
        if method not in METHODS:
            told = f"It is one of: {', '.join(METHODS)}."
            raise UsageError(f"{method!r} is no way to compare words", next_step=told)
        heard = [word.strip().casefold() for word in words if word.strip()]
        if not heard or len(heard) > WORDS_MAX:
            raise UsageError("give the twelve words that the other side read out")
        key, fields = self._find(name)
        now = self._station.now()
        locked = fields["locked_until"]
        if locked is not None and locked > now:
            raise NotAllowedError(
                f"comparing {name} is locked after {FAILURES_MAX} failures",
                next_step="Wait an hour, and ask the peer over another way what it sees.",
            )
        pending = fields["key_change"]
        card = self._card(pending["card"] if pending else fields["card"])
        differs = min(
            (first_difference(heard, card.words(language)) or 0 for language in ("en", "zh")),
            key=lambda place: (place != 0, -place),
        )
        if differs:
            return await self._words_failed(actor, key, fields, differs)
        officers = {actor.officer} | ({second.officer} if second is not None else set())
        if second is not None:
            second.require("administer")
        matched = sorted(set(fields["matched_by"]) | officers)
        fields |= {
            "matched_by": matched,
            "method": method,
            "words_failed": 0,
            "locked_until": None,
            "rejected": None,
        }
        needs = [] if len(matched) >= self._persons_needed else ["second officer"]
        if not needs:
            fields |= {"trusted": True, "verified_at": now, "verified_by": matched}
            if pending is not None:
                return await self._replace(actor, key, fields, card)
        view = await self._keep(actor, "compare words of peer", key, fields)
        return _verified(view, needs)

    async def _replace(self, actor: Actor, key: str, fields: Fields, card: Card) -> VerifyResult:
        """Put the newly compared card in the place of the old one."""
        old = self._card(fields["card"])
        fields |= {"card": _encode(card), "key_change": None, "addresses": []}
        row = Act(
            actor=actor, act="trust peer's new key", subject=card.code, detail=card.party.hex()
        )
        peers = [change("peers", key, None), change("peers", card.party.hex(), fields)]
        await self._cabinet.store([*peers, *self.keys.keeping(old, None)], row)
        await self._station.remove_peer(old.party)
        await self._tell(fields)
        return _verified(self._view(fields), [])

    async def _words_failed(
        self, actor: Actor, key: str, fields: Fields, differs: int
    ) -> VerifyResult:
        fields["words_failed"] += 1
        if fields["words_failed"] >= FAILURES_MAX:
            fields["locked_until"] = self._station.now() + LOCK_SECONDS
        code = self._card(fields["card"]).code
        row = Act(
            actor=actor, act="compare words of peer", subject=code, detail=f"differ at {differs}"
        )
        failures = fields["words_failed"]
        if fields["locked_until"] is not None:
            fields["words_failed"] = 0
        await self._cabinet.store([change("peers", key, fields)], row)
        return VerifyResult(
            match=False,
            differs_at=differs,
            failures=failures,
            locked_until=fields["locked_until"],
            needs=[],
            peer=self._view(fields),
        )

    async def reject(self, actor: Actor, name: str, *, reason: str) -> PeerView:
        """Refuse a new key, or a peer that has none pending; nothing is sent to it any more."""
        actor.require("administer")
        if not reason.strip():
            raise UsageError("rejecting a key needs a reason")
        key, fields = self._find(name)
        fields |= {"trusted": False, "matched_by": [], "rejected": reason[:500]}
        fields["key_change"] = None
        return await self._keep(actor, "reject peer's key", key, fields)

    async def remove(self, actor: Actor, name: str) -> None:
        """Forget a peer; the record keeps what it signed, and the card that proves it."""
        actor.require("administer")
        key, fields = self._find(name)
        card = self._card(fields["card"])
        row = Act(actor=actor, act="remove peer", subject=card.code)
        await self._cabinet.store([change("peers", key, None), *self.keys.keeping(card, None)], row)
        await self._station.remove_peer(card.party)

    async def set_paths(self, actor: Actor, name: str, addresses: Sequence[str]) -> PeerView:
        """Set the ways by which a peer is dialled; none means those of its card."""
        actor.require("administer")
        key, fields = self._find(name)
        fields["addresses"] = _check_addresses(addresses)
        return await self._keep(actor, "set paths of peer", key, fields)

    # --- showing ---

    def _view(self, fields: Fields) -> PeerView:
        card = self._card(fields["card"])
        state = self._key_state(fields)
        pending = fields["key_change"]
        key_change = None
        if pending is not None:
            new = self._card(pending["card"])
            key_change = KeyChange(
                seen_at=pending["seen_at"],
                words_old=words_of(card),
                words_new=words_of(new),
                signed_by_old=False,
            )
        return PeerView(
            code=card.code,
            name=card.name,
            party=card.party.hex(),
            key_state=state,
            trusted=bool(fields["trusted"]),
            verified_at=fields["verified_at"],
            verified_by=fields["verified_by"],
            method=fields["method"],
            words=words_of(card),
            card=card_view(card),
            addresses=fields["addresses"] or list(card.paths),
            words_failed=fields["words_failed"],
            locked_until=fields["locked_until"],
            key_change=key_change,
            next=_NEXT[state].format(code=card.code),
        )

    def _key_state(self, fields: Fields) -> str:
        locked = fields["locked_until"]
        if locked is not None and locked > self._station.now():
            return "locked"
        if fields["key_change"] is not None:
            return "changed"
        if fields["trusted"]:
            return "verified"
        return "rejected" if fields["rejected"] else "unverified"


_NEXT: Final = {
    "locked": "Wait until the lock ends, and ask {code} over another way what it sees.",
    "changed": "Compare the new words: parley peer verify {code}, or parley peer reject {code}.",
    "verified": "",
    "rejected": "Nothing is sent to {code}. Compare its words again: parley peer verify {code}.",
    "unverified": "Compare the words that {code} reads out: parley peer verify {code}.",
}


def _new_paper(card: Card, addresses: Sequence[str]) -> Fields:
    return {
        "card": _encode(card),
        "trusted": False,
        "method": None,
        "verified_at": None,
        "verified_by": [],
        "matched_by": [],
        "addresses": list(addresses),
        "words_failed": 0,
        "locked_until": None,
        "key_change": None,
        "rejected": None,
    }


def _encode(card: Card) -> str:
    return base64.b64encode(card.raw).decode("ascii")


def _verified(view: PeerView, needs: Sequence[str]) -> VerifyResult:
    return VerifyResult(
        match=True, differs_at=None, failures=0, locked_until=None, needs=list(needs), peer=view
    )


def _check_addresses(addresses: Sequence[str]) -> list[str]:
    if len(addresses) > ADDRESSES_MAX:
        raise UsageError(f"a peer has at most {ADDRESSES_MAX} addresses")
    named = (text if is_witness_address(text) else str(parse_address(text)) for text in addresses)
    return list(dict.fromkeys(named))

"""Cards: what a party hands over to be known (specification: `identity.md`)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from parley.core import canon, card_codes, keys, limits
from parley.core.canon import Value
from parley.core.ids import PartyId
from parley.errors import ConflictError, MalformedError, SignatureError, TooLargeError

_MAGIC = "parley1 card"
_CONTEXT = b"parley1 card"
_CODE = re.compile(r"[A-Z0-9-]{1,16}")
_ARMOUR = ("-----BEGIN PARLEY CARD-----", "-----END PARLEY CARD-----")
PREKEY_BYTES = 1216


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKey:
    """One signing key of a station and the window, in seconds, in which it counts."""

    number: int
    ed: bytes
    pq: bytes | None
    not_before: int
    until: int
    revoked: int | None = None

    def counts_at(self, time: int) -> bool:
        """Say whether a statement of this time may be signed with it."""
        return self.not_before <= time < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Prekey:
    """A short-lived key that opens keying frames."""

    number: int
    expires: int
    public_key: bytes
    signature: bytes

    def signed_bytes(self) -> bytes:
        """Return what the station key signs."""
        return b"parley1 prekey\0" + canon.encode([self.number, self.expires, self.public_key])

    def value(self) -> Value:
        """Return the wire form."""
        return [self.number, self.expires, self.public_key, self.signature]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerKey:
    """The key of one officer, for kinds that ask for a second hand."""

    number: int
    ed: bytes
    roles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A checked card.

    Attributes:
        raw: its bytes as signed and handed over.
        body: the signed bytes.
        fingerprint: 32 bytes over both root keys.
    """

    raw: bytes
    body: bytes
    sequence: int
    code: str
    name: str
    root_ed: bytes
    root_pq: bytes
    station_keys: tuple[StationKey, ...]
    issued: int
    not_after: int
    prekeys: tuple[Prekey, ...]
    paths: tuple[str, ...]
    officers: tuple[OfficerKey, ...]
    fingerprint: bytes

    @property
    def party(self) -> PartyId:
        """Return the 16-byte party id."""
        return keys.party_id(self.fingerprint)

    def key(self, number: int) -> StationKey | None:
        """Return the station key of this number, if the card carries it."""
        return next((key for key in self.station_keys if key.number == number), None)

    def prekey_signer(self) -> StationKey | None:
        """Return the station key that signs prekeys: the lowest number not revoked."""
        live = [key for key in self.station_keys if key.revoked is None]
        return min(live, key=lambda key: key.number, default=None)

    def words(self, language: str) -> tuple[str, ...]:
        """Return the 12 fingerprint words in `en` or `zh`."""
        return keys.fingerprint_words(self.fingerprint, language)


def card_body(
    *,
    sequence: int,
    code: str,
    name: str,
    root_ed: bytes,
    root_pq: bytes,
    station_keys: Sequence[StationKey],
    issued: int,
    not_after: int,
    prekeys: Sequence[Prekey] = (),
    paths: Sequence[str] = (),
    officers: Sequence[OfficerKey] = (),
) -> bytes:
    """Return the bytes that both root keys sign."""
    body: dict[int, Value] = {
        0: sequence,
        1: code,
        2: name,
        3: root_ed,
        4: root_pq,
        5: [_station_key_value(key) for key in station_keys],
        6: issued,
        7: not_after,
    }
    if prekeys:
        body[8] = [prekey.value() for prekey in prekeys]
    if paths:
        body[9] = list(paths)
    if officers:
        body[10] = [[officer.number, officer.ed, officer.roles] for officer in officers]
    return canon.encode(body)


def _station_key_value(key: StationKey) -> Value:
    value: list[Value] = [key.number, key.ed, key.pq, key.not_before, key.until]
    return value if key.revoked is None else [*value, key.revoked]


def sign_card(body: bytes, *, root_ed: keys.Signer, root_pq: keys.Mldsa65Signer) -> Card:
    """Return the card over `body`, signed by both root keys."""
    message = b"parley1 card\0" + body
    pq = root_pq.sign(message, context=_CONTEXT)
    return decode_card(canon.encode([_MAGIC, body, root_ed.sign(message), pq]))


def decode_card(raw: bytes) -> Card:
    """Return the checked card.

    Raises:
        MalformedError: the form is wrong.
        SignatureError: a root signature or a key in it is not acceptable.
    """
    if len(raw) > limits.CARD_BYTES_MAX:
        raise TooLargeError(f"card of {len(raw)} bytes; at most {limits.CARD_BYTES_MAX}")
    outer = canon.expect_list(canon.decode(raw), "card", least=4, most=4)
    if outer[0] != _MAGIC:
        raise MalformedError("this is not a Parley card")
    body = canon.expect_bytes(outer[1], "card body")
    sig_ed = canon.expect_bytes(outer[2], "root signature", size=64)
    sig_pq = canon.expect_bytes(outer[3], "post-quantum root signature", size=3309)
    card = _read_body(raw, body)
    message = b"parley1 card\0" + body
    keys.verify_ed25519(card.root_ed, sig_ed, message)
    keys.verify_mldsa65(card.root_pq, sig_pq, message, context=_CONTEXT)
    for prekey in card.prekeys:
        check_prekey(card, prekey)
    return card


def party_of_card(raw: bytes) -> PartyId | None:
    """Return whose card this claims to be, nothing checked yet; None where it is no card."""
    try:
        outer = canon.expect_list(canon.decode(raw), "card", least=4, most=4)
        body = canon.decode(canon.expect_bytes(outer[1], "card body"))
        if not isinstance(body, dict):
            return None
        root_ed = canon.expect_bytes(body.get(3), "root key")
        root_pq = canon.expect_bytes(body.get(4), "post-quantum root key")
    except MalformedError:
        return None
    return keys.party_id(keys.fingerprint(root_ed, root_pq))


def check_prekey(card: Card, prekey: Prekey) -> None:
    """Check a prekey's signature, be it on the card or published after it.

    Raises:
        SignatureError: the station key that signs prekeys did not sign it, or there is none.
    """
    signer = card.prekey_signer()
    if signer is None:
        raise SignatureError("prekeys without a station key that could sign them")
    keys.verify_ed25519(signer.ed, prekey.signature, prekey.signed_bytes())


def sign_prekey(number: int, expires: int, public_key: bytes, signer: keys.Signer) -> Prekey:
    """Return a prekey signed by a station key; `expires` in seconds since 1970."""
    unsigned = Prekey(number=number, expires=expires, public_key=public_key, signature=b"")
    return replace(unsigned, signature=signer.sign(unsigned.signed_bytes()))


def check_successor(held: Card, new: Card, older: Iterable[Card] = ()) -> None:
    """Say whether a card may take the place of another one of its party; both were checked.

    The same card again may. Source: specification, identity (card).

    Args:
        held: the card held.
        new: the one shown.
        older: cards held before it and kept; keys and revocations there bind as well.

    Raises:
        ConflictError: it has another root or code, is older, has the number of the one held and
            other content, uses the number of a station key again for another key, or takes back
            that a key was revoked.
    """
    if new.fingerprint != held.fingerprint:
        raise ConflictError(
            f"this card of {new.code} has another root than the one held",
            next_step="Compare its words with the peer before anything else.",
        )
    if new.sequence < held.sequence:
        raise ConflictError(
            f"this card of {new.code} is older than the one held (number {new.sequence}, "
            f"held {held.sequence})",
            next_step="Ask for its present card.",
        )
    if new.sequence == held.sequence and new.body != held.body:
        raise ConflictError(
            f"two different cards of {new.code} carry the number {new.sequence}",
            next_step="Ask the peer about it: its root key signed both.",
        )
    if new.code != held.code:
        raise ConflictError(
            f"this card of {held.code} names itself {new.code}: a party keeps its code",
            next_step="Ask the peer about it; under another code it is a new peer, to be compared.",
        )
    for one in (held, *older):
        _check_keys(one, new)


def _check_keys(held: Card, new: Card) -> None:
    for key in new.station_keys:
        before = held.key(key.number)
        if before is not None and before.revoked is not None and key.revoked is None:
            raise ConflictError(
                f"this card of {new.code} takes back the revocation of key {key.number}",
                next_step="Ask the peer about it: what was revoked is in other hands for good.",
            )
        if before is not None and before.ed != key.ed:
            raise ConflictError(
                f"this card of {new.code} gives number {key.number} to another station key",
                next_step="Ask the peer about it: its root key signed both cards.",
            )


def _read_body(raw: bytes, body: bytes) -> Card:
    fields = canon.expect_map(canon.decode(body), "card body")
    if unknown := set(fields) - set(range(11)):
        raise MalformedError(f"card has unknown keys {sorted(unknown)}")
    if missing := set(range(8)) - set(fields):
        raise MalformedError(f"card lacks keys {sorted(missing)}")
    code = canon.expect_text(fields[1], "code", least=1, most=16)
    if not _CODE.fullmatch(code):
        raise MalformedError("code holds other letters than A-Z, 0-9 and -")
    name = canon.expect_text(fields[2], "name", least=1, most=480)
    if not 1 <= len(name) <= 120:
        raise MalformedError("name is not text of 1 to 120 characters")
    root_ed = canon.expect_bytes(fields[3], "root key", size=32)
    root_pq = canon.expect_bytes(fields[4], "post-quantum root key", size=1952)
    members = canon.expect_list(fields[5], "station keys", least=1, most=8)
    station_keys = tuple(_read_station_key(member) for member in members)
    numbers = [key.number for key in station_keys]
    if len(set(numbers)) != len(numbers):
        raise MalformedError("a station key number stands twice")
    prekeys = tuple(
        read_prekey(member) for member in canon.expect_list(fields.get(8, []), "prekeys", most=8)
    )
    if len({prekey.number for prekey in prekeys}) != len(prekeys):
        raise MalformedError("a prekey id stands twice")
    officers = tuple(
        _read_officer(member)
        for member in canon.expect_list(fields.get(10, []), "officers", most=16)
    )
    if len({officer.number for officer in officers}) != len(officers):
        raise MalformedError("an officer id stands twice")
    eds = [root_ed, *(key.ed for key in station_keys), *(o.ed for o in officers)]
    if len(set(eds)) != len(eds):
        raise MalformedError("one Ed25519 key stands in two places of the card")
    if not all(keys.is_acceptable_key(ed) for ed in eds):
        raise SignatureError("the card holds an Ed25519 key that is not acceptable")
    return Card(
        raw=raw,
        body=body,
        code=code,
        name=name,
        root_ed=root_ed,
        root_pq=root_pq,
        sequence=canon.expect_uint(fields[0], "sequence number"),
        station_keys=station_keys,
        issued=canon.expect_uint(fields[6], "issued"),
        not_after=canon.expect_uint(fields[7], "not valid after"),
        prekeys=prekeys,
        paths=tuple(
            canon.expect_text(member, "path hint", least=1, most=200)
            for member in canon.expect_list(fields.get(9, []), "path hints", most=8)
        ),
        officers=officers,
        fingerprint=keys.fingerprint(root_ed, root_pq),
    )


def _read_station_key(value: Value) -> StationKey:
    member = canon.expect_list(value, "station key", least=5, most=6)
    pq = member[2]
    if pq is not None:
        pq = canon.expect_bytes(pq, "post-quantum station key", size=1952)
    return StationKey(
        number=canon.expect_uint(member[0], "station key number", most=255),
        ed=canon.expect_bytes(member[1], "station key", size=32),
        pq=pq,
        not_before=canon.expect_uint(member[3], "key valid from"),
        until=canon.expect_uint(member[4], "key valid until"),
        revoked=canon.expect_uint(member[5], "key revoked") if len(member) == 6 else None,
    )


def read_prekey(value: Value) -> Prekey:
    """Return the prekey of its wire form; its signature is checked by whoever knows the card."""
    member = canon.expect_list(value, "prekey", least=4, most=4)
    return Prekey(
        number=canon.expect_uint(member[0], "prekey id", most=2**32 - 1),
        expires=canon.expect_uint(member[1], "prekey expiry"),
        public_key=canon.expect_bytes(member[2], "prekey", size=PREKEY_BYTES),
        signature=canon.expect_bytes(member[3], "prekey signature", size=64),
    )


def _read_officer(value: Value) -> OfficerKey:
    member = canon.expect_list(value, "officer", least=3, most=3)
    return OfficerKey(
        number=canon.expect_uint(member[0], "officer id"),
        ed=canon.expect_bytes(member[1], "officer key", size=32),
        roles=canon.expect_uint(member[2], "officer roles"),
    )


def armour(card: Card) -> str:
    """Return the card as text that survives mail and paper."""
    text = base64.b64encode(card.raw).decode("ascii")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([_ARMOUR[0], *lines, _ARMOUR[1], ""])


def read_card_file(raw: bytes) -> Card:
    """Return the card in a file: raw bytes, armoured text, or the texts of its codes.

    Raises:
        MalformedError: none of these forms.
        SignatureError: it does not verify.
    """
    if raw.lstrip().startswith(card_codes.PREFIX.encode("ascii")):
        return decode_card(card_codes.join_parts(raw.decode("ascii", "replace")))
    if raw.lstrip()[:5] != b"-----":
        return decode_card(raw)
    try:
        lines = raw.decode("ascii").split("\n")
        inner = [line.strip() for line in lines if line.strip()]
        if inner[0] != _ARMOUR[0] or inner[-1] != _ARMOUR[1]:
            raise MalformedError("the armour of the card has no proper first or last line")
        return decode_card(base64.b64decode("".join(inner[1:-1]), validate=True))
    except (UnicodeDecodeError, binascii.Error):
        raise MalformedError("the card's text is not base64 between its two lines") from None

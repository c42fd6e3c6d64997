"""Further cards and keys of the simulator's parties, signed by their roots."""

from __future__ import annotations

from dataclasses import replace

from parley.core import keys
from parley.core.card import Card, Prekey, StationKey, card_body, sign_card
from parley.core.hpke import HpkeOpener, HpkeSealer, prekey_public
from parley.core.link_secrets import Identity
from parley.sim.people import WORLD_START, _seed, make_identity

YEAR = 31_536_000


def station_key(code: str, number: int) -> keys.Ed25519Signer:
    """Return station key `number`; number 0 is the one of `make_identity`."""
    return keys.Ed25519Signer(_seed(f"{code} station" if number == 0 else f"{code} key {number}"))


def renewed(
    code: str,
    sequence: int = 2,
    *,
    name: str = "",
    revoke: bool = False,
    root: str = "",
    key: int = 1,
) -> Identity:
    """Return a party with station key `key` on a card above the one of `make_identity`.

    Args:
        code: the party.
        sequence: the card's number.
        name: another name, so that the body differs.
        revoke: key 0 is revoked by it.
        root: whose root signs; the party's own where empty.
        key: number of the new key; 0 puts another key under the old number.
    """
    held = make_identity(code)
    old, new = station_key(code, 0), station_key(code, key or 99)
    root_ed = keys.Ed25519Signer(_seed(f"{root or code} root"))
    root_pq = keys.Mldsa65Signer(_seed(f"{root or code} root pq"))
    until = WORLD_START + 10 * YEAR
    before = held.card.station_keys[0]
    listed = [] if key == 0 else [replace(before, revoked=WORLD_START if revoke else None)]
    own = StationKey(number=key, ed=new.public_key, pq=None, not_before=0, until=until)
    body = card_body(
        sequence=sequence,
        code=code,
        name=name or held.card.name,
        root_ed=root_ed.public_key,
        root_pq=root_pq.public_key,
        station_keys=[*listed, own],
        issued=WORLD_START,
        not_after=until,
        prekeys=[] if revoke or key == 0 else list(held.card.prekeys),
    )
    card: Card = sign_card(body, root_ed=root_ed, root_pq=root_pq)
    older = () if key == 0 else ((0, old),)
    return replace(held, card=card, key_number=key, signer=new, older=older)


def real_prekey(
    code: str, number: int, *, expires: int = WORLD_START + YEAR, signer: int = 0
) -> tuple[Prekey, bytes]:
    """Return a prekey with a real key pair, and its seed."""
    seed = _seed(f"{code} prekey {number}", 96)
    unsigned = Prekey(
        number=number, expires=expires, public_key=prekey_public(seed), signature=bytes(64)
    )
    signature = station_key(code, signer).sign(unsigned.signed_bytes())
    return replace(unsigned, signature=signature), seed


__all__ = ["HpkeOpener", "HpkeSealer", "real_prekey", "renewed", "station_key"]

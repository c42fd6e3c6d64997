"""Parties with keys made from a seed, so that a whole world can be played again."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

from parley.core import keys
from parley.core.card import Card, StationKey, card_body, sign_card, sign_prekey
from parley.core.link_secrets import Identity
from parley.sim.keys import SimOpener, SimSealer, sim_prekey

WORLD_START = 1_790_000_000
"""Where simulated wall clocks begin: 2026-09-21T13:33:20Z."""
_YEAR = 31_536_000


def _seed(name: str, size: int = 32) -> bytes:
    made = b""
    while len(made) < size:
        made += sha256(f"parley sim {name} {len(made)}".encode()).digest()
    return made[:size]


@cache
def make_identity(
    code: str,
    since: int = WORLD_START - 10 * _YEAR,
    until: int = WORLD_START + 10 * _YEAR,
    *,
    seals: bool = False,
) -> Identity:
    """Return a station's identity; the same one for the same code, each time.

    Args:
        code: the party's code.
        since: when its card is issued and its keys begin to count.
        until: when they no longer count.
        seals: it has the post-quantum half of its key; what that signs differs each time.
    """
    root_ed = keys.Ed25519Signer(_seed(f"{code} root"))
    root_pq = keys.Mldsa65Signer(_seed(f"{code} root pq"))
    station = keys.Ed25519Signer(_seed(f"{code} station"))
    twin = keys.Mldsa65Signer(_seed(f"{code} station pq")) if seals else None
    prekey_public = sim_prekey(code)
    prekey = sign_prekey(1, until, prekey_public, station)
    body = card_body(
        sequence=1,
        code=code,
        name=f"Station {code}",
        root_ed=root_ed.public_key,
        root_pq=root_pq.public_key,
        station_keys=[
            StationKey(
                number=0,
                ed=station.public_key,
                pq=None if twin is None else twin.public_key,
                not_before=since,
                until=until,
            )
        ],
        issued=since,
        not_after=until + 10 * _YEAR,
        prekeys=[prekey],
    )
    card: Card = sign_card(body, root_ed=root_ed, root_pq=root_pq)
    return Identity(
        card=card,
        key_number=0,
        signer=station,
        twin=twin,
        opener=SimOpener({1: prekey_public}),
        sealer=SimSealer(),
    )

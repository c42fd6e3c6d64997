"""Station directories for a scenario's parties: played in this process, then run by `serve`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from parley.carriers.certificate import Certificate
from parley.cli.children import Child
from parley.core.instants import Instant
from parley.core.link_secrets import Identity
from parley.sim.scenario.model import Scenario
from parley.sim.scenario.stage import OPENING_S, YEAR_S
from parley.station.config import Config, load
from parley.station.gateway import Gateway
from parley.station.identity import certificate_of, create_station, identity_of, read_own_card
from parley.station.keystore import read_station_keys
from parley.station.views import to_json
from parley.station.wiring import open_offline, store_address

KDF_KIB: Final = 1 << 14
"""A demonstration's keys guard nothing: they need not cost a second each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What a station of a scenario is run with.

    Attributes:
        code: the party's, or the witness's.
        store: address of its database.
        marks: directory of its high-water marks.
        listen: where peers reach it, or where a witness takes statements.
        origin: its console's address as browsers write it; empty for a witness.
    """

    code: str
    directory: Path
    identity: Identity
    certificate: Certificate
    store: str
    marks: Path
    listen: str
    origin: str = ""

    def child(self, passphrase_file: Path) -> Child:
        """Return it as a process that is not started yet."""
        return Child(code=self.code, directory=self.directory, passphrase_file=passphrase_file)


def ports_needed(scenario: Scenario) -> int:
    """Return how many ports its stations need: two for a party, one for a witness."""
    return 2 * len(scenario.parties) + len(scenario.witnesses)


def make_homes(
    scenario: Scenario, place: Path, *, passphrase: bytes, ports: Sequence[int]
) -> dict[str, Home]:
    """Make a station directory for every party and witness; consoles take the first ports.

    Their clocks show the end of the history once they run by themselves.
    """
    offset = scenario.cutoff - int(time.time())
    since = max(0, scenario.start - OPENING_S - YEAR_S)
    until = scenario.cutoff + YEAR_S
    links = iter(ports[len(scenario.parties) :])
    homes: dict[str, Home] = {}
    for number, code in enumerate((*scenario.parties, *scenario.witnesses)):
        is_party = code in scenario.parties
        directory, listen = place / code.lower(), f"127.0.0.1:{next(links)}"
        console = f"127.0.0.1:{ports[number]}" if is_party else ""
        origin = f"http://{code.lower()}.localhost:{ports[number]}" if is_party else ""
        create_station(
            directory,
            code=code,
            name=scenario.names.get(code, code),
            passphrase=passphrase,
            now=since,
            valid_until=until,
            random=os.urandom,
            listen=(f"tls://{listen}",) if is_party else (),
            # Who dials whom is told to each station, so that a history can cut a line.
            advertise=(),
            release="one-person",
            mark=scenario.mark,
            languages=scenario.languages.get(code, ("en",)),
            console_listen=console,
            console_origin=origin,
            witness_listen="" if is_party else listen,
            clock_offset_s=offset,
            kdf_kib=KDF_KIB,
        )
        homes[code] = _home(code, load(directory), passphrase, listen=listen, origin=origin)
    return homes


def _home(code: str, config: Config, passphrase: bytes, *, listen: str, origin: str) -> Home:
    keys = read_station_keys(config.path(config.station_key), passphrase=passphrase)
    return Home(
        code=code,
        directory=config.directory,
        identity=identity_of(read_own_card(config.directory), keys),
        certificate=certificate_of(keys),
        store=store_address(config),
        marks=config.directory / "marks",
        listen=listen,
        origin=origin,
    )


async def introduce(scenario: Scenario, homes: Mapping[str, Home], moment: int) -> None:
    """Let every station that was played know the others, as its officers would have done.

    The later of two parties dials, as it is started later; a witness's card says where it is.

    Args:
        scenario: the history.
        homes: its stations, none of which runs.
        moment: what their clocks show.
    """
    async with AsyncExitStack() as stack:
        doors = {
            code: await stack.enter_async_context(
                open_offline(home.directory, now=lambda: Instant(moment))
            )
            for code, home in homes.items()
        }
        for at, one in enumerate(scenario.parties):
            for other in scenario.parties[at + 1 :]:
                await _meet(doors, one, homes[other], [])
                await _meet(doors, other, homes[one], [f"tls://{homes[one].listen}"])
            for witness in scenario.witnesses:
                await _meet(doors, one, homes[witness], [])
                registrar = doors[witness].actor_for_officer(f"{witness}-1", via="socket")
                await doors[witness].add_peer(registrar, doors[one].own_card().armour.encode())


async def _meet(
    doors: Mapping[str, Gateway], code: str, other: Home, addresses: Sequence[str]
) -> None:
    """Add a card and compare its words."""
    gateway, card = doors[code], doors[other.code].own_card()
    actor = gateway.actor_for_officer(f"{code}-1", via="socket")
    await gateway.add_peer(actor, card.armour.encode(), addresses=addresses)
    words = list(to_json(card)["words"]["en"])
    await gateway.verify_peer(actor, other.code, words=words, method="paper")

"""Pairs of real stations for the faults."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from parley.station.identity import read_own_card
from parley.station.keystore import read_station_keys, write_station_keys
from support.load import answers, until
from support.station_pair import PASSPHRASE, Pair
from support.wire import Wire

SCRYPT_N = 1024


def make_pair(factory: pytest.TempPathFactory) -> Pair:
    """Return a pair that is not made yet, whose compiled modules are kept between starts."""
    made = Pair(factory.mktemp("pair"))
    del made.environment["PYTHONDONTWRITEBYTECODE"]
    return made


def cheapen(pair: Pair) -> None:
    """Seal the keys anew so that a start costs no half second of scrypt; it is tested elsewhere."""
    for station in ("alfa", "bravo"):
        directory = pair.folder / station
        path = directory / "keys" / "station.key"
        keys = read_station_keys(path, passphrase=PASSPHRASE)
        write_station_keys(
            path,
            keys,
            party=read_own_card(directory).party,
            passphrase=PASSPHRASE,
            random=os.urandom,
            scrypt_n=SCRYPT_N,
            replace=True,
        )


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two stations that trust each other, in processes of their own, with an open channel OPS."""
    made = make_pair(tmp_path_factory)
    try:
        begin(made)
        yield made
    finally:
        made.close()


@pytest.fixture
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pair, list[Wire]]]:
    """The same pair, each reached by the other over a wire that the test can spoil."""
    made = make_pair(tmp_path_factory)
    with ExitStack() as stack:
        wires = []
        for station in ("alfa", "bravo"):
            wire = Wire(made.ports[station])
            stack.callback(wire.close)
            made.reach[station] = wire.port
            wires.append(wire)
        stack.callback(made.close)
        begin(made)
        yield made, wires


@pytest.fixture
def make_unserved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Pair]]:
    """Make pairs of which no station runs yet."""
    with ExitStack() as stack:

        def make() -> Pair:
            made = make_pair(tmp_path_factory)
            stack.callback(made.close)
            made.make()
            cheapen(made)
            return made

        yield make


def begin(pair: Pair) -> None:
    """Make both stations, serve them and open a channel."""
    pair.make()
    cheapen(pair)
    pair.serve("alfa")
    pair.serve("bravo")
    until(lambda: answers(pair, "alfa") and answers(pair, "bravo"), "they did not start")
    pair.open_channel()

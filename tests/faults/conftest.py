"""Pairs of real stations for the faults."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from parley.station.identity import read_own_card
from parley.station.keystore import read_station_keys, write_station_keys
from support.load import answers, until
from support.station_pair import PASSPHRASE, Pair, free_port
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


def serve_both(pair: Pair) -> None:
    """Start both stations and wait until they answer."""
    pair.serve("alfa")
    pair.serve("bravo")
    until(lambda: answers(pair, "alfa") and answers(pair, "bravo"), "they did not start")


def open_and_stop(pair: Pair) -> Pair:
    """Make both stations, open a channel between them, and stop them."""
    pair.make()
    cheapen(pair)
    serve_both(pair)
    pair.open_channel()
    for station in ("alfa", "bravo"):
        assert pair.stop(station) == 0
    return pair


@pytest.fixture(scope="session")
def plain_original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two stations that trust each other, with an open channel OPS; for copies, never served."""
    made = make_pair(tmp_path_factory)
    with closing(made):
        yield open_and_stop(made)


@pytest.fixture(scope="session")
def wired_original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same, each reaching the other at a port where a test puts a wire."""
    made = make_pair(tmp_path_factory)
    made.reach = {station: free_port() for station in ("alfa", "bravo")}
    with closing(made), ExitStack() as stack:
        for station, port in made.reach.items():
            stack.callback(Wire(made.ports[station], port=port).close)
        open_and_stop(made)
        stack.close()
        yield made


@pytest.fixture
def pair(plain_original: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two running stations that trust each other, in processes of their own, with a channel OPS."""
    with closing(plain_original.copy(tmp_path_factory.mktemp("pair"))) as made:
        serve_both(made)
        yield made


@pytest.fixture
def wired(
    wired_original: Pair, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Pair, list[Wire]]]:
    """The same pair, each reached by the other over a wire that the test can spoil."""
    with ExitStack() as stack:
        wires = [
            Wire(wired_original.ports[station], port=port)
            for station, port in wired_original.reach.items()
        ]
        for wire in wires:
            stack.callback(wire.close)
        made = wired_original.copy(tmp_path_factory.mktemp("pair"))
        stack.enter_context(closing(made))
        serve_both(made)
        yield made, wires


@pytest.fixture
def unserved(plain_original: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same pair; neither station runs yet."""
    with closing(plain_original.copy(tmp_path_factory.mktemp("pair"))) as made:
        yield made

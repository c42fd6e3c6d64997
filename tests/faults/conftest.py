"""Pairs of real stations for the faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from support.load import answers, until
from support.station_pair import Pair, free_port
from support.wire import Wire

LINES_TOLD = 60


def serve_both(pair: Pair) -> None:
    """Start both stations and wait until they answer."""
    pair.serve("alfa")
    pair.serve("bravo")
    until(lambda: answers(pair, "alfa") and answers(pair, "bravo"), "they did not start")


def tell(pair: Pair) -> None:
    """Print what both stations logged last; pytest shows it beside a test that failed."""
    for station in ("alfa", "bravo"):
        print(f"{station}:", *pair.log(station).splitlines()[-LINES_TOLD:], sep="\n")


@pytest.fixture(scope="session")
def plain_original(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two stations that trust each other, with an open channel OPS; for copies, never served."""
    made = Pair(tmp_path_factory.mktemp("pair"))
    made.make(channel="OPS")
    return made


@pytest.fixture(scope="session")
def wired_original(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The same, each reaching the other at a port where a test puts a wire."""
    made = Pair(tmp_path_factory.mktemp("pair"))
    made.reach = {station: free_port() for station in ("alfa", "bravo")}
    with ExitStack() as stack:
        for station, port in made.reach.items():
            stack.callback(Wire(made.ports[station], port=port).close)
        made.make(channel="OPS")
    return made


@pytest.fixture
def pair(plain_original: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two running stations that trust each other, in processes of their own, with a channel OPS."""
    with closing(plain_original.copy(tmp_path_factory.mktemp("pair"))) as made:
        serve_both(made)
        yield made
        tell(made)


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
        tell(made)


@pytest.fixture
def unserved(plain_original: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same pair; neither station runs yet."""
    with closing(plain_original.copy(tmp_path_factory.mktemp("pair"))) as made:
        yield made

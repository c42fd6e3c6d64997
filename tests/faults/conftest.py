"""Pairs of real stations for the faults."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.station_pair import Pair


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two stations that trust each other, in processes of their own, with an open channel OPS."""
    made = Pair(tmp_path_factory.mktemp("pair"))
    made.make()
    try:
        made.serve("alfa")
        made.serve("bravo")
        made.open_channel()
        yield made
    finally:
        made.close()

from __future__ import annotations

import pytest

from parley.carriers.address import parse_address
from parley.carriers.loopback import WAITING_PATHS_MAX, LoopbackCarrier, loopback_pair
from parley.errors import CarrierError, UsageError
from virtual_time import run_in_virtual_time


def test_the_other_end_is_told_the_reason() -> None:
    async def test() -> None:
        one, other = loopback_pair()

        await one.close("the watch is over")

        assert other.closed_reason == "the peer closed the path: the watch is over"

    run_in_virtual_time(test())


def test_a_listener_that_accepts_nobody_is_not_filled_without_end() -> None:
    async def test() -> None:
        carrier = LoopbackCarrier({})
        await carrier.listen(parse_address("loopback:busy"))
        for _ in range(WAITING_PATHS_MAX):
            await carrier.dial(parse_address("loopback:busy"))

        with pytest.raises(CarrierError, match="takes no more paths"):
            await carrier.dial(parse_address("loopback:busy"))

    run_in_virtual_time(test())


@pytest.mark.parametrize("act", ["dial", "listen"])
def test_an_address_of_another_carrier_is_refused(act: str) -> None:
    async def test() -> None:
        carrier = LoopbackCarrier({})

        with pytest.raises(UsageError, match="no loopback address"):
            await getattr(carrier, act)(parse_address("alfa:7300"))

    run_in_virtual_time(test())

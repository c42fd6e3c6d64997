from __future__ import annotations

import pytest

from parley.carriers.address import DEFAULT_COSTS, Address
from parley.carriers.loopback import LoopbackCarrier
from parley.carriers.pacing import PacedCarrier
from parley.carriers.registry import carrier_for, parse_address
from parley.carriers.tls import TlsCarrier
from parley.errors import CarrierError, UsageError
from virtual_time import run_in_virtual_time


def test_every_carrier_an_address_may_name_is_served() -> None:
    for name in DEFAULT_COSTS:
        assert carrier_for(Address(carrier=name), certificate=None)


def test_each_address_gets_its_own_kind_of_carrier() -> None:
    assert isinstance(carrier_for(parse_address("b:1"), certificate=None), TlsCarrier)
    assert isinstance(carrier_for(parse_address("loopback:b"), certificate=None), LoopbackCarrier)
    assert isinstance(carrier_for(parse_address("b:1?rate=75"), certificate=None), PacedCarrier)


def test_an_unknown_carrier_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        carrier_for(Address(carrier="pigeon"), certificate=None)

    assert caught.value.next_step == "There are: loopback, tls."


def test_two_stations_of_one_process_meet_by_name() -> None:
    async def test() -> None:
        address = parse_address("loopback:meeting-point")
        listener = await carrier_for(address, certificate=None).listen(address)

        path = await carrier_for(address, certificate=None).dial(address)

        await path.send([b"here"])
        assert await (await listener.accept()).receive() == [b"here"]
        await listener.close()
        with pytest.raises(CarrierError):
            await carrier_for(address, certificate=None).dial(address)

    run_in_virtual_time(test())

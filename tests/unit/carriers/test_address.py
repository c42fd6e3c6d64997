from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.carriers.address import (
    ADDRESS_CHARS_MAX,
    Address,
    parse_address,
    parse_on_carrier,
)
from parley.errors import UsageError

PIN = "ab" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "tls://alfa.example:7300",
            Address(carrier="tls", host="alfa.example", port=7300, cost=10),
        ),
        ("alfa.example:7300", Address(carrier="tls", host="alfa.example", port=7300, cost=10)),
        (
            "TLS://Alfa.Example:7300",
            Address(carrier="tls", host="alfa.example", port=7300, cost=10),
        ),
        ("127.0.0.1:0", Address(carrier="tls", host="127.0.0.1", port=0, cost=10)),
        ("[2001:db8::1]:7300", Address(carrier="tls", host="2001:db8::1", port=7300, cost=10)),
        ("[2001:DB8:0::1]:7300", Address(carrier="tls", host="2001:db8::1", port=7300, cost=10)),
        ("[fe80::1%eth0]:7300", Address(carrier="tls", host="fe80::1%eth0", port=7300, cost=10)),
        ("loopback:bravo", Address(carrier="loopback", name="bravo")),
        (
            f"tls://bravo:1?pin={PIN}&rate=2400&cost=3",
            Address(
                carrier="tls", host="bravo", port=1, pin=bytes.fromhex(PIN), rate_bps=2400, cost=3
            ),
        ),
        (
            "b:1?pad=600&rate=4800",
            Address(carrier="tls", host="b", port=1, rate_bps=4800, pad_bytes=600, cost=10),
        ),
        ("loopback:b?rate=75&cost=9", Address(carrier="loopback", name="b", rate_bps=75, cost=9)),
    ],
)
def test_an_address_is_read_as_it_was_meant(text: str, expected: Address) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "0 characters"),
        ("x" * (ADDRESS_CHARS_MAX + 1), "201 characters"),
        ("bravo", "names no port"),
        ("bravo:", "the port is a whole number 0 to 65535, not ''"),
        ("bravo:65536", "the port is a whole number"),
        ("bravo:-1", "the port is a whole number"),
        ("bravo:7_300", "the port is a whole number"),
        ("bravo:٧", "outside ASCII"),
        ("bravo :7300", "spaces"),
        ("bravo\n:7300", "controls"),
        ("http://bravo:80", "no carrier called 'http'"),
        ("serial:///dev/ttyS0:9600", "no carrier called 'serial'"),
        ("2001:db8::1:7300", "must stand in brackets"),
        ("[2001:db8::1]", "']:' and a port"),
        ("[2001:db8::1:7300", "']:' and a port"),
        ("[not-an-address]:7300", "no IPv6 address"),
        ("[fe80::1%]:7300", "no zone"),
        ("[fe80::1%../x]:7300", "no zone"),
        ("256.1.1.1:7300", "no IPv4 address"),
        ("1.2.3:7300", "no IPv4 address"),
        ("-bravo:7300", "no host name"),
        ("bravo..example:7300", "no host name"),
        ("user@bravo:7300", "no host name"),
        ("bravo/x:7300", "no host name"),
        (":7300", "no host name"),
        ("bravo:1?", "unknown option ''"),
        ("bravo:1?speed=3", "unknown option 'speed'"),
        ("bravo:1?rate=1&rate=2", "stands twice"),
        ("bravo:1?rate=0", "the rate in bit/s is a whole number"),
        ("bravo:1?rate=9999999999999999", "the rate in bit/s is a whole number"),
        ("bravo:1?cost=65536", "the cost is a whole number"),
        ("bravo:1?pin=abcd", "64 hex digits"),
        (f"bravo:1?pin={'g' * 64}", "64 hex digits"),
        ("loopback:", "a loopback name has"),
        ("loopback://bravo", "a loopback name has"),
        (f"loopback:bravo?pin={PIN}", "no certificate to pin"),
    ],
)
def test_what_is_no_address_is_refused_with_the_part_that_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(text)

    assert problem in str(caught.value)
    assert "Expected tls://host:port" in caught.value.next_step


def test_a_text_far_too_long_is_not_echoed_whole() -> None:
    with pytest.raises(UsageError) as caught:
        parse_address("z" * 100_000)

    assert len(str(caught.value)) < 200


numbers = st.integers(0, 65_535)
rates = st.none() | st.integers(1, 10**11)
addresses = st.one_of(
    st.builds(
        Address,
        carrier=st.just("tls"),
        host=st.from_regex(r"[a-z0-9]{1,20}(\.[a-z][a-z0-9]{0,10}){1,3}", fullmatch=True)
        | st.ip_addresses(v=4).map(str)
        | st.ip_addresses(v=6).map(str),
        port=numbers,
        pin=st.none() | st.binary(min_size=32, max_size=32),
        rate_bps=rates,
        cost=numbers,
    ),
    st.builds(
        Address,
        carrier=st.just("loopback"),
        name=st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True),
        rate_bps=rates,
        cost=numbers,
    ),
)


@given(addresses)
def test_a_written_address_reads_back_the_same(address: Address) -> None:
    assert parse_address(str(address)) == address


@given(st.text(max_size=250))
def test_any_text_is_read_or_refused_and_nothing_else_happens(text: str) -> None:
    try:
        address = parse_address(text)
    except UsageError:
        return
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    ("text", "carrier", "address"),
    [
        ("alfa.example:7300", "tls", "tls://alfa.example:7300"),
        ("tls://alfa.example:7300?rate=75", "tls", "tls://alfa.example:7300?rate=75"),
        ("bravo", "loopback", "loopback:bravo"),
        ("LOOPBACK:bravo", "loopback", "loopback:bravo"),
    ],
)
def test_a_carrier_completes_an_address_that_names_none(text, carrier, address):
    assert str(parse_on_carrier(text, carrier)) == address


@pytest.mark.parametrize(
    ("text", "carrier", "told"),
    [
        ("alfa.example:7300", "serial", "There are: loopback, tls"),
        ("tls://alfa.example:7300", "loopback", "Leave one of the two out"),
        ("loopback:bravo", "tls", "Leave one of the two out"),
        ("alfa.example:7300", "loopback", "loopback:name"),
    ],
)
def test_a_carrier_that_is_none_or_another_is_refused_with_what_to_do(text, carrier, told):
    with pytest.raises(UsageError) as caught:
        parse_on_carrier(text, carrier)
    assert told in caught.value.next_step

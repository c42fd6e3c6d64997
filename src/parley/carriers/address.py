"""Addresses of paths, as people write them and as cards carry them.

`tls://host:port?pin=<64 hex digits>&rate=<bit/s>&pad=<bytes>&cost=<n>`, `loopback:name`, or bare
`host:port`, which means TLS. An IPv6 address stands in brackets.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from parley.core import padding
from parley.errors import UsageError

ADDRESS_CHARS_MAX = 200
"""A path hint on a card has at most this many."""

RATE_BPS_MAX = 10**11
COST_MAX = 65_535

DEFAULT_COSTS = {"loopback": 0, "tls": 10}
"""Cost of a path whose address names none; the keys are the carriers that addresses may name."""

_EXPECTED = (
    "Expected tls://host:port, optionally with ?pin=<64 hex digits>&rate=<bit/s>&pad=<bytes>&"
    "cost=<n>; "
    "bare host:port, which means tls; or loopback:name. An IPv6 address stands in brackets: "
    "[2001:db8::1]:7300."
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_ZONE = re.compile(r"[A-Za-z0-9._-]{1,15}")
_DIGITS = re.compile(r"[0-9]{1,15}")
_PIN = re.compile(r"[0-9A-Fa-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a path leads and what its operator says of it.

    Attributes:
        carrier: `tls` or `loopback`.
        host: name or IP address, an IPv6 address without brackets; empty for loopback.
        port: TCP port; 0 asks a listener for any free one, and is 0 for loopback.
        pin: 32-byte SHA-256 of the certificate that must be shown there; None takes any.
        rate_bps: bits a second that may be sent there; None means as fast as it goes.
        pad_bytes: every frame sent there has this length, and they leave at exactly the rate,
            whether there is something to say or not; None where nothing is padded.
        cost: of two paths the cheaper goes first.
        name: name of a loopback listener; empty for other carriers.
    """

    carrier: str
    host: str = ""
    port: int = 0
    pin: bytes | None = None
    rate_bps: int | None = None
    cost: int = 0
    name: str = ""
    pad_bytes: int | None = None

    def __str__(self) -> str:
        """Write the address so that `parse_address` reads the same one back."""
        if self.carrier == "loopback":
            place = f"loopback:{self.name}"
        else:
            host = f"[{self.host}]" if ":" in self.host else self.host
            place = f"{self.carrier}://{host}:{self.port}"
        options = []
        if self.pin is not None:
            options.append(f"pin={self.pin.hex()}")
        if self.rate_bps is not None:
            options.append(f"rate={self.rate_bps}")
        if self.pad_bytes is not None:
            options.append(f"pad={self.pad_bytes}")
        if self.cost != DEFAULT_COSTS.get(self.carrier):
            options.append(f"cost={self.cost}")
        return place + ("?" + "&".join(options) if options else "")


def parse_address(text: str) -> Address:
    """Read an address.

    Raises:
        UsageError: the text is no address; it says which part is wrong and what is expected.
    """
    if not 1 <= len(text) <= ADDRESS_CHARS_MAX:
        raise _refused(text, f"it has {len(text)} characters, an address 1 to {ADDRESS_CHARS_MAX}")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise _refused(
            text, "it has spaces, controls or letters outside ASCII (write such names as xn--...)"
        )
    place, has_options, raw_options = text.partition("?")
    options = _parse_options(text, raw_options) if has_options else {}
    if place.lower().startswith("loopback:"):
        return _parse_loopback(text, place[len("loopback:") :], options)
    scheme = _SCHEME.match(place)
    if scheme is not None and scheme[1].lower() != "tls":
        known = ", ".join(sorted(DEFAULT_COSTS))
        raise _refused(text, f"there is no carrier called {scheme[1]!r}; there are: {known}")
    raw_host, raw_port = _split_place(text, place[scheme.end() :] if scheme else place)
    rate = _parse_rate(text, options.get("rate"))
    return Address(
        carrier="tls",
        host=_parse_host(text, raw_host),
        port=_parse_number(text, "the port", raw_port, lowest=0, highest=65_535),
        pin=_parse_pin(text, options.get("pin")),
        rate_bps=rate,
        pad_bytes=_parse_pad(text, options.get("pad"), rate),
        cost=_parse_cost(text, options.get("cost"), "tls"),
    )


def parse_on_carrier(text: str, carrier: str) -> Address:
    """Read an address that is meant for this carrier, whether it names one itself or not.

    Raises:
        UsageError: there is no such carrier, the address names another, or it is no address.
    """
    known = ", ".join(sorted(DEFAULT_COSTS))
    if carrier not in DEFAULT_COSTS:
        raise UsageError(
            f"there is no carrier called {carrier!r}", next_step=f"There are: {known}."
        )
    is_named = _SCHEME.match(text) is not None or text.lower().startswith("loopback:")
    before = "loopback:" if carrier == "loopback" else f"{carrier}://"
    address = parse_address(text if is_named else before + text)
    if address.carrier != carrier:
        raise UsageError(
            f"{text!r} names the carrier {address.carrier}, and --carrier says {carrier}",
            next_step="Leave one of the two out.",
        )
    return address


def _parse_loopback(text: str, name: str, options: dict[str, str]) -> Address:
    if _NAME.fullmatch(name) is None:
        raise _refused(text, "a loopback name has 1 to 64 letters, digits, '.', '_' or '-'")
    if "pin" in options:
        raise _refused(text, "a loopback path has no certificate to pin")
    rate = _parse_rate(text, options.get("rate"))
    return Address(
        carrier="loopback",
        name=name,
        rate_bps=rate,
        pad_bytes=_parse_pad(text, options.get("pad"), rate),
        cost=_parse_cost(text, options.get("cost"), "loopback"),
    )


def _parse_options(text: str, raw_options: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for raw_option in raw_options.split("&"):
        key, _, value = raw_option.partition("=")
        if key not in {"pin", "rate", "pad", "cost"}:
            raise _refused(text, f"unknown option {key!r}; there are: cost, pad, pin, rate")
        if key in options:
            raise _refused(text, f"option {key!r} stands twice")
        options[key] = value
    return options


def _split_place(text: str, place: str) -> tuple[str, str]:
    """Part host and port; the host keeps its brackets, so that they can be told from none."""
    if place.startswith("["):
        raw_host, bracket, rest = place.partition("]")
        if not bracket or not rest.startswith(":"):
            raise _refused(text, "after '[' come an IPv6 address, ']:' and a port")
        return raw_host + bracket, rest[1:]
    raw_host, colon, raw_port = place.rpartition(":")
    if not colon:
        raise _refused(text, "it names no port")
    if ":" in raw_host:
        raise _refused(text, "an IPv6 address must stand in brackets")
    return raw_host, raw_port


def _parse_host(text: str, raw_host: str) -> str:
    if raw_host.startswith("["):
        raw_ip, percent, zone = raw_host[1:-1].partition("%")
        # A zone names a network card of the machine that dials; nothing else may hide in it.
        if percent and _ZONE.fullmatch(zone) is None:
            raise _refused(text, f"{zone!r} is no zone of an IPv6 address")
        try:
            return str(ipaddress.IPv6Address(raw_ip)) + percent + zone
        except ValueError:
            raise _refused(text, f"{raw_ip!r} is no IPv6 address") from None
    if re.fullmatch(r"[0-9.]+", raw_host):
        try:
            return str(ipaddress.IPv4Address(raw_host))
        except ValueError:
            raise _refused(text, f"{raw_host!r} is no IPv4 address") from None
    labels = raw_host.split(".")
    if len(raw_host) > 253 or any(_HOST_LABEL.fullmatch(label) is None for label in labels):
        raise _refused(text, f"{raw_host!r} is no host name")
    return raw_host.lower()


def _parse_pin(text: str, raw_pin: str | None) -> bytes | None:
    if raw_pin is None:
        return None
    if _PIN.fullmatch(raw_pin) is None:
        raise _refused(
            text, "a pin is the SHA-256 of a certificate, 64 hex digits without separators"
        )
    return bytes.fromhex(raw_pin)


def _parse_rate(text: str, raw_rate: str | None) -> int | None:
    if raw_rate is None:
        return None
    return _parse_number(text, "the rate in bit/s", raw_rate, lowest=1, highest=RATE_BPS_MAX)


def _parse_pad(text: str, raw_pad: str | None, rate_bps: int | None) -> int | None:
    if raw_pad is None:
        return None
    size = _parse_number(
        text, "pad, the bytes of every frame,", raw_pad, lowest=1, highest=padding.FRAME_BYTES_MAX
    )
    if rate_bps is None:
        raise _refused(text, "frames of one size leave at a constant rate, so pad needs rate too")
    try:
        padding.check(size, rate_bps)
    except UsageError as problem:
        raise _refused(text, str(problem)) from None
    return size


def _parse_cost(text: str, raw_cost: str | None, carrier: str) -> int:
    if raw_cost is None:
        return DEFAULT_COSTS[carrier]
    return _parse_number(text, "the cost", raw_cost, lowest=0, highest=COST_MAX)


def _parse_number(text: str, what: str, raw: str, *, lowest: int, highest: int) -> int:
    if _DIGITS.fullmatch(raw) is None or not lowest <= int(raw) <= highest:
        raise _refused(text, f"{what} is a whole number {lowest} to {highest}, not {raw!r}")
    return int(raw)


def _refused(text: str, problem: str) -> UsageError:
    """Build the error; a text too long to be an address is not echoed whole."""
    shown = text if len(text) <= ADDRESS_CHARS_MAX else text[:40] + "..."
    return UsageError(f"{shown!r} is no address: {problem}", next_step=_EXPECTED)

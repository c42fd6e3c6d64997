"""One try of a webhook: where it may go, and the call itself.

The administrator lists hosts in `parley.toml`; nothing else is called. A name is looked up once for
a try and the address found is the one that is called, so that no second answer of the name's owner
leads inside; redirects are not followed.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from parley.errors import NotAllowedError, UsageError

TRY_S: Final = 15
"""How long a receiver may take (design: 2xx within 15 s is success)."""

URL_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try.

    Attributes:
        status: HTTP status; None where nobody answered.
        said: why it failed; empty where it did not.
    """

    status: int | None
    said: str = ""

    @property
    def is_taken(self) -> bool:
        """Say whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


class Sender(Protocol):
    """Makes one try."""

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Return what came of it; nothing is raised for a receiver that fails."""


def check_target(url: str, hosts: Sequence[str]) -> SplitResult:
    """Return the parts of an address that may be called.

    Args:
        url: HTTPS; or plain HTTP where the host is a loopback address.
        hosts: what the administrator listed.

    Raises:
        UsageError: it is no such address. NotAllowedError: its host is not listed.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError(f"{url!r} is no address") from None
    host = parts.hostname or ""
    is_odd = parts.username is not None or parts.fragment or not url.isascii() or len(url) > URL_MAX
    if not host or is_odd or port == 0 or not url.isprintable() or " " in url:
        raise UsageError("a webhook has an address such as https://monitor.example/parley")
    address = _address(host)
    if parts.scheme != "https" and not (
        parts.scheme == "http" and address is not None and address.is_loopback
    ):
        raise UsageError("a webhook goes to https://, or to http:// on this machine's loopback")
    if host not in hosts:
        raise NotAllowedError(
            f"{host} is not among the hosts to which this station's webhooks may go",
            next_step="An administrator lists it in parley.toml: [webhooks] hosts.",
        )
    return parts


class HttpSender:
    """Calls over HTTP.

    Args:
        hosts: to which calls may go.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self._hosts = hosts

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Make one try."""
        try:
            parts = check_target(url, self._hosts)
            async with asyncio.timeout(TRY_S):
                place = await self._place(parts)
                return await _post(parts, place, headers, body)
        except (UsageError, NotAllowedError) as problem:
            return Outcome(None, str(problem))
        except TimeoutError:
            return Outcome(None, f"no answer within {TRY_S} s")
        except OSError as problem:
            return Outcome(None, f"it cannot be reached: {type(problem).__name__}")

    async def _place(self, parts: SplitResult) -> str:
        """Return the address that is called: one found now, and none inside unless it is listed."""
        host = str(parts.hostname)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for *_, place in found:
            text = str(place[0])
            if _is_outside(text) or text in self._hosts:
                return text
        raise NotAllowedError(f"{host} leads to an address inside, which is not listed")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _is_outside(text: str) -> bool:
    address = _address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address is not None and address.is_global and not address.is_multicast


async def _post(parts: SplitResult, place: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    import httpx  # noqa: PLC0415 - few stations have webhooks, and it is slow to load

    host = str(parts.hostname)
    shown = f"[{place}]" if ":" in place else place
    port = "" if parts.port is None else f":{parts.port}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    named = f"[{host}]" if ":" in host else host
    try:
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TRY_S) as client,
            client.stream(
                "POST",
                f"{parts.scheme}://{shown}{port}{path}",
                content=body,
                headers={**headers, "host": f"{named}{port}", "content-type": "application/json"},
                # The certificate is that of the name, whatever address it was found at.
                extensions={"sni_hostname": host} if parts.scheme == "https" else {},
            ) as answer,
        ):
            # What it says is not read: a status is all that matters.
            status = answer.status_code
    except httpx.HTTPError as problem:
        return Outcome(None, f"it cannot be reached: {type(problem).__name__}")
    return Outcome(status, "" if 200 <= status < 300 else f"it answered {status}")

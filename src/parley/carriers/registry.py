"""Which carrier serves which address: the one place that knows all of them."""

from __future__ import annotations

from parley.carriers.address import Address, parse_address
from parley.carriers.interface import Carrier
from parley.carriers.loopback import LoopbackCarrier, LoopbackListener
from parley.carriers.pacing import PacedCarrier
from parley.carriers.tls import Certificate, TlsCarrier
from parley.errors import UsageError

__all__ = ["Address", "carrier_for", "parse_address"]

_PROCESS_HUB: dict[str, LoopbackListener] = {}
"""Loopback listeners of this process; two stations in one process must meet somewhere."""


def carrier_for(address: Address, *, certificate: Certificate | None) -> Carrier:
    """Return the carrier that can dial and listen at `address`, at the rate it names.

    Whoever sends on a padded path keeps to its rate.

    Args:
        address: what is to be dialled or listened at.
        certificate: our own, shown by TLS listeners; None where we only dial.

    Raises:
        UsageError: no carrier of that name is known.
    """
    carrier: Carrier
    if address.carrier == "tls":
        carrier = TlsCarrier(certificate=certificate)
    elif address.carrier == "loopback":
        carrier = LoopbackCarrier(_PROCESS_HUB)
    else:
        raise UsageError(
            f"there is no carrier called {address.carrier!r}", next_step="There are: loopback, tls."
        )
    # The frames of a padded path leave at its turns; nothing more has to hold them back.
    is_paced = address.rate_bps is not None and address.pad_bytes is None
    return PacedCarrier(carrier) if is_paced else carrier

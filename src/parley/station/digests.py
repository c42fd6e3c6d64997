"""What a digest names: an entry by its leaf, a signed root, a channel, a courier's file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from parley.errors import UsageError
from parley.station.courier_book import CourierBook
from parley.station.interface import Station
from parley.station.record_book import RecordBook
from parley.station.tool_views import DigestHit

DIGITS_MIN: Final = 8
DIGITS_MAX: Final = 64
HITS_MAX: Final = 20
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{DIGITS_MIN},{DIGITS_MAX}}}")


def digest_of(text: str) -> str | None:
    """Return the digits of a digest as somebody pasted it, in groups or not; None for others."""
    digits = "".join(text.split()).lower().removeprefix("sha256:")
    return digits if _DIGEST.fullmatch(digits) else None


class Digests:
    """Finds what begins with some digits of a digest, in memory."""

    def __init__(self, station: Station, record: RecordBook, courier: CourierBook) -> None:
        self._station = station
        self._record = record
        self._courier = courier

    def find(self, text: str) -> Sequence[DigestHit]:
        """Return what a digest, or its first digits, names here; at most 20.

        Raises:
            UsageError: this is no digest of 8 to 64 hexadecimal digits.
        """
        digits = digest_of(text)
        if digits is None:
            raise UsageError(
                f"a digest has {DIGITS_MIN} to {DIGITS_MAX} digits, 0 to 9 and a to f",
                next_step="Paste the first eight digits or more.",
            )
        return list(islice(self._hits(digits), HITS_MAX))

    def _hits(self, digits: str) -> Iterator[DigestHit]:
        codes = {
            channel.charter.channel_id: channel.charter.code for channel in self._station.channels()
        }
        for channel, code in codes.items():
            if channel.hex().startswith(digits):
                yield DigestHit(kind="channel", digest=channel.hex(), name=code, channel=code)
        reader = self._station.reader
        for row in reader.logs():
            named = codes.get(row.log.channel)
            if named is None:
                continue
            for index, leaf in self._record.tree(row.log).leaves_from(digits):
                if reader.entry(row.log, index) is not None:
                    name = self._record.name(row.log, index)
                    yield DigestHit(kind="entry", digest=leaf.hex(), name=name, channel=named)
            last = reader.last_statement(row.log)
            root = "" if last is None else last.signed.statement.root.hex()
            if root.startswith(digits):
                yield DigestHit(kind="root", digest=root, name=named, channel=named)
        for file in self._courier.rows():
            if file.digest.startswith(digits):
                name = str(file.number)
                yield DigestHit(kind="courier", digest=file.digest, name=name, channel=None)

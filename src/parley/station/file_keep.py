"""Files that wait to leave: kept from the moment they are added until every part is in the log.

A file lies as the bytes of its parts among the station's papers, so that it is fsynced like all
else and no name given by anybody is ever a path. A release marks it as leaving in its own
transaction; each part moves from here into our log in one transaction, so that kill -9 at any
moment neither loses nor doubles one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from parley.core.attachment import Part, attachment_digest, cut, join, part_fields, parts_of
from parley.core.entry import NON_ATTRIBUTABLE, Kind, make_flags
from parley.core.ids import ChannelId, PartyId
from parley.core.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX
from parley.desk.attachments import ATTACHMENTS, check_content, not_here
from parley.desk.envelope import F_ATTACH
from parley.desk.fields import Json
from parley.desk.naming import RAW
from parley.desk.problems import Problem, problem_of
from parley.errors import (
    ConflictError,
    FieldFaultError,
    IdempotencyError,
    InvalidFieldsError,
    NotFoundError,
    ParleyError,
    UsageError,
)
from parley.station.actors import Actor
from parley.station.cabinet import Act, Cabinet
from parley.station.drafting import Body
from parley.station.effects import NewEntry
from parley.station.interface import Station
from parley.station.papers import Fields, PaperChange, change
from parley.station.part_index import FileKey, PartIndex
from parley.station.summary import ChannelSummary

KEPT_MAX: Final = 100
KEPT_BYTES_MAX: Final = 4 * ATTACHMENTS_BYTES_MAX
"""Files kept at the same time, and their bytes together."""

KEPT_S: Final = 86_400
"""A file that no open draft names is erased after so many seconds, once another one comes."""

AT_ONCE: Final = 8
"""Parts written in one transaction, so that nothing urgent waits long for the disk."""

AGAIN_S: Final = 30.0
"""After so many seconds what could not be written is tried again."""

_SAME: Final = ("name", "type", "sha256", "by")
_FLAGS_KEPT: Final = make_flags(marking=3, attributable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that was added and waits; these are the members by which a draft names it."""

    name: str
    type: str
    bytes: int
    digest: str


class FileKeep:
    """Takes files in, gives them to drafts, and writes their parts once an entry is released."""

    def __init__(
        self,
        station: Station,
        cabinet: Cabinet,
        index: PartIndex,
        *,
        random: Callable[[int], bytes],
    ) -> None:
        self._station = station
        self._cabinet = cabinet
        self._index = index
        self._random = random
        self.named: Callable[[], set[str]] = set
        """Gives the digests that open drafts name."""
        self._waiting = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # --- taking in ---

    async def put(
        self,
        actor: Actor,
        *,
        name: str,
        kind: str,
        content: bytes,
        sha256: str | None = None,
        key: str | None = None,
    ) -> KeptFile:
        """Keep a file for a draft; the same one again, while no entry has it, is kept once.

        With a key it is the same for 30 days, also once it has left.

        Args:
            actor: who adds it.
            name: a bare name.
            kind: its media type.
            content: its bytes.
            sha256: what their SHA-256 must be, in hex; None compares nothing.
            key: idempotency key.

        Raises:
            UsageError: it is empty, too large, or was broken on the way.
            InvalidFieldsError: its name, type, size or content is not taken.
            ConflictError: too many are kept.
            IdempotencyError: the key came with another file.
        """
        actor.require("draft")
        digest_of_content = hashlib.sha256(content).hexdigest()
        if sha256 not in (None, digest_of_content):
            raise UsageError(
                "the content has another SHA-256 than was named; nothing was kept",
                next_step="Send it again, and name its SHA-256 in 64 small hex digits.",
            )
        what = (name, kind, digest_of_content, actor.officer)
        known = self._cabinet.get("idempotency", _place(actor, key)) if key else None
        if known is not None:
            if known["request"] != list(what):
                raise IdempotencyError("this idempotency key was used for another file")
            return KeptFile(name=name, type=kind, bytes=len(content), digest=known["draft"])
        kept = self._cabinet.all("files")
        for digest, fields in kept:
            if not (fields["channel"] or key) and tuple(map(fields.get, _SAME)) == what:
                return _kept(digest, fields)
        salt = self._random(32)
        digest = attachment_digest(salt, content).hex()
        file = KeptFile(name=name, type=kind, bytes=len(content), digest=digest)
        _check(file, content)
        changes = self._forgotten(kept)
        left = [one for one in kept if ("files", one[0], None) not in changes]
        if (
            len(left) >= KEPT_MAX
            or sum(one["bytes"] for _, one in left) + len(content) > KEPT_BYTES_MAX
        ):
            raise ConflictError(
                "too many files wait for drafts that were not released; nothing was kept",
                next_step="Release or drop some of these drafts: parley draft list.",
            )
        fields = {
            "name": name,
            "type": kind,
            "bytes": len(content),
            "sha256": digest_of_content,
            "by": actor.officer,
            "at": self._station.now(),
            "channel": "",
            "flags": 0,
        }
        changes.append(change("files", digest, fields))
        if key:
            seen = {"request": list(what), "at": fields["at"], "draft": digest}
            changes.append(change("idempotency", _place(actor, key), seen))
        changes += [("file-parts", _key(digest, one), one.octets) for one in cut(salt, content)]
        act = Act(actor=actor, act="add file", subject=name, detail=digest)
        await self._cabinet.store(changes, act)
        return file

    def _forgotten(self, kept: Sequence[tuple[str, Fields]]) -> list[PaperChange]:
        """Return the changes that erase what nobody needs any more."""
        old = self._station.now() - KEPT_S
        named = self.named()
        return [
            one
            for digest, fields in kept
            if not fields["channel"] and fields["at"] < old and digest not in named
            for one in self._erased(digest, fields)
        ]

    @staticmethod
    def _erased(digest: str, fields: Fields) -> list[PaperChange]:
        return [
            change("files", digest, None),
            *(("file-parts", f"{digest}/{n:04d}", None) for n in range(parts_of(fields["bytes"]))),
        ]

    def content(self, digest: str) -> tuple[KeptFile, bytes]:
        """Return a file that waits.

        Raises:
            NotFoundError: none of this digest is kept whole.
        """
        fields = self._cabinet.get("files", digest)
        if fields is not None:
            numbers = range(parts_of(fields["bytes"]))
            octets = {n: raw for n in numbers if (raw := self._raw(digest, n))}
            with suppress(ParleyError):
                content = join(bytes.fromhex(digest), fields["bytes"], octets)
                return _kept(digest, fields), content
        raise NotFoundError(f"no file {digest} waits here")

    def _raw(self, digest: str, number: int) -> bytes | None:
        return self._station.reader.paper("file-parts", f"{digest}/{number:04d}")

    # --- drafts ---

    def check(self, body: Body) -> None:
        """Let a draft pass whose files are all here.

        Raises:
            InvalidFieldsError: one is not.
        """
        for place, file in enumerate(_files_of(body)):
            if not self._is_ready(body, file):
                raise _refused(not_here(place, file.name))

    def _is_ready(self, body: Body, file: KeptFile) -> bool:
        fields = self._cabinet.get("files", file.digest)
        if fields is not None and _kept(file.digest, fields) == file:
            return fields["channel"] in ("", _target(body)[0])
        key = _file_key(body.channel, self._station.party, file.digest, body.flags)
        return len(self._index.places(key, file.bytes)) == parts_of(file.bytes)

    def leaving(self, bodies: Sequence[Body]) -> list[PaperChange]:
        """Return the changes by which the files of released entries begin to leave.

        Raises:
            ConflictError: one leaves on another channel already.
        """
        changes: dict[str, PaperChange] = {}
        for body in bodies:
            for file in _files_of(body):
                fields = self._cabinet.get("files", file.digest)
                if fields is None:
                    continue  # its parts are in our log already
                channel, flags = _target(body)
                if fields["channel"] not in ("", channel):
                    raise ConflictError(f"{file.name} leaves with another entry: add it once more")
                fields |= {"channel": channel, "flags": flags}
                changes[file.digest] = change("files", file.digest, fields)
        return list(changes.values())

    # --- leaving ---

    def start(self) -> None:
        """Begin to write parts, also of what a stop or a crash left half-way."""
        self._waiting.set()
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Stop; what is not written yet is taken up at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def wake(self) -> None:
        """Look at once: something was released."""
        self._waiting.set()

    async def _run(self) -> None:
        while True:
            # Not `wait_for`: where the event is set already it can swallow a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    await self._waiting.wait()
            self._waiting.clear()
            with suppress(ParleyError):  # the record may be being opened afresh
                await self.write_parts()

    async def write_parts(self) -> None:
        """Write every part that waits into our log, as far as record and channels take it."""
        for digest, fields in self._cabinet.all("files"):
            if fields["channel"]:
                with suppress(ParleyError):
                    await self._write(digest, fields)
        for channel in self._station.channels():
            with suppress(ParleyError):
                await self._write_again(channel)

    async def _write_again(self, channel: ChannelSummary) -> None:
        """Write parts once more that were on their way when our log there came to its end."""
        lost = self._index.unheard(channel, self._station.party)
        for at in range(0, len(lost), AT_ONCE):
            entries = [
                NewEntry(kind=Kind.PART, flags=one.flags, fields=one.fields)
                for one in lost[at : at + AT_ONCE]
            ]
            await self._cabinet.append(channel.charter.channel_id, entries, [])

    async def _write(self, digest: str, fields: Fields) -> None:
        channel, flags = ChannelId(bytes.fromhex(fields["channel"])), int(fields["flags"])
        key = _file_key(channel, self._station.party, digest, flags)
        count = parts_of(fields["bytes"])
        written = set(self._index.places(key, fields["bytes"]))
        left = [n for n in range(count) if n not in written]
        for at in range(0, len(left), AT_ONCE):
            numbers = left[at : at + AT_ONCE]
            entries = [self._entry(digest, n, count, flags) for n in numbers]
            changes: list[PaperChange] = [
                ("file-parts", f"{digest}/{n:04d}", None) for n in numbers
            ]
            await self._cabinet.append(channel, entries, changes)
        await self._cabinet.store(self._erased(digest, fields))

    def _entry(self, digest: str, number: int, count: int, flags: int) -> NewEntry:
        octets = self._raw(digest, number)
        if octets is None:
            raise ConflictError(f"part {number} of the file {digest} is not kept here any more")
        part = Part(whole=bytes.fromhex(digest), number=number, count=count, octets=octets)
        return NewEntry(kind=Kind.PART, flags=flags, fields=part_fields(part))


def _refused(wrong: Problem) -> InvalidFieldsError:
    return InvalidFieldsError(((wrong.field, wrong.sentence["en"]),), told=(wrong.sentence,))


def _check(file: KeptFile, content: bytes) -> None:
    """Refuse what no entry of ours would name."""
    if not content:
        raise UsageError("the file is empty; nothing was kept")
    if len(content) > ATTACHMENT_BYTES_MAX:
        raise UsageError(f"a file has at most {ATTACHMENT_BYTES_MAX} bytes; nothing was kept")
    named: Json = {"name": file.name, "type": file.type, "bytes": file.bytes, "digest": file.digest}
    try:
        ATTACHMENTS.read([named], "attach", RAW)
        check_content(file.name, file.type, content)
    except FieldFaultError as error:
        raise _refused(problem_of(error)) from None


def _place(actor: Actor, key: str) -> str:
    """Return under which key of the papers an idempotency key of a file is remembered."""
    packed = f"file\0{actor.officer}\0{key}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(packed).hexdigest()


def _files_of(body: Body) -> list[KeptFile]:
    if F_ATTACH not in body.fields:
        return []
    shown: Any = ATTACHMENTS.show(body.fields[F_ATTACH], RAW)
    return [KeptFile(**one) for one in shown]


def _target(body: Body) -> tuple[str, int]:
    """Return where the parts of an entry's files go, and their flags: its own, but ROUTINE."""
    return body.channel.hex(), body.flags & _FLAGS_KEPT


def _file_key(channel: ChannelId, party: PartyId, digest: str, flags: int) -> FileKey:
    return FileKey(channel, party, bytes.fromhex(digest), not flags & NON_ATTRIBUTABLE)


def _kept(digest: str, fields: Fields) -> KeptFile:
    return KeptFile(name=fields["name"], type=fields["type"], bytes=fields["bytes"], digest=digest)


def _key(digest: str, part: Part) -> str:
    return f"{digest}/{part.number:04d}"

"""Whether the station is well: each check with what was found and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Final

from parley.core.instants import Instant, dtg
from parley.errors import ParleyError
from parley.station import at_rest
from parley.station.cabinet import Cabinet
from parley.station.channel_pages import ChannelPages
from parley.station.channel_state import STOPPED
from parley.station.config import Config
from parley.station.damage import stored_damage
from parley.station.desk_book import DeskBook
from parley.station.desk_views import HealthCheck
from parley.station.identity import DAY
from parley.station.interface import Station
from parley.station.keystore import token_named
from parley.station.officers import Officers
from parley.station.overview_page import OverviewPage
from parley.station.record_book import RecordBook
from parley.station.token import public_keys
from parley.station.tool_views import WebhookView
from parley.station.trust import Trust

DISK_FREE_MIN: Final = 256 * 1024 * 1024
DISK_FREE_LOOK: Final = 4 * DISK_FREE_MIN
ENDS_SOON_DAYS: Final = 60
KEY_AGE_DAYS: Final = 366
"""A station key is meant to be replaced once a year."""
COPY_AGE_DAYS: Final = 366
RECEIPT_LATE_S: Final = 600
_MIB: Final = 1024**2


class Health:
    """Makes the list of checks; what only a running station knows is left out of a closed one.

    Args:
        consoles: returns how many consoles follow what happens.
        certificate_ends: of the TLS certificate, None where its file is sealed.
    """

    def __init__(
        self,
        station: Station,
        config: Config,
        cabinet: Cabinet,
        *,
        trust: Trust,
        record: RecordBook,
        channels: ChannelPages,
        overview: OverviewPage,
        officers: Officers,
        glass_holders: Callable[[], list[str]],
        desk: DeskBook,
        consoles: Callable[[], int],
        heard: Callable[[], int],
        webhooks: Callable[[], list[WebhookView]],
        certificate_ends: int | None,
        is_running: bool,
    ) -> None:
        self._station = station
        self._config = config
        self._cabinet = cabinet
        self._trust = trust
        self._record = record
        self._channels = channels
        self._overview = overview
        self._officers = officers
        self._glass_holders = glass_holders
        self._desk = desk
        self._consoles = consoles
        self._heard = heard
        self._webhooks = webhooks
        self._certificate_ends = certificate_ends
        self._is_running = is_running

    def checks(self) -> list[HealthCheck]:
        """Return what is well with the station and what is not."""
        found = [self._disk()]
        try:
            sequence = self._station.reader.sequence()
        except ParleyError as problem:
            return [*found, _fix("record", str(problem), problem.next_step)]
        found += [_ok("record", f"{sequence} facts stored"), *self._damage()]
        if self._desk.is_taking_up:
            told = f"{self._desk.behind} facts of the record are still to be read"
            found.append(_look("desk", told, "Wait: it goes on by itself."))
        found += [self._audit(), self._card(), *self._keys(), *self._files(), *self._certificate()]
        found += [self._clock(sequence), *self._settings(), *self._peers(), *self._paths()]
        found += [
            *self._receipts(),
            *self._logs(),
            *self._console(),
            *self._glass(),
            *self._hooks(),
        ]
        if not self._desk.is_taking_up:
            found += self._renewals()
        return [*found, self._release(), self._backup()]

    def _damage(self) -> Iterator[HealthCheck]:
        """Tell of entries that the disk changed: those awaited, and those that are back."""
        awaited, back = [], []
        for one in stored_damage(self._station.reader):
            name = self._record.name(one.log, one.index)
            if one.giver:
                back.append((one.at, name, one.giver))
            else:
                awaited.append((one.at, name))
        if awaited:
            since, name = min(awaited)
            yield _fix(
                "damage",
                f"entries damaged on the disk and awaited from peers: {len(awaited)}; {name} "
                f"since {dtg(since)}",
                "Let a peer that holds it be reached: it is put back by itself. If nobody has it, "
                "parley restore FILE puts the last backup back.",
            )
        if back:
            at, name, giver = max(back)
            yield _look(
                "damage",
                f"entries damaged on the disk and put back byte for byte: {len(back)}; last {name} "
                f"from {giver}, {dtg(at)}",
                "Check the disk and its cables: it lost what it had confirmed.",
            )

    def _hooks(self) -> Iterator[HealthCheck]:
        for hook in self._webhooks():
            name = f"webhook {hook.label}"
            told = f"{hook.delivered} told, {hook.waiting} waiting"
            if hook.gone:
                yield _fix(name, f"{told}; it answered that it is gone", _REPLAY + hook.id)
            elif hook.given_up or hook.lost:
                said = f"{told}, {hook.given_up} given up, {hook.lost} lost"
                yield _fix(name, f"{said}: {hook.last_said}", _REPLAY + hook.id)
            elif hook.last_said:
                yield _look(name, f"{told}; {hook.last_said}", f"parley webhook test {hook.id}")
            else:
                yield _ok(name, told)

    # --- the machine and what lies on it ---

    def _disk(self) -> HealthCheck:
        free = shutil.disk_usage(self._config.directory).free
        remedy = "Free space on the volume of the station directory."
        if free < DISK_FREE_MIN:
            return _fix("disk", f"only {free // _MIB} MiB free", remedy)
        if free < DISK_FREE_LOOK:
            return _look("disk", f"{free // _MIB} MiB free", remedy)
        return _ok("disk", f"{free // _MIB} MiB free")

    def _audit(self) -> HealthCheck:
        broken = self._cabinet.check_audit()
        if broken is None:
            return _ok("audit", "the chain of hashes is whole")
        remedy = "Keep the database as it is and ask who wrote into it."
        return _fix("audit", f"row {broken} does not fit the chain", remedy)

    def _card(self) -> HealthCheck:
        left = (self._station.own_card.not_after - self._station.now()) // DAY
        if left < 0:
            return _fix("card", "our card has ended: peers take nothing", _ROTATE)
        told = f"our card is good for {left} days"
        return _ok("card", told) if left > ENDS_SOON_DAYS else _look("card", told, _ROTATE)

    def _keys(self) -> Iterator[HealthCheck]:
        key = max(self._station.own_card.station_keys, key=lambda each: each.number)
        now = self._station.now()
        age, left = (now - key.not_before) // DAY, (key.until - now) // DAY
        told = f"station key {key.number} is {age} days old and counts until {dtg(key.until)}"
        if left < 0:
            yield _fix("key", f"station key {key.number} ended {dtg(key.until)}", _ROTATE)
        elif age > KEY_AGE_DAYS or left <= ENDS_SOON_DAYS:
            yield _look("key", told, _ROTATE)
        else:
            yield _ok("key", told)
        yield from self._token(key.number, key.ed)
        if at_rest.has_root_key(self._config.directory):
            yield _look(
                "root-key",
                "the root keys lie on this machine: whoever takes it can be us",
                "Carry keys/root.key to a safe place and remove it here.",
            )

    def _token(self, number: int, ed: bytes) -> Iterator[HealthCheck]:
        place = token_named(self._config.path(self._config.station_key))
        if place is None:
            return
        try:
            is_there = ed in public_keys(place)
        except ParleyError as problem:
            yield _fix("token", str(problem), problem.next_step)
            return
        if is_there:
            yield _ok("token", f"station key {number} lies in token {place.label!r}, which is in")
        else:
            remedy = "Put in the token that made the key, or parley keys rotate --revoke --in-file."
            yield _fix("token", f"token {place.label!r} does not show station key {number}", remedy)

    def _files(self) -> Iterator[HealthCheck]:
        loose = at_rest.open_to_others(self._config.directory)
        if not loose:
            yield _ok("files", "keys are sealed, and no other account can open their files")
            return
        named = ", ".join(
            str(path.relative_to(self._config.directory)) if path != self._config.directory else "."
            for path in loose
        )
        yield _fix("files", f"other accounts may open {named}", "parley doctor --fix")

    def _certificate(self) -> Iterator[HealthCheck]:
        ends = self._certificate_ends
        if ends is None:
            return
        left = (ends - self._station.now()) // DAY
        told = f"the TLS certificate counts until {dtg(ends)}; peers go by its pin"
        if left > ENDS_SOON_DAYS:
            yield _ok("certificate", told)
        else:
            remedy = "parley keys certificate, where a gateway between the stations looks at dates."
            yield _look("certificate", told, remedy)

    def _clock(self, sequence: int) -> HealthCheck:
        now, offset = self._station.now(), self._config.station.clock_offset_s
        newest = self._newest(sequence)
        if newest is not None and newest > now:
            told = f"our clock is {newest - now} s before what is stored already"
            return _fix("clock", told, "Set the machine's clock by a time server.")
        if offset:
            return _ok("clock", f"runs {offset} s beside the machine's clock, as it was set to")
        heard = [link for link in self._station.links() if link.clock_offset_s is not None]
        return _ok("clock", f"compared with {_many(len(heard), 'peer')}: see clock CODE below")

    def _newest(self, sequence: int) -> Instant | None:
        """Return when the newest entry here was stored."""
        reader = self._station.reader
        for place in reader.places(sequence, 1, back=True):
            rows = reader.entries(place.log, place.index, 1)
            return rows[0].received if rows else None
        return None

    def _settings(self) -> Iterator[HealthCheck]:
        origins = self._config.origins
        outside = sorted(
            key for key, origin in origins.items() if origin.startswith("environment ")
        )
        told = f"{len(origins)} settings, none unknown"
        if outside:
            yield _look(
                "settings",
                f"set from outside parley.toml: {', '.join(outside)}",
                "parley config show --origin",
            )
        else:
            yield _ok("settings", told)

    # --- peers and channels ---

    def _peers(self) -> Iterator[HealthCheck]:
        for peer in self._trust.peers():
            if not peer.trusted:
                told = f"nothing is sent: key {peer.key_state}"
                yield _look(f"peer {peer.code}", told, peer.next)

    def _paths(self) -> Iterator[HealthCheck]:
        if not self._is_running:
            return
        for link in self._overview.links():
            up = sum(path.up for path in link.paths)
            told = f"{up} of {_many(len(link.paths), 'path')} up"
            if not link.paths:
                yield _look(
                    f"path {link.peer}",
                    "none is up, and no address is known to dial",
                    f"parley path add {link.peer} HOST:PORT, or wait until it dials.",
                )
            elif link.trusted and not up:
                yield _look(f"path {link.peer}", told, f"parley path test {link.peer}")
            else:
                yield _ok(f"path {link.peer}", told)

    def _receipts(self) -> Iterator[HealthCheck]:
        now = self._station.now()
        opened = {c.charter.code for c in self._station.channels() if c.opened}
        for row in self._overview.record_rows():
            if row.channel not in opened:
                continue
            check = f"receipt {row.peer}"
            held = f"holds {row.their_receipt_size} of our {row.own_size} on {row.channel}"
            if row.statement_at is None:
                yield _look(check, f"never signed anything on {row.channel}", _TEST + row.peer)
                continue
            told = f"signed last {dtg(row.statement_at)}, {held}"
            is_late = now - row.statement_at > RECEIPT_LATE_S
            if row.own_size > row.their_receipt_size and is_late:
                yield _look(check, told, _TEST + row.peer)
            else:
                yield _ok(check, told)

    def _logs(self) -> Iterator[HealthCheck]:
        for channel in self._station.channels():
            if channel.stopped is not None:
                yield _fix(
                    f"log {channel.charter.code}",
                    f"nothing is written into our log: {STOPPED[channel.stopped]}",
                    "parley restore --from-peer CODE",
                )

    def _renewals(self) -> Iterator[HealthCheck]:
        for channel, ends in self._channels.renewals():
            code, now = channel.charter.code, self._station.now()
            word = "ends" if ends > now else "ended"
            yield _look(
                f"channel {code}",
                f"{word} {dtg(ends)}, and we have not asked to renew it",
                f"parley channel renew {code} --until 365d, or leave it to end.",
            )

    # --- people ---

    def _console(self) -> Iterator[HealthCheck]:
        if not self._config.console.listen:
            yield _ok("console", "none is set up: [console] listen in parley.toml")
            return
        if not self._is_running:
            return
        count = self._consoles()
        if count and not self._heard():
            told = f"{_many(count, 'console')} listening, and none can sound"
            yield _look("console", told, "Press SOUND OFF: turn on, at the top of the console.")
        elif count:
            yield _ok("console", f"{_many(count, 'console')} listening")
        else:
            where = self._config.console.origin or f"http://{self._config.console.listen}"
            told = "no console is listening: nobody sees or hears an alarm there"
            yield _look("console", told, f"Open {where}, or parley watch --bell.")

    def _glass(self) -> Iterator[HealthCheck]:
        if not self._config.console.listen:
            return
        holders = self._glass_holders()
        if len(holders) > 1:
            yield _ok("break-glass", f"codes of {', '.join(holders)} are ready")
            return
        had = f"only {holders[0]} has a code" if holders else "no codes are ready"
        told = f"{had}: if nobody can sign in, nothing opens the console"
        yield _look("break-glass", told, "parley break-glass make HOLDER, for two holders.")

    def _release(self) -> HealthCheck:
        if self._config.release_policy == "one-person":
            told = "one person releases alone on this station (policy one-person)"
            return _look("release", told, "")
        able = sum(
            officer.active and bool({"releaser", "administrator"} & set(officer.roles))
            for officer in self._officers.all()
        )
        if able < 2 and not self._config.is_witness:
            told = "two persons are needed for a release, and only one can do it here"
            return _look("release", told, "parley officer add CODE --role releaser")
        return _ok("release", f"two persons are needed for a release; {able} can do it here")

    def _backup(self) -> HealthCheck:
        copied = at_rest.last_copied(self._config.directory)
        card = self._station.own_card.sequence
        if copied is None:
            return _look("backup", "card and keys were never copied from here", _COPY)
        days = max(0, self._station.now() - copied.at) // DAY
        told = f"card {copied.card} and its keys were copied {dtg(Instant(copied.at))}"
        if copied.card < card:
            return _look("backup", f"{told}; card {card} was not", _COPY)
        if days > COPY_AGE_DAYS:
            return _look("backup", told, f"See that the copy can still be read, or {_COPY}")
        when = dtg(Instant(copied.record)) if copied.record else "never by parley backup"
        return _ok("backup", f"{told}; the record: {when}")


_REPLAY: Final = "parley webhook replay "
_ROTATE: Final = "parley keys rotate --root-key FILE"
_COPY: Final = "parley keys backup FILE"
_TEST: Final = "parley path test "


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _ok(check: str, detail: str) -> HealthCheck:
    return HealthCheck(check=check, level="ok", detail=detail)


def _look(check: str, detail: str, remedy: str) -> HealthCheck:
    return HealthCheck(check=check, level="look", detail=detail, remedy=remedy)


def _fix(check: str, detail: str, remedy: str) -> HealthCheck:
    return HealthCheck(check=check, level="fix", detail=detail, remedy=remedy)

"""What must hold once a world is healed: everything arrived once, and all sides see the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parley.core.charter import Charter, decode_charter
from parley.core.entry import decode_entry
from parley.core.ids import ChannelId, LogId
from parley.core.instants import Instant
from parley.desk.desk import registers
from parley.desk.record import ChannelView, Placed
from parley.sim.invariants import InvariantBroken
from parley.sim.station import SimStation
from parley.sim.world import World
from parley.store.interface import Store
from parley.store.verify import derived_index, verify_rows

_ALL = 1_000_000


def charter_of(store: Store, channel: ChannelId) -> Charter:
    """Return a channel's charter as a disk holds it."""
    charters = map(decode_charter, store.charters())
    return next(charter for charter in charters if charter.channel_id == channel)


def has_arrived(world: World, channel: ChannelId, codes: Sequence[str]) -> bool:
    """Say whether every party's log stands whole and receipted on every other's disk."""
    for code in codes:
        station = world.stations[code]
        log = station.own_log(channel)
        if log is None:
            return False
        rows = station.disk.store.entries(log, 0, _ALL)
        for other_code in codes:
            other = world.stations[other_code]
            if other is station:
                continue
            theirs = other.own_log(channel)
            held = other.disk.store.entries(log, 0, _ALL)
            if theirs is None or [row.raw for row in held] != [row.raw for row in rows]:
                return False
            last = station.disk.store.last_statement(theirs)
            holding = None if last is None else last.signed.statement.holding(log.party)
            if holding is None or holding.inc != log.inc or holding.missing:
                return False
            if holding.size < len(rows):
                return False
    return True


def check_confirmed(world: World, said: dict[tuple[str, int], str], restored: set[str]) -> None:
    """Check that each entry confirmed to a person stands once on every member's disk.

    Args:
        world: the world, healed.
        said: text by station and token of the command that wrote it.
        restored: stations whose disk was replaced by an older copy: what they lost is lost.

    Raises:
        InvariantBroken: one is lost, or stands twice, or was changed.
    """
    texts = {code: _texts(station.disk.store) for code, station in world.stations.items()}
    for code, found in texts.items():
        twice = {text for text in found if found.count(text) > 1}
        if twice:
            raise InvariantBroken(f"{code} holds {min(twice)!r} twice")
    for (code, token), text in said.items():
        reply = world.stations[code].confirmed.get(token)
        if reply is None or not reply.places or code in restored:
            continue
        log = reply.places[0][0]
        charter = charter_of(world.stations[code].disk.store, log.channel)
        for other, station in world.stations.items():
            is_member = station.party in charter.parties
            if is_member and other not in restored and text not in texts[other]:
                raise InvariantBroken(f"{code} confirmed {text!r} and {other} does not hold it")


def check_brought_back(world: World, restored: set[str]) -> None:
    """Check that a station put back from a backup has again what any peer held of its logs.

    Raises:
        InvariantBroken: an entry of its own stands on a peer's disk and not on its own.
    """
    for code in restored:
        station = world.stations[code]
        for other in world.stations.values():
            logs = [row.log for row in other.disk.store.logs() if row.log.party == station.party]
            for log in logs:
                theirs = {row.index: row.raw for row in other.disk.store.entries(log, 0, _ALL)}
                ours = {row.index: row.raw for row in station.disk.store.entries(log, 0, _ALL)}
                lost = sorted(index for index in theirs if ours.get(index) != theirs[index])
                if lost:
                    raise InvariantBroken(
                        f"{other.code} holds entry {lost[0]} of {log.inc.hex()} by {code}, "
                        f"and {code} did not bring it back"
                    )


def _texts(store: Store) -> list[str]:
    found: list[str] = []
    for row in store.logs():
        others = len(charter_of(store, row.log.channel).parties) - 1
        for entry in store.entries(row.log, 0, _ALL):
            text = decode_entry(entry.raw, others=others).fields.get(25)
            if isinstance(text, str):
                found.append(text)
    return found


def check_records(world: World) -> None:
    """Check that every disk holds together, its case index included.

    Raises:
        InvariantBroken: a row does not hold.
    """
    cards = [station.identity.card for station in world.stations.values()]
    for code, station in world.stations.items():
        store = station.disk.store
        wrong = verify_rows(store, cards).wrong
        if wrong is not None:
            raise InvariantBroken(f"the record of {code}: {wrong.what}: {wrong.problem}")
        channels = {row.log.channel for row in store.logs()}
        kept = {(row.log, row.index): row for of in channels for row in store.index_rows(of)}
        if kept != {(row.log, row.index): row for row in derived_index(store)}:
            raise InvariantBroken(f"the index of {code} is not the one that its logs give")


def check_registers(world: World, channel: ChannelId, codes: Sequence[str]) -> bool:
    """Compare the registers of all members; False where they do not hold the same entries yet.

    Raises:
        InvariantBroken: from the same entries and statements they see different things.
    """
    views = [view_of(world.stations[code], world, channel) for code in codes]
    held = [{placed.place(channel): placed.entry for placed in view.entries} for view in views]
    if any(each != held[0] for each in held):
        return False
    numbers = [{(s.party, s.inc, s.no) for s in view.statements} for view in views]
    common = set.intersection(*numbers)
    moment = Instant(world.start + int(world.steady))
    answers = {
        registers(
            [
                replace(
                    view,
                    statements=[s for s in view.statements if (s.party, s.inc, s.no) in common],
                )
            ],
            moment,
        ).encode()
        for view in views
    }
    if len(answers) != 1:
        who = " and ".join(codes)
        raise InvariantBroken(
            f"at {world.steady:.3f} s: {who} hold the same and their registers differ"
        )
    return True


def view_of(station: SimStation, world: World, channel: ChannelId) -> ChannelView:
    """Return a channel as a station's disk holds it, in the order in which it was stored."""
    store = station.disk.store
    charter = charter_of(store, channel)
    codes = {one.party: one.code for one in world.stations.values()}
    logs = [row.log for row in store.logs() if row.log.channel == channel]
    entries = [
        _placed(store, charter, place.log, place.index)
        for place in store.places(0, _ALL)
        if place.log.channel == channel
    ]
    return ChannelView(
        charter=charter,
        codes=tuple(codes[party] for party in charter.parties),
        entries=entries,
        statements=[row.signed.statement for log in logs for row in store.statements(log, 0, _ALL)],
    )


def _placed(store: Store, charter: Charter, log: LogId, index: int) -> Placed:
    row = store.entry(log, index)
    assert row is not None
    return Placed(
        party=charter.party_number(log.party),
        inc=log.inc,
        index=index,
        entry=decode_entry(row.raw, others=len(charter.parties) - 1),
    )

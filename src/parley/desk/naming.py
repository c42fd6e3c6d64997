"""Names of entries and cases, the same at every station: `OPS/ALFA/31`, `REQ-ALFA-31`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from parley.core.canon import Value
from parley.core.entry import as_ref
from parley.core.ids import ChannelId, Incarnation
from parley.desk.fields import Json, Names, wrong
from parley.desk.order import Ordered
from parley.desk.problems import fault
from parley.desk.record import ChannelView, Place

_ENTRY = re.compile(r"([A-Za-z0-9-]{1,24})/([A-Z0-9-]{1,16})/(?:(\d{1,6})\.)?(\d{1,16})")
_CASE = re.compile(
    r"(?:([A-Za-z0-9-]{1,24})/)?([A-Z]{3})-([A-Z0-9-]{1,16})-(?:(\d{1,6})\.)?(\d{1,16})"
)


def prefix_of(name: str) -> str | None:
    """Return the letters that a case number begins with, None for the name of an entry."""
    match = _CASE.fullmatch(name)
    return None if match is None or _ENTRY.fullmatch(name) else match[2]


class RawNames(Names):
    """Names for checking the form of what came in: a reference stands for itself."""

    def ref_value(self, name: Json, where: str) -> Value:
        """Return the reference that `ref_name` wrapped."""
        if not isinstance(name, dict) or set(name) != {"ref"}:
            raise wrong(where, "a reference", "引用")
        value: Value = name["ref"]
        return value

    def ref_name(self, value: Value) -> Json:
        """Return the reference wrapped, if it has the form of one."""
        local = value
        if isinstance(value, list | tuple) and value and isinstance(value[0], bytes):
            if len(value[0]) != 16:
                raise wrong("", "a reference", "引用")
            local = list(value[1:])
        if as_ref(local) is None:
            raise wrong("", "a reference", "引用")
        wrapped: dict[str, Json] = {"ref": value}  # type: ignore[dict-item]
        return wrapped


RAW = RawNames()


class Directory:
    """Names of all places on some channels."""

    def __init__(
        self,
        views: Sequence[ChannelView],
        incs: Mapping[ChannelId, Mapping[int, Sequence[Incarnation]]],
    ) -> None:
        """Name places on these channels; `incs` are each party's incarnations there, in order."""
        self._views: dict[ChannelId, ChannelView] = {view.id: view for view in views}
        self._incs = incs

    def code_of(self, place: Place) -> str:
        """Return the code of an entry's author; its number where the charter has no such party."""
        codes = self._views[place.channel].codes
        return codes[place.party] if place.party < len(codes) else str(place.party)

    def number(self, place: Place) -> str:
        """Return `31`, or `2.31` in the party's second incarnation."""
        incs = self._incs[place.channel].get(place.party, [])
        ordinal = incs.index(place.inc) + 1 if place.inc in incs else 0
        return str(place.index) if ordinal == 1 else f"{ordinal}.{place.index}"

    def entry_name(self, place: Place) -> str:
        """Return `OPS/ALFA/31`; the channel's id where the channel is not known here."""
        if place.channel not in self._views:
            return f"{place.channel.hex()}/{place.party}/{place.index}"
        label = self._views[place.channel].label
        return f"{label}/{self.code_of(place)}/{self.number(place)}"

    def case_number(self, prefix: str, opening: Place) -> str:
        """Return `REQ-ALFA-31`."""
        return f"{prefix}-{self.code_of(opening)}-{self.number(opening)}"

    def places(self, name: str) -> list[Place]:
        """Return every place that an entry name or case number can mean."""
        if match := _ENTRY.fullmatch(name):
            label, code, ordinal, index = match.groups()
        elif match := _CASE.fullmatch(name):
            label, _, code, ordinal, index = match.groups()
        else:
            return []
        found: list[Place] = []
        for view in self._views.values():
            if (label and label not in (view.label, view.name)) or code not in view.codes:
                continue
            party = view.number_of(code)
            incs = self._incs[view.id].get(party, [])
            rank = int(ordinal or 1) - 1
            if 0 <= rank < len(incs):
                found.append(Place(channel=view.id, party=party, inc=incs[rank], index=int(index)))
        return found

    def latest(self, channel: ChannelId, party: int) -> Incarnation | None:
        """Return the party's newest incarnation known on the channel."""
        incs = self._incs[channel].get(party, [])
        return incs[-1] if incs else None


class EntryNames(Names):
    """Names as one entry's references mean them."""

    def __init__(self, directory: Directory, entry: Ordered) -> None:
        self._directory = directory
        self._entry = entry

    def ref_value(self, name: Json, where: str) -> Value:
        """Refuse: what is in the record is only read."""
        raise wrong(where, f"a name to be written, {name}", "可写入的名称")

    def ref_name(self, value: Value) -> Json:
        """Return the name of the entry referred to."""
        place = ref_place(value, self._entry)
        return None if place is None else self._directory.entry_name(place)


def ref_place(value: Value, entry: Ordered) -> Place | None:
    """Return the place that a reference in `entry` means, on its own or another channel."""
    if isinstance(value, list | tuple) and len(value) in (3, 4) and isinstance(value[0], bytes):
        local = as_ref(list(value[1:]))
        if len(value[0]) != 16 or local is None or local.inc is None:
            return None
        return Place(
            channel=ChannelId(value[0]), party=local.party, inc=local.inc, index=local.index
        )
    ref = as_ref(value)
    return None if ref is None else entry.resolve(ref)


class DraftNames(Names):
    """Names for a draft on one channel: every place is written with its incarnation if needed."""

    def __init__(
        self, directory: Directory, channel: ChannelId, means: Mapping[int, Incarnation]
    ) -> None:
        self._directory = directory
        self._channel = channel
        self._means = means

    def ref_value(self, name: Json, where: str) -> Value:
        """Return the wire form of the place named; the channel is left out where it is this one."""
        if not isinstance(name, str):
            raise wrong(where, "the name of an entry, or a short text", "条目名称或简短文字")
        places = self._directory.places(name)
        here = [place for place in places if place.channel == self._channel] or places
        if len(here) != 1:
            raise fault(where, "no_such_entry", found=name)
        return self.wire(here[0])

    def wire(self, place: Place) -> Value:
        """Return the wire form of a place."""
        if place.channel != self._channel:
            return [place.channel, place.party, place.index, place.inc]
        if self._means.get(place.party) == place.inc:
            return [place.party, place.index]
        return [place.party, place.index, place.inc]

    def ref_name(self, value: Value) -> Json:
        """Refuse: a draft is only written."""
        raise wrong("", f"a reference to be read, {value!r}", "可读取的引用")

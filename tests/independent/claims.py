"""Which word each claim of a bundle earns, from spec/bundle.md."""

from __future__ import annotations

from typing import Any

from independent import bundles, identity, revoked
from independent.bundles import Note, Read
from independent.logs import OFF_RECORD, Part
from independent.values import RefusedError, need

NO_ANSWER = {0, 2, 3, 4, 6, 9}


class Judge:
    """A reader of one bundle, with a list of whom he trusts."""

    def __init__(self, raw: bytes, parties: list[bytes], witnesses: list[str]) -> None:
        self.read: Read = bundles.read(raw, witnesses)
        self.trusted = set(parties)
        self.listed = witnesses
        self.witnesses = {identity.read_verifier_key(each)[2] for each in witnesses}
        revoked.take_newest(self.read)
        self.standing = {
            id(note): revoked.standing(self.read, note, self.witnesses) for note in self.read.notes
        }
        self.split = self._split()
        if any(set(note.cosigned) - self.witnesses for note in self.read.notes):
            self.read.unchecked.append("a witness that only the charter names")

    def verdicts(self) -> list[tuple[int, str]]:
        """Exit and word of each claim."""
        return [self._one(each) for each in self.read.claims]

    def _split(self) -> set[str]:
        found = set()
        counted = [note for note in self.read.notes if self._against(note)]
        for a in counted:
            for b in counted:
                same = a is not b and a.statement.origin == b.statement.origin
                if same and (self._fork(a, b) or self._rollback(a, b)):
                    found.add(a.statement.origin)
        return found

    def _parts(self, origin: str) -> list[Part]:
        return [part for part in self.read.parts if part.origin == origin]

    def _fork(self, a: Note, b: Note) -> bool:
        small, large = sorted((a.statement, b.statement), key=lambda each: each.size)
        if small.size == large.size:
            return small.root != large.root
        return any(
            part.root(large.size) == large.root and part.root(small.size) not in (None, small.root)
            for part in self._parts(small.origin)
        )

    def _is_sure(self, note: Note) -> bool:
        return self.standing.get(id(note)) != "subject"

    @staticmethod
    def _rollback(a: Note, b: Note) -> bool:
        small, large = sorted((a.statement, b.statement), key=lambda each: each.size)
        if small.size == large.size:
            return False
        return small.time > large.time or small.number > large.number

    def _against(self, note: Note) -> bool:
        trusted = self.read.fp(note.statement.pid) in self.trusted
        return trusted and self.standing.get(id(note)) != "worthless"

    def _for(self, note: Note) -> bool:
        return (
            self._against(note)
            and note.in_window()
            and self.standing.get(id(note)) == "good"
            and note.statement.origin not in self.split
        )

    def _one(self, claim: list[Any]) -> tuple[int, str]:
        self.only: Part | None = None
        best = self._under(claim)
        showing = [each for each in self._parts(self.origin) if self.index in each.views]
        if claim[0] in (4, 5) or len(showing) < 2:
            return best
        for self.only in showing:
            best = min(best, self._under(claim), key=lambda each: each[0])
        return best

    def _under(self, claim: list[Any]) -> tuple[int, str]:
        what, party, index, inc, about, on = claim
        chosen = [self.read.notes[n] for n in on] or self.read.notes
        self.channel = chosen[0].statement.channel
        charter = self.read.charters[self.channel]
        self.a, self.b = charter[1][party], charter[1][about]
        self.inc, self.index, self.party = inc, index, party
        self.origin = f"parley1/{self.channel.hex()}/{self.a.hex()}/{inc.hex()}"
        need(self.origin in self.read.spoken_of, "a log that is not there")
        need(index > 0 or what in (0, 4, 5), "an opening entry is no subject")
        if what in (4, 5):
            return self._history(what, chosen)
        if what in (0, 6):
            return self._shown(what, chosen)
        if party == about:
            return 14, "not checked"
        word, part, receipts = self._delivered(chosen)
        if what == 1 and not any(note in chosen for note in receipts):
            return 14, word
        if word != "delivered" or what == 1:
            named = [note for note in receipts if note in chosen]
            good = [note for note in named if self.standing[id(note)] == "good"]
            return self._bound(word, self._earliest(receipts), (good or named)[:1])
        if what == 7:
            return self._answered(part, receipts, chosen)
        if part is not None and self._off_record(part, self.index):
            return 14, "delivered, off the record"
        no = self._no_silence(part)
        if no is not None:
            return no
        if what == 2:
            return self._lapsed(part, receipts, chosen)
        return 14, "delivered, then dark (as far as seen)"

    def _bound(
        self, word: str, chosen: list[Note], weighed: list[Note] | None = None
    ) -> tuple[int, str]:
        """The word where the logs of `chosen` are bound to the charter, and no doubt of `weighed`."""
        for origin in {self.origin, *(note.statement.origin for note in chosen)}:
            opened = [
                part
                for part in self._parts(origin)
                if 0 in part.views and part.field(0, 16) is not ... is not part.field(0, 17)
            ]
            if not opened:
                return 14, word
        if any(not self._is_sure(note) for note in (chosen if weighed is None else weighed)):
            return 14, word
        full = word in ("delivered", "extract", "record", "answered", "lapsed")
        return (0 if full and not self.read.unchecked else 14), word

    @staticmethod
    def _earliest(receipts: list[Note]) -> list[Note]:
        """By number in one log; of several logs the first by time, then by place in the bundle."""
        first: dict[str, Note] = {}
        for note in receipts:
            held = first.setdefault(note.statement.origin, note)
            if note.statement.number < held.statement.number:
                first[note.statement.origin] = note
        return sorted(first.values(), key=lambda note: note.statement.time)[:1]

    @staticmethod
    def _off_record(part: Part, index: int) -> bool:
        view = part.views[index]
        return isinstance(view[4], bytes) or bool(view[2] & OFF_RECORD)

    def _history(self, what: int, chosen: list[Note]) -> tuple[int, str]:
        mine = [n for n in chosen if n.statement.origin == self.origin and self._against(n)]
        test = self._fork if what == 4 else self._rollback
        found = [(a, b) for a in mine for b in mine if a is not b and test(a, b)]
        if found:
            sizes = {min(a.statement.size, b.statement.size) for a, b in found}
            need(self.index in sizes, "the smaller size")
            sure = any(self._is_sure(a) and self._is_sure(b) for a, b in found)
            full = sure and not self.read.unchecked
            return (0 if full else 14), "fork" if what == 4 else "rollback"
        if len(mine) < 2:
            return 14, "not shown"
        agree = all(self._agree(what, a, b) for a in mine for b in mine if a is not b)
        return (7, "no fork or rollback") if agree else (14, "hearsay")

    def _agree(self, what: int, a: Note, b: Note) -> bool:
        small, large = sorted((a.statement, b.statement), key=lambda each: each.size)
        if what == 5 or small.size == large.size:
            return True
        return any(
            (part.root(small.size), part.root(large.size)) == (small.root, large.root)
            for part in self._parts(self.origin)
        )

    def _shown(self, what: int, chosen: list[Note]) -> tuple[int, str]:
        for part in self._parts(self.origin):
            if self.index not in part.views or self.only not in (None, part):
                continue
            under = [
                note
                for note in chosen
                if note.statement.origin == self.origin
                and self._against(note)
                and note.statement.size > self.index
                and part.root(note.statement.size) == note.statement.root
            ]
            if not under:
                continue
            if what == 0 and self.index - 1 in part.views:
                return 7, "another record"
            under = [note for note in under if self._for(note)]
            if not under:
                return 14, "counts against its author only"
            if what == 6:
                if self._off_record(part, self.index):
                    return 14, "off-record entry passed"
                return self._bound("extract", [under[0]])
            whole = all(
                i in part.views and not self._hidden(part, i) for i in range(self.index, part.size)
            )
            covers = any(note.statement.size == part.size for note in under)
            if whole and covers:
                return self._bound("record", [under[0]])
        return 14, "not shown"

    @staticmethod
    def _hidden(part: Part, index: int) -> bool:
        view = part.views[index]
        return isinstance(view[4], dict) and set(view[4]) - {0} != set(view[5])

    def _delivered(self, chosen: list[Note]) -> tuple[str, Part | None, list[Note]]:
        word = "not shown"
        for part in self._parts(self.origin):
            if self.index not in part.views or self.only not in (None, part):
                continue
            own = any(
                note.statement.origin == self.origin
                and self._for(note)
                and note.statement.size > self.index
                and part.root(note.statement.size) == note.statement.root
                for note in chosen
            )
            receipts = []
            for note in self.read.notes:
                if note.statement.channel != self.channel:
                    continue
                if note.statement.pid != self.b or not self._against(note):
                    continue
                for held in note.statement.holds:
                    if (held.pid, held.inc) != (self.a, self.inc) or held.size <= self.index:
                        continue
                    if any(a <= self.index < b for a, b in held.missing):
                        continue
                    given = part.root(held.size)
                    if given == held.root:
                        receipts.append(note)
                    elif given is not None:
                        word = "contradiction"
            receipts.sort(key=lambda note: note.statement.number)
            if receipts:
                return ("delivered" if own else "admitted"), part, receipts
        return word, None, []

    def _refers(self, part: Part, index: int, field: int) -> bool | None:
        """Whether a field names the subject; None if that cannot be seen."""
        value = part.field(index, field)
        if value is None:
            return False
        if value is ...:
            return None
        if not isinstance(value, list) or not 2 <= len(value) <= 3:
            return False
        if any(type(each) is not int for each in value[:2]):
            return False
        if value[:2] != [self.party, self.index]:
            return False
        if len(value) == 3:
            return bool(value[2] == self.inc)
        return True if part.origin == self.origin else self._turned(part, index)

    def _turned(self, part: Part, index: int) -> bool | None:
        """Whether the author's last turn below an entry names the incarnation."""
        below, above = -1, None
        inc_below = inc_above = None
        for note in self.read.notes:
            said = note.statement
            if said.origin != part.origin or part.root(said.size) != said.root:
                continue
            for held in said.holds:
                if held.pid == self.a and below < said.size <= index:
                    below, inc_below = said.size, held.inc
                if (
                    held.pid == self.a
                    and said.size > index
                    and (above is None or said.size < above)
                ):
                    above, inc_above = said.size, held.inc
        for at in range(index - 1, max(below, 0) - 1, -1):
            if at not in part.views:
                break
            if part.views[at][0] == 3 and part.field(at, 16) == self.party:
                named = part.field(at, 17)
                if isinstance(named, bytes):
                    return bool(named == self.inc)
                break
        else:
            if inc_below is not None:
                return bool(inc_below == self.inc)
        if inc_above is None:
            return None
        if inc_above == inc_below:
            return bool(inc_above == self.inc)
        between = range(index, above or 0)
        if all(i in part.views and part.views[i][0] != 3 for i in between):
            return bool(inc_above == self.inc)
        return None

    def _answered(self, part: Any, receipts: list[Note], chosen: list[Note]) -> tuple[int, str]:
        for note in receipts:
            if not self._for(note) or note not in chosen:
                continue
            for theirs in self._parts(note.statement.origin):
                if theirs.root(note.statement.size) != note.statement.root:
                    continue
                for index in theirs.views:
                    if index < note.statement.size and self._answers(theirs, index) is True:
                        return self._bound("answered", [*self._earliest(receipts), note])
        return 14, "not shown"

    def _answers(self, part: Part, index: int) -> bool | None:
        view = part.views[index]
        named = [self._refers(part, index, n) for n in (1, 4)]
        if self._off_record(part, index):
            return False
        if view[0] in NO_ANSWER and not (view[0] == 2 and part.field(index, 32) in (10, ...)):
            return False
        if True in named:
            return True if view[0] != 2 or part.field(index, 32) == 10 else None
        return None if None in named else False

    def _no_silence(self, part: Any) -> tuple[int, str] | None:
        due = part.field(self.index, 5)
        timed = type(due) is int and due >= 60
        instant = isinstance(due, list) and len(due) == 1 and type(due[0]) is int and due[0] >= 0
        if due is not ... and not timed and not instant:
            return 7, "delivered; no clock"
        if any(
            self._answers(each, index)
            for each in self.read.parts
            if each.origin.split("/")[1:3] == [self.channel.hex(), self.b.hex()]
            for index in each.views
        ):
            return 7, "answered"
        return (14, "delivered") if due is ... else None

    def _lapsed(self, part: Any, receipts: list[Note], chosen: list[Note]) -> tuple[int, str]:
        first = receipts[0]
        part.field(self.index, 5)
        later = [
            note
            for note in chosen
            if note.statement.pid == self.b
            and note.statement.channel == self.channel
            and note.statement.number > first.statement.number
            and self._against(note)
        ]
        if not later:
            return 14, "delivered"
        tries = [self._until(part, receipts, second) for second in later]
        return min(tries, key=lambda each: (each[0] != 0, each[0] != 7))

    def _until(self, part: Any, receipts: list[Note], second: Note) -> tuple[int, str]:
        """The word that one later statement earns."""
        first = receipts[0]
        said = first.statement
        due = part.field(self.index, 5)
        if self._restarted(said.origin):
            return 14, "silent, across a restart"
        theirs = [
            each
            for each in self._parts(said.origin)
            if each.root(said.size) == said.root
            and each.root(second.statement.size) == second.statement.root
        ]
        if not theirs:
            return 14, "silent, with entries not produced"
        shown = theirs[0]
        starts = [0]
        for note in self.read.notes:
            each = note.statement
            if each.origin == said.origin and note not in receipts and self._against(note):
                lower = each.number <= said.number and each.time <= said.time
                if lower and each.size <= said.size and shown.root(each.size) == each.root:
                    starts.append(each.size)
        starts += [
            i + 1
            for i, view in shown.views.items()
            if i < said.size and self._seen(view) <= self.index
        ]
        missing = 0
        known = [
            note.statement
            for note in self.read.notes
            if note.statement.origin == said.origin
            and self._against(note)
            and note.statement.number <= second.statement.number
        ]
        end = max(each.size for each in known if shown.root(each.size) == each.root)
        for index in range(max(starts), end):
            if index not in shown.views:
                missing += 1
                continue
            answer = self._answers(shown, index)
            if shown.views[index][0] == 5 and not self._off_record(shown, index):
                return 7, "closed"
            if answer:
                return 7, "answered"
            missing += answer is None
        held = [h for h in second.statement.holds if (h.pid, h.inc) == (self.a, self.inc)]
        lines = [h for each in known for h in each.holds if h.pid == self.a and h.inc == self.inc]
        most = max(h.size for h in lines)
        withdrawn = any(h.size == most and part.root(most) != h.root for h in lines)
        withdrawn |= any(h.pid == self.a and h.inc != self.inc for h in second.statement.holds)
        until = max(h.size for h in lines if part.root(h.size) == h.root)
        for index in range(self.index + 1, until):
            if index not in part.views:
                withdrawn = True
                continue
            kind = part.views[index][0]
            if self._off_record(part, index):
                continue
            if kind == 5:
                return 7, "closed"
            if kind in (2, 6, part.views[self.index][0]):
                continue
            named = [self._refers(part, index, n) for n in (1, 4)]
            if True in named:
                return 7, "withdrawn"
            withdrawn |= None in named
        period = due if isinstance(due, int) else None
        if due is ...:
            return 14, "delivered"
        ends = self.read.charters[self.channel].get(7)
        when = said.time + period if period is not None else due[0]
        over = second.statement.time >= when > said.time and (ends is None or when < ends)
        under_root = bool(held) and part.root(held[0].size) == held[0].root
        by_others = self._by_witness(part, held[0].size if under_root else 0, due, receipts)
        over = over or by_others
        if missing:
            return 14, "silent, with entries not produced"
        if withdrawn:
            return 14, "silent, unless withdrawn"
        if not over:
            return 14, "delivered; time not over"
        return self._bound("lapsed", [first, second])

    def _restarted(self, origin: str) -> bool:
        """Whether anything names another log of B than this one."""
        inc = bytes.fromhex(origin.split("/")[3])
        said = [note.statement for note in self.read.notes]
        here = [each for each in said if each.channel == self.channel]
        held = {h.inc for each in here for h in each.holds if h.pid == self.b}
        named = {name for name in self.read.spoken_of if f"/{self.b.hex()}/" in name}
        if any(self._tells_of_another(part, inc) for part in self.read.parts):
            return True
        return held | {inc} != {inc} or any(
            name.split("/")[1] == self.channel.hex() and name != origin for name in named
        )

    def _tells_of_another(self, part: Part, inc: bytes) -> bool:
        """Whether a turn to B names another log, or field 18 of it or of B's opening one before."""
        _, channel, pid, _ = part.origin.split("/")
        if channel != self.channel.hex():
            return False
        number = self.read.charters[self.channel][1].index(self.b)
        for index, view in part.views.items():
            if pid == self.b.hex():
                about = index == 0 and view[0] == 0
            else:
                about = view[0] == 3 and part.field(index, 16) == number
            named = part.field(index, 17) if about else None
            if isinstance(named, bytes) and len(named) == 8 and named != inc:
                return True
            if about and isinstance(view[4], dict) and 18 in view[4]:
                return True
        return False

    def _by_witness(self, part: Part, held: int, due: Any, receipts: list[Note]) -> bool:
        """Class T2: by cosignatures on B's receipt and on A's token that B holds."""
        received = [stamp for note in receipts for stamp in self._stamps(note)]
        tokens = []
        for index, view in part.views.items():
            if view[0] != 6 or index >= held or view[2] & OFF_RECORD:
                continue
            whole = part.field(index, 17)
            if part.field(index, 16) != 3 or not isinstance(whole, str):
                self.read.unchecked.append("a time token of another type")
                continue
            try:
                tokens += self._stamps(bundles.read_one(self.read, whole, self.listed))
            except RefusedError:
                continue
        if not received or not tokens:
            return False
        when = due[0] if isinstance(due, list) else min(received) + due
        ends = self.read.charters[self.channel].get(7)
        return bool(min(received) < when <= max(tokens)) and (ends is None or when < ends)

    def _stamps(self, note: Note) -> list[int]:
        return [t for key, t in note.cosigned.items() if t > 0 and key in self.witnesses]

    def _seen(self, view: list[Any]) -> int:
        if isinstance(view[3], int):
            return view[3]
        members = [pid for pid in self.read.charters[self.channel][1] if pid != self.b]
        return int(view[3][members.index(self.a)])


def judge(raw: bytes, parties: list[bytes], witnesses: list[str]) -> tuple[int, list[str]]:
    """Exit and words for a bundle; 7 before 14 before 0."""
    try:
        reader = Judge(raw, parties, witnesses)
        verdicts = reader.verdicts()
    except RefusedError as why:
        return 7, [str(why)]
    exits = {code for code, _ in verdicts}
    code = 7 if 7 in exits else 14 if 14 in exits or reader.read.unchecked else 0
    return code, [word for _, word in verdicts]

"""One entry of a case, told in names: what declarations and views read of it."""

from __future__ import annotations

from parley.core.canon import Value
from parley.desk.case import Taken
from parley.desk.catalogue import fields_of
from parley.desk.facts import StepFacts
from parley.desk.fields import Json
from parley.desk.fold import office_of
from parley.desk.naming import Directory, EntryNames
from parley.desk.problems import problem_of
from parley.desk.record import ChannelView
from parley.desk.times import PRECISIONS
from parley.errors import FieldFaultError


class Step(StepFacts):
    """One entry of a case, told in names."""

    def __init__(self, taken: Taken, view: ChannelView, directory: Directory) -> None:
        self.taken = taken
        self._directory = directory
        self.place = taken.place
        self.claimed = taken.ordered.entry.time
        self.party = directory.code_of(taken.place)
        self.office = office_of(
            view.codes, taken.place.party, taken.read.desk if taken.read else ""
        )
        self.move = taken.read.move.full_name if taken.read else ""

    @property
    def name(self) -> str:  # type: ignore[override]
        """Return the entry's name."""
        return self._directory.entry_name(self.place)

    def wire(self, field: str) -> Value:
        """Return the wire value of a field, None when absent."""
        return self.taken.read.values.get(field) if self.taken.read else None

    def json(self, field: str) -> Json:
        """Return the JSON form of a field, None when absent."""
        entry = self.taken.ordered.entry
        if field == "precedence":
            return entry.precedence.letter
        read = self.taken.read
        if read is None or field not in read.values:
            return None
        kind = fields_of(read.move)[field].type
        return kind.show(read.values[field], EntryNames(self._directory, self.taken.ordered))

    def fields(self) -> dict[str, Json]:
        """Return every field it carries; one that cannot be shown says why."""
        shown: dict[str, Json] = {}
        for name in self.taken.read.values if self.taken.read else ():
            try:
                shown[name] = self.json(name)
            except FieldFaultError as error:
                shown[name] = problem_of(error).sentence["en"]
        return shown

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages of its texts."""
        texts = self.json("text")
        rows = texts if isinstance(texts, list) else []
        return tuple(str(row["lang"]) for row in rows if isinstance(row, dict))

    @property
    def precision(self) -> str:
        """Return how exactly the author's time is known."""
        level = self.wire("precision")
        return PRECISIONS[level] if isinstance(level, int) else "exact"

"""Files in random worlds: whole or named missing or damaged, whoever lies about them."""

import pytest

from parley.core.attachment import cut
from parley.sim import files
from parley.sim.files import FileTraffic
from parley.sim.plan import Options
from parley.sim.run import simulate
from parley.station.part_index import PartIndex

FILES, LIES = Options(files=True), Options(files=True, hostile=True)


@pytest.mark.parametrize(("options", "seeds"), [(FILES, range(4)), (LIES, range(5, 11))])
def test_files_arrive_whole_or_are_named_missing_or_damaged(options, seeds, monkeypatch):
    states = []
    original = FileTraffic.check

    def checked(self, restored):
        states.extend(one.state for one in self._sent)
        original(self, restored)

    monkeypatch.setattr(FileTraffic, "check", checked)
    reports = [simulate(seed, options=options) for seed in seeds]

    assert not [report.line() for report in reports if not report.ok]
    assert sum(report.faults["file"] for report in reports) == len(states) >= 15
    assert set(states) == ({"whole"} if options is FILES else {"whole", "missing", "damaged"})


def test_one_seed_gives_one_world_with_files_too():
    lines: list[list[str]] = [[], []]
    for played in lines:
        simulate(2, options=LIES, trace=played.append)
    assert lines[0] == lines[1]


def what_breaks(options=LIES, seeds=8):
    reports = (simulate(seed, options=options) for seed in range(seeds))
    return next((report.broken for report in reports if report.broken), "")


def test_a_file_of_which_a_part_is_never_written_is_found(monkeypatch):
    monkeypatch.setattr(files, "cut", lambda salt, content: list(cut(salt, content))[:-1])
    assert "sent a file that is whole, and at" in what_breaks(FILES)


def test_an_index_that_takes_parts_of_another_count_is_found(monkeypatch):
    def places(self, key, size):
        self._look(key.channel)
        held = self._found.get(key, {})
        return {number: place for (number, _, _), place in held.items()}

    monkeypatch.setattr(PartIndex, "places", places)
    monkeypatch.setattr("random.Random.choice", _only_other_counts)
    assert "index of parts" in what_breaks()


def _only_other_counts(self, options):
    if "of other counts" in options:
        return "of other counts"
    return options[self._randbelow(len(options))]

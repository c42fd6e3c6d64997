"""Whole worlds from seeds, with faults, under the invariants."""

import pytest

from parley.core.items import Held
from parley.core.replica import Replica
from parley.sim.run import simulate
from parley.sim.station import Disk


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_twenty_worlds_hold(first):
    broken = [
        report.line() for seed in range(first, first + 20) if not (report := simulate(seed)).ok
    ]
    assert not broken, "\n".join(broken)


def test_one_seed_gives_one_world():
    lines: list[list[str]] = [[], []]
    for run in lines:
        simulate(3, trace=run.append)
    assert lines[0] == lines[1]
    assert len(lines[0]) > 50


def breaks(seeds=range(12)) -> bool:
    return any(not simulate(seed).ok for seed in seeds)


def test_a_receipt_for_what_is_not_stored_is_found(monkeypatch):
    monkeypatch.setattr(Replica, "holding", lambda self: Held(self.signed))
    assert breaks(range(40))


def test_an_entry_taken_twice_is_found(monkeypatch):
    def every_arrival(self):
        return [self.pending.pop(index) for index in sorted(self.pending) if index < self.signed]

    monkeypatch.setattr(Replica, "held", lambda self, index: False)
    monkeypatch.setattr(Replica, "proved_gaps", every_arrival)
    assert breaks(range(40))


def test_a_disk_that_confirms_too_early_is_found(monkeypatch):
    original = Disk.__init__

    def lying(self, *args, **kwargs):
        original(self, *args, **kwargs)
        self.lies = True

    monkeypatch.setattr(Disk, "__init__", lying)
    assert breaks()


def test_a_statement_that_names_what_is_not_known_yet_starts_no_storm() -> None:
    report = simulate(82)

    assert report.ok
    assert report.events < 10_000

from __future__ import annotations

from pathlib import Path

import pytest

from parley.core.ids import Incarnation, LogId
from parley.errors import StoreError
from parley.store.highwater import Marks
from parley.store.interface import HighWater
from support.records import Record, make_party

LOG = Record().all[0].id
OTHER = LogId(LOG.channel, LOG.party, Incarnation(b"\1" * 8))


def test_marks_are_read_back_as_written(tmp_path: Path) -> None:
    marks = Marks(tmp_path)

    written = [HighWater(log=OTHER, size=0), HighWater(log=LOG, size=2**53 - 1, no=2**53 - 1)]
    marks.write(written)

    assert marks.read() == {mark.log: mark for mark in written}
    assert [path.name for path in tmp_path.iterdir()] == ["marks"]


def test_a_mark_that_equals_or_lags_the_store_is_no_problem(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.write([HighWater(log=LOG, size=7)])

    assert marks.check({LOG: 7}) == []
    assert marks.check({LOG: 8}) == []


def test_a_mark_ahead_of_the_store_is_reported(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.write([HighWater(log=LOG, size=7)])

    (problem,) = marks.check({LOG: 6})

    assert (problem.kind, problem.log, problem.marked, problem.stored) == ("ahead", LOG, 7, 6)
    assert "7 entries" in problem.text


def test_statements_signed_since_a_backup_are_missed_though_the_log_did_not_grow(
    tmp_path: Path,
) -> None:
    marks = Marks(tmp_path)
    marks.write([HighWater(log=LOG, size=7, no=60)])

    assert marks.check({LOG: 7}, {LOG: 60}) == []
    (problem,) = marks.check({LOG: 7}, {LOG: 12})

    assert (problem.kind, problem.log, problem.marked, problem.stored) == ("ahead", LOG, 60, 12)


def test_missing_marks_are_reported_once_there_is_a_log(tmp_path: Path) -> None:
    marks = Marks(tmp_path)

    assert marks.check({}) == []
    (problem,) = marks.check({LOG: 6})
    assert (problem.kind, problem.log) == ("missing", None)


def test_a_log_without_its_mark_is_reported(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.write([HighWater(log=OTHER, size=3)])

    (problem,) = marks.check({LOG: 6})

    assert (problem.kind, problem.log, problem.stored) == ("missing", LOG, 6)


def test_a_marked_log_that_the_store_does_not_know_is_reported(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    other = LogId(LOG.channel, make_party("BRAVO").id, LOG.inc)
    marks.write([HighWater(log=other, size=3)])

    (problem,) = marks.check({})

    assert (problem.kind, problem.log, problem.stored) == ("ahead", other, 0)


def test_an_older_incarnation_needs_no_place_in_the_store_list(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.write([HighWater(log=OTHER, size=30), HighWater(log=LOG, size=3)])

    assert marks.check({LOG: 3}) == []


@pytest.mark.parametrize("at", range(0, 120, 7))
def test_a_changed_byte_makes_the_marks_unreadable(tmp_path: Path, at: int) -> None:
    marks = Marks(tmp_path)
    marks.write([HighWater(log=LOG, size=7)])
    raw = bytearray(marks.path.read_bytes())
    raw[at] ^= 1
    marks.path.write_bytes(raw)

    assert marks.read() is None
    assert [problem.kind for problem in marks.check({LOG: 7})] == ["missing"]


def test_a_torn_new_file_beside_leaves_the_old_marks(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    marks.write([HighWater(log=LOG, size=7)])
    (tmp_path / "marks.new").write_bytes(b"parley ma")

    assert marks.read() == {LOG: HighWater(log=LOG, size=7)}
    marks.write([HighWater(log=LOG, size=8)])
    assert marks.read() == {LOG: HighWater(log=LOG, size=8)}


def test_a_place_that_is_gone_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        Marks(tmp_path / "gone").write([HighWater(log=LOG, size=7)])

    assert refused.value.next_step

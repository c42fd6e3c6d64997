"""A writer process is killed at random moments; nothing that it confirmed is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parley.store.sqlite import SqliteStore
from parley.store.verify import verify_rows
from support.records import Record

pytestmark = pytest.mark.faults

KILLS = 100
TESTS = Path(__file__).parents[1]

# One process forks a writer for each round: imports are paid once. A writer reopens the record,
# writes entry and statement in one batch, and says the new size only after commit returned.
_WRITERS = """
import os, sys
from pathlib import Path
from support.records import Record, index_of, rows_of
from parley.core.instants import Instant
from parley.store.interface import Batch, StatementRow
from parley.store.sqlite import SqliteStore

path = Path(sys.argv[1])
record = Record()
alfa = record.parties[0]
log = record.logs[alfa.id]

def grow(number):
    record.now += 1
    record.say(alfa, f"Line {number} " + "x" * (number * 37 % 3000))
    record.sign(alfa)

def batch(first):
    signed = [one for one in log.statements if one.statement.size > first]
    return Batch(
        entries=rows_of(log, first), index=index_of(log)[first:],
        statements=[StatementRow(signed=one, received=Instant(record.now)) for one in signed],
    )

def write():
    store = SqliteStore(path)
    held = sum(1 for _ in store.leaves(log.id))
    while len(log.entries) < held:
        grow(len(log.entries))
    os.write(1, b"open\\n")
    while True:
        first = len(log.entries)
        for _ in range(1 + first % 4):
            grow(len(log.entries))
        store.commit(batch(first))
        os.write(1, f"{len(log.entries)}\\n".encode())

record.sign(alfa)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            write()
        finally:
            os._exit(1)
    os.write(2, f"{child}\\n".encode())
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


def test_a_writer_killed_a_hundred_times_loses_nothing_it_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "station.sqlite"
    record = Record()
    alfa = record.parties[0]
    record.sign(alfa)
    store = SqliteStore(path)
    store.commit(record.batch())
    store.close()
    log = record.all[0].id
    chance = random.Random(3)
    confirmed, sizes = 1, []
    with subprocess.Popen(
        [sys.executable, "-c", _WRITERS, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    ) as writers:
        assert writers.stdin
        assert writers.stdout
        assert writers.stderr
        for _ in range(KILLS):
            writers.stdin.write("go\n")
            writers.stdin.flush()
            child = int(writers.stderr.readline())
            if chance.random() < 0.8:
                # Most rounds: let it write; the others: kill it while it opens and recovers.
                assert writers.stdout.readline() == "open\n"
            time.sleep(chance.random() * 0.03)
            os.kill(child, signal.SIGKILL)
            while (line := writers.stdout.readline()) != "gone\n":
                assert line, writers.stderr.read()
                if line != "open\n":
                    confirmed = int(line)
            with_reopened = SqliteStore(path)
            held = [index for index, _ in with_reopened.leaves(log)]
            with_reopened.close()

            assert held == list(range(len(held)))
            assert len(held) >= confirmed
            sizes.append(len(held))
        writers.stdin.close()
        writers.wait(20)

    reopened = SqliteStore(path)
    found = verify_rows(reopened, [party.card for party in record.parties])
    assert found.wrong is None
    assert found.entries == sizes[-1] + 1  # BRAVO's opening entry
    assert sizes == sorted(sizes)
    assert sizes[-1] > KILLS
    assert reopened.faults() == []
    reopened.close()

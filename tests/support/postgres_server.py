"""A PostgreSQL server for tests: its own cluster in a folder, on a socket there and on no port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_READY_S = 60


def _programs() -> Path | None:
    """Return where Debian keeps the newest server; its programs are not on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


PROGRAMS = _programs()
needs_postgres = pytest.mark.skipif(
    PROGRAMS is None,
    reason="PostgreSQL is not installed; tools/install_programs.sh does it as root",
)


@dataclass(frozen=True)
class Server:
    """A server that runs; `made` counts the databases of the tests."""

    folder: Path
    made: list[str]

    def address(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def ask(self, said: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement and return its rows."""
        import psycopg  # noqa: PLC0415 - an extra

        with psycopg.connect(self.address(database), autocommit=True) as connection:
            answer = connection.execute(said.encode())
            return answer.fetchall() if answer.description else []

    def new(self, template: str = "template1") -> str:
        """Make a database and return its name."""
        name = f"record_{len(self.made)}"
        self.made.append(name)
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def emptied(self, database: str) -> str:
        """Take every row out of a record and return its address: quicker than a new database."""
        tables = "papers, case_index, statements, roots, nodes, entries, logs, origins, charters"
        self.ask(f"TRUNCATE {tables} RESTART IDENTITY", database)
        return self.address(database)


@contextmanager
def server() -> Iterator[Server]:
    """Run a server in a folder of its own."""
    assert PROGRAMS is not None
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
    try:
        _owned(folder)
        data = folder / "data"
        _run(
            "initdb",
            "-D",
            str(data),
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-sync",
        )
        with (folder / "log").open("wb") as log:
            started = subprocess.Popen(
                [
                    *_as_user(),
                    str(PROGRAMS / "postgres"),
                    *("-D", str(data), "-k", str(folder), "-c", "listen_addresses="),
                ],
                stdout=log,
                stderr=log,
            )
        try:
            _wait(folder)
            yield Server(folder, [])
        finally:
            started.send_signal(signal.SIGQUIT)  # at once: its folder goes too
            started.wait(_READY_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path) -> None:
    until = time.monotonic() + _READY_S
    ready = [str(PROGRAMS / "pg_isready"), "-q", "-h", str(folder)]  # type: ignore[operator]
    while subprocess.run(ready, check=False).returncode:
        assert time.monotonic() < until, (folder / "log").read_text()
        time.sleep(0.05)


def _owned(folder: Path) -> None:
    folder.chmod(0o755)
    if os.getuid() == 0:  # the server refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)


def _as_user() -> list[str]:
    if os.getuid():
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _run(program: str, *words: str) -> None:
    assert PROGRAMS is not None
    subprocess.run(
        [*_as_user(), str(PROGRAMS / program), *words], check=True, capture_output=True, cwd="/"
    )

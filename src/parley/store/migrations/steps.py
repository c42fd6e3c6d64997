"""Bring a database to the schema this program knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from parley.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

_VERSION = table("alembic_version", column("version_num"))

HEAD = "0001"
"""The newest step; tests hold it equal to the newest module in `versions`."""


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection; the steps lie beside this module."""
    from alembic.config import Config  # noqa: PLC0415 - a tenth of a start, and hardly ever used

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection) -> bool:
    """Run the steps still to be run, in the caller's transaction; say whether there were any.

    Raises:
        StoreError: the database was written by a newer program.
    """
    present = _present(connection)
    if present == [HEAD]:
        return False
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = configuration(connection)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if not set(present) <= known:
        raise StoreError(
            f"the record has schema {', '.join(present)}; this program knows up to {HEAD}",
            next_step="Run the newer Parley that wrote it; nothing was changed.",
        )
    command.upgrade(config, "head")
    return True


def _present(connection: Connection) -> list[str]:
    """Return the schema a database has, as Alembic keeps it; empty for a new one."""
    if not inspect(connection).has_table(_VERSION.name):
        return []
    return list(connection.scalars(select(_VERSION.c.version_num)))

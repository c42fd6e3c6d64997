"""Bring a database to the schema this program knows."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from parley.errors import StoreError

HEAD = "0001"
"""The newest step; tests hold it equal to the newest module in `versions`."""


def configuration(connection: Connection) -> Config:
    """Return Alembic's configuration for a connection; the steps lie beside this module."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(connection: Connection) -> bool:
    """Run the steps still to be run, in the caller's transaction; say whether there were any.

    Raises:
        StoreError: the database was written by a newer program.
    """
    present = MigrationContext.configure(connection).get_current_heads()
    if present == (HEAD,):
        return False
    config = configuration(connection)
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if not set(present) <= known:
        raise StoreError(
            f"the record has schema {', '.join(present)}; this program knows up to {HEAD}",
            next_step="Run the newer Parley that wrote it; nothing was changed.",
        )
    command.upgrade(config, "head")
    return True

"""What Alembic runs: on the connection that the store hands in, and only on that."""

from __future__ import annotations

from alembic import context

from parley.store.tables import metadata


def run() -> None:
    """Run the steps on the caller's connection, in the caller's transaction."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
    context.run_migrations()


run()

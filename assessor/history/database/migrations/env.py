"""Run by Alembic: migrates the connection that it is handed, within its transaction."""

from __future__ import annotations

from alembic import context

from assessor.history.database.tables import VERSIONS, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSIONS,
)
with context.begin_transaction():
    context.run_migrations()

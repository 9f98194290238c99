"""What Alembic runs: the migrations, on the connection that reporting.store hands over."""

from __future__ import annotations

from alembic import context

from reporting.store_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

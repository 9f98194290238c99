"""PostgreSQL compresses the documents of report versions with LZ4, which takes a third of the time of its own way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_KNOWS = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def upgrade() -> None:
    """Say so for rows to come, where the server knows LZ4 (version 14, if it was built with it)."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql" and bind.scalar(sa.text(_KNOWS)):
        op.execute("ALTER TABLE report_version ALTER COLUMN document SET COMPRESSION lz4")

"""Reports are found by the day of their signature, and sorted by their template and their status, by indexes.

That of the status holds the time of creation, too: else SQLite, which takes it for other lists of one status as well,
would read a thousand reports to show the newest fifty.
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"

_INDEXES = (("signed_at", "id"), ("template_name", "id"), ("status", "id", "created_at"))


def upgrade() -> None:
    """Make the indexes."""
    for columns in _INDEXES:
        op.create_index(op.f(f"ix_report_{'_'.join(columns)}"), "report", list(columns))

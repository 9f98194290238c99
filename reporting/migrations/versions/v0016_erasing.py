"""Reports can be erased when they have been kept for long enough: the database lets their rows go, and no others."""

from __future__ import annotations

from reporting.migrations.append_only import erasable

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Let the triggers ask the audit log."""
    erasable("report_version", "rendition")

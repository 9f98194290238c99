"""A site for tests: one tiny template of its own, a temporary database, a clock that ticks, SRs with chosen values."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reporting.config import Settings
from reporting.lifecycle import Acknowledging
from reporting.records import By

from ..sr_writer import Carotid, write
from .backends import BACKEND

TEMPLATES = Path(__file__).parent / "fixtures" / "site"
TINY = TEMPLATES / "tiny-carotid"
SEEN = (Acknowledging(rule="C2", field="comparison"),)
"""What a signature of the tiny template needs where its field with ALERT stays empty."""
START = datetime(2026, 1, 30, 9, 0, tzinfo=UTC)


def site(folder: Path, **more: object) -> Settings:
    """Return the settings of a site whose database lies in a folder, where it is made if it is not there yet."""
    BACKEND.migrated(folder)
    given = {"database_url": BACKEND.url(folder), "templates": (TEMPLATES,), **more}
    return Settings(**given)  # type: ignore[arg-type]


def ticking() -> Callable[[], datetime]:
    """Return a clock that moves on by a second whenever it is read."""
    seconds = itertools.count()
    return lambda: START + timedelta(seconds=next(seconds))


def counting() -> Callable[[], str]:
    """Return a source of ids: r1, r2, ..."""
    numbers = itertools.count(1)
    return lambda: f"r{next(numbers)}"


def by(actor: str = "Dr. Example", seconds: int = 0) -> By:
    """Return somebody who acts."""
    return By(actor, START + timedelta(seconds=seconds))


def sr(right: float = 336.0, left: float = 80.0, instance: str = "one", **more: object) -> bytes:
    """Return an SR with these peak systolic velocities of the proximal ICA."""
    velocities = {("right", "ica", "prox"): (right, right / 3), ("left", "ica", "prox"): (left, left / 3)}
    return write(Carotid(velocities=velocities, ratios={}, instance=instance, **more))  # type: ignore[arg-type]

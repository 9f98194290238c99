"""A workflow on a temporary database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reporting.store import open_store
from reporting.workflow import Workflow

from .site import site


@pytest.fixture
def workflow(tmp_path: Path) -> Iterator[Workflow]:
    """The use cases of a new site."""
    settings = site(tmp_path)
    store = open_store(settings.database_url)
    yield Workflow(store, settings.templates)
    store.close()

"""A workflow on a temporary database, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reporting.signing import Signing
from reporting.store import open_store
from reporting.workflow import Workflow

from .backends import BACKEND
from .site import site


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """Let everything that a test opens lie in one kind of database."""
    BACKEND.name = request.param
    yield request.param
    BACKEND.name = "sqlite"


@pytest.fixture
def workflow(tmp_path: Path, backend: str) -> Iterator[Workflow]:
    """The use cases of a new site."""
    settings = site(tmp_path)
    store = open_store(settings.database_url)
    yield Workflow(store, settings.templates)
    store.close()


@pytest.fixture
def signing(workflow: Workflow) -> Signing:
    """The use cases of the life of a report, at the same site."""
    return Signing(workflow.store)

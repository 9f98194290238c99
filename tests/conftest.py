"""What all tests share: where the reference material lies, and when a missing peer is an error."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest
from hypothesis import settings

T = TypeVar("T")
WHOLE = os.environ.get("MRRT_WHOLE") == "1"
"""The whole of every sweep; without the flag a run takes some of each, so that it stays well below twelve minutes."""

# How long an example takes says nothing about whether it is right.
settings.register_profile("mrrt", deadline=None, max_examples=100 if WHOLE else 40)
settings.load_profile("mrrt")

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material; tests that need it are skipped on machines without it."""
    if not SHARED.is_dir():
        pytest.skip("the reference material (../shared) is not on this machine")
    return SHARED


def require_program(name: str) -> str:
    """Return the path of a system program; without it skip, but fail where nothing may be left out (CI)."""
    path = shutil.which(name)
    if path is None:
        left_out(f"the program {name} is not installed")
    return path


def left_out(reason: str) -> NoReturn:
    """Skip a test, but fail where nothing may be left out (CI)."""
    pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


def some(cases: list[T], kept: int = 1) -> list[T]:
    """Return the cases of a sweep that every run takes: the first ones, or all where the whole is asked for."""
    return cases if WHOLE else cases[:kept]


_LONG = (
    "tests/web",
    "tests/serving",
    "tests/test_docs.py",
    "tests/receiving",
    "tests/api",
    "tests/cli",
    "tests/reporting",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the whole takes; begin with files that take long, so that two processes end together."""
    if not WHOLE and (left := [item for item in items if item.get_closest_marker("whole")]):
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("whole")]
    items.sort(key=lambda item: next((n for n, name in enumerate(_LONG) if item.nodeid.startswith(name)), len(_LONG)))

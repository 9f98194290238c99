"""The rooms of docs/architecture.md: who may import whom, and which library may be used where.

1. No room imports a room that it may not; each arrow is proven by reading every import there is.
2. A confined library is used only in its rooms.
3. Both guards catch a planted breach.
4. Modules have at most 500 lines, functions at most 80.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

ROOMS = {
    "mrrt": set(),
    "templates_lib": {"mrrt"},
    "sr_import": {"mrrt"},
    "reporting": {"mrrt", "templates_lib", "sr_import"},
    "api": {"mrrt", "reporting"},
    "web": set(),
}
CONFINED = {
    "fastapi": ("api/",),
    "starlette": ("api/",),
    "sqlalchemy": ("reporting/store", "reporting/migrations/"),
    "alembic": ("reporting/store", "reporting/migrations/"),
    "pydantic_settings": ("reporting/config.py",),
    "pydicom": ("sr_import/", "mrrt/render/", "reporting/receiving/"),
    "pynetdicom": ("reporting/receiving/",),
    "dicomweb_client": ("reporting/receiving/",),
    "requests": ("reporting/receiving/",),
    "prometheus_client": ("api/metrics.py",),
    "argon2": ("reporting/passwords.py",),
    "joserfc": ("reporting/oidc",),
    "httpx": ("reporting/oidc_discovery.py", "reporting/oidc.py"),
    "highdicom": ("sr_import/", "mrrt/render/"),
}
ENVIRONMENT = {"environ", "getenv"}


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def breaches(name: str, text: str) -> list[str]:
    """Return what a module imports although its room may not; `name` is its path from the root."""
    room, tree = name.split("/")[0], ast.parse(text)
    tops = {module.split(".")[0] for module in imports(tree)}
    ours = [top for top in tops if top in ROOMS and top != room and top not in ROOMS[room]]
    theirs = [top for top in tops if top in CONFINED and not name.startswith(CONFINED[top])]
    environment = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and name != "reporting/config.py"
    ]
    return sorted(ours + theirs + environment)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    assert breaches(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "text", "breach"),
    [
        ("mrrt/new.py", "import reporting", "reporting"),
        ("mrrt/new.py", "def f():\n    from sr_import.tree import Node", "sr_import"),
        ("sr_import/new.py", "from templates_lib import loader", "templates_lib"),
        ("reporting/new.py", "from api.app import create_app", "api"),
        ("reporting/workflow.py", "import sqlalchemy", "sqlalchemy"),
        ("mrrt/new.py", "import pydicom.dataset", "pydicom"),
        ("reporting/new.py", "from fastapi import FastAPI", "fastapi"),
        ("reporting/new.py", "import pydicom", "pydicom"),
        ("api/new.py", "from pynetdicom import AE", "pynetdicom"),
        ("sr_import/new.py", "import requests", "requests"),
        ("reporting/new.py", "from prometheus_client import Counter", "prometheus_client"),
        ("api/new.py", "from joserfc import jwt", "joserfc"),
        ("reporting/new.py", "import argon2", "argon2"),
        ("mrrt/new.py", "import os\nos.environ['HOME']", "environ"),
    ],
)
def test_a_planted_breach_is_caught(name: str, text: str, breach: str) -> None:
    assert breaches(name, text) == [breach]


def test_what_is_allowed_is_allowed() -> None:
    assert breaches("reporting/store.py", "import sqlalchemy\nimport mrrt.report\nfrom sr_import import read") == []


def too_long(text: str) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    found = [f.name for f in functions if f.end_lineno is not None and f.end_lineno - f.lineno >= 80]
    return found + (["module"] if text.count("\n") > 500 else [])


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_too_long(path: Path) -> None:
    assert too_long(path.read_text(encoding="utf-8")) == []


def test_the_length_guard_can_fail() -> None:
    assert too_long("def f():\n" + "    pass\n" * 80) == ["f"]
    assert too_long("\n" * 501) == ["module"]

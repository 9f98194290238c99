"""Where the shared corpus lies, and the product's own fixtures."""

from __future__ import annotations

from pathlib import Path

import html5lib
import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "mrrt"
VALID = (FIXTURES / "valid.html").read_bytes()
"""Breaks no rule, not even those that only inform."""
RICH = (FIXTURES / "rich.html").read_bytes()
"""Uses everything that templates use and the profile does not know: radio buttons, datalists, conditions, mark."""
SHARED = Path(__file__).parents[2].parent / "shared" / "corpus" / "mrrt"
CORPUS = sorted(SHARED.glob("*.html")) or [
    pytest.param(None, marks=pytest.mark.skip(reason="the shared corpus is not on this machine"))
]


def name_of(path: Path | None) -> str:
    """Return a short name for a test."""
    return path.stem if path else "no corpus"


def page(body: str, head: str = "", doctype: str = "<!DOCTYPE html>") -> str:
    """Return a page with this body."""
    return f'{doctype}<html><head><meta charset="utf-8"><title>T</title>{head}</head><body>{body}</body></html>'


_NO_FIELDS = {"button", "submit", "reset", "image", "file"}


def independent_count(source: bytes) -> int:
    """Count the fields of a page with another parser: groups by type and name once, selects once."""
    tree = html5lib.parse(source, namespaceHTMLElements=False)
    found: set[object] = set()
    for number, element in enumerate(tree.iter()):
        kind = (element.get("type") or "").lower() if element.tag == "input" else ""
        if element.tag in ("select", "textarea") or (element.tag == "input" and kind not in _NO_FIELDS):
            grouped = kind in ("radio", "checkbox") and element.get("name")
            found.add((kind, element.get("name")) if grouped else number)
    return len(found)

"""CSV as a spreadsheet reads it: a text that it would run as a formula is a text."""

from __future__ import annotations

from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With what a formula may begin (OWASP, CSV injection); the last four are wide forms of East Asia."""


def cell(value: Any) -> Any:
    """Return what stands in a cell; a text that begins like a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

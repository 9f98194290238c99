"""The hash chain of the audit log: each row covers the one before it, so that no row can be changed, removed or moved.

Pure: rows in, hashes out. The store appends (reporting/store_audit.py), `mrrt verify` checks. What is hashed is a JSON
array: the hash before the row, and the columns that it covers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

BEGINNING = "0" * 64
"""What stands for the hash before the first row."""
COVERED = (
    *("id", "at", "actor", "action", "outcome", "source", "request_id"),
    *("report_id", "version", "document", "template", "digest", "detail"),
)
"""The columns that a hash covers, besides the hash before it."""


def row_hash(previous: str, row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row and of the hash before it, in hexadecimal digits."""
    return sha256(f"[{_json(previous)},{_json(row.get('id'))}{covered(row)}".encode()).hexdigest()


def covered(row: Mapping[str, Any]) -> str:
    """Return the end of the text that is hashed: what a row says, whatever its place in the chain."""
    return "," + _json([row.get(name) for name in COVERED[1:]])[1:]


def _json(said: Any) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def chained(row: Mapping[str, Any], previous: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the row as it follows the previous one (None for the first): with its id and both hashes."""
    before = BEGINNING if previous is None else previous["hash"]
    numbered = {**row, "id": 1 if previous is None else previous["id"] + 1}
    return {**numbered, "previous": before, "hash": row_hash(before, numbered)}

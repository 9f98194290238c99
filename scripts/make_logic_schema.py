"""Writes docs/reference/logic.schema.json, the form of logic.yaml for editors, from what the loader itself goes by."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mrrt.logic.form import PARTS, SCHEMAS, Key, Part

TARGET = Path(__file__).parent.parent / "docs" / "reference" / "logic.schema.json"


def schema() -> dict[str, Any]:
    """Return the schema of a logic file as people write it, `for each` included."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logic.yaml",
        "description": "What follows from the values of a template.",
        "type": "object",
        "properties": {"for each": FOR_EACH, **{name: _part(part) for name, part in PARTS.items()}},
        "required": ["template"],
        "additionalProperties": False,
    }


FOR_EACH = {
    "description": "Lists; an entry whose key holds {name} is repeated for each item.",
    "type": "object",
    "additionalProperties": {
        "anyOf": [
            {"type": "array", "items": {"type": ["string", "number"]}},
            {"type": "object", "additionalProperties": {"type": ["object", "null"]}},
        ]
    },
}


def _part(part: Part) -> dict[str, Any]:
    ways = [{**SCHEMAS[part.value]}] if part.value else []
    if part.keys:
        ways.append(_entry(part))
    entry = ways[0] if len(ways) == 1 else {"anyOf": ways}
    if part.by_name:
        entry = {"type": ["object", "null"], "additionalProperties": entry}
    return {"description": part.says, **entry}


def _entry(part: Part) -> dict[str, Any]:
    needed = [name for name, key in part.keys.items() if key.needed]
    optional = not needed and not part.one_of
    result = {
        "type": ["object", "null"] if optional else "object",
        "properties": {name: _key(key) for name, key in part.keys.items()},
        "additionalProperties": False,
    }
    if needed:
        result["required"] = needed
    if part.one_of:
        result["oneOf"] = [_only(group, part.one_of) for group in part.one_of]
    return result


def _key(key: Key) -> Mapping[str, Any]:
    return {"description": key.says, **SCHEMAS[key.value]}


def _only(group: tuple[str, ...], groups: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    others = [{"required": [name]} for other in groups if other != group for name in other]
    return {"required": list(group), "not": {"anyOf": others}}


def text() -> str:
    """Return the schema as it is written."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text(encoding="utf-8") != text())
    TARGET.write_text(text(), encoding="utf-8")

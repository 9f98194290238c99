"""The parts of a logic file and the keys of their entries, once: the loader and the JSON Schema both go by this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from mrrt.dmn import HitPolicy
from mrrt.problems import Severity


class Value(StrEnum):
    """What can be written behind a key."""

    TEXT = "a text"
    FEEL = "a FEEL expression"
    TESTS = "FEEL unary tests in quotes"
    UNIT = "a UCUM unit in quotes"
    TABLE = "a table drawn with bars"
    NAMES = "a list of names"
    CLAIM = "true or false"
    MESSAGE = "a text, or texts by language"
    EXPRESSIONS = "FEEL expressions by name"
    CODES = "codes by option"
    POLICY = "a hit policy"
    SEVERITY = "a severity"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an entry: what is written behind it, and what it means."""

    value: Value
    says: str
    needed: bool = False


Keys = Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file. It holds one value, or entries by name: each a value, a mapping with keys, or either."""

    says: str
    value: Value | None = None
    keys: Keys = field(default_factory=dict)
    by_name: bool = True
    one_of: tuple[tuple[str, ...], ...] = ()
    """Keys of which an entry has exactly one group."""


Schema = Mapping[str, Any]
_STRING: Schema = {"type": "string"}
_SAID: Schema = {"type": ["string", "number", "boolean"]}

SCHEMAS: Mapping[Value, Schema] = {
    **dict.fromkeys((Value.TESTS, Value.UNIT, Value.TABLE), _STRING),
    **dict.fromkeys((Value.TEXT, Value.FEEL), _SAID),
    Value.NAMES: {"type": "array", "items": _STRING},
    Value.CLAIM: {"type": "boolean"},
    Value.MESSAGE: {"type": ["string", "object"], "additionalProperties": _STRING, "minProperties": 1},
    Value.EXPRESSIONS: {"type": "object", "additionalProperties": _SAID, "minProperties": 1},
    Value.CODES: {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
    Value.POLICY: {"type": "string", "enum": [policy.value for policy in HitPolicy]},
    Value.SEVERITY: {"type": "string", "enum": [severity.value for severity in Severity]},
}
"""What is written behind a key, as JSON Schema."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, Decimal),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def fits(data: Any, schema: Schema) -> bool:
    """Tell whether data has the shape of one of these schemas; enumerations have rules of their own (L7, L12)."""
    wanted = schema["type"]
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(isinstance(data, _TYPES[name]) for name in names):
        return False
    if isinstance(data, list):
        return all(fits(item, schema["items"]) for item in data)
    if isinstance(data, dict):
        return len(data) >= schema.get("minProperties", 0) and all(
            fits(item, schema["additionalProperties"]) for item in data.values()
        )
    return True


_MESSAGE = Key(Value.MESSAGE, "What the reader is told.")
_SEVERITY = Key(Value.SEVERITY, "How much it matters; an error keeps a report from being signed.")

PARTS: Mapping[str, Part] = {
    "template": Part("The dcterms.identifier of the template.", Value.TEXT, by_name=False),
    "version": Part("Printed on every report that these rules graded.", Value.TEXT, by_name=False),
    "choices": Part("Stored codes for the options of a page that may not be edited.", Value.CODES),
    "inputs": Part(
        "How fields enter the logic.",
        keys={
            "unit": Key(Value.UNIT, "The unit of the plain number that the logic sees."),
            "plausible": Key(Value.TESTS, "A test that a value must pass to be used."),
        },
    ),
    "functions": Part(
        "Business knowledge models: a table or an expression with parameters.",
        keys={
            "criteria": Key(Value.TEXT, "The name of the criteria, printed on reports that used them."),
            "source": Key(Value.TEXT, "Where the thresholds come from."),
            "parameters": Key(Value.NAMES, "The names of the parameters."),
            "hit policy": Key(Value.POLICY, "How many rules may apply, and which counts."),
            "table": Key(Value.TABLE, "A decision table drawn with bars: inputs || outputs || a note."),
            "expression": Key(Value.FEEL, "A FEEL expression."),
            "complete": Key(Value.CLAIM, "A claim that the table has a rule for all inputs; proven at load."),
        },
        one_of=(("table",), ("expression",)),
    ),
    "notes": Part(
        "What tables note at their rules, in other languages: texts by language, by the note.", Value.MESSAGE
    ),
    "calculated": Part(
        "Calculated values, by field; a key that is no field is an intermediate result.",
        Value.FEEL,
        {
            "expression": Key(Value.FEEL, "A FEEL expression."),
            "unit": Key(Value.UNIT, "The unit of the result."),
            "by": Key(Value.FEEL, "Gives the name of the criteria in force."),
            "criteria": Key(Value.EXPRESSIONS, "An expression for each of the criteria."),
        },
        one_of=(("expression",), ("by", "criteria")),
    ),
    "relevant": Part("Conditions by field or section: false hides it.", Value.FEEL),
    "required": Part("Conditions by field: true makes it required for signing.", Value.FEEL),
    "constraint": Part(
        "What must hold, by field.",
        keys={
            "test": Key(Value.FEEL, "A condition; false is a problem.", needed=True),
            "message": _MESSAGE,
            "severity": _SEVERITY,
        },
    ),
    "alerts": Part(
        "Named conditions that a reader should see.",
        keys={
            "when": Key(Value.FEEL, "The condition.", needed=True),
            "message": _MESSAGE,
            "severity": _SEVERITY,
            "field": Key(Value.TEXT, "The field that it is about."),
        },
    ),
}
"""All parts but `for each`, which mrrt.authored expands before anything else is read."""

"""The parts of a logic file and the keys of their entries, once: the loader and the JSON Schema both go by this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mrrt.dmn import HitPolicy
from mrrt.problems import Severity


class Value(StrEnum):
    """What can be written behind a key."""

    TEXT = "text"
    FEEL = "FEEL expression"
    TESTS = "FEEL unary tests"
    UNIT = "UCUM unit"
    TABLE = "drawn table"
    NAMES = "list of names"
    CLAIM = "true or false"
    MESSAGE = "text, or texts by language"
    EXPRESSIONS = "FEEL expressions by name"
    CODES = "codes by option"
    POLICY = "hit policy"
    SEVERITY = "severity"


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

    @property
    def known(self) -> frozenset[str]:
        """The keys that an entry may have."""
        return frozenset(self.keys)


POLICIES = tuple(policy.value for policy in HitPolicy)
SEVERITIES = tuple(severity.value for severity in Severity)

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

"""The logic of a template (logic.yaml): inputs, functions, calculated fields, relevance, requirements, alerts.

Loading refuses what could go wrong at the bedside: unknown names, cycles, units of another dimension, table
outputs that the field does not offer. What is loaded is immutable and compiled.
"""

from mrrt.logic.load import load_logic, own_logic
from mrrt.logic.model import (
    ABSENT,
    CALCULATED,
    GIVEN,
    LANGUAGE,
    Alert,
    Calculation,
    Constraint,
    Expression,
    Input,
    Knowledge,
    Logic,
    message_in,
    trace,
)

__all__ = [
    "ABSENT",
    "CALCULATED",
    "GIVEN",
    "LANGUAGE",
    "Alert",
    "Calculation",
    "Constraint",
    "Expression",
    "Input",
    "Knowledge",
    "Logic",
    "load_logic",
    "message_in",
    "own_logic",
    "trace",
]
